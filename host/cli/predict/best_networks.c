/* The best networks of a study, and what they answer. */
#include "cli/io/message.h"
#include "cli/predict/prediction.h"
#include "cli/results/results_picture.h"

#include <stdlib.h>

/* Adds the answers of one network, whose samples tell its scaling. */
static clfit_status add_network(struct prediction *prediction, const struct results_network *network,
                                const struct samples *samples, clfit_error *error)
{
  clfit_state state = {0};
  const clfit_scaling scaling = clfit_data_scaling(samples->data);
  clfit_status status = results_restore(network, samples, false, prediction->options->quiet, &state, error);
  if (!status) answers_add(&prediction->answers, &state, &scaling);
  if (!status && prediction->line.count) answers_add(&prediction->line, &state, &scaling);
  clfit_state_clear(&state);
  return status;
}

/* Samples of a formula differ from network to network, those of a file do not and are read once. */
static clfit_status add_next(struct prediction *prediction, const struct results_network *network, clfit_error *error)
{
  struct samples own = {0};
  if (!prediction->samples.drawn) return add_network(prediction, network, &prediction->samples, error);
  clfit_status status = results_open_samples(&prediction->source, network, &own, error);
  if (!status) status = add_network(prediction, network, &own, error);
  samples_close(&own);
  return status;
}

/* Samples and points, which the best network decides where the options do not. */
static clfit_status open_all(struct prediction *prediction, const struct results_network *best, clfit_error *error)
{
  clfit_status status = results_open_samples(&prediction->source, best, &prediction->samples, error);
  if (status) return status;
  clfit_data_span(prediction->samples.data, &prediction->x_low, &prediction->x_high);
  prediction->ranged = true;
  prediction->single = prediction->source.scale == CLFIT_SCALE_NONE;
  const struct grid grid = {{prediction->x_low, prediction->x_high}, LINE_POINTS};
  return prediction_open_points(prediction, &grid, error);
}

static clfit_status add_all(struct prediction *prediction, struct results *results, const uint64_t *ids, size_t count,
                            clfit_error *error)
{
  clfit_status status = CLFIT_OK;
  for (size_t i = 0; i < count && !status; i++) {
    struct results_network network = {0};
    status = results_read_network(results, ids[i], &network, error);
    if (!status && i == 0) status = open_all(prediction, &network, error);
    if (!status) status = add_next(prediction, &network, error);
    results_network_clear(&network);
  }
  if (status) return status;
  answers_end(&prediction->answers);
  answers_end(&prediction->line);
  return CLFIT_OK;
}

clfit_status prediction_of_study(struct prediction *prediction, clfit_error *error)
{
  const struct options *options = prediction->options;
  struct picture best = {.also = "status IN ('done', 'stopped')"};
  struct results results = {0};
  size_t count;
  uint64_t *ids = malloc(options->best * sizeof *ids);
  clfit_status status = ids ? results_open(&results, options->study, error) : clfit_fail_memory(error);
  if (!status) status = results_source(&results, &prediction->source, error);
  if (!status) status = results_default_ranking(&results, &best.rank_by, error);
  if (!status) status = picture_best_ids(&results, &best, options->best, ids, &count, error);
  if (!status && count < options->best && !options->quiet && option_given(options, OPTION_BEST))
    note("%.200s has %zu network%s trained to the end, not %u", options->study, count, count == 1 ? "" : "s",
         options->best);
  if (!status) status = add_all(prediction, &results, ids, count, error);
  results_close(&results);
  free(ids);
  return status;
}
