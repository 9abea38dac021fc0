/* Compares one exported function with what clfit says on an AVR, as compare.c does elsewhere: expected.h has the values
 * for every so many codes (STEP), in flash. Prints on the serial port. NETWORK and FUNCTION name header and
 * function. */
#include <avr/interrupt.h>
#include <avr/io.h>
#include <avr/pgmspace.h>
#include <avr/sleep.h>
#include <stdio.h>

#include NETWORK

static const float expected[] PROGMEM = {
#include "expected.h"
};
#define COUNT (sizeof expected / sizeof *expected)

static int put(char c, FILE *stream)
{
  (void)stream;
  while (!(UCSR0A & (1 << UDRE0))) {
  }
  UDR0 = (uint8_t)c;
  return 0;
}

static int differs(uint32_t i)
{
  const float y = FUNCTION((float)(i * STEP) / 16384.0f - 2.0f), right = pgm_read_float(&expected[i]);
  return memcmp(&y, &right, sizeof y) != 0;
}

int main(void)
{
  static FILE serial = FDEV_SETUP_STREAM(put, NULL, _FDEV_SETUP_WRITE);
  uint32_t i, differing = 0;
  UCSR0B = 1 << TXEN0;
  for (i = 0; i < COUNT; i++) differing += differs(i);
  fprintf(&serial, "1 networks, %lu values, %lu differing, with integers\n", (unsigned long)COUNT,
          (unsigned long)differing);
  cli();
  sleep_mode();
  return 0;
}
