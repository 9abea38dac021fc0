/*
 * Random trainings on a device and on the reference, as clfit verify trains them, but any number of them.
 * random_trainings MAPPING ELSEWHERE RULE ACTIVATION FIRST COUNT: plans of 64 networks, or COUNT if that is less, of
 * the seeds FIRST, FIRST + 1 ..., until COUNT trainings are compared; networks move between the two mappings. Prints
 * one line; exit code 1: a difference. random_trainings.sh runs it for all rules.
 */
#include "engine/verify/trials.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct request {
  const char *mapping, *elsewhere;
  uint32_t rule;
  clfit_activation activation;
  uint64_t first, count;
};

/* A population's memory grows with its pools, of which random sizes make many: a new one from time to time. */
#define PLANS_OF_A_POPULATION 64u

static clfit_status run_plans(const struct trial_setting *setting, const struct request *request, uint64_t first,
                              clfit_verification *result, clfit_error *error)
{
  const uint32_t networks = request->count < PLAN_CAPACITY ? (uint32_t)request->count : PLAN_CAPACITY;
  struct trials trials;
  clfit_status status = clfit_trials_begin(&trials, setting, result, error);
  for (uint64_t i = 0; i < PLANS_OF_A_POPULATION && result->configurations < request->count && !status; i++) {
    struct plan plan;
    clfit_plan_random(first + i, request->rule, request->activation, networks, &plan);
    status = clfit_trials_run(&trials, &plan, true, error);
  }
  clfit_trials_end(&trials);
  return status;
}

static clfit_status run(const struct request *request, clfit_verification *result, clfit_error *error)
{
  clfit_data *data[DATA_COUNT], *weighted;
  struct trial_setting setting = {
      .mapping = request->mapping, .elsewhere = request->elsewhere, .data = data, .data_count = DATA_COUNT};
  clfit_status status = clfit_plan_data(data, &weighted, error);
  if (!status) status = clfit_device_open(NULL, &setting.device, error);
  if (!status) status = clfit_device_open("reference", &setting.reference, error);
  for (uint64_t first = request->first; result->configurations < request->count && !status && !result->differing_bits;
       first += PLANS_OF_A_POPULATION)
    status = run_plans(&setting, request, first, result, error);
  for (uint32_t i = 0; i < DATA_COUNT; i++) clfit_data_free(data[i]);
  clfit_data_free(weighted);
  clfit_device_close(setting.device);
  clfit_device_close(setting.reference);
  return status;
}

int main(int argc, char **argv)
{
  static clfit_error error;
  clfit_verification result = {.size = sizeof result};
  if (argc != 7) {
    fprintf(stderr, "random_trainings MAPPING ELSEWHERE RULE ACTIVATION FIRST COUNT\n");
    return 2;
  }
  struct request request = {.mapping = argv[1],
                            .elsewhere = strcmp(argv[1], argv[2]) ? argv[2] : NULL,
                            .rule = (uint32_t)strtoul(argv[3], NULL, 10) % PLAN_RULES,
                            .first = strtoull(argv[5], NULL, 10),
                            .count = strtoull(argv[6], NULL, 10)};
  clfit_status status = clfit_activation_find(argv[4], &request.activation, &error);
  if (!status) status = run(&request, &result, &error);
  if (status) {
    fprintf(stderr, "random_trainings: %s\n", error.message);
    return 2;
  }
  printf("%s %s rule %s %s: %" PRIu64 " trainings, %" PRIu64 " values, %" PRIu64 " differing bits %s\n", argv[1],
         argv[2], argv[3], argv[4], result.configurations, result.values_compared, result.differing_bits,
         result.first_difference);
  return result.differing_bits > 0;
}
