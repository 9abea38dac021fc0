/*
 * One cell of clfit bench: a population is taken, trained a little and compared with the reference, and then, the same
 * population in the same buffers, timed.
 */
#include "bench.h"
#include "message.h"
#include "progress.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DISTINCT    64   /* different networks; network i of a population starts as number i mod DISTINCT */
#define CHECKED     7    /* networks of a population that are compared with the reference */
#define CHECK_STEPS 300  /* over several blocks of the loss */
#define RATE        1e-3 /* stable at every size */

/* Launches in a measurement: many short ones, so that some pass between two turns of whatever else runs. */
#define LAUNCHES    20
#define FIRST_STEPS 16 /* of a launch, doubled until it is long enough */

struct crowd {
  clfit_population *population;
  clfit_state fresh[DISTINCT];
  uint32_t *slots, *data; /* [networks] */
};

static uint32_t smaller(uint32_t a, uint32_t b)
{
  return a < b ? a : b;
}

static clfit_status make_fresh(const struct bench_setup *setup, const struct bench_cell *cell, struct crowd *crowd,
                               clfit_error *error)
{
  clfit_status status = CLFIT_OK;
  for (uint32_t i = 0; i < smaller(cell->networks, DISTINCT) && !status; i++) {
    clfit_network network;
    clfit_network_default(&network);
    network.hidden = cell->hidden;
    network.activation = setup->activation;
    network.samples = (uint32_t)clfit_data_count(setup->data);
    network.epochs = CLFIT_EPOCHS_MAX;
    network.rate = RATE;
    network.seed = i;
    status = clfit_state_init(&crowd->fresh[i], &network, error);
  }
  return status;
}

static clfit_status take_all(const struct bench_cell *cell, struct crowd *crowd, clfit_error *error)
{
  const clfit_state **states = calloc(cell->networks, sizeof *states);
  crowd->slots = calloc(cell->networks, sizeof *crowd->slots);
  crowd->data = calloc(cell->networks, sizeof *crowd->data); /* all learn the data of index 0 */
  clfit_status status =
      states && crowd->slots && crowd->data ? CLFIT_OK : fail(error, CLFIT_ERROR_MEMORY, "out of memory");
  for (uint32_t i = 0; i < cell->networks && !status; i++) states[i] = &crowd->fresh[i % DISTINCT];
  if (!status)
    status = clfit_population_take(crowd->population, cell->networks, states, crowd->data, crowd->slots, error);
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

static bool same_bits(const clfit_state *got, const clfit_state *want)
{
  const size_t bytes = clfit_parameter_count(want->network.hidden) * sizeof *want->parameters;
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

/* Takes some networks out of the population to look at them, and puts them back. */
static clfit_status check(const struct bench_setup *setup, struct bench_cell *cell, struct crowd *crowd,
                          clfit_error *error)
{
  const uint32_t count = smaller(cell->networks, CHECKED);
  const clfit_state *fresh[CHECKED], *back[CHECKED];
  clfit_state got[CHECKED] = {{0}}, want[CHECKED] = {{0}};
  uint32_t places[CHECKED], slots[CHECKED];
  for (uint32_t i = 0; i < count; i++) {
    places[i] = count > 1 ? (uint32_t)((uint64_t)i * (cell->networks - 1) / (count - 1)) : 0;
    slots[i] = crowd->slots[places[i]];
    fresh[i] = &crowd->fresh[places[i] % DISTINCT];
    back[i] = &got[i];
  }
  clfit_status status = clfit_population_advance(crowd->population, CHECK_STEPS, NULL, error);
  if (!status) status = train_reference(setup, count, fresh, want, error);
  if (!status) status = clfit_population_give(crowd->population, count, slots, got, error);
  for (uint32_t i = 0; i < count && !status && !cell->refusal[0]; i++)
    if (!same_bits(&got[i], &want[i]))
      snprintf(cell->refusal, sizeof cell->refusal, "network %u of %u differs from the reference after %d steps",
               places[i] + 1, cell->networks, CHECK_STEPS);
  if (!status) status = clfit_population_take(crowd->population, count, back, crowd->data, slots, error);
  for (uint32_t i = 0; i < count; i++) {
    clfit_state_clear(&got[i]);
    clfit_state_clear(&want[i]);
  }
  return status;
}

/* ---- timing ---------------------------------------------------------------------------------------------------- */

static clfit_status time_launches(const struct bench_setup *setup, struct bench_cell *cell, const struct crowd *crowd,
                                  clfit_error *error)
{
  uint32_t steps = FIRST_STEPS;
  double best = 0, spent = 0;
  while (spent < setup->seconds) {
    size_t running;
    double start = progress_clock();
    clfit_status status = clfit_population_advance(crowd->population, steps, &running, error);
    double taken = progress_clock() - start;
    if (status) return status;
    if (running < cell->networks) {
      snprintf(cell->refusal, sizeof cell->refusal, "%zu of %u networks are at their end",
               (size_t)cell->networks - running, cell->networks);
      return CLFIT_OK;
    }
    if (taken < setup->seconds / LAUNCHES && steps <= UINT32_MAX / 2) {
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
  struct crowd crowd = {0};
  cell->steps_per_second = NAN;
  cell->refusal[0] = '\0';
  clfit_status status = make_population(setup->device, cell, setup->data, &crowd.population, error);
  if (!status) status = make_fresh(setup, cell, &crowd, error);
  if (!status) status = take_all(cell, &crowd, error);
  if (!status) status = check(setup, cell, &crowd, error);
  if (!status && !cell->refusal[0]) status = time_launches(setup, cell, &crowd, error);
  if (status == CLFIT_ERROR_INEXACT) {
    snprintf(cell->refusal, sizeof cell->refusal, "%s", error->message);
    status = CLFIT_OK;
  }
  clfit_population_free(crowd.population);
  for (uint32_t i = 0; i < DISTINCT; i++) clfit_state_clear(&crowd.fresh[i]);
  free(crowd.slots);
  free(crowd.data);
  return status;
}
