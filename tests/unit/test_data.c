/* Samples: NumPy's stream, copies, grids, digests, CSV files. */
#include "base/mt19937.h"
#include "clfit.h"
#include "data/data.h"

#include <criterion/criterion.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define POISON 0xA5

static clfit_error failure;

/* An output pointer that a function must overwrite. */
static clfit_data *poisoned(void)
{
  static char nowhere;
  memset(&failure, POISON, sizeof failure);
  return (clfit_data *)(void *)&nowhere;
}

static void expect_failure(clfit_status status, clfit_status expected, size_t position, const char *words)
{
  cr_assert_eq(status, expected, "%s instead of %s", clfit_status_name(status), clfit_status_name(expected));
  cr_assert_eq(failure.code, expected);
  cr_assert_eq(failure.cl_code, 0);
  cr_assert_eq(failure.position, position, "position %zu instead of %zu: %s", failure.position, position,
               failure.message);
  cr_assert_eq(failure.log[0], '\0');
  cr_assert(strstr(failure.message, words), "\"%s\" lacks \"%s\"", failure.message, words);
}

static uint32_t bits_of(float value)
{
  uint32_t bits;
  memcpy(&bits, &value, sizeof bits);
  return bits;
}

/* ---- the stream ---------------------------------------------------------------------------------------------- */

Test(mt19937, stream_is_numpy)
{
  static const double expected[] = {0.43599490214200376, 0.025926231827891333, 0.54966247787870914,
                                    0.43532239261827688};
  struct mt19937 stream;
  memset(&stream, POISON, sizeof stream);
  clfit_mt19937_seed(&stream, 2);
  for (size_t i = 0; i < 4; i++) cr_expect_eq(clfit_mt19937_uniform(&stream), expected[i], "draw %zu", i);
}

/* The C++ standard prescribes the 10000th word of std::mt19937 (seed 5489): 4123659995. A uniform takes its upper 27
 * bits from one word and 26 from the next, so the 5000th uniform ends with the 10000th word. */
Test(mt19937, ten_thousandth_word)
{
  struct mt19937 stream;
  clfit_mt19937_seed(&stream, 5489);
  double uniform = 0;
  for (int i = 0; i < 5000; i++) uniform = clfit_mt19937_uniform(&stream);
  uint64_t both = (uint64_t)(uniform * 0x1p53);
  cr_assert_eq(both & ((1u << 26) - 1), 4123659995u >> 6);
}

/* np.random.RandomState(seed).random_sample() for the ends of the range; GSL would change seed 0. */
Test(mt19937, first_draw_of_extreme_seeds)
{
  static const struct {
    uint32_t seed;
    double first;
  } rows[] = {{0, 0.54881350392732475}, {1, 0.417022004702574}};
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    struct mt19937 stream;
    clfit_mt19937_seed(&stream, rows[i].seed);
    cr_expect_eq(clfit_mt19937_uniform(&stream), rows[i].first);
  }
}

Test(mt19937, uniform_is_below_one)
{
  struct mt19937 stream;
  clfit_mt19937_seed(&stream, CLFIT_SEED_MAX);
  for (int i = 0; i < 100000; i++) {
    double uniform = clfit_mt19937_uniform(&stream);
    cr_assert(uniform >= 0 && uniform < 1);
  }
}

/* ---- samples of a target ------------------------------------------------------------------------------------- */

/* Reads the columns x and y of a golden file, with scanf rather than what is under test. */
static size_t read_golden(const char *name, size_t most, double *x, double *y)
{
  char path[1024];
  snprintf(path, sizeof path, "%s/golden/%s", CLFIT_TEST_DATA, name);
  FILE *stream = fopen(path, "r");
  cr_assert(stream, "%s is missing", path);
  cr_assert_eq(fscanf(stream, "x,y\n"), 0);
  size_t n = 0;
  while (n < most && fscanf(stream, "%lf,%lf", &x[n], &y[n]) == 2) n++;
  fclose(stream);
  return n;
}

static clfit_data *sample(const char *formula, double low, double high, size_t n, uint32_t seed)
{
  clfit_target *target;
  clfit_data *data = poisoned();
  cr_assert_eq(clfit_target_parse(formula, &target, NULL), CLFIT_OK);
  cr_assert_eq(clfit_data_sample(target, low, high, n, seed, &data, &failure), CLFIT_OK, "%s", failure.message);
  clfit_target_free(target);
  cr_assert_eq(clfit_data_count(data), n);
  return data;
}

static void compare_with_golden(const char *name, size_t n, uint32_t seed)
{
  double *x = malloc(n * sizeof *x), *y = malloc(n * sizeof *y);
  cr_assert_eq(read_golden(name, n, x, y), n);
  clfit_data *data = sample(CLFIT_TARGET_DEFAULT, 0, 1, n, seed);
  for (size_t i = 0; i < n; i++) {
    cr_expect_eq(clfit_data_x(data)[i], x[i], "x[%zu] in float64", i);
    cr_expect_eq(bits_of(clfit_data_x_float(data)[i]), bits_of((float)x[i]), "x[%zu]", i);
    cr_expect_eq(bits_of(clfit_data_y_float(data)[i]), bits_of((float)y[i]), "y[%zu]", i);
  }
  clfit_data_free(data);
  free(x);
  free(y);
}

Test(data, samples_are_numpy_seed_0)
{
  compare_with_golden("samples_seed0_m1000.csv", 1000, 0);
}

Test(data, samples_are_numpy_seed_1)
{
  compare_with_golden("samples_seed1_m500.csv", 500, 1);
}

Test(data, fewer_samples_are_a_prefix)
{
  clfit_data *few = sample("x", -3, 5, 31, 7), *many = sample("x", -3, 5, 1001, 7);
  cr_assert_arr_eq(clfit_data_x(few), clfit_data_x(many), 31 * sizeof(double));
  cr_assert_arr_eq(clfit_data_y_float(few), clfit_data_y_float(many), 31 * sizeof(float));
  clfit_data_free(few);
  clfit_data_free(many);
}

Test(data, samples_lie_in_the_domain)
{
  clfit_data *unit = sample("x", 0, 1, 129, 3), *data = sample("2*x", -3, 5, 129, 3);
  for (size_t i = 0; i < 129; i++) {
    double width = 8 * clfit_data_x(unit)[i]; /* exact */
    cr_expect_eq(clfit_data_x(data)[i], -3 + width);
    cr_expect_eq(clfit_data_y(data)[i], 2 * clfit_data_x(data)[i]);
  }
  clfit_data_free(unit);
  clfit_data_free(data);
}

static void expect_no_samples(const char *formula, double low, double high, size_t n, const char *words)
{
  clfit_target *target;
  clfit_data *data = poisoned();
  cr_assert_eq(clfit_target_parse(formula, &target, NULL), CLFIT_OK);
  clfit_status status = clfit_data_sample(target, low, high, n, 0, &data, &failure);
  expect_failure(status, CLFIT_ERROR_ARGUMENT, 0, words);
  cr_assert_null(data);
  cr_assert_eq(clfit_data_sample(target, low, high, n, 0, &data, NULL), CLFIT_ERROR_ARGUMENT);
  clfit_target_free(target);
}

Test(data, sample_errors)
{
  expect_no_samples("x", 0, 1, 0, "0 samples; there must be 1 to 134217728");
  expect_no_samples("x", 0, 1, (size_t)CLFIT_SAMPLES_MAX + 1, "134217729 samples");
  expect_no_samples("x", 0, 1, SIZE_MAX, "samples");
  expect_no_samples("x", 1, 1, 9, "domain is 1 to 1");
  expect_no_samples("x", 2, 1, 9, "domain is 2 to 1");
  expect_no_samples("x", NAN, 1, 9, "domain is nan to 1");
  expect_no_samples("x", 0, NAN, 9, "domain is 0 to nan");
  expect_no_samples("x", -INFINITY, 1, 9, "domain is -inf to 1");
  expect_no_samples("x", 0, INFINITY, 9, "domain is 0 to inf");
  expect_no_samples("x", 0, 1e39, 9, "domain is 0 to 1e+39");
  expect_no_samples("1e40*(x+1)", 0, 1, 9, "sample 1 (x = 0.548813503927");
  expect_no_samples("log(x-1)", 0, 1, 9, "at x = 0.548813503927");
}

/* ---- samples of the caller ----------------------------------------------------------------------------------- */

Test(data, create_copies_and_rounds)
{
  double x[] = {0.1, -0.0, 1e-45, 3.4028235677973362e38}, y[] = {1.0 / 3, 16777217, -1e-300, 5};
  float x_float[4], y_float[4];
  for (int i = 0; i < 4; i++) {
    x_float[i] = (float)x[i];
    y_float[i] = (float)y[i];
  }
  clfit_data *data = poisoned();
  cr_assert_eq(clfit_data_create(4, x, y, &data, &failure), CLFIT_OK);
  double x_before[4], y_before[4];
  memcpy(x_before, x, sizeof x);
  memcpy(y_before, y, sizeof y);
  memset(x, POISON, sizeof x);
  memset(y, POISON, sizeof y);
  cr_assert_eq(clfit_data_count(data), 4);
  cr_assert_arr_eq(clfit_data_x(data), x_before, sizeof x);
  cr_assert_arr_eq(clfit_data_y(data), y_before, sizeof y);
  cr_assert_arr_eq(clfit_data_x_float(data), x_float, sizeof x_float);
  cr_assert_arr_eq(clfit_data_y_float(data), y_float, sizeof y_float);
  clfit_data_free(data);
  clfit_data_free(NULL);
}

static void expect_not_created(size_t n, const double *x, const double *y, const char *words)
{
  clfit_data *data = poisoned();
  expect_failure(clfit_data_create(n, x, y, &data, &failure), CLFIT_ERROR_ARGUMENT, 0, words);
  cr_assert_null(data);
}

Test(data, create_errors)
{
  const double good[3] = {1, 2, 3};
  /* 3.4028235677973366e38 is halfway between FLT_MAX and 2^128: the first float64 that rounds to infinity */
  const double bad[] = {NAN, INFINITY, -INFINITY, 1e39, 3.4028235677973366e38};
  const char *const words[] = {"nan", "inf", "-inf", "1e+39", "3.40282356779733"};
  expect_not_created(0, good, good, "0 samples");
  expect_not_created((size_t)CLFIT_SAMPLES_MAX + 1, good, good, "134217729 samples");
  for (size_t i = 0; i < 5; i++) {
    const double values[3] = {1, bad[i], 3};
    expect_not_created(3, values, good, "sample 2 (x = ");
    cr_assert(strstr(failure.message, words[i]));
    expect_not_created(3, good, values, "sample 2 (x = 2, y = ");
    cr_assert(strstr(failure.message, words[i]));
  }
}

/* ---- grid, digest -------------------------------------------------------------------------------------------- */

/* linspace multiplies the step and sets the last point. */
Test(data, grid_is_linspace)
{
  double x[100];
  memset(x, POISON, sizeof x);
  clfit_grid(0, 1, 100, x);
  cr_expect_eq(x[0], 0);
  cr_expect_eq(x[1], 0.010101010101010102);
  cr_expect_eq(x[33], 0.33333333333333337);
  cr_expect_eq(x[99], 1);
  for (int i = 0; i < 99; i++) cr_expect_eq(x[i], i * (1.0 / 99) + 0.0);
  clfit_grid(0, 1, 50, x); /* 49 times 1/49 is not 1 */
  cr_expect_eq(x[49], 1);
  clfit_grid(-0.3, 0.7, 7, x);
  cr_expect_eq(x[0], -0.3);
  cr_expect_eq(x[6], 0.7);
}

Test(data, grid_of_few_points)
{
  double x[3] = {9, 9, 9};
  clfit_grid(2, 5, 0, x);
  cr_expect_eq(x[0], 9);
  clfit_grid(2, 5, 1, x);
  cr_expect_eq(x[0], 2);
  cr_expect_eq(x[1], 9);
  clfit_grid(2, 5, 2, x);
  cr_expect(x[0] == 2 && x[1] == 5 && x[2] == 9);
}

/* python3 -c "import hashlib, struct
 * print(hashlib.sha256(struct.pack('<6f', 1, 2, 3, 0.5, -2, 0.1)).hexdigest())" and with '<2f', 1, 0.5 */
Test(data, digest_is_sha256)
{
  const double x[] = {1, 2, 3}, y[] = {0.5, -2, 0.1};
  char digest[CLFIT_DIGEST_SIZE];
  clfit_data *data;
  cr_assert_eq(clfit_data_create(3, x, y, &data, NULL), CLFIT_OK);
  memset(digest, POISON, sizeof digest);
  clfit_data_digest(data, 3, digest);
  cr_expect_str_eq(digest, "753bf6ac63e45f80fbdbde9a5961895345737a028997143a31a146d3dc7b1501");
  clfit_data_digest(data, 1, digest);
  cr_expect_str_eq(digest, "b09540ff36f486fafd91acb451c6d92cc0c31ab1e9f4379a9342bc0cc88df1a6");
  clfit_data_digest(data, 0, digest); /* of nothing */
  cr_expect_str_eq(digest, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  clfit_data_free(data);
}

/* The same with weights: python3, '<9f' of x, y and weights 1, 0, 2.5. */
Test(data, digest_covers_weights)
{
  const double x[] = {1, 2, 3}, y[] = {0.5, -2, 0.1}, weights[] = {1, 0, 2.5};
  char digest[CLFIT_DIGEST_SIZE];
  clfit_data *data;
  cr_assert_eq(clfit_data_create_weighted(3, x, y, weights, &data, NULL), CLFIT_OK);
  cr_assert_arr_eq(clfit_data_weights(data), weights, sizeof weights);
  clfit_data_digest(data, 3, digest);
  cr_expect_str_eq(digest, "634dd3a0e79e6357b0facbc8c774bc6a06b9d4e7378d81787a7ee088e0429d64");
  clfit_data_free(data);
}

Test(data, weights_errors)
{
  const double x[] = {1, 2}, y[] = {1, 2};
  static const struct {
    double weights[2];
    const char *words;
  } rows[] = {{{1, -1e-9}, "the weight of sample 2 is -1e-09"},
              {{NAN, 1}, "the weight of sample 1 is nan"},
              {{1, INFINITY}, "the weight of sample 2 is inf"},
              {{1, 1e39}, "the weight of sample 2 is 1e+39"},
              {{0, 1e-50}, "all weights are 0"}};
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    clfit_data *data = poisoned();
    clfit_status status = clfit_data_create_weighted(2, x, y, rows[i].weights, &data, &failure);
    expect_failure(status, CLFIT_ERROR_ARGUMENT, 0, rows[i].words);
    cr_assert_null(data);
  }
}

/* More values than the hash is fed at a time. */
Test(data, digest_of_many)
{
  clfit_data *data = sample("x", 0, 1, 2500, 0);
  char digest[CLFIT_DIGEST_SIZE];
  memset(digest, POISON, sizeof digest);
  clfit_data_digest(data, 2500, digest);
  cr_expect_str_eq(digest, "0c3eb44f448584a2cb83fa05974b6c712dd9107da6c303f9a409df3fb54609a3");
  clfit_data_free(data);
}

/* ---- CSV files ----------------------------------------------------------------------------------------------- */

static char csv_path[64];

/* Writes a file for one test; length 0: strlen(text). */
static void write_csv(const char *text, size_t length)
{
  strcpy(csv_path, "/tmp/clfit_test_data_XXXXXX");
  int descriptor = mkstemp(csv_path);
  cr_assert(descriptor >= 0);
  FILE *stream = fdopen(descriptor, "wb");
  cr_assert_eq(fwrite(text, 1, length ? length : strlen(text), stream), length ? length : strlen(text));
  cr_assert_eq(fclose(stream), 0);
}

/* Reads text as a CSV file and compares count samples with (x0, y0, x1, y1 ..). */
static void expect_samples(const char *text, const char *x_column, const char *y_column, size_t count,
                           const double *pairs)
{
  write_csv(text, 0);
  clfit_data *data = poisoned();
  clfit_status status = clfit_data_read_csv(csv_path, x_column, y_column, &data, &failure);
  unlink(csv_path);
  cr_assert_eq(status, CLFIT_OK, "\"%s\": %s", text, failure.message);
  cr_assert_eq(clfit_data_count(data), count, "\"%s\"", text);
  for (size_t i = 0; i < count; i++) {
    cr_expect_eq(clfit_data_x(data)[i], pairs[2 * i], "\"%s\": x[%zu] = %g", text, i, clfit_data_x(data)[i]);
    cr_expect_eq(clfit_data_y(data)[i], pairs[2 * i + 1], "\"%s\": y[%zu] = %g", text, i, clfit_data_y(data)[i]);
  }
  clfit_data_free(data);
}

static void expect_no_csv(const char *text, size_t length, const char *x_column, const char *y_column, size_t line,
                          const char *words)
{
  char place[128];
  write_csv(text, length);
  clfit_data *data = poisoned();
  clfit_status status = clfit_data_read_csv(csv_path, x_column, y_column, &data, &failure);
  cr_assert_eq(clfit_data_read_csv(csv_path, x_column, y_column, &data, NULL), CLFIT_ERROR_FORMAT);
  unlink(csv_path);
  expect_failure(status, CLFIT_ERROR_FORMAT, line, words);
  snprintf(place, sizeof place, "%s, line %zu: ", csv_path, line);
  cr_assert_eq(strncmp(failure.message, place, strlen(place)), 0, "%s", failure.message);
  cr_assert_null(data);
}

static const double two_samples[] = {1, 2, 3, 4};

Test(csv, line_ends)
{
  expect_samples("x,y\n1,2\n3,4\n", NULL, NULL, 2, two_samples);
  expect_samples("x,y\n1,2\n3,4", NULL, NULL, 2, two_samples);
  expect_samples("x,y\r\n1,2\r\n3,4\r\n", NULL, NULL, 2, two_samples);
  expect_samples("x,y\r1,2\r3,4\r", NULL, NULL, 2, two_samples);
  expect_samples("x,y\r1,2\r3,4", NULL, NULL, 2, two_samples);
}

Test(csv, byte_order_mark_and_blank_lines)
{
  expect_samples("\xEF\xBB\xBFx,y\n1,2\n3,4\n", NULL, NULL, 2, two_samples);
  expect_samples("\xEF\xBB\xBF\"x\",y\n1,2\n3,4\n", NULL, NULL, 2, two_samples);
  expect_samples("\xEF\xBB\xBF\n\nx,y\n\n1,2\n  \n\t\r\n3,4\n\n\n", NULL, NULL, 2, two_samples);
  expect_samples("\n \nx,y\n1,2\n3,4\n", NULL, NULL, 2, two_samples);
}

Test(csv, quotes)
{
  expect_samples("\"x\",\"y\"\n\"1\",\"2\"\n\"3\",4\n", NULL, NULL, 2, two_samples);
  expect_samples("x,note,y\n1,\"a, \"\"b\"\"\nand\r\nc\",2\n3,\"\",4\n", NULL, NULL, 2, two_samples);
  expect_samples(" \"x\" , \"y\" \n 1 ,\t\"2\" \n3,4\n", NULL, NULL, 2, two_samples);
  expect_samples("\"a \"\"t\"\", s\",\"two\nlines\"\n1,2\n3,4\n", "a \"t\", s", "two\nlines", 2, two_samples);
}

Test(csv, delimiters)
{
  expect_samples("x;y\n1;2\n3;4\n", NULL, NULL, 2, two_samples);
  expect_samples("x\ty\n1\t2\n3\t4\n", NULL, NULL, 2, two_samples);
  expect_samples("n\tx\ty\n\t1\t2\n\t3\t4\n", NULL, NULL, 2, two_samples);
  expect_samples(" x\t y \n1 \t 2\n3\t4 \n", NULL, NULL, 2, two_samples);
  expect_samples("\"a,b\";y\n1;2\n3;4\n", "a,b", NULL, 2, two_samples);
  expect_samples("a\tb;x;y\n\t;1;2\n\t;3;4\n", NULL, NULL, 2, two_samples);
  expect_samples("a;b\tc,x,y\n;,1,2\n\t,3,4\n", NULL, NULL, 2, two_samples);
}

Test(csv, numbers)
{
  static const double expected[] = {0.591, 1, -2.5e-3, 7, 0.1, 12};
  expect_samples("x,y\n.591E0,+1\n-2.5e-3, 7. \n0.1000000000000000055511151231257827,1.2E+01\n", NULL, NULL, 3,
                 expected);
}

Test(csv, columns)
{
  const char *text = "t,x,y,2\n9,1,2,8\n9,3,4,8\n";
  expect_samples(text, NULL, NULL, 2, two_samples);
  expect_samples(text, "x", "y", 2, two_samples);
  expect_samples(text, "3", "x", 2, (const double[]){2, 1, 4, 3});
  expect_samples(text, "2", "1", 2, (const double[]){8, 9, 8, 9}); /* a name comes before a number */
  expect_samples(text, "t", NULL, 2, (const double[]){9, 2, 9, 4});
  expect_samples("2,v\n1,2\n3,4\n", NULL, NULL, 2, two_samples);
  expect_samples("x,v\n1,2\n3,4\n", NULL, NULL, 2, two_samples); /* the other one of two */
  expect_samples("v,x\n2,1\n4,3\n", NULL, NULL, 2, two_samples);
  expect_samples("u,v\n2,1\n4,3\n", "v", NULL, 2, two_samples);
  expect_samples("u,v\n2,1\n4,3\n", NULL, "1", 2, two_samples);
  expect_samples("T;mV;\n1;2;\n3;4;\n", NULL, NULL, 2, two_samples);       /* a separator at the line's end */
  expect_samples("x,x,u,v\n0,0,1,2\n0,0,3,4\n", "u", "v", 2, two_samples); /* a double name that nobody asks for */
}

/* Every dialect: (1, 2), (3.5, -4). */
Test(csv, dialects)
{
  static const char *const texts[] = {
      "x;y\n1;2\n3,5;-4\n",
      "1;2\n3,5;-4\n",
      "x\ty\n1\t2\n3,5\t-4,\n",
      "1\t2\n3.5\t-4\n",
      "x y\n1 2\n3.5 -4\n",
      "  x   y\n  1  2 \n\t3,5e0 \t -4\n",
      "1,2\n3.5,-4\n",
      " 1, 2\n3.5, -4\n",
      "# a comment with a \" and , and ;\n  # another\n1 2\n# in between\n3.5 -4\n# end",
      "% T, 1\n%% MATLAB\n%\n1,2\n3.5,-4\n",
      "\xEF\xBB\xBF# mark\r\nT / K;U / mV\r\n1;2\r\n3,5;-4\r\n",
      "1D0 .2D+01\n.35d1 -4d-0\n",
      "\"x\" \"y\"\n\"1\" 2\n\"3.5\" \"-4\" \n",
      "T K;U mV\n1;2\n3,5;-4\n",
      "t,U\n1,2\n3.5,-4\n",
  };
  static const double pairs[] = {1, 2, 3.5, -4};
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) expect_samples(texts[i], NULL, NULL, 2, pairs);
}

/* A header that names x and y is followed whatever the order and the case; where both cases are there, the exact one
 * is. */
Test(csv, names_without_case)
{
  expect_samples("Y,X\n2,1\n4,3\n", NULL, NULL, 2, two_samples);
  expect_samples("note,Y,X\nn,2,1\nn,4,3\n", NULL, NULL, 2, two_samples);
  expect_samples("X,y,x\n9,2,1\n9,4,3\n", NULL, NULL, 2, two_samples);
  expect_samples("Volts,kelvin,n\n1,2,9\n3,4,9\n", "volts", "KELVIN", 2, two_samples);
}

/* A first line is a header only if it has a text above a number, or no number: a sample must not be lost. */
Test(csv, header_or_not)
{
  expect_samples("a;1;2\nb;3;4\n", "2", "3", 2, two_samples);
  expect_samples("name,x,y\na,1,2\nb,3,4\n", NULL, NULL, 2, two_samples);
  expect_samples("#,x,y\n1,1,2\n2,3,4\n", NULL, NULL, 2, two_samples);
  expect_samples("%RH,T\n1,2\n3,4\n", "%RH", NULL, 2, two_samples);
  expect_no_csv("1,NA\n3,4\n", 0, NULL, NULL, 1, "column 2: 'NA' is not a finite decimal number");
  expect_no_csv("1,\n3,4\n", 0, "1", "2", 1, "column 2 is empty");
  expect_no_csv("nan,2\n3,4\n", 0, NULL, NULL, 1, "column 1: 'nan' is not a finite decimal number");
  expect_no_csv("1 2\n3\n", 0, NULL, NULL, 2, "1 fields; the first line has 2; column 2 is missing");
}

Test(csv, mixed_marks)
{
  expect_no_csv("x;y\n1;2\n3,5;4\n5;6.5\n", 0, NULL, NULL, 4,
                "column 'y': '6.5' has a decimal point, and line 3 a decimal comma");
  expect_no_csv("x y\n1.5 2\n3,5 4\n", 0, NULL, NULL, 3,
                "column 'x': '3,5' has a decimal comma, and line 2 a decimal point");
  expect_no_csv("x;y\n1.234,5;2\n", 0, NULL, NULL, 2, "'1.234,5' is not a finite decimal number");
}

/* Beyond the bytes that the guess is made from. */
Test(csv, comma_far_down)
{
  size_t rows = 20000;
  char *text = malloc(8 * rows), *end = text;
  double *pairs = malloc(2 * rows * sizeof *pairs);
  for (size_t i = 0; i < rows; i++) {
    end += sprintf(end, i == rows - 1 ? "1,5;%zu\n" : "1;%zu\n", i % 10);
    pairs[2 * i] = i == rows - 1 ? 1.5 : 1;
    pairs[2 * i + 1] = (double)(i % 10);
  }
  expect_samples(text, NULL, NULL, rows, pairs);
  free(text);
  free(pairs);
}

static clfit_data *read_text(const char *text, const char *weight_column)
{
  write_csv(text, 0);
  clfit_data *data = poisoned();
  clfit_status status = clfit_data_read_weighted(csv_path, NULL, NULL, weight_column, &data, &failure);
  unlink(csv_path);
  cr_assert_eq(status, CLFIT_OK, "\"%s\": %s", text, failure.message);
  return data;
}

Test(csv, what_was_read)
{
  clfit_data *data = read_text("T/degC;mV;w\n10;-0,5;1\n-20;3;0,25\n5;7;0\n", "W");
  const clfit_columns *columns = clfit_data_columns(data);
  cr_assert(columns->header && columns->decimal_comma && columns->separator == ';' && columns->count == 3);
  cr_assert(columns->x.number == 1 && columns->x.low == -20 && columns->x.high == 10 && columns->x.unique);
  cr_assert(columns->y.number == 2 && columns->y.low == -0.5 && columns->y.high == 7);
  cr_assert(columns->weight.number == 3 && columns->weight.low == 0 && columns->weight.high == 1);
  cr_assert_str_eq(columns->x.name, "T/degC");
  cr_assert_str_eq(columns->y.name, "mV");
  cr_assert_arr_eq(clfit_data_weights(data), ((double[]){1, 0.25, 0}), 3 * sizeof(double));
  cr_assert_arr_eq(clfit_data_weights_float(data), ((float[]){1, 0.25f, 0}), 3 * sizeof(float));
  clfit_data_free(data);
  data = read_text("1 2\n", NULL);
  columns = clfit_data_columns(data);
  cr_assert(!columns->header && !columns->decimal_comma && columns->separator == ' ' && columns->weight.number == 0);
  cr_assert(columns->x.number == 1 && *columns->x.name == '\0' && !columns->x.unique);
  cr_assert_null(clfit_data_weights(data));
  clfit_data_free(data);
  data = sample("x", 0, 1, 2, 0);
  cr_assert_null(clfit_data_columns(data));
  clfit_data_free(data);
}

Test(csv, weight_errors)
{
  static const struct {
    const char *text;
    size_t line;
    const char *words;
  } rows[] = {
      {"x,y,w\n1,2,1\n1,2,-0.5\n", 3, "column 'w': the weight -0.5 is negative"},
      {"x,y,w\n1,2,0\n1,2,1e-50\n", 4, "column 'w': all weights are 0"},
      {"x,y,w\n1,2,inf\n", 2, "column 'w': 'inf' is not a finite"},
      {"x,w\n1,2\n", 1, "y"},
      {"x,y\n1,2\n", 1, "no column 'w'"},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    write_csv(rows[i].text, 0);
    clfit_data *data = poisoned();
    clfit_status status = clfit_data_read_weighted(csv_path, NULL, NULL, "w", &data, &failure);
    unlink(csv_path);
    expect_failure(status, CLFIT_ERROR_FORMAT, rows[i].line, rows[i].words);
    cr_assert_null(data);
  }
}

/* The third column of three is no candidate for x or y when it is taken for the weights. */
Test(csv, weights_leave_two)
{
  clfit_data *data = read_text("w,t,v\n9,1,2\n8,3,4\n", "w");
  cr_assert(clfit_data_x(data)[1] == 3 && clfit_data_y(data)[1] == 4 && clfit_data_weights(data)[1] == 8);
  clfit_data_free(data);
}

/* What only a stranger's model names is not opened unless it is a regular file, and no message quotes it. */
Test(csv, regular_files_alone)
{
  struct file_request request = {.path = csv_path, .most = 9, .regular = true};
  clfit_data *data = poisoned();
  write_csv("secret words\n", 0);
  expect_failure(clfit_data_read(&request, &data, &failure), CLFIT_ERROR_FORMAT, 2, "not the samples");
  cr_assert_not(strstr(failure.message, "secret"), "%s", failure.message);
  cr_assert_null(data);
  unlink(csv_path);
  cr_assert_eq(mkfifo(csv_path, 0600), 0);
  data = poisoned();
  expect_failure(clfit_data_read(&request, &data, &failure), CLFIT_ERROR_FILE, 0, "is not a regular file");
  unlink(csv_path);
  request.path = "-";
  expect_failure(clfit_data_read(&request, &data, &failure), CLFIT_ERROR_FILE, 0, "standard input");
  request.path = "/dev/zero";
  expect_failure(clfit_data_read(&request, &data, &failure), CLFIT_ERROR_FILE, 0, "is not a regular file");
  request.path = "/tmp";
  expect_failure(clfit_data_read(&request, &data, &failure), CLFIT_ERROR_FILE, 0, "Is a directory");
  cr_assert_null(data);
}

/* ---- what a source remembers ----------------------------------------------------------------------------------- */

/* Reads text by a source that names no columns, then again by what it remembers. */
static void expect_columns(const char *text, const char *x_column, const char *y_column)
{
  clfit_source source;
  clfit_network network;
  clfit_data *data = NULL, *again = NULL;
  char digest[CLFIT_DIGEST_SIZE];
  write_csv(text, 0);
  clfit_source_default(&source);
  clfit_network_default(&network);
  network.samples = 0;
  cr_assert_eq(clfit_source_set(&source, "data", csv_path, NULL), CLFIT_OK);
  cr_assert_eq(clfit_source_open(&source, &network, &data, &failure), CLFIT_OK, "%s", failure.message);
  cr_assert_eq(clfit_source_set_columns(&source, data, NULL), CLFIT_OK);
  cr_expect_str_eq(source.x_column, x_column);
  cr_expect_str_eq(source.y_column, y_column);
  cr_expect_null(source.weight_column);
  clfit_data_digest(data, clfit_data_count(data), source.digest);
  cr_assert_eq(clfit_source_open(&source, &network, &again, &failure), CLFIT_OK, "%s", failure.message);
  clfit_data_digest(again, clfit_data_count(again), digest);
  cr_expect_str_eq(digest, source.digest);
  unlink(csv_path);
  clfit_data_free(data);
  clfit_data_free(again);
  clfit_source_clear(&source);
}

Test(source, remembers_columns)
{
  expect_columns("T,U\n1,2\n", "T", "U");
  expect_columns("Y,X,n\n1,2,3\n", "X", "Y");
  expect_columns("1;2\n", "1", "2");
  expect_columns("T,T\n1,2\n", "1", "2"); /* a name that does not tell them apart */
  expect_columns("2,v\n1,2\n", "2", "v");
}

/* Version 0.1.0 took the first two of many columns and stored no names; a digest tells that they are the same. */
Test(source, first_two_columns_of_old)
{
  const double x[] = {1, 3}, y[] = {2, 4};
  clfit_source source;
  clfit_network network;
  clfit_data *data;
  write_csv("t,v,w\n1,2,9\n3,4,9\n", 0);
  clfit_source_default(&source);
  clfit_network_default(&network);
  network.samples = 2;
  source.path = csv_path;
  source.trusted = true;
  cr_assert_eq(clfit_source_open(&source, &network, &data, &failure), CLFIT_ERROR_FORMAT);
  cr_assert_eq(clfit_data_create(2, x, y, &data, NULL), CLFIT_OK);
  clfit_data_digest(data, 2, source.digest);
  clfit_data_free(data);
  cr_assert_eq(clfit_source_open(&source, &network, &data, &failure), CLFIT_OK, "%s", failure.message);
  unlink(csv_path);
  clfit_data_free(data);
}

/* Other columns may hold what they like. */
Test(csv, unused_columns)
{
  expect_samples("name,x,y\nf\xC3\xBCnf,1,2\n,3,4\n", NULL, NULL, 2, two_samples);
}

Test(csv, long_lines)
{
  size_t length = 100000;
  char *text = malloc(length + 100);
  int used = sprintf(text, "x,y,note\n1,2,");
  memset(text + used, 'a', length);
  strcpy(text + used + length, "\n3,4,b\n");
  expect_samples(text, NULL, NULL, 2, two_samples);
  free(text);
}

Test(csv, many_rows)
{
  size_t rows = 1000;
  char *text = malloc(16 * rows);
  double *pairs = malloc(2 * rows * sizeof *pairs);
  size_t used = (size_t)sprintf(text, "x,y\n");
  for (size_t i = 0; i < rows; i++) {
    used += (size_t)sprintf(text + used, "%zu,%zu\n", i, 2 * i);
    pairs[2 * i] = (double)i;
    pairs[2 * i + 1] = 2 * (double)i;
  }
  expect_samples(text, NULL, NULL, rows, pairs);
  free(text);
  free(pairs);
}

Test(csv, standard_input)
{
  write_csv("x,y\n1,2\n3,4\n", 0);
  cr_assert(freopen(csv_path, "r", stdin));
  unlink(csv_path);
  clfit_data *data = poisoned();
  cr_assert_eq(clfit_data_read_csv("-", NULL, NULL, &data, &failure), CLFIT_OK);
  cr_assert_eq(clfit_data_count(data), 2);
  clfit_data_free(data);
  cr_assert_eq(clfit_data_read_csv("-", NULL, NULL, &data, &failure), CLFIT_ERROR_FORMAT); /* stdin stays open */
  cr_assert(strstr(failure.message, "standard input, line 1: no samples"), "%s", failure.message);
}

/* A process whose decimal point is a comma reads the same numbers. */
Test(csv, decimal_comma_locale)
{
  static const char *const names[] = {"de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8", "de_DE", "fr_FR.utf8"};
  const char *found = NULL;
  for (size_t i = 0; i < sizeof names / sizeof *names && !found; i++) found = setlocale(LC_ALL, names[i]);
  if (!found) cr_skip_test("no locale with a decimal comma is installed");
  cr_assert_str_eq(localeconv()->decimal_point, ",");
  expect_samples("x,y\n0.5,1.5\n", NULL, NULL, 1, (const double[]){0.5, 1.5});
  expect_samples("x;y\n0,5;1,5\n", NULL, NULL, 1, (const double[]){0.5, 1.5});
  cr_assert_str_eq(localeconv()->decimal_point, ",");
}

Test(csv, missing_file_and_directory)
{
  clfit_data *data = poisoned();
  clfit_status status = clfit_data_read_csv("/nowhere/to/be.csv", NULL, NULL, &data, &failure);
  expect_failure(status, CLFIT_ERROR_FILE, 0, "cannot read /nowhere/to/be.csv: No such file");
  cr_assert_null(data);
  data = poisoned();
  status = clfit_data_read_csv("/tmp", NULL, NULL, &data, &failure);
  expect_failure(status, CLFIT_ERROR_FILE, 0, "cannot read /tmp: Is a directory");
  cr_assert_null(data);
  data = poisoned();
  status = clfit_data_read_csv("/dev/zero", NULL, NULL, &data, &failure);
  expect_failure(status, CLFIT_ERROR_FORMAT, 1, "/dev/zero, line 1: a NUL byte");
}

Test(csv, header_errors)
{
  expect_no_csv("", 0, NULL, NULL, 1, "no samples");
  expect_no_csv("\n\n", 0, NULL, NULL, 3, "no samples");
  expect_no_csv("x,y\n", 0, NULL, NULL, 2, "no data rows");
  expect_no_csv("x,y", 0, NULL, NULL, 1, "no data rows");
  expect_no_csv("x,y\n\n \n", 0, NULL, NULL, 4, "no data rows");
  expect_no_csv("t\n1\n", 0, NULL, NULL, 1, "one column, 't'; x and y need two");
  expect_no_csv("x,v,w\n1,2,3\n", 0, NULL, NULL, 1, "no column 'y'; there are 3: x, v, w; choose one with --y-column");
  expect_no_csv("t,v,w\n1,2,9\n3,4,9\n", 0, NULL, NULL, 1,
                "3 columns: t, v, w; choose two with --x-column and --y-column");
  expect_no_csv("t,v,w\n1,2,9\n3,4,9\n", 0, "w", NULL, 1, "no column 'y'; there are 3");
  expect_no_csv("1 2 3\n4 5 6\n", 0, NULL, NULL, 1, "3 columns; choose two with");
  expect_no_csv("1 2\n4 5\n", 0, "x", NULL, 1, "no column 'x'; the file names none of its 2");
  expect_no_csv("u,v\n1,2\n", 0, "temperature", NULL, 1, "no column 'temperature'; there are 2: u, v");
  expect_no_csv("u,v\n1,2\n", 0, "0", NULL, 1, "no column '0'");
  expect_no_csv("u,v\n1,2\n", 0, "u", "3", 1, "no column '3'");
  expect_no_csv("u,v\n1,2\n", 0, "u", "99999999999999999999999", 1, "no column '99999999999999999999999'");
  expect_no_csv("u,v\n1,2\n", 0, "u", "-1", 1, "no column '-1'");
  expect_no_csv("u,v\n1,2\n", 0, "u", "", 1, "no column ''");
  expect_no_csv("u,v\n1,2\n", 0, "u", "1", 1, "x and y are both the column 'u'");
  expect_no_csv("x,y\n1,2\n", 0, "y", NULL, 1, "x and y are both the column 'y'");
  expect_no_csv("X,x,Y,y,Y\n1,2,3,4,5\n", 0, NULL, "Y", 1, "2 columns are named 'Y'");
  expect_no_csv("Ab,aB,c\n1,2,3\n", 0, "ab", "c", 1, "2 columns are named 'ab'");
  expect_no_csv("x,y,y\n1,2,3\n", 0, NULL, NULL, 1, "2 columns are named 'y'");
}

Test(csv, row_errors)
{
  expect_no_csv("x,y\n1,2\n\n3\n", 0, NULL, NULL, 4, "1 fields; the header has 2; column 'y' is missing");
  expect_no_csv("x,y\n1,2,\n", 0, NULL, NULL, 2, "3 fields; the header has 2");
  expect_no_csv("x,y,n\n1,2,\"a\n\nb\"\n3,oops,\n", 0, NULL, NULL, 5, "column 'y': 'oops' is not a finite decimal");
  expect_no_csv("x,y\r\n1,2\r\n3,oops\r\n", 0, NULL, NULL, 3, "column 'y': 'oops'");
  expect_no_csv("x,y\n1,\n", 0, NULL, NULL, 2, "column 'y' is empty");
  expect_no_csv("x,y\n1,\"\"\n", 0, NULL, NULL, 2, "column 'y' is empty");
}

Test(csv, number_errors)
{
  static const char *const texts[] = {"0x10",  "inf", "-inf", "nan", "1e999", "1e",  "e5",   ".",
                                      "1.2.3", "1 2", "--1",  "1f",  "1d",    "0b1", "1_000"};
  char text[64], words[64];
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
    snprintf(text, sizeof text, "x,y\n1,%s\n", texts[i]);
    snprintf(words, sizeof words, "column 'y': '%s' is not a finite decimal number", texts[i]);
    expect_no_csv(text, 0, NULL, NULL, 2, words);
  }
  expect_no_csv("x,y\n1,1e39\n", 0, NULL, NULL, 2, "column 'y': 1e39 is beyond the range of float32");
  expect_no_csv("x,y\n-1e39,1\n", 0, NULL, NULL, 2, "column 'x': -1e39 is beyond the range of float32");
}

Test(csv, quote_errors)
{
  expect_no_csv("x,y\n1,\"2\n3,4\n", 0, NULL, NULL, 2, "a quote is not closed");
  expect_no_csv("x,y\n1,\"2\"3\n", 0, NULL, NULL, 2, "text after the closing quote of field 2");
  expect_no_csv("x,y\n1\"2\",3\n", 0, NULL, NULL, 2, "a quote inside field 1");
  expect_no_csv("x,y\n1,2\0\n", 9, NULL, NULL, 2, "a NUL byte");
  expect_no_csv("\xFF\xFEx\0,\0y\0\n\0", 10, NULL, NULL, 1, "a NUL byte"); /* UTF-16 */
}

Test(csv, one_column_read_as_both)
{
  const double pairs[] = {1, 1, 3, 3};
  expect_samples("t\n1\n3\n", "t", "t", 2, pairs);
  expect_samples("t,u\n1,2\n3,4\n", "t", "t", 2, pairs);
}

Test(csv, endless_record)
{
  size_t length = (1u << 24) + 10;
  char *text = malloc(length);
  memset(text, 'a', length);
  memcpy(text, "x,y\n1,\"", 7);
  expect_no_csv(text, length, NULL, NULL, 2, "longer than 16777216 bytes");
  free(text);
}

/* CLFIT_SAMPLES_MAX itself would take a file of half a gigabyte. */
Test(csv, too_many_rows)
{
  clfit_data *data = poisoned();
  write_csv("x,y\n1,2\n3,4\n5,6\n", 0);
  struct file_request request = {.path = csv_path, .most = 3};
  cr_assert_eq(clfit_data_read(&request, &data, &failure), CLFIT_OK);
  clfit_data_free(data);
  data = poisoned();
  request.most = 2;
  clfit_status status = clfit_data_read(&request, &data, &failure);
  unlink(csv_path);
  expect_failure(status, CLFIT_ERROR_FORMAT, 4, "line 4: too many samples; there may be 2");
  cr_assert_null(data);
}

/* A hostile name or field must not forge a second line on a terminal, nor push the reason out of the message. */
Test(csv, hostile_texts)
{
  char text[2000];
  expect_no_csv("x,y\n1,\"a\nb\x1b[31m\"\n", 0, NULL, NULL, 2, "'a?b?[31m' is not");
  sprintf(text, "x,%0900d\n1,oops\n", 7);
  expect_no_csv(text, 0, NULL, "2", 2, "'oops' is not a finite decimal number");
}

/* ---- NIST's measured curves ---------------------------------------------------------------------------------- */

/* The data's README prints six digits: half a unit of the last one is at most 5e-6 of the value. */
static void expect_close(double value, double six_digits, const char *what)
{
  cr_expect(fabs(value - six_digits) <= 5e-6 * fabs(value), "%s: %.17g is not %g", what, value, six_digits);
}

Test(csv, nist)
{
  static const struct {
    const char *name;
    size_t n;
    double x_low, x_high, y_low, y_high; /* as the data's README has them */
  } sets[] = {
      {"Bennett5", 154, 7.44717, 12.2722, -34.8347, -31.7868},
      {"Chwirut1", 214, 0.5, 6, 3.75, 92.9},
      {"DanWood", 6, 1.309, 1.68, 2.138, 5.66},
      {"Eckerle4", 35, 400, 500, 7.1e-05, 0.369805},
      {"Gauss1", 250, 1, 250, 1.18275, 152.052},
      {"Gauss2", 250, 1, 250, 1.18268, 133.825},
      {"Hahn1", 236, 14.13, 851.61, 0.08, 21.085},
      {"Lanczos3", 24, 0, 1.15, 0.0624, 2.5134},
      {"MGH17", 33, 0, 320, 0.406, 0.936},
      {"Misra1a", 14, 77.6, 760, 10.07, 81.78},
      {"Rat42", 9, 9, 79, 8.93, 67.08},
      {"Roszman1", 25, -4868.68, -464.17, 0.251809, 0.624169},
  };
  for (size_t i = 0; i < sizeof sets / sizeof *sets; i++) {
    char path[1024];
    snprintf(path, sizeof path, "%s/nist/%s.csv", CLFIT_TEST_DATA, sets[i].name);
    clfit_data *data = poisoned();
    cr_assert_eq(clfit_data_read_csv(path, NULL, NULL, &data, &failure), CLFIT_OK, "%s", failure.message);
    cr_expect_eq(clfit_data_count(data), sets[i].n, "%s", path);
    double x_low = INFINITY, x_high = -INFINITY, y_low = INFINITY, y_high = -INFINITY;
    for (size_t k = 0; k < clfit_data_count(data); k++) {
      x_low = fmin(x_low, clfit_data_x(data)[k]);
      x_high = fmax(x_high, clfit_data_x(data)[k]);
      y_low = fmin(y_low, clfit_data_y(data)[k]);
      y_high = fmax(y_high, clfit_data_y(data)[k]);
    }
    expect_close(x_low, sets[i].x_low, path);
    expect_close(x_high, sets[i].x_high, path);
    expect_close(y_low, sets[i].y_low, path);
    expect_close(y_high, sets[i].y_high, path);
    clfit_data_free(data);
  }
}

/* Chwirut1's floor of pure error, from repeated x alone: 2067.83 in the data's README. A sum over all values, so that
 * no digit of the file may be misread. */
Test(csv, nist_pure_error)
{
  clfit_data *data;
  cr_assert_eq(clfit_data_read_csv(CLFIT_TEST_DATA "/nist/Chwirut1.csv", NULL, NULL, &data, NULL), CLFIT_OK);
  size_t n = clfit_data_count(data);
  const double *x = clfit_data_x(data), *y = clfit_data_y(data);
  double floor = 0;
  for (size_t i = 0; i < n; i++) {
    double sum = 0, count = 0;
    for (size_t k = 0; k < n; k++)
      if (x[k] == x[i]) sum += y[k], count++;
    floor += (y[i] - sum / count) * (y[i] - sum / count);
  }
  cr_expect(fabs(floor - 2067.83) <= 0.005, "%.17g", floor);
  clfit_data_free(data);
}
