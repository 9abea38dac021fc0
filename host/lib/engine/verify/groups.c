/* Plans of groups, and the samples of all plans. */
#include "engine/verify/plan.h"

#include <assert.h>

uint32_t clfit_plan_most_steps(const struct plan *plan)
{
  uint32_t most = 0;
  for (uint32_t i = 0; i < plan->count; i++) {
    const clfit_network *network = &plan->networks[i];
    const uint32_t steps = (network->optimizer == CLFIT_LM ? 1 : network->samples) * network->epochs;
    if (steps > most) most = steps;
  }
  return most;
}

/* Network i: rates from stable to diverging, some with a tolerance that stops them early, and numbers of samples that
 * end within a loss block and exactly at its end. */
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

void clfit_plan_group(const struct group *group, struct plan *plan)
{
  assert(group->count <= PLAN_CAPACITY && group->samples <= PLAN_SAMPLES);
  *plan = (struct plan){.count = group->count, .to_the_end = true};
  for (uint32_t i = 0; i < group->count; i++) plan->networks[i] = plan_network(group, i);
  plan->steps = clfit_plan_most_steps(plan);
}

/* ---- samples ------------------------------------------------------------------------------------------------- */

/* The samples are those of a polynomial, not of the default target, because sin and cos differ between math
 * libraries. */
static void make_samples(double *x, double *y)
{
  uint32_t random = 1;
  for (uint32_t i = 0; i < PLAN_SAMPLES; i++) {
    random = random * 1664525u + 1013904223u;
    x[i] = (double)(random >> 8) / 16777216.0 * 3.0 - 1.0;
    y[i] = ((4.0 * x[i] - 6.0) * x[i] * x[i] + 0.5) * 0.25;
  }
}

struct held_samples clfit_plan_held(uint32_t i)
{
  static const struct held_samples held[DATA_COUNT - DATA_HELD] = {{71, 20}, {65, 64}, {130, 1}, {128, 64}};
  return held[i];
}

static clfit_status make_held(const double *x, const double *y, uint32_t i, clfit_data **data, clfit_error *error)
{
  const struct held_samples held = clfit_plan_held(i);
  clfit_data *whole = NULL;
  clfit_status status = clfit_data_create(held.count, x, y, &whole, error);
  if (!status) status = clfit_data_split(whole, held.held, i, data, error);
  clfit_data_free(whole);
  return status;
}

clfit_status clfit_plan_data(clfit_data **data, clfit_data **weighted, clfit_error *error)
{
  double x[PLAN_SAMPLES], y[PLAN_SAMPLES], weights[PLAN_SAMPLES];
  for (uint32_t i = 0; i < DATA_COUNT; i++) data[i] = NULL;
  *weighted = NULL;
  make_samples(x, y);
  for (uint32_t i = 0; i < PLAN_SAMPLES; i++) weights[i] = (double)(i % 5) * 0.375;
  clfit_status status = clfit_data_create(PLAN_SAMPLES, x, y, &data[DATA_USUAL], error);
  if (!status) status = clfit_data_create_weighted(PLAN_SAMPLES, x, y, weights, weighted, error);
  for (uint32_t i = 0; i < DATA_COUNT - DATA_HELD && !status; i++)
    status = make_held(x, y, i, &data[DATA_HELD + i], error);
  for (uint32_t i = 0; i < PLAN_SAMPLES; i++) {
    x[i] *= i % 20 == 19 ? 1e10 : 10.0;
    if (i % 40 == 19) y[i] = 1e30; /* e x is infinite, e is not */
  }
  return status ? status : clfit_data_create(PLAN_SAMPLES, x, y, &data[DATA_WILD], error);
}
