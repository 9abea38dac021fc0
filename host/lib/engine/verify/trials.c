#include "engine/verify/trials.h"

#include "base/error.h"
#include "engine/verify/comparison.h"

#include <stdlib.h>
#include <string.h>

static clfit_status make_population(clfit_device *device, const char *mapping, const struct trial_setting *setting,
                                    clfit_population **population, clfit_error *error)
{
  clfit_population_options options;
  clfit_population_options_default(&options);
  options.mapping = mapping;
  options.history = setting->history;
  options.milestones = !setting->history;
  clfit_status status = clfit_population_create(device, &options, population, error);
  for (uint32_t i = 0, index; i < setting->data_count && !status; i++)
    status = clfit_population_add_data(*population, setting->data[i], &index, error);
  return status;
}

clfit_status clfit_trials_begin(struct trials *trials, const struct trial_setting *setting, clfit_verification *result,
                                clfit_error *error)
{
  *trials = (struct trials){.mapping = setting->mapping, .history = setting->history, .result = result, .random = 1};
  clfit_status status = make_population(setting->device, setting->mapping, setting, &trials->on_device, error);
  if (!status && setting->elsewhere)
    status = make_population(setting->device, setting->elsewhere, setting, &trials->elsewhere, error);
  if (!status) status = make_population(setting->reference, NULL, setting, &trials->on_reference, error);
  return status;
}

void clfit_trials_end(struct trials *trials)
{
  clfit_population_free(trials->on_device);
  clfit_population_free(trials->elsewhere);
  clfit_population_free(trials->on_reference);
}

clfit_status clfit_trials_run(struct trials *trials, const struct plan *plan, bool moves, clfit_error *error)
{
  struct outcome *got = calloc(1, sizeof *got), *want = calloc(1, sizeof *want);
  clfit_status status = got && want ? CLFIT_OK : clfit_fail_memory(error);
  struct side device = {.populations = {trials->on_device, moves ? trials->elsewhere : NULL},
                        .history = trials->history,
                        .random = plan->seed ? plan->seed : trials->random,
                        .moves = moves};
  struct side reference = {.populations = {trials->on_reference, NULL}, .history = trials->history};
  if (!status) {
    got->poison = 0xa5;
    want->poison = 0x5a;
    status = clfit_trial_train(&device, plan, got, error);
  }
  if (!status) status = clfit_trial_train(&reference, plan, want, error);
  if (!status) clfit_outcome_compare(trials->result, trials->mapping, plan, got, want);
  trials->random = device.random;
  if (got) clfit_outcome_clear(got);
  if (want) clfit_outcome_clear(want);
  free(got);
  free(want);
  return status;
}
