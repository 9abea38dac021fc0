/*
 * What the peers written in C share: the talk with `run`, the chapter's samples, the initial weights.
 *
 * A peer is a program. It first prints one line of JSON that says what it is, then reads lines
 *
 *     HIDDEN NETWORKS STEPS RATE
 *
 * and answers each with one line: {"seconds": S, "parameters": [[...], ...]}, the time that the training took, and the
 * trained parameters (W1 [H] B1 [H] W2 [H] B2 [1]) of the first and the last network. Each line trains anew, from
 * initial weights with seeds 2, 3, 4 ..., all networks on the chapter's samples in order, one sample a step. STEPS, for
 * each network, is a multiple of PEER_SAMPLES or below it. What must be built or compiled for a size is no part of the
 * time. {"error": "..."} instead says why there is no answer.
 */
#ifndef CLFIT_BENCH_PEER_H
#define CLFIT_BENCH_PEER_H

#include "clfit.h"

#define PEER_SAMPLES 1000u
#define PEER_SEED    2u /* of the first network's initial weights */

typedef struct peer {
  const char *version;
  const char *one;    /* what a single network is trained with; "" if there is nothing to say */
  const char *many;   /* what many are trained with */
  const char *device; /* a GPU's name, or "" */
  /* Trains states[0 .. n), all with the same hidden, samples, epochs and rate, in place; returns the seconds taken. */
  double (*train)(size_t n, clfit_state *states, const clfit_data *data);
} peer;

/* Serves until standard input ends; returns the program's exit code. */
int peer_serve(const peer *self);

/* Calls train(context, i) for every i < n, on as many threads as this process has cores; returns the seconds taken. */
double peer_train_each(size_t n, void (*train)(void *context, size_t i), void *context);

/* Says why there is no answer and exits, unless status is CLFIT_OK. */
void peer_check(clfit_status status, const clfit_error *error);

#endif
