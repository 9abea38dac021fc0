/* Noise on samples, samples that are held out, and that a training does not look at these. */
#include "parabola.h"

#include "data/data.h"

#include <math.h>
#include <stdlib.h>
#include <unistd.h>

/* ---- noise --------------------------------------------------------------------------------------------------- */

/* n samples with y = 0 and noise. */
static clfit_data *make_noise(size_t n, double noise, uint32_t seed)
{
  double *x = calloc(n, sizeof *x);
  clfit_data *data;
  EXPECT_OK(clfit_data_create(n, x, x, &data, &error));
  EXPECT_OK(clfit_data_add_noise(data, noise, seed, &error));
  free(x);
  return data;
}

static double noise_of(double noise, uint32_t seed, size_t sample)
{
  clfit_data *data = make_noise(sample + 1, noise, seed);
  const double y = clfit_data_y(data)[sample];
  cr_assert_eq(clfit_data_y_float(data)[sample], (float)y);
  clfit_data_free(data);
  return y;
}

/* Uniform: what Python's integers and floats give for the formula in clfit.h, exactly. Normal: the same with the math
 * module, whose q is rounded in another place: 2^-52 of q moves sqrt(-2 ln(q)/q) by less than 2^-50 of itself unless q
 * is near 1, and it is not. Sample 5 of seed 1 has its second point. */
Test(noise, values_are_those_of_the_formula)
{
  cr_expect_eq(noise_of(1, 0, 0), 0.3674745637541901);
  cr_expect_eq(noise_of(0.25, 0, 1), 0.25 * -0.4437405777033525);
  cr_expect_eq(noise_of(1, 7, 999), -0.42197444328046885);
  static const struct {
    uint32_t seed;
    size_t sample;
    double value;
  } normal[] = {{0, 0, 1.4041043387371717},
                {0, 1, -1.3576502538679112},
                {7, 999, -0.5501662076823743},
                {1, 5, 1.3261812428463156}};
  for (size_t i = 0; i < sizeof normal / sizeof *normal; i++) {
    const double value = noise_of(-1, normal[i].seed, normal[i].sample);
    cr_expect(fabs(value - normal[i].value) <= 0x1p-50 * fabs(value), "%a", value);
  }
  cr_expect_eq(noise_of(0, 3, 5), 0);
}

/* Mean and variance of n independent values lie within five standard errors: of the mean s/sqrt(n), of the variance
 * sqrt((k - 1)/n) s^2, where k is the kurtosis, 9/5 of uniform and 3 of normal values. */
static void expect_moments(double noise, double deviation, double kurtosis)
{
  enum { COUNT = 100000 };
  clfit_data *data = make_noise(COUNT, noise, 11);
  double sum = 0, squares = 0;
  for (size_t i = 0; i < COUNT; i++) sum += clfit_data_y(data)[i];
  for (size_t i = 0; i < COUNT; i++) squares += clfit_data_y(data)[i] * clfit_data_y(data)[i];
  cr_expect(fabs(sum / COUNT) < 5 * deviation / sqrt(COUNT), "mean %g", sum / COUNT);
  cr_expect(fabs(squares / COUNT / (deviation * deviation) - 1) < 5 * sqrt((kurtosis - 1) / COUNT), "%g", squares);
  clfit_data_free(data);
}

Test(noise, distributions)
{
  expect_moments(0.05, 0.05 / sqrt(3), 1.8);
  expect_moments(-0.1, 0.1, 3);
}

Test(noise, errors)
{
  const double x = 0, y = 3e38;
  clfit_data *data;
  EXPECT_OK(clfit_data_create(1, &x, &y, &data, &error));
  EXPECT_ERROR(clfit_data_add_noise(data, NAN, 0, &error), CLFIT_ERROR_ARGUMENT, "not finite");
  EXPECT_ERROR(clfit_data_add_noise(data, 1e39, 0, &error), CLFIT_ERROR_ARGUMENT, "not finite in float32");
  cr_expect_eq(clfit_data_y(data)[0], 3e38);
  clfit_data_free(data);
}

/* Of a source: fewer samples are a prefix of more, the x are those without noise, and test points have none. */
Test(noise, of_a_source)
{
  clfit_source source;
  clfit_network network;
  clfit_data *few, *many, *none;
  double x[CLFIT_TEST_POINTS], y[CLFIT_TEST_POINTS];
  clfit_source_default(&source);
  source.target = (char *)"2*x";
  clfit_network_default(&network);
  network.noise = 0.5;
  network.samples = 200;
  EXPECT_OK(clfit_source_open(&source, &network, &many, &error));
  network.samples = 100;
  EXPECT_OK(clfit_source_open(&source, &network, &few, &error));
  network.noise = 0;
  EXPECT_OK(clfit_source_open(&source, &network, &none, &error));
  cr_expect(!memcmp(clfit_data_y(few), clfit_data_y(many), 100 * sizeof(double)));
  cr_expect(!memcmp(clfit_data_x(few), clfit_data_x(none), 100 * sizeof(double)));
  for (size_t i = 0; i < 100; i++)
    cr_expect_eq(clfit_data_y(few)[i], fma(0.5, noise_of(1, 0, i), clfit_data_y(none)[i]), "%zu", i);
  EXPECT_OK(clfit_source_test(&source, x, y, &error));
  for (size_t i = 0; i < CLFIT_TEST_POINTS; i++) cr_expect_eq(y[i], 2 * x[i]);
  clfit_data_free(few);
  clfit_data_free(many);
  clfit_data_free(none);
}

/* ---- how many ------------------------------------------------------------------------------------------------ */

static clfit_network network_of(uint32_t samples, double holdout)
{
  clfit_network network;
  clfit_network_default(&network);
  network.samples = samples;
  network.holdout = holdout;
  return network;
}

Test(held_out, number)
{
  static const struct {
    uint32_t samples, held;
    double holdout;
  } cases[] = {{1000, 0, 0},   {1000, 200, 0.2}, {7, 1, 0.2},     {7, 1, 1e-9},
               {10, 9, 0.999}, {2, 1, 0.9},      {2, 1, 0x1p-60}, {CLFIT_SAMPLES_MAX, 1u << 26, 0.5}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    const clfit_network network = network_of(cases[i].samples, cases[i].holdout);
    cr_expect_eq(clfit_network_held_out(&network), cases[i].held, "case %zu", i);
    cr_expect_eq(clfit_network_trained(&network), cases[i].samples - cases[i].held);
    EXPECT_OK(clfit_network_check(&network, &error));
  }
  const clfit_network one = network_of(1, 0.5);
  EXPECT_ERROR(clfit_network_check(&one, &error), CLFIT_ERROR_ARGUMENT, "of 1 sample none");
}

/* Every number of samples held out has a fraction, although quotients are rounded. */
Test(held_out, fraction_of_a_number)
{
  const uint32_t large[][2] = {{CLFIT_SAMPLES_MAX, CLFIT_SAMPLES_MAX - 1}, {CLFIT_SAMPLES_MAX - 1, 12345677}};
  for (uint32_t n = 1; n <= 300; n++)
    for (uint32_t held = 0; held < n; held++) {
      clfit_network network = network_of(n, 0.7);
      clfit_network_hold_out(&network, held);
      cr_assert_eq(clfit_network_held_out(&network), held, "%u of %u", held, n);
    }
  for (size_t i = 0; i < 2; i++) {
    clfit_network network = network_of(large[i][0], 0);
    clfit_network_hold_out(&network, large[i][1]);
    cr_expect_eq(clfit_network_held_out(&network), large[i][1]);
  }
}

/* ---- which ones ---------------------------------------------------------------------------------------------- */

/* Samples whose x, y and weights tell their index. */
static clfit_data *make_numbered(size_t n)
{
  double *values = malloc(3 * n * sizeof *values);
  for (size_t i = 0; i < n; i++) {
    values[i] = (double)i;
    values[n + i] = 1000 + (double)i;
    values[2 * n + i] = 1 + (double)i;
  }
  clfit_data *data;
  EXPECT_OK(clfit_data_create_weighted(n, values, values + n, values + 2 * n, &data, &error));
  free(values);
  return data;
}

/* The ranks by Python; a larger number holds out the same ones and more. */
Test(held_out, samples_with_the_smallest_ranks)
{
  static const struct {
    size_t held;
    uint32_t seed;
    size_t samples[6];
  } cases[] = {{4, 0, {4, 5, 8, 10}}, {6, 0, {4, 5, 7, 8, 10, 19}}, {4, 5, {7, 8, 12, 13}}};
  clfit_data *data = make_numbered(20), *split;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    EXPECT_OK(clfit_data_split(data, cases[i].held, cases[i].seed, &split, &error));
    const size_t trained = 20 - cases[i].held;
    const double *x = clfit_data_x(split);
    cr_expect_eq(clfit_data_held_out(split), cases[i].held);
    for (size_t k = 0; k < cases[i].held; k++) cr_expect_eq(x[trained + k], (double)cases[i].samples[k]);
    for (size_t k = 1; k < trained; k++) cr_expect_gt(x[k], x[k - 1]);
    clfit_data_free(split);
  }
  clfit_data_free(data);
}

Test(held_out, copy_is_complete)
{
  clfit_data *data = make_numbered(50), *split;
  char whole[CLFIT_DIGEST_SIZE], digest[CLFIT_DIGEST_SIZE];
  double ends[4];
  EXPECT_OK(clfit_data_scale(data, CLFIT_SCALE_STANDARD, &error));
  EXPECT_OK(clfit_data_split(data, 10, 3, &split, &error));
  for (size_t i = 0; i < 50; i++) {
    const size_t from = (size_t)clfit_data_x(split)[i];
    cr_assert_eq(clfit_data_y(split)[i], 1000 + (double)from);
    cr_assert_eq(clfit_data_weights(split)[i], 1 + (double)from);
    cr_assert_eq(clfit_data_x_float(split)[i], clfit_data_x_float(data)[from]);
    cr_assert_eq(clfit_data_y_float(split)[i], clfit_data_y_float(data)[from]);
    cr_assert_eq(clfit_data_weights_float(split)[i], clfit_data_weights_float(data)[from]);
  }
  const clfit_scaling one = clfit_data_scaling(data), other = clfit_data_scaling(split);
  cr_expect(!memcmp(&one, &other, sizeof one));
  clfit_data_range(data, &ends[0], &ends[1]);
  clfit_data_range(split, &ends[2], &ends[3]);
  cr_expect(ends[0] == ends[2] && ends[1] == ends[3]);
  clfit_data_digest(data, 50, whole);
  clfit_data_digest(split, 50, digest);
  cr_expect_str_eq(digest, whole);
  clfit_data_digest(split, 40, digest);
  cr_expect_str_neq(digest, whole);
  clfit_data_free(data);
  clfit_data_free(split);
}

Test(held_out, errors)
{
  const double values[] = {0, 1, 2}, weights[] = {0, 1, 0};
  clfit_data *data, *split, *again;
  EXPECT_OK(clfit_data_create_weighted(3, values, values, weights, &data, &error));
  EXPECT_ERROR(clfit_data_split(data, 0, 0, &split, &error), CLFIT_ERROR_ARGUMENT, "0 of 3 samples cannot");
  EXPECT_ERROR(clfit_data_split(data, 3, 0, &split, &error), CLFIT_ERROR_ARGUMENT, "3 of 3 samples cannot");
  size_t refused = 0;
  for (uint32_t seed = 0; seed < 20; seed++) { /* sample 1 is among 2 of 3 in two thirds of the seeds */
    if (clfit_data_split(data, 2, seed, &split, &error)) {
      cr_expect(strstr(error.message, "all samples with a weight above 0 are held out"), "%s", error.message);
      cr_expect_null(split);
      refused++;
      continue;
    }
    EXPECT_ERROR(clfit_data_split(split, 1, 0, &again, &error), CLFIT_ERROR_ARGUMENT, "some are already");
    clfit_data_free(split);
  }
  cr_expect(refused > 5 && refused < 20, "%zu", refused);
  clfit_data_free(data);
}

/* ---- training ------------------------------------------------------------------------------------------------ */

static clfit_state train(clfit_device *device, const clfit_data *data, const clfit_network *network)
{
  clfit_population_options options;
  clfit_population *population;
  clfit_state fresh, trained;
  const clfit_state *states[] = {&fresh};
  uint32_t index, slot;
  size_t running = 1;
  clfit_population_options_default(&options);
  EXPECT_OK(clfit_population_create(device, &options, &population, &error));
  EXPECT_OK(clfit_population_add_data(population, data, &index, &error));
  EXPECT_OK(clfit_state_init_over(&fresh, network, -1, 1, &error));
  EXPECT_OK(clfit_population_take(population, 1, states, &index, &slot, &error));
  while (running) EXPECT_OK(clfit_population_advance(population, 70, &running, &error));
  EXPECT_OK(clfit_population_give(population, 1, &slot, &trained, &error));
  clfit_state_clear(&fresh);
  clfit_population_free(population);
  return trained;
}

/* A network with samples held out is trained as one that never had them. */
static void expect_not_looked_at(clfit_device *device, clfit_optimizer optimizer)
{
  clfit_data *data = make_parabola(150), *split, *first;
  clfit_network network = network_of(150, 0.3);
  network.hidden = 5;
  network.epochs = 6;
  network.tol = optimizer == CLFIT_LM ? 0 : 1e-4; /* a sum over the samples trained on, too */
  network.optimizer = optimizer;
  EXPECT_OK(clfit_data_split(data, 45, 0, &split, &error));
  EXPECT_OK(clfit_data_create(105, clfit_data_x(split), clfit_data_y(split), &first, &error));
  const clfit_state held = train(device, split, &network);
  network.samples = 105;
  network.holdout = 0;
  const clfit_state never = train(device, first, &network);
  cr_assert(!memcmp(held.parameters, never.parameters, clfit_parameter_count(5) * sizeof(float)));
  cr_assert(!memcmp(&held.progress, &never.progress, sizeof held.progress));
  cr_expect_eq(clfit_state_stable_rate(&held, split), clfit_state_stable_rate(&never, first));
  clfit_data_free(data);
  clfit_data_free(split);
  clfit_data_free(first);
  clfit_state_clear((clfit_state *)&held);
  clfit_state_clear((clfit_state *)&never);
}

Test(held_out, training_does_not_look_at_them)
{
  static const char *const selectors[] = {"reference", "cpu"};
  for (size_t i = 0; i < 2; i++) {
    clfit_device *device;
    EXPECT_OK(clfit_device_open(selectors[i], &device, &error));
    expect_not_looked_at(device, CLFIT_SGD);
    expect_not_looked_at(device, CLFIT_LM);
    clfit_device_close(device);
  }
}

Test(held_out, network_and_data_must_agree)
{
  clfit_data *data = make_parabola(100), *split;
  clfit_device *device;
  clfit_population *population;
  uint32_t index[2], slot;
  EXPECT_OK(clfit_data_split(data, 20, 0, &split, &error));
  EXPECT_OK(clfit_device_open("reference", &device, &error));
  EXPECT_OK(clfit_population_create(device, NULL, &population, &error));
  EXPECT_OK(clfit_population_add_data(population, data, &index[0], &error));
  EXPECT_OK(clfit_population_add_data(population, split, &index[1], &error));
  const struct {
    clfit_network network;
    uint32_t *data;
  } wrong[] = {{network_of(100, 0.2), &index[0]},
               {network_of(100, 0), &index[1]},
               {network_of(100, 0.3), &index[1]},
               {network_of(99, 20.5 / 99), &index[1]}};
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    clfit_state state;
    const clfit_state *states[] = {&state};
    EXPECT_OK(clfit_state_init(&state, &wrong[i].network, &error));
    EXPECT_ERROR(clfit_population_take(population, 1, states, wrong[i].data, &slot, &error), CLFIT_ERROR_ARGUMENT,
                 "but its data set");
    clfit_state_clear(&state);
  }
  clfit_population_free(population);
  clfit_device_close(device);
  clfit_data_free(data);
  clfit_data_free(split);
}

/* ---- a validation file --------------------------------------------------------------------------------------- */

static char *write_file(const char *text)
{
  char path[] = "/tmp/clfit-held-XXXXXX";
  const int file = mkstemp(path);
  cr_assert(file >= 0 && write(file, text, strlen(text)) == (ssize_t)strlen(text));
  close(file);
  return strdup(path);
}

/* The second file has other separators and another order of columns, and values beyond the first one's range, which
 * scale as the first one's do. */
Test(held_out, validation_file)
{
  clfit_source source;
  clfit_network network = network_of(0, 0), again;
  clfit_data *data;
  clfit_source_default(&source);
  source.path = write_file("volt,temp\n0,10\n2,30\n4,20\n");
  source.validation = write_file("temp;volt\n40;-2\n20;6\n");
  source.x_column = strdup("volt");
  source.scale = CLFIT_SCALE_RANGE;
  EXPECT_OK(clfit_source_open(&source, &network, &data, &error));
  static const double x[] = {0, 2, 4, -2, 6}, y[] = {10, 30, 20, 40, 20};
  static const float x_scaled[] = {-1, 0, 1, -2, 2}, y_scaled[] = {-1, 1, 0, 2, 0};
  cr_assert_eq(clfit_data_count(data), 5);
  for (size_t i = 0; i < 5; i++)
    cr_expect(clfit_data_x(data)[i] == x[i] && clfit_data_y(data)[i] == y[i] &&
                  clfit_data_x_float(data)[i] == x_scaled[i] && clfit_data_y_float(data)[i] == y_scaled[i],
              "sample %zu", i);
  double low, high;
  clfit_data_span(data, &low, &high);
  cr_expect(low == 0 && high == 4, "the range that is learnt is that of the first file");
  cr_expect(clfit_data_held_out(data) == 2 && network.samples == 5 && clfit_network_held_out(&network) == 2);

  clfit_data_digest(data, 5, source.digest);
  again = network;
  clfit_data_free(data);
  EXPECT_OK(clfit_source_open(&source, &again, &data, &error));
  clfit_data_free(data);
  again.holdout = 0.7;
  EXPECT_ERROR(clfit_source_open(&source, &again, &data, &error), CLFIT_ERROR_FORMAT,
               "3 and 2 rows now, and the training was of 2 and 3");
  again = network_of(0, 0.2);
  EXPECT_ERROR(clfit_source_open(&source, &again, &data, &error), CLFIT_ERROR_ARGUMENT, "not both");
  unlink(source.validation);
  again = network;
  EXPECT_ERROR(clfit_source_open(&source, &again, &data, &error), CLFIT_ERROR_FILE, source.validation);
  unlink(source.path);
  clfit_source_clear(&source);
}
