/*
 * Networks to export, and what clfit says of them: networks FOLDER FIRST COUNT writes, for networks FIRST .. FIRST +
 * COUNT - 1 of a sequence without end,
 *
 *     net_K.h         the header exported
 *     list.h          includes them all, and has a table of them for compare.c
 *     fix_K.h         its fixed-point function, of those that are not wild
 *     list_fixed.h    includes these, for compare_fixed.c
 *     expected.bin    for each network its 65,536 predictions as float64, in this machine's order of bytes
 *
 * All activations, 1 to 64 neurons. Most networks have weights as trainings give them. Every fifth has any finite
 * float32 as weight, denormal ones among them, and its inputs are the upper halves of all float32, infinity and NaN
 * among them. Every fifth is scaled.
 */
#include "clfit.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define CODES 65536

static uint64_t random_state;

static uint32_t draw(void)
{
  random_state = random_state * 6364136223846793005u + 1442695040888963407u;
  return (uint32_t)(random_state >> 32);
}

static float draw_any(void)
{
  float value;
  do {
    const uint32_t bits = draw();
    memcpy(&value, &bits, sizeof value);
  } while (!isfinite(value));
  return value;
}

/* Of a bell-like distribution with standard deviation scale / 2. */
static float draw_usual(double scale)
{
  double sum = 0;
  for (int i = 0; i < 3; i++) sum += (double)draw() / 4294967296.0 - 0.5;
  return (float)(scale * sum);
}

static bool is_wild(int k)
{
  return k % 5 == 4;
}

static bool is_scaled(int k)
{
  return k % 5 == 2;
}

static void stop(const char *what, const clfit_error *error)
{
  fprintf(stderr, "networks: %s: %s\n", what, error ? error->message : "failed");
  exit(1);
}

static clfit_model make_model(int k)
{
  clfit_model model = {.size = sizeof model};
  clfit_network network;
  clfit_error error;
  random_state = 0x9e3779b97f4a7c15u * (uint64_t)(k + 1);
  clfit_network_default(&network);
  clfit_source_default(&model.source);
  network.activation = (clfit_activation)k % clfit_activation_count();
  network.hidden = k < 192 ? 1 + (uint32_t)k / 3 * 27 % 64 : 1 + draw() % 64; /* first each size */
  if (clfit_state_init(&model.state, &network, &error)) stop("init", &error);
  const double scale = exp2((double)(draw() % 8) - 1);
  for (size_t i = 0; i < clfit_parameter_count(network.hidden); i++)
    model.state.parameters[i] = is_wild(k) ? draw_any() : draw_usual(scale);
  if (is_scaled(k))
    model.scaling = (clfit_scaling){exp2((double)draw_usual(6)), (double)draw_usual(4), exp2((double)draw_usual(20)),
                                    (double)draw_usual(1e4)};
  return model;
}

/* The input of a code: 2^-14 apart around 0, or the upper half of a float32. compare.c does the same. */
static float input(int k, int code)
{
  const uint32_t bits = (uint32_t)code << 16;
  float wild;
  memcpy(&wild, &bits, sizeof wild);
  return is_wild(k) ? wild : (float)code / 16384.0f - 2.0f;
}

/* Bits of the codes of the fixed-point function: 1 to 16 in, 12 to 24 out. */
static uint32_t in_bits(int k)
{
  return 1 + (uint32_t)(k * 11 + 11) % 16;
}

static uint32_t out_bits(int k)
{
  return 12 + (uint32_t)(k * 7) % 13;
}

/* Samples of which the model is a hundred-thousandth of their range away: fixed point must then have 64 bits. */
static clfit_data *make_close_data(const clfit_model *model)
{
  double x[64], y[64], low = INFINITY, high = -INFINITY;
  clfit_data *data;
  clfit_error error;
  clfit_grid(-2, 2, 64, x);
  clfit_model_predict(model, 64, x, y);
  for (int i = 0; i < 64; i++) {
    low = fmin(low, y[i]);
    high = fmax(high, y[i]);
  }
  for (int i = 0; i < 64; i++) y[i] += 1e-5 * (high - low);
  if (clfit_data_create(64, x, y, &data, &error)) stop("data", &error);
  return data;
}

/* false: there is no fixed-point function, because the model's own roundings are as large as its range. */
static bool write_header(const clfit_model *model, const char *folder, int k, bool fixed)
{
  char path[1024], name[32];
  clfit_output output;
  clfit_error error;
  clfit_export_options options;
  clfit_export_options_default(&options);
  snprintf(name, sizeof name, fixed ? "fix_%d" : "net_%d", k);
  snprintf(path, sizeof path, "%s/%s.h", folder, name);
  options.name = name;
  options.self_test = true;
  options.low = -2;
  options.high = 2;
  options.in_bits = fixed ? in_bits(k) : 0;
  options.out_bits = fixed ? out_bits(k) : 0;
  clfit_data *data = options.out_bits >= 20 ? make_close_data(model) : NULL;
  options.data = data;
  if (clfit_output_open(&output, path, &error)) stop("open", &error);
  clfit_status status = clfit_model_export_with(model, "c", &options, output.stream, &error);
  if (status == CLFIT_ERROR_UNSUPPORTED && data) { /* float32's own roundings are larger than what is allowed then */
    options.data = NULL;
    status = clfit_model_export_with(model, "c", &options, output.stream, &error);
  }
  clfit_data_free(data);
  if (status == CLFIT_ERROR_UNSUPPORTED && fixed) {
    clfit_output_abandon(&output);
    return false;
  }
  if (status) stop("export", &error);
  if (clfit_output_commit(&output, &error)) stop("commit", &error);
  return true;
}

static void write_expected(const clfit_model *model, int k, FILE *stream)
{
  static double x[CODES], y[CODES];
  for (int code = 0; code < CODES; code++) x[code] = (double)input(k, code);
  clfit_model_predict(model, CODES, x, y);
  for (int code = 0; code < CODES; code++)
    if (isnan(x[code])) y[code] = NAN;
  if (fwrite(y, sizeof *y, CODES, stream) != CODES) stop("expected.bin", NULL);
}

static void write_list(const char *folder, int first, int count)
{
  char path[1024];
  snprintf(path, sizeof path, "%s/list.h", folder);
  FILE *stream = fopen(path, "w");
  if (!stream) stop(path, NULL);
  for (int k = first; k < first + count; k++) fprintf(stream, "#include \"net_%d.h\"\n", k);
  fprintf(stream, "static const struct network networks[] = {\n");
  for (int k = first; k < first + count; k++)
    fprintf(stream,
            is_scaled(k) ? "  {net_%d, net_%d_double, net_%d_selftest, %d, net_%d_INTEGER, net_%d_FLOAT_ERROR},\n"
                         : "  {net_%d, net_%d_double, net_%d_selftest, %d, net_%d_INTEGER, 0.0},\n",
            k, k, k, is_wild(k), k, k);
  fprintf(stream, "};\n");
  if (fclose(stream)) stop(path, NULL);
}

static void write_fixed_list(const char *folder, int first, int end, const bool *has_fixed)
{
  char path[1024];
  snprintf(path, sizeof path, "%s/list_fixed.h", folder);
  FILE *stream = fopen(path, "w");
  if (!stream) stop(path, NULL);
  for (int k = first; k < end; k++)
    if (has_fixed[k - first]) fprintf(stream, "#include \"fix_%d.h\"\n#include \"net_%d.h\"\n", k, k);
  fprintf(stream, "static const struct network networks[] = {\n");
  for (int k = first; k < end; k++)
    if (has_fixed[k - first])
      fprintf(
          stream,
          "  {fix_%d, net_%d_double, fix_%d_selftest, %d, fix_%d_X_MIN, fix_%d_X_STEP, fix_%d_Y_MIN, fix_%d_Y_STEP, "
          "fix_%d_ADDED_ERROR},\n",
          k, k, k, 1 << in_bits(k), k, k, k, k, k);
  fprintf(stream, "};\n");
  if (fclose(stream)) stop(path, NULL);
}

int main(int count, char **arguments)
{
  if (count != 4) stop("networks FOLDER FIRST COUNT", NULL);
  const char *folder = arguments[1];
  const int first = atoi(arguments[2]), end = first + atoi(arguments[3]);
  char path[1024];
  snprintf(path, sizeof path, "%s/expected.bin", folder);
  FILE *expected = fopen(path, "wb");
  bool *has_fixed = calloc((size_t)(end - first) + 1, sizeof *has_fixed);
  if (!expected || !has_fixed) stop(path, NULL);
  for (int k = first; k < end; k++) {
    clfit_model model = make_model(k);
    write_header(&model, folder, k, false);
    has_fixed[k - first] = !is_wild(k) && write_header(&model, folder, k, true);
    write_expected(&model, k, expected);
    clfit_state_clear(&model.state);
  }
  if (fclose(expected)) stop(path, NULL);
  write_list(folder, first, end - first);
  write_fixed_list(folder, first, end, has_fixed);
  free(has_fixed);
  return 0;
}
