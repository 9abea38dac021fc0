/* Cross-validation of a size: fits to all folds but one, and their errors on that one. */
#include "base/error.h"
#include "base/mt19937.h"
#include "data/data.h"
#include "search/search.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Random starts for each fold, beside the best network of all samples. */
#define FOLD_STARTS 8

static const struct stage stages[] = {{40, 3, INFINITY}, {CLFIT_SEARCH_REFINE, 0, INFINITY}};

/* ---- folds --------------------------------------------------------------------------------------------------- */

struct place {
  double x;
  size_t sample;
};

static int compare_places(const void *a, const void *b)
{
  const struct place *left = a, *right = b;
  if (left->x != right->x) return left->x < right->x ? -1 : 1;
  return left->sample < right->sample ? -1 : left->sample > right->sample;
}

static size_t count_different(size_t n, const struct place *places)
{
  size_t different = 1;
  for (size_t i = 1; i < n; i++) different += places[i].x != places[i - 1].x;
  return different;
}

/* A random order of 0 .. count-1 (Fisher and Yates). */
static void shuffle(struct mt19937 *stream, uint32_t count, uint32_t *order)
{
  for (uint32_t i = 0; i < count; i++) order[i] = i;
  for (uint32_t i = count; i-- > 1;) {
    const uint32_t k = (uint32_t)(clfit_mt19937_uniform(stream) * (i + 1)), kept = order[i];
    order[i] = order[k];
    order[k] = kept;
  }
}

/* Each `used` neighbouring x go to different folds, in random order, so that every fold covers the range. */
static void deal(size_t n, const struct place *places, size_t different, uint32_t seed, uint32_t used, uint32_t *order,
                 uint32_t *folds)
{
  struct mt19937 stream;
  size_t rank = 0;
  clfit_mt19937_seed(&stream, seed);
  for (size_t i = 0; i < n; i++) {
    const bool next = i > 0 && places[i].x != places[i - 1].x;
    rank += next;
    if (rank > 0 && next && (rank - 1) % used == 0) shuffle(&stream, used, order);
    const bool end = rank == 0 || rank == different - 1;
    folds[places[i].sample] = end ? UINT32_MAX : order[(rank - 1) % used];
  }
}

clfit_status clfit_folds_assign(size_t n, const double *x, const float *weights, uint32_t seed, uint32_t most,
                                uint32_t *folds, uint32_t *used, clfit_error *error)
{
  struct place *places = malloc(n * sizeof *places);
  uint32_t *order = malloc(most * sizeof *order);
  clfit_status status = places && order ? CLFIT_OK : clfit_fail_memory(error);
  *used = 0;
  if (!status) {
    size_t counted = 0;
    for (size_t i = 0; i < n; i++) {
      folds[i] = UINT32_MAX;
      if (!weights || weights[i] > 0) places[counted++] = (struct place){x[i], i};
    }
    qsort(places, counted, sizeof *places, compare_places);
    const size_t different = count_different(counted, places);
    if (different >= 4) *used = different - 2 < most ? (uint32_t)(different - 2) : most;
    if (*used > 0) deal(counted, places, different, seed, *used, order, folds);
  }
  free(places);
  free(order);
  return status;
}

/* ---- fits ---------------------------------------------------------------------------------------------------- */

struct validation {
  struct search *search;
  const struct size_search *size;
  uint32_t *folds; /* [samples] */
  uint32_t used;
  clfit_data **data; /* [used] */
};

/* The weights of all samples but a fold's. false: none of them counts. */
static bool leave_out(const struct validation *validation, uint32_t fold, double *weights)
{
  const size_t n = clfit_data_count(validation->search->data);
  const double *given = clfit_data_weights(validation->search->data);
  bool any = false;
  for (size_t i = 0; i < n; i++) {
    weights[i] = validation->folds[i] == fold ? 0 : given ? given[i] : 1;
    any = any || (float)weights[i] > 0;
  }
  return any;
}

static clfit_status make_data(struct validation *validation, bool *possible, clfit_error *error)
{
  double *weights = malloc(clfit_data_count(validation->search->data) * sizeof *weights);
  clfit_status status = weights ? CLFIT_OK : clfit_fail_memory(error);
  *possible = true;
  for (uint32_t fold = 0; fold < validation->used && !status && *possible; fold++) {
    *possible = leave_out(validation, fold, weights);
    if (*possible) status = clfit_data_reweigh(validation->search->data, weights, &validation->data[fold], error);
  }
  free(weights);
  return status;
}

static clfit_status make_batch(const struct validation *validation, struct batch *batch, clfit_error *error)
{
  const struct search *search = validation->search;
  clfit_status status = clfit_batch_create(search, (size_t)validation->used * (FOLD_STARTS + 1), batch, error);
  for (size_t i = 0; !status && i < batch->count; i++) {
    const uint32_t fold = (uint32_t)(i / (FOLD_STARTS + 1)), start = (uint32_t)(i % (FOLD_STARTS + 1));
    batch->data[i] = validation->data[fold];
    batch->groups[i] = fold;
    status = start == FOLD_STARTS ? clfit_batch_restart(&validation->size->best.state, &batch->states[i], error)
                                  : clfit_batch_start(search, search->options->seed + start, &batch->states[i], error);
  }
  return status;
}

/* The network of a fold with the smallest loss. */
static const clfit_state *best_of(const struct batch *batch, uint32_t fold)
{
  const clfit_state *best = &batch->states[(size_t)fold * (FOLD_STARTS + 1)];
  for (size_t i = 0; i < FOLD_STARTS + 1; i++) {
    const clfit_state *state = &batch->states[(size_t)fold * (FOLD_STARTS + 1) + i];
    if (clfit_batch_loss(&state->progress) < clfit_batch_loss(&best->progress)) best = state;
  }
  return best;
}

/* The network of a fold on the fold. */
struct fold_error {
  double mse;    /* weighted; infinite: the network diverged */
  double weight; /* mean of the weights; 0: no sample of the fold counts */
};

static struct fold_error error_of(const struct validation *validation, const clfit_state *state, uint32_t fold)
{
  const struct search *search = validation->search;
  const double *y = clfit_data_y(search->data);
  const float *weights = clfit_data_weights_float(search->data);
  struct quality quality;
  double sum = 0, total = 0, counted = 0;
  clfit_search_judge(search, state, &quality);
  for (size_t i = 0; i < clfit_data_count(search->data); i++) {
    const double error = search->z[i] - y[i], weight = weights ? weights[i] : 1;
    if (validation->folds[i] != fold || !(weight > 0)) continue;
    sum += weight * error * error;
    total += weight;
    counted += 1;
  }
  if (counted == 0) return (struct fold_error){0, 0};
  return (struct fold_error){isnan(sum) ? INFINITY : sum / total, total / counted};
}

/* Mean over the folds, and its standard error, by the folds' mean weights. */
static clfit_status evaluate(const struct validation *validation, const struct batch *batch, clfit_search_row *row,
                             clfit_error *error)
{
  struct fold_error *folds = malloc(validation->used * sizeof *folds);
  double sum = 0, total = 0, squares = 0;
  uint32_t counted = 0;
  if (!folds) return clfit_fail_memory(error);
  for (uint32_t fold = 0; fold < validation->used; fold++) {
    folds[fold] = error_of(validation, best_of(batch, fold), fold);
    if (!(folds[fold].weight > 0)) continue;
    sum += folds[fold].weight * folds[fold].mse;
    total += folds[fold].weight;
    counted += 1;
  }
  const double mean = sum / total;
  for (uint32_t fold = 0; fold < validation->used && counted > 1; fold++) {
    if (!(folds[fold].weight > 0)) continue;
    const double away = folds[fold].weight / total * (folds[fold].mse - mean);
    squares += away * away;
  }
  free(folds);
  if (counted == 0) return CLFIT_OK;
  row->cv_rmse = sqrt(mean);
  row->cv_error = counted > 1 && isfinite(mean) ? sqrt(squares * counted / (counted - 1)) : 0;
  return CLFIT_OK;
}

static clfit_status validate(struct validation *validation, clfit_search_row *row, clfit_error *error)
{
  struct batch batch = {0};
  bool possible;
  clfit_status status = make_data(validation, &possible, error);
  if (!status && possible) status = make_batch(validation, &batch, error);
  if (!status && possible)
    status = clfit_batch_train(validation->search, &batch, stages, sizeof stages / sizeof *stages, error);
  if (!status && possible && !validation->search->ended) status = evaluate(validation, &batch, row, error);
  clfit_batch_clear(&batch);
  return status;
}

clfit_status clfit_cross_validate(struct search *search, struct size_search *size, clfit_error *error)
{
  const size_t n = clfit_data_count(search->data);
  const uint32_t most = search->options->folds;
  struct validation validation = {.search = search,
                                  .size = size,
                                  .folds = malloc(n * sizeof *validation.folds),
                                  .data = calloc(most, sizeof(clfit_data *))};
  clfit_status status = validation.folds && validation.data ? CLFIT_OK : clfit_fail_memory(error);
  assert(size->best.state.parameters);
  if (!status)
    status = clfit_folds_assign(n, clfit_data_x(search->data), clfit_data_weights_float(search->data),
                                search->options->seed, most, validation.folds, &validation.used, error);
  if (!status && validation.used > 0) status = validate(&validation, &size->row, error);
  for (uint32_t i = 0; validation.data && i < most; i++) clfit_data_free(validation.data[i]);
  free(validation.data);
  free(validation.folds);
  return status;
}
