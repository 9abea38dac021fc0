/*
 * What a function costs: bytes, by the size of this program with and without the call, and instructions or cycles.
 *
 *   -DCALL=NAME      the function; without it, the base program
 *   -DHEADER='"F"'   includes what has it
 *   -DCOUNT          64 calls, and prints what they took: on Arm instructions (qemu -icount shift=0), on AVR cycles
 *   -DFIXED          the function takes and returns whole numbers
 */
#include <stdint.h>
#include <string.h>

#ifdef HEADER
#include HEADER
#endif

static volatile uint32_t in, out;

static void call(uint32_t i)
{
#ifdef FIXED
  in = 64 * i;
#ifdef CALL
  out = (uint32_t)CALL((uint16_t)in);
#else
  out = in;
#endif
#else
  float x = ((float)i - 31.5f) * (3.0f / 32.0f), y;
  uint32_t bits;
  memcpy(&bits, &x, sizeof bits);
  in = bits;
  bits = in;
  memcpy(&x, &bits, sizeof x);
#ifdef CALL
  y = CALL(x);
#else
  y = x;
#endif
  memcpy(&bits, &y, sizeof bits);
  out = bits;
#endif
}

#ifndef COUNT

int main(void) /* no conversion of a whole number to float: that would be part of the base program's size */
{
#if defined(CALL) && defined(FIXED)
  out = (uint32_t)CALL((uint16_t)in);
#elif defined(CALL)
  uint32_t bits = in;
  float x;
  memcpy(&x, &bits, sizeof x);
  x = CALL(x);
  memcpy(&bits, &x, sizeof bits);
  out = bits;
#else
  out = in;
#endif
  (void)call;
  return 0;
}

#elif defined(__AVR__)

#include <avr/interrupt.h>
#include <avr/io.h>
#include <avr/sleep.h>
#include <stdio.h>

static int put(char c, FILE *stream)
{
  (void)stream;
  while (!(UCSR0A & (1 << UDRE0))) {
  }
  UDR0 = (uint8_t)c;
  return 0;
}

/* A timer that counts every eighth cycle. */
int main(void)
{
  static FILE serial = FDEV_SETUP_STREAM(put, NULL, _FDEV_SETUP_WRITE);
  uint32_t i, cycles = 0;
  UCSR0B = 1 << TXEN0;
  TCCR1B = 1 << CS11;
  for (i = 0; i < 64; i++) {
    TCNT1 = 0;
    call(i);
    cycles += 8ul * TCNT1;
  }
  fprintf(&serial, "%lu each\n", (unsigned long)(cycles / 64));
  cli();
  sleep_mode();
  return 0;
}

#elif defined(__arm__)

#include <stdio.h>

#define SYSTICK_CONTROL (*(volatile uint32_t *)0xe000e010u)
#define SYSTICK_RELOAD  (*(volatile uint32_t *)0xe000e014u)
#define SYSTICK_VALUE   (*(volatile uint32_t *)0xe000e018u)

/* How many instructions a tick is: a loop of three, a million times. */
static double calibrate(void)
{
  uint32_t n = 1000000, start = SYSTICK_VALUE;
  __asm volatile("1: sub %0, #1\n cmp %0, #0\n bne 1b" : "+r"(n)::"cc");
  return 3e6 / (double)((start - SYSTICK_VALUE) & 0xffffffu);
}

int main(void)
{
  uint32_t i, start;
  double ticks, scale;
  SYSTICK_RELOAD = 0xffffffu;
  SYSTICK_VALUE = 0;
  SYSTICK_CONTROL = 5;
  scale = calibrate();
  start = SYSTICK_VALUE;
  for (i = 0; i < 64; i++) call(i);
  ticks = (double)((start - SYSTICK_VALUE) & 0xffffffu);
  printf("%ld each\n", (long)(ticks * scale / 64));
  return 0;
}

#else

int main(void)
{
  uint32_t i;
  for (i = 0; i < 64; i++) call(i);
  return 0;
}

#endif
