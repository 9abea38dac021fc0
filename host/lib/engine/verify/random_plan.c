/* Plans of random combinations of all training options. */
#include "engine/verify/plan.h"

#include <assert.h>

uint32_t clfit_plan_below(uint64_t *random, uint32_t count)
{
  *random = *random * 6364136223846793005u + 1442695040888963407u;
  return (uint32_t)(*random >> 33) % count;
}

#define BELOW(count)      clfit_plan_below(random, count)
#define ONE_OF(type, ...) (((const type[]){__VA_ARGS__})[BELOW(sizeof((const type[]){__VA_ARGS__}) / sizeof(type))])

/* Small sizes, and the ends of packs and vectors and their neighbours. Numbers of neurons that are close to each other
 * share packs. */
static void draw_size(uint64_t *random, uint32_t most_hidden, clfit_network *network)
{
  network->hidden = BELOW(2) ? most_hidden : 1 + BELOW(most_hidden);
  network->samples = BELOW(2) ? 1 + BELOW(100) : ONE_OF(uint32_t, 1, 2, 3, 7, 31, 63, 64, 65, 127, 128, 130);
  network->epochs = 1 + BELOW(7);
  network->seed = BELOW(1u << 31);
  network->init = BELOW(clfit_init_count());
}

/* A data set, of whose samples some may be held out. */
static uint32_t draw_data(uint64_t *random, clfit_network *network)
{
  if (BELOW(4)) return BELOW(8) ? DATA_USUAL : DATA_WILD;
  const uint32_t i = BELOW(DATA_COUNT - DATA_HELD);
  const struct held_samples held = clfit_plan_held(i);
  network->samples = held.count;
  clfit_network_hold_out(network, held.held);
  return DATA_HELD + i;
}

static void draw_descent(uint64_t *random, clfit_network *network)
{
  network->rate = ONE_OF(double, 0.003, 0.02, 0.1, 0.1, 0.5, 5, 1e4, 0x1p+40);
  network->momentum = ONE_OF(double, 0, 0.5, 0.9, 0.9, 0.99, 1);
  network->beta1 = ONE_OF(double, 0, 0.5, 0.9, 0.9, 0.9999999);
  network->beta2 = ONE_OF(double, 0, 0.9, 0.99, 0.999, 0.9999999);
  network->eps = ONE_OF(double, 1e-8, 1e-8, 0x1p-60, 1e-3, 1);
  const clfit_schedule schedule = {.kind = BELOW(CLFIT_SCHEDULE_COUNT),
                                   .epochs = 1 + BELOW(4),
                                   .factor = ONE_OF(float, 1, 0.9f, 0.5f, 0.1f, 1e-35f)};
  network->schedule = 0;
  const clfit_schedule kinds[] = {{.kind = CLFIT_SCHEDULED_CONSTANT},
                                  {.kind = CLFIT_SCHEDULED_GEOMETRIC, .factor = schedule.factor},
                                  schedule,
                                  {.kind = CLFIT_SCHEDULED_COSINE},
                                  {.kind = CLFIT_SCHEDULED_WARMUP, .epochs = schedule.epochs}};
  network->schedule = clfit_schedule_encode(&kinds[schedule.kind]);
}

/* What only gradients of batches have. */
static void draw_batch(uint64_t *random, clfit_network *network)
{
  network->batch = BELOW(3) ? ONE_OF(uint32_t, 1, 2, 3, 8, 32, 64, 0) : 1 + BELOW(network->samples);
  network->weight_decay = ONE_OF(double, 0, 0, 0, 1e-4, 0.01, 1, 50, 0x1p+40);
  network->clip = ONE_OF(double, 0, 0, 0, 1e-3, 0.1, 1, 10, 1e-50, 0x1p+64);
}

/* The order of the samples, and what ends a training. */
static void draw_ends(uint64_t *random, clfit_network *network)
{
  const uint32_t figures = clfit_network_held_out(network) ? 3 : 2;
  network->shuffle = BELOW(3);
  network->tol = ONE_OF(double, 0, 0, 0, 1e-4, 0.02);
  network->stop_loss = ONE_OF(double, 0, 0, 0, 1e-3, 0.05, 0.3);
  network->stop_on = BELOW(figures);
  network->patience = ONE_OF(uint32_t, 0, 0, 0, 1, 2, 3);
  network->patience_on = BELOW(figures);
}

/* The optimizers of the rules. The first one is gradient descent with the steps of a plain training. */
static const clfit_optimizer rules[PLAN_RULES] = {CLFIT_SGD,  CLFIT_SGD,   CLFIT_MOMENTUM, CLFIT_NESTEROV,
                                                  CLFIT_ADAM, CLFIT_ADAMW, CLFIT_RMSPROP};

void clfit_plan_random(uint64_t seed, uint32_t rule, clfit_activation activation, uint32_t count, struct plan *plan)
{
  uint64_t state = seed, *random = &state;
  assert(rule < PLAN_RULES && count <= PLAN_CAPACITY);
  BELOW(2); /* seeds that are close to each other differ in their low bits only */
  BELOW(2);
  const uint32_t most_hidden = ONE_OF(uint32_t, 1, 3, 8, 8, 16, 31, 33, 65, 130, 300);
  *plan = (struct plan){.count = count, .seed = seed};
  for (uint32_t i = 0; i < count; i++) {
    clfit_network *network = &plan->networks[i];
    clfit_network_default(network);
    network->optimizer = rules[rule];
    network->activation = activation;
    draw_size(random, most_hidden, network);
    plan->data[i] = draw_data(random, network);
    draw_descent(random, network);
    if (rule > 0) draw_batch(random, network);
    draw_ends(random, network);
  }
  const uint32_t most = clfit_plan_most_steps(plan);
  plan->to_the_end = BELOW(2);
  plan->steps = plan->to_the_end ? most : 1 + BELOW(most);
}
