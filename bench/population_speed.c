/*
 * Many networks at once, over hidden sizes 1 .. 1024: neuron updates a second of a population on the default device,
 * with each mapping, strict and fast, and with the mapping that it chooses itself, beside plain C -Ofast with libmvec,
 * alternately, in one run.
 *
 *     population_speed [NETWORKS [SECONDS]]     defaults: 64 networks, 0.2 s a measurement
 *
 * Uses all cores that it may (taskset -c 0 for one); plain C uses one. Nothing is timed that does not match: the first
 * and the last network must have the reference's bits, in fast mode the first one weights within its tolerance.
 */
#include "clfit.h"
#include "plain_c.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SAMPLES      1000u
#define NETWORKS_MAX 4096u
#define ROUNDS       3

static clfit_error error;

static void check(clfit_status status)
{
  if (!status) return;
  fprintf(stderr, "population_speed: %s\n%s", error.message, error.log);
  exit(3);
}

static clfit_network plan(uint32_t hidden, uint32_t i)
{
  clfit_network network;
  clfit_network_default(&network);
  network.hidden = hidden;
  network.seed = i;
  network.rate = 1e-3 + 1e-5 * i;
  network.samples = SAMPLES;
  network.epochs = CLFIT_EPOCHS_MAX;
  return network;
}

/* How a population is trained. */
struct way {
  const char *mapping; /* NULL: its own choice */
  clfit_mode mode;
};

/* A population of fresh networks, ready to advance. */
static clfit_population *make_population(clfit_device *device, struct way way, const clfit_data *data, uint32_t hidden,
                                         uint32_t count, uint32_t *slots)
{
  static clfit_state fresh[NETWORKS_MAX];
  static const clfit_state *pointers[NETWORKS_MAX];
  static uint32_t indices[NETWORKS_MAX];
  clfit_population_options options;
  clfit_population *population;
  clfit_population_options_default(&options);
  options.mapping = way.mapping;
  options.mode = way.mode;
  check(clfit_population_create(device, &options, &population, &error));
  check(clfit_population_add_data(population, data, &indices[0], &error));
  for (uint32_t i = 0; i < count; i++) {
    clfit_network network = plan(hidden, i);
    check(clfit_state_init(&fresh[i], &network, &error));
    pointers[i] = &fresh[i];
  }
  check(clfit_population_take(population, count, pointers, indices, slots, &error));
  for (uint32_t i = 0; i < count; i++) clfit_state_clear(&fresh[i]);
  return population;
}

#define CHECK_STEPS 100u

/* The reference's network i after CHECK_STEPS. */
static clfit_state train_reference(const clfit_data *data, uint32_t hidden, uint32_t i)
{
  static uint32_t slots[NETWORKS_MAX];
  clfit_device *reference;
  clfit_state fresh, want;
  const clfit_state *states[] = {&fresh};
  uint32_t index;
  clfit_population *population;
  clfit_network network = plan(hidden, i);
  check(clfit_device_open("reference", &reference, &error));
  check(clfit_population_create(reference, NULL, &population, &error));
  check(clfit_population_add_data(population, data, &index, &error));
  check(clfit_state_init(&fresh, &network, &error));
  check(clfit_population_take(population, 1, states, &index, slots, &error));
  check(clfit_population_advance(population, CHECK_STEPS, NULL, &error));
  check(clfit_population_give(population, 1, slots, &want, &error));
  clfit_state_clear(&fresh);
  clfit_population_free(population);
  clfit_device_close(reference);
  return want;
}

/* Strict: the bits. Fast: an activation off by E = 2^-18 (kernels/fast.h) moves e by E sum |w2| in each step, and no
 * parameter by more than 2 rate E (1 + sum |w2|), |e| being less than 2. */
static bool matches(const clfit_state *got, const clfit_state *want, clfit_mode mode)
{
  const size_t count = clfit_parameter_count(want->network.hidden);
  if (mode == CLFIT_STRICT) return !memcmp(got->parameters, want->parameters, count * sizeof(float));
  double sum = 0.0;
  for (uint32_t j = 0; j < want->network.hidden; j++) sum += fabsf(want->parameters[2 * want->network.hidden + j]);
  const double bound = CHECK_STEPS * 2.0 * want->network.rate * 0x1p-18 * (1.0 + sum);
  for (size_t i = 0; i < count; i++)
    if (!(fabsf(got->parameters[i] - want->parameters[i]) <= bound)) return false;
  return true;
}

/* The first and, in strict mode, the last network after some steps, against the reference. */
static void check_match(clfit_device *device, struct way way, const clfit_data *data, uint32_t hidden, uint32_t count)
{
  static uint32_t slots[NETWORKS_MAX];
  const uint32_t checked[] = {0, count - 1};
  clfit_population *population = make_population(device, way, data, hidden, count, slots);
  check(clfit_population_advance(population, CHECK_STEPS, NULL, &error));
  for (int k = 0; k < (way.mode == CLFIT_STRICT && count > 1 ? 2 : 1); k++) {
    clfit_state want = train_reference(data, hidden, checked[k]), got;
    check(clfit_population_give(population, 1, &slots[checked[k]], &got, &error));
    if (!matches(&got, &want, way.mode)) {
      fprintf(stderr, "population_speed: hidden %u differs from the reference: not timed\n", hidden);
      exit(1);
    }
    clfit_state_clear(&want);
    clfit_state_clear(&got);
  }
  clfit_population_free(population);
}

/* Neuron updates a second, the best of some launches of about `seconds`. */
static double time_population(clfit_device *device, struct way way, const clfit_data *data, uint32_t hidden,
                              uint32_t count, double seconds)
{
  static uint32_t slots[NETWORKS_MAX];
  check_match(device, way, data, hidden, count);
  clfit_population *population = make_population(device, way, data, hidden, count, slots);
  uint32_t steps = 256;
  double best = 0.0;
  for (int round = 0; round < ROUNDS;) {
    double start = clfit_clock();
    check(clfit_population_advance(population, steps, NULL, &error));
    double taken = clfit_clock() - start;
    if (taken < seconds / 4) {
      steps *= 2;
      continue;
    }
    best = fmax(best, (double)steps * count * hidden / taken);
    round++;
  }
  clfit_population_free(population);
  return best;
}

static double time_plain_c(const clfit_data *data, uint32_t hidden, double seconds)
{
  double best = 0.0;
  for (uint32_t round = 0, epochs = 1; round < ROUNDS;) {
    clfit_network network = plan(hidden, 0);
    clfit_state state;
    check(clfit_state_init(&state, &network, &error));
    double start = clfit_clock();
    plain_c_train(hidden, (float)network.rate, epochs, SAMPLES, clfit_data_x_float(data), clfit_data_y_float(data),
                  state.parameters);
    double taken = clfit_clock() - start;
    clfit_state_clear(&state);
    if (taken < seconds / 4) {
      epochs *= 2;
      continue;
    }
    best = fmax(best, (double)epochs * SAMPLES * hidden / taken);
    round++;
  }
  return best;
}

int main(int argc, char **argv)
{
  uint32_t count = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : 64;
  double seconds = argc > 2 ? strtod(argv[2], NULL) : 0.2;
  if (count < 1 || count > NETWORKS_MAX) count = 64;
  clfit_target *target;
  clfit_data *data;
  clfit_device *device;
  check(clfit_target_parse(CLFIT_TARGET_DEFAULT, &target, &error));
  check(clfit_data_sample(target, 0.0, 1.0, SAMPLES, 0, &data, &error));
  check(clfit_device_open(NULL, &device, &error));
  printf("%u networks on %s; million neuron updates a second\n", count, clfit_device_describe(device)->name);
  static const struct way ways[] = {{"wide", CLFIT_STRICT}, {"wide", CLFIT_FAST}, {"packed", CLFIT_STRICT},
                                    {"packed", CLFIT_FAST}, {NULL, CLFIT_STRICT}, {NULL, CLFIT_FAST}};
  enum { WAYS = sizeof ways / sizeof *ways };
  printf("%7s %10s %10s %10s %10s %10s %10s %10s %8s %8s\n", "hidden", "plain C", "wide", "fast", "packed", "fast",
         "chosen", "fast", "ratio", "fast");
  for (uint32_t hidden = 1; hidden <= 1024; hidden *= 2) {
    double speeds[WAYS], plain = time_plain_c(data, hidden, seconds);
    printf("%7u %10.1f", hidden, 1e-6 * plain);
    for (int i = 0; i < WAYS; i++) {
      bool fits = hidden <= 256 || !ways[i].mapping || strcmp(ways[i].mapping, "packed") != 0;
      speeds[i] = fits ? time_population(device, ways[i], data, hidden, count, seconds) : NAN;
      printf(" %10.1f", 1e-6 * speeds[i]);
    }
    printf(" %8.2f %8.2f\n", speeds[WAYS - 2] / plain, speeds[WAYS - 1] / speeds[WAYS - 2]);
    fflush(stdout);
  }
  clfit_device_close(device);
  clfit_data_free(data);
  clfit_target_free(target);
  return 0;
}
