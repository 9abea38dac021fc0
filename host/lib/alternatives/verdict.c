/* Whether an alternative dominates a network. */
#include "clfit.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>

static bool is_bounded(const clfit_alternatives_options *options)
{
  return options->max_error > 0 || options->max_rmse > 0;
}

static bool dominates(const clfit_alternative *row, const clfit_alternative *network, bool bounded)
{
  if (row->parameters == 0 || row->bytes > network->bytes) return false;
  if (clfit_operations_weigh(&row->operations) > clfit_operations_weigh(&network->operations)) return false;
  if (row->monotone == CLFIT_MONOTONE_NO && network->monotone != CLFIT_MONOTONE_NO) return false;
  if (!(row->departure <= 2 * network->departure)) return false;
  return bounded ? row->met : row->rmse <= network->rmse;
}

static bool is_smaller(const clfit_alternative *a, const clfit_alternative *b)
{
  if (a->bytes != b->bytes) return a->bytes < b->bytes;
  return clfit_operations_weigh(&a->operations) < clfit_operations_weigh(&b->operations);
}

static void describe(const clfit_alternative *row, const clfit_alternative *network, bool bounded,
                     char text[CLFIT_VERDICT_SIZE])
{
  snprintf(text, CLFIT_VERDICT_SIZE,
           "A %s (%s) is the better choice here: %zu bytes and %g operations instead of %zu and %g, %s", row->kind,
           row->description, row->bytes, clfit_operations_weigh(&row->operations), network->bytes,
           clfit_operations_weigh(&network->operations), bounded ? "within the bound" : "and no larger rmse");
}

const clfit_alternative *clfit_alternatives_verdict(const clfit_alternatives_options *options,
                                                    const clfit_alternative *network, const clfit_alternative *rows,
                                                    size_t count, char text[CLFIT_VERDICT_SIZE])
{
  assert(options && network && (rows || count == 0) && text);
  bool bounded = is_bounded(options);
  const clfit_alternative *best = NULL;
  for (size_t i = 0; i < count; i++) {
    if (dominates(&rows[i], network, bounded) && (!best || is_smaller(&rows[i], best))) best = &rows[i];
  }
  if (best) {
    describe(best, network, bounded, text);
  } else if (bounded && !network->met) {
    snprintf(text, CLFIT_VERDICT_SIZE, "The network misses the bound, and no alternative of its size meets it");
  } else {
    snprintf(text, CLFIT_VERDICT_SIZE, "No alternative is as good with as few bytes and operations");
  }
  return best;
}
