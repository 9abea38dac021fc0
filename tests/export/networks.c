/*
 * Networks to export, and what clfit says of them: networks FOLDER FIRST COUNT writes, for networks FIRST .. FIRST +
 * COUNT - 1 of a sequence without end,
 *
 *     net_K.h         the header exported
 *     list.h          includes them all, and has a table of them for compare.c
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
  network.hidden = k < 192 ? 1 + (uint32_t)k / 3 * 27 % 64 : 1 + draw() % 64; /* first each size with each activation */
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

static void write_header(const clfit_model *model, const char *folder, int k)
{
  char path[1024], name[32];
  clfit_output output;
  clfit_error error;
  clfit_export_options options;
  clfit_export_options_default(&options);
  snprintf(name, sizeof name, "net_%d", k);
  snprintf(path, sizeof path, "%s/%s.h", folder, name);
  options.name = name;
  options.self_test = true;
  options.low = -2;
  options.high = 2;
  if (clfit_output_open(&output, path, &error)) stop("open", &error);
  if (clfit_model_export_with(model, "c", &options, output.stream, &error)) stop("export", &error);
  if (clfit_output_commit(&output, &error)) stop("commit", &error);
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

int main(int count, char **arguments)
{
  if (count != 4) stop("networks FOLDER FIRST COUNT", NULL);
  const char *folder = arguments[1];
  const int first = atoi(arguments[2]), end = first + atoi(arguments[3]);
  char path[1024];
  snprintf(path, sizeof path, "%s/expected.bin", folder);
  FILE *expected = fopen(path, "wb");
  if (!expected) stop(path, NULL);
  for (int k = first; k < end; k++) {
    clfit_model model = make_model(k);
    write_header(&model, folder, k);
    write_expected(&model, k, expected);
    clfit_state_clear(&model.state);
  }
  if (fclose(expected)) stop(path, NULL);
  write_list(folder, first, end - first);
  return 0;
}
