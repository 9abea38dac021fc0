/* Trainings of single networks in tests. */
#ifndef CLFIT_TESTS_TRAINED_H
#define CLFIT_TESTS_TRAINED_H

#include "expect.h"

/* A population with one data set, index 0. */
struct trainer {
  clfit_device *device;
  clfit_population *population;
};

/* selector and mapping as the library takes them; mapping may be NULL. */
static inline struct trainer make_trainer(const char *selector, const char *mapping, const clfit_data *data)
{
  struct trainer made;
  clfit_population_options options;
  uint32_t index;
  clfit_population_options_default(&options);
  options.mapping = mapping;
  options.history = true;
  EXPECT_OK(clfit_device_open(selector, &made.device, &error));
  EXPECT_OK(clfit_population_create(made.device, &options, &made.population, &error));
  EXPECT_OK(clfit_population_add_data(made.population, data, &index, &error));
  return made;
}

static inline void free_trainer(struct trainer *trainer)
{
  clfit_population_free(trainer->population);
  clfit_device_close(trainer->device);
}

/* Trains a state by at most `steps` steps; 0: to its end. losses: NULL, or room for the losses of all epochs. */
static inline clfit_state train_on(const struct trainer *trainer, const clfit_state *state, uint32_t steps,
                                   double *losses)
{
  clfit_state trained;
  uint32_t data = 0, slot, first;
  size_t running = 1, epochs;
  EXPECT_OK(clfit_population_take(trainer->population, 1, &state, &data, &slot, &error));
  do {
    EXPECT_OK(clfit_population_advance(trainer->population, steps ? steps : 100000, &running, &error));
    const double *history = clfit_population_history(trainer->population, slot, &first, &epochs);
    if (losses && epochs > 0) memcpy(losses + first - 1, history, epochs * sizeof *losses);
  } while (!steps && running > 0);
  EXPECT_OK(clfit_population_give(trainer->population, 1, &slot, &trained, &error));
  return trained;
}

/* The same from the initial weights. */
static inline clfit_state train_new(const struct trainer *trainer, const clfit_network *network, uint32_t steps,
                                    double *losses)
{
  clfit_state fresh;
  EXPECT_OK(clfit_state_init(&fresh, network, &error));
  const clfit_state trained = train_on(trainer, &fresh, steps, losses);
  clfit_state_clear(&fresh);
  return trained;
}

/* All values of two states with the same configuration: parameters, further sets, counters, progress. */
static inline void expect_equal_states(const clfit_state *got, const clfit_state *want, const char *what)
{
  const size_t count = clfit_record_count(&want->network);
  cr_assert(clfit_record_count(&got->network) == count, "%s: other sets", what);
  for (size_t i = 0; i < count; i++)
    cr_assert(!memcmp(&got->parameters[i], &want->parameters[i], 4), "%s: value %zu is %a, not %a", what, i,
              (double)got->parameters[i], (double)want->parameters[i]);
  cr_assert(!memcmp(&got->progress, &want->progress, sizeof got->progress), "%s: progress", what);
}

#endif
