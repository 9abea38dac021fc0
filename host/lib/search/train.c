/* Trains the networks of a round in stages: after each stage the best go on. */
#include "base/error.h"
#include "search/search.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A launch as long as this follows changes of the machine's load and Ctrl-C quickly, and its own time does not show. */
#define LAUNCH_SECONDS 0.2

/* A training under way: networks of the batch that are still in the population, by their index in the batch. */
struct training {
  struct search *search;
  struct batch *batch;
  clfit_population *population;
  size_t alive;
  size_t *indices; /* [alive], rising */
  uint32_t *slots; /* [alive] */
  uint32_t iterations;
  uint32_t step; /* iterations of the next launch */
};

/* ---- batches ------------------------------------------------------------------------------------------------- */

clfit_status clfit_batch_create(const struct search *search, size_t count, struct batch *batch, clfit_error *error)
{
  *batch = (struct batch){.count = count,
                          .states = calloc(count, sizeof *batch->states),
                          .data = calloc(count, sizeof *batch->data),
                          .groups = calloc(count, sizeof *batch->groups)};
  if (batch->states && batch->data && batch->groups) {
    for (size_t i = 0; i < count; i++) batch->data[i] = search->data;
    return CLFIT_OK;
  }
  clfit_batch_clear(batch);
  return clfit_fail_memory(error);
}

void clfit_batch_clear(struct batch *batch)
{
  for (size_t i = 0; batch->states && i < batch->count; i++) clfit_state_clear(&batch->states[i]);
  free(batch->states);
  free(batch->data);
  free(batch->groups);
  *batch = (struct batch){0};
}

clfit_status clfit_batch_start(const struct search *search, uint32_t seed, clfit_state *state, clfit_error *error)
{
  clfit_network network;
  double low, high;
  clfit_network_default(&network);
  network.hidden = search->hidden;
  network.samples = (uint32_t)clfit_data_count(search->data);
  network.epochs = CLFIT_SEARCH_POLISH;
  network.seed = seed;
  network.activation = search->options->activation;
  network.optimizer = CLFIT_LM;
  network.init = CLFIT_INIT_SPREAD;
  clfit_data_range(search->data, &low, &high);
  return clfit_state_init_over(state, &network, low, high, error);
}

clfit_status clfit_batch_restart(const clfit_state *from, clfit_state *state, clfit_error *error)
{
  clfit_status status = clfit_state_copy(state, from, error);
  if (status) return status;
  state->progress = (clfit_progress){0};
  free(state->precise);
  state->precise = NULL;
  return CLFIT_OK;
}

double clfit_batch_loss(const clfit_progress *progress)
{
  double loss = (double)progress->last_loss_high + (double)progress->last_loss_low;
  return progress->epoch == 0 || progress->status == CLFIT_TRAINING_DIVERGED || isnan(loss) ? INFINITY : loss;
}

/* ---- the population ------------------------------------------------------------------------------------------ */

/* Adds each data set once; networks of one data set follow each other. */
static clfit_status add_data(const struct training *training, uint32_t *data, clfit_error *error)
{
  const struct batch *batch = training->batch;
  clfit_status status = CLFIT_OK;
  for (size_t i = 0; i < batch->count && !status; i++)
    if (i > 0 && batch->data[i] == batch->data[i - 1])
      data[i] = data[i - 1];
    else
      status = clfit_population_add_data(training->population, batch->data[i], &data[i], error);
  return status;
}

static clfit_status take(struct training *training, clfit_error *error)
{
  const size_t n = training->batch->count;
  uint32_t *data = malloc(n * sizeof *data);
  const clfit_state **states = malloc(n * sizeof *states);
  clfit_status status = data && states ? add_data(training, data, error) : clfit_fail_memory(error);
  for (size_t i = 0; states && i < n; i++) {
    states[i] = &training->batch->states[i];
    training->indices[i] = i;
  }
  if (!status) status = clfit_population_take(training->population, n, states, data, training->slots, error);
  if (!status) training->alive = n;
  free(data);
  free(states);
  return status;
}

/* Whether the search must end. */
static bool must_end(struct search *search)
{
  const clfit_search_options *options = search->options;
  if (options->interrupted && options->interrupted(options->context, search->hidden, search->starts)) {
    search->end = CLFIT_SEARCH_INTERRUPTED;
    search->ended = true;
  } else if (options->seconds > 0 && clfit_clock() - search->begun > options->seconds) {
    search->end = CLFIT_SEARCH_TIME;
    search->ended = true;
  }
  return search->ended;
}

static clfit_status advance(struct training *training, uint32_t iterations, clfit_error *error)
{
  size_t running = training->alive;
  clfit_status status = CLFIT_OK;
  while (!status && running > 0 && training->iterations < iterations && !must_end(training->search)) {
    uint32_t left = iterations - training->iterations, step = training->step < left ? training->step : left;
    double start = clfit_clock();
    status = clfit_population_advance(training->population, step, &running, error);
    training->iterations += step;
    if (clfit_clock() - start < LAUNCH_SECONDS / 2)
      training->step *= 2;
    else if (training->step > 1 && clfit_clock() - start > LAUNCH_SECONDS)
      training->step /= 2;
  }
  return status;
}

/* ---- stages -------------------------------------------------------------------------------------------------- */

struct ranked {
  uint32_t group;
  double loss;
  size_t at; /* in training->indices */
  bool survives;
};

static int compare_by_loss(const void *a, const void *b)
{
  const struct ranked *left = a, *right = b;
  if (left->group != right->group) return left->group < right->group ? -1 : 1;
  if (left->loss != right->loss) return left->loss < right->loss ? -1 : 1;
  return left->at < right->at ? -1 : left->at > right->at;
}

static int compare_by_place(const void *a, const void *b)
{
  const struct ranked *left = a, *right = b;
  return left->at < right->at ? -1 : left->at > right->at;
}

/* Marks those that go on: the `keep` best of each group, if they have not ended. */
static void rank(const struct training *training, size_t keep, struct ranked *ranked)
{
  size_t place = 0;
  for (size_t i = 0; i < training->alive; i++) {
    const clfit_progress *progress = clfit_population_progress(training->population, training->slots[i]);
    ranked[i] = (struct ranked){.group = training->batch->groups[training->indices[i]],
                                .loss = clfit_batch_loss(progress),
                                .at = i,
                                .survives = progress->status == CLFIT_TRAINING_RUNNING};
  }
  qsort(ranked, training->alive, sizeof *ranked, compare_by_loss);
  for (size_t i = 0; i < training->alive; i++) {
    place = i > 0 && ranked[i].group == ranked[i - 1].group ? place + 1 : 0;
    if (place >= keep) ranked[i].survives = false;
  }
  qsort(ranked, training->alive, sizeof *ranked, compare_by_place);
}

/* Gives the states of those that do not go on back to the batch. */
static clfit_status give(struct training *training, const struct ranked *ranked, clfit_error *error)
{
  uint32_t *slots = malloc(training->alive * sizeof *slots);
  clfit_state *states = calloc(training->alive, sizeof *states);
  size_t given = 0, left = 0;
  clfit_status status = slots && states ? CLFIT_OK : clfit_fail_memory(error);
  for (size_t i = 0; !status && i < training->alive; i++)
    if (!ranked[i].survives) slots[given++] = training->slots[i];
  if (!status && given > 0) status = clfit_population_give(training->population, given, slots, states, error);
  given = 0;
  for (size_t i = 0; !status && i < training->alive; i++) {
    if (ranked[i].survives) {
      training->indices[left] = training->indices[i];
      training->slots[left++] = training->slots[i];
      continue;
    }
    clfit_state *state = &training->batch->states[training->indices[i]];
    clfit_state_clear(state);
    *state = states[given++];
  }
  if (!status) training->alive = left;
  free(slots);
  free(states);
  return status;
}

static clfit_status end_stage(struct training *training, size_t keep, clfit_error *error)
{
  struct ranked *ranked = malloc(training->alive * sizeof *ranked);
  if (!ranked) return clfit_fail_memory(error);
  rank(training, keep, ranked);
  clfit_status status = give(training, ranked, error);
  free(ranked);
  return status;
}

static double least_loss(const struct training *training)
{
  double least = INFINITY;
  for (size_t i = 0; i < training->alive; i++)
    least = fmin(least, clfit_batch_loss(clfit_population_progress(training->population, training->slots[i])));
  return least;
}

static clfit_status run_stages(struct training *training, const struct stage *stages, size_t count, clfit_error *error)
{
  clfit_status status = take(training, error);
  if (status == CLFIT_ERROR_INTERRUPTED && must_end(training->search)) return CLFIT_OK;
  for (size_t i = 0; i < count && !status && training->alive > 0; i++) {
    status = advance(training, stages[i].iterations, error);
    if (status) return status;
    if (training->search->ended) return end_stage(training, 0, error); /* with what they have reached */
    const bool last = i + 1 == count || least_loss(training) > stages[i].limit;
    status = end_stage(training, last ? 0 : stages[i].keep, error);
  }
  return status;
}

static clfit_status train(struct search *search, struct batch *batch, const struct stage *stages, size_t count,
                          clfit_error *error)
{
  struct training training = {.search = search,
                              .batch = batch,
                              .step = 1,
                              .indices = malloc(batch->count * sizeof *training.indices),
                              .slots = malloc(batch->count * sizeof *training.slots)};
  clfit_population_options options;
  clfit_population_options_default(&options);
  options.mapping = search->options->mapping;
  clfit_status status = training.indices && training.slots ? CLFIT_OK : clfit_fail_memory(error);
  if (!status) status = clfit_population_create(search->device, &options, &training.population, error);
  if (!status) status = run_stages(&training, stages, count, error);
  clfit_population_free(training.population);
  free(training.indices);
  free(training.slots);
  return status;
}

/* ---- rounds -------------------------------------------------------------------------------------------------- */

static clfit_status load(struct search *search, struct batch *batch, const char *digest, bool *found,
                         clfit_error *error)
{
  unsigned char *bytes = NULL;
  size_t count = 0;
  *found = false;
  if (!search->options->load) return CLFIT_OK;
  clfit_status status = search->options->load(search->options->context, search->round, &bytes, &count, error);
  if (status || !bytes) return status;
  if (count >= CLFIT_DIGEST_SIZE - 1 && memcmp(bytes, digest, CLFIT_DIGEST_SIZE - 1) != 0) {
    free(bytes); /* from a search with another budget, whose last batch was shorter */
    return CLFIT_OK;
  }
  status = clfit_round_decode(batch, digest, bytes, count, error);
  *found = !status;
  free(bytes);
  return status;
}

static clfit_status save(const struct search *search, const struct batch *batch, const char *digest, clfit_error *error)
{
  unsigned char *bytes;
  size_t count;
  if (!search->options->save) return CLFIT_OK;
  clfit_status status = clfit_round_encode(batch, digest, &bytes, &count, error);
  if (status) return status;
  status = search->options->save(search->options->context, search->round, bytes, count, error);
  free(bytes);
  return status;
}

clfit_status clfit_batch_train(struct search *search, struct batch *batch, const struct stage *stages, size_t count,
                               clfit_error *error)
{
  char digest[CLFIT_DIGEST_SIZE];
  bool found;
  for (size_t i = 0; i < batch->count; i++) batch->states[i].network.epochs = stages[count - 1].iterations;
  clfit_round_digest(batch, digest);
  clfit_status status = load(search, batch, digest, &found, error);
  if (!status && !found) {
    status = train(search, batch, stages, count, error);
    if (!status && !search->ended) status = save(search, batch, digest, error);
  }
  search->round += 1;
  return status;
}
