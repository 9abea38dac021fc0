#include "engine/verify/trial.h"

#include "base/error.h"

#include <stdlib.h>
#include <string.h>

/* A trial under way. */
struct trial {
  struct side *side;
  const struct plan *plan;
  struct outcome *outcome;
  uint32_t place[PLAN_CAPACITY]; /* the population in which a network is */
  uint32_t slots[PLAN_CAPACITY];
};

/* Some of the networks. */
struct choice {
  uint32_t count;
  uint32_t networks[PLAN_CAPACITY]; /* their numbers in the plan */
  uint32_t slots[PLAN_CAPACITY];
};

static uint32_t draw(struct trial *trial, uint32_t count)
{
  return clfit_plan_below(&trial->side->random, count);
}

static uint32_t population_count(const struct side *side)
{
  return side->populations[1] ? 2 : 1;
}

static const clfit_progress *progress_of(const struct trial *trial, uint32_t network)
{
  return clfit_population_progress(trial->side->populations[trial->place[network]], trial->slots[network]);
}

/* Whether a network has ended before the epochs of the plan, and goes on when it has them. */
static bool is_paused(const struct trial *trial, uint32_t network)
{
  const clfit_progress *at = progress_of(trial, network);
  return at->status == CLFIT_TRAINING_DONE && at->epoch < trial->plan->networks[network].epochs;
}

/* Whether there is a use in giving a network back and taking it again. */
static bool may_move(const struct trial *trial, uint32_t network)
{
  return progress_of(trial, network)->status == CLFIT_TRAINING_RUNNING || is_paused(trial, network);
}

enum selection { ALL, THOSE_THAT_MAY_MOVE, SOME_OF_THEM };

/* Networks of a population; some: each with a chance of one in three. */
static struct choice choose(struct trial *trial, uint32_t place, enum selection selection)
{
  struct choice chosen = {0};
  for (uint32_t i = 0; i < trial->plan->count; i++) {
    if (trial->place[i] != place || (selection != ALL && !may_move(trial, i))) continue;
    if (selection == SOME_OF_THEM && draw(trial, 3) > 0) continue;
    chosen.networks[chosen.count] = i;
    chosen.slots[chosen.count++] = trial->slots[i];
  }
  return chosen;
}

/* ---- taking -------------------------------------------------------------------------------------------------- */

/* Takes the states of the networks chosen into a population and frees them. */
static clfit_status take(struct trial *trial, uint32_t place, const struct choice *chosen, clfit_state *states,
                         clfit_error *error)
{
  const clfit_state *pointers[PLAN_CAPACITY];
  uint32_t data[PLAN_CAPACITY], slots[PLAN_CAPACITY];
  for (uint32_t i = 0; i < chosen->count; i++) {
    pointers[i] = &states[i];
    data[i] = trial->plan->data[chosen->networks[i]];
  }
  clfit_status status =
      clfit_population_take(trial->side->populations[place], chosen->count, pointers, data, slots, error);
  for (uint32_t i = 0; i < chosen->count && !status; i++) {
    trial->place[chosen->networks[i]] = place;
    trial->slots[chosen->networks[i]] = slots[i];
  }
  for (uint32_t i = 0; i < chosen->count; i++) clfit_state_clear(&states[i]);
  return status;
}

/* Memory for the losses of a network's epochs. */
static clfit_status make_history(struct trial *trial, uint32_t network, clfit_error *error)
{
  const size_t bytes = 2 * trial->plan->networks[network].epochs * sizeof(double);
  double *history = trial->side->history ? malloc(bytes) : NULL;
  trial->outcome->histories[network] = history;
  if (history) memset(history, trial->outcome->poison, bytes);
  return history || !trial->side->history ? CLFIT_OK : clfit_fail_memory(error);
}

/* The epochs that a network begins with. Some of those that may pause end earlier and go on when they are given the
 * epochs of the plan, which changes nothing unless the rate follows from their number. */
static uint32_t first_epochs(struct trial *trial, const clfit_network *network)
{
  const clfit_schedule schedule = clfit_schedule_decode(network->schedule);
  const bool pauses = trial->side->moves && trial->plan->to_the_end && draw(trial, 3) == 0;
  return pauses && schedule.kind != CLFIT_SCHEDULED_COSINE ? 1 + draw(trial, network->epochs) : network->epochs;
}

static clfit_status take_new(struct trial *trial, clfit_error *error)
{
  clfit_state fresh[PLAN_CAPACITY] = {{0}};
  struct choice chosen = {0};
  clfit_status status = CLFIT_OK;
  for (uint32_t i = 0; i < trial->plan->count && !status; i++) {
    clfit_network network = trial->plan->networks[i];
    network.epochs = first_epochs(trial, &network);
    trial->outcome->paused[i] = network.epochs < trial->plan->networks[i].epochs;
    chosen.networks[chosen.count++] = i;
    status = make_history(trial, i, error);
    if (!status) status = clfit_state_init(&fresh[i], &network, error);
  }
  if (!status) return take(trial, 0, &chosen, fresh, error);
  for (uint32_t i = 0; i < chosen.count; i++) clfit_state_clear(&fresh[i]);
  return status;
}

/* ---- training ------------------------------------------------------------------------------------------------ */

static void collect_history(struct trial *trial)
{
  for (uint32_t i = 0; i < trial->plan->count && trial->side->history; i++) {
    const clfit_population *population = trial->side->populations[trial->place[i]];
    const uint32_t all = trial->plan->networks[i].epochs;
    uint32_t first;
    size_t epochs;
    const double *losses = clfit_population_history(population, trial->slots[i], &first, &epochs);
    const double *held = clfit_population_held_history(population, trial->slots[i]);
    double *history = trial->outcome->histories[i];
    if (epochs > 0) memcpy(history + first - 1, losses, epochs * sizeof *losses);
    if (epochs > 0 && held) memcpy(history + all + first - 1, held, epochs * sizeof *held);
  }
}

/* Gives networks back, and takes them again into some population; those that have paused go on. */
static clfit_status move(struct trial *trial, uint32_t from, const struct choice *chosen, clfit_error *error)
{
  clfit_state states[PLAN_CAPACITY];
  if (chosen->count == 0) return CLFIT_OK;
  clfit_status status =
      clfit_population_give(trial->side->populations[from], chosen->count, chosen->slots, states, error);
  if (status) return status;
  for (uint32_t i = 0; i < chosen->count; i++)
    states[i].network.epochs = trial->plan->networks[chosen->networks[i]].epochs;
  return take(trial, draw(trial, population_count(trial->side)), chosen, states, error);
}

static clfit_status move_some(struct trial *trial, bool all, clfit_error *error)
{
  clfit_status status = CLFIT_OK;
  struct choice chosen[2];
  for (uint32_t place = 0; place < population_count(trial->side); place++)
    chosen[place] = choose(trial, place, all ? THOSE_THAT_MAY_MOVE : SOME_OF_THEM);
  for (uint32_t place = 0; place < population_count(trial->side) && !status; place++)
    status = move(trial, place, &chosen[place], error);
  return status;
}

static clfit_status advance(struct trial *trial, uint32_t steps, bool *any, clfit_error *error)
{
  clfit_status status = CLFIT_OK;
  *any = false;
  for (uint32_t place = 0; place < population_count(trial->side) && !status; place++) {
    size_t running = 0;
    status = clfit_population_advance(trial->side->populations[place], steps, &running, error);
    *any = *any || running > 0;
  }
  if (!status) collect_history(trial);
  return status;
}

static bool any_paused(const struct trial *trial)
{
  bool any = false;
  for (uint32_t i = 0; i < trial->plan->count; i++) any = any || is_paused(trial, i);
  return any;
}

/* All networks take as many steps, in launches of random lengths, unless they may pause: then they take as many as each
 * needs. */
static clfit_status train(struct trial *trial, clfit_error *error)
{
  const struct plan *plan = trial->plan;
  const bool random = trial->side->random > 0, moves = random && trial->side->moves;
  uint32_t left = plan->steps;
  bool any = true;
  clfit_status status = CLFIT_OK;
  while (any && left > 0 && !status) {
    const uint32_t steps = random ? 1 + draw(trial, 1 + left / 2) : left;
    status = advance(trial, steps, &any, error);
    if (!plan->to_the_end) left -= steps;
    if (moves && !status && any && draw(trial, 2)) status = move_some(trial, false, error);
    if (moves && !status && !any && any_paused(trial)) {
      any = true;
      status = move_some(trial, true, error);
    }
  }
  return status;
}

/* ---- results ------------------------------------------------------------------------------------------------- */

static clfit_status evaluate(struct trial *trial, uint32_t place, const struct choice *chosen, clfit_error *error)
{
  float *predictions = malloc(PLAN_CAPACITY * TRIAL_POINTS * sizeof *predictions);
  double points[TRIAL_POINTS];
  if (!predictions) return clfit_fail_memory(error);
  memset(predictions, trial->outcome->poison, PLAN_CAPACITY * TRIAL_POINTS * sizeof *predictions);
  clfit_grid(-1.5, 2.5, TRIAL_POINTS, points);
  clfit_status status = clfit_population_evaluate(trial->side->populations[place], chosen->count, chosen->slots,
                                                  TRIAL_POINTS, points, predictions, error);
  for (uint32_t i = 0; i < chosen->count; i++)
    memcpy(trial->outcome->predictions + chosen->networks[i] * TRIAL_POINTS, predictions + i * TRIAL_POINTS,
           TRIAL_POINTS * sizeof *predictions);
  free(predictions);
  return status;
}

static clfit_status collect_milestones(struct trial *trial, uint32_t place, const struct choice *chosen,
                                       clfit_error *error)
{
  clfit_milestones *milestones = trial->side->history ? NULL : calloc(PLAN_CAPACITY, sizeof *milestones);
  if (!milestones) return trial->side->history ? CLFIT_OK : clfit_fail_memory(error);
  clfit_status status =
      clfit_population_milestones(trial->side->populations[place], chosen->count, chosen->slots, milestones, error);
  for (uint32_t i = 0; i < chosen->count && !status; i++)
    trial->outcome->milestones[chosen->networks[i]] = milestones[i];
  free(milestones);
  return status;
}

static clfit_status collect(struct trial *trial, uint32_t place, clfit_error *error)
{
  const struct choice chosen = choose(trial, place, ALL);
  clfit_state states[PLAN_CAPACITY];
  clfit_status status = evaluate(trial, place, &chosen, error);
  if (!status) status = collect_milestones(trial, place, &chosen, error);
  if (!status)
    status = clfit_population_give(trial->side->populations[place], chosen.count, chosen.slots, states, error);
  for (uint32_t i = 0; i < chosen.count && !status; i++) trial->outcome->states[chosen.networks[i]] = states[i];
  return status;
}

clfit_status clfit_trial_train(struct side *side, const struct plan *plan, struct outcome *outcome, clfit_error *error)
{
  struct trial trial = {.side = side, .plan = plan, .outcome = outcome};
  clfit_status status = take_new(&trial, error);
  if (!status) status = train(&trial, error);
  for (uint32_t place = 0; place < population_count(side) && !status; place++) status = collect(&trial, place, error);
  return status;
}

void clfit_outcome_clear(struct outcome *outcome)
{
  for (uint32_t i = 0; i < PLAN_CAPACITY; i++) {
    clfit_state_clear(&outcome->states[i]);
    free(outcome->histories[i]);
  }
  *outcome = (struct outcome){0};
}
