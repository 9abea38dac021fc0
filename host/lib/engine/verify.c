/*
 * Verification: trains the same networks on a device and on the reference and compares all results. It uses only the
 * public header, as a user's program would, but for the anchors, with which the reference itself is compared before.
 *
 * The networks are a fixed list, so that every machine verifies the same ones: groups of networks with the same number
 * of neurons, activation and maximum length, in which each network has its own seed, rate, number of samples and
 * tolerance. There are few different numbers of neurons, because each bucket and activation needs a program to be
 * built.
 */
#include "base/error.h"
#include "engine/host_check.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SAMPLE_ROOM 1000u
#define POINT_COUNT 33u
#define GROUP_LIMIT 64u

/* Networks that train together. */
struct group {
  uint32_t hidden;
  clfit_activation activation;
  clfit_optimizer optimizer;
  uint32_t count;   /* networks, 1 .. GROUP_LIMIT */
  uint32_t samples; /* most samples in an epoch */
  uint32_t epochs;  /* most epochs */
};

/* Everything one side hands back of one group. */
struct outcome {
  unsigned char poison;
  clfit_state states[GROUP_LIMIT];
  float predictions[GROUP_LIMIT * POINT_COUNT];
  /* train loss of each epoch, [epochs]; filled with `poison` before, which differs between the two sides, so that a
   * value that was not written is found */
  double *histories[GROUP_LIMIT];
};

struct comparison {
  clfit_data *data, *weighted; /* the same samples */
  clfit_verification *result;
  const char *mapping;
  uint32_t random; /* state of the generator behind the launch cuts */
};

/* ---- configurations and samples ------------------------------------------------------------------------------ */

/* Configuration of network i of a group: rates from stable to diverging, some with a tolerance that stops them early,
 * and numbers of samples that end within a loss block and exactly at its end. */
static clfit_network plan_network(const struct group *group, uint32_t i)
{
  static const double rates[] = {0.1, 0.01, 0.5, 5.0, 0.03, 1e-4, 1.7, 1e15};
  static const uint32_t less[] = {0, 1, 7, 36, 63, 64, 65, 99};
  clfit_network network;
  clfit_network_default(&network);
  network.hidden = group->hidden;
  network.activation = group->activation;
  network.optimizer = group->optimizer;
  if (group->optimizer == CLFIT_LM) network.init = CLFIT_INIT_SPREAD;
  network.rate = rates[i % 8];
  network.seed = 2 + i;
  network.samples = group->samples > less[i / 8 % 8] ? group->samples - less[i / 8 % 8] : 1;
  network.epochs = 1 + (group->epochs - 1) * (1 + i % 3) / 3;
  network.tol = i % 8 == 7 || i % 8 == 5 ? 1e-3 : 0.0;
  return network;
}

/* The samples are those of a polynomial, not of the default target, because sin and cos differ between math libraries.
 * */
static void make_samples(double *x, double *y)
{
  uint32_t random = 1;
  for (uint32_t i = 0; i < SAMPLE_ROOM; i++) {
    random = random * 1664525u + 1013904223u;
    x[i] = (double)(random >> 8) / 16777216.0 * 3.0 - 1.0;
    y[i] = ((4.0 * x[i] - 6.0) * x[i] * x[i] + 0.5) * 0.25;
  }
}

/* Every fifth sample has the weight 0. */
static void make_weights(double *weights)
{
  for (uint32_t i = 0; i < SAMPLE_ROOM; i++) weights[i] = (double)(i % 5) * 0.375;
}

static uint32_t next_random(uint32_t *state)
{
  *state = *state * 1664525u + 1013904223u;
  return *state >> 8;
}

/* ---- one side ------------------------------------------------------------------------------------------------ */

static void clear_outcome(struct outcome *outcome, uint32_t count)
{
  for (uint32_t i = 0; i < count; i++) {
    clfit_state_clear(&outcome->states[i]);
    free(outcome->histories[i]);
  }
  *outcome = (struct outcome){0};
}

static void collect_history(const clfit_population *population, uint32_t count, const uint32_t *slots,
                            struct outcome *outcome)
{
  for (uint32_t i = 0; i < count; i++) {
    uint32_t first;
    size_t epochs;
    const double *losses = clfit_population_history(population, slots[i], &first, &epochs);
    if (epochs > 0) memcpy(outcome->histories[i] + first - 1, losses, epochs * sizeof *losses);
  }
}

/* Steps that the longest networks of a group may need. */
static uint32_t most_steps(const struct group *group)
{
  return group->optimizer == CLFIT_LM ? group->epochs : group->samples * group->epochs;
}

/* Trains a group; random: the state of a generator of launch lengths, or NULL for one launch. */
static clfit_status train_group(clfit_population *population, const struct group *group, uint32_t *random,
                                struct outcome *outcome, clfit_error *error)
{
  clfit_state fresh[GROUP_LIMIT] = {{0}};
  const clfit_state *pointers[GROUP_LIMIT];
  uint32_t data[GROUP_LIMIT] = {0}, slots[GROUP_LIMIT];
  double points[POINT_COUNT];
  clfit_status status = CLFIT_OK;
  clfit_grid(-1.5, 2.5, POINT_COUNT, points);
  for (uint32_t i = 0; i < group->count && !status; i++) {
    clfit_network network = plan_network(group, i);
    status = clfit_state_init(&fresh[i], &network, error);
    pointers[i] = &fresh[i];
    outcome->histories[i] = malloc(network.epochs * sizeof(double));
    if (outcome->histories[i])
      memset(outcome->histories[i], outcome->poison, network.epochs * sizeof(double));
    else if (!status)
      status = clfit_fail_memory(error);
  }
  if (!status) status = clfit_population_take(population, group->count, pointers, data, slots, error);
  for (size_t running = group->count; running > 0 && !status;) {
    uint32_t whole = most_steps(group);
    uint32_t steps = random ? 1 + next_random(random) % (1 + whole / 2) : whole;
    status = clfit_population_advance(population, steps, &running, error);
    if (!status) collect_history(population, group->count, slots, outcome);
  }
  if (!status)
    status =
        clfit_population_evaluate(population, group->count, slots, POINT_COUNT, points, outcome->predictions, error);
  if (!status) status = clfit_population_give(population, group->count, slots, outcome->states, error);
  for (uint32_t i = 0; i < group->count; i++) clfit_state_clear(&fresh[i]);
  return status;
}

/* ---- comparing ----------------------------------------------------------------------------------------------- */

static uint32_t pattern_of(const void *value)
{
  uint32_t pattern;
  memcpy(&pattern, value, sizeof pattern);
  return pattern;
}

/* Compares 4-byte values; what: their name in the report. */
static void compare_values(struct comparison *comparison, const clfit_network *network, const char *what, size_t count,
                           const void *got, const void *want)
{
  clfit_verification *result = comparison->result;
  for (size_t i = 0; i < count; i++) {
    uint32_t one = pattern_of((const char *)got + 4 * i), other = pattern_of((const char *)want + 4 * i);
    uint32_t difference = one ^ other;
    if (difference && !result->first_difference[0])
      snprintf(
          result->first_difference, sizeof result->first_difference,
          "mapping %s, optimizer %s, hidden %u, activation %s, seed %u, rate %g, samples %u, epochs %u: %s[%zu] is "
          "0x%08x, not 0x%08x",
          comparison->mapping, clfit_optimizer_name(network->optimizer), network->hidden,
          clfit_activation_name(network->activation), network->seed, network->rate, network->samples, network->epochs,
          what, i, one, other);
    for (; difference; difference &= difference - 1) result->differing_bits++;
  }
  result->values_compared += count;
}

static void compare_progress(struct comparison *comparison, const clfit_network *network, const clfit_progress *got,
                             const clfit_progress *want)
{
  const uint32_t got_counts[] = {(uint32_t)got->status, got->epoch, got->sample};
  const uint32_t want_counts[] = {(uint32_t)want->status, want->epoch, want->sample};
  const float got_losses[] = {got->block_loss, got->loss_high, got->loss_low, got->last_loss_high, got->last_loss_low};
  const float want_losses[] = {want->block_loss, want->loss_high, want->loss_low, want->last_loss_high,
                               want->last_loss_low};
  compare_values(comparison, network, "progress", 3, got_counts, want_counts);
  compare_values(comparison, network, "loss", 5, got_losses, want_losses);
}

static void compare_group(struct comparison *comparison, const struct group *group, const struct outcome *got,
                          const struct outcome *want)
{
  for (uint32_t i = 0; i < group->count; i++) {
    const clfit_state *state = &want->states[i];
    const clfit_network *network = &state->network;
    compare_progress(comparison, network, &got->states[i].progress, &state->progress);
    compare_values(comparison, network, "parameter", clfit_record_count(network), got->states[i].parameters,
                   state->parameters);
    compare_values(comparison, network, "prediction", POINT_COUNT, got->predictions + i * POINT_COUNT,
                   want->predictions + i * POINT_COUNT);
    compare_values(comparison, network, "history", 2 * (size_t)state->progress.epoch, got->histories[i],
                   want->histories[i]);
  }
  comparison->result->configurations += group->count;
}

/* ---- groups and mappings ------------------------------------------------------------------------------------- */

static clfit_status verify_group(struct comparison *comparison, const struct group *group, clfit_population *device,
                                 clfit_population *reference, clfit_error *error)
{
  struct outcome *got = calloc(1, sizeof *got), *want = calloc(1, sizeof *want);
  clfit_status status = got && want ? CLFIT_OK : clfit_fail_memory(error);
  assert(group->count <= GROUP_LIMIT && group->samples <= SAMPLE_ROOM);
  /* Fill the results with different patterns on the two sides, so that a value that one side does not write counts as a
   * difference. */
  if (got && want) {
    memset(got->predictions, 0xa5, sizeof got->predictions);
    got->poison = 0xa5;
    want->poison = 0x5a;
  }
  if (!status) status = train_group(device, group, &comparison->random, got, error);
  if (!status) status = train_group(reference, group, NULL, want, error);
  if (!status) compare_group(comparison, group, got, want);
  if (got) clear_outcome(got, group->count);
  if (want) clear_outcome(want, group->count);
  free(got);
  free(want);
  return status;
}

/* A few steps of a few small networks: what an interpreter of kernels (Oclgrind) can do in a minute. */
static clfit_status verify_quick(struct comparison *comparison, clfit_population *device, clfit_population *reference,
                                 clfit_error *error)
{
  static const struct group groups[] = {{1, CLFIT_SIGMOID, CLFIT_SGD, 8, 9, 3},
                                        {33, CLFIT_TANH, CLFIT_SGD, 8, 70, 2},
                                        {5, CLFIT_RELU, CLFIT_SGD, 8, 66, 3}};
  clfit_status status = CLFIT_OK;
  for (size_t i = 0; i < sizeof groups / sizeof *groups && !status; i++)
    status = verify_group(comparison, &groups[i], device, reference, error);
  return status;
}

static clfit_status verify_quick_least_squares(struct comparison *comparison, clfit_population *device,
                                               clfit_population *reference, clfit_error *error)
{
  static const struct group group = {2, CLFIT_TANH, CLFIT_LM, 8, 11, 4};
  return verify_group(comparison, &group, device, reference, error);
}

/* Least squares: all activations, numbers of parameters that fill the tiles of the matrix and that do not, fewer
 * samples than parameters, and a matrix that is too large for the local memory of most GPUs. */
static clfit_status verify_least_squares(struct comparison *comparison, clfit_population *device,
                                         clfit_population *reference, clfit_error *error)
{
  static const uint32_t sizes[] = {1, 4, 7, 18};
  static const struct group large = {CLFIT_LM_HIDDEN_MAX, CLFIT_TANH, CLFIT_LM, 3, 40, 3};
  clfit_status status = CLFIT_OK;
  for (clfit_activation activation = 0; activation < clfit_activation_count() && !status; activation++)
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes && !status; i++) {
      struct group group = {sizes[i], activation, CLFIT_LM, 24, 70, 30};
      if (activation > CLFIT_RELU && sizes[i] != 7) continue; /* see verify_fully */
      status = verify_group(comparison, &group, device, reference, error);
    }
  return status ? status : verify_group(comparison, &large, device, reference, error);
}

/* 64 networks of each activation and size, and the long ones. Of most activations one size, whose
 * vectors are partly full: others would show no more of an activation, and each is a program to build. */
static clfit_status verify_fully(struct comparison *comparison, clfit_population *device, clfit_population *reference,
                                 clfit_error *error)
{
  static const uint32_t sizes[] = {1, 5, 31, 65, 128, 200, 300};
  static const struct group long_groups[] = {{128, CLFIT_SIGMOID, CLFIT_SGD, 4, 1000, 100},
                                             {4096, CLFIT_SIGMOID, CLFIT_SGD, 2, 65, 2},
                                             {5, CLFIT_TANH, CLFIT_SGD, 8, 1000, 300},
                                             {31, CLFIT_RELU, CLFIT_SGD, 8, 1000, 100}};
  clfit_status status = CLFIT_OK;
  for (clfit_activation activation = 0; activation < clfit_activation_count() && !status; activation++)
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes && !status; i++) {
      struct group group = {sizes[i], activation, CLFIT_SGD, GROUP_LIMIT, 130, 5};
      if (activation > CLFIT_RELU && sizes[i] != 31) continue;
      status = verify_group(comparison, &group, device, reference, error);
    }
  for (size_t i = 0; i < sizeof long_groups / sizeof *long_groups && !status; i++)
    status = verify_group(comparison, &long_groups[i], device, reference, error);
  return status ? status : verify_least_squares(comparison, device, reference, error);
}

static clfit_status make_population(clfit_device *device, const char *mapping, const clfit_data *data,
                                    clfit_population **population, clfit_error *error)
{
  clfit_population_options options;
  clfit_population_options_default(&options);
  options.mapping = mapping;
  options.history = true;
  uint32_t index;
  clfit_status status = clfit_population_create(device, &options, population, error);
  return status ? status : clfit_population_add_data(*population, data, &index, error);
}

typedef clfit_status verify_groups(struct comparison *, clfit_population *device, clfit_population *reference,
                                   clfit_error *);

static clfit_status verify_with(struct comparison *comparison, clfit_device *device, clfit_device *reference,
                                const clfit_data *data, verify_groups *verify, clfit_error *error)
{
  clfit_population *on_device = NULL, *on_reference = NULL;
  clfit_status status = make_population(device, comparison->mapping, data, &on_device, error);
  if (!status) status = make_population(reference, NULL, data, &on_reference, error);
  if (!status) status = verify(comparison, on_device, on_reference, error);
  clfit_population_free(on_device);
  clfit_population_free(on_reference);
  return status;
}

static clfit_status verify_mapping(struct comparison *comparison, clfit_device *device, clfit_device *reference,
                                   bool quick, clfit_error *error)
{
  verify_groups *const plain = quick ? verify_quick : verify_fully;
  verify_groups *const weighted = quick ? verify_quick_least_squares : verify_least_squares;
  clfit_status status = verify_with(comparison, device, reference, comparison->data, plain, error);
  return status ? status : verify_with(comparison, device, reference, comparison->weighted, weighted, error);
}

static void name_mapping(clfit_verification *result, const char *mapping)
{
  size_t length = strlen(result->mappings);
  snprintf(result->mappings + length, sizeof result->mappings - length, "%s%s", length ? "," : "", mapping);
}

static clfit_status check_mapping(const clfit_device *device, const char *mapping, clfit_error *error)
{
  for (const char *const *name = clfit_device_mappings(device); *name; name++)
    if (!mapping || !strcmp(*name, mapping)) return CLFIT_OK;
  return clfit_fail(error, CLFIT_ERROR_ARGUMENT, "device %s has no mapping \"%s\"", clfit_device_describe(device)->id,
                    mapping);
}

clfit_status clfit_device_verify(clfit_device *device, const char *mapping, bool quick, clfit_verification *result,
                                 clfit_error *error)
{
  if (!strcmp(clfit_device_describe(device)->type, "reference"))
    return clfit_fail(error, CLFIT_ERROR_ARGUMENT,
                      "the reference cannot be verified against itself; choose an OpenCL device");
  clfit_status status = check_mapping(device, mapping, error);
  if (!status) status = clfit_anchors_check(error);
  if (status) return status;
  double x[SAMPLE_ROOM], y[SAMPLE_ROOM], weights[SAMPLE_ROOM];
  make_samples(x, y);
  make_weights(weights);
  *result = (clfit_verification){.size = sizeof *result};
  struct comparison comparison = {.result = result, .random = 1};
  clfit_device *reference = NULL;
  status = clfit_data_create(SAMPLE_ROOM, x, y, &comparison.data, error);
  if (!status) status = clfit_data_create_weighted(SAMPLE_ROOM, x, y, weights, &comparison.weighted, error);
  if (!status) status = clfit_device_open("reference", &reference, error);
  for (const char *const *name = clfit_device_mappings(device); *name && !status; name++) {
    if (mapping && strcmp(*name, mapping)) continue;
    comparison.mapping = *name;
    name_mapping(result, *name);
    status = verify_mapping(&comparison, device, reference, quick, error);
  }
  clfit_data_free(comparison.data);
  clfit_data_free(comparison.weighted);
  clfit_device_close(reference);
  return status;
}
