/* Populations on the device and on the reference: the verbs, their errors, and the promise that a network's bits depend
 * on nothing but its configuration. */
#include "parabola.h"

#include <math.h>
#include <stdlib.h>

#define SAMPLES 200u

static clfit_network make_network(uint32_t hidden, uint32_t samples, uint32_t epochs, double rate)
{
  clfit_network network;
  clfit_network_default(&network);
  network.hidden = hidden;
  network.samples = samples;
  network.epochs = epochs;
  network.rate = rate;
  return network;
}

static clfit_device *open_device(const char *selector)
{
  clfit_device *device;
  EXPECT_OK(clfit_device_open(selector, &device, &error));
  return device;
}

/* A population with one data set, index 0. */
static clfit_population *open_population(clfit_device *device, const char *mapping, bool history)
{
  clfit_population_options options;
  clfit_population_options_default(&options);
  options.mapping = mapping;
  options.history = history;
  clfit_population *population;
  EXPECT_OK(clfit_population_create(device, &options, &population, &error));
  clfit_data *data = make_parabola(SAMPLES);
  uint32_t index = 99;
  EXPECT_OK(clfit_population_add_data(population, data, &index, &error));
  cr_assert(index == 0);
  clfit_data_free(data); /* the population has its own copy */
  return population;
}

/* Trains one network alone, `steps` samples a launch (0: as the population likes). */
static clfit_state train_alone(clfit_population *population, const clfit_network *network, uint32_t steps)
{
  clfit_state fresh, trained;
  EXPECT_OK(clfit_state_init(&fresh, network, &error));
  const clfit_state *states[] = {&fresh};
  uint32_t data = 0, slot;
  EXPECT_OK(clfit_population_take(population, 1, states, &data, &slot, &error));
  size_t running = 1;
  while (running > 0) EXPECT_OK(clfit_population_advance(population, steps, &running, &error));
  EXPECT_OK(clfit_population_give(population, 1, &slot, &trained, &error));
  clfit_state_clear(&fresh);
  return trained;
}

static void expect_same(const clfit_state *one, const clfit_state *other, const char *what)
{
  size_t count = clfit_parameter_count(one->network.hidden);
  cr_assert(one->network.hidden == other->network.hidden);
  for (size_t i = 0; i < count; i++)
    cr_assert(!memcmp(&one->parameters[i], &other->parameters[i], 4), "%s: hidden %u, parameter %zu: %a, not %a", what,
              one->network.hidden, i, (double)one->parameters[i], (double)other->parameters[i]);
  cr_assert(one->progress.status == other->progress.status, "%s: status %d, not %d", what, (int)one->progress.status,
            (int)other->progress.status);
  cr_assert(one->progress.epoch == other->progress.epoch, "%s: epoch", what);
  cr_assert(one->progress.sample == other->progress.sample, "%s: sample", what);
  cr_assert(!memcmp(&one->progress.last_loss_high, &other->progress.last_loss_high, 8), "%s: loss", what);
}

/* ---- the same bits ------------------------------------------------------------------------------------------- */

Test(population, launches_of_one_step_change_no_bit)
{
  const char *const mappings[] = {"wide", "packed", "team"};
  clfit_device *device = open_device("cpu"), *reference = open_device("reference");
  clfit_population *on_reference = open_population(reference, NULL, false);
  for (size_t m = 0; m < 3; m++) {
    clfit_population *population = open_population(device, mappings[m], false);
    for (uint32_t hidden = 31; hidden <= 33; hidden++) {
      clfit_network network = make_network(hidden, 67, 3, 0.1);
      clfit_state want = train_alone(on_reference, &network, 0);
      clfit_state step_by_step = train_alone(population, &network, 1);
      clfit_state at_once = train_alone(population, &network, 67 * 3);
      expect_same(&step_by_step, &want, "a launch a sample");
      expect_same(&at_once, &want, "one launch");
      clfit_state_clear(&want);
      clfit_state_clear(&step_by_step);
      clfit_state_clear(&at_once);
    }
    clfit_population_free(population);
  }
  clfit_population_free(on_reference);
  clfit_device_close(reference);
  clfit_device_close(device);
}

#define CROWD 300u

/* Network i of a crowd: its own size class, rate, length and end. */
static clfit_network crowd_member(uint32_t i)
{
  static const uint32_t sizes[] = {1, 17, 33, 128};
  clfit_network network = make_network(sizes[i % 4], SAMPLES - i % 67, 1 + i % 5, 0.01 * (1 + i % 40));
  network.seed = i;
  if (i % 11 == 0) network.rate = 1e10; /* diverges */
  if (i % 13 == 0) network.tol = 1e-2;  /* stops early */
  return network;
}

/* mapping NULL: packs for those that are many, wide for the others. */
static void expect_same_in_crowd(const char *mapping)
{
  clfit_device *device = open_device("cpu");
  clfit_population *population = open_population(device, mapping, false);
  clfit_population *alone = open_population(device, "wide", false);
  clfit_state fresh[CROWD], trained[CROWD];
  const clfit_state *pointers[CROWD];
  uint32_t data[CROWD] = {0}, slots[CROWD];
  for (uint32_t i = 0; i < CROWD; i++) {
    clfit_network network = crowd_member(i);
    EXPECT_OK(clfit_state_init(&fresh[i], &network, &error));
    pointers[i] = &fresh[i];
  }
  /* In two parts, the second while the first is training. */
  size_t running;
  EXPECT_OK(clfit_population_take(population, 100, pointers, data, slots, &error));
  EXPECT_OK(clfit_population_advance(population, 101, &running, &error));
  EXPECT_OK(clfit_population_take(population, CROWD - 100, pointers + 100, data + 100, slots + 100, &error));
  for (running = 1; running > 0;) EXPECT_OK(clfit_population_advance(population, 97, &running, &error));
  EXPECT_OK(clfit_population_give(population, CROWD, slots, trained, &error));
  unsigned ends[4] = {0};
  for (uint32_t i = 0; i < CROWD; i++) {
    clfit_network network = crowd_member(i);
    clfit_state want = train_alone(alone, &network, 0);
    expect_same(&trained[i], &want, "in a crowd");
    ends[want.progress.status]++;
    clfit_state_clear(&want);
    clfit_state_clear(&trained[i]);
    clfit_state_clear(&fresh[i]);
  }
  /* The crowd shows every end. */
  cr_assert(ends[CLFIT_TRAINING_DONE] > 0 && ends[CLFIT_TRAINING_STOPPED] > 0 && ends[CLFIT_TRAINING_DIVERGED] > 0);
  clfit_population_free(alone);
  clfit_population_free(population);
  clfit_device_close(device);
}

Test(population, a_network_is_the_same_alone_and_in_a_crowd)
{
  expect_same_in_crowd(NULL);
}

Test(population, a_network_is_the_same_alone_and_packed)
{
  expect_same_in_crowd("packed");
}

Test(population, a_network_is_the_same_alone_and_among_wide_ones)
{
  expect_same_in_crowd("wide");
}

Test(population, a_state_moves_between_devices_in_mid_epoch)
{
  clfit_device *device = open_device("cpu"), *reference = open_device("reference");
  clfit_population *places[] = {open_population(device, "wide", false), open_population(reference, NULL, false),
                                open_population(device, "team", false)};
  clfit_network network = make_network(40, 150, 4, 0.05);
  clfit_state want = train_alone(places[1], &network, 0), state;
  EXPECT_OK(clfit_state_init(&state, &network, &error));
  size_t running = 1;
  for (unsigned hop = 0; running > 0; hop++) {
    clfit_population *population = places[hop % 3];
    const clfit_state *states[] = {&state};
    uint32_t data = 0, slot;
    EXPECT_OK(clfit_population_take(population, 1, states, &data, &slot, &error));
    EXPECT_OK(clfit_population_advance(population, 71, &running, &error));
    clfit_state_clear(&state);
    EXPECT_OK(clfit_population_give(population, 1, &slot, &state, &error));
  }
  expect_same(&state, &want, "after hops");
  clfit_state_clear(&state);
  clfit_state_clear(&want);
  for (int i = 0; i < 3; i++) clfit_population_free(places[i]);
  clfit_device_close(reference);
  clfit_device_close(device);
}

/* ---- what the figures say ------------------------------------------------------------------------------------ */

Test(population, history_is_the_loss_of_every_epoch)
{
  clfit_device *device = open_device("cpu");
  clfit_population *population = open_population(device, NULL, true);
  clfit_network network = make_network(8, 65, 9, 0.05);
  clfit_state fresh, trained;
  EXPECT_OK(clfit_state_init(&fresh, &network, &error));
  const clfit_state *states[] = {&fresh};
  uint32_t data = 0, slot, next_epoch = 1;
  EXPECT_OK(clfit_population_take(population, 1, states, &data, &slot, &error));
  double last = NAN;
  for (size_t running = 1; running > 0;) {
    EXPECT_OK(clfit_population_advance(population, 100, &running, &error));
    uint32_t first = 0;
    size_t count = 99;
    const double *losses = clfit_population_history(population, slot, &first, &count);
    cr_assert(first == next_epoch);
    cr_assert(count <= 2); /* 100 steps end at most two epochs of 65 */
    next_epoch += (uint32_t)count;
    if (count > 0) last = losses[count - 1];
    /* The loss falls here: an order that is wrong would show. */
    if (count == 2) cr_assert(losses[1] < losses[0]);
  }
  cr_assert(next_epoch == 10);
  EXPECT_OK(clfit_population_give(population, 1, &slot, &trained, &error));
  cr_assert(last == clfit_progress_train_loss(&trained.progress, 65));
  clfit_state_clear(&trained);
  clfit_state_clear(&fresh);
  clfit_population_free(population);
  clfit_device_close(device);
}

/* Milestones are those losses of the history whose epochs are 1, 2, 3, 4, 6, 8, 12 ..., since the take. */
static void expect_milestones(const char *selector, const char *mapping)
{
  static const uint32_t epochs[] = {1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96};
  clfit_device *device = open_device(selector);
  clfit_population *population = open_population(device, mapping, true);
  clfit_network network = make_network(5, 66, 100, 0.05);
  double history[100];
  clfit_state fresh, half;
  EXPECT_OK(clfit_state_init(&fresh, &network, &error));
  const clfit_state *states[] = {&fresh};
  uint32_t data = 0, slot, first;
  size_t count, running;
  EXPECT_OK(clfit_population_take(population, 1, states, &data, &slot, &error));
  EXPECT_OK(clfit_population_advance(population, 6600, &running, &error));
  const double *losses = clfit_population_history(population, slot, &first, &count);
  cr_assert(running == 0 && first == 1 && count == 100);
  memcpy(history, losses, sizeof history);
  clfit_population_free(population);

  clfit_population_options options;
  clfit_population_options_default(&options);
  options.mapping = mapping;
  options.milestones = true;
  EXPECT_OK(clfit_population_create(device, &options, &population, &error));
  clfit_data *samples = make_parabola(SAMPLES);
  EXPECT_OK(clfit_population_add_data(population, samples, &data, &error));
  clfit_data_free(samples);
  size_t seen = 0;
  for (int part = 0; part < 2; part++) { /* 10 epochs and a bit, given back, taken again */
    clfit_milestones milestones;
    memset(&milestones, 0xa5, sizeof milestones);
    EXPECT_OK(clfit_population_take(population, 1, states, &data, &slot, &error));
    EXPECT_OK(clfit_population_advance(population, part ? 6600 : 666, &running, &error));
    EXPECT_OK(clfit_population_milestones(population, 1, &slot, &milestones, &error));
    cr_assert(milestones.count == (part ? 7 : 6), "%u", milestones.count);
    for (uint32_t i = 0; i < milestones.count; i++, seen++) {
      cr_assert(milestones.epochs[i] == epochs[seen], "epoch %u, not %u", milestones.epochs[i], epochs[seen]);
      cr_assert(milestones.losses[i] == history[epochs[seen] - 1], "loss of epoch %u", epochs[seen]);
    }
    EXPECT_OK(clfit_population_give(population, 1, &slot, &half, &error));
    clfit_state_clear(&fresh);
    fresh = half;
  }
  cr_assert(running == 0 && seen == sizeof epochs / sizeof *epochs);
  clfit_state_clear(&fresh);
  clfit_population_free(population);
  clfit_device_close(device);
}

Test(population, milestones_are_losses_of_the_history)
{
  expect_milestones("reference", NULL);
  expect_milestones("cpu", "wide");
  expect_milestones("cpu", "packed");
  expect_milestones("cpu", "team");
}

Test(population, a_divergence_is_named_and_reads_as_nan)
{
  clfit_device *device = open_device("cpu");
  clfit_population *population = open_population(device, NULL, false);
  clfit_network network = make_network(33, SAMPLES, 10, 50.0);
  clfit_state fresh;
  EXPECT_OK(clfit_state_init(&fresh, &network, &error));
  const clfit_state *states[] = {&fresh};
  uint32_t data = 0, slot;
  size_t running = 1;
  EXPECT_OK(clfit_population_take(population, 1, states, &data, &slot, &error));
  while (running) EXPECT_OK(clfit_population_advance(population, 0, &running, &error));
  double x[] = {0.0, 0.5};
  float z[] = {1, 1};
  EXPECT_OK(clfit_population_evaluate(population, 1, &slot, 2, x, z, &error));
  cr_assert(isnan(z[0]) && isnan(z[1]));
  clfit_state trained;
  EXPECT_OK(clfit_population_give(population, 1, &slot, &trained, &error));
  cr_assert(trained.progress.status == CLFIT_TRAINING_DIVERGED);
  cr_assert(trained.progress.epoch < 10 && trained.progress.sample < SAMPLES);
  for (size_t i = 0; i < clfit_parameter_count(33); i++) cr_assert(isnan(trained.parameters[i]));
  cr_assert(isnan(clfit_progress_train_loss(&trained.progress, SAMPLES)));
  clfit_state_clear(&trained);
  clfit_state_clear(&fresh);
  clfit_population_free(population);
  clfit_device_close(device);
}

Test(population, evaluate_gives_the_bits_of_the_state)
{
  clfit_device *device = open_device("cpu");
  clfit_population *population = open_population(device, NULL, false);
  static const uint32_t sizes[] = {1, 31, 33, 127, 129, 300};
  double x[101];
  clfit_grid(-2.0, 2.0, 101, x);
  for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
    clfit_network network = make_network(sizes[i], SAMPLES, 1, 0.02);
    network.activation = (clfit_activation)(i % clfit_activation_count());
    clfit_state fresh, trained;
    EXPECT_OK(clfit_state_init(&fresh, &network, &error));
    const clfit_state *states[] = {&fresh};
    uint32_t data = 0, slot;
    EXPECT_OK(clfit_population_take(population, 1, states, &data, &slot, &error));
    EXPECT_OK(clfit_population_advance(population, SAMPLES, NULL, &error));
    float on_device[101], on_host[101];
    memset(on_device, 0xa5, sizeof on_device);
    EXPECT_OK(clfit_population_evaluate(population, 1, &slot, 101, x, on_device, &error));
    EXPECT_OK(clfit_population_give(population, 1, &slot, &trained, &error));
    clfit_state_evaluate(&trained, 101, x, on_host);
    cr_assert(!memcmp(on_device, on_host, sizeof on_host), "hidden %u", sizes[i]);
    clfit_state_clear(&trained);
    clfit_state_clear(&fresh);
  }
  clfit_population_free(population);
  clfit_device_close(device);
}

static uint32_t add_samples(clfit_population *population, size_t n, const double *x, const double *y)
{
  clfit_data *data;
  uint32_t index;
  EXPECT_OK(clfit_data_create(n, x, y, &data, &error));
  EXPECT_OK(clfit_population_add_data(population, data, &index, &error));
  clfit_data_free(data);
  return index;
}

/* One step of many networks of 128 neurons on sample x of data 1. */
static void leave_activations_in_memory(clfit_population *population)
{
  enum { COUNT = 64 };
  clfit_network network = make_network(128, 1, 2, 0.01);
  network.activation = CLFIT_RELU;
  clfit_state states[COUNT];
  const clfit_state *pointers[COUNT];
  uint32_t data[COUNT], slots[COUNT];
  for (uint32_t i = 0; i < COUNT; i++) {
    network.seed = i;
    EXPECT_OK(clfit_state_init(&states[i], &network, &error));
    pointers[i] = &states[i];
    data[i] = 1;
  }
  EXPECT_OK(clfit_population_take(population, COUNT, pointers, data, slots, &error));
  EXPECT_OK(clfit_population_advance(population, 1, NULL, &error));
  for (int i = 0; i < COUNT; i++) clfit_state_clear(&states[i]);
  EXPECT_OK(clfit_population_give(population, COUNT, slots, states, &error));
  for (int i = 0; i < COUNT; i++) clfit_state_clear(&states[i]);
}

/* Padding neurons of a pack must stay zero, whatever an earlier launch left in private memory (here activations near
 * the largest float32, with a rate of 10). When a larger network joins the pack later, the smaller network's padding is
 * computed too. Repeated, because each thread of the driver has its own memory. */
Test(population, unused_room_stays_empty)
{
  enum { COUNT = 20 };
  const double huge_x[] = {3e38}, one[] = {1};
  double x[COUNT], y[COUNT];
  for (int i = 0; i < COUNT; i++) x[i] = i / 20.0, y[i] = 1000.0 + i;
  clfit_device *device = open_device("cpu"), *reference = open_device("reference");
  clfit_population *populations[] = {open_population(device, "packed", false), open_population(reference, NULL, false)};
  for (int k = 0; k < 2; k++) {
    cr_assert(add_samples(populations[k], 1, huge_x, one) == 1);
    cr_assert(add_samples(populations[k], COUNT, x, y) == 2);
  }
  const uint32_t data = 2;
  for (int turn = 0; turn < 10; turn++) {
    clfit_state trained[2][2]; /* on the device and on the reference */
    leave_activations_in_memory(populations[0]);
    for (int k = 0; k < 2; k++) {
      uint32_t slots[2];
      size_t running = 2;
      for (int i = 0; i < 2; i++) {
        clfit_network network = make_network(i ? 120 : 40, COUNT, 9, 0.01);
        network.activation = CLFIT_RELU;
        clfit_state fresh;
        const clfit_state *newcomer = &fresh;
        EXPECT_OK(clfit_state_init(&fresh, &network, &error));
        EXPECT_OK(clfit_population_take(populations[k], 1, &newcomer, &data, &slots[i], &error));
        EXPECT_OK(clfit_population_advance(populations[k], 10, NULL, &error));
        clfit_state_clear(&fresh);
      }
      while (running > 0) EXPECT_OK(clfit_population_advance(populations[k], 0, &running, &error));
      EXPECT_OK(clfit_population_give(populations[k], 2, slots, trained[k], &error));
    }
    for (int i = 0; i < 2; i++) {
      cr_assert(trained[1][i].progress.status == CLFIT_TRAINING_DONE);
      expect_same(&trained[0][i], &trained[1][i], i ? "the one that came later" : "beside a larger one");
      for (int k = 0; k < 2; k++) clfit_state_clear(&trained[k][i]);
    }
  }
  for (int k = 0; k < 2; k++) clfit_population_free(populations[k]);
  clfit_device_close(device);
  clfit_device_close(reference);
}

/* More epochs after the end: as if they had been asked for at once. */
Test(population, a_finished_training_goes_on_with_more_epochs)
{
  clfit_device *device = open_device("cpu");
  clfit_population *population = open_population(device, NULL, false);
  clfit_network network = make_network(20, 99, 7, 0.05);
  clfit_state want = train_alone(population, &network, 0);
  network.epochs = 3;
  clfit_state half = train_alone(population, &network, 0), whole;
  cr_assert(half.progress.status == CLFIT_TRAINING_DONE);
  half.network.epochs = 7;
  const clfit_state *states[] = {&half};
  uint32_t data = 0, slot;
  EXPECT_OK(clfit_population_take(population, 1, states, &data, &slot, &error));
  for (size_t running = 1; running > 0;) EXPECT_OK(clfit_population_advance(population, 0, &running, &error));
  EXPECT_OK(clfit_population_give(population, 1, &slot, &whole, &error));
  expect_same(&whole, &want, "after more epochs");
  clfit_state_clear(&whole);
  clfit_state_clear(&half);
  clfit_state_clear(&want);
  clfit_population_free(population);
  clfit_device_close(device);
}

/* Trains for some steps, gives the state and takes it again, and so on to the end; *bad: states on the way with
 * parameters that were not finite, in which all NaN are the one NaN, so that digests agree. */
static clfit_state train_in_pieces(clfit_population *population, const clfit_network *network, uint32_t steps,
                                   unsigned *bad)
{
  static const uint32_t the_nan = 0x7fc00000u;
  clfit_state state;
  EXPECT_OK(clfit_state_init(&state, network, &error));
  while (state.progress.status == CLFIT_TRAINING_RUNNING) {
    const clfit_state *states[] = {&state};
    uint32_t data = 0, slot;
    size_t running, odd = 0;
    EXPECT_OK(clfit_population_take(population, 1, states, &data, &slot, &error));
    clfit_state_clear(&state);
    EXPECT_OK(clfit_population_advance(population, steps, &running, &error));
    EXPECT_OK(clfit_population_give(population, 1, &slot, &state, &error));
    for (size_t i = 0; i < clfit_parameter_count(network->hidden); i++) {
      odd += !isfinite(state.parameters[i]);
      if (isnan(state.parameters[i])) cr_assert(!memcmp(&state.parameters[i], &the_nan, 4));
    }
    *bad += odd > 0 && state.progress.status == CLFIT_TRAINING_RUNNING;
  }
  return state;
}

/* Large x at a large rate make weights infinite and NaN while the clamp keeps the error finite. Such a training goes on
 * to its end, and has diverged then, however it was cut. */
Test(population, weights_that_are_not_finite)
{
  enum { COUNT = 40, HIDDEN = 33, EPOCHS = 20 };
  double x[COUNT], y[COUNT];
  for (int i = 0; i < COUNT; i++) x[i] = 1e9 * (i + 1), y[i] = i % 2;
  clfit_data *data;
  EXPECT_OK(clfit_data_create(COUNT, x, y, &data, &error));
  const char *const selectors[] = {"reference", "cpu", "cpu", "cpu"};
  const char *const mappings[] = {NULL, "wide", "packed", "team"};
  unsigned bad = 0;
  for (int k = 0; k < 4; k++) {
    clfit_device *device = open_device(selectors[k]);
    clfit_population_options options;
    clfit_population_options_default(&options);
    options.mapping = mappings[k];
    clfit_population *population;
    uint32_t index;
    EXPECT_OK(clfit_population_create(device, &options, &population, &error));
    EXPECT_OK(clfit_population_add_data(population, data, &index, &error));
    const clfit_network network = make_network(HIDDEN, COUNT, EPOCHS, 1.5);
    static const uint32_t pieces[] = {1000000, COUNT, 97, 1};
    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
      clfit_state state = train_in_pieces(population, &network, pieces[i], &bad);
      cr_assert(state.progress.status == CLFIT_TRAINING_DIVERGED);
      cr_assert(state.progress.epoch == EPOCHS - 1 && state.progress.sample == COUNT - 1);
      cr_assert(isnan(clfit_progress_train_loss(&state.progress, COUNT)));
      for (size_t p = 0; p < clfit_parameter_count(HIDDEN); p++) cr_assert(isnan(state.parameters[p]));
      clfit_state_clear(&state);
    }
    clfit_population_free(population);
    clfit_device_close(device);
  }
  cr_assert(bad > 0, "this training was meant to blow up before its end");
  clfit_data_free(data);
}

/* A training that meets its tolerance with its very last epoch has stopped: more epochs do not start it again. */
Test(population, the_tolerance_comes_before_the_last_epoch)
{
  const char *const selectors[] = {"reference", "cpu", "cpu", "cpu"};
  const char *const mappings[] = {NULL, "wide", "packed", "team"};
  for (int k = 0; k < 4; k++) {
    clfit_device *device = open_device(selectors[k]);
    clfit_population *population = open_population(device, mappings[k], false);
    clfit_network network = make_network(8, 50, 1000, 0.1);
    network.tol = 1e-3;
    clfit_state free_run = train_alone(population, &network, 0);
    cr_assert(free_run.progress.status == CLFIT_TRAINING_STOPPED);
    network.epochs = free_run.progress.epoch;
    clfit_state exact = train_alone(population, &network, 0);
    expect_same(&exact, &free_run, "as many epochs as it takes");
    clfit_state_clear(&exact);
    clfit_state_clear(&free_run);
    clfit_population_free(population);
    clfit_device_close(device);
  }
}

/* ---- errors -------------------------------------------------------------------------------------------------- */

Test(population, arguments_are_checked)
{
  const char *const selectors[] = {"cpu", "reference"};
  for (int k = 0; k < 2; k++) {
    clfit_device *device = open_device(selectors[k]);
    clfit_population_options options;
    clfit_population_options_default(&options);
    options.mapping = "sideways";
    clfit_population *population = NULL;
    EXPECT_ERROR(clfit_population_create(device, &options, &population, &error), CLFIT_ERROR_ARGUMENT, "sideways");
    options.mapping = NULL;
    options.history = options.milestones = true;
    EXPECT_ERROR(clfit_population_create(device, &options, &population, &error), CLFIT_ERROR_ARGUMENT, "not both");
    options.history = options.milestones = false;
    options.size = 1;
    EXPECT_ERROR(clfit_population_create(device, &options, &population, &error), CLFIT_ERROR_ARGUMENT, "options");
    cr_assert(!population);

    population = open_population(device, NULL, false);
    clfit_network network = make_network(4, SAMPLES + 1, 1, 0.1);
    clfit_state state;
    EXPECT_OK(clfit_state_init(&state, &network, &error));
    const clfit_state *states[] = {&state};
    uint32_t data = 0, slot = 0;
    EXPECT_ERROR(clfit_population_take(population, 1, states, &data, &slot, &error), CLFIT_ERROR_ARGUMENT, "201");
    state.network.samples = SAMPLES;
    data = 1;
    EXPECT_ERROR(clfit_population_take(population, 1, states, &data, &slot, &error), CLFIT_ERROR_ARGUMENT, "data 1");
    data = 0;
    state.network.rate = -1.0;
    EXPECT_ERROR(clfit_population_take(population, 1, states, &data, &slot, &error), CLFIT_ERROR_ARGUMENT, "rate");
    state.network.rate = 0.1;
    state.progress.sample = SAMPLES;
    EXPECT_ERROR(clfit_population_take(population, 1, states, &data, &slot, &error), CLFIT_ERROR_ARGUMENT, "progress");
    state.progress.sample = 0;
    double x = 0.0;
    float z;
    clfit_milestones none;
    EXPECT_ERROR(clfit_population_milestones(population, 1, &slot, &none, &error), CLFIT_ERROR_ARGUMENT, "without");
    EXPECT_ERROR(clfit_population_evaluate(population, 1, &slot, 1, &x, &z, &error), CLFIT_ERROR_ARGUMENT, "slot");
    EXPECT_ERROR(clfit_population_give(population, 1, &slot, &state, &error), CLFIT_ERROR_ARGUMENT, "slot");
    state.progress.epoch = 1;
    state.progress.sample = 3; /* after the last epoch's end */
    EXPECT_ERROR(clfit_population_take(population, 1, states, &data, &slot, &error), CLFIT_ERROR_ARGUMENT, "progress");
    state.progress.sample = 0;
    state.progress.status = (clfit_training)7;
    EXPECT_ERROR(clfit_population_take(population, 1, states, &data, &slot, &error), CLFIT_ERROR_ARGUMENT, "status");
    state.progress.status = CLFIT_TRAINING_RUNNING;
    state.progress.epoch = 0;
    /* After all that refusing it still works. */
    EXPECT_OK(clfit_population_take(population, 1, states, &data, &slot, &error));
    EXPECT_OK(clfit_population_advance(population, 0, NULL, &error));
    const uint32_t twice[] = {slot, slot};
    clfit_state given[2];
    EXPECT_ERROR(clfit_population_give(population, 2, twice, given, &error), CLFIT_ERROR_ARGUMENT, "twice");
    EXPECT_OK(clfit_population_give(population, 1, &slot, given, &error));
    clfit_state_clear(given);
    clfit_state_clear(&state);
    clfit_population_free(population);
    clfit_device_close(device);
  }
}

/* Gradient descent would train as if all weights were 1. */
Test(population, weights_are_refused_but_for_least_squares)
{
  const double values[] = {0, 1}, weights[] = {1, 0.5};
  clfit_device *device = open_device("reference");
  clfit_population *population = open_population(device, NULL, false);
  clfit_network network = make_network(4, 2, 1, 0.1);
  clfit_state state;
  clfit_data *data;
  uint32_t index, slot;
  EXPECT_OK(clfit_state_init(&state, &network, &error));
  const clfit_state *states[] = {&state};
  EXPECT_OK(clfit_data_create_weighted(2, values, values, weights, &data, &error));
  EXPECT_OK(clfit_population_add_data(population, data, &index, &error));
  EXPECT_ERROR(clfit_population_take(population, 1, states, &index, &slot, &error), CLFIT_ERROR_ARGUMENT,
               "least squares only, not with the optimizer sgd");
  index = 0; /* the data without weights */
  EXPECT_OK(clfit_population_take(population, 1, states, &index, &slot, &error));
  clfit_data_free(data);
  clfit_state_clear(&state);
  clfit_population_free(population);
  clfit_device_close(device);
}

/* The root of a negative number is another one on each device. */
Test(population, negative_means_of_squares_are_refused)
{
  clfit_device *device = open_device("reference");
  clfit_population *population = open_population(device, NULL, false);
  clfit_network network = make_network(4, 2, 1, 0.1);
  clfit_state state;
  uint32_t index = 0, slot;
  network.optimizer = CLFIT_ADAM;
  EXPECT_OK(clfit_state_init(&state, &network, &error));
  const clfit_state *states[] = {&state};
  const size_t squares = 2 * clfit_parameter_count(4);
  state.parameters[squares - 1] = -1.0f; /* a moment may be */
  state.parameters[squares + 12] = -0x1p-140f;
  EXPECT_ERROR(clfit_population_take(population, 1, states, &index, &slot, &error), CLFIT_ERROR_ARGUMENT,
               "negative mean of squares");
  state.parameters[squares + 12] = NAN;
  EXPECT_OK(clfit_population_take(population, 1, states, &index, &slot, &error));
  clfit_state_clear(&state);
  clfit_population_free(population);
  clfit_device_close(device);
}

/* A state that has trained its epochs, but does not know it: nothing is left to do. */
Test(population, a_state_at_its_end_does_not_train)
{
  const char *const selectors[] = {"cpu", "reference"};
  for (int k = 0; k < 2; k++) {
    clfit_device *device = open_device(selectors[k]);
    clfit_population *population = open_population(device, NULL, false);
    clfit_network network = make_network(4, 60, 10, 0.1);
    clfit_state state;
    EXPECT_OK(clfit_state_init(&state, &network, &error));
    state.progress.epoch = 10;
    const clfit_state *states[] = {&state};
    uint32_t data = 0, slot;
    size_t running = 9;
    EXPECT_OK(clfit_population_take(population, 1, states, &data, &slot, &error));
    EXPECT_OK(clfit_population_advance(population, 1000, &running, &error));
    cr_assert(running == 0);
    cr_assert(clfit_population_progress(population, slot)->epoch == 10);
    cr_assert(clfit_population_progress(population, slot)->status == CLFIT_TRAINING_DONE);
    clfit_state_clear(&state);
    clfit_population_free(population);
    clfit_device_close(device);
  }
}

/* A NULL error is fine wherever one may be given. */
Test(population, errors_may_be_ignored)
{
  clfit_device *device = NULL;
  cr_assert(clfit_device_open("no such device anywhere", &device, NULL) != CLFIT_OK);
  cr_assert(!device);
  clfit_population_free(NULL);
  clfit_device_close(NULL);
  clfit_data_free(NULL);
  clfit_target_free(NULL);
  clfit_state_clear(NULL);
  clfit_model_clear(NULL);
}
