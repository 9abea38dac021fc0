/* The comment at the head of an exported C header. */
#include "base/number.h"
#include "model/c/c_export.h"
#include "model/c/fixed.h"
#include "model/c/parts.h"

#include <math.h>
#include <string.h>

/* A text of the user's: nothing in it may end the comment or continue its line. */
static void print_text(FILE *stream, const char *text)
{
  for (char before = ' '; *text; before = *text++) {
    const unsigned char c = (unsigned char)*text;
    const bool plain =
        c >= 0x20 && c < 0x7f && c != '\\' && c != '?' && !(before == '*' && c == '/') && !(before == '/' && c == '*');
    putc(plain ? c : '.', stream);
  }
}

static void print_number(FILE *stream, double value)
{
  char text[CLFIT_NUMBER_SIZE];
  clfit_number_print(text, value);
  fputs(text, stream);
}

static void print_source(const struct c_export *export)
{
  const clfit_source *source = &export->model->source;
  FILE *stream = export->stream;
  fputs(" * Learnt from  ", stream);
  if (source->target || source->path)
    print_text(stream, source->target ? source->target : source->path);
  else
    fputs("unknown", stream);
  if (!source->target && source->path && source->y_column) {
    fputs(", column ", stream);
    print_text(stream, source->y_column);
  }
  putc('\n', stream);
}

static void print_range(const struct c_export *export)
{
  FILE *stream = export->stream;
  fputs(" * x            ", stream);
  if (isnan(export->low)) {
    fputs("any; from where to where it was learnt is unknown\n", stream);
    return;
  }
  fputs("from ", stream);
  print_number(stream, (double)export->low);
  fputs(" to ", stream);
  print_number(stream, (double)export->high);
  fputs(export->options->clamp ? "; beyond that range it is held to its ends\n"
                               : "; beyond that range nothing was learnt, and y may be anything\n",
        stream);
  fputs(" *              NaN gives NaN\n", stream);
}

static void print_error(const struct c_export *export)
{
  FILE *stream = export->stream;
  fputs(" * Error        ", stream);
  if (isnan(export->figures.rmse)) {
    fputs("unknown: the samples were not at hand\n", stream);
    return;
  }
  fputs("at most ", stream);
  print_number(stream, export->figures.max_error);
  fputs(", rmse ", stream);
  print_number(stream, export->figures.rmse);
  fprintf(stream, ", over %zu samples\n", clfit_data_count(export->options->data));
}

static void print_fixed(const struct c_export *export, const struct c_fixed *fixed)
{
  FILE *stream = export->stream;
  fprintf(stream, " * Code         of %u bits, 0 for X_MIN, %u for X_MAX\n", (unsigned)fixed->in_bits,
          (1u << fixed->in_bits) - 1);
  if (fixed->code_min > 0 || fixed->code_max < (1u << fixed->in_bits) - 1)
    fprintf(stream, " *              held to what was learnt, %u to %u\n", (unsigned)fixed->code_min,
            (unsigned)fixed->code_max);
  fprintf(stream, " * Returns      a code of %u bits; y is Y_MIN + code * Y_STEP\n", (unsigned)fixed->out_bits);
  fputs(" * Added error  at most ", stream);
  print_number(stream, fixed->error);
  fputs(", over every code\n *              asked for: below ", stream);
  print_number(stream, fixed->allowed);
  fputs(isnan(export->figures.max_error) ? ", a thousandth of y's range\n" : ", a quarter of the model's own\n",
        stream);
}

static void print_functions(const struct c_export *export, const struct c_fixed *fixed)
{
  clfit_c_print(
      export->stream, export->options->name,
      fixed ? "/*\n * uint32_t NAME(uint32_t code): y = W2 . activation(W1 x + B1) + B2, in whole numbers.\n *\n"
            : "/*\n * float NAME(float x), double NAME_double(double x): y = W2 . activation(W1 x + B1) + B2.\n"
              " *\n");
}

void clfit_c_print_comment(const struct c_export *export, const struct c_fixed *fixed)
{
  const clfit_network *network = &export->model->state.network;
  char digest[CLFIT_DIGEST_SIZE];
  FILE *stream = export->stream;
  clfit_state_digest(&export->model->state, digest);
  print_functions(export, fixed);
  fprintf(stream, " * Network      %u neurons, %s; %zu bytes of weights", (unsigned)network->hidden,
          clfit_activation_name(network->activation),
          fixed ? clfit_c_fixed_weight_bytes(fixed, network->hidden) : 4 * clfit_parameter_count(network->hidden));
  if (fixed && fixed->entries) fprintf(stream, ", %zu of a table", (fixed->wide ? 4 : 2) * (size_t)fixed->entries);
  putc('\n', stream);
  print_source(export);
  if (!fixed) print_range(export);
  print_error(export);
  if (fixed) print_fixed(export, fixed);
  if (!fixed) fprintf(stream, " * Bits         those of `clfit predict`, arithmetic %d\n", CLFIT_ARITHMETIC);
  fprintf(stream, " * Weights      SHA-256 %s\n", digest);
  fputs(" *\n * Made by `clfit export`, version " CLFIT_VERSION ".\n */\n", stream);
}
