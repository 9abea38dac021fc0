/* Writes a model as a C header: checks, arithmetic, the activation and the network from the files of the folder text,
 * weights and functions from here. */
#include "base/error.h"
#include "model/c/c_export.h"
#include "model/c/parts.h"
#include "model/format.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#define SUMS 32 /* partial sums of the strict order */

/* ---- range and errors ---------------------------------------------------------------------------------------- */

static void find_range(struct c_export *export)
{
  const clfit_export_options *options = export->options;
  const clfit_source *source = &export->model->source;
  double low = NAN, high = NAN;
  if (source->target) {
    low = source->low;
    high = source->high;
  } else if (options->data) {
    const double *x = clfit_data_x(options->data);
    low = high = x[0];
    for (size_t i = 1; i < clfit_data_count(options->data); i++) {
      low = x[i] < low ? x[i] : low;
      high = x[i] > high ? x[i] : high;
    }
  }
  export->low = (float)(isnan(options->low) ? low : options->low);
  export->high = (float)(isnan(options->high) ? high : options->high);
}

static void find_figures(struct c_export *export)
{
  const clfit_data *data = export->options->data;
  export->figures = (clfit_figures){NAN, NAN, NAN, NAN, NAN};
  if (!data) return;
  double square = 0, largest = 0;
  const double *x = clfit_data_x(data), *y = clfit_data_y(data);
  for (size_t i = 0; i < clfit_data_count(data); i++) {
    double z;
    clfit_c_values_double(export, 1, &x[i], &z);
    const double error = fabs(z - y[i]);
    square += error * error;
    if (!(error <= largest)) largest = error;
  }
  export->figures.rmse = sqrt(square / (double)clfit_data_count(data));
  export->figures.max_error = largest;
}

clfit_status clfit_c_prepare(struct c_export *export, const clfit_model *model, const clfit_export_options *options,
                             FILE *stream, clfit_error *error)
{
  *export = (struct c_export){
      .model = model, .options = options, .scaling = {1, 0, 1, 0}, .stream = stream, .low = NAN, .high = NAN};
  clfit_status status = clfit_export_name_check(options->name, error);
  if (status) return status;
  for (size_t i = 0; i < clfit_parameter_count(model->state.network.hidden); i++)
    if (!isfinite(model->state.parameters[i]))
      return clfit_fail(error, CLFIT_ERROR_ARGUMENT, "a weight is infinite or NaN, and no constant of C");
  find_range(export);
  if (isnan(export->low) != isnan(export->high) || export->low > export->high || isinf(export->low) ||
      isinf(export->high))
    return clfit_fail(error, CLFIT_ERROR_ARGUMENT, "the range of x must be finite, low and then high");
  if (options->clamp && isnan(export->low))
    return clfit_fail(error, CLFIT_ERROR_ARGUMENT, "nobody knows the range of x, to which it should be held");
  find_figures(export);
  return CLFIT_OK;
}

/* ---- constants ----------------------------------------------------------------------------------------------- */

static void print_constant(const struct c_export *export, const char *define, float value)
{
  char text[C_CONSTANT_SIZE];
  clfit_c_float(text, value);
  clfit_c_print(export->stream, export->options->name, define);
  fprintf(export->stream, value < 0 ? " (%s)\n" : " %s\n", text);
}

/* Fewer than 32 sums are added without the empty ones, which are +0. These would make a sum of -0 a +0, and nothing
 * else; it would then be added to B2, where that matters only if B2 is -0. */
static float bias_of(const clfit_network *network, const float *parameters)
{
  const float bias = parameters[3 * (size_t)network->hidden];
  return network->hidden < SUMS && bias == 0 ? 0.0f : bias;
}

static void print_sizes(const struct c_export *export)
{
  const uint32_t hidden = export->model->state.network.hidden, sums = hidden < SUMS ? hidden : SUMS;
  uint32_t stride = SUMS / 2;
  while (stride >= sums && stride) stride /= 2;
  clfit_c_print(export->stream, export->options->name, "#define NAME_HIDDEN");
  fprintf(export->stream, " %u /* neurons */\n", (unsigned)hidden);
  clfit_c_print(export->stream, export->options->name, "#define NAME_SUMS");
  fprintf(export->stream, " %u\n", (unsigned)sums);
  clfit_c_print(export->stream, export->options->name, "#define NAME_STRIDE");
  fprintf(export->stream, " %u /* of the first addition of sums */\n", (unsigned)stride);
}

static void print_weights(const struct c_export *export)
{
  const clfit_network *network = &export->model->state.network;
  const size_t hidden = network->hidden;
  const float *values = export->model->state.parameters;
  clfit_c_print(export->stream, export->options->name,
                "\n/* W1, B1, W2 of each neuron: weight of x, bias, weight of its activation. */\n"
                "static const float NAME_weights[NAME_HIDDEN][3] = {\n");
  for (size_t j = 0; j < hidden; j++) {
    char w1[C_CONSTANT_SIZE], b1[C_CONSTANT_SIZE], w2[C_CONSTANT_SIZE];
    clfit_c_float(w1, values[j]);
    clfit_c_float(b1, values[hidden + j]);
    clfit_c_float(w2, values[2 * hidden + j]);
    fprintf(export->stream, "  {%s, %s, %s},\n", w1, b1, w2);
  }
  fputs("};\n", export->stream);
  print_constant(export, "#define NAME_BIAS", bias_of(network, values));
}

static void print_constants(const struct c_export *export)
{
  if (!isnan(export->low)) {
    fputs("/* The range of x. */\n", export->stream);
    print_constant(export, "#define NAME_X_MIN", export->low);
    print_constant(export, "#define NAME_X_MAX", export->high);
  }
  print_sizes(export);
  print_weights(export);
}

/* ---- functions ----------------------------------------------------------------------------------------------- */

static void print_activation(const struct c_export *export)
{
  const clfit_activation activation = export->model->state.network.activation;
  const char *name = export->options->name;
  char part[64];
  if (activation != CLFIT_RELU) {
    clfit_c_print_part(export->stream, name, "reciprocal.h");
    clfit_c_print_part(export->stream, name, "exponential.h");
  }
  snprintf(part, sizeof part, "%s.h", clfit_activation_name(activation));
  clfit_c_print_part(export->stream, name, part);
}

static void print_functions(const struct c_export *export)
{
  const char *name = export->options->name;
  clfit_c_print_part(export->stream, name, "network.h");
  if (export->options->clamp) clfit_c_print_part(export->stream, name, "clamp.h");
  clfit_c_print_part(export->stream, name, export->options->clamp ? "call_clamped.h" : "call.h");
}

/* ---- the self-test ------------------------------------------------------------------------------------------- */

#define SELF_TEST_COUNT 64 /* as selftest.h has it */

/* Mostly the range of x, or from -1 to 1; then what arithmetic is most likely to do wrong. */
static void choose_inputs(const struct c_export *export, float x[SELF_TEST_COUNT])
{
  static const float special[] = {-0.0f, 0x1p-149f, -0x1p-126f, 0x1.fffffep+127f, -0x1.fffffep+127f, 0x1.234568p-30f};
  const size_t specials = sizeof special / sizeof *special, grid = SELF_TEST_COUNT - specials;
  double points[SELF_TEST_COUNT];
  const bool known = !isnan(export->low);
  clfit_grid(known ? (double)export->low : -1, known ? (double)export->high : 1, grid, points);
  for (size_t i = 0; i < grid; i++) x[i] = (float)points[i];
  memcpy(x + grid, special, sizeof special);
}

static void print_self_test(const struct c_export *export)
{
  float x[SELF_TEST_COUNT], y[SELF_TEST_COUNT];
  choose_inputs(export, x);
  clfit_c_values(export, SELF_TEST_COUNT, x, y);
  clfit_c_print(export->stream, export->options->name,
                "\n/* The bits of x and y. */\nstatic const uint32_t NAME_selftest_bits[64][2] = {\n");
  for (size_t i = 0; i < SELF_TEST_COUNT; i++) {
    uint32_t bits[2];
    memcpy(&bits[0], &x[i], sizeof *bits);
    memcpy(&bits[1], &y[i], sizeof *bits);
    if (isnan(y[i])) bits[1] = 0x7fc00000; /* which NaN it is depends on the machine */
    fprintf(export->stream, "%s{0x%08xu, 0x%08xu},%s", i % 4 ? " " : "  ", (unsigned)bits[0], (unsigned)bits[1],
            i % 4 == 3 ? "\n" : "");
  }
  fputs("};\n", export->stream);
  clfit_c_print_part(export->stream, export->options->name, "selftest.h");
}

clfit_status clfit_write_c(const clfit_model *model, const clfit_export_options *options, FILE *stream,
                           clfit_error *error)
{
  struct c_export export;
  clfit_status status = clfit_c_prepare(&export, model, options, stream, error);
  if (status) return status;
  clfit_c_print_comment(&export);
  clfit_c_print(stream, options->name, "#ifndef NAME_H\n#define NAME_H\n");
  clfit_c_print_part(stream, options->name, "checks.h");
  putc('\n', stream);
  print_constants(&export);
  clfit_c_print_part(stream, options->name, "arithmetic.h");
  print_activation(&export);
  print_functions(&export);
  if (options->self_test) print_self_test(&export);
  fputs("\n#endif\n", stream);
  return CLFIT_OK;
}
