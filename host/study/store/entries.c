#include "study/store/entries.h"

#include <stddef.h>
#include <string.h>

bool entry_is_added(const char *key)
{
  return strcmp(key, ENTRY_FORMULA_DIGEST) == 0;
}

static const struct {
  const char *key;
  size_t offset; /* of a double in struct learnt */
} numbers[] = {{"x_low", offsetof(struct learnt, x_low)},
               {"x_high", offsetof(struct learnt, x_high)},
               {"x_factor", offsetof(struct learnt, scaling.x_factor)},
               {"x_offset", offsetof(struct learnt, scaling.x_offset)},
               {"y_factor", offsetof(struct learnt, scaling.y_factor)},
               {"y_offset", offsetof(struct learnt, scaling.y_offset)}};

const char *learnt_key(size_t i)
{
  return i < sizeof numbers / sizeof *numbers ? numbers[i].key : NULL;
}

double *learnt_number(struct learnt *learnt, size_t i)
{
  return (double *)((char *)learnt + numbers[i].offset);
}

bool learnt_has(const char *key)
{
  size_t i = 0;
  while (learnt_key(i) && strcmp(learnt_key(i), key) != 0) i++;
  return learnt_key(i);
}
