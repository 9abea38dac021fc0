/* Prints the header with the fixed-point function. */
#include "model/c/fixed.h"
#include "model/c/parts.h"

#include <inttypes.h>

#define SELF_TEST_COUNT 64 /* as selftest_fixed.h has it */

static void define(const struct c_export *export, const char *name, int64_t value)
{
  clfit_c_print(export->stream, export->options->name, name);
  fprintf(export->stream, " %" PRId64 "\n", value);
}

static void define_double(const struct c_export *export, const char *name, double value)
{
  char text[C_CONSTANT_SIZE];
  clfit_c_double(text, value);
  clfit_c_print(export->stream, export->options->name, name);
  fprintf(export->stream, value < 0 ? " (%s)\n" : " %s\n", text);
}

static void print_units(const struct c_export *export, const struct c_fixed *fixed)
{
  FILE *stream = export->stream;
  clfit_c_print(stream, export->options->name,
                "\n/* What codes mean: x is X_MIN + code * X_STEP, y is Y_MIN + NAME(code) * Y_STEP. */\n");
  define_double(export, "#define NAME_X_MIN", fixed->x_min);
  define_double(export, "#define NAME_X_MAX", (double)export->high);
  define_double(export, "#define NAME_X_STEP", fixed->x_step);
  define_double(export, "#define NAME_Y_MIN", fixed->y_min);
  define_double(export, "#define NAME_Y_STEP", fixed->y_step);
  clfit_c_print(stream, export->options->name, "\n/* How far y is from the model's at most, over every code. */\n");
  define_double(export, "#define NAME_ADDED_ERROR", fixed->error);
  putc('\n', stream);
  define(export, "#define NAME_IN_MIN", fixed->code_min);
  define(export, "#define NAME_IN_MAX", fixed->code_max);
  define(export, "#define NAME_OUT_MAX", ((int64_t)1 << fixed->out_bits) - 1);
}

static void print_weights(const struct c_export *export, const struct c_fixed *fixed)
{
  FILE *stream = export->stream;
  clfit_c_print(stream, export->options->name,
                "\n/* Of each neuron: the factor of the code and the addend, which give z, and the factor of t(z). */\n"
                "static const NAME_int NAME_weights[NAME_HIDDEN][3] = {\n");
  for (uint32_t j = 0; j < export->model->state.network.hidden; j++)
    fprintf(stream, "  {%" PRId64 ", %" PRId64 ", %" PRId64 "},\n", fixed->weights[j][0], fixed->weights[j][1],
            fixed->weights[j][2]);
  fputs("};\n", stream);
}

static void print_table(const struct c_export *export, const struct c_fixed *fixed)
{
  FILE *stream = export->stream;
  fprintf(stream, "\n/* tanh at 0, 1/%d, 2/%d and so on, with %d bits after the point. */\n", 1 << fixed->step_bits,
          1 << fixed->step_bits, fixed->t_bits);
  clfit_c_print(stream, export->options->name, "static const ");
  fprintf(stream, fixed->wide ? "uint32_t " : "uint16_t ");
  clfit_c_print(stream, export->options->name, "NAME_table[NAME_ENTRIES] = {");
  for (uint32_t i = 0; i < fixed->entries; i++)
    fprintf(stream, "%s%" PRIu32 "%s", i % 8 ? " " : "\n  ", fixed->table[i], i + 1 < fixed->entries ? "," : "");
  fputs("\n};\n", stream);
}

static void print_sizes(const struct c_export *export, const struct c_fixed *fixed)
{
  const char *name = export->options->name;
  clfit_c_print(export->stream, name,
                fixed->wide ? "\ntypedef int64_t NAME_int;\ntypedef uint64_t NAME_unsigned;\n\n"
                            : "\ntypedef int32_t NAME_int;\ntypedef uint32_t NAME_unsigned;\n\n");
  define(export, "#define NAME_HIDDEN", export->model->state.network.hidden);
  define(export, "#define NAME_BIAS", fixed->bias);
  define(export, "#define NAME_Z_BITS", fixed->z_bits);
  define(export, "#define NAME_T_BITS", fixed->t_bits);
  define(export, "#define NAME_SUM_BITS", fixed->sum_bits);
  if (!fixed->table) return;
  define(export, "#define NAME_STEP_BITS", fixed->step_bits);
  define(export, "#define NAME_PLACE_BITS", fixed->place_bits);
  define(export, "#define NAME_ENTRIES", fixed->entries);
}

static void print_self_test(const struct c_export *export, const struct c_fixed *fixed)
{
  const uint32_t hidden = export->model->state.network.hidden, most = (1u << fixed->in_bits) - 1;
  clfit_c_print(export->stream, export->options->name,
                "\n/* Codes and what they give. */\nstatic const uint32_t NAME_selftest_codes[64][2] = {\n");
  for (uint32_t i = 0; i < SELF_TEST_COUNT; i++) {
    const uint32_t code = most * i / (SELF_TEST_COUNT - 1);
    fprintf(export->stream, "%s{%" PRIu32 ", %" PRIu32 "},%s", i % 4 ? " " : "  ", code,
            clfit_c_fixed_value(fixed, hidden, code), i % 4 == 3 ? "\n" : "");
  }
  fputs("};\n", export->stream);
  clfit_c_print_part(export->stream, export->options->name, "selftest_fixed.h");
}

static void print_header(const struct c_export *export, const struct c_fixed *fixed)
{
  const char *name = export->options->name;
  clfit_c_print_comment(export, fixed);
  clfit_c_print(export->stream, name, "#ifndef NAME_H\n#define NAME_H\n\n#include <stdint.h>\n");
  print_units(export, fixed);
  print_sizes(export, fixed);
  print_weights(export, fixed);
  if (fixed->table) print_table(export, fixed);
  clfit_c_print_part(export->stream, name, fixed->table ? "fixed_tanh.h" : "fixed_relu.h");
  clfit_c_print_part(export->stream, name, "fixed.h");
  if (export->options->self_test) print_self_test(export, fixed);
  fputs("\n#endif\n", export->stream);
}

clfit_status clfit_c_write_fixed(const struct c_export *export, double *added, clfit_error *error)
{
  struct c_fixed fixed;
  clfit_status status = clfit_c_fixed_find(export, &fixed, error);
  if (status) return status;
  print_header(export, &fixed);
  *added = fixed.error;
  clfit_c_fixed_clear(&fixed);
  return CLFIT_OK;
}
