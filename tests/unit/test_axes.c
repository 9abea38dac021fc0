/* The axes of a sweep: what may be typed, the points that come of it, and ids. */
#include "expect.h"
#include "study/plan/axes.h"

#include <math.h>
#include <stdlib.h>

#define FIELD_HIDDEN     clfit_field_find("hidden")
#define FIELD_RATE       clfit_field_find("rate")
#define FIELD_SEED       clfit_field_find("seed")
#define FIELD_ACTIVATION clfit_field_find("activation")

/* The points that a text expands to, as text. */
static void expect_points(const clfit_field *field, const char *typed, const char *wanted, uint32_t rounded,
                          uint32_t dropped)
{
  struct axes axes = {.n = 0};
  EXPECT_OK(axes_add(&axes, field, typed, &error));
  char *points = axis_print(&axes.axis[0]);
  cr_assert_str_eq(points, wanted, "%s gives %s", typed, points);
  cr_assert_eq(axes.axis[0].rounded, rounded, "%s: %u rounded", typed, axes.axis[0].rounded);
  cr_assert_eq(axes.axis[0].dropped, dropped, "%s: %u dropped", typed, axes.axis[0].dropped);
  struct axes again = {.n = 0};
  EXPECT_OK(axes_add(&again, field, points, &error)); /* and back */
  cr_assert_eq(again.axis[0].count, axes.axis[0].count);
  const uint64_t count = axes.axis[0].count;
  cr_assert_eq(axis_value(&again.axis[0], count - 1), axis_value(&axes.axis[0], count - 1));
  for (uint64_t i = 0; i < count; i += 1 + count / 4096) /* one axis has 2^32 */
    cr_assert_eq(axis_value(&again.axis[0], i), axis_value(&axes.axis[0], i));
  free(points);
  axes_clear(&again);
  axes_clear(&axes);
}

Test(axes, points)
{
  expect_points(FIELD_HIDDEN, "64,96,128", "64,96,128", 0, 0);
  expect_points(FIELD_HIDDEN, "128,64", "128,64", 0, 0);
  expect_points(FIELD_HIDDEN, "7", "7", 0, 0);
  expect_points(FIELD_HIDDEN, "1e2", "100", 0, 0);
  expect_points(FIELD_SEED, "0..9", "0..9", 0, 0);
  expect_points(FIELD_SEED, "3..3", "3", 0, 0);
  expect_points(FIELD_SEED, "0..2,7,1", "0,1,2,7", 0, 1);
  expect_points(FIELD_SEED, "0..4294967295", "0..4294967295", 0, 0);
  expect_points(FIELD_HIDDEN, "1:9:5", "1,3,5,7,9", 0, 0);
  expect_points(FIELD_HIDDEN, "9:1:5", "9,7,5,3,1", 0, 0);
  expect_points(FIELD_HIDDEN, "1:4:3", "1,3,4", 1, 0); /* 2.5 */
  expect_points(FIELD_HIDDEN, "1:3:5", "1,2,3", 2, 2); /* 1 1.5 2 2.5 3 */
  expect_points(FIELD_HIDDEN, "1:256:log9", "1,2,4,8,16,32,64,128,256", 0, 0);
  expect_points(FIELD_HIDDEN, "1:10:log5", "1,2,3,6,10", 3, 0); /* 1.78 3.16 5.62 */
  expect_points(FIELD_RATE, "0.1:0.5:5", "0.1,0.2,0.3,0.4,0.5", 0, 0);
  expect_points(FIELD_RATE, "0.001:1:log4", "0.001,0.01,0.1,1", 0, 0);
  expect_points(FIELD_RATE, "0.1,0.10,1e-1,0.5", "0.1,0.5", 0, 2);
  expect_points(FIELD_RATE, "0.25:0.25:1", "0.25", 0, 0);
  expect_points(FIELD_ACTIVATION, "tanh,logistic,sigmoid", "tanh,sigmoid", 0, 1);
}

Test(axes, ends_are_exact)
{
  struct axes axes = {.n = 0};
  EXPECT_OK(axes_add(&axes, FIELD_RATE, "0.12345678901234567:0.76543210987654321:log7", &error));
  cr_assert_eq(axis_value(&axes.axis[0], 0), 0.12345678901234567);
  cr_assert_eq(axis_value(&axes.axis[0], 6), 0.76543210987654321);
  axes_clear(&axes);
}

static void expect_refusal(const clfit_field *field, const char *typed, const char *piece)
{
  struct axes axes = {.n = 0};
  EXPECT_ERROR(axes_add(&axes, field, typed, &error), CLFIT_ERROR_ARGUMENT, piece);
  axes_clear(&axes);
}

Test(axes, mistakes)
{
  expect_refusal(FIELD_HIDDEN, "64,,128", "--hidden has an empty item");
  expect_refusal(FIELD_HIDDEN, "64,", "--hidden has an empty item");
  expect_refusal(FIELD_HIDDEN, "64,x", "--hidden must be a whole number from 1 to 4096, not \"x\"");
  expect_refusal(FIELD_HIDDEN, "0..4", "not \"0\"");
  expect_refusal(FIELD_HIDDEN, "1..5000", "not \"5000\"");
  expect_refusal(FIELD_HIDDEN, "..", "not \"\"");
  expect_refusal(FIELD_HIDDEN, "9..1", "\"9..1\" runs backwards");
  expect_refusal(FIELD_RATE, "0..9", "A..B is for whole numbers only");
  expect_refusal(FIELD_RATE, "1:2", "must be A:B:N or A:B:logN");
  expect_refusal(FIELD_RATE, "1:2:0", "must be A:B:N");
  expect_refusal(FIELD_RATE, "1:2:log", "must be A:B:N");
  expect_refusal(FIELD_RATE, "1:2:1", "two ends but one point");
  expect_refusal(FIELD_RATE, "1:2:1048577", "1 to 1048576");
  expect_refusal(FIELD_RATE, "1:2:3:4", "must be A:B:N");
  expect_refusal(FIELD_RATE, "0:1:log3", "--rate must be a number from 2^-64");
  expect_refusal(FIELD_SEED, "0:9:log3", "must begin and end above 0");
  expect_refusal(FIELD_ACTIVATION, "tanh:relu:2", "names separated by commas");
  expect_refusal(FIELD_ACTIVATION, "tanh..relu", "A..B is for whole numbers only");
  expect_refusal(FIELD_ACTIVATION, "tanh,softmax", "softmax");
  expect_refusal(FIELD_SEED, "1,0..1048575", "more than 1048576 points");
}

static void expect_configuration(const struct axes *axes, uint64_t id, uint32_t h, clfit_activation a, double r)
{
  clfit_network configuration;
  memset(&configuration, 0xa5, sizeof configuration);
  axes_configuration(axes, id, &configuration);
  cr_assert_eq(configuration.hidden, h);
  cr_assert_eq(configuration.activation, a);
  cr_assert_eq(configuration.rate, r);
  cr_assert_eq(configuration.sample_seed, 0xa5a5a5a5u, "what is no axis stays");
}

Test(axes, ids)
{
  struct axes axes = {.n = 0};
  EXPECT_OK(axes_add(&axes, FIELD_HIDDEN, "4,8,16", &error));
  EXPECT_OK(axes_add(&axes, FIELD_ACTIVATION, "sigmoid,relu", &error));
  EXPECT_OK(axes_add(&axes, FIELD_RATE, "0.1,0.2,0.3,0.4,0.5", &error));
  cr_assert_eq(axes.count, 30);
  expect_configuration(&axes, 0, 4, CLFIT_SIGMOID, 0.1);
  expect_configuration(&axes, 1, 4, CLFIT_SIGMOID, 0.2); /* the last axis is the fastest */
  expect_configuration(&axes, 5, 4, CLFIT_RELU, 0.1);
  expect_configuration(&axes, 10, 8, CLFIT_SIGMOID, 0.1);
  expect_configuration(&axes, 29, 16, CLFIT_RELU, 0.5);
  axes_clear(&axes);
}

Test(axes, ids_have_64_bits)
{
  struct axes axes = {.n = 0};
  clfit_network configuration = {.sample_seed = 0};
  EXPECT_OK(axes_add(&axes, FIELD_SEED, "0..4294967295", &error));
  EXPECT_OK(axes_add(&axes, FIELD_HIDDEN, "1..4096", &error));
  cr_assert_eq(axes.count, (uint64_t)1 << 44);
  axes_configuration(&axes, ((uint64_t)4294967294u << 12) + 4095, &configuration);
  cr_assert_eq(configuration.seed, 4294967294u);
  cr_assert_eq(configuration.hidden, 4096);
  EXPECT_ERROR(axes_add(&axes, FIELD_SEED, "0..1048575", &error), CLFIT_ERROR_ARGUMENT, "more than 2^63");
  axes_clear(&axes);
}

Test(axes, work)
{
  struct axes axes = {.n = 0};
  clfit_network base;
  clfit_network_default(&base);
  EXPECT_OK(axes_add(&axes, FIELD_HIDDEN, "4,8", &error));
  EXPECT_OK(axes_add(&axes, FIELD_SEED, "0..9", &error));
  cr_assert_eq(axes_work(&axes, &base, CLFIT_EPOCHS_MAX), 20 * 6.0 * 1000 * 1000);
  cr_assert_eq(axes_largest(&axes, "hidden", 1), 8);
  cr_assert_eq(axes_largest(&axes, "seed", 1), 9);
  cr_assert_eq(axes_largest(&axes, "samples", 77), 77);
  axes_clear(&axes);
}

/* Draws depend on seed, id and axis alone, and every point gets its share: 5 standard deviations. */
Test(axes, draws)
{
  enum { DRAWS = 30000 };
  struct axes axes = {.n = 0};
  clfit_network configuration, again;
  unsigned counts[2][3] = {{0}};
  memset(&configuration, 0, sizeof configuration);
  EXPECT_OK(axes_add(&axes, FIELD_HIDDEN, "4,8,16", &error));
  EXPECT_OK(axes_add(&axes, FIELD_RATE, "0.1,0.2", &error));
  axes_draw(&axes, DRAWS, 1);
  cr_assert_eq(axes.count, DRAWS);
  cr_assert_eq(axes.grid_count, 6);
  for (uint32_t id = 0; id < DRAWS; id++) {
    axes_configuration(&axes, id, &configuration);
    counts[configuration.rate == 0.2][configuration.hidden == 4 ? 0 : configuration.hidden == 8 ? 1 : 2]++;
  }
  double share = DRAWS / 6.0, deviation = sqrt(share * 5 / 6);
  for (int i = 0; i < 2; i++)
    for (int k = 0; k < 3; k++)
      cr_assert(fabs(counts[i][k] - share) < 5 * deviation, "%d %d: %u of %g", i, k, counts[i][k], share);
  again = configuration;
  axes_draw(&axes, DRAWS + 1, 1);
  axes_configuration(&axes, DRAWS - 1, &again);
  cr_assert_eq(again.hidden, configuration.hidden);
  cr_assert_eq(again.rate, configuration.rate);
  unsigned differing = 0;
  for (uint32_t id = 0; id < 100; id++) {
    axes_draw(&axes, 100, 1);
    axes_configuration(&axes, id, &configuration);
    axes_draw(&axes, 100, 2);
    axes_configuration(&axes, id, &again);
    differing += again.hidden != configuration.hidden;
  }
  cr_assert(differing > 40, "another seed draws others: %u of 100", differing); /* 67 expected, 4.7 deviation */
  axes_clear(&axes);
}

Test(axes, shown)
{
  struct axes axes = {.n = 0};
  EXPECT_OK(axes_add(&axes, FIELD_HIDDEN, "1:39:20", &error));
  char *text = axis_show(&axes.axis[0]);
  cr_assert_str_eq(text, "1,3,5,7,9,11,13,15,17,19,21,23,...,35,37,39");
  free(text);
  axes_clear(&axes);
}

/* A preset's rows are the slowest axis. */
Test(axes, presets)
{
  struct axes axes = {.n = 0};
  clfit_network configuration;
  const struct preset *preset = preset_find("tuning-study");
  cr_assert_null(preset_find("other"));
  cr_assert_eq(preset->n, 11);
  memset(&configuration, 0, sizeof configuration);
  axes_preset(&axes, preset);
  EXPECT_OK(axes_add(&axes, FIELD_SEED, preset->sample_seeds, &error));
  cr_assert_eq(axes.count, 110);
  double work = 0;
  for (uint64_t id = 0; id < 110; id++) {
    const double *values = preset->rows[id / 10].values;
    const clfit_network *network = &configuration;
    axes_configuration(&axes, id, &configuration);
    cr_assert_eq(network->hidden, values[0]);
    cr_assert_eq(network->samples, values[1]);
    cr_assert_eq(network->epochs, values[2]);
    cr_assert_eq(network->rate, values[3]);
    cr_assert_eq(network->seed, id % 10);
    work += (double)network->hidden * network->samples * network->epochs;
  }
  cr_assert_eq(axes_work(&axes, &configuration, CLFIT_EPOCHS_MAX), work);
  cr_assert_eq(axes_largest(&axes, "hidden", 1), 256);
  cr_assert_eq(axes_largest(&axes, "samples", 1), 1500);
  cr_assert_eq(axes_largest(&axes, "epochs", 1), 2000);
  axes_clear(&axes);
}

/* What is the same in all rows of a preset is set in each configuration, and is no other axis. */
Test(axes, preset_settings)
{
  static const double rows[][3] = {{128, 1000, 0.1}, {96, 1000, 0.1}, {128, 500, 0.1}, {128, 1000, 0.05}};
  struct axes axes = {.n = 0};
  clfit_network network;
  const struct preset *preset = preset_find("course-table");
  clfit_network_default(&network);
  axes_preset(&axes, preset);
  EXPECT_OK(axes_add(&axes, clfit_field_find("sample_seed"), preset->sample_seeds, &error));
  cr_assert_eq(axes.count, 80);
  double work = 0;
  for (uint64_t id = 0; id < 80; id++) {
    char noise[CLFIT_FIELD_TEXT_SIZE];
    axes_configuration(&axes, id, &network);
    cr_assert_eq(network.hidden, rows[id / 20][0]);
    cr_assert_eq(network.samples, rows[id / 20][1]);
    cr_assert_eq(network.rate, rows[id / 20][2]);
    cr_assert_eq(network.sample_seed, id % 20);
    cr_assert_eq(network.epochs, 20000);
    cr_assert_eq(network.stop_loss, 0.002);
    cr_assert_eq(network.stop_on, CLFIT_FIGURE_OF_ALL);
    clfit_field_print(clfit_field_find("noise"), &network, noise);
    cr_assert_str_eq(noise, "0.05");
    work += clfit_network_work(&network) * network.samples * network.epochs;
  }
  for (size_t i = 0; i < preset->n_settings; i++)
    cr_assert(preset_sets(preset, clfit_field_find(preset->settings[i].field)), "%s", preset->settings[i].field);
  clfit_network_default(&network);
  cr_assert_eq(axes_work(&axes, &network, CLFIT_EPOCHS_MAX), work);
  cr_assert_eq(axes_largest(&axes, "epochs", 1), 20000);
  axes_clear(&axes);
}
