/* Initialisations: against numbers that NumPy drew, and what each promises. */
#include "clfit.h"
#include "expect.h"

#include "base/mt19937.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static uint32_t bits_of(float value)
{
  uint32_t bits;
  memcpy(&bits, &value, sizeof bits);
  return bits;
}

/* ---- NumPy's numbers ----------------------------------------------------------------------------------------- */

/* What the rows of one network in data/init/init.csv have in common. */
struct golden {
  char init[16];
  double init_scale, low, high;
  uint32_t hidden, seed;
};

struct row {
  struct golden of;
  char plane[3];
  size_t index;
  double value;
};

static bool read_row(FILE *stream, struct row *row)
{
  *row = (struct row){0};
  return fscanf(stream, "%15[^,],%lf,%u,%u,%lf,%lf,%2[^,],%zu,%lf\n", row->of.init, &row->of.init_scale,
                &row->of.hidden, &row->of.seed, &row->of.low, &row->of.high, row->plane, &row->index, &row->value) == 9;
}

static clfit_state draw(const struct golden *golden)
{
  clfit_state state;
  clfit_network network;
  clfit_network_default(&network);
  network.hidden = golden->hidden;
  network.seed = golden->seed;
  network.init_scale = golden->init_scale;
  EXPECT_OK(clfit_init_find(golden->init, &network.init, &error));
  EXPECT_OK(clfit_state_init_over(&state, &network, golden->low, golden->high, &error));
  return state;
}

/* Compares a network's parameters, of which *row is the first, and reads the first row of the next network. */
static bool compare_network(FILE *stream, struct row *row)
{
  struct golden golden = row->of;
  clfit_state state = draw(&golden);
  size_t count = clfit_parameter_count(golden.hidden);
  bool more = true;
  for (size_t i = 0; i < count; i++) {
    cr_assert(more, "the file ends within a network");
    cr_expect_eq(bits_of(state.parameters[i]), bits_of((float)row->value),
                 "%s, scale %g, H=%u, seed %u, x from %g to %g: %s[%zu] is %.9g, NumPy's %.17g", golden.init,
                 golden.init_scale, golden.hidden, golden.seed, golden.low, golden.high, row->plane, row->index,
                 (double)state.parameters[i], row->value);
    more = read_row(stream, row);
  }
  clfit_state_clear(&state);
  return more;
}

/* NumPy's logarithm is the C library's, which may differ from clfit's in the last of 53 bits. A float32 has 24: among
 * these numbers none lies so near the middle of two floats that it matters (one in 2^28 would). */
Test(init, numbers_are_numpy)
{
  struct row row;
  size_t networks = 0;
  FILE *stream = fopen(CLFIT_TEST_DATA "/init/init.csv", "r");
  cr_assert(stream);
  cr_assert_eq(fscanf(stream, "init,init_scale,hidden,seed,low,high,name,index,value\n"), 0);
  for (bool more = read_row(stream, &row); more; networks++) more = compare_network(stream, &row);
  cr_expect_eq(networks, (4 + 4) * 2 * 3, "%zu networks", networks);
  fclose(stream);
}

/* The stream's normal numbers in float64, as near to NumPy's as two logarithms may be: numpy.random.seed(2),
 * randn(5). The last digit of a logarithm moves the square root by half as much. */
Test(init, normal_numbers)
{
  static const double numpy[] = {-0.4167578474054706, -0.056266827226329474, -2.136196095668454, 1.6402708084049886,
                                 -1.7934355851948631};
  struct mt19937 stream;
  clfit_mt19937_seed(&stream, 2);
  for (size_t i = 0; i < sizeof numpy / sizeof *numpy; i++) {
    double value = clfit_mt19937_normal(&stream);
    cr_expect(fabs(value - numpy[i]) <= 2 * 0x1p-53 * fabs(numpy[i]), "%.17g, not %.17g", value, numpy[i]);
  }
  clfit_mt19937_normal(&stream); /* keeps another one, which a new seed must forget */
  clfit_mt19937_seed(&stream, 2);
  double value = clfit_mt19937_normal(&stream);
  cr_expect(fabs(value - numpy[0]) <= 2 * 0x1p-53 * fabs(numpy[0]), "%.17g", value);
}

/* ---- what each promises --------------------------------------------------------------------------------------- */

Test(init, table)
{
  clfit_init found = 99;
  cr_assert_eq(clfit_init_count(), 5);
  cr_expect_str_eq(clfit_init_name(CLFIT_INIT_XAVIER), "xavier");
  cr_expect_str_eq(clfit_init_name(CLFIT_INIT_HE), "he");
  cr_expect_str_eq(clfit_init_name(CLFIT_INIT_NORMAL), "normal");
  cr_expect_str_eq(clfit_init_name(CLFIT_INIT_ZERO), "zero");
  cr_expect_str_eq(clfit_init_name(CLFIT_INIT_SPREAD), "spread");
  cr_expect_null(clfit_init_name(5));
  EXPECT_OK(clfit_init_find("Glorot", &found, &error));
  cr_expect_eq(found, CLFIT_INIT_XAVIER);
  EXPECT_ERROR(clfit_init_find("random", &found, &error), CLFIT_ERROR_ARGUMENT,
               "unknown initialisation 'random'; there are xavier (glorot), he (kaiming), normal, zero, spread");
}

/* Every neuron's break point lies within the range, whatever its unit. */
Test(init, spread_puts_break_points_into_the_range)
{
  static const double ranges[][2] = {{-1, 1}, {0, 1e-3}, {-2000, 5e5}, {3, 3}};
  for (size_t k = 0; k < sizeof ranges / sizeof *ranges; k++) {
    struct golden golden = {.init = "spread", .low = ranges[k][0], .high = ranges[k][1], .hidden = 200, .seed = 9};
    clfit_state state = draw(&golden);
    double low = INFINITY, high = -INFINITY;
    double slack = 0x1p-22 * fmax(fabs(golden.low), fabs(golden.high)); /* W1 and B1 are rounded by 2^-24 each */
    for (uint32_t j = 0; j < 200; j++) {
      double point = -(double)state.parameters[200 + j] / (double)state.parameters[j];
      low = fmin(low, point);
      high = fmax(high, point);
    }
    double width = golden.high - golden.low; /* 200 draws leave 5 % at an end with a probability of 4e-5 */
    cr_expect(low >= golden.low - slack && low <= golden.low + 0.05 * width + slack, "%g", low);
    cr_expect(high <= golden.high + slack && high >= golden.high - 0.05 * width - slack, "%g", high);
    clfit_state_clear(&state);
  }
}

Test(init, bad_ranges)
{
  static const double bad[][2] = {{1, 0}, {NAN, 1}, {0, NAN}, {0, INFINITY}, {-INFINITY, 0}};
  clfit_network network;
  clfit_network_default(&network);
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    clfit_state state = {.size = 1};
    EXPECT_ERROR(clfit_state_init_over(&state, &network, bad[i][0], bad[i][1], &error), CLFIT_ERROR_ARGUMENT,
                 "the range of x is");
    cr_expect_null(state.parameters);
  }
}

/* The domain of a target, else what the samples have in float32. */
Test(init, range_of_data)
{
  static const double x[] = {0.1, -3, 2}, y[] = {0, 0, 0};
  clfit_target *target;
  clfit_data *data;
  double low, high;
  EXPECT_OK(clfit_data_create(3, x, y, &data, &error));
  clfit_data_range(data, &low, &high);
  cr_expect(low == -3 && high == 2, "%g to %g", low, high);
  clfit_data_free(data);
  EXPECT_OK(clfit_data_create(1, x, y, &data, &error));
  clfit_data_range(data, &low, &high);
  cr_expect(low == (double)0.1f && high == (double)0.1f, "%g to %g", low, high);
  clfit_data_free(data);
  EXPECT_OK(clfit_target_parse("x", &target, &error));
  EXPECT_OK(clfit_data_sample(target, -0.1, 7, 5, 0, &data, &error));
  clfit_data_range(data, &low, &high);
  cr_expect(low == (double)-0.1f && high == 7, "%g to %g", low, high);
  clfit_data_free(data);
  clfit_target_free(target);
}
