/* Writes a model as a C header: checks, arithmetic, the activation and the network from the files of the folder text,
 * weights and functions from here. */
#include "base/error.h"
#include "base/number.h"
#include "config/activation.h"
#include "model/c/c_export.h"
#include "model/c/parts.h"
#include "model/format.h"
#include "model/range.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#define SUMS 32 /* partial sums of the strict order */

/* ---- range and errors ---------------------------------------------------------------------------------------- */

static void find_range(struct c_export *export)
{
  double low, high;
  clfit_learnt_range(export->model, export->options, &export->learnt_low, &export->learnt_high);
  clfit_export_range(export->model, export->options, &low, &high);
  export->low = (float)low;
  export->high = (float)high;
}

static void find_figures(struct c_export *export)
{
  const clfit_data *data = export->options->data;
  export->figures = (clfit_figures){NAN, NAN, NAN, NAN, NAN};
  if (!data) return;
  double square = 0, largest = 0;
  const double *x = clfit_data_x(data), *y = clfit_data_y(data), *weights = clfit_data_weights(data);
  for (size_t i = 0; i < clfit_data_count(data); i++) {
    double z;
    clfit_c_values_double(export, 1, &x[i], &z);
    const double error = fabs(z - y[i]);
    square += error * error;
    const bool counts = !weights || weights[i] > 0;
    if (counts && !(error <= largest)) largest = error;
  }
  export->figures.rmse = sqrt(square / (double)clfit_data_count(data));
  export->figures.max_error = largest;
}

bool clfit_c_can_scale(const clfit_scaling *scaling)
{
  const struct c_float_scaling by = clfit_c_float_scaling(scaling);
  return isnormal(by.slope) && isnormal(by.factor) && isfinite(by.offset[0]) && isfinite(by.bias);
}

clfit_status clfit_c_prepare(struct c_export *export, const clfit_model *model, const clfit_export_options *options,
                             FILE *stream, clfit_error *error)
{
  *export = (struct c_export){.model = model,
                              .options = options,
                              .scaling = clfit_scaling_complete(&model->scaling),
                              .stream = stream,
                              .low = NAN,
                              .high = NAN};
  clfit_status status = clfit_export_name_check(options->name, error);
  if (status) return status;
  for (size_t i = 0; i < clfit_parameter_count(model->state.network.hidden); i++)
    if (!isfinite(model->state.parameters[i]))
      return clfit_fail(error, CLFIT_ERROR_ARGUMENT, "a weight is infinite or NaN, and no constant of C");
  if (!clfit_c_can_scale(&export->scaling))
    return clfit_fail(error, CLFIT_ERROR_UNSUPPORTED, "the scaling's numbers are too large or too small for float");
  find_range(export);
  if (isnan(export->low) != isnan(export->high) || export->low > export->high || isinf(export->low) ||
      isinf(export->high))
    return clfit_fail(error, CLFIT_ERROR_ARGUMENT, "the range of x must be finite, low and then high");
  if (options->in_bits > CLFIT_FIXED_IN_BITS_MAX || options->out_bits > CLFIT_FIXED_OUT_BITS_MAX ||
      !options->in_bits != !options->out_bits || options->out_bits == 1)
    return clfit_fail(error, CLFIT_ERROR_ARGUMENT, "fixed point takes codes of 1 to %d bits and gives 2 to %d",
                      CLFIT_FIXED_IN_BITS_MAX, CLFIT_FIXED_OUT_BITS_MAX);
  if (options->in_bits && !(export->low < export->high))
    return clfit_fail(error, CLFIT_ERROR_ARGUMENT, "fixed point needs the range of x that codes stand for");
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

/* ---- scaling ------------------------------------------------------------------------------------------------- */

static void print_constant_double(const struct c_export *export, const char *define, double value)
{
  char text[C_CONSTANT_SIZE];
  clfit_c_double(text, value);
  clfit_c_print(export->stream, export->options->name, define);
  fprintf(export->stream, value < 0 ? " (%s)\n" : " %s\n", text);
}

/* Without its 27 last bits, so that the product with a float is exact, and so is that with the rest. */
static double upper_half(double value)
{
  uint64_t bits;
  memcpy(&bits, &value, sizeof bits);
  bits &= ~(uint64_t)0x7ffffff;
  memcpy(&value, &bits, sizeof value);
  return value;
}

static void print_scaling_x(const struct c_export *export)
{
  const struct c_float_scaling by = clfit_c_float_scaling(&export->scaling);
  fputs("\n/* The network's input is (x - X_OFFSET) / X_FACTOR. For float: the offset in two parts, 1 / X_FACTOR. */\n",
        export->stream);
  print_constant_double(export, "#define NAME_X_OFFSET", export->scaling.x_offset);
  print_constant_double(export, "#define NAME_X_FACTOR", export->scaling.x_factor);
  print_constant(export, "#define NAME_X_OFFSET_HIGH", by.offset[0]);
  print_constant(export, "#define NAME_X_OFFSET_LOW", by.offset[1]);
  print_constant(export, "#define NAME_X_SLOPE", by.slope);
}

static void print_scaling_y(const struct c_export *export)
{
  const struct c_float_scaling by = clfit_c_float_scaling(&export->scaling);
  const double high = upper_half(export->scaling.y_factor);
  fputs("\n/* y is Y_FACTOR z + Y_OFFSET, z the network's output. HIGH + LOW = Y_FACTOR, each with half of its bits. "
        "*/\n",
        export->stream);
  print_constant_double(export, "#define NAME_Y_FACTOR", export->scaling.y_factor);
  print_constant_double(export, "#define NAME_Y_FACTOR_HIGH", high);
  print_constant_double(export, "#define NAME_Y_FACTOR_LOW", export->scaling.y_factor - high);
  print_constant_double(export, "#define NAME_Y_OFFSET", export->scaling.y_offset);
  print_constant(export, "#define NAME_Y_FACTOR_FLOAT", by.factor);
  print_constant(export, "#define NAME_Y_OFFSET_FLOAT", by.bias);
}

static void print_float_error(const struct c_export *export)
{
  char text[CLFIT_NUMBER_SIZE];
  const double error = clfit_c_float_error(export);
  if (isnan(error)) return;
  clfit_number_print(text, error);
  clfit_c_print(export->stream, export->options->name,
                "\n/* NAME(x) differs from NAME_double(x) by no more than this from X_MIN to X_MAX. */\n"
                "#define NAME_FLOAT_ERROR");
  fprintf(export->stream, " %s\n", text);
}

static void print_constants(const struct c_export *export)
{
  if (!isnan(export->low)) {
    fputs("/* The range of x. */\n", export->stream);
    print_constant(export, "#define NAME_X_MIN", export->low);
    print_constant(export, "#define NAME_X_MAX", export->high);
  }
  if (clfit_c_scales_x(export)) print_scaling_x(export);
  if (clfit_c_scales_y(export)) print_scaling_y(export);
  print_float_error(export);
  putc('\n', export->stream);
  print_sizes(export);
  print_weights(export);
}

/* ---- functions ----------------------------------------------------------------------------------------------- */

static void print_activation(const struct c_export *export)
{
  const struct activation *activation = clfit_activation_get(export->model->state.network.activation);
  const char *name = export->options->name;
  char part[64];
  if (activation->needs_reciprocal) clfit_c_print_part(export->stream, name, "reciprocal.h");
  if (activation->needs_exp) clfit_c_print_part(export->stream, name, "exponential.h");
  snprintf(part, sizeof part, "%s.h", activation->name);
  clfit_c_print_part(export->stream, name, part);
}

/* The calls that take x to y, from the innermost. */
static void print_call(const struct c_export *export, const char *before, const char *after)
{
  const char *const calls[] = {export->options->clamp ? "NAME_clamp(" : NULL,
                               clfit_c_scales_x(export) ? "NAME_scale(" : NULL, "NAME_network(",
                               clfit_c_scales_y(export) ? "NAME_unscale(" : NULL};
  const char *name = export->options->name;
  clfit_c_print(export->stream, name, before);
  for (int i = 3; i >= 0; i--)
    if (calls[i]) clfit_c_print(export->stream, name, calls[i]);
  clfit_c_print(export->stream, name, "NAME_TAKE(x)");
  for (int i = 3; i >= 0; i--)
    if (calls[i]) putc(')', export->stream);
  clfit_c_print(export->stream, name, after);
}

static void print_double_function(const struct c_export *export)
{
  const char *name = export->options->name;
  const bool x = clfit_c_scales_x(export), y = clfit_c_scales_y(export);
  fputs("\n#if DBL_MANT_DIG >= 53\n", export->stream);
  if (y) clfit_c_print_part(export->stream, name, "unscale_double.h");
  clfit_c_print(export->stream, name,
                "/* y at x, with the bits of `clfit predict`. */\n"
                "static inline double NAME_double(double x)\n{\n  float z;\n  if (x != x) return x;\n");
  if (export->options->clamp)
    clfit_c_print(export->stream, name,
                  "  if (x > (double)NAME_X_MAX) x = (double)NAME_X_MAX;\n"
                  "  if (!(x > (double)NAME_X_MIN)) x = (double)NAME_X_MIN;\n");
  clfit_c_print(export->stream, name,
                x ? "  z = (float)((x - NAME_X_OFFSET) / NAME_X_FACTOR);\n" : "  z = (float)x;\n");
  clfit_c_print(export->stream, name, "  z = NAME_GIVE(NAME_network(NAME_TAKE(z)));\n");
  clfit_c_print(export->stream, name, y ? "  return NAME_unscale_double(z);\n" : "  return (double)z;\n");
  fputs("}\n#endif\n", export->stream);
}

static void print_functions(const struct c_export *export)
{
  const char *name = export->options->name;
  clfit_c_print_part(export->stream, name, "network.h");
  if (export->options->clamp) clfit_c_print_part(export->stream, name, "clamp.h");
  if (clfit_c_scales_x(export)) clfit_c_print_part(export->stream, name, "scale.h");
  if (clfit_c_scales_y(export)) clfit_c_print_part(export->stream, name, "unscale.h");
  print_call(export,
             "\n/* y at x. */\nstatic inline float NAME(float x)\n{\n"
             "  if ((NAME_bits_of(x) & 0x7fffffffu) > 0x7f800000u) return x;\n  return NAME_GIVE(",
             ");\n}\n");
  print_double_function(export);
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

static void print_header(const struct c_export *export)
{
  const char *name = export->options->name;
  clfit_c_print_comment(export, NULL);
  clfit_c_print(export->stream, name, "#ifndef NAME_H\n#define NAME_H\n");
  clfit_c_print_part(export->stream, name, "checks.h");
  putc('\n', export->stream);
  print_constants(export);
  clfit_c_print_part(export->stream, name, "arithmetic.h");
  print_activation(export);
  print_functions(export);
  if (export->options->self_test) print_self_test(export);
  fputs("\n#endif\n", export->stream);
}

clfit_status clfit_write_c(const clfit_model *model, const clfit_export_options *options, FILE *stream,
                           clfit_error *error)
{
  struct c_export export;
  double added = NAN;
  clfit_status status = clfit_c_prepare(&export, model, options, stream, error);
  if (!status && options->in_bits) status = clfit_c_write_fixed(&export, &added, error);
  if (status) return status;
  if (!options->in_bits) print_header(&export);
  if (options->report)
    *options->report =
        (clfit_export_report){.max_error = export.figures.max_error, .rmse = export.figures.rmse, .fixed_error = added};
  return CLFIT_OK;
}
