/* The search for the smallest network: what it finds, and that nothing but its options decides about that. */
#include "expect.h"
#include "search/search.h"

#include <math.h>
#include <stdlib.h>

#define SAMPLES 60u

static clfit_search_options default_options(void)
{
  clfit_search_options options;
  clfit_search_options_default(&options);
  options.max_hidden = 4;
  return options;
}

/* Two steps: one neuron cannot follow both, two do exactly. */
static double two_steps(double x)
{
  return 2 * tanh(6 * x - 3) - 1.2 * tanh(5 * x + 2) + 0.3;
}

static clfit_data *make_data(double (*curve)(double), double noise, const double *weights)
{
  double x[SAMPLES], y[SAMPLES];
  clfit_data *data;
  uint32_t random = 1;
  for (uint32_t i = 0; i < SAMPLES; i++) {
    random = random * 1664525u + 1013904223u;
    x[i] = 2.0 * i / (SAMPLES - 1) - 1;
    y[i] = curve(x[i]) + noise * (random / 4294967296.0 - 0.5);
  }
  EXPECT_OK(clfit_data_create_weighted(SAMPLES, x, y, weights, &data, &error));
  EXPECT_OK(clfit_data_scale(data, CLFIT_SCALE_RANGE, &error));
  return data;
}

static clfit_search_result search_on(const char *selector, const clfit_data *data, const clfit_search_options *options)
{
  clfit_device *device;
  clfit_search_result result;
  EXPECT_OK(clfit_device_open(selector, &device, &error));
  EXPECT_OK(clfit_search(device, data, options, &result, &error));
  clfit_device_close(device);
  return result;
}

static void expect_equal(const clfit_search_result *a, const clfit_search_result *b)
{
  char digests[2][CLFIT_DIGEST_SIZE];
  clfit_state_digest(&a->state, digests[0]);
  clfit_state_digest(&b->state, digests[1]);
  cr_expect_str_eq(digests[0], digests[1]);
  cr_assert_eq(a->row_count, b->row_count);
  cr_expect_eq(a->starts, b->starts);
  for (size_t i = 0; i < a->row_count; i++) {
    const clfit_search_row *left = &a->rows[i], *right = &b->rows[i];
    cr_expect(left->hidden == right->hidden && left->starts == right->starts && left->near_best == right->near_best);
    cr_expect(left->rmse == right->rmse && left->max_error == right->max_error);
    cr_expect(left->cv_rmse == right->cv_rmse || (isnan(left->cv_rmse) && isnan(right->cv_rmse)));
  }
}

/* ---- what it finds ------------------------------------------------------------------------------------------- */

/* float32 answers of a curve of size 3 are right to 1e-6: 1e-5 is kept by the exact network and no smaller one. */
Test(search, smallest_network, .timeout = 120)
{
  clfit_data *data = make_data(two_steps, 0, NULL);
  clfit_search_options options = default_options();
  options.max_rmse = 1e-5;
  clfit_search_result result = search_on("reference", data, &options);
  cr_expect_eq(result.end, CLFIT_SEARCH_FOUND);
  cr_expect(result.met);
  cr_expect_eq(result.state.network.hidden, 2);
  cr_assert_eq(result.row_count, 2);
  cr_expect_gt(result.rows[0].rmse, 1e-2);
  cr_expect_not(result.rows[0].met);
  cr_expect(result.rows[1].met && result.rows[1].rmse <= 1e-5 && result.rows[1].rmse == result.figures.rmse);
  cr_expect_eq(result.starts, result.rows[0].starts + result.rows[1].starts);
  clfit_search_result device = search_on(NULL, data, &options);
  expect_equal(&result, &device);
  clfit_search_result_clear(&result);
  clfit_search_result_clear(&device);
  clfit_data_free(data);
}

/* The network found is the one that training gives with its seed. */
Test(search, winner_is_a_training, .timeout = 120)
{
  clfit_data *data = make_data(two_steps, 0.1, NULL);
  clfit_search_options options = default_options();
  options.max_rmse = 0.05;
  options.seed = 7;
  clfit_search_result result = search_on("reference", data, &options);
  cr_assert(result.met);
  const clfit_network *network = &result.state.network;
  cr_expect(network->seed >= 7 && network->init == CLFIT_INIT_SPREAD && network->optimizer == CLFIT_LM);
  clfit_device *device;
  clfit_population *population;
  clfit_state state, after;
  const clfit_state *states = &state;
  uint32_t index, slot;
  size_t running = 1;
  double low, high;
  clfit_data_range(data, &low, &high);
  EXPECT_OK(clfit_device_open("reference", &device, &error));
  EXPECT_OK(clfit_population_create(device, NULL, &population, &error));
  EXPECT_OK(clfit_population_add_data(population, data, &index, &error));
  EXPECT_OK(clfit_state_init_over(&state, network, low, high, &error));
  EXPECT_OK(clfit_population_take(population, 1, &states, &index, &slot, &error));
  while (running) EXPECT_OK(clfit_population_advance(population, 7, &running, &error));
  EXPECT_OK(clfit_population_give(population, 1, &slot, &after, &error));
  const size_t count = clfit_parameter_count(network->hidden);
  cr_expect_arr_eq(after.parameters, result.state.parameters, count * sizeof(float));
  clfit_state_clear(&state);
  clfit_state_clear(&after);
  clfit_population_free(population);
  clfit_device_close(device);
  clfit_search_result_clear(&result);
  clfit_data_free(data);
}

/* Least squares alone leaves a larger error at the ends of the range than in between; reweighting evens them out. */
Test(search, reweighting_lowers_the_largest_error, .timeout = 120)
{
  clfit_data *data = make_data(exp, 0, NULL);
  clfit_search_options options = default_options();
  options.max_hidden = 1;
  options.max_rmse = 1e-12;
  clfit_search_result squares = search_on("reference", data, &options);
  cr_expect_eq(squares.end, CLFIT_SEARCH_UNMET);
  cr_expect_not(squares.met);
  options.max_rmse = squares.figures.rmse / 2; /* near enough for the fits to be trained to their end */
  clfit_search_result_clear(&squares);
  squares = search_on("reference", data, &options);
  options.max_rmse = 0;
  options.max_error = 0.8 * squares.figures.max_error;
  clfit_search_result largest = search_on("reference", data, &options);
  cr_expect(largest.met);
  cr_expect_leq(largest.figures.max_error, options.max_error);
  clfit_search_result_clear(&squares);
  clfit_search_result_clear(&largest);
  clfit_data_free(data);
}

/* One sample is wrong by 5 and has the weight 0. */
static double with_outlier(double x)
{
  return two_steps(x) + (x == -1 ? 5 : 0);
}

Test(search, samples_of_weight_0_do_not_count, .timeout = 120)
{
  double weights[SAMPLES];
  for (size_t i = 0; i < SAMPLES; i++) weights[i] = i > 0;
  clfit_data *data = make_data(with_outlier, 0, weights);
  clfit_search_options options = default_options();
  options.max_error = 1e-4;
  clfit_search_result result = search_on("reference", data, &options);
  cr_expect(result.met);
  cr_expect_eq(result.state.network.hidden, 2);
  cr_expect_leq(result.figures.max_error, 1e-4);
  clfit_search_result_clear(&result);
  clfit_data_free(data);
}

static double damped(double x)
{
  return sin(3 * x + 3) * exp(-(x + 1) / 2);
}

/* Outliers of weight 0, or of a small one: without a bound the network is still the one that the others have. The noise
 * has a deviation of 0.02/sqrt(12) = 0.0058, and the rmse of the 50 samples that count must be within 100 % of it: a
 * network that is too small, or was not trained to its end, may lack some of the curve. */
static void expect_no_outliers(double small)
{
  double weights[SAMPLES], x[SAMPLES], y[SAMPLES];
  clfit_data *clean = make_data(damped, 0.02, NULL), *data;
  for (size_t i = 0; i < SAMPLES; i++) {
    const bool outlier = i % 6 == 2;
    x[i] = clfit_data_x(clean)[i];
    y[i] = clfit_data_y(clean)[i] + (outlier ? 3 + (double)(i % 4) : 0);
    weights[i] = outlier ? small : 1;
  }
  EXPECT_OK(clfit_data_create_weighted(SAMPLES, x, y, weights, &data, &error));
  clfit_search_options options = default_options();
  options.max_hidden = 7;
  clfit_search_result result = search_on("reference", data, &options);
  float z[SAMPLES];
  double sum = 0;
  clfit_state_evaluate(&result.state, SAMPLES, x, z);
  size_t counted = 0;
  for (size_t i = 0; i < SAMPLES; i++) {
    if (weights[i] < 1) continue;
    sum += (z[i] - y[i]) * (z[i] - y[i]);
    counted++;
  }
  const double rmse = sqrt(sum / (double)counted);
  cr_expect_lt(rmse, 2 * 0.0058, "%g", rmse);
  if (small <= 0) cr_expect_lt(result.figures.rmse, 2 * 0.0058, "%g", result.figures.rmse);
  clfit_search_result_clear(&result);
  clfit_data_free(data);
  clfit_data_free(clean);
}

Test(search, without_a_bound_weights_count, .timeout = 240)
{
  expect_no_outliers(0);
  expect_no_outliers(1e-7);
}

/* A sample that hardly counts, alone in its fold, decides as little as one that does not count at all. */
Test(search, folds_count_by_weight, .timeout = 240)
{
  static const double weights_of_outlier[] = {0, 1e-9};
  double cv[2];
  for (int i = 0; i < 2; i++) {
    double x[12], y[12], weights[12];
    for (int k = 0; k < 12; k++) {
      x[k] = k / 11.0;
      y[k] = sin(6 * x[k]) + (k == 5 ? 1000 : 0);
      weights[k] = k == 5 ? weights_of_outlier[i] : 1;
    }
    clfit_data *data;
    EXPECT_OK(clfit_data_create_weighted(12, x, y, weights, &data, &error));
    clfit_search_options options = default_options();
    clfit_search_result result = search_on("reference", data, &options);
    cr_assert_geq(result.row_count, 3);
    cv[i] = result.rows[2].cv_rmse;
    clfit_search_result_clear(&result);
    clfit_data_free(data);
  }
  /* The outlier's own fold adds about 1e-9 * 1000^2 to the mean of 10 folds, 0.01 to its root; with a fold's full
   * weight it would be 316. */
  cr_expect_lt(cv[1], cv[0] + 0.1, "%g, %g", cv[0], cv[1]);
}

/* Samples of weight 0 are in no fold, and the others in those that they have without them: also the smallest and the
 * largest x are of those that count. */
Test(search, folds_of_samples_that_count)
{
  double x[100], counted_x[100];
  float weights[100];
  uint32_t folds[100], counted_folds[100], used, counted_used;
  size_t counted = 0;
  for (size_t i = 0; i < 100; i++) {
    x[i] = (double)i;
    weights[i] = i == 0 || i > 97 || i % 3 == 1 ? 0.0f : 0.5f;
    if (weights[i] > 0) counted_x[counted++] = x[i];
  }
  EXPECT_OK(clfit_folds_assign(100, x, weights, 3, 10, folds, &used, &error));
  EXPECT_OK(clfit_folds_assign(counted, counted_x, NULL, 3, 10, counted_folds, &counted_used, &error));
  cr_assert_eq(used, counted_used);
  counted = 0;
  for (size_t i = 0; i < 100; i++)
    cr_expect_eq(folds[i], weights[i] > 0 ? counted_folds[counted++] : UINT32_MAX, "sample %zu", i);
}

static double one_step(double x)
{
  return tanh(3 * x);
}

/* Noise of deviation 0.1/sqrt(12) = 0.029. With 58 samples that count the mean squared error of cross-validation has a
 * relative deviation of about sqrt(0.8/58) = 12 %: rmse within 30 % is five times that. */
Test(search, cross_validation_does_not_fit_noise, .timeout = 120)
{
  clfit_data *data = make_data(one_step, 0.1, NULL);
  clfit_search_options options = default_options();
  options.max_hidden = 6;
  clfit_search_result result = search_on("reference", data, &options);
  cr_expect_eq(result.end, CLFIT_SEARCH_FOUND);
  cr_expect_eq(result.state.network.hidden, 1);
  cr_expect_eq(result.row_count, 5, "four sizes after the one chosen");
  cr_expect_lt(fabs(result.rows[0].cv_rmse / 0.0289 - 1), 0.3, "%g", result.rows[0].cv_rmse);
  for (size_t i = 1; i < result.row_count; i++) cr_expect_leq(result.rows[i].rmse, 1.0001 * result.rows[i - 1].rmse);
  clfit_search_result_clear(&result);
  clfit_data_free(data);
}

Test(search, folds)
{
  double x[200];
  uint32_t folds[200], used, counts[10] = {0};
  for (size_t i = 0; i < 200; i++) x[i] = (double)(i * 37 % 200 / 2); /* 100 different x, two of each */
  EXPECT_OK(clfit_folds_assign(200, x, NULL, 3, 10, folds, &used, &error));
  cr_assert_eq(used, 10);
  for (size_t i = 0; i < 200; i++) {
    cr_expect_eq(folds[i] == UINT32_MAX, x[i] == 0 || x[i] == 99, "the ends are in no fold");
    if (folds[i] != UINT32_MAX) counts[folds[i]]++;
    for (size_t k = 0; k < i; k++)
      if (x[k] == x[i]) cr_expect_eq(folds[k], folds[i]);
  }
  for (size_t fold = 0; fold < 10; fold++) cr_expect(counts[fold] == 18 || counts[fold] == 20);
  EXPECT_OK(clfit_folds_assign(5, x, NULL, 3, 10, folds, &used, &error));
  cr_expect_eq(used, 3, "as many folds as x between the ends");
  double few[] = {1, 2, 3, 1};
  EXPECT_OK(clfit_folds_assign(4, few, NULL, 3, 10, folds, &used, &error));
  cr_expect_eq(used, 0);
}

/* ---- how it ends --------------------------------------------------------------------------------------------- */

Test(search, budget_and_time, .timeout = 120)
{
  clfit_data *data = make_data(two_steps, 0.1, NULL);
  clfit_search_options options = default_options();
  options.max_rmse = 1e-6;
  options.budget = 20;
  clfit_search_result result = search_on("reference", data, &options);
  cr_expect_eq(result.end, CLFIT_SEARCH_BUDGET);
  cr_expect_eq(result.starts, 20);
  cr_expect(!result.met && result.state.parameters);
  clfit_search_result_clear(&result);
  options.budget = 20000;
  options.seconds = 1e-6;
  result = search_on("reference", data, &options);
  cr_expect_eq(result.end, CLFIT_SEARCH_TIME);
  cr_expect(!result.state.parameters && result.row_count == 0);
  clfit_search_result_clear(&result);
  clfit_search_result_clear(NULL);
  clfit_data_free(data);
}

/* ---- rounds -------------------------------------------------------------------------------------------------- */

#define ROUNDS_MAX 400

/* Keeps rounds in memory, and ends the search after some launches. */
struct keeper {
  unsigned char *bytes[ROUNDS_MAX];
  size_t counts[ROUNDS_MAX];
  uint64_t loaded, saved;
  int launches_left;
  bool replaces; /* rounds may be saved again */
};

static clfit_status load(void *context, uint64_t round, unsigned char **bytes, size_t *count, clfit_error *unused)
{
  struct keeper *keeper = context;
  (void)unused;
  *bytes = NULL;
  if (round >= ROUNDS_MAX || !keeper->bytes[round]) return CLFIT_OK;
  *count = keeper->counts[round];
  *bytes = malloc(*count);
  cr_assert(*bytes);
  memcpy(*bytes, keeper->bytes[round], *count);
  keeper->loaded++;
  return CLFIT_OK;
}

static clfit_status save(void *context, uint64_t round, const unsigned char *bytes, size_t count, clfit_error *unused)
{
  struct keeper *keeper = context;
  (void)unused;
  cr_assert_lt(round, ROUNDS_MAX);
  cr_assert(keeper->replaces || !keeper->bytes[round], "a round is computed once");
  free(keeper->bytes[round]);
  keeper->bytes[round] = malloc(count);
  cr_assert(keeper->bytes[round]);
  memcpy(keeper->bytes[round], bytes, count);
  keeper->counts[round] = count;
  keeper->saved++;
  return CLFIT_OK;
}

static bool interrupt(void *context, uint32_t hidden, uint64_t starts)
{
  struct keeper *keeper = context;
  (void)hidden;
  (void)starts;
  return keeper->launches_left-- <= 0;
}

static clfit_search_options kept_options(struct keeper *keeper)
{
  clfit_search_options options = default_options();
  options.load = load;
  options.save = save;
  options.interrupted = interrupt;
  options.context = keeper;
  return options;
}

/* Interrupted again and again, each time a little later, it ends where the uninterrupted one does. */
static void expect_resumable(double max_rmse, double max_error)
{
  static struct keeper keeper;
  clfit_data *data = make_data(two_steps, 0.1, NULL);
  clfit_search_options options = default_options();
  options.max_rmse = max_rmse;
  options.max_error = max_error;
  clfit_search_result whole = search_on("reference", data, &options), result;
  options = kept_options(&keeper);
  options.max_rmse = max_rmse;
  options.max_error = max_error;
  int runs = 0;
  for (int launches = 1;; launches += 3, runs++) {
    keeper.launches_left = launches;
    result = search_on("reference", data, &options);
    if (result.end != CLFIT_SEARCH_INTERRUPTED) break;
    clfit_search_result_clear(&result);
  }
  cr_expect_gt(runs, 2);
  cr_expect_gt(keeper.loaded, 0);
  expect_equal(&whole, &result);
  clfit_search_result_clear(&whole);
  clfit_search_result_clear(&result);
  for (size_t i = 0; i < ROUNDS_MAX; i++) free(keeper.bytes[i]);
  clfit_data_free(data);
}

Test(search, resumed_with_a_bound, .timeout = 240)
{
  expect_resumable(0.02, 0);
}

Test(search, resumed_while_reweighting, .timeout = 240)
{
  expect_resumable(0, 0.05);
}

Test(search, resumed_while_validating, .timeout = 240)
{
  expect_resumable(0, 0);
}

/* A search whose budget is spent goes on with a larger one to what that would have found at once, although its last
 * batch was shorter. */
Test(search, another_budget, .timeout = 240)
{
  static struct keeper keeper;
  clfit_data *data = make_data(two_steps, 0.1, NULL);
  clfit_search_options options = default_options();
  options.max_rmse = 0.02;
  clfit_search_result whole = search_on("reference", data, &options), result;
  options = kept_options(&keeper);
  options.max_rmse = 0.02;
  options.budget = 20;
  keeper.launches_left = 1000000;
  keeper.replaces = true;
  result = search_on("reference", data, &options);
  cr_assert_eq(result.end, CLFIT_SEARCH_BUDGET);
  clfit_search_result_clear(&result);
  options.budget = default_options().budget;
  result = search_on("reference", data, &options);
  cr_expect_gt(keeper.loaded, 0);
  expect_equal(&whole, &result);
  clfit_search_result_clear(&whole);
  clfit_search_result_clear(&result);
  for (size_t i = 0; i < ROUNDS_MAX; i++) free(keeper.bytes[i]);
  clfit_data_free(data);
}

/* A damaged round is refused; one that begins with other networks is computed again. */
Test(search, foreign_rounds, .timeout = 120)
{
  static struct keeper keeper;
  clfit_data *data = make_data(two_steps, 0.1, NULL);
  clfit_search_options options = kept_options(&keeper);
  options.max_rmse = 0.2;
  keeper.launches_left = 1000000;
  clfit_search_result result = search_on("reference", data, &options);
  clfit_search_result_clear(&result);
  cr_assert_gt(keeper.saved, 0);
  clfit_device *device;
  EXPECT_OK(clfit_device_open("reference", &device, &error));
  keeper.counts[0] -= 1;
  EXPECT_ERROR(clfit_search(device, data, &options, &result, &error), CLFIT_ERROR_FORMAT, "round");
  keeper.counts[0] += 1;
  keeper.bytes[0][CLFIT_DIGEST_SIZE - 1 + 8] = 0xff; /* an epoch beyond the end */
  keeper.bytes[0][CLFIT_DIGEST_SIZE - 1 + 11] = 0x7f;
  EXPECT_ERROR(clfit_search(device, data, &options, &result, &error), CLFIT_ERROR_FORMAT, "round");
  options.seed = 1;
  keeper.replaces = true;
  EXPECT_OK(clfit_search(device, data, &options, &result, &error));
  clfit_search_result_clear(&result);
  for (size_t i = 0; i < ROUNDS_MAX; i++) free(keeper.bytes[i]);
  clfit_device_close(device);
  clfit_data_free(data);
}

/* ---- mistakes ------------------------------------------------------------------------------------------------ */

static void refuse_options(clfit_search_options options, const char *piece)
{
  clfit_data *data = make_data(two_steps, 0, NULL);
  clfit_device *device;
  clfit_search_result result;
  EXPECT_OK(clfit_device_open("reference", &device, &error));
  EXPECT_ERROR(clfit_search(device, data, &options, &result, &error), CLFIT_ERROR_ARGUMENT, piece);
  cr_expect(!result.rows && !result.state.parameters);
  clfit_device_close(device);
  clfit_data_free(data);
}

Test(search, mistakes)
{
#define REFUSE(member, value, piece)                                                                                   \
  do {                                                                                                                 \
    clfit_search_options options = default_options();                                                                  \
    options.member = (value);                                                                                          \
    refuse_options(options, piece);                                                                                    \
  } while (0)
  REFUSE(size, 1, "default");
  REFUSE(activation, 99, "activation");
  REFUSE(max_rmse, -1, "max_rmse");
  REFUSE(max_error, NAN, "max_error");
  REFUSE(seconds, INFINITY, "seconds");
  REFUSE(max_hidden, 0, "max_hidden");
  REFUSE(max_hidden, CLFIT_LM_HIDDEN_MAX + 1, "max_hidden");
  REFUSE(folds, 1, "folds");
  REFUSE(budget, 0, "budget");
  clfit_search_options options = default_options();
  options.max_rmse = options.max_error = 1;
  refuse_options(options, "one bound");
  cr_expect_str_eq(clfit_search_end_name(CLFIT_SEARCH_UNMET), "unmet");
  cr_expect_null(clfit_search_end_name((clfit_search_end)99));
}
