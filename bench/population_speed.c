/*
 * Many networks at once, over hidden sizes 1 .. 1024: neuron updates a second of a population on the default device,
 * with each mapping and with the one that it chooses itself, beside plain C -Ofast with libmvec, in turns, in one run.
 *
 *     population_speed [NETWORKS [SECONDS]]     defaults: 64 networks, 0.2 s a measurement
 *
 * Uses all cores that it may (taskset -c 0 for one); plain C uses one. Nothing is timed that does not match: the first
 * and the last network must have the reference's bits.
 */
#include "clfit.h"
#include "plain_c.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

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

static double seconds_now(void)
{
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
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

/* A population of fresh networks, ready to advance. */
static clfit_population *make_population(clfit_device *device, const char *mapping, const clfit_data *data,
                                         uint32_t hidden, uint32_t count, uint32_t *slots)
{
  static clfit_state fresh[NETWORKS_MAX];
  static const clfit_state *pointers[NETWORKS_MAX];
  static uint32_t indices[NETWORKS_MAX];
  clfit_population_options options;
  clfit_population *population;
  clfit_population_options_default(&options);
  options.mapping = mapping;
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

/* The first and the last network after 100 steps, against the reference. */
static void check_match(clfit_device *device, const char *mapping, const clfit_data *data, uint32_t hidden,
                        uint32_t count)
{
  static uint32_t slots[NETWORKS_MAX];
  const uint32_t checked[] = {0, count - 1};
  clfit_device *reference;
  clfit_population *population = make_population(device, mapping, data, hidden, count, slots);
  check(clfit_device_open("reference", &reference, &error));
  check(clfit_population_advance(population, 100, NULL, &error));
  for (int k = 0; k < 2; k++) {
    clfit_network network = plan(hidden, checked[k]);
    clfit_population *alone;
    clfit_state fresh, want, got;
    const clfit_state *states[] = {&fresh};
    uint32_t index, slot;
    check(clfit_population_create(reference, NULL, &alone, &error));
    check(clfit_population_add_data(alone, data, &index, &error));
    check(clfit_state_init(&fresh, &network, &error));
    check(clfit_population_take(alone, 1, states, &index, &slot, &error));
    check(clfit_population_advance(alone, 100, NULL, &error));
    check(clfit_population_give(alone, 1, &slot, &want, &error));
    check(clfit_population_give(population, 1, &slots[checked[k]], &got, &error));
    if (memcmp(got.parameters, want.parameters, clfit_parameter_count(hidden) * sizeof(float))) {
      fprintf(stderr, "population_speed: hidden %u differs from the reference: not timed\n", hidden);
      exit(1);
    }
    clfit_state_clear(&fresh);
    clfit_state_clear(&want);
    clfit_state_clear(&got);
    clfit_population_free(alone);
    if (count == 1) break;
  }
  clfit_population_free(population);
  clfit_device_close(reference);
}

/* Neuron updates a second, the best of some launches of about `seconds`. */
static double time_population(clfit_device *device, const char *mapping, const clfit_data *data, uint32_t hidden,
                              uint32_t count, double seconds)
{
  static uint32_t slots[NETWORKS_MAX];
  clfit_population *population = make_population(device, mapping, data, hidden, count, slots);
  uint32_t steps = 256;
  double best = 0.0;
  for (int round = 0; round < ROUNDS;) {
    double start = seconds_now();
    check(clfit_population_advance(population, steps, NULL, &error));
    double taken = seconds_now() - start;
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
    double start = seconds_now();
    plain_c_train(hidden, (float)network.rate, epochs, SAMPLES, clfit_data_x_float(data), clfit_data_y_float(data),
                  state.parameters);
    double taken = seconds_now() - start;
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
  printf("%7s %10s %10s %10s %10s %8s\n", "hidden", "plain C", "wide", "packed", "chosen", "ratio");
  for (uint32_t hidden = 1; hidden <= 1024; hidden *= 2) {
    double wide, packed = NAN, chosen, plain;
    check_match(device, NULL, data, hidden, count);
    plain = time_plain_c(data, hidden, seconds);
    wide = time_population(device, "wide", data, hidden, count, seconds);
    if (hidden <= 256) packed = time_population(device, "packed", data, hidden, count, seconds);
    chosen = time_population(device, NULL, data, hidden, count, seconds);
    printf("%7u %10.1f %10.1f %10.1f %10.1f %8.2f\n", hidden, 1e-6 * plain, 1e-6 * wide, 1e-6 * packed, 1e-6 * chosen,
           chosen / plain);
    fflush(stdout);
  }
  clfit_device_close(device);
  clfit_data_free(data);
  clfit_target_free(target);
  return 0;
}
