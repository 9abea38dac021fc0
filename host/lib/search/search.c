/* The search over sizes. */
#include "search/search.h"

#include "base/error.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define DEFAULT_HIDDEN 16
#define DEFAULT_FOLDS  10
#define DEFAULT_BUDGET 20000

/* Sizes after the one chosen so far that cross-validation looks at. */
#define SIZES_BEYOND 4

static const char *const end_names[] = {[CLFIT_SEARCH_FOUND] = "found",
                                        [CLFIT_SEARCH_UNMET] = "unmet",
                                        [CLFIT_SEARCH_BUDGET] = "budget",
                                        [CLFIT_SEARCH_TIME] = "time",
                                        [CLFIT_SEARCH_INTERRUPTED] = "interrupted"};

const char *clfit_search_end_name(clfit_search_end end)
{
  return (size_t)end < sizeof end_names / sizeof *end_names ? end_names[end] : NULL;
}

void clfit_search_options_default(clfit_search_options *options)
{
  *options = (clfit_search_options){.size = sizeof *options,
                                    .activation = CLFIT_TANH,
                                    .max_hidden = DEFAULT_HIDDEN,
                                    .folds = DEFAULT_FOLDS,
                                    .budget = DEFAULT_BUDGET};
}

/* 0 or more; NaN is not. */
static bool is_limit(double value)
{
  return value >= 0 && isfinite(value);
}

static clfit_status check(const clfit_search_options *options, clfit_error *error)
{
  if (options->size != sizeof *options)
    return clfit_fail(error, CLFIT_ERROR_ARGUMENT, "options are not filled by clfit_search_options_default");
  if (!clfit_activation_name(options->activation))
    return clfit_fail(error, CLFIT_ERROR_ARGUMENT, "there is no activation %u", options->activation);
  if (!is_limit(options->max_rmse) || !is_limit(options->max_error) || !is_limit(options->seconds))
    return clfit_fail(error, CLFIT_ERROR_ARGUMENT, "max_rmse, max_error and seconds must be 0 or more, and finite");
  if (options->max_rmse > 0 && options->max_error > 0)
    return clfit_fail(error, CLFIT_ERROR_ARGUMENT, "a search has one bound: max_rmse or max_error");
  if (options->max_hidden < 1 || options->max_hidden > CLFIT_LM_HIDDEN_MAX)
    return clfit_fail(error, CLFIT_ERROR_ARGUMENT, "max_hidden is %u; it must be 1 to %d", options->max_hidden,
                      CLFIT_LM_HIDDEN_MAX);
  if (options->folds < 2) return clfit_fail(error, CLFIT_ERROR_ARGUMENT, "there must be 2 folds or more");
  if (options->budget < 1) return clfit_fail(error, CLFIT_ERROR_ARGUMENT, "the budget must be 1 start or more");
  return CLFIT_OK;
}

/* ---- choosing ------------------------------------------------------------------------------------------------ */

/* The size with the smallest cross-validated error; count: none has one. */
static size_t best_validated(size_t count, const struct size_search *sizes)
{
  size_t best = count;
  for (size_t i = 0; i < count; i++)
    if (!isnan(sizes[i].row.cv_rmse) && (best == count || sizes[i].row.cv_rmse < sizes[best].row.cv_rmse)) best = i;
  return best;
}

/* The one-standard-error rule. */
static size_t choose_validated(size_t count, const struct size_search *sizes)
{
  const size_t best = best_validated(count, sizes);
  if (best == count) return 0;
  const double limit = sizes[best].row.cv_rmse * sizes[best].row.cv_rmse + sizes[best].row.cv_error;
  size_t chosen = 0;
  while (!(sizes[chosen].row.cv_rmse * sizes[chosen].row.cv_rmse <= limit)) chosen++;
  return chosen;
}

/* With a bound: the size that comes nearest to it. */
static size_t choose_nearest(const struct search *search, size_t count, const struct size_search *sizes)
{
  size_t chosen = 0;
  for (size_t i = 1; i < count; i++) {
    if (!sizes[i].best.state.parameters) continue;
    if (!sizes[chosen].best.state.parameters ||
        clfit_search_figure(search, &sizes[i].best.quality) < clfit_search_figure(search, &sizes[chosen].best.quality))
      chosen = i;
  }
  return chosen;
}

/* ---- the search ---------------------------------------------------------------------------------------------- */

/* Whether the size after the `count` that are known is to be searched. */
static bool goes_on(const struct search *search, size_t count, const struct size_search *sizes)
{
  if (search->ended) return false;
  if (count >= search->options->max_hidden) return false;
  if (count == 0) return true;
  if (clfit_search_bound(search) > 0) return !sizes[count - 1].row.met;
  return best_validated(count, sizes) < count && count - 1 - choose_validated(count, sizes) < SIZES_BEYOND;
}

static clfit_status search_sizes(struct search *search, struct size_search *sizes, size_t *count, clfit_error *error)
{
  clfit_status status = CLFIT_OK;
  while (!status && goes_on(search, *count, sizes)) {
    struct size_search *size = &sizes[*count];
    search->hidden = (uint32_t)*count + 1;
    status = clfit_size_search(search, size, error);
    if (!status && clfit_search_bound(search) <= 0 && size->best.state.parameters && !search->ended)
      status = clfit_cross_validate(search, size, error);
    *count += 1;
  }
  return status;
}

/* A size without a network, because the search ended there, is no row. */
static size_t drop_empty(size_t count, const struct size_search *sizes)
{
  return count > 0 && !sizes[count - 1].best.state.parameters ? count - 1 : count;
}

static clfit_status fill_result(const struct search *search, size_t count, struct size_search *sizes,
                                clfit_search_result *result, clfit_error *error)
{
  const bool bound = clfit_search_bound(search) > 0;
  const size_t rows = drop_empty(count, sizes);
  *result = (clfit_search_result){.size = sizeof *result, .starts = search->starts, .row_count = rows};
  result->rows = calloc(rows + 1, sizeof *result->rows);
  if (!result->rows) return clfit_fail_memory(error);
  for (size_t i = 0; i < rows; i++) result->rows[i] = sizes[i].row;
  result->end = search->ended ? search->end : CLFIT_SEARCH_FOUND;
  if (rows == 0) return CLFIT_OK;
  struct candidate *chosen = &sizes[bound ? choose_nearest(search, rows, sizes) : choose_validated(rows, sizes)].best;
  for (size_t i = 0; bound && i < rows; i++)
    if (sizes[i].row.met) chosen = &sizes[i].best;
  result->met = !bound || clfit_search_meets(search, &chosen->quality);
  if (result->met && bound && !search->ended) result->end = CLFIT_SEARCH_FOUND;
  if (!result->met && !search->ended) result->end = CLFIT_SEARCH_UNMET;
  result->state = chosen->state;
  result->figures = chosen->quality.figures;
  chosen->state = (clfit_state){0};
  return CLFIT_OK;
}

static clfit_status make_room(struct search *search, clfit_error *error)
{
  const size_t bytes = clfit_data_count(search->data) * sizeof *search->z;
  const bool weighted = clfit_data_weights(search->data) != NULL;
  search->z = malloc(bytes);
  if (weighted) search->counted_z = malloc(bytes);
  if (weighted) search->counted_y = malloc(bytes);
  const bool failed = !search->z || (weighted && (!search->counted_z || !search->counted_y));
  return failed ? clfit_fail_memory(error) : CLFIT_OK;
}

clfit_status clfit_search(clfit_device *device, const clfit_data *data, const clfit_search_options *options,
                          clfit_search_result *result, clfit_error *error)
{
  struct search search = {.device = device, .data = data, .options = options, .begun = clfit_clock()};
  size_t count = 0;
  *result = (clfit_search_result){0};
  clfit_status status = check(options, error);
  if (status) return status;
  struct size_search *sizes = calloc(options->max_hidden, sizeof *sizes);
  status = make_room(&search, error);
  if (!sizes && !status) status = clfit_fail_memory(error);
  if (!status) status = search_sizes(&search, sizes, &count, error);
  if (!status) status = fill_result(&search, count, sizes, result, error);
  for (size_t i = 0; sizes && i < count; i++) clfit_size_clear(&sizes[i]);
  free(sizes);
  free(search.z);
  free(search.counted_z);
  free(search.counted_y);
  return status;
}

void clfit_search_result_clear(clfit_search_result *result)
{
  if (!result) return;
  clfit_state_clear(&result->state);
  free(result->rows);
  *result = (clfit_search_result){0};
}
