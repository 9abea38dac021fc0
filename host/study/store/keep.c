#include "study/store/keep.h"

#include "study/base/fail.h"

#include <stdlib.h>
#include <string.h>

static bool is_worse(const struct kept *a, const struct kept *b)
{
  return a->value > b->value || (a->value == b->value && a->id > b->id);
}

static void swap(struct kept *a, struct kept *b)
{
  struct kept old = *a;
  *a = *b;
  *b = old;
}

static void rise(struct kept *heap, uint32_t i)
{
  for (; i > 0 && is_worse(&heap[i], &heap[(i - 1) / 2]); i = (i - 1) / 2) swap(&heap[i], &heap[(i - 1) / 2]);
}

static void sink(struct kept *heap, uint32_t count)
{
  uint32_t i = 0;
  for (;;) {
    uint32_t worst = i;
    for (uint64_t child = 2 * (uint64_t)i + 1; child <= 2 * (uint64_t)i + 2 && child < count; child++)
      if (is_worse(&heap[child], &heap[worst])) worst = (uint32_t)child;
    if (worst == i) return;
    swap(&heap[i], &heap[worst]);
    i = worst;
  }
}

static clfit_status grow(struct keep *keep, clfit_error *error)
{
  if (keep->count < keep->capacity) return CLFIT_OK;
  uint32_t capacity = keep->capacity ? 2 * keep->capacity : 64;
  struct kept *grown = realloc(keep->heap, capacity * sizeof *grown);
  if (!grown) return clfit_fail_memory(error);
  keep->heap = grown;
  keep->capacity = capacity;
  return CLFIT_OK;
}

clfit_status keep_offer(struct keep *keep, uint64_t id, double value, bool *kept, bool *evicted, uint64_t *out,
                        clfit_error *error)
{
  struct kept offered = {value, id};
  *evicted = false;
  *kept = keep->limit == KEEP_ALL;
  if (keep->limit == KEEP_ALL || keep->limit == 0) return CLFIT_OK;
  if (keep->count < keep->limit) {
    clfit_status status = grow(keep, error);
    if (status) return status;
    keep->heap[keep->count] = offered;
    rise(keep->heap, keep->count++);
    *kept = true;
    return CLFIT_OK;
  }
  if (!is_worse(&keep->heap[0], &offered)) return CLFIT_OK;
  *kept = *evicted = true;
  *out = keep->heap[0].id;
  keep->heap[0] = offered;
  sink(keep->heap, keep->count);
  return CLFIT_OK;
}

void keep_clear(struct keep *keep)
{
  free(keep->heap);
  memset(keep, 0, sizeof *keep);
}
