/* Samples of y = x^2 - 0.3 x, x from -1 to 1 in a mixed order. */
#ifndef TESTS_PARABOLA_H
#define TESTS_PARABOLA_H

#include "expect.h"

#define PARABOLA_MAX 200u

/* samples is at most PARABOLA_MAX. */
static clfit_data *make_parabola(uint32_t samples)
{
  double x[PARABOLA_MAX], y[PARABOLA_MAX];
  for (uint32_t i = 0; i < samples; i++) {
    x[i] = (double)(i * 37u % samples) / samples * 2.0 - 1.0;
    y[i] = x[i] * x[i] - 0.3 * x[i];
  }
  clfit_data *data;
  EXPECT_OK(clfit_data_create(samples, x, y, &data, &error));
  return data;
}

#endif
