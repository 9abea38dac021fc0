/* How good the networks of a search are. */
#include "search/search.h"

#include <math.h>
#include <stdlib.h>

/* Figures that differ by less are near-equal: then the network with small weights is the better one, because large ones
 * that cancel lose digits in float32. */
#define NEAR_EQUAL 1.01

static void judge_weighted(const struct search *search, size_t n, const double *y, const float *weights,
                           struct quality *quality)
{
  size_t counted = 0;
  double sum = 0, total = 0;
  for (size_t i = 0; i < n; i++) {
    const double error = search->z[i] - y[i];
    if (!(weights[i] > 0)) continue;
    search->counted_z[counted] = search->z[i];
    search->counted_y[counted++] = y[i];
    sum += (double)weights[i] * error * error;
    total += weights[i];
  }
  clfit_figures_compute(counted, search->counted_z, search->counted_y, &quality->figures);
  quality->weighted_rmse = sqrt(sum / total);
}

void clfit_search_judge(const struct search *search, const clfit_state *state, struct quality *quality)
{
  const size_t n = clfit_data_count(search->data);
  const double *y = clfit_data_y(search->data);
  const float *weights = clfit_data_weights_float(search->data);
  const clfit_scaling scaling = clfit_data_scaling(search->data);
  clfit_state_predict(state, &scaling, n, clfit_data_x(search->data), search->z);
  if (weights) {
    judge_weighted(search, n, y, weights, quality);
    return;
  }
  clfit_figures_compute(n, search->z, y, &quality->figures);
  quality->weighted_rmse = quality->figures.rmse;
}

double clfit_search_bound(const struct search *search)
{
  const clfit_search_options *options = search->options;
  return options->max_error > 0 ? options->max_error : options->max_rmse;
}

double clfit_search_figure(const struct search *search, const struct quality *quality)
{
  const clfit_search_options *options = search->options;
  const double figure = options->max_error > 0  ? quality->figures.max_error
                        : options->max_rmse > 0 ? quality->figures.rmse
                                                : quality->weighted_rmse;
  return isnan(figure) ? INFINITY : figure;
}

bool clfit_search_meets(const struct search *search, const struct quality *quality)
{
  return clfit_search_figure(search, quality) <= clfit_search_bound(search);
}

static double largest_weight(const clfit_state *state)
{
  const uint32_t hidden = state->network.hidden;
  const float *weights = state->parameters + 2 * (size_t)hidden;
  double largest = 0;
  for (uint32_t i = 0; i < hidden; i++) largest = fmax(largest, fabs((double)weights[i]));
  return largest;
}

static bool is_better(const struct search *search, const struct candidate *best, const clfit_state *state,
                      const struct quality *quality)
{
  const double ours = clfit_search_figure(search, quality), theirs = clfit_search_figure(search, &best->quality);
  if (!isfinite(ours)) return false;
  if (!best->state.parameters) return true;
  const bool meets = clfit_search_meets(search, quality), met = clfit_search_meets(search, &best->quality);
  if (meets != met) return meets;
  if (ours > NEAR_EQUAL * theirs || theirs > NEAR_EQUAL * ours) return ours < theirs;
  return largest_weight(state) < largest_weight(&best->state);
}

/* A training that was ended by a stage is done: nobody goes on with it. */
static void end_training(clfit_state *state)
{
  free(state->precise);
  state->precise = NULL;
  state->network.epochs = state->progress.epoch > 0 ? state->progress.epoch : 1;
  state->progress.status = CLFIT_TRAINING_DONE;
}

clfit_status clfit_candidate_offer(const struct search *search, struct candidate *best, const clfit_state *state,
                                   const struct quality *quality, clfit_error *error)
{
  struct candidate better = {.quality = *quality, .loss = clfit_batch_loss(&state->progress)};
  if (!is_better(search, best, state, quality)) return CLFIT_OK;
  clfit_status status = clfit_state_copy(&better.state, state, error);
  if (status) return status;
  if (better.state.progress.status == CLFIT_TRAINING_RUNNING) end_training(&better.state);
  clfit_candidate_clear(best);
  *best = better;
  return CLFIT_OK;
}

void clfit_candidate_clear(struct candidate *candidate)
{
  clfit_state_clear(&candidate->state);
  *candidate = (struct candidate){0};
}
