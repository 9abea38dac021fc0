#include "config/activation.h"

#include "base/error.h"
#include "numerics.h"

#include <assert.h>
#include <stdio.h>
#include <strings.h>

#define ALIAS_sigmoid "logistic"
#define ALIAS_tanh    NULL
#define ALIAS_relu    NULL

#define ROW(name) {#name, ALIAS_##name, activate_##name, slope_##name},
static const struct activation table[] = {CLFIT_ACTIVATIONS(ROW)};

#define INDEX(name) INDEX_##name,
enum { CLFIT_ACTIVATIONS(INDEX) COUNT };
_Static_assert(INDEX_sigmoid == CLFIT_SIGMOID, "the public constants follow the table");
_Static_assert(INDEX_tanh == CLFIT_TANH, "the public constants follow the table");
_Static_assert(INDEX_relu == CLFIT_RELU, "the public constants follow the table");

clfit_activation clfit_activation_count(void)
{
  return COUNT;
}

const char *clfit_activation_name(clfit_activation activation)
{
  return activation < COUNT ? table[activation].name : NULL;
}

const struct activation *clfit_activation_get(clfit_activation activation)
{
  assert(activation < COUNT);
  return &table[activation];
}

/* "sigmoid (logistic), tanh, relu" */
static void list_names(char *text, size_t size)
{
  size_t used = 0;
  for (size_t i = 0; i < COUNT && used < size; i++) {
    const struct activation *row = &table[i];
    used += (size_t)snprintf(text + used, size - used, row->alias ? "%s%s (%s)" : "%s%s", i ? ", " : "", row->name,
                             row->alias);
  }
}

clfit_status clfit_activation_find(const char *name, clfit_activation *activation, clfit_error *error)
{
  assert(name && activation);
  for (clfit_activation i = 0; i < COUNT; i++) {
    const struct activation *row = &table[i];
    if (strcasecmp(row->name, name) && (!row->alias || strcasecmp(row->alias, name))) continue;
    *activation = i;
    return CLFIT_OK;
  }
  char names[256];
  list_names(names, sizeof names);
  return clfit_fail(error, CLFIT_ERROR_ARGUMENT, "unknown activation '%.80s'; there are %s", name, names);
}
