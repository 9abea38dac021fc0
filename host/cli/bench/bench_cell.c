/*
 * One cell of clfit bench: a population is trained for some steps and compared with the reference, then the same
 * population, in the same buffers, is timed.
 */
#include "cli/bench/bench.h"
#include "cli/io/message.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DISTINCT    64      /* different networks; network i of a population starts as number i mod DISTINCT */
#define CHECKED     7       /* networks of a population that are compared with the reference */
#define CHECK_STEPS 300     /* over several blocks of the loss */
#define RATE        1e-3    /* stable at every size */
#define POINTS      100     /* the data's first x, at which answers are compared */
#define FAST_ERROR  0x1p-18 /* of an activation in fast mode (clfit_mode) */

#define FIRST_STEPS 16 /* of a launch, doubled until it is long enough */

struct workload {
  clfit_population *population;
  clfit_state fresh[DISTINCT];
  uint32_t *slots, *data; /* [networks] */
};

static uint32_t smaller(uint32_t a, uint32_t b)
{
  return a < b ? a : b;
}

clfit_network bench_network(const struct bench_setup *setup, uint32_t hidden, size_t training)
{
  clfit_network network;
  clfit_network_default(&network);
  network.hidden = hidden;
  network.activation = setup->activation;
  network.samples = BENCH_SAMPLES;
  network.epochs = CLFIT_EPOCHS_MAX;
  network.rate = RATE;
  network.optimizer = bench_trainings[training].optimizer;
  network.batch = bench_trainings[training].batch;
  return network;
}

static clfit_status make_fresh(const struct bench_setup *setup, const struct bench_cell *cell,
                               struct workload *workload, clfit_error *error)
{
  clfit_status status = CLFIT_OK;
  for (uint32_t i = 0; i < smaller(cell->networks, DISTINCT) && !status; i++) {
    clfit_network network = bench_network(setup, cell->hidden, cell->training);
    network.seed = i;
    status = clfit_state_init(&workload->fresh[i], &network, error);
  }
  return status;
}

static clfit_status take_all(const struct bench_cell *cell, struct workload *workload, clfit_error *error)
{
  const clfit_state **states = calloc(cell->networks, sizeof *states);
  workload->slots = calloc(cell->networks, sizeof *workload->slots);
  workload->data = calloc(cell->networks, sizeof *workload->data); /* all networks use the data set with index 0 */
  clfit_status status = states && workload->slots && workload->data ? CLFIT_OK : clfit_fail_memory(error);
  for (uint32_t i = 0; i < cell->networks && !status; i++) states[i] = &workload->fresh[i % DISTINCT];
  if (!status)
    status =
        clfit_population_take(workload->population, cell->networks, states, workload->data, workload->slots, error);
  free(states);
  return status;
}

static clfit_status make_population(clfit_device *device, const struct bench_cell *cell, const clfit_data *data,
                                    clfit_population **population, clfit_error *error)
{
  clfit_population_options options;
  uint32_t index;
  clfit_population_options_default(&options);
  if (cell) {
    options.mapping = cell->mapping;
    options.mode = cell->mode;
  }
  clfit_status status = clfit_population_create(device, &options, population, error);
  return status ? status : clfit_population_add_data(*population, data, &index, error);
}

/* ---- comparing ------------------------------------------------------------------------------------------------- */

/*
 * How far the answers of a network may be from the reference's after CHECK_STEPS steps in fast mode. error: the largest
 * |z - y| before them; the rate is small enough for errors to shrink.
 *
 * Four contributions are added. (1) Activations have an error of at most E, so a prediction has an error of at most E
 * sum |w2|, and training can move the prediction by as much; the same holds for the roundings of the sum, hidden/32 + 6
 * of them with 2^-24 each. (2) The gradient with respect to a w2 has an error of at most E, those of b1 and w1 at most
 * 2 E |w2|. In each step this changes the prediction by rate * error * (gradient error) * gradient, together at most
 * rate * error * E (hidden + 4 sum w2^2), because activations, slopes and |x| are at most 1. (3) In each step each
 * parameter is rounded to a relative 2^-24, differently in the two networks; weights start below 1.8. (4) With relu, a
 * rounding can decide whether z1 is above 0, so that in one step a neuron is updated in one of the networks only.
 */
static double fast_tolerance(const clfit_state *trained, double error)
{
  const uint32_t hidden = trained->network.hidden;
  const float *w2 = trained->parameters + 2 * (size_t)hidden;
  double sum = 0, squares = 0, largest = 0;
  for (uint32_t j = 0; j < hidden; j++) {
    sum += fabs((double)w2[j]);
    squares += (double)w2[j] * (double)w2[j];
    largest = fmax(largest, (double)w2[j] * (double)w2[j]);
  }
  const uint32_t additions = hidden / 32 + 6; /* of a partial sum, and of the tree with b2 */
  const double from_y = (FAST_ERROR + 2 * additions * 0x1p-24) * sum;
  const double from_gradients = CHECK_STEPS * RATE * error * FAST_ERROR * (hidden + 4 * squares);
  const double from_roundings = CHECK_STEPS * 0x1p-24 * 2 * (1 + 1 + 1.8) * (sum + 1);
  const double from_relu = 2 * RATE * error * largest;
  return from_y + from_gradients + from_roundings + from_relu;
}

/* In fast mode bits differ from the reference's: the predictions must agree within the tolerance, and the progress must
 * be the same. */
static bool alike(const clfit_state *got, const clfit_state *want, const clfit_state *fresh, const clfit_data *data)
{
  float got_z[POINTS], want_z[POINTS], fresh_z[POINTS];
  const double *x = clfit_data_x(data), *y = clfit_data_y(data);
  double error = 0, difference = 0;
  clfit_state_evaluate(got, POINTS, x, got_z);
  clfit_state_evaluate(want, POINTS, x, want_z);
  clfit_state_evaluate(fresh, POINTS, x, fresh_z);
  for (int i = 0; i < POINTS; i++) {
    error = fmax(error, fabs((double)fresh_z[i] - y[i]));
    difference = fmax(difference, fabs((double)got_z[i] - (double)want_z[i]));
    if (isnan(got_z[i])) return false;
  }
  return difference <= fast_tolerance(want, error) && got->progress.status == want->progress.status &&
         got->progress.epoch == want->progress.epoch && got->progress.sample == want->progress.sample;
}

static bool same_bits(const clfit_state *got, const clfit_state *want)
{
  const size_t bytes = clfit_record_count(&want->network) * sizeof *want->parameters;
  return memcmp(got->parameters, want->parameters, bytes) == 0 &&
         memcmp(&got->progress, &want->progress, sizeof want->progress) == 0;
}

/* The reference's states after CHECK_STEPS. */
static clfit_status train_reference(const struct bench_setup *setup, uint32_t count, const clfit_state *const *fresh,
                                    clfit_state *trained, clfit_error *error)
{
  clfit_population *population = NULL;
  const uint32_t data[CHECKED] = {0};
  uint32_t slots[CHECKED];
  clfit_status status = make_population(setup->reference, NULL, setup->data, &population, error);
  if (!status) status = clfit_population_take(population, count, fresh, data, slots, error);
  if (!status) status = clfit_population_advance(population, CHECK_STEPS, NULL, error);
  if (!status) status = clfit_population_give(population, count, slots, trained, error);
  clfit_population_free(population);
  return status;
}

/* Compares some networks of the population with the reference: gives them back after CHECK_STEPS steps, compares, and
 * takes them again. */
static clfit_status check(const struct bench_setup *setup, struct bench_cell *cell, struct workload *workload,
                          clfit_error *error)
{
  const uint32_t count = smaller(cell->networks, CHECKED);
  const clfit_state *fresh[CHECKED], *back[CHECKED];
  clfit_state got[CHECKED] = {{0}}, want[CHECKED] = {{0}};
  uint32_t places[CHECKED], slots[CHECKED];
  for (uint32_t i = 0; i < count; i++) {
    places[i] = count > 1 ? (uint32_t)((uint64_t)i * (cell->networks - 1) / (count - 1)) : 0;
    slots[i] = workload->slots[places[i]];
    fresh[i] = &workload->fresh[places[i] % DISTINCT];
    back[i] = &got[i];
  }
  clfit_status status = clfit_population_advance(workload->population, CHECK_STEPS, NULL, error);
  if (!status) status = train_reference(setup, count, fresh, want, error);
  if (!status) status = clfit_population_give(workload->population, count, slots, got, error);
  for (uint32_t i = 0; i < count && !status && !cell->refusal[0]; i++)
    if (cell->mode == CLFIT_STRICT ? !same_bits(&got[i], &want[i]) : !alike(&got[i], &want[i], fresh[i], setup->data))
      snprintf(cell->refusal, sizeof cell->refusal, "network %u of %u differs from the reference after %d steps",
               places[i] + 1, cell->networks, CHECK_STEPS);
  if (!status) status = clfit_population_take(workload->population, count, back, workload->data, slots, error);
  for (uint32_t i = 0; i < count; i++) {
    clfit_state_clear(&got[i]);
    clfit_state_clear(&want[i]);
  }
  return status;
}

/* ---- timing ---------------------------------------------------------------------------------------------------- */

static clfit_status time_launches(const struct bench_setup *setup, struct bench_cell *cell,
                                  const struct workload *workload, clfit_error *error)
{
  uint32_t steps = FIRST_STEPS;
  double best = 0, spent = 0;
  while (spent < setup->seconds) {
    size_t running;
    double start = clfit_clock();
    clfit_status status = clfit_population_advance(workload->population, steps, &running, error);
    double taken = clfit_clock() - start;
    if (status) return status;
    if (running < cell->networks) {
      snprintf(cell->refusal, sizeof cell->refusal,
               "the training of %zu of %u networks has ended, so their speed cannot be measured",
               (size_t)cell->networks - running, cell->networks);
      return CLFIT_OK;
    }
    if (taken < setup->launch_seconds && steps <= UINT32_MAX / 2) {
      steps *= 2;
      continue;
    }
    best = fmax(best, (double)steps * cell->networks / taken);
    spent += taken;
  }
  cell->steps_per_second = best;
  return CLFIT_OK;
}

clfit_status bench_measure(const struct bench_setup *setup, struct bench_cell *cell, clfit_error *error)
{
  struct workload workload = {0};
  cell->steps_per_second = NAN;
  cell->refusal[0] = '\0';
  clfit_status status = make_population(setup->device, cell, setup->data, &workload.population, error);
  if (!status) status = make_fresh(setup, cell, &workload, error);
  if (!status) status = take_all(cell, &workload, error);
  if (!status) status = check(setup, cell, &workload, error);
  if (!status && !cell->refusal[0]) status = time_launches(setup, cell, &workload, error);
  if (status == CLFIT_ERROR_INEXACT) {
    snprintf(cell->refusal, sizeof cell->refusal, "%s", error->message);
    status = CLFIT_OK;
  }
  clfit_population_free(workload.population);
  for (uint32_t i = 0; i < DISTINCT; i++) clfit_state_clear(&workload.fresh[i]);
  free(workload.slots);
  free(workload.data);
  return status;
}
