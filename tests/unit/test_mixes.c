/* Random populations on the device and on the reference: networks of different sizes, lengths, rates, data sets and
 * ends are taken and given back in the middle of their trainings, so that packs have free lanes, mix networks of
 * different progress, and are filled again. Every returned state, prediction and loss must have the reference's bits.
 * CLFIT_MIXES in the environment: how many mixes of each kind (8). */
#include "engine/device.h"
#include "engine/opencl/opencl.h"
#include "engine/verify/plan.h"
#include "expect.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define SAMPLES   150u
#define MOST      200u /* networks at once */
#define NEWCOMERS 48u
#define POINTS    3u

static uint64_t random_state;

static uint32_t below(uint32_t count) /* Knuth's MMIX generator: its high bits do */
{
  random_state = random_state * 6364136223846793005u + 1442695040888963407u;
  return (uint32_t)(random_state >> 33) % count;
}

#define ONE_OF(table) ((table)[below(sizeof(table) / sizeof *(table))])

/* Hidden sizes that share programs, given by their first and last, so that few are built: up to 256 packed and wide. */
struct kind {
  const char *mapping;
  clfit_activation activation;
  uint32_t first, last;
  uint32_t rules[3]; /* of training through gradients (engine/verify/plan.h), plus 1; 0: plain gradient descent */
};

/* Networks in training, on the device and on the reference. */
struct mix {
  const struct kind *kind;
  clfit_population *populations[2];
  uint32_t count;
  uint32_t slots[2][MOST];
  uint32_t data[MOST];
  char name[96];
};

/* Data 0 trains, data 1 blows up at large rates, and an infinite activation with it; data 2 is for sign_zeros. */
static void add_data(struct mix *mix)
{
  double x[SAMPLES], y[SAMPLES];
  for (uint32_t index = 0; index < 3; index++) {
    for (uint32_t i = 0; i < SAMPLES; i++) {
      x[i] = (double)below(2000) / 1000.0 - 1.0;
      y[i] = x[i] * x[i] - 0.3 * x[i];
      if (index == 1) x[i] *= i % 50 == 49 ? 1e9 : 10.0;
      if (index == 2) x[i] = 0.25, y[i] = 0;
    }
    clfit_data *data;
    EXPECT_OK(clfit_data_create(SAMPLES, x, y, &data, &error));
    for (int side = 0; side < 2; side++) {
      uint32_t got;
      EXPECT_OK(clfit_population_add_data(mix->populations[side], data, &got, &error));
      cr_assert(got == index);
    }
    clfit_data_free(data);
  }
}

/* Parameters whose every product with an activation below 1/2 underflows to -0, or is -0: the sums over the lanes, and
 * the answer, are -0 if nothing else is added to them, and the sign goes on into the parameters. */
static void sign_zeros(clfit_state *state)
{
  const uint32_t hidden = state->network.hidden;
  float *w1 = state->parameters, *b1 = w1 + hidden, *w2 = b1 + hidden, *b2 = w2 + hidden;
  for (uint32_t j = 0; j < hidden; j++) {
    w1[j] = state->network.activation == CLFIT_SIGMOID ? -0.5f : 0.5f;
    b1[j] = 0.0f;
    w2[j] = below(2) ? -0x1p-149f : -0.0f;
  }
  *b2 = -0.0f;
}

/* The same number, and the same zero; or both are none. */
static bool same(double got, double want)
{
  return isnan(want) ? isnan(got) : got == want && !signbit(got) == !signbit(want);
}

static void take(struct mix *mix, uint32_t n, clfit_state *states, const uint32_t *data)
{
  const clfit_state *pointers[MOST];
  for (uint32_t i = 0; i < n; i++) pointers[i] = &states[i];
  for (int side = 0; side < 2; side++)
    EXPECT_OK(clfit_population_take(mix->populations[side], n, pointers, data, mix->slots[side] + mix->count, &error));
  memcpy(mix->data + mix->count, data, n * sizeof *data);
  mix->count += n;
  for (uint32_t i = 0; i < n; i++) clfit_state_clear(&states[i]);
}

static clfit_network make_plain_network(void)
{
  static const double rates[] = {0.01, 0.1, 0.3, 1.5, 1e4, 0x1p+40};
  clfit_network network;
  clfit_network_default(&network);
  network.samples = 1 + below(SAMPLES);
  network.epochs = 1 + below(6);
  network.seed = below(1000);
  network.rate = ONE_OF(rates);
  network.tol = below(3) ? 0.0 : 1e-3;
  return network;
}

/* A random combination of the options of a rule; the data sets here hold no samples out. */
static clfit_network make_network_of(uint32_t rule, clfit_activation activation)
{
  struct plan plan;
  clfit_plan_random(1 + below(1u << 30), rule, activation, 1, &plan);
  clfit_network network = plan.networks[0];
  network.holdout = 0;
  if (network.stop_on == CLFIT_FIGURE_OF_HELD) network.stop_on = CLFIT_FIGURE_OF_ALL;
  if (network.patience_on == CLFIT_FIGURE_OF_HELD) network.patience_on = CLFIT_FIGURE_OF_ALL;
  return network;
}

static clfit_network make_network(const struct kind *kind, bool alike)
{
  const uint32_t rule = ONE_OF(kind->rules);
  clfit_network network = rule ? make_network_of(rule - 1, kind->activation) : make_plain_network();
  network.hidden = kind->first + below(kind->last - kind->first + 1);
  network.activation = kind->activation;
  if (alike) network.samples = 70;
  if (alike) network.shuffle = CLFIT_SHUFFLED_NONE;
  return network;
}

static void take_new_networks(struct mix *mix)
{
  static const uint32_t counts[] = {1, 2, 3, 15, 16, 17, 31, 33, 47};
  clfit_state states[NEWCOMERS];
  uint32_t data[NEWCOMERS];
  uint32_t n = ONE_OF(counts);
  if (n > MOST - mix->count) return;
  const bool alike = below(4) == 0; /* all lanes of a pack read one sample */
  for (uint32_t i = 0; i < n; i++) {
    clfit_network network = make_network(mix->kind, alike);
    data[i] = alike ? 0 : below(2);
    EXPECT_OK(clfit_state_init(&states[i], &network, &error));
    if (below(8)) continue;
    sign_zeros(&states[i]);
    data[i] = 2;
  }
  take(mix, n, states, data);
}

/* Chooses networks to be given back and removes them from the mix's lists. leavers: their slots, by side. */
static uint32_t choose_leavers(struct mix *mix, bool all, uint32_t leavers[2][MOST], uint32_t *data)
{
  uint32_t n = 0;
  for (uint32_t i = 0; i < mix->count;) {
    if (!all && below(3)) {
      i++;
      continue;
    }
    data[n] = mix->data[i];
    mix->data[i] = mix->data[mix->count - 1];
    for (int side = 0; side < 2; side++) {
      leavers[side][n] = mix->slots[side][i];
      mix->slots[side][i] = mix->slots[side][mix->count - 1];
    }
    mix->count--;
    n++;
  }
  return n;
}

static void expect_same_state(const struct mix *mix, const clfit_state *got, const clfit_state *want)
{
  const uint32_t hidden = want->network.hidden;
  cr_assert(got->progress.status == want->progress.status && got->progress.epoch == want->progress.epoch &&
                got->progress.sample == want->progress.sample && got->progress.stopped_by == want->progress.stopped_by,
            "%s, %u neurons: status %d, epoch %u, sample %u, not %d, %u, %u", mix->name, hidden,
            (int)got->progress.status, got->progress.epoch, got->progress.sample, (int)want->progress.status,
            want->progress.epoch, want->progress.sample);
  cr_assert(!memcmp(got->parameters, want->parameters, clfit_record_count(&want->network) * sizeof *got->parameters),
            "%s, %u neurons: parameters", mix->name, hidden);
  if (want->progress.status == CLFIT_TRAINING_DIVERGED) return;
  cr_assert(!memcmp(&got->progress.block_loss, &want->progress.block_loss, 5 * sizeof(float)), "%s, %u neurons: losses",
            mix->name, hidden);
}

/* Some networks, or all, leave. Some of those that are not ended are taken again, perhaps into other slots. */
static void leave(struct mix *mix, bool all)
{
  static const double x[POINTS] = {-0.7, 0.25, 3.0};
  uint32_t leavers[2][MOST], data[MOST];
  const uint32_t n = choose_leavers(mix, all, leavers, data);
  clfit_state states[2][MOST];
  float z[2][MOST * POINTS];
  if (n == 0) return;
  for (int side = 0; side < 2; side++) {
    EXPECT_OK(clfit_population_evaluate(mix->populations[side], n, leavers[side], POINTS, x, z[side], &error));
    EXPECT_OK(clfit_population_give(mix->populations[side], n, leavers[side], states[side], &error));
  }
  uint32_t back = 0;
  for (uint32_t i = 0; i < n; i++) {
    expect_same_state(mix, &states[0][i], &states[1][i]);
    if (states[1][i].progress.status != CLFIT_TRAINING_DIVERGED)
      for (uint32_t k = 0; k < POINTS; k++)
        cr_assert(same(z[0][i * POINTS + k], z[1][i * POINTS + k]), "%s, %u neurons: answers", mix->name,
                  states[1][i].network.hidden);
    clfit_state_clear(&states[1][i]);
    if (!all && states[0][i].progress.status == CLFIT_TRAINING_RUNNING && below(2)) {
      states[0][back] = states[0][i];
      data[back++] = data[i];
    } else {
      clfit_state_clear(&states[0][i]);
    }
  }
  if (back) take(mix, back, states[0], data);
}

static void expect_same_history(const struct mix *mix)
{
  for (uint32_t i = 0; i < mix->count; i++) {
    const double *losses[2];
    uint32_t first[2];
    size_t count[2];
    for (int side = 0; side < 2; side++)
      losses[side] = clfit_population_history(mix->populations[side], mix->slots[side][i], &first[side], &count[side]);
    cr_assert(count[0] == count[1] && (count[0] == 0 || first[0] == first[1]), "%s: epochs", mix->name);
    for (size_t k = 0; k < count[0]; k++) cr_assert(same(losses[0][k], losses[1][k]), "%s: an epoch's loss", mix->name);
  }
}

static void train_mix(clfit_device *devices[2], const struct kind *kind, uint32_t number)
{
  static const uint32_t cuts[] = {1, 2, 3, 4, 5, 6, 7, 63, 64, 65, 150, 1000};
  struct mix mix = {.kind = kind};
  random_state = number;
  snprintf(mix.name, sizeof mix.name, "mix %u of %u .. %u on %s", number, kind->first, kind->last,
           kind->mapping ? kind->mapping : "what is fastest");
  for (int side = 0; side < 2; side++) {
    clfit_population_options options;
    clfit_population_options_default(&options);
    options.mapping = side == 0 ? kind->mapping : NULL;
    options.history = true;
    EXPECT_OK(clfit_population_create(devices[side], &options, &mix.populations[side], &error));
  }
  add_data(&mix);
  for (int round = 0; round < 12; round++) {
    if (round == 0 || below(2)) take_new_networks(&mix);
    for (uint32_t launches = 1 + below(3); launches > 0; launches--) {
      const uint32_t steps = ONE_OF(cuts);
      size_t running[2];
      for (int side = 0; side < 2; side++)
        EXPECT_OK(clfit_population_advance(mix.populations[side], steps, &running[side], &error));
      cr_assert(running[0] == running[1], "%s", mix.name);
      expect_same_history(&mix);
    }
    if (below(2)) leave(&mix, false);
  }
  leave(&mix, true);
  for (int side = 0; side < 2; side++) clfit_population_free(mix.populations[side]);
}

static void train_mixs(bool gpu, const struct kind *kinds, size_t count)
{
  const char *wanted = getenv("CLFIT_MIXES");
  const uint32_t mixes = wanted ? (uint32_t)atoi(wanted) : 8;
  clfit_device *devices[2];
  EXPECT_OK(clfit_device_open("cpu", &devices[0], &error));
  EXPECT_OK(clfit_device_open("reference", &devices[1], &error));
  if (gpu) {
    devices[0]->opencl->type = CL_DEVICE_TYPE_GPU;
    devices[0]->opencl->offered = devices[0]->opencl->instructions = 0;
  }
  for (size_t k = 0; k < count; k++)
    for (uint32_t number = 0; number < mixes; number++) train_mix(devices, &kinds[k], number);
  for (int side = 0; side < 2; side++) clfit_device_close(devices[side]);
}

#define TRAIN_CROWDS(gpu, kinds) train_mixs(gpu, kinds, sizeof(kinds) / sizeof *(kinds))

Test(mixes, on_a_cpu)
{
  static const struct kind kinds[] = {{"packed", CLFIT_SIGMOID, 5, 6, {0}},
                                      {"packed", CLFIT_RELU, 33, 128, {0}},
                                      {"wide", CLFIT_SIGMOID, 33, 48, {0}},
                                      {NULL, CLFIT_TANH, 17, 20, {0}}};
  TRAIN_CROWDS(false, kinds);
}

/* Packs of one rule whose networks differ in all options; and networks of several rules beside plain ones. */
Test(mixes, through_gradients)
{
  static const struct kind kinds[] = {{"packed", CLFIT_SIGMOID, 5, 6, {2, 2, 2}},
                                      {"packed", CLFIT_SIGMOID, 25, 40, {5, 5, 0}},
                                      {"wide", CLFIT_SIGMOID, 33, 48, {2, 5, 1}},
                                      {NULL, CLFIT_SIGMOID, 5, 20, {2, 1, 0}}};
  TRAIN_CROWDS(false, kinds);
}

/* One network a thread, 64 a work-group; teams of 32. */
Test(mixes, as_on_a_gpu)
{
  static const struct kind kinds[] = {{"packed", CLFIT_SIGMOID, 5, 6, {0}}, {"packed", CLFIT_RELU, 33, 128, {0}}};
  TRAIN_CROWDS(true, kinds);
}
