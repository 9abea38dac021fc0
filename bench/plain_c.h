/* The plain C program that clfit is measured against: the chapter's training as one would write it by hand, left to the
 * compiler (-Ofast -march=native, exp from libmvec). */
#ifndef CLFIT_BENCH_PLAIN_C_H
#define CLFIT_BENCH_PLAIN_C_H

#include <stddef.h>
#include <stdint.h>

/* Trains a sigmoid network sample by sample. parameters: W1 [hidden] B1 [hidden] W2 [hidden] B2 [1];
 * x, y: [samples]. */
void plain_c_train(uint32_t hidden, float rate, uint32_t epochs, size_t samples, const float *x, const float *y,
                   float *parameters);

#endif
