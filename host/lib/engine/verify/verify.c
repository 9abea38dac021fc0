/*
 * Verification: trains the same networks on a device and on the reference and compares all results.
 *
 * The networks are a fixed list, so that every machine verifies the same ones: groups, and random combinations of all
 * training options, which follow from fixed seeds. There are few different programs to be built: plain gradient descent
 * has one for each bucket of neurons and activation, training through gradients one for each rule and activation (on a
 * GPU a few more, for few neurons).
 */
#include "base/error.h"
#include "engine/host_check.h"
#include "engine/verify/trials.h"

#include <stdio.h>
#include <string.h>

/* A verification under way. */
struct verification {
  clfit_device *device, *reference;
  clfit_data *data[DATA_COUNT], *weighted;
  const char *mapping, *elsewhere;
  clfit_verification *result;
};

typedef clfit_status run_plans(struct trials *, clfit_error *);

/* ---- lists of plans ------------------------------------------------------------------------------------------ */

static clfit_status run_group(struct trials *trials, const struct group *group, clfit_error *error)
{
  struct plan plan;
  clfit_plan_group(group, &plan);
  return clfit_trials_run(trials, &plan, false, error);
}

/* The first activations are trained with more sizes than the others. */
#define THOROUGH_ACTIVATIONS 3u
#define PLANS_OF_A_RULE      2u

static clfit_status run_random(struct trials *trials, uint64_t seed, uint32_t rule, clfit_activation activation,
                               uint32_t networks, clfit_error *error)
{
  struct plan plan;
  clfit_plan_random(seed, rule, activation, networks, &plan);
  return clfit_trials_run(trials, &plan, true, error);
}

static clfit_status run_rule(struct trials *trials, uint32_t rule, clfit_activation activation, clfit_error *error)
{
  const uint64_t first = 1 + 100 * (uint64_t)(rule + PLAN_RULES * activation);
  clfit_status status = CLFIT_OK;
  for (uint32_t i = 0; i < PLANS_OF_A_RULE && !status; i++)
    status = run_random(trials, first + i, rule, activation, PLAN_CAPACITY, error);
  return status;
}

static clfit_status run_rules(struct trials *trials, clfit_error *error)
{
  clfit_status status = CLFIT_OK;
  for (clfit_activation activation = 0; activation < clfit_activation_count() && !status; activation++)
    for (uint32_t rule = 0; rule < PLAN_RULES && !status; rule++) {
      /* all rules with one activation, and all activations with one rule: each pair is a program to build */
      if (activation != CLFIT_SIGMOID && rule != activation % PLAN_RULES) continue;
      status = run_rule(trials, rule, activation, error);
    }
  return status;
}

/* A few steps of a few small networks: what an interpreter of kernels (Oclgrind) can do in a minute. The random plans
 * are such whose networks are small and have held-out samples, clips, patience and orders. */
static clfit_status run_quick(struct trials *trials, clfit_error *error)
{
  static const struct group groups[] = {{1, CLFIT_SIGMOID, CLFIT_SGD, 8, 9, 3},
                                        {33, CLFIT_TANH, CLFIT_SGD, 8, 70, 1},
                                        {5, CLFIT_RELU, CLFIT_SGD, 8, 66, 3}};
  clfit_status status = CLFIT_OK;
  for (size_t i = 0; i < sizeof groups / sizeof *groups && !status; i++) status = run_group(trials, &groups[i], error);
  if (!status) status = run_random(trials, 798, 1, CLFIT_TANH, 6, error);
  return status ? status : run_random(trials, 708, 4, CLFIT_SIGMOID, 6, error);
}

static clfit_status run_quick_least_squares(struct trials *trials, clfit_error *error)
{
  static const struct group group = {2, CLFIT_TANH, CLFIT_LM, 11, 11, 4}; /* more than the lanes of a work-item */
  return run_group(trials, &group, error);
}

/* Least squares: all activations, numbers of parameters that fill the tiles of the matrix and that do not, fewer
 * samples than parameters, and a matrix that is too large for the local memory of most GPUs. */
static clfit_status run_least_squares(struct trials *trials, clfit_error *error)
{
  static const uint32_t sizes[] = {1, 4, 7, 18};
  static const struct group large = {CLFIT_LM_HIDDEN_MAX, CLFIT_TANH, CLFIT_LM, 3, 40, 3};
  clfit_status status = CLFIT_OK;
  for (clfit_activation activation = 0; activation < clfit_activation_count() && !status; activation++)
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes && !status; i++) {
      struct group group = {sizes[i], activation, CLFIT_LM, PLAN_CAPACITY, 70, 30};
      if (activation >= THOROUGH_ACTIVATIONS && sizes[i] != 7) continue;
      status = run_group(trials, &group, error);
    }
  return status ? status : run_group(trials, &large, error);
}

/* Numbers of neurons that plain gradient descent is verified with: all of them with sigmoid, the first three with tanh
 * and relu, one, whose vector is partly full, with the other activations. More would show no more of an activation, and
 * each is a program to build, a larger one a slower one. */
static const uint32_t plain_sizes[] = {5, 31, 200, 1, 65, 128, 300, 1000};
#define PLAIN_SIZES (sizeof plain_sizes / sizeof *plain_sizes)

static size_t count_sizes(clfit_activation activation)
{
  if (activation == CLFIT_SIGMOID) return PLAIN_SIZES;
  return activation < THOROUGH_ACTIVATIONS ? 3 : 1;
}

/* 64 networks of each activation and size, and the long ones. */
static clfit_status run_plain(struct trials *trials, clfit_error *error)
{
  static const struct group long_groups[] = {{128, CLFIT_SIGMOID, CLFIT_SGD, 4, 1000, 100},
                                             {4096, CLFIT_SIGMOID, CLFIT_SGD, 2, 65, 2},
                                             {5, CLFIT_TANH, CLFIT_SGD, 8, 1000, 300},
                                             {31, CLFIT_RELU, CLFIT_SGD, 8, 1000, 100}};
  clfit_status status = CLFIT_OK;
  for (clfit_activation activation = 0; activation < clfit_activation_count() && !status; activation++)
    for (size_t i = 0; i < count_sizes(activation) && !status; i++) {
      const struct group group = {plain_sizes[i], activation, CLFIT_SGD, PLAN_CAPACITY, 130, 5};
      status = run_group(trials, &group, error);
    }
  for (size_t i = 0; i < sizeof long_groups / sizeof *long_groups && !status; i++)
    status = run_group(trials, &long_groups[i], error);
  return status;
}

static clfit_status run_fully(struct trials *trials, clfit_error *error)
{
  clfit_status status = run_plain(trials, error);
  if (!status) status = run_rules(trials, error);
  return status ? status : run_least_squares(trials, error);
}

/* ---- mappings ------------------------------------------------------------------------------------------------ */

/* Networks move to another mapping only where all mappings are verified anyway. */
static clfit_status verify_with(const struct verification *verification, clfit_data *const *data, uint32_t data_count,
                                const char *elsewhere, run_plans *run, clfit_error *error)
{
  const struct trial_setting setting = {.device = verification->device,
                                        .reference = verification->reference,
                                        .mapping = verification->mapping,
                                        .elsewhere = elsewhere,
                                        .history = true,
                                        .data = data,
                                        .data_count = data_count};
  struct trials trials;
  clfit_status status = clfit_trials_begin(&trials, &setting, verification->result, error);
  if (!status) status = run(&trials, error);
  clfit_trials_end(&trials);
  return status;
}

static clfit_status verify_mapping(const struct verification *verification, bool quick, clfit_error *error)
{
  run_plans *const plain = quick ? run_quick : run_fully;
  run_plans *const weighted = quick ? run_quick_least_squares : run_least_squares;
  clfit_status status =
      verify_with(verification, verification->data, DATA_COUNT, verification->elsewhere, plain, error);
  return status ? status : verify_with(verification, &verification->weighted, 1, NULL, weighted, error);
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
  *result = (clfit_verification){.size = sizeof *result};
  struct verification verification = {.device = device, .result = result};
  const char *const *mappings = clfit_device_mappings(device);
  status = clfit_plan_data(verification.data, &verification.weighted, error);
  if (!status) status = clfit_device_open("reference", &verification.reference, error);
  for (const char *const *name = mappings; *name && !status; name++) {
    if (mapping && strcmp(*name, mapping)) continue;
    verification.mapping = *name;
    verification.elsewhere = mapping || quick ? NULL : name[1] ? name[1] : mappings[0];
    name_mapping(result, *name);
    status = verify_mapping(&verification, quick, error);
  }
  for (uint32_t i = 0; i < DATA_COUNT; i++) clfit_data_free(verification.data[i]);
  clfit_data_free(verification.weighted);
  clfit_device_close(verification.reference);
  return status;
}
