#include "base/names.h"

#include <stdio.h>
#include <strings.h>

static void list_names(clfit_name_of *name_of, clfit_name_of *alias_of, char *text, size_t size)
{
  size_t used = 0;
  for (uint32_t i = 0; name_of(i) && used < size; i++) {
    const char *alias = alias_of ? alias_of(i) : NULL;
    used += (size_t)snprintf(text + used, size - used, alias ? "%s%s (%s)" : "%s%s", i ? ", " : "", name_of(i), alias);
  }
}

clfit_status clfit_name_find(const char *kind, clfit_name_of *name_of, clfit_name_of *alias_of, const char *name,
                             uint32_t *row, clfit_error *error)
{
  for (uint32_t i = 0; name_of(i); i++) {
    const char *alias = alias_of ? alias_of(i) : NULL;
    if (strcasecmp(name_of(i), name) != 0 && !(alias && strcasecmp(alias, name) == 0)) continue;
    *row = i;
    return CLFIT_OK;
  }
  char names[256] = "";
  list_names(name_of, alias_of, names, sizeof names);
  return clfit_fail(error, CLFIT_ERROR_ARGUMENT, "unknown %s '%.80s'; there are %s", kind, name, names);
}
