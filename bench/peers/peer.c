#define _GNU_SOURCE
#include "peer.h"

#include <math.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>

#define THREADS_MAX 256

/* A message of the library has no line feed; its quotes are the only characters that JSON minds. */
static void print_text(const char *text)
{
  putchar('"');
  for (; *text; text++) {
    if (*text == '"' || *text == '\\') putchar('\\');
    putchar(*text);
  }
  putchar('"');
}

void peer_check(clfit_status status, const clfit_error *error)
{
  if (!status) return;
  printf("{\"error\": ");
  print_text(error->message);
  printf("}\n");
  exit(3);
}

/* ---- on all cores -------------------------------------------------------------------------------------------- */

/* A thread's share is a block of networks, so that no two threads write to the same cache line all the time. */
typedef struct share {
  size_t first, end;
  void (*train)(void *context, size_t i);
  void *context;
} share;

static void *train_share(void *argument)
{
  const share *mine = argument;
  for (size_t i = mine->first; i < mine->end; i++) mine->train(mine->context, i);
  return NULL;
}

static size_t count_cores(void)
{
  cpu_set_t cores;
  if (sched_getaffinity(0, sizeof cores, &cores)) return 1;
  return (size_t)CPU_COUNT(&cores);
}

double peer_train_each(size_t n, void (*train)(void *context, size_t i), void *context)
{
  pthread_t threads[THREADS_MAX];
  share shares[THREADS_MAX];
  size_t count = count_cores();
  if (count > n) count = n;
  if (count > THREADS_MAX) count = THREADS_MAX;
  double start = clfit_clock();
  for (size_t t = 0; t < count; t++) {
    shares[t] = (share){n * t / count, n * (t + 1) / count, train, context};
    /* The first share is for this thread; so is one that gets no thread. */
    if (t > 0 && pthread_create(&threads[t], NULL, train_share, &shares[t])) {
      train_share(&shares[t]);
      shares[t].train = NULL;
    }
  }
  train_share(&shares[0]);
  for (size_t t = 1; t < count; t++)
    if (shares[t].train) pthread_join(threads[t], NULL);
  return clfit_clock() - start;
}

/* ---- the talk with run --------------------------------------------------------------------------------------- */

static void print_answer(double seconds, size_t n, const clfit_state *states)
{
  printf("{\"seconds\": %.9g, \"parameters\": [", seconds);
  for (size_t k = 0; k<n; k += n> 1 ? n - 1 : 1) {
    printf("%s[", k ? ", " : "");
    for (size_t i = 0; i < clfit_parameter_count(states[k].network.hidden); i++) {
      float value = states[k].parameters[i];
      printf(isfinite(value) ? "%s%.9g" : "%sNaN", i ? ", " : "", (double)value);
    }
    printf("]");
  }
  printf("]}\n");
}

static void train_and_answer(const peer *self, const clfit_data *data, size_t n, clfit_network network)
{
  clfit_error error;
  clfit_state *states = calloc(n, sizeof *states);
  if (!states) exit(3);
  for (size_t i = 0; i < n; i++) {
    peer_check(clfit_state_init(&states[i], &network, &error), &error);
    network.seed++;
  }
  double seconds = self->train(n, states, data);
  print_answer(seconds, n, states);
  for (size_t i = 0; i < n; i++) clfit_state_clear(&states[i]);
  free(states);
}

int peer_serve(const peer *self)
{
  clfit_error error;
  clfit_target *target;
  clfit_data *data;
  clfit_network network;
  uint32_t hidden, networks, steps;
  double rate;
  peer_check(clfit_target_parse(CLFIT_TARGET_DEFAULT, &target, &error), &error);
  peer_check(clfit_data_sample(target, 0.0, 1.0, PEER_SAMPLES, 0, &data, &error), &error);
  printf("{\"unit\": 1, \"version\": ");
  print_text(self->version);
  printf(", \"one\": ");
  print_text(self->one);
  printf(", \"many\": ");
  print_text(self->many);
  printf(", \"device\": ");
  print_text(self->device);
  printf("}\n");
  fflush(stdout);
  while (scanf("%u %u %u %lf", &hidden, &networks, &steps, &rate) == 4) {
    clfit_network_default(&network);
    network.hidden = hidden;
    network.rate = rate;
    network.samples = steps < PEER_SAMPLES ? steps : PEER_SAMPLES;
    network.epochs = steps < PEER_SAMPLES ? 1 : steps / PEER_SAMPLES;
    network.seed = PEER_SEED;
    train_and_answer(self, data, networks, network);
    fflush(stdout);
  }
  clfit_data_free(data);
  clfit_target_free(target);
  return 0;
}
