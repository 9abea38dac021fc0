#include "plain_c.h"

#include <math.h>

void plain_c_train(uint32_t hidden, float rate, uint32_t epochs, size_t samples, const float *x, const float *y,
                   float *parameters)
{
  float *restrict w1 = parameters, *restrict b1 = w1 + hidden, *restrict w2 = b1 + hidden, *b2 = w2 + hidden;
  float a[4096];
  for (uint32_t epoch = 0; epoch < epochs; epoch++)
    for (size_t i = 0; i < samples; i++) {
      float z = *b2;
      for (uint32_t j = 0; j < hidden; j++) {
        a[j] = 1.0f / (1.0f + expf(-(w1[j] * x[i] + b1[j])));
        z += w2[j] * a[j];
      }
      float s = rate * (z - y[i]);
      for (uint32_t j = 0; j < hidden; j++) {
        float g = s * w2[j] * a[j] * (1.0f - a[j]);
        w2[j] -= s * a[j];
        b1[j] -= g;
        w1[j] -= g * x[i];
      }
      *b2 -= s;
    }
}
