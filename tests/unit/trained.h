/* Trainings of single networks in tests. */
#ifndef CLFIT_TESTS_TRAINED_H
#define CLFIT_TESTS_TRAINED_H

#include "expect.h"

/* The devices "reference" and "cpu" of a test, a process of its own. Opened once: PoCL's compiler reads its
 * functions of OpenCL C anew for each context, which takes it a second. */
static clfit_device *trainer_devices[2];

static inline clfit_device *trainer_device(const char *selector)
{
  const bool cpu = strcmp(selector, "cpu") == 0;
  cr_assert(cpu || !strcmp(selector, "reference"), "%s", selector);
  clfit_device **device = &trainer_devices[cpu];
  if (!*device) EXPECT_OK(clfit_device_open(selector, device, &error));
  return *device;
}

/* At the end of a test, the .fini of its suite. */
static inline void close_trainer_devices(void)
{
  for (int i = 0; i < 2; i++) clfit_device_close(trainer_devices[i]);
}

/* A population with one data set, index 0; to be freed with clfit_population_free. selector and mapping as the library
 * takes them; mapping may be NULL. */
static inline clfit_population *make_trainer(const char *selector, const char *mapping, const clfit_data *data)
{
  clfit_population *made;
  clfit_population_options options;
  uint32_t index;
  clfit_population_options_default(&options);
  options.mapping = mapping;
  options.history = true;
  EXPECT_OK(clfit_population_create(trainer_device(selector), &options, &made, &error));
  EXPECT_OK(clfit_population_add_data(made, data, &index, &error));
  return made;
}

/* Trains a state by at most `steps` steps; 0: to its end. losses: NULL, or room for the losses of all epochs. */
static inline clfit_state train_on(clfit_population *trainer, const clfit_state *state, uint32_t steps, double *losses)
{
  clfit_state trained;
  uint32_t data = 0, slot, first;
  size_t running = 1, epochs;
  EXPECT_OK(clfit_population_take(trainer, 1, &state, &data, &slot, &error));
  do {
    EXPECT_OK(clfit_population_advance(trainer, steps ? steps : 100000, &running, &error));
    const double *history = clfit_population_history(trainer, slot, &first, &epochs);
    if (losses && epochs > 0) memcpy(losses + first - 1, history, epochs * sizeof *losses);
  } while (!steps && running > 0);
  EXPECT_OK(clfit_population_give(trainer, 1, &slot, &trained, &error));
  return trained;
}

/* The same from the initial weights. */
static inline clfit_state train_new(clfit_population *trainer, const clfit_network *network, uint32_t steps,
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
