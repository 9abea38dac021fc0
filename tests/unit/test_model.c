#include "clfit.h"
#include "model/safetensors.h"

#include "scratch.h"

#include <errno.h>
#include <fcntl.h>
#include <float.h>
#include <math.h>
#include <sys/stat.h>
#include <sys/wait.h>

static clfit_error error;

static void prepare(void)
{
  scratch_make();
  memset(&error, 0xA5, sizeof error);
}

TestSuite(model, .init = prepare, .fini = scratch_remove);

/* ---- more sets than the parameters --------------------------------------------------------------------------- */

/* Two neurons and two sets beside the parameters, 1, 2, 3 ... */
#define SETS 3
static struct tensors make_tensors(float *values)
{
  for (int i = 0; i < SETS * 7; i++) values[i] = (float)(i + 1);
  return (struct tensors){
      .hidden = 2, .sets = SETS, .set_names = {"", "m", "velocity"}, .values = values, .metadata = json_object()};
}

static void write_tensors(const struct tensors *tensors)
{
  FILE *stream = fopen(scratch_path("m"), "wb");
  cr_assert_not_null(stream);
  cr_assert_eq(clfit_tensors_write(tensors, stream, &error), CLFIT_OK, "%s", error.message);
  cr_assert_eq(fclose(stream), 0);
}

Test(model, sets_are_written_and_read)
{
  float values[SETS * 7];
  struct tensors tensors = make_tensors(values), back;
  write_tensors(&tensors);
  cr_assert_eq(clfit_tensors_read(&back, scratch_path("m"), &error), CLFIT_OK, "%s", error.message);
  cr_assert(back.hidden == 2 && back.sets == SETS);
  for (int i = 0; i < SETS; i++) cr_assert_str_eq(back.set_names[i], tensors.set_names[i]);
  cr_assert_eq(memcmp(back.values, values, sizeof values), 0);
  clfit_tensors_clear(&back);
  json_decref(tensors.metadata);
}

/* What a file has beside its parameters must be what its optimizer keeps, or the training could not go on. */
Test(model, sets_that_the_optimizer_does_not_have_are_refused)
{
  float values[SETS * 7];
  struct tensors tensors = make_tensors(values);
  clfit_model model;
  write_tensors(&tensors);
  cr_assert_eq(clfit_model_load(scratch_path("m"), &model, &error), CLFIT_ERROR_FORMAT);
  cr_assert(strstr(error.message, "3 sets of tensors, but its training has 1"), "%s", error.message);
  json_decref(tensors.metadata);
}

/* ---- trainings by least squares ------------------------------------------------------------------------------ */

/* Trains `steps` of 40 iterations of least squares on the reference, from a state or, if that is NULL, from the start.
 * */
static clfit_state train_lm(const clfit_state *from, uint32_t steps)
{
  static const double x[] = {-1, -0.5, 0, 0.25, 0.75, 1}, y[] = {0.5, -0.25, 1, 0.125, -1, 0.75};
  clfit_device *device;
  clfit_population *population;
  clfit_data *data;
  clfit_network network;
  clfit_state fresh = {0}, trained;
  uint32_t index, slot;
  clfit_network_default(&network);
  network.hidden = 3;
  network.samples = 6;
  network.epochs = 40;
  network.activation = CLFIT_TANH;
  network.optimizer = CLFIT_LM;
  network.init = CLFIT_INIT_SPREAD;
  cr_assert_eq(clfit_state_init(&fresh, &network, &error), CLFIT_OK);
  const clfit_state *state = from ? from : &fresh;
  cr_assert_eq(clfit_data_create(6, x, y, &data, &error), CLFIT_OK);
  cr_assert_eq(clfit_device_open("reference", &device, &error), CLFIT_OK);
  cr_assert_eq(clfit_population_create(device, NULL, &population, &error), CLFIT_OK);
  cr_assert_eq(clfit_population_add_data(population, data, &index, &error), CLFIT_OK);
  cr_assert_eq(clfit_population_take(population, 1, &state, &index, &slot, &error), CLFIT_OK, "%s", error.message);
  cr_assert_eq(clfit_population_advance(population, steps, NULL, &error), CLFIT_OK);
  cr_assert_eq(clfit_population_give(population, 1, &slot, &trained, &error), CLFIT_OK);
  clfit_population_free(population);
  clfit_device_close(device);
  clfit_data_free(data);
  clfit_state_clear(&fresh);
  return trained;
}

static void save_state(const clfit_state *state)
{
  clfit_model model = {.size = sizeof model, .state = *state};
  clfit_source_default(&model.source);
  cr_assert_eq(clfit_model_save(&model, scratch_path("m"), &error), CLFIT_OK, "%s", error.message);
}

static void expect_same_state(const clfit_state *a, const clfit_state *b)
{
  cr_expect_eq(memcmp(&a->progress, &b->progress, sizeof a->progress), 0);
  cr_expect_eq(memcmp(a->parameters, b->parameters, 4 * clfit_record_count(&a->network)), 0);
  cr_assert_eq(!a->precise, !b->precise);
  if (a->precise) cr_expect_eq(memcmp(a->precise, b->precise, 8 * clfit_precise_count(&a->network)), 0);
}

/* A training that is saved and loaded in the middle ends as one that was not, also when it is saved again later. */
Test(model, least_squares_goes_on_from_a_file_to_the_last_bit)
{
  static const uint32_t cuts[] = {0, 1, 2, 7, 30, 40};
  for (size_t i = 0; i < sizeof cuts / sizeof *cuts; i++) {
    clfit_model model;
    clfit_state whole = train_lm(NULL, 35), begun = train_lm(NULL, cuts[i]);
    save_state(&begun);
    cr_assert_eq(clfit_model_load(scratch_path("m"), &model, &error), CLFIT_OK, "%s", error.message);
    expect_same_state(&model.state, &begun);
    clfit_state resumed = train_lm(&model.state, cuts[i] < 35 ? 35 - cuts[i] : 0);
    if (cuts[i] < 40) cr_expect_eq(whole.progress.status == CLFIT_TRAINING_RUNNING, whole.precise != NULL);
    if (cuts[i] <= 35) expect_same_state(&resumed, &whole);
    clfit_state_clear(&whole);
    clfit_state_clear(&begun);
    clfit_state_clear(&resumed);
    clfit_model_clear(&model);
  }
}

/* Float64 values that are not there, or are none of this training, are no reason to go on from others. */
Test(model, least_squares_without_its_float64_values_is_refused)
{
  clfit_model model = {.size = sizeof model};
  clfit_source_default(&model.source);
  model.state = train_lm(NULL, 7);
  double *precise = model.state.precise;
  model.state.precise = NULL;
  cr_expect_eq(clfit_model_save(&model, scratch_path("m"), &error), CLFIT_ERROR_ARGUMENT);
  model.state.precise = precise;
  precise[clfit_precise_count(&model.state.network) - 3] = NAN; /* the damping */
  cr_expect_eq(clfit_model_save(&model, scratch_path("m"), &error), CLFIT_OK);
  clfit_model loaded;
  cr_expect_eq(clfit_model_load(scratch_path("m"), &loaded, &error), CLFIT_ERROR_FORMAT);
  cr_expect(strstr(error.message, "scalars"), "%s", error.message);
  clfit_state_clear(&model.state);
}

/* A training through gradients that goes on from it would be another one on each device. */
Test(model, a_negative_mean_of_squares_is_refused)
{
  clfit_network network;
  clfit_model model;
  clfit_state state;
  clfit_network_default(&network);
  network.hidden = 4;
  network.optimizer = CLFIT_RMSPROP;
  cr_assert_eq(clfit_state_init(&state, &network, &error), CLFIT_OK);
  state.progress.epoch = 1;
  save_state(&state);
  cr_assert_eq(clfit_model_load(scratch_path("m"), &model, &error), CLFIT_OK, "%s", error.message);
  clfit_model_clear(&model);
  state.parameters[clfit_parameter_count(4)] = -0x1p-3f;
  save_state(&state);
  cr_expect_eq(clfit_model_load(scratch_path("m"), &model, &error), CLFIT_ERROR_FORMAT);
  cr_expect(strstr(error.message, "mean of squares"), "%s", error.message);
  clfit_state_clear(&state);
}

Test(model, why_a_training_stopped_comes_back)
{
  clfit_state state = train_lm(NULL, 7);
  free(state.precise);
  state.precise = NULL;
  state.progress.status = CLFIT_TRAINING_STOPPED;
  for (int i = 0; clfit_stop_name((clfit_stop)i); i++) {
    clfit_model model;
    state.progress.stopped_by = (clfit_stop)i;
    save_state(&state);
    cr_assert_eq(clfit_model_load(scratch_path("m"), &model, &error), CLFIT_OK, "%s", error.message);
    cr_expect_eq(model.state.progress.stopped_by, (clfit_stop)i);
    clfit_model_clear(&model);
  }
  clfit_state_clear(&state);
}

/* ---- files to read ------------------------------------------------------------------------------------------- */

static void store_length(char bytes[8], unsigned long long length)
{
  for (int i = 0; i < 8; i++) bytes[i] = (char)(length >> 8 * i);
}

/* Writes a file "m": the length of the header, the header, and `count` float32 1, 2, 3 ... */
static void write_file(const char *header, int count)
{
  static char bytes[1 << 21];
  size_t length = strlen(header);
  store_length(bytes, length);
  memcpy(bytes + 8, header, length);
  for (int i = 0; i < count; i++) {
    float value = (float)(i + 1);
    memcpy(bytes + 8 + length + 4 * (size_t)i, &value, 4);
  }
  scratch_write("m", bytes, 8 + length + 4 * (size_t)count);
}

#define TENSOR(name, shape, begin, end)                                                                                \
  "\"" name "\":{\"dtype\":\"F32\",\"shape\":[" shape "],\"data_offsets\":[" #begin "," #end "]}"

/* Two neurons. */
#define W1      TENSOR("W1", "2,1", 0, 8)
#define B1      TENSOR("B1", "2,1", 8, 16)
#define W2      TENSOR("W2", "1,2", 16, 24)
#define B2      TENSOR("B2", "1,1", 24, 28)
#define TENSORS W1 "," B1 "," W2 "," B2
#define COUNT   7

/* Metadata of ours for them, each part of which a test may change. */
static const char *const own_metadata[][2] = {
    {"format", "clfit"},     {"arithmetic", "1"},    {"hidden", "2"},     {"activation", "tanh"}, {"rate", "0.5"},
    {"epochs", "10"},        {"samples", "20"},      {"seed", "3"},       {"tol", "0"},           {"status", "running"},
    {"epoch", "4"},          {"sample", "5"},        {"block_loss", "1"}, {"loss_high", "2"},     {"loss_low", "0.25"},
    {"last_loss_high", "8"}, {"last_loss_low", "0"},
};
#define OWN_COUNT (sizeof own_metadata / sizeof *own_metadata)

/* Writes "m" with one value changed or added, or, where value is NULL, left out. */
static void write_own_with(const char *key, const char *value)
{
  static char header[8192];
  bool found = false;
  size_t length = (size_t)snprintf(header, sizeof header, "{\"__metadata__\":{");
  for (size_t i = 0; i < OWN_COUNT; i++) {
    bool this_one = key && strcmp(key, own_metadata[i][0]) == 0;
    found = found || this_one;
    const char *text = this_one ? value : own_metadata[i][1];
    if (text)
      length += (size_t)snprintf(header + length, sizeof header - length, "\"%s\":\"%s\",", own_metadata[i][0], text);
  }
  if (key && !found) length += (size_t)snprintf(header + length, sizeof header - length, "\"%s\":\"%s\",", key, value);
  snprintf(header + length - 1, sizeof header - length + 1, "}," TENSORS "}");
  write_file(header, COUNT);
}

static void expect_zeroed(const clfit_model *model)
{
  static const clfit_model zero;
  cr_expect_eq(memcmp(model, &zero, sizeof zero), 0, "there is nothing to clear");
}

static void expect_failure(clfit_status code, const char *message)
{
  clfit_model model;
  memset(&model, 0xA5, sizeof model);
  memset(&error, 0xA5, sizeof error);
  cr_expect_eq(clfit_model_load(scratch_path("m"), &model, &error), code, "%s: %s", message, error.message);
  cr_expect_eq(error.code, code);
  cr_expect(strstr(error.message, message), "'%s' says %s", error.message, message);
  cr_expect(strstr(error.message, scratch), "'%s' names the file", error.message);
  expect_zeroed(&model);
  cr_expect_eq(clfit_model_load(scratch_path("m"), &model, NULL), code);
  clfit_model_clear(&model);
}

static void expect_refusal(const char *message)
{
  expect_failure(CLFIT_ERROR_FORMAT, message);
}

static clfit_model load(void)
{
  clfit_model model;
  memset(&model, 0xA5, sizeof model);
  cr_assert_eq(clfit_model_load(scratch_path("m"), &model, &error), CLFIT_OK, "%s", error.message);
  return model;
}

/* ---- a model to write ---------------------------------------------------------------------------------------- */

static clfit_model make_model(uint32_t hidden)
{
  static char target[] = "sin(x)", x_column[] = "time \"s\"", y_column[] = "temp\xc3\xa9rature";
  static char data_path[] = "a b/c\\d.csv";
  clfit_model model = {.size = sizeof model};
  clfit_source_default(&model.source);
  model.source.target = target;
  model.source.low = -1.0 / 3;
  model.source.high = 0x1p-70;
  clfit_network network;
  clfit_network_default(&network);
  network.hidden = hidden;
  network.samples = CLFIT_SAMPLES_MAX;
  network.epochs = CLFIT_EPOCHS_MAX;
  network.seed = CLFIT_SEED_MAX;
  network.activation = CLFIT_RELU;
  network.rate = 0.1 + 0.2;
  network.tol = 1e-300;
  cr_assert_eq(clfit_state_init(&model.state, &network, &error), CLFIT_OK);
  for (size_t i = 0; i < hidden; i++) model.state.parameters[hidden + i] = ldexpf(1.0f + (float)i / 4096, -140);
  model.state.parameters[3 * hidden] = -0.0f;
  model.state.progress = (clfit_progress){
      CLFIT_TRAINING_RUNNING, 0x7ffffffe, (1u << 27) - 1, 0.1f, FLT_MAX, -FLT_MIN, 1.0f / 3, 0x1p-149f, CLFIT_STOP_TOL};
  model.state.network.sample_seed = 4000000000u;
  model.source.path = data_path;
  model.source.x_column = x_column;
  model.source.y_column = y_column;
  memset(model.source.digest, 'f', CLFIT_DIGEST_SIZE - 1);
  return model;
}

static void expect_same_text(const char *a, const char *b)
{
  if (!a || !b)
    cr_expect_eq(a, b);
  else
    cr_expect_str_eq(a, b);
}

static void expect_same(const clfit_model *a, const clfit_model *b)
{
  const clfit_network *n = &a->state.network, *m = &b->state.network;
  cr_expect_eq(a->size, sizeof *a);
  cr_expect_eq(a->state.size, sizeof a->state);
  cr_expect_eq(n->size, sizeof *n);
  cr_assert_eq(n->hidden, m->hidden);
  cr_expect_eq(n->samples, m->samples);
  cr_expect_eq(n->epochs, m->epochs);
  cr_expect_eq(n->seed, m->seed);
  cr_expect_eq(n->activation, m->activation);
  cr_expect_eq(n->rate, m->rate);
  cr_expect_eq(n->tol, m->tol);
  cr_expect_eq(memcmp(&a->state.progress, &b->state.progress, sizeof a->state.progress), 0);
  cr_expect_eq(memcmp(a->state.parameters, b->state.parameters, 4 * clfit_parameter_count(n->hidden)), 0);
  expect_same_text(a->source.target, b->source.target);
  expect_same_text(a->source.path, b->source.path);
  expect_same_text(a->source.x_column, b->source.x_column);
  expect_same_text(a->source.y_column, b->source.y_column);
  cr_expect_str_eq(a->source.digest, b->source.digest);
  cr_expect_eq(a->source.low, b->source.low);
  cr_expect_eq(a->source.high, b->source.high);
  cr_expect_eq(a->state.network.sample_seed, b->state.network.sample_seed);
  cr_expect_eq(a->mode, b->mode);
}

static void save(const clfit_model *model)
{
  cr_assert_eq(clfit_model_save(model, scratch_path("m"), &error), CLFIT_OK, "%s", error.message);
}

/* ---- saving and loading -------------------------------------------------------------------------------------- */

Test(model, everything_comes_back_to_the_last_bit)
{
  static const uint32_t sizes[] = {1, 2, 31, 33, 127, 128, 129, 4096};
  for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
    clfit_model model = make_model(sizes[i]);
    model.mode = i % 2 ? CLFIT_FAST : CLFIT_STRICT;
    save(&model);
    clfit_model loaded = load();
    expect_same(&loaded, &model);
    clfit_model_clear(&loaded);
    expect_zeroed(&loaded);
    clfit_model_clear(&loaded); /* twice is fine */
    clfit_state_clear(&model.state);
    cr_expect_eq(scratch_count(), 1);
  }
}

Test(model, clearing_nothing)
{
  clfit_model model = {0};
  clfit_model_clear(NULL);
  clfit_model_clear(&model);
}

Test(model, every_status_comes_back)
{
  static const clfit_progress all[] = {
      {.status = CLFIT_TRAINING_RUNNING, .epoch = 0, .sample = 0},
      {.status = CLFIT_TRAINING_RUNNING, .epoch = 9, .sample = 19},
      {.status = CLFIT_TRAINING_DONE, .epoch = 10, .last_loss_high = 1},
      {.status = CLFIT_TRAINING_STOPPED, .epoch = 2, .last_loss_high = 1},
      {.status = CLFIT_TRAINING_STOPPED, .epoch = 10, .last_loss_high = 1},
      {.status = CLFIT_TRAINING_DIVERGED, .epoch = 0, .sample = 3, .block_loss = INFINITY, .loss_high = -INFINITY},
  };
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
    clfit_model model = make_model(3);
    model.state.network.epochs = 10;
    model.state.network.samples = 20;
    model.state.progress = all[i];
    save(&model);
    clfit_model loaded = load();
    cr_expect_eq(memcmp(&loaded.state.progress, &all[i], sizeof *all), 0, "%zu", i);
    for (int k = 0; k < 10; k++)
      cr_expect_eq(!!isnan(loaded.state.parameters[k]), all[i].status == CLFIT_TRAINING_DIVERGED);
    clfit_model_clear(&loaded);
    clfit_state_clear(&model.state);
  }
}

Test(model, losses_that_are_no_numbers_come_back)
{
  clfit_model model = make_model(3);
  model.state.progress.loss_high = NAN;
  model.state.progress.loss_low = -NAN;
  save(&model);
  clfit_model loaded = load();
  cr_expect(isnan(loaded.state.progress.loss_high));
  cr_expect(isnan(loaded.state.progress.loss_low));
  clfit_model_clear(&loaded);
  clfit_state_clear(&model.state);
}

Test(model, parameters_that_diverged_are_read_as_nan)
{
  write_own_with("status", "diverged"); /* with finite parameters, as no program of ours writes it */
  clfit_model loaded = load();
  for (int k = 0; k < COUNT; k++) cr_expect(isnan(loaded.state.parameters[k]));
  clfit_model_clear(&loaded);
}

Test(model, what_is_unknown_is_left_out)
{
  clfit_model model = make_model(3);
  model.source.target = model.source.path = model.source.x_column = model.source.y_column = NULL;
  model.source.low = NAN;
  model.source.digest[0] = '\0';
  save(&model);
  char *bytes = scratch_read("m", NULL);
  static const char *const keys[] = {"target", "\"data\"", "x_column", "y_column", "domain_", "data_digest"};
  for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) cr_expect_null(strstr(bytes + 8, keys[i]), "%s", keys[i]);
  free(bytes);
  clfit_model loaded = load();
  model.source.low = 0; /* the defaults */
  model.source.high = 1;
  expect_same(&loaded, &model);
  clfit_model_clear(&loaded);
  clfit_state_clear(&model.state);
}

/* A path need not be UTF-8, a model's header must: rather no path than no model. */
Test(model, text_that_is_no_utf8_is_left_out)
{
  static char path[] = "caf\xe9.csv";
  clfit_model model = make_model(3);
  model.source.path = path;
  save(&model);
  clfit_model loaded = load();
  cr_expect_null(loaded.source.path);
  clfit_model_clear(&loaded);
  clfit_state_clear(&model.state);
}

/* Byte for byte, as the format's own documentation has it. */
Test(model, layout_of_the_file)
{
  clfit_model model = make_model(2);
  static const float values[COUNT] = {1, 2, 3, 4, 5, 6, 7};
  memcpy(model.state.parameters, values, sizeof values);
  save(&model);
  size_t size;
  char *bytes = scratch_read("m", &size);
  size_t length = (size_t)(unsigned char)bytes[0] + 256 * (size_t)(unsigned char)bytes[1];
  for (int i = 2; i < 8; i++) cr_expect_eq(bytes[i], 0);
  cr_expect_eq(length % 8, 0, "the data is aligned");
  cr_assert_eq(size, 8 + length + 4 * COUNT);
  cr_expect_eq(
      memcmp(bytes + 8, "{\"__metadata__\":{\"format\":\"clfit\",\"clfit_version\":\"" CLFIT_VERSION "\",", 40), 0);
  static const unsigned char one_two[] = {0, 0, 0x80, 0x3f, 0, 0, 0, 0x40};
  cr_expect_eq(memcmp(bytes + 8 + length, one_two, sizeof one_two), 0, "little-endian");
  bytes[8 + length] = '\0';
  cr_expect(strstr(bytes + 8, "}," TENSORS "}"));
  cr_expect(strstr(bytes + 8, "\"rate\":\"0.30000000000000004\""));
  cr_expect(strstr(bytes + 8, "\"status\":\"running\""));
  cr_expect(!strstr(bytes + 8, "\"mode\""), "a strict model has the bytes that it had before there was another mode");
  free(bytes);
  clfit_state_clear(&model.state);
}

/* Names of every length, so that every padding is seen. */
Test(model, padding_of_the_header)
{
  char target[10] = "";
  clfit_model model = make_model(1);
  model.source.target = target;
  for (int i = 0; i < 9; i++) {
    target[i] = 'x';
    save(&model);
    clfit_model loaded = load();
    cr_expect_str_eq(loaded.source.target, target);
    clfit_model_clear(&loaded);
    size_t size;
    char *bytes = scratch_read("m", &size);
    const char *data = bytes + size - 4 * clfit_parameter_count(1);
    cr_expect_eq((data - bytes) % 8, 0);
    cr_expect(memchr(data - 8, '}', 8), "no more padding than it takes");
    free(bytes);
  }
  clfit_state_clear(&model.state);
}

/* ---- failing to save ----------------------------------------------------------------------------------------- */

static void expect_no_save(const clfit_model *model, const char *name, clfit_status code, const char *message)
{
  int count = scratch_count();
  memset(&error, 0xA5, sizeof error);
  cr_expect_eq(clfit_model_save(model, *name == '/' ? name : scratch_path(name), &error), code, "%s", message);
  cr_expect_eq(error.code, code);
  cr_expect(strstr(error.message, message), "'%s' says %s", error.message, message);
  cr_expect_neq(clfit_model_save(model, *name == '/' ? name : scratch_path(name), NULL), CLFIT_OK);
  cr_expect_eq(scratch_count(), count, "nothing is left behind");
}

Test(model, place_that_cannot_be_written)
{
  scratch_without_rights();
  clfit_model model = make_model(3);
  expect_no_save(&model, "no/m", CLFIT_ERROR_FILE, strerror(ENOENT));
  expect_no_save(&model, "", CLFIT_ERROR_FILE, strerror(EISDIR)); /* the directory itself */
  if (access("/dev/full", W_OK) == 0) expect_no_save(&model, "/dev/full", CLFIT_ERROR_FILE, strerror(ENOSPC));
  clfit_state_clear(&model.state);
}

Test(model, failure_leaves_what_was_there)
{
  clfit_model model = make_model(3);
  scratch_write("m", "old", 3);
  model.state.network.rate = 0;
  expect_no_save(&model, "m", CLFIT_ERROR_ARGUMENT, "rate");
  cr_expect(scratch_holds("m", "old"));
  clfit_state_clear(&model.state);
}

Test(model, structs_of_another_size)
{
  clfit_model model = make_model(3);
  model.size--;
  expect_no_save(&model, "m", CLFIT_ERROR_ARGUMENT, "clfit_model");
  model.size++;
  model.state.size = 0;
  expect_no_save(&model, "m", CLFIT_ERROR_ARGUMENT, "clfit_model");
  model.state.size = sizeof model.state;
  model.mode = (clfit_mode)2;
  expect_no_save(&model, "m", CLFIT_ERROR_ARGUMENT, "arithmetic 2");
  clfit_state_clear(&model.state);
}

/* What could not be read back is not written either. */
Test(model, progress_that_cannot_be)
{
  static const struct {
    clfit_progress progress;
    char message[48];
  } cases[] = {
      {{.status = (clfit_training)4}, "status is unknown"},
      {{.status = CLFIT_TRAINING_RUNNING, .epoch = 11}, "more epochs"},
      {{.status = CLFIT_TRAINING_RUNNING, .sample = 20}, "sample is beyond"},
      {{.status = CLFIT_TRAINING_RUNNING, .epoch = 10}, "running after its last epoch"},
      {{.status = CLFIT_TRAINING_DIVERGED, .epoch = 10}, "diverged after its last epoch"},
      {{.status = CLFIT_TRAINING_DONE, .epoch = 9}, "done before"},
      {{.status = CLFIT_TRAINING_DONE, .epoch = 10, .sample = 1}, "done before"},
      {{.status = CLFIT_TRAINING_STOPPED, .epoch = 5, .sample = 1}, "within an epoch"},
  };
  clfit_model model = make_model(3);
  model.state.network.epochs = 10;
  model.state.network.samples = 20;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    model.state.progress = cases[i].progress;
    expect_no_save(&model, "m", CLFIT_ERROR_ARGUMENT, cases[i].message);
  }
  clfit_state_clear(&model.state);
}

Test(model, longest_header)
{
  clfit_model model = make_model(1);
  model.source.target = malloc(CLFIT_HEADER_MAX + 1);
  memset(model.source.target, 'x', CLFIT_HEADER_MAX);
  model.source.target[CLFIT_HEADER_MAX] = '\0';
  expect_no_save(&model, "m", CLFIT_ERROR_ARGUMENT, "too long");
  model.source.target[CLFIT_HEADER_MAX - 4096] = '\0';
  save(&model);
  clfit_model loaded = load();
  cr_expect_str_eq(loaded.source.target, model.source.target);
  clfit_model_clear(&loaded);
  free(model.source.target);
  clfit_state_clear(&model.state);
}

/* ---- files of other programs --------------------------------------------------------------------------------- */

static void expect_parameters(const clfit_model *model, const float *values)
{
  for (int i = 0; i < COUNT; i++) cr_expect_eq(model->state.parameters[i], values[i], "%d", i);
}

Test(model, file_without_metadata)
{
  static const float values[COUNT] = {1, 2, 3, 4, 5, 6, 7};
  clfit_network network;
  clfit_network_default(&network);
  write_file("{" TENSORS "}", COUNT);
  clfit_model model = load();
  expect_parameters(&model, values);
  cr_expect_eq(model.state.network.hidden, 2);
  cr_expect_eq(model.state.network.activation, CLFIT_SIGMOID);
  cr_expect_eq(model.state.network.rate, network.rate);
  cr_expect_eq(model.state.network.samples, network.samples);
  cr_expect_eq(model.state.network.epochs, network.epochs);
  cr_expect_eq(model.state.progress.status, CLFIT_TRAINING_DONE);
  cr_expect_eq(model.state.progress.epoch, network.epochs);
  cr_expect_eq(model.state.progress.sample, 0);
  cr_expect(isnan(model.state.progress.last_loss_high), "nobody knows its loss");
  cr_expect_eq(model.source.low, 0);
  cr_expect_eq(model.source.high, 1);
  cr_expect_null(model.source.target);
  cr_expect_null(model.source.path);
  cr_expect_eq(model.source.digest[0], '\0');
  clfit_model_clear(&model);
}

/* The Python package writes tensors by their names. */
Test(model, tensors_in_another_order_and_as_lists)
{
  static const float values[COUNT] = {4, 5, 1, 2, 6, 7, 3};
  write_file("{\"__metadata__\":{\"format\":\"np\",\"activation\":\"relu\",\"epochs\":\"7\"}," TENSOR(
                 "B1", "2", 0, 8) "," TENSOR("B2", "1", 8, 12) "," TENSOR("W1", "2", 12, 20) "," TENSOR("W2", "2", 20,
                                                                                                        28) "}   ",
             COUNT);
  clfit_model model = load();
  expect_parameters(&model, values);
  cr_expect_eq(model.state.network.activation, CLFIT_RELU);
  cr_expect_eq(model.state.network.epochs, 7);
  cr_expect_eq(model.state.progress.epoch, 7);
  clfit_model_clear(&model);
}

Test(model, other_arithmetic_of_another_program_is_its_own_affair)
{
  write_file("{\"__metadata__\":{\"arithmetic\":\"7\"}," TENSORS "}", COUNT);
  clfit_model model = load();
  clfit_model_clear(&model);
}

Test(model, metadata_of_ours)
{
  write_own_with(NULL, NULL);
  clfit_model model = load();
  cr_expect_eq(model.state.network.activation, CLFIT_TANH);
  cr_expect_eq(model.state.network.rate, 0.5);
  cr_expect_eq(model.state.progress.epoch, 4);
  cr_expect_eq(model.state.progress.sample, 5);
  cr_expect_eq(model.state.progress.loss_low, 0.25f);
  cr_expect_eq(model.state.progress.last_loss_high, 8);
  cr_expect_eq(model.state.network.sample_seed, 0);
  clfit_model_clear(&model);
}

Test(model, pipe_can_be_read, .timeout = 10)
{
  size_t size;
  write_own_with(NULL, NULL);
  char *bytes = scratch_read("m", &size);
  cr_assert_eq(unlink(scratch_path("m")), 0);
  cr_assert_eq(mkfifo(scratch_path("m"), 0600), 0);
  pid_t writer = fork();
  if (writer == 0) {
    int descriptor = open(scratch_path("m"), O_WRONLY);
    _exit(write(descriptor, bytes, size) == (ssize_t)size ? 0 : 1);
  }
  clfit_model model = load();
  cr_expect_eq(model.state.progress.epoch, 4);
  clfit_model_clear(&model);
  int end = -1;
  cr_expect(waitpid(writer, &end, 0) == writer && end == 0);
  free(bytes);
}

/* ---- hostile files ------------------------------------------------------------------------------------------- */

Test(model, file_that_cannot_be_read)
{
  expect_failure(CLFIT_ERROR_FILE, strerror(ENOENT));
  cr_assert_eq(mkdir(scratch_path("m"), 0700), 0);
  expect_failure(CLFIT_ERROR_FILE, strerror(EISDIR));
}

Test(model, file_that_is_too_short)
{
  scratch_write("m", "", 0);
  expect_refusal("header's length, after 0 of 8");
  scratch_write("m", "1234567", 7);
  expect_refusal("header's length, after 7 of 8");
  scratch_write("m", "\x10\0\0\0\0\0\0\0{}", 10);
  expect_refusal("within its header, after 2 of 16");
}

Test(model, header_that_is_too_long_or_too_short)
{
  char bytes[8];
  static const unsigned long long lengths[] = {0, 1, CLFIT_HEADER_MAX + 1, 1ull << 32, 1ull << 63, ~0ull};
  for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
    store_length(bytes, lengths[i]);
    scratch_write("m", bytes, 8);
    expect_refusal("not a model file");
  }
  store_length(bytes, CLFIT_HEADER_MAX);
  scratch_write("m", bytes, 8);
  expect_refusal("within its header, after 0 of 1048576");
}

/* Not a null among them: char * in Criterion's own parameters would not survive. */
static const struct {
  const char *header, *message;
} bad_headers[] = {
    {"[]", "no JSON object"},
    {"12", "no JSON object"},
    {"{\"a\":", "no JSON object"},
    {"{} x", "no JSON object"},
    {"{\"\xff\":1}", "no JSON object"},
    {"{\"a\\u0000\":1}", "no JSON object"},
    {"{\"W1\":1,\"W1\":1}", "no JSON object: duplicate"},
    {"{}", "W1 is missing"},
    {"{" B1 "," W2 "," B2 "}", "W1 is missing"},
    {"{" W1 "," W2 "," B2 "}", "B1 is missing"},
    {"{" W1 "," B1 "," B2 "}", "W2 is missing"},
    {"{" W1 "," B1 "," W2 "}", "B2 is missing"},
    {"{" TENSORS "," TENSOR("W3", "0", 0, 0) "}", "unknown tensor W3"},
    {"{" TENSORS ",\"line\\nfeed\":1}", "unknown tensor line?feed"},
    {"{" TENSORS ",\".W1\":1}", "unknown tensor .W1"},
    {"{" TENSORS ",\"m.B1\":1}", "unknown tensor m.B1"},
    {"{" TENSORS ",\"m.W1.W1\":1}", "unknown tensor m.W1.W1"},
    {"{" TENSORS ",\"0123456789abcdef0123456789abcdef.W1\":1}", "unknown tensor 0123"},
    {"{" TENSORS "," TENSOR("m.W1", "2,1", 28, 36) "}", "m.B1 is missing"},
    {"{" TENSORS "," TENSOR("m.W1", "1,2", 28, 36) "}", "m.W1 does not have the shape [2,1]"},
    {"{" TENSORS ",\"__metadata__\":[]}", "__metadata__ is not an object"},
    {"{" TENSORS ",\"__metadata__\":null}", "__metadata__ is not an object"},
    {"{" TENSORS ",\"__metadata__\":{\"epoch\":1}}", "metadata epoch is not a string"},
    {"{" TENSORS ",\"__metadata__\":{\"a\":\"1\",\"a\":\"2\"}}", "duplicate"},
    {"{\"W1\":1," B1 "," W2 "," B2 "}", "W1 does not have 1 to 4096 rows"},
    {"{\"W1\":{}," B1 "," W2 "," B2 "}", "W1 does not have 1 to 4096 rows"},
    {"{" TENSOR("W1", "", 0, 0) "," B1 "," W2 "," B2 "}", "1 to 4096"},
    {"{" TENSOR("W1", "0,1", 0, 0) "," B1 "," W2 "," B2 "}", "1 to 4096"},
    {"{" TENSOR("W1", "-2,1", 0, 8) "," B1 "," W2 "," B2 "}", "1 to 4096"},
    {"{" TENSOR("W1", "4097,1", 0, 16388) "," B1 "," W2 "," B2 "}", "1 to 4096"},
    {"{" TENSOR("W1", "9223372036854775807,1", 0, 8) "," B1 "," W2 "," B2 "}", "1 to 4096"},
    {"{" TENSOR("W1", "9223372036854775808,1", 0, 8) "," B1 "," W2 "," B2 "}", "no JSON object: too big integer"},
    {"{" TENSOR("W1", "2.0,1", 0, 8) "," B1 "," W2 "," B2 "}", "1 to 4096"},
    {"{" TENSOR("W1", "\"2\",1", 0, 8) "," B1 "," W2 "," B2 "}", "1 to 4096"},
    {"{" TENSOR("W1", "2,2", 0, 8) "," B1 "," W2 "," B2 "}", "W1 does not have the shape [2,1]"},
    {"{" TENSOR("W1", "2,1,1", 0, 8) "," B1 "," W2 "," B2 "}", "W1 does not have the shape [2,1]"},
    {"{" TENSOR("W1", "3,1", 0, 12) "," B1 "," W2 "," B2 "}", "B1 does not have the shape [3,1]"},
    {"{" W1 "," TENSOR("B1", "1,2", 8, 16) "," W2 "," B2 "}", "B1 does not have the shape [2,1]"},
    {"{" W1 "," B1 "," TENSOR("W2", "2,1", 16, 24) "," B2 "}", "W2 does not have the shape [1,2]"},
    {"{" W1 "," B1 "," W2 "," TENSOR("B2", "", 24, 28) "}", "B2 does not have the shape [1,1]"},
    {"{" W1 "," B1 "," W2 "," TENSOR("B2", "2", 24, 28) "}", "B2 does not have the shape [1,1]"},
    {"{\"W1\":{\"shape\":[2,1],\"data_offsets\":[0,8]}," B1 "," W2 "," B2 "}", "W1 is not of type F32"},
    {"{\"W1\":{\"dtype\":32,\"shape\":[2,1],\"data_offsets\":[0,8]}," B1 "," W2 "," B2 "}", "W1 is not of type F32"},
    {"{" W1 "," B1 "," W2 ",\"B2\":{\"dtype\":\"F64\",\"shape\":[1,1],\"data_offsets\":[24,32]}}", "B2 is not of type"},
    {"{" W1 "," B1 "," W2 ",\"B2\":7}", "B2 is not of type F32"},
    {"{" W1 "," B1 "," W2 ",\"B2\":{\"dtype\":\"F32\",\"shape\":[1,1]}}", "B2 has data_offsets outside"},
    {"{" W1 "," B1 "," W2 ",\"B2\":{\"dtype\":\"F32\",\"shape\":[1,1],\"data_offsets\":[24]}}",
     "B2 has data_offsets outside"},
    {"{" W1 "," B1 "," W2 ",\"B2\":{\"dtype\":\"F32\",\"shape\":[1,1],\"data_offsets\":[24,28,28]}}",
     "B2 has data_offsets outside"},
    {"{" W1 "," B1 "," W2 ",\"B2\":{\"dtype\":\"F32\",\"shape\":[1,1],\"data_offsets\":[24.0,28]}}",
     "B2 has data_offsets outside"},
    {"{" W1 "," B1 "," W2 "," TENSOR("B2", "1,1", 28, 32) "}", "B2 has data_offsets outside"},
    {"{" W1 "," B1 "," W2 "," TENSOR("B2", "1,1", -4, 0) "}", "B2 has data_offsets outside"},
    {"{" W1 "," B1 "," W2 "," TENSOR("B2", "1,1", 24, 9223372036854775807) "}", "B2 has data_offsets outside"},
    {"{" W1 "," B1 "," W2 "," TENSOR("B2", "1,1", 9223372036854775807, 28) "}", "B2 has data_offsets that do not fit"},
    {"{" W1 "," B1 "," W2 "," TENSOR("B2", "1,1", 24, -28) "}", "B2 has data_offsets that do not fit"},
    {"{" W1 "," B1 "," W2 "," TENSOR("B2", "1,1", 28, 24) "}", "B2 has data_offsets that do not fit"},
    {"{" W1 "," B1 "," W2 "," TENSOR("B2", "1,1", 20, 28) "}", "B2 has data_offsets that do not fit"},
    {"{" W1 "," TENSOR("B1", "2,1", 4, 12) "," W2 "," B2 "}", "B1 has data_offsets that overlap"},
    {"{" W1 "," B1 "," W2 "," TENSOR("B2", "1,1", 0, 4) "}", "B2 has data_offsets that overlap"},
};

Test(model, bad_header)
{
  for (size_t i = 0; i < sizeof bad_headers / sizeof *bad_headers; i++) {
    write_file(bad_headers[i].header, COUNT);
    expect_refusal(bad_headers[i].message);
  }
}

Test(model, deeply_nested_header)
{
  static char header[1 << 20];
  memset(header, '[', sizeof header - 1);
  write_file(header, 0);
  expect_refusal("no JSON object");
}

Test(model, data_of_another_length)
{
  write_file("{" TENSORS "}", COUNT - 1);
  expect_refusal("within its data, after 24 of 28");
  write_file("{" TENSORS "}", COUNT + 1);
  expect_refusal("goes on after its data");
}

/* A training of ours may have blown up and come back, and must be able to go on; another program's model may not. */
Test(model, parameter_that_is_not_finite)
{
  static const uint32_t bad[] = {0x7f800000u, 0xff800000u, 0x7fc00000u, 0xffc01234u};
  for (int i = 0; i < 4; i++) {
    size_t size;
    write_own_with(NULL, NULL);
    char *bytes = scratch_read("m", &size);
    memcpy(bytes + size - 4, &bad[i], 4);
    scratch_write("m", bytes, size);
    free(bytes);
    clfit_model model;
    cr_assert_eq(clfit_model_load(scratch_path("m"), &model, &error), CLFIT_OK, "%s", error.message);
    uint32_t read;
    memcpy(&read, &model.state.parameters[6], 4);
    cr_expect_eq(read, i == 3 ? 0x7fc00000u : bad[i], "every NaN is the one NaN");
    clfit_model_clear(&model);

    write_file("{" TENSORS "}", COUNT);
    bytes = scratch_read("m", &size);
    memcpy(bytes + size - 4, &bad[i], 4);
    scratch_write("m", bytes, size);
    free(bytes);
    expect_refusal("parameter 7 of 7 is not finite");
  }
}

/* Each value out of its range, of another kind, or missing. */
static const struct {
  const char *key, *value, *message;
} bad_metadata[] = {
    {"arithmetic", "2", "arithmetic 2, but this clfit has arithmetic 1"},
    {"arithmetic", "one", "arithmetic is 'one', not a whole number"},
    {"arithmetic", NULL, "arithmetic is missing"},
    {"mode", "exact", "mode is 'exact', not strict or fast"},
    {"mode", "", "mode is '', not strict or fast"},
    {"hidden", "3", "hidden is 3, but its tensors are of 2"},
    {"hidden", "0", "metadata hidden must be a whole number from 1 to 4096, not \"0\""},
    {"hidden", "", "metadata hidden must be a whole number"},
    {"hidden", "-2", "metadata hidden must be a whole number"},
    {"hidden", " 2", "metadata hidden must be a whole number"},
    {"activation", "maxout", "metadata activation: unknown activation 'maxout'"},
    {"rate", "0", "rate"},
    {"rate", "-1", "rate"},
    {"rate", "nan", "rate"},
    {"rate", "inf", "rate"},
    {"rate", "1e30", "rate"},
    {"rate", "fast", "metadata rate must be a number from 2^-64 to 2^64, not \"fast\""},
    {"rate", "0,5", "must be a number"},
    {"rate", "1e999", "must be a number"},
    {"epochs", "0", "epochs"},
    {"epochs", "2147483648", "epochs"},
    {"epochs", "4294967296", "metadata epochs must be a whole number from 1 to 2147483647, not"},
    {"epochs", "99999999999999999999999999", "must be a whole number"},
    {"samples", "0", "samples"},
    {"samples", "134217729", "samples"},
    {"seed", "4294967296", "metadata seed must be"},
    {"tol", "-1", "tol"},
    {"tol", "nan", "tol"},
    {"status", "asleep", "status is 'asleep', not running"},
    {"status", NULL, "status is missing"},
    {"status", "done", "done before its last epoch"},
    {"status", "stopped", "stopped within an epoch"},
    {"epoch", "11", "more epochs"},
    {"epoch", "10", "running after its last epoch"},
    {"epoch", NULL, "epoch is missing"},
    {"sample", "20", "sample is beyond"},
    {"sample", NULL, "sample is missing"},
    {"block_loss", "1e39", "block_loss is '1e39', not a float32"},
    {"block_loss", "x", "block_loss is 'x', not a number"},
    {"block_loss", NULL, "block_loss is missing"},
    {"loss_high", NULL, "loss_high is missing"},
    {"loss_low", NULL, "loss_low is missing"},
    {"last_loss_high", NULL, "last_loss_high is missing"},
    {"last_loss_low", "-1e39", "last_loss_low is '-1e39', not a float32"},
    {"last_loss_low", NULL, "last_loss_low is missing"},
    {"sample_seed", "-1", "metadata sample_seed must be"},
    {"domain_low", "a", "domain_low is 'a', not a number"},
    {"domain_low", "nan", "domain"},
    {"domain_low", "2", "domain"}, /* above domain_high's default */
    {"domain_high", "inf", "domain"},
    {"domain_high", "-1", "domain"},
    {"domain", "", "domain is '', not A:B"},
    {"domain", "0", "domain is '0', not A:B"},
    {"domain", "1:0", "domain is '1:0', not A:B"},
    {"domain", "0:inf", "domain is '0:inf', not A:B"},
    {"domain", "0:1:2", "domain is '0:1:2', not A:B"},
    {"data_digest", "", "data_digest is ''"},
    {"data_digest", "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef!", "not a SHA-256"},
    {"data_digest", "abc", "data_digest is 'abc', not a SHA-256"},
    {"data_digest", "gggggggggggggggggggggggggggggggggggggggggggggggggggggggggggggggg", "not a SHA-256"},
};

/* A field that a file does not name has its default, as a file has that was written before there was the field. */
Test(model, missing_fields)
{
  for (size_t i = 0; i < clfit_field_count(); i++) {
    const clfit_field *field = clfit_field_get(i);
    clfit_model model;
    if (!field->always || strcmp(field->name, "sample_seed") == 0) continue; /* the file has none in any case */
    write_own_with(field->name, NULL);
    cr_assert_eq(clfit_model_load(scratch_path("m"), &model, &error), CLFIT_OK, "%s: %s", field->name, error.message);
    bool hidden = strcmp(field->name, "hidden") == 0; /* which the tensors tell */
    cr_expect(hidden || clfit_field_is_default(field, &model.state.network), "%s", field->name);
    clfit_model_clear(&model);
  }
}

Test(model, bad_metadata)
{
  for (size_t i = 0; i < sizeof bad_metadata / sizeof *bad_metadata; i++) {
    write_own_with(bad_metadata[i].key, bad_metadata[i].value);
    expect_refusal(bad_metadata[i].message);
  }
}

/* Also where it is the last thing to be read, so that all that was copied before must be freed. */
Test(model, failure_after_texts_were_copied)
{
  static char header[4096];
  snprintf(header, sizeof header,
           "{\"__metadata__\":{\"target\":\"x\",\"data\":\"d\",\"x_column\":\"a\",\"y_column\":\"b\"}," TENSORS "}");
  write_file(header, COUNT);
  size_t size;
  char *bytes = scratch_read("m", &size);
  memset(bytes + size - 4, 0xff, 4);
  scratch_write("m", bytes, size);
  free(bytes);
  expect_refusal("not finite");
}

/* ---- mutations ----------------------------------------------------------------------------------------------- */

/* Loading must succeed or fail with a message; the sanitizers see to the rest. Returns whether it succeeded. */
static bool try_load(void)
{
  clfit_model model;
  memset(&model, 0xA5, sizeof model);
  error.message[0] = '\0';
  clfit_status status = clfit_model_load(scratch_path("m"), &model, &error);
  if (status) {
    cr_assert_eq(status, CLFIT_ERROR_FORMAT, "%s", error.message);
    cr_assert_neq(error.message[0], '\0');
    expect_zeroed(&model);
    return false;
  }
  uint32_t hidden = model.state.network.hidden;
  cr_assert_eq(clfit_network_check(&model.state.network, &error), CLFIT_OK);
  volatile float last = model.state.parameters[clfit_parameter_count(hidden) - 1];
  (void)last;
  clfit_model_clear(&model);
  return true;
}

static char *read_valid(size_t *size)
{
  clfit_model model = make_model(2);
  save(&model);
  clfit_state_clear(&model.state);
  return scratch_read("m", size);
}

Test(model, every_truncation_is_refused)
{
  size_t size;
  char *bytes = read_valid(&size);
  for (size_t length = 0; length < size; length++) {
    scratch_write("m", bytes, length);
    cr_assert_not(try_load(), "%zu of %zu bytes", length, size);
  }
  free(bytes);
}

Test(model, every_byte_flipped)
{
  static const unsigned char masks[] = {0x01, 0x02, 0x10, 0x20, 0x80, 0xff};
  size_t size;
  char *bytes = read_valid(&size);
  size_t accepted = 0;
  for (size_t i = 0; i < size; i++)
    for (size_t k = 0; k < sizeof masks; k++) {
      bytes[i] = (char)(bytes[i] ^ masks[k]);
      scratch_write("m", bytes, size);
      accepted += try_load();
      bytes[i] = (char)(bytes[i] ^ masks[k]);
    }
  cr_expect_gt(accepted, 0, "a digit of the rate may change");
  cr_expect_lt(accepted, sizeof masks * size);
  free(bytes);
}

/* Bytes overwritten by others that mean something in JSON, pieces doubled and cut out. */
Test(model, random_mutations)
{
  static const char meaningful[] = "{}[]\",:0123456789-.eE\\untf \xff\x80";
  static char mutant[1 << 16];
  size_t size;
  char *bytes = read_valid(&size);
  uint32_t random = 12345;
  for (int round = 0; round < 3000; round++) {
    size_t length = size;
    memcpy(mutant, bytes, size);
    for (int change = 0; change <= round % 4; change++) {
      random = random * 1664525u + 1013904223u; /* Numerical Recipes' generator */
      size_t at = (random >> 8) % length;
      size_t span = 1 + (random >> 28);
      if (random & 16)
        mutant[at] = meaningful[(random >> 20) % (sizeof meaningful - 1)];
      else if (random & 32 && length + span < sizeof mutant && at + span < length)
        memmove(mutant + at + span, mutant + at, length - at), length += span;
      else if (at + span < length)
        memmove(mutant + at, mutant + at + span, length - at - span), length -= span;
    }
    if (length >= 8 + 4 * COUNT && round % 2) store_length(mutant, length - 8 - 4 * COUNT); /* past the first check */
    scratch_write("m", mutant, length);
    try_load();
  }
  free(bytes);
}
