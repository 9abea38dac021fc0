/*
 * Least squares on a device and on the reference: microseconds an iteration and network, and starts a second, of 1, 64
 * and 4,096 starts with 1, 5, 17 and 64 neurons, 250 samples of the default target and 60 iterations each.
 *
 *     lm_speed [DEVICE [SECONDS [MAPPING]]]      defaults: the device that clfit picks, 1 s a measurement
 *
 * A measurement advances by iterations, each of them for all networks, until it has taken SECONDS or all have ended;
 * starts a second are reckoned from a start's mean number of iterations where that did not suffice. The reference,
 * which trains one network after another, trains as many as it can in SECONDS. Time is the processor time of all
 * threads of this process where the device is a CPU, so that other load does not count, else wall time. Nothing is
 * timed that does not match: the networks that both have trained to the end must have the same bits. Compiling kernels
 * is no part of the time.
 */
#include "clfit.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define SAMPLES      250u
#define ITERATIONS   60u
#define NETWORKS_MAX 4096u

static clfit_error error;

static void check(clfit_status status)
{
  if (!status) return;
  fprintf(stderr, "lm_speed: %s\n%s", error.message, error.log);
  exit(3);
}

static void *allocate(size_t bytes)
{
  void *memory = malloc(bytes);
  if (!memory) exit(3);
  return memory;
}

/* ---- a population -------------------------------------------------------------------------------------------- */

struct place {
  clfit_device *device;
  const char *mapping;
};

struct crew {
  clfit_population *population;
  uint32_t count, *slots;
};

static clfit_state make_start(const clfit_data *data, uint32_t hidden, uint32_t seed)
{
  clfit_network network;
  clfit_state state;
  double low, high;
  clfit_network_default(&network);
  network.hidden = hidden;
  network.samples = SAMPLES;
  network.epochs = ITERATIONS;
  network.seed = seed;
  network.activation = CLFIT_TANH;
  network.optimizer = CLFIT_LM;
  network.init = CLFIT_INIT_SPREAD;
  clfit_data_range(data, &low, &high);
  check(clfit_state_init_over(&state, &network, low, high, &error));
  return state;
}

/* Networks with the seeds 0 .. count - 1, ready to advance. */
static struct crew make_crew(struct place place, const clfit_data *data, uint32_t hidden, uint32_t count)
{
  static clfit_state fresh[NETWORKS_MAX];
  static const clfit_state *pointers[NETWORKS_MAX];
  static uint32_t indices[NETWORKS_MAX];
  clfit_population_options options;
  struct crew crew = {.count = count, .slots = allocate(count * sizeof(uint32_t))};
  clfit_population_options_default(&options);
  options.mapping = place.mapping;
  check(clfit_population_create(place.device, &options, &crew.population, &error));
  check(clfit_population_add_data(crew.population, data, &indices[0], &error));
  for (uint32_t i = 0; i < count; i++) {
    indices[i] = indices[0];
    fresh[i] = make_start(data, hidden, i);
    pointers[i] = &fresh[i];
  }
  check(clfit_population_take(crew.population, count, pointers, indices, crew.slots, &error));
  for (uint32_t i = 0; i < count; i++) clfit_state_clear(&fresh[i]);
  return crew;
}

static void free_crew(struct crew *crew)
{
  clfit_population_free(crew->population);
  free(crew->slots);
}

static uint64_t count_iterations(const struct crew *crew)
{
  uint64_t sum = 0;
  for (uint32_t i = 0; i < crew->count; i++) sum += clfit_population_progress(crew->population, crew->slots[i])->epoch;
  return sum;
}

/* ---- measuring ----------------------------------------------------------------------------------------------- */

/* Processor time says what a computation on a CPU takes, whatever else runs; a GPU's computation takes none. */
static double read_clock(const clfit_device *device)
{
  const char *type = clfit_device_describe(device)->type;
  if (!strcmp(type, "cpu") || !strcmp(type, "reference")) return (double)clock() / CLOCKS_PER_SEC;
  return clfit_clock();
}

struct speed {
  double seconds, wall;
  uint64_t iterations, starts;
  bool ended; /* all networks */
};

/* Iterations of all networks, by an eighth more each time, until that has taken long enough. */
static struct speed measure(struct place place, struct crew *crew, double seconds)
{
  struct speed speed = {0};
  const double start = read_clock(place.device), wall = clfit_clock();
  size_t running = 1;
  for (uint32_t done = 0; running > 0 && (done < 2 || speed.seconds < seconds);) {
    const uint32_t steps = 1 + done / 8;
    check(clfit_population_advance(crew->population, steps, &running, &error));
    done += steps;
    speed.seconds = read_clock(place.device) - start;
  }
  speed.wall = clfit_clock() - wall;
  speed.iterations = count_iterations(crew);
  speed.ended = running == 0;
  return speed;
}

/* The same trainings again and again, each cut after `cut` seconds: a single short one says little. Sums. */
static struct speed measure_often(struct place place, const clfit_data *data, uint32_t hidden, uint32_t count,
                                  double cut, double seconds)
{
  struct speed sum = {0};
  do {
    struct crew crew = make_crew(place, data, hidden, count);
    struct speed one = measure(place, &crew, cut);
    free_crew(&crew);
    sum.seconds += one.seconds;
    sum.wall += one.wall;
    sum.iterations += one.iterations;
    sum.starts += count;
    sum.ended = one.ended;
  } while (sum.ended && sum.seconds < seconds / 2);
  return sum;
}

/* As many starts as the reference trains to their end in about that long, at least one. */
static uint32_t choose_count(struct place reference, const clfit_data *data, uint32_t hidden, uint32_t count,
                             double seconds)
{
  struct crew crew = make_crew(reference, data, hidden, 1);
  struct speed one = measure(reference, &crew, INFINITY);
  free_crew(&crew);
  double can = seconds / fmax(one.seconds, 1e-6);
  return can < 1.0 ? 1 : can < count ? (uint32_t)can : count;
}

/* ---- what must match ----------------------------------------------------------------------------------------- */

static bool same_state(const clfit_state *a, const clfit_state *b)
{
  const size_t count = clfit_record_count(&a->network);
  return a->progress.epoch == b->progress.epoch && a->progress.status == b->progress.status &&
         a->progress.last_loss_high == b->progress.last_loss_high &&
         a->progress.last_loss_low == b->progress.last_loss_low &&
         !memcmp(a->parameters, b->parameters, count * sizeof *a->parameters);
}

/* The first networks, trained on both to their end. Of 64 neurons that takes some seconds. */
static void check_match(const struct place places[2], const clfit_data *data, uint32_t hidden, uint32_t count)
{
  const uint32_t compared = count < 4 ? count : 4;
  clfit_state states[2][4];
  for (int k = 0; k < 2; k++) {
    struct crew crew = make_crew(places[k], data, hidden, compared);
    for (size_t running = 1; running > 0;) check(clfit_population_advance(crew.population, 0, &running, &error));
    check(clfit_population_give(crew.population, compared, crew.slots, states[k], &error));
    free_crew(&crew);
  }
  for (uint32_t i = 0; i < compared; i++) {
    if (!same_state(&states[0][i], &states[1][i])) {
      fprintf(stderr, "lm_speed: hidden %u differs from the reference: not timed\n", hidden);
      exit(1);
    }
    clfit_state_clear(&states[0][i]);
    clfit_state_clear(&states[1][i]);
  }
}

/* ---- the table ----------------------------------------------------------------------------------------------- */

static void print_row(const struct place places[2], const clfit_data *data, uint32_t hidden, uint32_t count,
                      double seconds)
{
  const uint32_t some = choose_count(places[1], data, hidden, count, seconds);
  check_match(places, data, hidden, count);
  const struct speed theirs = measure_often(places[1], data, hidden, some, INFINITY, seconds);
  const struct speed ours = measure_often(places[0], data, hidden, count, seconds, seconds);
  /* Starts of the reference are the first of the device's; the mean of either is a start's number of iterations. */
  const double mean = (double)theirs.iterations / (double)theirs.starts;
  const double of_ours = ours.seconds / (double)ours.iterations, of_theirs = theirs.seconds / (double)theirs.iterations;
  printf("%6u %8u %12.2f %12.2f %12.1f %12.1f %8.2f %10.2f\n", hidden, count, 1e6 * of_ours, 1e6 * of_theirs,
         1.0 / (of_ours * mean), 1.0 / (of_theirs * mean), of_theirs / of_ours, ours.wall / ours.seconds);
  fflush(stdout);
}

int main(int argc, char **argv)
{
  static const uint32_t hidden[] = {1, 5, 17, 64}, counts[] = {1, 64, 4096};
  const double seconds = argc > 2 ? strtod(argv[2], NULL) : 1.0;
  struct place places[2] = {{.mapping = argc > 3 ? argv[3] : NULL}, {0}};
  clfit_target *target;
  clfit_data *data;
  check(clfit_device_open(argc > 1 ? argv[1] : NULL, &places[0].device, &error));
  check(clfit_device_open("reference", &places[1].device, &error));
  check(clfit_target_parse(CLFIT_TARGET_DEFAULT, &target, &error));
  check(clfit_data_sample(target, 0.0, 1.0, SAMPLES, 0, &data, &error));
  check(clfit_data_scale(data, CLFIT_SCALE_RANGE, &error));
  printf("%s; at most %u iterations on %u samples; us an iteration and network, starts a second\n",
         clfit_device_describe(places[0].device)->name, ITERATIONS, SAMPLES);
  printf("%6s %8s %12s %12s %12s %12s %8s %10s\n", "hidden", "starts", "us device", "us reference", "starts/s",
         "of reference", "ratio", "wall/time");
  for (size_t h = 0; h < sizeof hidden / sizeof *hidden; h++)
    for (size_t c = 0; c < sizeof counts / sizeof *counts; c++) print_row(places, data, hidden[h], counts[c], seconds);
  clfit_device_close(places[1].device);
  clfit_device_close(places[0].device);
  clfit_data_free(data);
  clfit_target_free(target);
  return 0;
}
