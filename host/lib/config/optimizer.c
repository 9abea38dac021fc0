#include "config/optimizer.h"

#include "base/error.h"
#include "base/names.h"
#include "update.h"

#include <assert.h>

#define SET_NAME(set)             #set,
#define SET_NAMES(name, constant) static const char *const sets_of_##name[] = {SETS_##name(SET_NAME)};
CLFIT_OPTIMIZERS(SET_NAMES)

#define ROW(name, constant) {#name, sizeof sets_of_##name / sizeof *sets_of_##name, sets_of_##name},
static const struct optimizer table[] = {CLFIT_OPTIMIZERS(ROW)};

#define INDEX(name, constant) INDEX_##name,
enum { CLFIT_OPTIMIZERS(INDEX) COUNT };
#define FOLLOWS(name, constant) _Static_assert(INDEX_##name == (constant), "the public constants follow the table");
CLFIT_OPTIMIZERS(FOLLOWS)

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

/* Whether an optimizer takes weights of samples into account: those of least squares do. */
static bool weighs(clfit_optimizer optimizer)
{
  (void)optimizer; /* all of them are gradient descent so far */
  return false;
}

clfit_status clfit_network_check_weights(const clfit_network *network, clfit_error *error)
{
  if (weighs(network->optimizer)) return CLFIT_OK;
  return clfit_fail(error, CLFIT_ERROR_ARGUMENT,
                    "the samples have weights, which count in least squares only, not with the optimizer %s",
                    clfit_optimizer_name(network->optimizer));
}

clfit_status clfit_optimizer_find(const char *name, clfit_optimizer *optimizer, clfit_error *error)
{
  assert(name && optimizer);
  return clfit_name_find("optimizer", clfit_optimizer_name, NULL, name, optimizer, error);
}
