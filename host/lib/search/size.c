/* The search at one size: batches of starts. */
#include "base/error.h"
#include "search/search.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Starts of the batches: 16, 64, 256 and 512 in all. */
static const size_t batch_sizes[] = {16, 48, 192, 256};
#define BATCHES (sizeof batch_sizes / sizeof *batch_sizes)

/* A sum of squares within 5 % of the smallest is as good, and three starts that reach it make it likely that there is
 * no better one. */
#define NEAR_BEST 1.05
#define PROVEN    3

/* ---- going on ------------------------------------------------------------------------------------------------ */

static uint64_t count_near(const struct size_search *size)
{
  uint64_t near = 0;
  for (uint64_t i = 0; i < size->row.starts; i++) near += size->losses[i] <= NEAR_BEST * size->least;
  return near;
}

/* How far above the bound the best may be after a batch for another one, with as many starts again or more, to be worth
 * while. On 35 curves (measured ones and made ones) the median start was within a factor of 30 of the best of
 * 1,000, the best of 64 within 4. The gain of a batch is seldom larger than that of the one before: it may be twice as
 * large on a logarithmic scale. Near the bound nothing is left untried. */
static double reachable(const struct size_search *size, size_t batches, double figure)
{
  const double factors[] = {30, 4, 2}, near[] = {30, 1.3, 1.1}, gain = size->before / figure;
  if (batches == 1) return factors[0];
  return fmin(factors[batches - 1], fmax(near[batches - 1], gain * gain));
}

bool clfit_size_goes_on(const struct search *search, const struct size_search *size, size_t batches)
{
  const double bound = clfit_search_bound(search), figure = clfit_search_figure(search, &size->best.quality);
  if (batches >= BATCHES || size->row.met) return false;
  if (!size->best.state.parameters) return batches < 2;
  if (size->row.near_best >= PROVEN) return false;
  return bound > 0 ? figure <= reachable(size, batches, figure) * bound : batches < 2;
}

/* ---- a batch ------------------------------------------------------------------------------------------------- */

static clfit_status make_starts(struct search *search, const struct size_search *size, size_t count,
                                struct batch *batch, clfit_error *error)
{
  clfit_status status = clfit_batch_create(search, count, batch, error);
  for (size_t i = 0; i < count && !status; i++) {
    const uint32_t seed = search->options->seed + (uint32_t)(size->row.starts + i);
    status = clfit_batch_start(search, seed, &batch->states[i], error);
  }
  return status;
}

static clfit_status keep_losses(struct size_search *size, const struct batch *batch, clfit_error *error)
{
  double *losses = realloc(size->losses, (size->row.starts + batch->count) * sizeof *losses);
  if (!losses) return clfit_fail_memory(error);
  size->losses = losses;
  for (size_t i = 0; i < batch->count; i++) {
    losses[size->row.starts + i] = clfit_batch_loss(&batch->states[i].progress);
    size->least = fmin(size->least, losses[size->row.starts + i]);
  }
  size->row.starts += batch->count;
  size->row.near_best = count_near(size);
  return CLFIT_OK;
}

/* Whether a network has come beyond the first stage. */
static bool is_selected(const clfit_progress *progress)
{
  return progress->status != CLFIT_TRAINING_RUNNING || progress->epoch >= CLFIT_SEARCH_SELECT;
}

/* Indices of the networks worth judging, those with the smallest loss first; at most SEARCH_JUDGED. half_trained: all
 * are. */
static size_t choose_selected(const struct batch *batch, bool half_trained, size_t *chosen)
{
  size_t count = 0;
  for (size_t i = 0; i < batch->count; i++) {
    const clfit_progress *progress = &batch->states[i].progress;
    const double loss = clfit_batch_loss(progress);
    if (!(half_trained || is_selected(progress)) || !isfinite(loss)) continue;
    size_t place = count < SEARCH_JUDGED ? count++ : SEARCH_JUDGED;
    while (place > 0 && clfit_batch_loss(&batch->states[chosen[place - 1]].progress) > loss) {
      if (place < SEARCH_JUDGED) chosen[place] = chosen[place - 1];
      place -= 1;
    }
    if (place < SEARCH_JUDGED) chosen[place] = i;
  }
  return count;
}

static clfit_status judge(struct search *search, struct size_search *size, const struct batch *batch,
                          clfit_error *error)
{
  size_t chosen[SEARCH_JUDGED];
  const clfit_state *states[SEARCH_JUDGED];
  const size_t count = choose_selected(batch, search->ended, chosen);
  clfit_status status = CLFIT_OK;
  for (size_t i = 0; i < count && !status; i++) {
    struct quality quality;
    states[i] = &batch->states[chosen[i]];
    clfit_search_judge(search, states[i], &quality);
    status = clfit_candidate_offer(search, &size->best, states[i], &quality, error);
  }
  const bool met = size->best.state.parameters && clfit_search_meets(search, &size->best.quality);
  if (status || search->options->max_error <= 0 || met || search->ended) return status;
  return clfit_reweight(search, count, states, size, error);
}

/* The train loss of an rmse `factor` times above the bound; infinite where there is no telling. */
static double loss_above(const struct search *search, double factor)
{
  const clfit_scaling scaling = clfit_data_scaling(search->data);
  const double rmse = factor * clfit_search_bound(search) / clfit_scaling_complete(&scaling).y_factor;
  if (!(rmse > 0) || clfit_data_weights(search->data)) return INFINITY;
  return rmse * rmse * (double)clfit_data_count(search->data);
}

/* A CPU trains eight networks in the time of one, so that fewer than eight save nothing. Some are left at the end of
 * each stage nevertheless: where fits run away towards large output weights that cancel, an earlier one is better in
 * float32. */
static size_t at_least(size_t least, size_t count)
{
  return count > least ? count : least;
}

/* Half-trained networks, where the time was up in the first batch. A search that was interrupted can go on instead. */
static bool is_all_there_is(const struct search *search, const struct batch *batch)
{
  bool begun = false;
  for (size_t i = 0; i < batch->count; i++) begun = begun || batch->states[i].progress.epoch > 0;
  return begun && search->starts == 0 && search->end == CLFIT_SEARCH_TIME;
}

/* A batch ends after a stage that leaves it too far above the bound: the iterations to come lower the rmse by less. A
 * largest error is never below the rmse, so that its bound is out of reach sooner. */
static clfit_status run_batch(struct search *search, struct size_search *size, size_t count, clfit_error *error)
{
  const bool largest = search->options->max_error > 0;
  const struct stage stages[] = {{CLFIT_SEARCH_SCREEN, at_least(8, count / 4), INFINITY},
                                 {CLFIT_SEARCH_SELECT, at_least(6, count / 8), loss_above(search, largest ? 10 : 30)},
                                 {CLFIT_SEARCH_REFINE, at_least(4, count / 16), loss_above(search, largest ? 1 : 3)},
                                 {CLFIT_SEARCH_POLISH, 0, INFINITY}};
  struct batch batch = {0};
  clfit_status status = make_starts(search, size, count, &batch, error);
  if (!status) status = clfit_batch_train(search, &batch, stages, sizeof stages / sizeof *stages, error);
  if (!status && (!search->ended || is_all_there_is(search, &batch))) {
    search->starts += count;
    status = keep_losses(size, &batch, error);
    if (!status) status = judge(search, size, &batch, error);
  }
  clfit_batch_clear(&batch);
  return status;
}

static void fill_row(const struct search *search, struct size_search *size)
{
  const struct candidate *best = &size->best;
  if (!best->state.parameters) return;
  size->row.rmse = best->quality.figures.rmse;
  size->row.max_error = best->quality.figures.max_error;
  size->row.met = clfit_search_meets(search, &best->quality);
}

clfit_status clfit_size_search(struct search *search, struct size_search *size, clfit_error *error)
{
  clfit_status status = CLFIT_OK;
  *size = (struct size_search){.least = INFINITY, .before = INFINITY};
  size->row = (clfit_search_row){.hidden = search->hidden,
                                 .bytes = sizeof(float) * clfit_parameter_count(search->hidden),
                                 .rmse = NAN,
                                 .max_error = NAN,
                                 .cv_rmse = NAN,
                                 .cv_error = NAN};
  for (size_t i = 0; !status && !search->ended && (i == 0 || clfit_size_goes_on(search, size, i)); i++) {
    const uint64_t left = search->options->budget - search->starts;
    if (left == 0) {
      search->ended = true;
      search->end = CLFIT_SEARCH_BUDGET;
      break;
    }
    if (size->best.state.parameters) size->before = clfit_search_figure(search, &size->best.quality);
    status = run_batch(search, size, batch_sizes[i] < left ? batch_sizes[i] : (size_t)left, error);
    if (!status) fill_row(search, size);
  }
  return status;
}

void clfit_size_clear(struct size_search *size)
{
  clfit_candidate_clear(&size->best);
  free(size->losses);
  size->losses = NULL;
}
