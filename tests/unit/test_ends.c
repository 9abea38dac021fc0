/* What ends a training through gradients, and what it has then: patience, stop_loss, counters, going on afterwards. */
#include "parabola.h"
#include "permutation.h"
#include "scratch.h"
#include "trained.h"

#include <math.h>

#define SAMPLES 150u
#define EPOCHS  40u

static const struct {
  const char *selector, *mapping;
} places[] = {{"reference", NULL}, {"cpu", "wide"}, {"cpu", "packed"}, {"cpu", "team"}};

#define PLACES            (sizeof places / sizeof *places)
#define EACH_PLACE(place) for (size_t place = 0; place < PLACES; place++)

TestSuite(ends, .fini = close_trainer_devices);

/* Its loss falls and rises again, because the rate is large for batches of few samples. */
static clfit_network make_network(void)
{
  clfit_network network;
  clfit_network_default(&network);
  network.hidden = 9;
  network.activation = CLFIT_SIGMOID; /* with which verification builds every rule */
  network.samples = SAMPLES;
  network.epochs = EPOCHS;
  network.optimizer = CLFIT_MOMENTUM;
  network.rate = 0.3;
  network.batch = 4;
  network.shuffle = CLFIT_SHUFFLED_EPOCH;
  return network;
}

static double counter_of(const clfit_state *state, const char *name)
{
  for (size_t i = 0; i < CLFIT_COUNTER_COUNT; i++)
    if (!strcmp(clfit_counter_name(i), name))
      return state->parameters[clfit_record_count(&state->network) - CLFIT_COUNTER_COUNT + i];
  cr_assert(false, "there is no counter %s", name);
  return NAN;
}

/* ---- the loss of all samples --------------------------------------------------------------------------------- */

/* The sum of squared errors in the order in which a training adds it: blocks of 64, then TwoSum. */
static void sum_all(const clfit_state *state, const clfit_data *data, float *high, float *low)
{
  float block = 0;
  *high = *low = 0;
  for (uint32_t i = 0; i < state->network.samples; i++) {
    float z;
    clfit_state_evaluate(state, 1, &clfit_data_x(data)[i], &z);
    const float e = z - clfit_data_y_float(data)[i];
    block = fmaf(e, e, block);
    if ((i + 1) % 64 != 0 && i + 1 != state->network.samples) continue;
    const float sum = *high + block, back = sum - *high;
    *low += (*high - (sum - back)) + (block - back);
    *high = sum;
    block = 0;
  }
}

static double loss_of_all(const clfit_state *state, const clfit_data *data)
{
  float high, low;
  sum_all(state, data, &high, &low);
  return 0.5 * ((double)high + low) / state->network.samples;
}

/* losses[t]: after epoch t + 1, by trainings on the reference that end there: those of every device. */
static void find_losses(const clfit_data *data, double *losses)
{
  clfit_population *trainer = make_trainer("reference", NULL, data);
  clfit_network network = make_network();
  for (network.epochs = 1; network.epochs <= EPOCHS; network.epochs++) {
    clfit_state state = train_new(trainer, &network, 0, NULL);
    losses[network.epochs - 1] = loss_of_all(&state, data);
    clfit_state_clear(&state);
  }
  clfit_population_free(trainer);
}

/* ---- patience ------------------------------------------------------------------------------------------------ */

/* The epoch, from 1, in which a training with patience stops, and the best one until then; EPOCHS: it does not. */
static uint32_t end_of(const double *losses, uint32_t patience, uint32_t *best)
{
  *best = 1;
  for (uint32_t epoch = 2; epoch <= EPOCHS; epoch++) {
    if (losses[epoch - 1] < losses[*best - 1]) *best = epoch;
    if (epoch - *best >= patience) return epoch;
  }
  return EPOCHS;
}

/* The parameters after an epoch, without patience. */
static void expect_parameters_of(clfit_population *trainer, const float *parameters, uint32_t epoch)
{
  clfit_network network = make_network();
  network.epochs = epoch;
  clfit_state state = train_new(trainer, &network, 0, NULL);
  cr_assert(!memcmp(parameters, state.parameters, clfit_parameter_count(network.hidden) * sizeof *parameters),
            "parameters are not those after epoch %u", epoch);
  clfit_state_clear(&state);
}

static void expect_patience(clfit_population *trainer, const clfit_data *data, const double *losses,
                            clfit_figure figure)
{
  clfit_network network = make_network();
  uint32_t best;
  float high, low;
  network.patience = 4;
  network.patience_on = figure;
  const uint32_t end = end_of(losses, network.patience, &best);
  cr_assert(best < end && end < EPOCHS, "the training does not show anything: best %u, end %u", best, end);
  clfit_state state = train_new(trainer, &network, 0, NULL);
  cr_assert(state.progress.status == CLFIT_TRAINING_STOPPED && state.progress.stopped_by == CLFIT_STOP_PATIENCE);
  cr_assert(state.progress.epoch == end && clfit_state_best_epoch(&state) == best,
            "ends in epoch %u, best %u, not %u, %u", state.progress.epoch, clfit_state_best_epoch(&state), end, best);
  expect_parameters_of(trainer, state.parameters, best);
  const size_t size = clfit_parameter_count(network.hidden), kept = 3 * size; /* value, momentum, gradient, kept */
  expect_parameters_of(trainer, state.parameters + kept, end);
  sum_all(&state, data, &high, &low);
  if (figure == CLFIT_FIGURE_OF_ALL)
    cr_assert(counter_of(&state, "best_high") == high && counter_of(&state, "best_low") == low,
              "the best loss is not that of the parameters");
  clfit_state_clear(&state);
}

Test(ends, patience_goes_back_to_the_best)
{
  clfit_data *data = make_parabola(SAMPLES);
  double losses_of_all[EPOCHS];
  find_losses(data, losses_of_all);
  EACH_PLACE(place)
  {
    clfit_population *trainer = make_trainer(places[place].selector, places[place].mapping, data);
    double losses[EPOCHS];
    clfit_network network = make_network();
    clfit_state state = train_new(trainer, &network, 0, losses);
    clfit_state_clear(&state);
    expect_patience(trainer, data, losses, CLFIT_FIGURE_OF_TRAIN);
    expect_patience(trainer, data, losses_of_all, CLFIT_FIGURE_OF_ALL);
    clfit_population_free(trainer);
  }
  clfit_data_free(data);
}

/* A training that is done has the best parameters, and goes on from the last ones. */
Test(ends, patience_goes_on_from_the_last_epoch)
{
  clfit_data *data = make_parabola(SAMPLES);
  EACH_PLACE(place)
  {
    clfit_population *trainer = make_trainer(places[place].selector, places[place].mapping, data);
    clfit_network network = make_network();
    network.patience = 30;
    network.patience_on = CLFIT_FIGURE_OF_ALL;
    clfit_state want = train_new(trainer, &network, 0, NULL);
    for (uint32_t epochs = 1; epochs < EPOCHS; epochs += 6) {
      network.epochs = epochs;
      clfit_state state = train_new(trainer, &network, 0, NULL);
      cr_assert(state.progress.status == CLFIT_TRAINING_DONE);
      state.network.epochs = EPOCHS;
      clfit_state got = train_on(trainer, &state, 0, NULL);
      expect_equal_states(&got, &want, places[place].selector);
      clfit_state_clear(&state);
      clfit_state_clear(&got);
    }
    clfit_state_clear(&want);
    clfit_population_free(trainer);
  }
  clfit_data_free(data);
}

/* The same by clfit_state_extend, which train --resume --epochs uses. */
Test(ends, patience_survives_an_end_before_it_is_taken)
{
  clfit_data *data = make_parabola(SAMPLES);
  clfit_population *trainer = make_trainer("reference", NULL, data);
  clfit_network network = make_network();
  network.patience = 30;
  network.patience_on = CLFIT_FIGURE_OF_ALL;
  clfit_state want = train_new(trainer, &network, 0, NULL);
  clfit_state early = train_new(trainer, &network, 7 * SAMPLES, NULL);
  clfit_state_extend(&early, 7);
  cr_assert(early.progress.status == CLFIT_TRAINING_DONE);
  expect_parameters_of(trainer, early.parameters, clfit_state_best_epoch(&early));
  clfit_state_extend(&early, EPOCHS);
  cr_assert(early.progress.status == CLFIT_TRAINING_RUNNING);
  clfit_state got = train_on(trainer, &early, 0, NULL);
  expect_equal_states(&got, &want, "reference");
  clfit_state_clear(&early);
  clfit_state_clear(&got);
  clfit_state_clear(&want);
  clfit_population_free(trainer);
  clfit_data_free(data);
}

/* A training under way, taken with the epochs that it has had, ends there, and may go on later all the same. */
Test(ends, patience_survives_fewer_epochs)
{
  clfit_data *data = make_parabola(SAMPLES);
  EACH_PLACE(place)
  {
    clfit_population *trainer = make_trainer(places[place].selector, places[place].mapping, data);
    clfit_network network = make_network();
    network.patience = 30;
    network.patience_on = CLFIT_FIGURE_OF_ALL;
    clfit_state want = train_new(trainer, &network, 0, NULL);
    clfit_state early = train_new(trainer, &network, 7 * SAMPLES, NULL);
    early.network.epochs = 7;
    clfit_state ended = train_on(trainer, &early, 0, NULL);
    cr_assert(ended.progress.status == CLFIT_TRAINING_DONE);
    expect_parameters_of(trainer, ended.parameters, clfit_state_best_epoch(&ended));
    ended.network.epochs = EPOCHS;
    clfit_state got = train_on(trainer, &ended, 0, NULL);
    expect_equal_states(&got, &want, places[place].selector);
    clfit_state_clear(&want);
    clfit_state_clear(&early);
    clfit_state_clear(&ended);
    clfit_state_clear(&got);
    clfit_population_free(trainer);
  }
  clfit_data_free(data);
}

/* ---- stop_loss ----------------------------------------------------------------------------------------------- */

/* Stops after the first epoch whose loss is smaller. */
static void expect_stop(clfit_population *trainer, const double *losses, clfit_figure figure)
{
  clfit_network network = make_network();
  network.stop_on = figure;
  for (uint32_t epoch = 2; epoch < 12; epoch += 3) {
    uint32_t end = 1;
    network.stop_loss = losses[epoch - 1] * (1 + 1e-6); /* float32 rounds it by 2^-24 */
    while (!(losses[end - 1] < network.stop_loss)) end++;
    clfit_state state = train_new(trainer, &network, 0, NULL);
    cr_assert(state.progress.status == CLFIT_TRAINING_STOPPED && state.progress.stopped_by == CLFIT_STOP_LOSS);
    cr_assert(state.progress.epoch == end, "stops in epoch %u, not %u", state.progress.epoch, end);
    clfit_state_clear(&state);
  }
}

Test(ends, stop_loss_of_train_and_all)
{
  clfit_data *data = make_parabola(SAMPLES);
  double losses_of_all[EPOCHS];
  find_losses(data, losses_of_all);
  EACH_PLACE(place)
  {
    clfit_population *trainer = make_trainer(places[place].selector, places[place].mapping, data);
    double losses[EPOCHS];
    clfit_network network = make_network();
    clfit_state state = train_new(trainer, &network, 0, losses);
    clfit_state_clear(&state);
    expect_stop(trainer, losses, CLFIT_FIGURE_OF_TRAIN);
    expect_stop(trainer, losses_of_all, CLFIT_FIGURE_OF_ALL);
    clfit_population_free(trainer);
  }
  clfit_data_free(data);
}

/* ---- orders -------------------------------------------------------------------------------------------------- */

/* The order of a training is the permutation of its seed: as data in that order that are not shuffled. */
Test(ends, an_order_is_that_of_its_permutation)
{
  clfit_network network = make_network();
  const struct philox keys = permutation_keys(network.seed, CLFIT_PERMUTATION_ONCE);
  const struct permutation by = {
      .keys = {keys.word0, keys.word1, keys.word2, keys.word3}, .width = permutation_width(SAMPLES), .count = SAMPLES};
  clfit_data *data = make_parabola(SAMPLES), *ordered;
  double x[SAMPLES], y[SAMPLES];
  for (uint32_t i = 0; i < SAMPLES; i++) {
    x[i] = clfit_data_x(data)[permute(by, i)];
    y[i] = clfit_data_y(data)[permute(by, i)];
  }
  EXPECT_OK(clfit_data_create(SAMPLES, x, y, &ordered, &error));
  EACH_PLACE(place)
  {
    clfit_population *shuffled = make_trainer(places[place].selector, places[place].mapping, data);
    clfit_population *plain = make_trainer(places[place].selector, places[place].mapping, ordered);
    network.shuffle = CLFIT_SHUFFLED_ONCE;
    clfit_state got = train_new(shuffled, &network, 0, NULL);
    network.shuffle = CLFIT_SHUFFLED_NONE;
    clfit_state want = train_new(plain, &network, 0, NULL);
    expect_equal_states(&got, &want, places[place].selector);
    clfit_state_clear(&got);
    clfit_state_clear(&want);
    clfit_population_free(shuffled);
    clfit_population_free(plain);
  }
  clfit_data_free(data);
  clfit_data_free(ordered);
}

/* ---- states that cannot be ----------------------------------------------------------------------------------- */

static void set_counter(clfit_state *state, const char *name, float value)
{
  for (size_t i = 0; i < CLFIT_COUNTER_COUNT; i++)
    if (!strcmp(clfit_counter_name(i), name))
      state->parameters[clfit_record_count(&state->network) - CLFIT_COUNTER_COUNT + i] = value;
}

static void expect_refused(clfit_population *trainer, uint32_t patience, const char *name, float value)
{
  clfit_network network = make_network();
  clfit_state state;
  uint32_t data = 0, slot;
  network.patience = patience;
  network.patience_on = CLFIT_FIGURE_OF_TRAIN;
  EXPECT_OK(clfit_state_init(&state, &network, &error));
  set_counter(&state, name, value);
  const clfit_state *pointer = &state;
  EXPECT_ERROR(clfit_population_take(trainer, 1, &pointer, &data, &slot, &error), CLFIT_ERROR_ARGUMENT, "counters");
  clfit_state_clear(&state);
}

Test(ends, counters_that_cannot_be_are_refused)
{
  clfit_data *data = make_parabola(SAMPLES);
  clfit_population *trainer = make_trainer("reference", NULL, data);
  static const char *const shares[] = {"bias1", "bias2", "rate_factor"};
  for (int i = 0; i < 3; i++) {
    expect_refused(trainer, 1, shares[i], 1.5f);
    expect_refused(trainer, 1, shares[i], -0.5f);
    expect_refused(trainer, 1, shares[i], NAN);
  }
  expect_refused(trainer, 1, "best_epoch_low", 0.5f);
  expect_refused(trainer, 1, "best_epoch_high", -1);
  expect_refused(trainer, 1, "best_epoch_high", 65536);
  expect_refused(trainer, 1, "best_epoch_high", NAN);
  expect_refused(trainer, 1, "best_epoch_low", 1); /* an epoch that is still to come */
  expect_refused(trainer, 0, "best_epoch_low", 1); /* without patience */
  clfit_population_free(trainer);
  clfit_data_free(data);
}

/* A training that diverged is taken as it is. */
Test(ends, a_diverged_training_stays_so)
{
  clfit_data *data = make_parabola(SAMPLES);
  EACH_PLACE(place)
  {
    clfit_population *trainer = make_trainer(places[place].selector, places[place].mapping, data);
    clfit_network network = make_network();
    network.rate = 0x1p+60;
    network.patience = 3;
    network.patience_on = CLFIT_FIGURE_OF_ALL;
    clfit_state state = train_new(trainer, &network, 0, NULL);
    cr_assert(state.progress.status == CLFIT_TRAINING_DIVERGED && clfit_state_best_epoch(&state) == 0);
    clfit_state again = train_on(trainer, &state, 0, NULL);
    expect_equal_states(&again, &state, places[place].selector);
    clfit_state_clear(&state);
    clfit_state_clear(&again);
    clfit_population_free(trainer);
  }
  clfit_data_free(data);
}

/* ---- model files --------------------------------------------------------------------------------------------- */

static clfit_network network_with_all(clfit_optimizer optimizer)
{
  clfit_network network = make_network();
  network.optimizer = optimizer;
  network.rate = 0.01;
  network.batch = 7;
  network.clip = 0.5;
  network.weight_decay = 1e-3;
  network.patience = 20;
  network.patience_on = CLFIT_FIGURE_OF_ALL;
  network.epochs = 9;
  const clfit_schedule schedule = {.kind = 1, .factor = 0.9f};
  network.schedule = clfit_schedule_encode(&schedule);
  return network;
}

/* Saved in the middle of a batch, of a loss block and of the patience, a training goes on to the same end. */
Test(ends, goes_on_from_a_file_in_the_middle_of_a_batch, .init = scratch_make, .fini = scratch_remove)
{
  static const uint32_t cuts[] = {1, 3, 64, 7 * 20 + 4, SAMPLES, 3 * SAMPLES + 11};
  clfit_data *data = make_parabola(SAMPLES);
  clfit_population *trainer = make_trainer("reference", NULL, data);
  for (clfit_optimizer optimizer = 0; optimizer < clfit_optimizer_count(); optimizer++) {
    if (optimizer == CLFIT_LM) continue;
    const clfit_network network = network_with_all(optimizer);
    clfit_state want = train_new(trainer, &network, 0, NULL);
    for (size_t i = 0; i < sizeof cuts / sizeof *cuts; i++) {
      clfit_model model = {.size = sizeof model, .state = train_new(trainer, &network, cuts[i], NULL)}, loaded;
      clfit_source_default(&model.source);
      EXPECT_OK(clfit_model_save(&model, scratch_path("m"), &error));
      EXPECT_OK(clfit_model_load(scratch_path("m"), &loaded, &error));
      expect_equal_states(&loaded.state, &model.state, clfit_optimizer_name(optimizer));
      clfit_state got = train_on(trainer, &loaded.state, 0, NULL);
      expect_equal_states(&got, &want, clfit_optimizer_name(optimizer));
      clfit_state_clear(&model.state);
      clfit_model_clear(&loaded);
      clfit_state_clear(&got);
    }
    clfit_state_clear(&want);
  }
  clfit_population_free(trainer);
  clfit_data_free(data);
}
