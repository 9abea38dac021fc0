/* Lawson's reweighting: fits in which the samples with large errors count more, until the largest error is as small as
 * it gets. */
#include "base/error.h"
#include "data/data.h"
#include "search/search.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define NETWORKS   4  /* that are reweighted at once */
#define ROUNDS     16 /* of new weights; the gain of later ones was below 1 % on the measured curves */
#define ITERATIONS 15 /* of each fit: it begins close to its end */

/* Weights sink by at most this factor below the mean: float32 holds them, and a sample can come back. */
#define WEIGHT_MIN 1e-6

/* One network with its weights. */
struct reweighted {
  clfit_state state;
  double *weights; /* [samples] */
  clfit_data *data;
  double largest; /* largest error of the state */
};

struct reweighting {
  struct search *search;
  struct size_search *size;
  struct reweighted networks[NETWORKS];
  size_t count;
};

struct choice {
  size_t index; /* of the state */
  double largest;
};

static int compare_choices(const void *a, const void *b)
{
  const struct choice *left = a, *right = b;
  if (left->largest != right->largest) return left->largest < right->largest ? -1 : 1;
  return left->index < right->index ? -1 : left->index > right->index;
}

/* Networks whose rmse is above the bound cannot have a largest error below it; the others by their largest error. */
static clfit_status choose(struct reweighting *reweighting, size_t count, const clfit_state *const *states,
                           clfit_error *error)
{
  struct search *search = reweighting->search;
  struct choice choices[SEARCH_JUDGED];
  size_t possible = 0;
  assert(count <= SEARCH_JUDGED);
  for (size_t i = 0; i < count; i++) {
    struct quality quality;
    clfit_search_judge(search, states[i], &quality);
    if (quality.figures.rmse <= search->options->max_error)
      choices[possible++] = (struct choice){i, quality.figures.max_error};
  }
  qsort(choices, possible, sizeof *choices, compare_choices);
  clfit_status status = CLFIT_OK;
  for (size_t i = 0; i < possible && i < NETWORKS && !status; i++) {
    status = clfit_batch_restart(states[choices[i].index], &reweighting->networks[i].state, error);
    reweighting->count += !status;
  }
  return status;
}

static clfit_status begin_weights(struct reweighting *reweighting, clfit_error *error)
{
  const size_t n = clfit_data_count(reweighting->search->data);
  const float *given = clfit_data_weights_float(reweighting->search->data);
  for (size_t i = 0; i < reweighting->count; i++) {
    double *weights = malloc(n * sizeof *weights);
    if (!weights) return clfit_fail_memory(error);
    reweighting->networks[i].weights = weights;
    for (size_t k = 0; k < n; k++) weights[k] = !given || given[k] > 0;
  }
  return CLFIT_OK;
}

/* Multiplies the weights by the absolute errors, and makes the mean of those that are not 0 1. */
static void change_weights(const struct search *search, struct reweighted *network)
{
  const size_t n = clfit_data_count(search->data);
  const double *y = clfit_data_y(search->data);
  struct quality quality;
  double sum = 0, counted = 0;
  clfit_search_judge(search, &network->state, &quality);
  for (size_t k = 0; k < n; k++) {
    sum += network->weights[k] * fabs(search->z[k] - y[k]);
    counted += network->weights[k] > 0;
  }
  if (!(sum > 0)) return; /* no error is left */
  for (size_t k = 0; k < n; k++)
    if (network->weights[k] > 0)
      network->weights[k] = fmax(network->weights[k] * fabs(search->z[k] - y[k]) * counted / sum, WEIGHT_MIN);
}

static clfit_status make_batch(struct reweighting *reweighting, struct batch *batch, clfit_error *error)
{
  clfit_status status = clfit_batch_create(reweighting->search, reweighting->count, batch, error);
  for (size_t i = 0; i < reweighting->count && !status; i++) {
    struct reweighted *network = &reweighting->networks[i];
    change_weights(reweighting->search, network);
    status = clfit_data_reweigh(reweighting->search->data, network->weights, &network->data, error);
    batch->data[i] = network->data;
    batch->groups[i] = (uint32_t)i;
    if (!status) status = clfit_batch_restart(&network->state, &batch->states[i], error);
  }
  return status;
}

/* Takes the new states over, and offers them. A fit that ended nowhere leaves the network as it was. */
static clfit_status take_over(struct reweighting *reweighting, const struct batch *batch, clfit_error *error)
{
  clfit_status status = CLFIT_OK;
  for (size_t i = 0; i < reweighting->count && !status; i++) {
    struct reweighted *network = &reweighting->networks[i];
    const clfit_state *state = &batch->states[i];
    struct quality quality;
    if (!isfinite(clfit_batch_loss(&state->progress))) continue;
    clfit_search_judge(reweighting->search, state, &quality);
    status = clfit_candidate_offer(reweighting->search, &reweighting->size->best, state, &quality, error);
    clfit_state next;
    if (!status) status = clfit_batch_restart(state, &next, error);
    if (status) break;
    clfit_state_clear(&network->state);
    network->state = next;
  }
  return status;
}

static clfit_status run_round(struct reweighting *reweighting, clfit_error *error)
{
  static const struct stage stage = {ITERATIONS, 0, INFINITY};
  struct batch batch = {0};
  clfit_status status = make_batch(reweighting, &batch, error);
  if (!status) status = clfit_batch_train(reweighting->search, &batch, &stage, 1, error);
  if (!status && !reweighting->search->ended) status = take_over(reweighting, &batch, error);
  clfit_batch_clear(&batch);
  for (size_t i = 0; i < reweighting->count; i++) {
    clfit_data_free(reweighting->networks[i].data);
    reweighting->networks[i].data = NULL;
  }
  return status;
}

/* Half of the rounds show whether the bound can be reached. */
static bool is_hopeless(const struct reweighting *reweighting, int round)
{
  const struct search *search = reweighting->search;
  const double figure = clfit_search_figure(search, &reweighting->size->best.quality);
  return round >= ROUNDS / 2 && figure > 1.5 * clfit_search_bound(search);
}

clfit_status clfit_reweight(struct search *search, size_t count, const clfit_state *const *states,
                            struct size_search *size, clfit_error *error)
{
  struct reweighting reweighting = {.search = search, .size = size};
  clfit_status status = choose(&reweighting, count, states, error);
  if (!status) status = begin_weights(&reweighting, error);
  for (int round = 0; round < ROUNDS && reweighting.count > 0 && !status; round++) {
    if (search->ended || is_hopeless(&reweighting, round)) break;
    if (clfit_search_meets(search, &size->best.quality)) break;
    status = run_round(&reweighting, error);
  }
  for (size_t i = 0; i < reweighting.count; i++) {
    clfit_state_clear(&reweighting.networks[i].state);
    free(reweighting.networks[i].weights);
  }
  return status;
}
