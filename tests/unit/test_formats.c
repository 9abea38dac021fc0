#include "clfit.h"
#include "model/tensor.h"

#include "scratch.h"

#include <float.h>
#include <jansson.h>
#include <math.h>
#include <stdint.h>

static clfit_error error;

static void prepare(void)
{
  scratch_make();
  memset(&error, 0xA5, sizeof error);
}

TestSuite(formats, .init = prepare, .fini = scratch_remove);

/* ---- models to write ----------------------------------------------------------------------------------------- */

static uint32_t bits_of(float value)
{
  uint32_t pattern;
  memcpy(&pattern, &value, sizeof pattern);
  return pattern;
}

/* Any finite float32, denormal ones and -0 among them. */
static float draw_float(void)
{
  static uint64_t seed = 1;
  float value;
  do {
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    uint32_t pattern = (uint32_t)(seed >> 32);
    memcpy(&value, &pattern, sizeof value);
  } while (!isfinite(value));
  return value;
}

static clfit_model make_model(clfit_activation activation, uint32_t hidden)
{
  static const float corners[] = {-0.0f, 0.0f, 1, -FLT_MAX, FLT_MIN, 0x1p-149f, 0x1.5c87fap-84f};
  clfit_model model = {.size = sizeof model};
  clfit_source_default(&model.source);
  model.source.low = -1.0 / 3;
  model.source.high = 2;
  clfit_network network;
  clfit_network_default(&network);
  network.hidden = hidden;
  network.activation = activation;
  network.epochs = 10;
  network.samples = 20;
  network.rate = 0.1 + 0.2;
  cr_assert_eq(clfit_state_init(&model.state, &network, &error), CLFIT_OK, "%s", error.message);
  for (size_t i = 0; i < clfit_record_count(&network); i++)
    model.state.parameters[i] = i < sizeof corners / sizeof *corners ? corners[i] : draw_float();
  model.state.progress =
      (clfit_progress){CLFIT_TRAINING_RUNNING, 4, 5, 0.1f, FLT_MAX, -FLT_MIN, 1.0f / 3, 0x1p-149f, CLFIT_STOP_TOL};
  return model;
}

/* A training that was not interrupted by anything but a value that is not finite. */
static clfit_model make_diverged(void)
{
  clfit_model model = make_model(CLFIT_TANH, 5);
  model.state.progress = (clfit_progress){.status = CLFIT_TRAINING_DIVERGED, .epoch = 2, .loss_high = INFINITY};
  for (size_t i = 0; i < clfit_record_count(&model.state.network); i++) model.state.parameters[i] = -NAN;
  return model;
}

/* With a range of x about that of the network; its points are exact in float32. */
static clfit_status export_ranged(const clfit_model *model, const char *format, FILE *stream)
{
  clfit_export_options options;
  clfit_export_options_default(&options);
  const bool scaled = !clfit_scaling_is_identity(&model->scaling);
  options.low = scaled ? 290 : -1;
  options.high = scaled ? 298 : 1;
  options.points = 1025;
  return clfit_model_export_with(model, format, &options, stream, &error);
}

/* Writes to a file of the test's directory. */
static void export_to(const clfit_model *model, const char *format, const char *name)
{
  FILE *file = fopen(scratch_path(name), "wb");
  cr_assert(file);
  cr_assert_eq(export_ranged(model, format, file), CLFIT_OK, "%s", error.message);
  cr_assert_eq(fclose(file), 0);
}

/* C has no constants for infinity and NaN without its library. */
static bool takes_nan(const clfit_format *format)
{
  return strcmp(format->name, "c") != 0;
}

static char *export_bytes(const clfit_model *model, const char *format, size_t *size)
{
  export_to(model, format, "m");
  return scratch_read("m", size);
}

static json_t *export_json(const clfit_model *model)
{
  json_error_t mistake;
  size_t size;
  char *text = export_bytes(model, "json", &size);
  json_t *object = json_loadb(text, size, JSON_REJECT_DUPLICATES, &mistake);
  cr_assert(object, "line %d: %s", mistake.line, mistake.text);
  for (size_t i = 0; i < size; i++) cr_assert_lt((unsigned char)text[i], 0x80);
  free(text);
  return object;
}

/* ---- the table ----------------------------------------------------------------------------------------------- */

Test(formats, rows_can_be_told_apart)
{
  cr_expect_geq(clfit_format_count(), 3);
  cr_expect_null(clfit_format_get(clfit_format_count()));
  for (size_t i = 0; i < clfit_format_count(); i++) {
    const clfit_format *format = clfit_format_get(i), *found = NULL;
    char path[64];
    cr_expect_eq(format->ending[0], '.');
    cr_expect(*format->description && !strchr(format->description, '\n'));
    cr_expect_eq(clfit_format_find(format->name, &found, &error), CLFIT_OK);
    cr_expect_eq(found, format);
    snprintf(path, sizeof path, "a.b/m%s", format->ending);
    cr_expect_eq(clfit_format_of_file(path), format);
    cr_expect_null(clfit_format_of_file(format->ending), "a name is more than its ending");
  }
}

Test(formats, names_in_any_case)
{
  const clfit_format *format = NULL;
  cr_expect_eq(clfit_format_find("JSON", &format, NULL), CLFIT_OK);
  cr_expect_str_eq(format->name, "json");
  cr_expect_eq(clfit_format_of_file("M.JSON"), format);
  cr_expect_null(clfit_format_of_file("json"));
  cr_expect_null(clfit_format_of_file("m.json.gz"));
  cr_expect_null(clfit_format_of_file(""));
}

Test(formats, an_unknown_format_lists_the_names)
{
  clfit_model model = make_model(CLFIT_RELU, 3);
  const clfit_format *format;
  cr_expect_eq(clfit_format_find("onx", &format, NULL), CLFIT_ERROR_ARGUMENT);
  FILE *file = fopen(scratch_path("m"), "wb");
  cr_expect_eq(clfit_model_export(&model, "onx", file, &error), CLFIT_ERROR_ARGUMENT);
  fclose(file);
  cr_expect(strstr(error.message, "'onx'"), "%s", error.message);
  for (size_t i = 0; i < clfit_format_count(); i++)
    cr_expect(strstr(error.message, clfit_format_get(i)->name), "%s", error.message);
  cr_expect(scratch_holds("m", ""));
  clfit_state_clear(&model.state);
}

/* ---- every format -------------------------------------------------------------------------------------------- */

Test(formats, a_model_that_cannot_be_is_written_in_none)
{
  clfit_model model = make_model(CLFIT_RELU, 3);
  model.state.progress.epoch = 11;
  for (size_t i = 0; i < clfit_format_count(); i++) {
    FILE *file = fopen(scratch_path("m"), "wb");
    memset(&error, 0xA5, sizeof error);
    cr_expect_eq(clfit_model_export(&model, clfit_format_get(i)->name, file, &error), CLFIT_ERROR_ARGUMENT);
    cr_expect(strstr(error.message, "more epochs"), "%s", error.message);
    fclose(file);
    cr_expect(scratch_holds("m", ""));
  }
  clfit_state_clear(&model.state);
}

Test(formats, a_full_disk_is_seen_by_who_wrote)
{
  cr_assert_eq(access("/dev/full", W_OK), 0);
  clfit_model model = make_model(CLFIT_RELU, 300);
  for (size_t i = 0; i < clfit_format_count(); i++) {
    clfit_output output;
    memset(&error, 0xA5, sizeof error);
    cr_assert_eq(clfit_output_open(&output, "/dev/full", &error), CLFIT_OK);
    cr_expect_eq(export_ranged(&model, clfit_format_get(i)->name, output.stream), CLFIT_OK);
    cr_expect_eq(clfit_output_commit(&output, &error), CLFIT_ERROR_FILE);
    cr_expect(strstr(error.message, "/dev/full"), "%s", error.message);
  }
  clfit_state_clear(&model.state);
}

Test(formats, the_same_model_gives_the_same_bytes)
{
  clfit_model model = make_diverged();
  for (size_t i = 0; i < clfit_format_count(); i++) {
    size_t size, again;
    if (!takes_nan(clfit_format_get(i))) continue;
    char *bytes = export_bytes(&model, clfit_format_get(i)->name, &size);
    for (size_t k = 0; k < clfit_record_count(&model.state.network); k++) model.state.parameters[k] *= -1;
    model.state.parameters[0] = nanf("77");
    char *same = export_bytes(&model, clfit_format_get(i)->name, &again);
    cr_expect(size == again && !memcmp(bytes, same, size), "%s: the bits of a NaN differ between machines",
              clfit_format_get(i)->name);
    free(bytes);
    free(same);
  }
  clfit_state_clear(&model.state);
}

Test(formats, safetensors_is_the_model_file)
{
  clfit_model model = make_model(CLFIT_TANH, 33);
  size_t size, saved;
  char *bytes = export_bytes(&model, "safetensors", &size);
  cr_assert_eq(clfit_model_save(&model, scratch_path("saved"), &error), CLFIT_OK);
  char *file = scratch_read("saved", &saved);
  cr_expect(size == saved && !memcmp(bytes, file, size));
  free(bytes);
  free(file);
  clfit_state_clear(&model.state);
}

/* ---- json ---------------------------------------------------------------------------------------------------- */

static void expect_number(const json_t *value, double expected, const char *key)
{
  if (!isfinite(expected)) {
    cr_expect(json_is_null(value), "%s", key);
    return;
  }
  double number = json_number_value(value);
  cr_expect(json_is_number(value), "%s", key);
  cr_expect(number == expected && !signbit(number) == !signbit(expected), "%s: %a, expected %a", key, number, expected);
}

static void expect_text(const json_t *object, const char *key, const char *expected)
{
  const json_t *value = json_object_get(object, key);
  cr_assert(value, "%s", key);
  if (expected)
    cr_expect_str_eq(json_string_value(value), expected, "%s", key);
  else
    cr_expect(json_is_null(value), "%s", key);
}

/* As float32: a reader has float64 and rounds it. */
static void expect_float(const json_t *value, float expected, const char *key)
{
  cr_assert(json_is_number(value), "%s", key);
  float number = (float)json_number_value(value);
  cr_expect_eq(bits_of(number), bits_of(expected), "%s: %a, expected %a", key, number, expected);
}

static void expect_tensors(const json_t *object, const clfit_state *state)
{
  for (uint32_t i = 0; i < clfit_tensor_count(state); i++) {
    struct tensor tensor = clfit_tensor_get(state, i);
    const float *values = tensor.values;
    const json_t *found = json_object_get(object, tensor.name);
    if (i % PLANE_COUNT == PLANE_B2) {
      expect_float(found, values[0], tensor.name);
      continue;
    }
    cr_assert_eq(json_array_size(found), state->network.hidden, "%s", tensor.name);
    for (size_t k = 0; k < state->network.hidden; k++) expect_float(json_array_get(found, k), values[k], tensor.name);
  }
}

static void expect_fields(const json_t *object, const clfit_network *network)
{
  for (size_t i = 0; i < clfit_field_count(); i++) {
    const clfit_field *field = clfit_field_get(i);
    double value = clfit_field_value(field, network);
    char text[CLFIT_FIELD_TEXT_SIZE];
    clfit_field_print(field, network, text);
    if (!clfit_field_applies(field, network, true)) value = NAN; /* null */
    if (clfit_field_is_text(field))
      expect_text(object, field->name, text);
    else
      expect_number(json_object_get(object, field->name), value, field->name);
  }
}

static void expect_progress(const json_t *object, const clfit_progress *progress)
{
  expect_number(json_object_get(object, "epoch"), progress->epoch, "epoch");
  expect_number(json_object_get(object, "sample"), progress->sample, "sample");
  expect_number(json_object_get(object, "block_loss"), progress->block_loss, "block_loss");
  expect_number(json_object_get(object, "loss_high"), progress->loss_high, "loss_high");
  expect_number(json_object_get(object, "loss_low"), progress->loss_low, "loss_low");
  expect_number(json_object_get(object, "last_loss_high"), progress->last_loss_high, "last_loss_high");
  expect_number(json_object_get(object, "last_loss_low"), progress->last_loss_low, "last_loss_low");
}

static void expect_json(const clfit_model *model)
{
  char digest[CLFIT_DIGEST_SIZE];
  json_t *object = export_json(model);
  expect_fields(object, &model->state.network);
  expect_progress(object, &model->state.progress);
  expect_tensors(object, &model->state);
  clfit_state_digest(&model->state, digest);
  expect_text(object, "digest", digest);
  expect_number(json_object_get(object, "train_loss"),
                clfit_progress_train_loss(&model->state.progress, model->state.network.samples), "train_loss");
  json_decref(object);
}

static const uint32_t sizes[] = {1, 2, 31, 33, 127, 4096};
#define SIZES (sizeof sizes / sizeof *sizes)

Test(formats, json_comes_back_to_the_last_bit)
{
  for (clfit_activation activation = 0; activation < clfit_activation_count(); activation++)
    for (size_t i = 0; i < SIZES; i++) {
      clfit_model model = make_model(activation, sizes[i]);
      expect_json(&model);
      clfit_state_clear(&model.state);
    }
}

Test(formats, json_has_what_is_default_or_unknown)
{
  clfit_model model = make_model(CLFIT_SIGMOID, 3);
  json_t *object = export_json(&model);
  expect_text(object, "format", "clfit");
  expect_text(object, "clfit_version", CLFIT_VERSION);
  expect_number(json_object_get(object, "arithmetic"), CLFIT_ARITHMETIC, "arithmetic");
  expect_text(object, "mode", "strict");
  expect_text(object, "optimizer", "sgd");
  expect_text(object, "status", "running");
  static const char *const unknown[] = {"target", "data", "x_column", "y_column", "data_digest"};
  for (size_t i = 0; i < sizeof unknown / sizeof *unknown; i++) expect_text(object, unknown[i], NULL);
  json_decref(object);
  clfit_state_clear(&model.state);
}

Test(formats, json_has_the_source_of_the_samples)
{
  static char target[] = "sin(x)", path[] = "a \"b\"/c\\d.csv", column[] = "temp\xc3\xa9rature";
  clfit_model model = make_model(CLFIT_SIGMOID, 3);
  model.mode = CLFIT_FAST;
  model.source.low = -0.0;
  model.source.target = target;
  json_t *object = export_json(&model);
  expect_text(object, "mode", "fast");
  expect_text(object, "target", target);
  expect_text(object, "domain", "-0:2");
  json_decref(object);

  model.source.target = NULL;
  model.source.path = path;
  model.source.x_column = column;
  memset(model.source.digest, 'f', CLFIT_DIGEST_SIZE - 1);
  object = export_json(&model);
  expect_text(object, "data", path);
  expect_text(object, "x_column", column);
  expect_text(object, "data_digest", model.source.digest);
  expect_text(object, "sample_seed", NULL); /* it drew nothing */
  json_decref(object);

  path[0] = '\xe9'; /* no UTF-8 */
  object = export_json(&model);
  expect_text(object, "data", NULL);
  json_decref(object);
  clfit_state_clear(&model.state);
}

Test(formats, json_of_a_training_that_diverged)
{
  clfit_model model = make_diverged();
  json_t *object = export_json(&model);
  expect_text(object, "status", "diverged");
  expect_number(json_object_get(object, "loss_high"), INFINITY, "loss_high");
  cr_expect(json_is_null(json_object_get(object, "B2")));
  cr_expect(json_is_null(json_object_get(object, "train_loss")));
  cr_assert_eq(json_array_size(json_object_get(object, "W2")), 5);
  for (size_t i = 0; i < 5; i++) cr_expect(json_is_null(json_array_get(json_object_get(object, "W2"), i)));
  json_decref(object);
  clfit_state_clear(&model.state);
}

Test(formats, json_has_numbers_in_their_shortest_form)
{
  clfit_model model = make_model(CLFIT_SIGMOID, 2);
  static const float values[] = {0.1f, -0.0f, 0, 16777216, 1.0f / 3, 0x1p-149f, FLT_MAX};
  memcpy(model.state.parameters, values, sizeof values);
  char *text = export_bytes(&model, "json", NULL);
  cr_expect(strstr(text, "\n  \"W1\": [0.1, -0.0],\n  \"B1\": [0, 16777216],\n  \"W2\": [0.33333334, 1e-45],\n"
                         "  \"B2\": 3.4028235e+38\n}\n"),
            "%s", text);
  cr_expect(strstr(text, "\n  \"rate\": 0.30000000000000004,\n"), "%s", text);
  free(text);
  clfit_state_clear(&model.state);
}

/* ---- npz ----------------------------------------------------------------------------------------------------- */

/* As the specifications of ZIP and of NumPy's format have it. */
Test(formats, first_member_of_npz_byte_for_byte)
{
  static const unsigned char head[] = {'P', 'K', 3, 4, 20, 0, 0, 0, 0, 0, 0, 0, 0x21, 0};
  static const unsigned char sizes_and_name[] = {136, 0, 0, 0, 136, 0, 0, 0, 6, 0, 0, 0, 'W', '1', '.', 'n', 'p', 'y'};
  static const char array[] = "\x93NUMPY\x01\x00\x76\x00{'descr': '<f4', 'fortran_order': False, 'shape': (2, 1), }";
  static const unsigned char values[] = {0, 0, 0x80, 0x3f, 0, 0, 0, 0x40, 'P', 'K', 3, 4};
  clfit_model model = make_model(CLFIT_SIGMOID, 2);
  model.state.parameters[0] = 1;
  model.state.parameters[1] = 2;
  char *bytes = export_bytes(&model, "npz", NULL);
  cr_expect_eq(memcmp(bytes, head, sizeof head), 0);
  cr_expect_eq(memcmp(bytes + 18, sizes_and_name, sizeof sizes_and_name), 0);
  cr_expect_eq(memcmp(bytes + 36, array, sizeof array - 1), 0);
  for (size_t i = 36 + sizeof array - 1; i < 36 + 127; i++) cr_expect_eq(bytes[i], ' ');
  cr_expect_eq(bytes[36 + 127], '\n');
  cr_expect_eq(memcmp(bytes + 36 + 128, values, sizeof values), 0);
  free(bytes);
  clfit_state_clear(&model.state);
}

/* ---- c; hosts.sh compiles it ----------------------------------------------------------------------------------- */

static clfit_status export_c(const clfit_model *model, const clfit_export_options *options)
{
  FILE *file = fopen(scratch_path("m"), "wb");
  clfit_status status = clfit_model_export_with(model, "c", options, file, &error);
  fclose(file);
  return status;
}

static void expect_in_c(const char *text)
{
  char *found = scratch_read("m", NULL);
  cr_expect(strstr(found, text), "no %s in %s", text, found);
  free(found);
}

Test(formats, c_has_weights_as_hexadecimal_constants)
{
  clfit_model model = make_model(CLFIT_TANH, 2);
  static const float values[] = {0.1f, -0.0f, 0, 16777216, -1, 0x1p-149f, FLT_MAX};
  memcpy(model.state.parameters, values, sizeof values);
  cr_assert_eq(export_c(&model, NULL), CLFIT_OK, "%s", error.message);
  expect_in_c("  {0x1.99999ap-4f, 0x0p+0f, -0x1p+0f},\n  {-0x0p+0f, 0x1p+24f, 0x0.000002p-126f},\n");
  expect_in_c("#define network_BIAS 0x1.fffffep+127f\n");
  clfit_state_clear(&model.state);
}

Test(formats, c_refuses_what_is_no_number)
{
  clfit_model model = make_diverged();
  cr_expect_eq(export_c(&model, NULL), CLFIT_ERROR_ARGUMENT);
  cr_expect(strstr(error.message, "infinite or NaN"), "%s", error.message);
  cr_expect(scratch_holds("m", ""));
  clfit_state_clear(&model.state);
}

Test(formats, c_states_range_and_error)
{
  static const double x[] = {-3, 0.25, 2}, y[] = {1, 0.5, -1};
  clfit_model model = make_model(CLFIT_RELU, 1);
  clfit_export_options options;
  clfit_data *data;
  memset(model.state.parameters, 0, 4 * sizeof(float)); /* predicts 0 everywhere */
  cr_assert_eq(clfit_data_create(3, x, y, &data, &error), CLFIT_OK);
  clfit_export_options_default(&options);
  options.data = data;
  cr_assert_eq(export_c(&model, &options), CLFIT_OK, "%s", error.message);
  expect_in_c("at most 1, rmse 0.866025"); /* sqrt(2.25 / 3) */
  expect_in_c("from -3 to 2; beyond that range nothing was learnt");
  expect_in_c("#define network_X_MIN (-0x1.8p+1f)\n#define network_X_MAX 0x1p+1f\n");
  options.low = 0;
  options.clamp = true;
  cr_assert_eq(export_c(&model, &options), CLFIT_OK, "%s", error.message);
  expect_in_c("from 0 to 2; beyond that range it is held to its ends");
  options.low = 3;
  cr_expect_eq(export_c(&model, &options), CLFIT_ERROR_ARGUMENT);
  options.low = options.high = NAN;
  options.data = NULL;
  cr_expect_eq(export_c(&model, &options), CLFIT_ERROR_ARGUMENT, "nothing to hold x to");
  clfit_data_free(data);
  clfit_state_clear(&model.state);
}

Test(formats, c_in_fixed_point_reports_what_it_adds)
{
  static const double x[] = {-1, 0, 1}, y[] = {-0.42, 0.04, 0.5};
  static const float values[] = {1, 0, 2, -1}; /* 2 sigmoid(x) - 1, from -0.46 to 0.46 */
  clfit_model model = make_model(CLFIT_SIGMOID, 1);
  clfit_export_options options;
  clfit_export_report report;
  clfit_data *data;
  memcpy(model.state.parameters, values, sizeof values);
  cr_assert_eq(clfit_data_create(3, x, y, &data, &error), CLFIT_OK);
  clfit_export_options_default(&options);
  options.report = &report;
  options.in_bits = 10;
  options.out_bits = 12;
  cr_expect_eq(export_c(&model, &options), CLFIT_ERROR_ARGUMENT, "no range");
  options.low = -1;
  options.high = 1;
  cr_expect_eq(export_c(&model, &options), CLFIT_OK, "%s", error.message);
  cr_expect(isnan(report.max_error) && report.fixed_error < 1e-3 * 0.93, "%g", report.fixed_error);
  options.data = data;
  cr_assert_eq(export_c(&model, &options), CLFIT_OK, "%s", error.message);
  cr_expect_leq(report.fixed_error, report.max_error / 4);
  cr_expect_float_eq(report.max_error, 0.0421171573, 1e-6); /* at -1: tanh(-1/2) + 0.42 */
  expect_in_c("uint32_t network(uint32_t code)");
  options.out_bits = 2; /* a step of 0.4 */
  cr_expect_eq(export_c(&model, &options), CLFIT_ERROR_UNSUPPORTED);
  options.in_bits = 17;
  cr_expect_eq(export_c(&model, &options), CLFIT_ERROR_ARGUMENT);
  options.in_bits = 0;
  cr_expect_eq(export_c(&model, &options), CLFIT_ERROR_ARGUMENT);
  clfit_data_free(data);
  clfit_state_clear(&model.state);
}

/* A path or a formula must not end the comment that it stands in. */
Test(formats, c_keeps_texts_within_the_comment)
{
  static char path[] = "a*/b/*c\nd\\ \xe9.csv";
  clfit_model model = make_model(CLFIT_RELU, 1);
  model.source.path = path;
  cr_assert_eq(export_c(&model, NULL), CLFIT_OK, "%s", error.message);
  expect_in_c("Learnt from  a*.b/.c.d. ..csv\n");
  clfit_state_clear(&model.state);
}

Test(formats, names_of_functions)
{
  static const struct {
    const char *path, *name;
  } made[] = {
      {"a/my-fit.2.h", "my_fit_2"}, {"x.h", "x"},         {"double.h", "double_fit"}, {"7.h", "fit_7"}, {".h", "fit_h"},
      {"_a__b_.h", "fit_a_b"},      {"tanh", "tanh_fit"}, {"b\xc3\xa4r.h", "b_r"}};
  static const char *const bad[] = {"",     "1a",  "_a",  "a-b", "a b",
                                    "\xe4", "int", "sin", "a\n", "a234567890123456789012345678901234567890123456789"};
  for (size_t i = 0; i < sizeof made / sizeof *made; i++) {
    char name[CLFIT_EXPORT_NAME_SIZE];
    clfit_export_name_of(made[i].path, name);
    cr_expect_str_eq(name, made[i].name);
    cr_expect_eq(clfit_export_name_check(name, &error), CLFIT_OK);
  }
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
    cr_expect_eq(clfit_export_name_check(bad[i], &error), CLFIT_ERROR_ARGUMENT, "%s", bad[i]);
  cr_expect_eq(clfit_export_name_check("a23456789012345678901234567890123456789012345678", &error), CLFIT_OK);
}

/* ---- read by others ------------------------------------------------------------------------------------------ */

static void export_in_all(const clfit_model *model, int number)
{
  for (size_t i = 0; i < clfit_format_count(); i++) {
    const clfit_format *format = clfit_format_get(i);
    char name[64];
    if (!takes_nan(format) && model->state.progress.status == CLFIT_TRAINING_DIVERGED) continue;
    snprintf(name, sizeof name, "%d%s", number, format->ending);
    export_to(model, format->name, name);
  }
}

/* A Python that has these modules; the first one of the path may be another than Debian's. NULL: there is none. */
static const char *find_python(const char *modules)
{
  static const char *const programs[] = {"python3", "/usr/bin/python3"};
  for (size_t i = 0; i < sizeof programs / sizeof *programs; i++) {
    char command[64];
    snprintf(command, sizeof command, "%s -c 'import %s' 2>/dev/null", programs[i], modules);
    if (system(command) == 0) return programs[i];
  }
  return NULL;
}

/* Python reads what every format has of the same models and compares the bits. */
Test(formats, numpy_and_python_read_the_same_bits)
{
  char command[SCRATCH_PATH_SIZE];
  int count = 0;
  const char *python = find_python("numpy");
  if (!python) scratch_skip("there is no python3 with numpy");
  for (clfit_activation activation = 0; activation < clfit_activation_count(); activation++)
    for (size_t i = 0; i < SIZES; i++) {
      clfit_model model = make_model(activation, sizes[i]);
      export_in_all(&model, count++);
      clfit_state_clear(&model.state);
    }
  clfit_model diverged = make_diverged();
  export_in_all(&diverged, count++);
  clfit_state_clear(&diverged.state);
  snprintf(command, sizeof command, "%s %s/../checks/formats.py %s %d", python, CLFIT_TEST_DATA, scratch, count);
  cr_expect_eq(system(command), 0);
}

/* ---- csv ------------------------------------------------------------------------------------------------------ */

static clfit_status export_csv(const clfit_model *model, double low, double high, uint32_t points)
{
  clfit_export_options options;
  clfit_export_options_default(&options);
  options.low = low;
  options.high = high;
  options.points = points;
  FILE *file = fopen(scratch_path("m"), "wb");
  clfit_status status = clfit_model_export_with(model, "csv", &options, file, &error);
  fclose(file);
  return status;
}

Test(formats, csv_is_a_table)
{
  static const float values[] = {1, 0, 0.1f, 0.5f}; /* 0.5 + 0.1 relu(x), in float32 */
  static char target[] = "x";
  clfit_model model = make_model(CLFIT_RELU, 1);
  memcpy(model.state.parameters, values, sizeof values);
  cr_assert_eq(export_csv(&model, -1, 1, 3), CLFIT_OK, "%s", error.message);
  cr_expect(scratch_holds("m", "x,y\n-1,0.5\n0,0.5\n1,0.6\n"));
  cr_assert_eq(export_csv(&model, 2, 2, 1), CLFIT_OK, "%s", error.message);
  cr_expect(scratch_holds("m", "x,y\n2,0.7\n"));
  model.scaling = (clfit_scaling){2, 1, 8, 0.25}; /* 0.25 + 8 (0.5 + 0.1 relu((x - 1) / 2)) */
  cr_assert_eq(export_csv(&model, -1, 1, 2), CLFIT_OK, "%s", error.message);
  cr_expect(scratch_holds("m", "x,y\n-1,4.25\n1,4.25\n"));
  cr_expect_eq(export_csv(&model, NAN, NAN, 2), CLFIT_ERROR_ARGUMENT, "the range is unknown");
  cr_expect_eq(export_csv(&model, 1, -1, 2), CLFIT_ERROR_ARGUMENT);
  cr_expect_eq(export_csv(&model, 0, INFINITY, 2), CLFIT_ERROR_ARGUMENT);
  cr_expect_eq(export_csv(&model, 0, 1, 0), CLFIT_ERROR_ARGUMENT);
  cr_expect_eq(export_csv(&model, 0, 1, CLFIT_SAMPLES_MAX + 1), CLFIT_ERROR_ARGUMENT);
  cr_expect(scratch_holds("m", ""));
  model.source.target = target;
  cr_assert_eq(export_csv(&model, NAN, 0, 2), CLFIT_OK, "%s", error.message);
  cr_expect(scratch_holds("m", "x,y\n-0.3333333333333333,4.25\n0,4.25\n"));
  model.source.target = NULL;
  clfit_state_clear(&model.state);
  clfit_model diverged = make_diverged();
  cr_assert_eq(export_csv(&diverged, 0, 1, 2), CLFIT_OK);
  cr_expect(scratch_holds("m", "x,y\n0,\n1,\n"));
  clfit_state_clear(&diverged.state);
}

/* ---- onnx ---------------------------------------------------------------------------------------------------- */

/* As after a training with --scale range: z goes from -1 to 1 where x does. The bound does not need it; but where y is
 * nearly constant or w2 large, the bound finds fewer mistakes. */
static void normalise(clfit_state *state)
{
  const uint32_t hidden = state->network.hidden;
  float z[201], low = INFINITY, high = -INFINITY, *w2 = state->parameters + 2 * (size_t)hidden;
  double x[201];
  clfit_grid(-1, 1, 201, x);
  clfit_state_evaluate(state, 201, x, z);
  for (size_t i = 0; i < 201; i++) {
    low = fminf(low, z[i]);
    high = fmaxf(high, z[i]);
  }
  for (uint32_t j = 0; j < hidden; j++) w2[j] *= 2 / (high - low);
  w2[hidden] = -(high + low) / (high - low);
}

static clfit_model make_plausible(clfit_activation activation, uint32_t hidden, bool scaled)
{
  clfit_model model = make_model(activation, hidden);
  clfit_network network = model.state.network;
  network.init = CLFIT_INIT_SPREAD;
  network.seed = hidden;
  clfit_state_clear(&model.state);
  cr_assert_eq(clfit_state_init(&model.state, &network, &error), CLFIT_OK, "%s", error.message);
  normalise(&model.state);
  if (scaled) model.scaling = (clfit_scaling){4, 294 + 1.0 / 3, 0.1, 0.3};
  return model;
}

/* float32 has the reciprocal of no denormal number. */
Test(formats, onnx_refuses_a_scaling_beyond_float)
{
  clfit_model model = make_model(CLFIT_RELU, 1);
  model.scaling = (clfit_scaling){1e-40, 0, 1, 0};
  if (!CLFIT_TEST_ONNX) return;
  cr_expect_eq(clfit_model_export(&model, "onnx", stdout, &error), CLFIT_ERROR_UNSUPPORTED);
  cr_expect(strstr(error.message, "too large or too small"), "%s", error.message);
  clfit_state_clear(&model.state);
}

static const uint32_t onnx_sizes[] = {1, 2, 3, 4, 7, 8, 15, 16, 31, 33, 50, 64};
#define ONNX_SIZES (sizeof onnx_sizes / sizeof *onnx_sizes)

/* Another program checks the file and evaluates the graph; clfit's own predictions are the table. */
Test(formats, onnx_is_valid_and_predicts_the_same)
{
  char command[SCRATCH_PATH_SIZE];
  int count = 0;
  const clfit_format *format;
  const char *python = find_python("numpy, onnx");
  cr_assert_eq(clfit_format_find("onnx", &format, &error) == CLFIT_OK, CLFIT_TEST_ONNX);
  if (!CLFIT_TEST_ONNX) return;
  if (!python) scratch_skip("there is no python3 with numpy and onnx");
  for (clfit_activation activation = 0; activation < clfit_activation_count(); activation++)
    for (size_t i = 0; i < ONNX_SIZES; i++)
      for (int scaled = 0; scaled < 2; scaled++) {
        clfit_model model = make_plausible(activation, onnx_sizes[i], scaled);
        export_in_all(&model, count++);
        clfit_state_clear(&model.state);
      }
  clfit_model diverged = make_diverged();
  export_in_all(&diverged, count++);
  clfit_state_clear(&diverged.state);
  snprintf(command, sizeof command, "%s %s/../checks/onnx_graph.py %s %d", python, CLFIT_TEST_DATA, scratch, count);
  cr_expect_eq(system(command), 0);
}

/* ---- names of tensors ---------------------------------------------------------------------------------------- */

Test(formats, tensors_of_a_set_bear_its_name)
{
  struct tensor tensor = clfit_tensor_of("velocity", PLANE_W2, 7);
  cr_expect_str_eq(tensor.name, "velocity.W2");
  cr_expect_eq(tensor.rows, 1);
  cr_expect_eq(tensor.columns, 7);
}
