/*
 * What the programs share that fit networks by least squares and are timed by `run`.
 *
 * Such a program first prints one line of JSON that says what it is, then reads lines
 *
 *     FILE HIDDEN STARTS SEED ITERATIONS
 *
 * and answers each with one line. FILE has the columns x and y, from -1 to 1. STARTS tanh networks with the seeds SEED,
 * SEED + 1 ... and clfit's initialisation "spread" are fitted to all of its samples, each by at most ITERATIONS steps,
 * which count whether they are accepted or not. The answer:
 *
 *     {"seconds": wall time, "cpu": of all threads of the process, "steps": of all starts, "jacobians": the same,
 *      "rss": [residual sum of squares of each start], "initial": [[parameters], [parameters]], "fitted": [...]}
 *
 * with the parameters W1 [H] B1 [H] W2 [H] B2 [1] of the first and the last start. What must be built or compiled for a
 * size is no part of the time. {"error": "..."} instead says why there is no answer.
 */
#ifndef CLFIT_BENCH_FIT_H
#define CLFIT_BENCH_FIT_H

#include "clfit.h"

typedef struct fit {
  uint64_t steps, jacobians;
  double rss;
  double *parameters; /* [clfit_parameter_count] to be filled */
} fit;

typedef struct fitter {
  const char *name, *version, *what;
  /* Fits states[0 .. n), all with the same hidden and epochs, to all samples. What is to be timed lies between
   * fit_clock_start and fit_clock_stop. */
  void (*train)(const clfit_data *data, size_t n, clfit_state *states, fit *fits);
} fitter;

/* Serves until standard input ends; returns the program's exit code. */
int fit_serve(const fitter *self);

void fit_clock_start(void);
void fit_clock_stop(void);

/* Says why there is no answer and exits, unless status is CLFIT_OK. */
void fit_check(clfit_status status, const clfit_error *error);

/* malloc that exits where there is no memory. */
void *fit_allocate(size_t bytes);

#endif
