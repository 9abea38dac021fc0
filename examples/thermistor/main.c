/*
 * A thermistor on a Cortex-M0, without an FPU and without a C library: the converter's code in, hundredths of a degree
 * Celsius out. thermistor.h is made by `clfit export` (see the Makefile).
 */
#include <stdint.h>

#include "thermistor.h"

/* Of your microcontroller: where the 12-bit converter leaves its result. */
#define CONVERTER (*(volatile uint32_t *)0x40012440u)

volatile int32_t hundredths;

/* The unit of the function's result, as whole numbers: the compiler computes them. */
#define HUNDREDTHS_MIN  ((int32_t)(thermistor_Y_MIN * 100.0))
#define HUNDREDTHS_STEP ((int32_t)(thermistor_Y_STEP * 100.0 * 65536.0)) /* with 16 bits after the point */

static int32_t celsius_times_100(uint32_t code)
{
  return HUNDREDTHS_MIN + (int32_t)(((int64_t)thermistor(code) * HUNDREDTHS_STEP) >> 16);
}

void reset(void)
{
  for (;;) hundredths = celsius_times_100(CONVERTER & 0xfffu);
}

extern uint32_t stack_top[]; /* by the linker script */

__attribute__((section(".vectors"), used)) static const void *const vectors[] = {stack_top, (const void *)reset};
