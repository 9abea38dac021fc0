#include "fit.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define PATH_SIZE 1024

static double wall, cpu; /* when it started; then how long it took */

static double cpu_clock(void)
{
  return (double)clock() / CLOCKS_PER_SEC;
}

void fit_clock_start(void)
{
  wall = clfit_clock();
  cpu = cpu_clock();
}

void fit_clock_stop(void)
{
  wall = clfit_clock() - wall;
  cpu = cpu_clock() - cpu;
}

void fit_check(clfit_status status, const clfit_error *error)
{
  if (!status) return;
  printf("{\"error\": \"");
  for (const char *text = error->message; *text; text++) {
    if (*text == '"' || *text == '\\') putchar('\\');
    putchar(*text);
  }
  printf("\"}\n");
  exit(3);
}

void *fit_allocate(size_t bytes)
{
  void *memory = malloc(bytes);
  if (!memory) exit(3);
  return memory;
}

/* ---- the talk with run --------------------------------------------------------------------------------------- */

static void print_numbers(const char *before, size_t n, const double *numbers, const char *after)
{
  char text[CLFIT_NUMBER_SIZE];
  fputs(before, stdout);
  for (size_t i = 0; i < n; i++) {
    clfit_number_print(text, numbers[i]);
    printf("%s%s", i ? ", " : "", numbers[i] - numbers[i] == 0.0 ? text : "null");
  }
  fputs(after, stdout);
}

/* The parameters of the first and the last start. */
static void print_pair(const char *key, size_t count, const double *first, const double *last)
{
  printf(", \"%s\": ", key);
  print_numbers("[[", count, first, "], ");
  print_numbers("[", count, last, "]]");
}

static double *copy_parameters(const clfit_state *state)
{
  const size_t count = clfit_parameter_count(state->network.hidden);
  double *copy = fit_allocate(count * sizeof *copy);
  for (size_t i = 0; i < count; i++) copy[i] = state->parameters[i];
  return copy;
}

static void print_answer(size_t n, size_t count, double *const initial[2], const fit *fits)
{
  uint64_t steps = 0, jacobians = 0;
  double *rss = fit_allocate(n * sizeof *rss);
  for (size_t i = 0; i < n; i++) {
    steps += fits[i].steps;
    jacobians += fits[i].jacobians;
    rss[i] = fits[i].rss;
  }
  printf("{\"seconds\": %.9g, \"cpu\": %.9g, \"steps\": %" PRIu64 ", \"jacobians\": %" PRIu64, wall, cpu, steps,
         jacobians);
  print_numbers(", \"rss\": [", n, rss, "]");
  print_pair("initial", count, initial[0], initial[1]);
  print_pair("fitted", count, fits[0].parameters, fits[n - 1].parameters);
  printf("}\n");
  fflush(stdout);
  free(rss);
}

static void make_starts(const clfit_data *data, const clfit_network *network, size_t n, clfit_state *states)
{
  clfit_error error;
  double low, high;
  clfit_data_range(data, &low, &high);
  for (size_t i = 0; i < n; i++) {
    clfit_network one = *network;
    one.seed = network->seed + (uint32_t)i;
    fit_check(clfit_state_init_over(&states[i], &one, low, high, &error), &error);
  }
}

static void answer(const fitter *self, const clfit_data *data, const clfit_network *network, size_t n)
{
  const size_t count = clfit_parameter_count(network->hidden);
  clfit_state *states = fit_allocate(n * sizeof *states);
  fit *fits = fit_allocate(n * sizeof *fits);
  double *parameters = fit_allocate(n * count * sizeof *parameters);
  make_starts(data, network, n, states);
  for (size_t i = 0; i < n; i++) fits[i] = (fit){.parameters = parameters + i * count};
  double *initial[] = {copy_parameters(&states[0]), copy_parameters(&states[n - 1])};
  self->train(data, n, states, fits);
  print_answer(n, count, initial, fits);
  for (size_t i = 0; i < n; i++) clfit_state_clear(&states[i]);
  free(initial[0]);
  free(initial[1]);
  free(parameters);
  free(fits);
  free(states);
}

/* FILE HIDDEN STARTS SEED ITERATIONS */
static bool read_request(char path[PATH_SIZE], clfit_network *network, uint32_t *starts)
{
  clfit_network_default(network);
  network->activation = CLFIT_TANH;
  network->optimizer = CLFIT_LM;
  network->init = CLFIT_INIT_SPREAD;
  return scanf("%1023s %" SCNu32 " %" SCNu32 " %" SCNu32 " %" SCNu32, path, &network->hidden, starts, &network->seed,
               &network->epochs) == 5;
}

int fit_serve(const fitter *self)
{
  clfit_error error;
  clfit_network network;
  char path[PATH_SIZE];
  printf("{\"name\": \"%s\", \"version\": \"%s\", \"what\": \"%s\"}\n", self->name, self->version, self->what);
  fflush(stdout);
  for (uint32_t starts; read_request(path, &network, &starts);) {
    clfit_data *data;
    fit_check(clfit_data_read_csv(path, "x", "y", &data, &error), &error);
    network.samples = (uint32_t)clfit_data_count(data);
    answer(self, data, &network, starts);
    clfit_data_free(data);
  }
  return 0;
}
