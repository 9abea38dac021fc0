/* Training by least squares: the device and the reference give the same bits, however a training is cut and wherever it
 * goes on; losses never rise; weights of 0 are samples that are not there; normal equations and optima against other
 * methods. CLFIT_JOURNEYS in the environment: how many populations of each mapping (30 and 15). */
#include "engine/reference/least_squares.h"

#include "engine/device.h"
#include "engine/lm_record.h"
#include "engine/opencl/opencl.h"
#include "engine/reference/reference.h"
#include "engine/round_network.h"
#include "exact_activation.h"
#include "expect.h"
#include "levenberg_marquardt.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#if CLFIT_TEST_GSL
#include <gsl/gsl_multifit_nlinear.h>
#endif

#define SAMPLES    41u
#define COUNT      72u /* networks of a journey */
#define DATA_SETS  10u
#define EPOCHS_MAX 60u
#define HIDDEN_MAX 11u

static uint64_t random_state;

static uint32_t below(uint32_t count) /* Knuth's MMIX generator: its high bits do */
{
  random_state = random_state * 6364136223846793005u + 1442695040888963407u;
  return (uint32_t)(random_state >> 33) % count;
}

static double between(double low, double high)
{
  return low + (high - low) * (double)below(1u << 24) / (1u << 24);
}

#define ONE_OF(table) ((table)[below(sizeof(table) / sizeof *(table))])

/* ---- samples ------------------------------------------------------------------------------------------------- */

enum { SMOOTH, WEIGHTED, ONE_X, ONE_Y, TWICE, HUGE_VALUES, TINY, DENORMAL, UNEVEN, NOISE };

static double weight_of(uint32_t kind)
{
  static const double uneven[] = {0.0, 1e30, 1e-30, 1.0};
  return kind == UNEVEN ? ONE_OF(uneven) : below(3) ? between(0.1, 3.0) : 0.0;
}

static clfit_data *make_data(uint32_t kind)
{
  static const double units[DATA_SETS] = {[HUGE_VALUES] = 1e30, [TINY] = 1e-30, [DENORMAL] = 1e-41};
  const double unit = units[kind] > 0.0 ? units[kind] : 1.0;
  double x[SAMPLES], y[SAMPLES], weights[SAMPLES];
  for (uint32_t i = 0; i < SAMPLES; i++) {
    const double u = kind == ONE_X ? 0.25 : kind == TWICE ? between(-1.0, 1.0) > 0.0 : between(-1.0, 1.0);
    x[i] = unit * u;
    y[i] = unit * (kind == ONE_Y ? -1.5 : kind == NOISE || kind == TWICE ? between(-1.0, 1.0) : u * u - 0.3 * u);
    weights[i] = weight_of(kind);
  }
  weights[SAMPLES - 1] = 1.0; /* not 0 for all, but perhaps for all that a network has */
  clfit_data *data;
  EXPECT_OK(
      clfit_data_create_weighted(SAMPLES, x, y, kind == WEIGHTED || kind == UNEVEN ? weights : NULL, &data, &error));
  return data;
}

/* ---- networks ------------------------------------------------------------------------------------------------ */

/* Initial parameters: of all sizes, neurons that are equal, dead (for ReLU) or saturated, nothing but zeros,
 * denormals; and now and then an infinite one, so that the training diverges. */
static void draw_parameters(clfit_state *state)
{
  static const double sizes[] = {0.0, 1e-40, 1e-3, 0.5, 1.0, 2.0, 6.0, 30.0, 1e6, 1e30};
  const uint32_t hidden = state->network.hidden, count = 3 * hidden + 1;
  float *p = state->parameters;
  const double size = ONE_OF(sizes);
  for (uint32_t i = 0; i < count; i++) p[i] = (float)between(-size, size);
  switch (below(8)) {
  case 0:
    for (uint32_t i = 0; i < 3 * hidden; i++) p[i] = p[i / hidden * hidden];
    break;
  case 1:
    for (uint32_t j = 0; j < hidden; j++) p[hidden + j] = -1000.0f;
    break;
  case 2: p[below(count)] = below(2) ? INFINITY : NAN; break;
  default: break;
  }
}

/* alike: of the neurons and the activation; NULL: any. */
static clfit_state draw_state(uint32_t data, const clfit_network *alike)
{
  static const double tolerances[] = {0.0, 0.0, 0.0, 1e-9, 1e-3};
  const bool weighted = data == WEIGHTED || data == UNEVEN;
  clfit_network network;
  clfit_state state;
  clfit_network_default(&network);
  network.optimizer = weighted || below(6) ? CLFIT_LM : CLFIT_SGD;
  network.hidden = below(24) ? 1 + below(HIDDEN_MAX) : HIDDEN_MAX + 1 + below(CLFIT_LM_HIDDEN_MAX - HIDDEN_MAX);
  /* Each size of gradient descent is a program to build; these are built by verification, too. */
  if (network.optimizer == CLFIT_SGD) network.hidden = 5 + network.hidden % 2;
  network.samples = below(4) ? 1 + below(SAMPLES) : 1 + below(3);
  network.epochs = below(3) ? 1 + below(EPOCHS_MAX) : 1 + below(3);
  network.activation = below(clfit_activation_count());
  if (alike && network.optimizer == CLFIT_LM) {
    network.hidden = alike->hidden;
    network.activation = alike->activation;
  }
  network.seed = below(1000);
  network.rate = 0.05;
  network.tol = ONE_OF(tolerances);
  EXPECT_OK(clfit_state_init(&state, &network, &error));
  if (network.optimizer == CLFIT_LM) draw_parameters(&state);
  return state;
}

/* ---- journeys ------------------------------------------------------------------------------------------------ */

struct traveller {
  uint32_t data, place, slot;
  double history[EPOCHS_MAX];
};

struct journey {
  clfit_population *places[2]; /* with the same samples; the second may be NULL */
  struct traveller travellers[COUNT];
  uint32_t number;
  const char *mapping;
};

static clfit_population *make_population(clfit_device *device, const char *mapping, bool milestones,
                                         clfit_data *const *data)
{
  clfit_population_options options;
  clfit_population *population;
  clfit_population_options_default(&options);
  options.mapping = mapping;
  options.history = !milestones;
  options.milestones = milestones;
  EXPECT_OK(clfit_population_create(device, &options, &population, &error));
  for (uint32_t i = 0, index; i < DATA_SETS; i++)
    EXPECT_OK(clfit_population_add_data(population, data[i], &index, &error));
  return population;
}

static void take(struct journey *journey, uint32_t n, const uint32_t *who, const clfit_state *states)
{
  for (uint32_t place = 0; place < 2; place++) {
    const clfit_state *pointers[COUNT];
    uint32_t data[COUNT], slots[COUNT], count = 0;
    for (uint32_t i = 0; i < n; i++) {
      if (journey->travellers[who[i]].place != place) continue;
      pointers[count] = &states[i];
      data[count++] = journey->travellers[who[i]].data;
    }
    EXPECT_OK(clfit_population_take(journey->places[place], count, pointers, data, slots, &error));
    for (uint32_t i = n; i-- > 0;)
      if (journey->travellers[who[i]].place == place) journey->travellers[who[i]].slot = slots[--count];
  }
}

static void collect_history(struct journey *journey)
{
  for (uint32_t i = 0; i < COUNT; i++) {
    struct traveller *traveller = &journey->travellers[i];
    uint32_t first;
    size_t count;
    const double *losses = clfit_population_history(journey->places[traveller->place], traveller->slot, &first, &count);
    if (count > 0) memcpy(traveller->history + first - 1, losses, count * sizeof *losses);
  }
}

/* Gives some networks back, and takes them again here or there. */
static void move_some(struct journey *journey)
{
  uint32_t who[COUNT], n = 0;
  clfit_state states[COUNT];
  for (uint32_t i = 0; i < COUNT; i++) {
    struct traveller *traveller = &journey->travellers[i];
    if (below(5)) continue;
    EXPECT_OK(clfit_population_give(journey->places[traveller->place], 1, &traveller->slot, &states[n], &error));
    const clfit_state *state = &states[n];
    const bool precise = state->network.optimizer == CLFIT_LM && state->progress.epoch > 0 &&
                         state->progress.status == CLFIT_TRAINING_RUNNING;
    cr_assert((state->precise != NULL) == precise, "float64 values");
    traveller->place = journey->places[1] ? below(2) : 0;
    who[n++] = i;
  }
  take(journey, n, who, states);
  for (uint32_t i = 0; i < n; i++) clfit_state_clear(&states[i]);
}

static size_t advance(struct journey *journey, uint32_t cut)
{
  size_t all = 0;
  for (int place = 0; place < 2; place++) {
    size_t running = 0;
    if (!journey->places[place]) continue;
    EXPECT_OK(clfit_population_advance(journey->places[place], cut ? 1 + below(cut) : 0, &running, &error));
    all += running;
  }
  return all;
}

/* The same number, and the same zero; or both are none. */
static bool same(double got, double want)
{
  return isnan(want) ? isnan(got) : got == want && !signbit(got) == !signbit(want);
}

static void expect_same_end(const struct journey *journey, uint32_t i, const clfit_state *got, const clfit_state *want,
                            const double *got_history, const double *want_history)
{
  char name[160];
  const clfit_network *network = &want->network;
  snprintf(name, sizeof name, "journey %u, %s, network %u: data %u, %s, %s, %u neurons, %u samples, %u epochs",
           journey->number, journey->mapping, i, journey->travellers[i].data, clfit_optimizer_name(network->optimizer),
           clfit_activation_name(network->activation), network->hidden, network->samples, network->epochs);
  const clfit_progress *at = &got->progress, *reference = &want->progress;
  cr_assert(at->status == reference->status && at->stopped_by == reference->stopped_by, "%s: status %d, not %d", name,
            (int)at->status, (int)reference->status);
  cr_assert(at->epoch == reference->epoch && at->sample == reference->sample, "%s: epoch %u, not %u", name, at->epoch,
            reference->epoch);
  cr_assert(!memcmp(got->parameters, want->parameters, clfit_record_count(network) * sizeof(float)), "%s: parameters",
            name);
  cr_assert(!got->precise && !want->precise, "%s: float64 values of an ended training", name);
  if (at->status != CLFIT_TRAINING_DIVERGED)
    cr_assert(!memcmp(&at->block_loss, &reference->block_loss, 5 * sizeof(float)), "%s: losses", name);
  for (uint32_t k = 0; got_history && k < at->epoch; k++)
    cr_assert(same(got_history[k], want_history[k]), "%s: loss of epoch %u", name, k + 1);
  for (uint32_t k = 1; network->optimizer == CLFIT_LM && k < at->epoch; k++)
    cr_assert(!(want_history[k] > want_history[k - 1]), "%s: the loss rises in epoch %u", name, k + 1);
}

static void expect_same_milestones(const struct journey *one, const struct journey *other)
{
  for (uint32_t i = 0; i < COUNT; i++) {
    clfit_milestones got, want;
    EXPECT_OK(clfit_population_milestones(one->places[0], 1, &one->travellers[i].slot, &got, &error));
    EXPECT_OK(clfit_population_milestones(other->places[0], 1, &other->travellers[i].slot, &want, &error));
    cr_assert(got.count == want.count, "journey %u: number of milestones", one->number);
    for (uint32_t k = 0; k < want.count; k++)
      cr_assert(got.epochs[k] == want.epochs[k] && same(got.losses[k], want.losses[k]), "journey %u: a milestone",
                one->number);
  }
}

static void expect_same_ends(struct journey *travelled, struct journey *straight, bool milestones)
{
  for (uint32_t i = 0; i < COUNT; i++) {
    clfit_state got, want;
    struct traveller *one = &travelled->travellers[i], *other = &straight->travellers[i];
    EXPECT_OK(clfit_population_give(travelled->places[one->place], 1, &one->slot, &got, &error));
    EXPECT_OK(clfit_population_give(straight->places[0], 1, &other->slot, &want, &error));
    expect_same_end(travelled, i, &got, &want, milestones ? NULL : one->history, other->history);
    clfit_state_clear(&got);
    clfit_state_clear(&want);
  }
}

/* A crowd of networks trains on the device, in pieces of all lengths, some of it on the reference in between; it must
 * end as it does on the reference in one go. In every other journey the networks are alike, so that the lanes of a
 * work-item take one after the other. Without moves: with milestones. */
static void travel(clfit_device *const devices[2], const char *mapping, uint32_t number)
{
  const bool milestones = number % 3 == 2;
  struct journey travelled = {.number = number, .mapping = mapping}, straight = {.number = number, .mapping = mapping};
  uint32_t who[COUNT];
  clfit_state states[COUNT];
  clfit_data *data[DATA_SETS];
  random_state = number;
  const clfit_network alike = {.hidden = 1 + below(HIDDEN_MAX), .activation = below(clfit_activation_count())};
  for (uint32_t i = 0; i < DATA_SETS; i++) data[i] = make_data(i);
  straight.places[0] = make_population(devices[1], NULL, milestones, data);
  travelled.places[0] = make_population(devices[0], mapping, milestones, data);
  if (!milestones) travelled.places[1] = make_population(devices[1], NULL, milestones, data);
  for (uint32_t i = 0; i < COUNT; i++) {
    who[i] = i;
    straight.travellers[i].data = travelled.travellers[i].data = below(DATA_SETS);
    states[i] = draw_state(travelled.travellers[i].data, number % 2 ? &alike : NULL);
    memset(travelled.travellers[i].history, 0xa5, sizeof travelled.travellers[i].history); /* no loss of anybody */
  }
  take(&straight, COUNT, who, states);
  while (advance(&straight, 0)) collect_history(&straight);
  collect_history(&straight);
  take(&travelled, COUNT, who, states);
  for (size_t running = 1; running > 0;) {
    static const uint32_t cuts[] = {1, 2, 7, 100};
    running = advance(&travelled, ONE_OF(cuts));
    collect_history(&travelled);
    if (!milestones && running && below(2)) move_some(&travelled);
  }
  if (milestones) expect_same_milestones(&travelled, &straight);
  expect_same_ends(&travelled, &straight, milestones);
  for (uint32_t i = 0; i < COUNT; i++) clfit_state_clear(&states[i]);
  for (uint32_t i = 0; i < DATA_SETS; i++) clfit_data_free(data[i]);
  clfit_population_free(straight.places[0]);
  for (int place = 0; place < 2; place++) clfit_population_free(travelled.places[place]);
}

static void travel_on(const char *mapping, uint32_t most)
{
  const char *wanted = getenv("CLFIT_JOURNEYS");
  const uint32_t journeys = wanted ? (uint32_t)atoi(wanted) : most;
  clfit_device *devices[2];
  EXPECT_OK(clfit_device_open("cpu", &devices[0], &error));
  const uint32_t units = devices[0]->info.compute_units;
  EXPECT_OK(clfit_device_open("reference", &devices[1], &error));
  for (uint32_t number = 0; number < journeys; number++) {
    /* of networks that are alike: few work-items, on every machine */
    devices[0]->info.compute_units = devices[0]->opencl->info.compute_units = number % 2 ? 1 + number % 4 / 2 : units;
    travel(devices, mapping, number);
  }
  for (int side = 0; side < 2; side++) clfit_device_close(devices[side]);
}

Test(least_squares, packed_travels)
{
  travel_on("packed", 30);
}

Test(least_squares, team_travels)
{
  travel_on("team", 15);
}

/* ---- weights of 0 -------------------------------------------------------------------------------------------- */

static clfit_state train_on_reference(const clfit_data *data, const clfit_network *network, float scale)
{
  clfit_device *device;
  clfit_population *population;
  uint32_t index, slot;
  clfit_state state, trained;
  const clfit_state *pointer = &state;
  EXPECT_OK(clfit_device_open("reference", &device, &error));
  EXPECT_OK(clfit_population_create(device, NULL, &population, &error));
  EXPECT_OK(clfit_population_add_data(population, data, &index, &error));
  EXPECT_OK(clfit_state_init(&state, network, &error));
  for (uint32_t j = 0; j < network->hidden; j++) state.parameters[j] *= scale;
  EXPECT_OK(clfit_population_take(population, 1, &pointer, &index, &slot, &error));
  for (size_t running = 1; running > 0;) EXPECT_OK(clfit_population_advance(population, 0, &running, &error));
  EXPECT_OK(clfit_population_give(population, 1, &slot, &trained, &error));
  clfit_state_clear(&state);
  clfit_population_free(population);
  clfit_device_close(device);
  return trained;
}

/* A sample of weight 0 changes no bit, wherever it stands and whatever its y. */
Test(least_squares, a_weight_of_0_leaves_a_sample_out)
{
  double x[SAMPLES], y[SAMPLES], weights[SAMPLES], kept_x[SAMPLES], kept_y[SAMPLES], kept_weights[SAMPLES];
  for (clfit_activation activation = 0; activation < clfit_activation_count(); activation++) {
    clfit_data *all, *kept;
    uint32_t count = 0;
    random_state = activation;
    for (uint32_t i = 0; i < SAMPLES; i++) {
      x[i] = between(-1.0, 1.0);
      weights[i] = i == 0 || below(3) ? 0.0 : between(0.5, 2.0);
      y[i] = weights[i] > 0.0 ? x[i] * x[i] + between(-0.1, 0.1) : 1e6;
      if (weights[i] == 0.0) continue;
      kept_x[count] = x[i], kept_y[count] = y[i], kept_weights[count++] = weights[i];
    }
    EXPECT_OK(clfit_data_create_weighted(SAMPLES, x, y, weights, &all, &error));
    EXPECT_OK(clfit_data_create_weighted(count, kept_x, kept_y, kept_weights, &kept, &error));
    clfit_network network;
    clfit_network_default(&network);
    network.optimizer = CLFIT_LM;
    network.activation = activation;
    network.hidden = 4;
    network.epochs = 40;
    network.samples = SAMPLES;
    clfit_state one = train_on_reference(all, &network, 4.0f);
    network.samples = count;
    clfit_state other = train_on_reference(kept, &network, 4.0f);
    cr_assert(one.progress.epoch == other.progress.epoch && one.progress.epoch > 3, "%u", one.progress.epoch);
    cr_assert(!memcmp(one.parameters, other.parameters, clfit_parameter_count(4) * sizeof(float)));
    cr_assert(one.progress.last_loss_high == other.progress.last_loss_high &&
              one.progress.last_loss_low == other.progress.last_loss_low);
    clfit_state_clear(&one);
    clfit_state_clear(&other);
    clfit_data_free(all);
    clfit_data_free(kept);
  }
}

/* ---- normal equations ---------------------------------------------------------------------------------------- */

typedef long double extended;

static extended direct_z(uint32_t hidden, clfit_activation activation, const extended *p, extended x)
{
  extended z = p[3 * hidden];
  for (uint32_t j = 0; j < hidden; j++) z += p[2 * hidden + j] * exact_long_value(activation, p[j] * x + p[hidden + j]);
  return z;
}

static void direct_derivatives(uint32_t hidden, clfit_activation activation, const extended *p, extended x, extended *d)
{
  for (uint32_t j = 0; j < hidden; j++) {
    const extended z = p[j] * x + p[hidden + j];
    d[2 * hidden + j] = exact_long_value(activation, z);
    d[hidden + j] = p[2 * hidden + j] * exact_long_slope(activation, z);
    d[j] = d[hidden + j] * x;
  }
  d[3 * hidden] = 1.0L;
}

static extended direct_loss(const struct network_task *task, clfit_activation activation,
                            const struct weighted_samples *samples, const extended *p)
{
  extended loss = 0.0L;
  for (uint32_t i = 0; i < task->samples; i++) {
    const extended e = direct_z(task->hidden, activation, p, samples->x[i]) - samples->y[i];
    loss += samples->weights[i] * e * e;
  }
  return loss;
}

/* A network after its first iteration, which has solved for W2 and B2. */
struct begun {
  struct network_task task;
  clfit_activation activation;
  float x[SAMPLES], y[SAMPLES], weights[SAMPLES];
  struct least_squares fit;
  extended value[3 * HIDDEN_MAX + 1];
};

static struct weighted_samples samples_of(const struct begun *begun)
{
  return (struct weighted_samples){begun->x, begun->y, begun->weights};
}

/* Iterates once; break points lie between the samples, so that ReLU has derivatives there. */
static void begin(struct begun *begun, uint32_t hidden, clfit_activation activation)
{
  const uint32_t count = 3 * hidden + 1;
  float record[3 * HIDDEN_MAX + 1];
  begun->task = (struct network_task){.hidden = hidden, .samples = SAMPLES, .epochs = 1};
  begun->activation = activation;
  for (uint32_t i = 0; i < SAMPLES; i++) {
    begun->x[i] = (float)i / 20.0f - 1.0f;
    begun->y[i] = (float)between(-1.0, 1.0);
    begun->weights[i] = (float)between(0.1, 2.0);
  }
  for (uint32_t i = 0; i < count; i++) record[i] = (float)between(-2.0, 2.0);
  for (uint32_t j = 0; j < hidden; j++) {
    record[j] = below(2) ? (float)between(1.0, 3.0) : -(float)between(1.0, 3.0);
    record[hidden + j] = -record[j] * ((float)below(38) + 1.5f) / 20.0f + record[j];
  }
  EXPECT_OK(clfit_least_squares_create(hidden, &begun->fit, &error));
  const struct lm_values values = {.value = begun->fit.value,
                                   .base = begun->fit.base,
                                   .diagonal = begun->fit.diagonal,
                                   .damping = &begun->fit.damping,
                                   .projection = &begun->fit.projection,
                                   .small = &begun->fit.small};
  clfit_lm_begin(hidden, record, NULL, &values);
  struct network_progress at = {.status = CLFIT_TRAINING};
  const struct weighted_samples samples = samples_of(begun);
  clfit_reference_least_squares(&begun->task, activation, &at, &begun->fit, &samples, 1, CLFIT_LOSSES_NONE, NULL);
  cr_assert(at.epoch == 1 && begun->fit.known);
  for (uint32_t i = 0; i < count; i++) begun->value[i] = begun->fit.value[i];
}

/* Of the derivatives that are formed at `base`, and moved by the step of W2 and B2, each has an error of a few units
 * u = 2^-53 (activations: 2; slope and product with x: 2 more), each sum over n samples one of n u of the sum of its
 * absolute terms, and each of the H + 1 moves and two products one more u. */
static extended tolerance(const struct begun *begun, extended absolute)
{
  return (SAMPLES + begun->task.hidden + 16) * 0x1p-53L * absolute;
}

static void compare_with_formulas(const struct begun *begun)
{
  const uint32_t hidden = begun->task.hidden, count = 3 * hidden + 1;
  extended gradient[3 * HIDDEN_MAX + 1] = {0}, absolute[3 * HIDDEN_MAX + 1] = {0}, d[3 * HIDDEN_MAX + 1];
  extended base[3 * HIDDEN_MAX + 1];
  for (uint32_t i = 0; i < count; i++) base[i] = begun->fit.base[i];
  for (uint32_t i = 0; i < SAMPLES; i++) {
    const extended x = begun->x[i], w = begun->weights[i];
    direct_derivatives(hidden, begun->activation, begun->value, x, d);
    const extended e = direct_z(hidden, begun->activation, begun->value, x) - begun->y[i];
    extended size = fabsl((extended)begun->y[i]); /* of all terms of e, at the base and of the move */
    for (uint32_t j = 0; j <= hidden; j++) {
      const extended a = j < hidden ? d[2 * hidden + j] : 1.0L, from = base[2 * hidden + j];
      size += fabsl(a) * (fabsl(from) + fabsl(begun->value[2 * hidden + j] - from));
    }
    for (uint32_t k = 0; k < count; k++) {
      gradient[k] += w * d[k] * e;
      absolute[k] += w * fabsl(d[k]) * size;
    }
  }
  for (uint32_t k = 0; k < count; k++)
    cr_assert(fabsl(begun->fit.accepted.gradient[k] - gradient[k]) <= tolerance(begun, absolute[k]),
              "%s, %u neurons, gradient %u: %.17g, not %.17Lg within %Lg", clfit_activation_name(begun->activation),
              hidden, k, begun->fit.accepted.gradient[k], gradient[k], tolerance(begun, absolute[k]));
}

static void compare_matrix(const struct begun *begun)
{
  const uint32_t hidden = begun->task.hidden, count = 3 * hidden + 1;
  const double *element = begun->fit.accepted.matrix;
  for (uint32_t one = 0; one < count; one++)
    for (uint32_t other = 0; other <= one; other++, element++) {
      extended sum = 0.0L, absolute = 0.0L, d[3 * HIDDEN_MAX + 1];
      for (uint32_t i = 0; i < SAMPLES; i++) {
        direct_derivatives(hidden, begun->activation, begun->value, begun->x[i], d);
        sum += begun->weights[i] * d[one] * d[other];
        absolute += fabsl(begun->weights[i] * d[one] * d[other]);
      }
      cr_assert(fabsl(*element - sum) <= tolerance(begun, absolute), "%s, %u neurons, matrix %u, %u: %.17g, not %.17Lg",
                clfit_activation_name(begun->activation), hidden, one, other, *element, sum);
    }
}

/* The gradient is half the loss's. Central differences of fourth order: an error of h^4/30 times the fifth derivative,
 * here below 1e4 for each unit of weight, is 3e-10 at h = 1e-3; rounding errors are 2^-64 L/h. */
static void compare_with_differences(struct begun *begun)
{
  const struct weighted_samples samples = samples_of(begun);
  const extended h = 1e-3L;
  extended sizes = 0.0L;
  for (uint32_t i = 0; i < SAMPLES; i++) sizes += begun->weights[i];
  for (uint32_t k = 0; k < 3 * begun->task.hidden + 1; k++) {
    const extended here = begun->value[k];
    extended losses[5];
    for (int step = -2; step <= 2; step++) {
      begun->value[k] = here + step * h;
      losses[step + 2] = direct_loss(&begun->task, begun->activation, &samples, begun->value);
    }
    begun->value[k] = here;
    const extended slope = (8.0L * (losses[3] - losses[1]) - (losses[4] - losses[0])) / (12.0L * h);
    cr_assert(fabsl(2.0L * begun->fit.accepted.gradient[k] - slope) <= 1e-8L * sizes,
              "%s, %u neurons, parameter %u: %.10g, not %.10Lg", clfit_activation_name(begun->activation),
              begun->task.hidden, k, 2.0 * begun->fit.accepted.gradient[k], slope);
  }
}

Test(least_squares, normal_equations_are_those_of_the_formulas)
{
  random_state = 1;
  for (clfit_activation activation = 0; activation < clfit_activation_count(); activation++)
    for (uint32_t hidden = 1; hidden <= 6; hidden++) {
      struct begun begun;
      begin(&begun, hidden, activation);
      compare_with_formulas(&begun);
      compare_matrix(&begun);
      compare_with_differences(&begun);
      const struct weighted_samples samples = samples_of(&begun);
      const extended loss = direct_loss(&begun.task, activation, &samples, begun.value);
      cr_assert(fabsl(begun.fit.accepted.loss - loss) <= 1e-9L * loss, "%.17g, not %.17Lg", begun.fit.accepted.loss,
                loss);
      clfit_least_squares_free(&begun.fit);
    }
}

/* ---- the finished network ------------------------------------------------------------------------------------ */

static double float_loss(const struct network_task *task, clfit_activation activation,
                         const struct weighted_samples *samples, const float *record)
{
  double loss = 0.0;
  for (uint32_t i = 0; i < task->samples; i++) {
    float z;
    clfit_reference_evaluate(task->hidden, activation, record, 1, &samples->x[i], &z);
    const double e = (double)z - (double)samples->y[i];
    loss += (samples->weights ? samples->weights[i] : 1.0) * e * e;
  }
  return loss;
}

/* Never worse than rounding each parameter by itself, but for the order of this sum (n additions, 2^-53 each), and
 * often better: not always, because a float32 prediction has rounding errors of its own, as large as those of its
 * weights. */
Test(least_squares, rounding_makes_up_for_itself)
{
  uint32_t better = 0;
  random_state = 5;
  for (uint32_t round = 0; round < 300; round++) {
    float x[SAMPLES], y[SAMPLES], weights[SAMPLES], plain[3 * HIDDEN_MAX + 1], record[3 * HIDDEN_MAX + 1];
    double value[3 * HIDDEN_MAX + 1];
    extended wide[3 * HIDDEN_MAX + 1];
    const uint32_t hidden = 2 + below(HIDDEN_MAX - 1), count = 3 * hidden + 1;
    const clfit_activation activation = below(clfit_activation_count());
    const struct network_task task = {.hidden = hidden, .samples = 1 + below(SAMPLES)};
    const struct weighted_samples samples = {x, y, below(2) ? weights : NULL};
    for (uint32_t i = 0; i < count; i++) value[i] = between(-1.0, 1.0) * (i < 2 * hidden ? 2.0 : 1e4);
    for (uint32_t i = 0; i < count; i++) plain[i] = (float)value[i], wide[i] = i < 2 * hidden ? plain[i] : value[i];
    for (uint32_t i = 0; i < SAMPLES; i++) {
      x[i] = (float)between(-1.0, 1.0);
      y[i] = (float)direct_z(hidden, activation, wide, x[i]);
      weights[i] = below(4) ? (float)between(0.1, 2.0) : 0.0f;
    }
    EXPECT_OK(clfit_round_network(&task, activation, &samples, value, record, &error));
    cr_assert(!memcmp(plain, record, 2 * hidden * sizeof *plain), "W1 and B1 are rounded");
    const double loss = float_loss(&task, activation, &samples, record);
    const double plain_loss = float_loss(&task, activation, &samples, plain);
    cr_assert(loss <= plain_loss * (1.0 + SAMPLES * 0x1p-52), "%g is more than %g", loss, plain_loss);
    better += loss < plain_loss;
  }
  cr_assert(better > 100, "only %u of 300 are better than rounded", better);
}

/* ---- optima -------------------------------------------------------------------------------------------------- */

#if CLFIT_TEST_GSL
static int gsl_errors(const gsl_vector *p, void *params, gsl_vector *errors)
{
  const struct begun *begun = params;
  extended value[3 * HIDDEN_MAX + 1];
  for (size_t i = 0; i < p->size; i++) value[i] = gsl_vector_get(p, i);
  for (uint32_t i = 0; i < SAMPLES; i++) {
    const extended e = direct_z(begun->task.hidden, begun->activation, value, begun->x[i]) - begun->y[i];
    gsl_vector_set(errors, i, (double)(sqrtl(begun->weights[i]) * e));
  }
  return GSL_SUCCESS;
}

static int gsl_derivatives(const gsl_vector *p, void *params, gsl_matrix *matrix)
{
  const struct begun *begun = params;
  extended value[3 * HIDDEN_MAX + 1], d[3 * HIDDEN_MAX + 1];
  for (size_t i = 0; i < p->size; i++) value[i] = gsl_vector_get(p, i);
  for (uint32_t i = 0; i < SAMPLES; i++) {
    direct_derivatives(begun->task.hidden, begun->activation, value, begun->x[i], d);
    for (size_t k = 0; k < p->size; k++) gsl_matrix_set(matrix, i, k, (double)(sqrtl(begun->weights[i]) * d[k]));
  }
  return GSL_SUCCESS;
}

/* The smallest loss that GSL finds from the network's parameters. */
static double gsl_optimum(struct begun *begun)
{
  const size_t count = 3 * begun->task.hidden + 1;
  const gsl_multifit_nlinear_parameters parameters = gsl_multifit_nlinear_default_parameters();
  gsl_multifit_nlinear_fdf fdf = {.f = gsl_errors, .df = gsl_derivatives, .n = SAMPLES, .p = count, .params = begun};
  gsl_multifit_nlinear_workspace *work =
      gsl_multifit_nlinear_alloc(gsl_multifit_nlinear_trust, &parameters, SAMPLES, count);
  gsl_vector *start = gsl_vector_alloc(count);
  int info;
  double loss = 0.0;
  for (size_t i = 0; i < count; i++) gsl_vector_set(start, i, (double)begun->value[i]);
  gsl_multifit_nlinear_init(start, &fdf, work);
  const int end = gsl_multifit_nlinear_driver(2000, 1e-9, 1e-10, 0.0, NULL, NULL, &info, work);
  cr_assert(end == GSL_SUCCESS || end == GSL_ENOPROG || end == GSL_EMAXITER, "GSL: %s", gsl_strerror(end));
  for (size_t i = 0; i < SAMPLES; i++) loss += gsl_vector_get(work->f, i) * gsl_vector_get(work->f, i);
  gsl_vector_free(start);
  gsl_multifit_nlinear_free(work);
  return loss;
}

/*
 * Samples of a network with some noise, begun near that network, are convex enough: both methods must end in the same
 * minimum. A training ends when five steps in a row lower the loss by at most 1e-6 of it; near a minimum with small
 * errors each step leaves a part r of the excess, so that r/(1 - r) of the last change is left: 1e-5 allows r to 0.9.
 * GSL's own end is closer.
 */
Test(least_squares, optimum_is_that_of_gsl)
{
  random_state = 3;
  for (uint32_t round = 0; round < 40; round++) {
    const clfit_activation activation = round % 2 ? CLFIT_TANH : CLFIT_SIGMOID;
    const uint32_t hidden = 1 + round / 2 % 2;
    struct begun begun;
    struct network_progress at = {.status = CLFIT_TRAINING, .epoch = 1};
    begin(&begun, hidden, activation);
    for (uint32_t j = 0; j < hidden; j++) begun.value[2 * hidden + j] = j % 2 ? -1.0 : 2.0;
    for (uint32_t i = 0; i < SAMPLES; i++)
      begun.y[i] = (float)(direct_z(hidden, activation, begun.value, begun.x[i]) + between(-0.01, 0.01));
    for (uint32_t i = 0; i < 3 * hidden + 1; i++) {
      begun.value[i] += between(-0.05, 0.05);
      begun.fit.base[i] = begun.fit.value[i] = (double)begun.value[i];
      begun.fit.diagonal[i] = 0.0;
    }
    begun.fit.known = false;
    begun.task.epochs = 1000;
    const struct weighted_samples samples = samples_of(&begun);
    clfit_reference_least_squares(&begun.task, activation, &at, &begun.fit, &samples, 1000, CLFIT_LOSSES_NONE, NULL);
    const double got = begun.fit.accepted.loss, want = gsl_optimum(&begun);
    cr_assert(at.status == CLFIT_STOPPED && fabs(got - want) <= 1e-5 * want,
              "round %u, %u neurons: %.12g after %u iterations, status %u, not %.12g", round, hidden, got, at.epoch,
              at.status, want);
    clfit_least_squares_free(&begun.fit);
  }
}
#endif
