#include "config/optimizer.h"

#include "base/error.h"
#include "base/names.h"
#include "rule.h"

#include <assert.h>

#define SET_NAME(set)             #set,
#define SET_NAMES(name, constant) static const char *const sets_of_##name[] = {SETS_##name(SET_NAME)};
CLFIT_RULES(SET_NAMES)

static const char *const sets_of_lm[] = {"value"};
static const char *const precise_sets_of_lm[] = {"float64", "base", "diagonal"};

#define ROW(name, constant)                                                                                            \
  [constant] = {#name, TRAINER_GRADIENT, sizeof sets_of_##name / sizeof *sets_of_##name, sets_of_##name, 0, NULL, 0},
static const struct optimizer table[] = {
    CLFIT_RULES(ROW)[CLFIT_LM] = {"lm", TRAINER_LEAST_SQUARES, 1, sets_of_lm, 3, precise_sets_of_lm, 3}};

enum { COUNT = sizeof table / sizeof *table };

clfit_optimizer clfit_optimizer_count(void)
{
  return COUNT;
}

const char *clfit_optimizer_name(clfit_optimizer optimizer)
{
  return optimizer < COUNT ? table[optimizer].name : NULL;
}

const struct optimizer *clfit_optimizer_get(clfit_optimizer optimizer)
{
  assert(optimizer < COUNT);
  return &table[optimizer];
}

clfit_status clfit_network_check_weights(const clfit_network *network, clfit_error *error)
{
  if (clfit_optimizer_get(network->optimizer)->trainer == TRAINER_LEAST_SQUARES) return CLFIT_OK;
  return clfit_fail(error, CLFIT_ERROR_ARGUMENT,
                    "the samples have weights, which count in least squares only, not with the optimizer %s",
                    clfit_optimizer_name(network->optimizer));
}

clfit_status clfit_optimizer_find(const char *name, clfit_optimizer *optimizer, clfit_error *error)
{
  assert(name && optimizer);
  return clfit_name_find("optimizer", clfit_optimizer_name, NULL, name, optimizer, error);
}
