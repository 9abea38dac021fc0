/* Training through gradients: the rules of the optimizers, batches, clip, decay and schedules against float64. What
 * ends a training is in test_ends.c, the order of the samples in test_permutation.c. */
#include "parabola.h"
#include "permutation.h"
#include "study.h"
#include "trained.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define ORACLE_PARAMETERS 200 /* most parameters of a network */
#define NUMBER            double
#define NAMED(name)       name##_in_float64
#include "oracle.h"
#define NUMBER      float
#define NAMED(name) name##_in_float32
#include "oracle.h"

static const struct {
  const char *selector, *mapping;
} places[] = {{"reference", NULL}, {"cpu", "wide"}, {"cpu", "packed"}, {"cpu", "team"}};

#define PLACES (sizeof places / sizeof *places)

TestSuite(batches, .fini = close_trainer_devices);

/* ---- golden trainings ---------------------------------------------------------------------------------------- */

#define GOLDEN_TRAININGS 7u

struct golden {
  char name[64];
  clfit_network network;
  double deviation; /* what float32 arithmetic ends away from float64, at most */
};

/* Sets the fields of "optimizer=adam batch=64"; of the first row "momentum=0.9" alone says which optimizer it is. */
static void read_options(char *options, struct golden *golden)
{
  golden->network.optimizer = strcmp(golden->name, "momentum") ? CLFIT_SGD : CLFIT_MOMENTUM;
  for (char *option = strtok(options, " "); option; option = strtok(NULL, " ")) {
    char *equals = strchr(option, '=');
    cr_assert(equals);
    *equals = '\0';
    const clfit_field *field = clfit_field_find(option);
    cr_assert(field, "there is no field %s", option);
    EXPECT_OK(clfit_field_read(field, equals + 1, NULL, &golden->network, &error));
  }
}

static struct golden read_golden(const char *line)
{
  struct golden golden;
  char activation[16], options[128];
  clfit_network_default(&golden.network);
  clfit_network *network = &golden.network;
  cr_assert(sscanf(line, "%63[^,],%u,%u,%u,%u,%lf,%15[^,],%127[^,],%lf", golden.name, &network->hidden,
                   &network->samples, &network->sample_seed, &network->epochs, &network->rate, activation, options,
                   &golden.deviation) == 9);
  EXPECT_OK(clfit_activation_find(activation, &network->activation, &error));
  read_options(options, &golden);
  return golden;
}

static double distance_from_golden(const clfit_state *state, const char *name)
{
  static const char *const planes[] = {"W1", "B1", "W2", "B2"};
  char path[256], line[256], plane[8];
  double value, worst = 0;
  size_t index, count = 0;
  snprintf(path, sizeof path, GOLDEN "optimizer_%s.csv", name);
  FILE *file = fopen(path, "r");
  cr_assert(file && fgets(line, sizeof line, file), "cannot read %s", path);
  for (; fgets(line, sizeof line, file); count++) {
    cr_assert(sscanf(line, "%7[^,],%zu,%lf", plane, &index, &value) == 3);
    size_t place = 0;
    while (strcmp(plane, planes[place]) != 0) place++;
    worst = fmax(worst, fabs(state->parameters[place * state->network.hidden + index] - value));
  }
  fclose(file);
  cr_assert(count == clfit_parameter_count(state->network.hidden), "%s has %zu parameters", path, count);
  return worst;
}

/* What float32 arithmetic ends away from float64 was measured with another order of summation (data/golden/README.md).
 * Rounding errors of another order are about as large, but others: ten times as much is allowed. */
static void expect_golden(size_t place, const struct golden *golden)
{
  clfit_data *data = chapter_samples(golden->network.samples, golden->network.sample_seed);
  clfit_population *trainer = make_trainer(places[place].selector, places[place].mapping, data);
  clfit_state state = train_new(trainer, &golden->network, 0, NULL);
  const double distance = distance_from_golden(&state, golden->name);
  cr_assert(distance <= 10 * golden->deviation, "%s, %s: %g is more than %g", places[place].selector, golden->name,
            distance, 10 * golden->deviation);
  clfit_state_clear(&state);
  clfit_population_free(trainer);
  clfit_data_free(data);
}

static void expect_all_golden(size_t place)
{
  FILE *file = fopen(GOLDEN "optimizers.csv", "r");
  char line[256];
  uint32_t count = 0;
  cr_assert(file && fgets(line, sizeof line, file));
  for (; fgets(line, sizeof line, file); count++) {
    const struct golden golden = read_golden(line);
    expect_golden(place, &golden);
  }
  fclose(file);
  cr_assert(count == GOLDEN_TRAININGS);
}

Test(batches, golden_on_the_reference)
{
  expect_all_golden(0);
}

Test(batches, golden_on_a_device, .timeout = 600)
{
  for (size_t place = 1; place < PLACES; place++) expect_all_golden(place);
}

/* ---- against float64 ----------------------------------------------------------------------------------------- */

#define SAMPLES 41u /* make_parabola takes them in steps of 37 */
#define EPOCHS  4u

static uint32_t order_of(const clfit_network *network, uint32_t epoch, uint32_t position)
{
  if (network->shuffle == CLFIT_SHUFFLED_NONE) return position;
  const struct philox keys =
      permutation_keys(network->seed, network->shuffle == CLFIT_SHUFFLED_ONCE ? CLFIT_PERMUTATION_ONCE : epoch);
  const struct permutation by = {.keys = {keys.word0, keys.word1, keys.word2, keys.word3},
                                 .width = permutation_width(network->samples),
                                 .count = network->samples};
  return permute(by, position);
}

/* The factor of the rate, as clfit.h defines it. */
static double factor_of(const clfit_schedule *schedule, uint32_t epoch, uint32_t epochs)
{
  switch (schedule->kind) {
  case CLFIT_SCHEDULED_GEOMETRIC: return pow(schedule->factor, epoch);
  case CLFIT_SCHEDULED_STEP: return pow(schedule->factor, epoch / schedule->epochs);
  case CLFIT_SCHEDULED_COSINE: return (1 + cos(M_PI * epoch / epochs)) / 2;
  case CLFIT_SCHEDULED_WARMUP: return fmin((epoch + 1.0) / schedule->epochs, 1);
  default: return 1;
  }
}

static const clfit_schedule schedules[] = {{0},
                                           {.kind = CLFIT_SCHEDULED_GEOMETRIC, .factor = 0.9f},
                                           {.kind = CLFIT_SCHEDULED_STEP, .epochs = 2, .factor = 0.5f},
                                           {.kind = CLFIT_SCHEDULED_COSINE},
                                           {.kind = CLFIT_SCHEDULED_WARMUP, .epochs = 3}};

#define SCHEDULES (sizeof schedules / sizeof *schedules)

/* Trains on the reference and by the loops of oracle.h. Rounding errors go through a training as the difference between
 * the loops in float32 and in float64 shows; the reference has others, in another order, hence ten times that, and a
 * few units in the last place of the largest parameter. */
static void expect_oracle(const clfit_network *network)
{
  static struct oracle_in_float64 precise;
  static struct oracle_in_float32 rounded;
  const clfit_schedule schedule = clfit_schedule_decode(network->schedule);
  double factors[EPOCHS], allowed = 0, largest = 0, moved = 0;
  clfit_data *data = make_parabola(SAMPLES);
  const float *x = clfit_data_x_float(data), *y = clfit_data_y_float(data);
  clfit_population *trainer = make_trainer("reference", NULL, data);
  clfit_state fresh;
  EXPECT_OK(clfit_state_init(&fresh, network, &error));
  const size_t count = clfit_parameter_count(network->hidden);
  cr_assert(count <= ORACLE_PARAMETERS && network->epochs <= EPOCHS);
  for (uint32_t epoch = 0; epoch < network->epochs; epoch++)
    factors[epoch] = factor_of(&schedule, epoch, network->epochs);
  train_in_float64(&fresh, x, y, factors, order_of, &precise);
  train_in_float32(&fresh, x, y, factors, order_of, &rounded);
  clfit_state state = train_on(trainer, &fresh, 0, NULL);
  for (size_t i = 0; i < count; i++) {
    allowed = fmax(allowed, 10 * fabs(rounded.parameters[i] - precise.parameters[i]));
    largest = fmax(largest, fabs(precise.parameters[i]));
    moved = fmax(moved, fabs(precise.parameters[i] - fresh.parameters[i]));
  }
  allowed += 4 * 0x1p-24 * largest;
  for (size_t i = 0; i < count; i++)
    cr_assert(fabs(state.parameters[i] - precise.parameters[i]) <= allowed,
              "%s, batch %u, decay %g, clip %g, schedule %u: parameter %zu is %.9g, not %.9g",
              clfit_optimizer_name(network->optimizer), network->batch, network->weight_decay, network->clip,
              schedule.kind, i, (double)state.parameters[i], precise.parameters[i]);
  cr_assert(moved > 50 * allowed, "%s: parameters move by %g, and %g is allowed",
            clfit_optimizer_name(network->optimizer), moved, allowed);
  clfit_state_clear(&fresh);
  clfit_state_clear(&state);
  clfit_population_free(trainer);
  clfit_data_free(data);
}

static clfit_network make_network(clfit_optimizer optimizer, uint32_t number)
{
  static const uint32_t batches[] = {1, 3, 16, 0};
  clfit_network network;
  clfit_network_default(&network);
  network.optimizer = optimizer;
  network.hidden = 5 + number % 40;
  network.samples = SAMPLES;
  network.epochs = EPOCHS;
  network.activation = number % 3;
  network.seed = number;
  network.eps = 1e-4; /* a smaller one makes much of the rounding errors of gradients that are nearly 0 */
  const bool adaptive = optimizer == CLFIT_ADAM || optimizer == CLFIT_ADAMW || optimizer == CLFIT_RMSPROP;
  network.rate = optimizer == CLFIT_RMSPROP ? 0.001 : adaptive ? 0.01 : 0.05; /* rmsprop begins with 30 times that */
  network.batch = batches[number % 4];
  network.shuffle = number / 4 % 3;
  return network;
}

/* Every optimizer with every batch and schedule, with and without decay and clip, and other numbers than the
 * defaults. */
Test(batches, rules_follow_float64)
{
  for (clfit_optimizer optimizer = 0; optimizer < clfit_optimizer_count(); optimizer++)
    for (uint32_t number = 0; number < 60 && optimizer != CLFIT_LM; number++) {
      clfit_network network = make_network(optimizer, number);
      network.schedule = clfit_schedule_encode(&schedules[number % SCHEDULES]);
      if (number % 2) network.weight_decay = 0.03;
      if (number % 3 == 1) network.clip = 0.05;
      if (number % 7 == 3) network.momentum = 0.5;
      if (number % 7 == 3) network.beta1 = 0.7;
      if (number % 7 == 4) network.beta2 = 0.9;
      if (number % 7 == 5) network.eps = 1e-3;
      expect_oracle(&network);
    }
}

/* ---- batches ------------------------------------------------------------------------------------------------- */

/* A batch of all samples is one of their number, and of more than there are. */
Test(batches, all_is_the_number_of_samples)
{
  clfit_data *data = make_parabola(SAMPLES);
  for (size_t place = 0; place < PLACES; place++) {
    clfit_population *trainer = make_trainer(places[place].selector, places[place].mapping, data);
    clfit_network network = make_network(CLFIT_MOMENTUM, 3);
    clfit_state all = train_new(trainer, &network, 0, NULL);
    for (uint32_t batch = SAMPLES; batch <= SAMPLES + 1; batch++) {
      network.batch = batch;
      clfit_state same = train_new(trainer, &network, 0, NULL);
      expect_equal_states(&same, &all, places[place].selector);
      clfit_state_clear(&same);
    }
    clfit_state_clear(&all);
    clfit_population_free(trainer);
  }
  clfit_data_free(data);
}

/* ---- schedules ----------------------------------------------------------------------------------------------- */

/* One step in an epoch from all parameters 0, with one sample whose y is -1 and the rate 1: B2 becomes -factor. */
static double measure_factor(clfit_population *trainer, clfit_state *state)
{
  memset(state->parameters, 0, clfit_parameter_count(state->network.hidden) * sizeof *state->parameters);
  clfit_state next = train_on(trainer, state, 1, NULL);
  clfit_state_clear(state);
  *state = next;
  return -(double)next.parameters[3 * next.network.hidden];
}

/*
 * Rounding errors in units of u = 2^-24, relative: a power of G has one in each multiplication, t at most. warmup has
 * two. The cosine's factor is a square of a sine (3 u, with the error of the polynomial) of w = 1 - t/E, which has an
 * absolute error of 3 u; relative to w it goes into the sine, and twice into its square.
 */
static double factor_bound(const clfit_schedule *schedule, uint32_t epoch, uint32_t epochs)
{
  const double u = 0x1p-24, w = 1 - (double)epoch / epochs;
  if (schedule->kind == 3) return (2 * 3 + 1 + 2 * 3 / w) * u;
  return schedule->kind == 0 ? 0 : schedule->kind == 4 ? 2 * u : epoch * u;
}

static void expect_factors(clfit_population *trainer, const clfit_schedule *schedule, const char *place)
{
  clfit_network network;
  clfit_state state;
  clfit_network_default(&network);
  network.hidden = 1;
  network.samples = 1;
  network.epochs = 41;
  network.rate = 1;
  network.batch = 1;
  network.shuffle = CLFIT_SHUFFLED_ONCE; /* a constant schedule alone would be plain gradient descent */
  network.schedule = clfit_schedule_encode(schedule);
  EXPECT_OK(clfit_state_init(&state, &network, &error));
  for (uint32_t epoch = 0; epoch < network.epochs; epoch++) {
    const double want = factor_of(schedule, epoch, network.epochs), got = measure_factor(trainer, &state);
    cr_assert(fabs(got - want) <= want * factor_bound(schedule, epoch, network.epochs) * 1.01,
              "%s, schedule %u, epoch %u: %.9g, not %.9g", place, schedule->kind, epoch, got, want);
  }
  clfit_state_clear(&state);
}

Test(batches, schedules_follow_float64)
{
  const double x = 0.5, y = -1;
  clfit_data *data;
  EXPECT_OK(clfit_data_create(1, &x, &y, &data, &error));
  for (size_t place = 0; place < PLACES; place++) {
    clfit_population *trainer = make_trainer(places[place].selector, places[place].mapping, data);
    for (size_t i = 0; i < SCHEDULES; i++) expect_factors(trainer, &schedules[i], places[place].selector);
    clfit_population_free(trainer);
  }
  clfit_data_free(data);
}
