/* Sources of samples: their text form, and drawing or reading their samples. */
#include "base/error.h"
#include "base/number.h"
#include "data/data.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Format of a value in a message: at most this many characters of it are shown. */
#define SHOWN "%.60s"

void clfit_source_default(clfit_source *source)
{
  *source = (clfit_source){.size = sizeof *source, .high = 1};
}

void clfit_source_clear(clfit_source *source)
{
  if (!source) return;
  free(source->target);
  free(source->path);
  free(source->x_column);
  free(source->y_column);
  free(source->weight_column);
  free(source->validation);
  clfit_source_set_rows(source, NULL);
  *source = (clfit_source){0};
}

void clfit_source_set_rows(clfit_source *source, const clfit_data *rows)
{
  const clfit_data *before = source->rows;
  source->rows = rows ? clfit_data_hold(rows) : NULL;
  clfit_data_free((clfit_data *)before);
}

/* ---- text form ----------------------------------------------------------------------------------------------- */

/* One key of the text form. Its value is a string of clfit_source at an offset, or is read and set by two functions. */
struct key {
  const char *name;
  bool decides;  /* the key determines the samples; false: it only tells where to find them */
  size_t offset; /* of a char * in clfit_source, if there are no functions */
  const char *(*get)(const clfit_source *source, char text[CLFIT_SOURCE_TEXT_SIZE]);
  clfit_status (*set)(clfit_source *source, const char *key, const char *value, clfit_error *error);
};

static clfit_status refuse(const char *key, const char *value, const char *wanted, clfit_error *error)
{
  return clfit_fail(error, CLFIT_ERROR_ARGUMENT, "%s is '" SHOWN "', not %s", key, value, wanted);
}

static bool is_domain(double low, double high)
{
  return isfinite(low) && isfinite(high) && low <= high;
}

static const char *get_domain(const clfit_source *source, char text[CLFIT_SOURCE_TEXT_SIZE])
{
  char low[CLFIT_NUMBER_SIZE], high[CLFIT_NUMBER_SIZE];
  if (!source->target || !is_domain(source->low, source->high)) return NULL;
  clfit_number_print(low, source->low);
  clfit_number_print(high, source->high);
  snprintf(text, CLFIT_SOURCE_TEXT_SIZE, "%s:%s", low, high);
  return text;
}

static clfit_status set_domain(clfit_source *source, const char *key, const char *value, clfit_error *error)
{
  char left[CLFIT_SOURCE_TEXT_SIZE];
  size_t length = strcspn(value, ":");
  double low, high;
  if (value[length] != ':' || length >= sizeof left) return refuse(key, value, "A:B", error);
  memcpy(left, value, length);
  left[length] = '\0';
  if (!clfit_number_parse(left, &low) || !clfit_number_parse(value + length + 1, &high) || !is_domain(low, high))
    return refuse(key, value, "A:B, two numbers with A below B", error);
  source->low = low;
  source->high = high;
  return CLFIT_OK;
}

/* One end of the domain, "domain_low" or "domain_high". */
static clfit_status set_end(clfit_source *source, const char *key, const char *value, clfit_error *error)
{
  double end;
  if (!clfit_number_parse(value, &end)) return refuse(key, value, "a number", error);
  if (strcmp(key, "domain_low") == 0)
    source->low = end;
  else
    source->high = end;
  return CLFIT_OK;
}

static const char *get_nothing(const clfit_source *source, char text[CLFIT_SOURCE_TEXT_SIZE])
{
  (void)source;
  (void)text;
  return NULL;
}

static const char *get_digest(const clfit_source *source, char text[CLFIT_SOURCE_TEXT_SIZE])
{
  (void)text;
  return *source->digest ? source->digest : NULL;
}

static clfit_status set_digest(clfit_source *source, const char *key, const char *value, clfit_error *error)
{
  if (strlen(value) != CLFIT_DIGEST_SIZE - 1 || strspn(value, "0123456789abcdef") != CLFIT_DIGEST_SIZE - 1)
    return refuse(key, value, "a SHA-256 in hexadecimal", error);
  memcpy(source->digest, value, CLFIT_DIGEST_SIZE);
  return CLFIT_OK;
}

static const char *get_scale(const clfit_source *source, char text[CLFIT_SOURCE_TEXT_SIZE])
{
  (void)text;
  return source->scale == CLFIT_SCALE_NONE ? NULL : clfit_scale_name(source->scale);
}

static clfit_status set_scale(clfit_source *source, const char *key, const char *value, clfit_error *error)
{
  (void)key;
  return clfit_scale_find(value, &source->scale, error);
}

static const struct key keys[] = {
    {"target", .decides = true, .offset = offsetof(clfit_source, target)},
    {"domain", .decides = true, .get = get_domain, .set = set_domain},
    {"data", .offset = offsetof(clfit_source, path)},
    {"x_column", .offset = offsetof(clfit_source, x_column)},
    {"y_column", .offset = offsetof(clfit_source, y_column)},
    {"weight_column", .offset = offsetof(clfit_source, weight_column)},
    {"validation", .offset = offsetof(clfit_source, validation)},
    /* before the digest, which follows from it: a difference is told as one of --scale */
    {"scale", .decides = true, .get = get_scale, .set = set_scale},
    {"data_digest", .decides = true, .get = get_digest, .set = set_digest},
    {"domain_low", .decides = true, .get = get_nothing, .set = set_end}, /* only read, from models of version 0.1.0 */
    {"domain_high", .decides = true, .get = get_nothing, .set = set_end},
};

#define KEYS (sizeof keys / sizeof *keys)

static const struct key *find_key(const char *name)
{
  for (size_t i = 0; i < KEYS; i++)
    if (strcmp(keys[i].name, name) == 0) return &keys[i];
  return NULL;
}

static char **text_of(clfit_source *source, const struct key *key)
{
  return (char **)((char *)source + key->offset);
}

static const char *text_in(const clfit_source *source, const struct key *key)
{
  return *(char *const *)((const char *)source + key->offset);
}

const char *clfit_source_key(size_t index)
{
  return index < KEYS ? keys[index].name : NULL;
}

bool clfit_source_key_decides(const char *key)
{
  const struct key *row = find_key(key);
  return row && row->decides;
}

const char *clfit_source_get(const clfit_source *source, const char *key, char text[CLFIT_SOURCE_TEXT_SIZE])
{
  const struct key *row = find_key(key);
  if (!row) return NULL;
  return row->get ? row->get(source, text) : text_in(source, row);
}

clfit_status clfit_source_set(clfit_source *source, const char *key, const char *value, clfit_error *error)
{
  const struct key *row = find_key(key);
  if (!row) return clfit_fail(error, CLFIT_ERROR_ARGUMENT, "samples have no '" SHOWN "'", key);
  if (row->set) return row->set(source, key, value, error);
  char *copy = strdup(value);
  if (!copy) return clfit_fail_memory(error);
  free(*text_of(source, row));
  *text_of(source, row) = copy;
  return CLFIT_OK;
}

clfit_status clfit_source_copy(clfit_source *copy, const clfit_source *source, clfit_error *error)
{
  clfit_source made = *source;
  made.rows = NULL;
  for (size_t i = 0; i < KEYS; i++)
    if (!keys[i].get) *text_of(&made, &keys[i]) = NULL;
  clfit_source_set_rows(&made, source->rows);
  for (size_t i = 0; i < KEYS; i++) {
    const char *text = keys[i].get ? NULL : text_in(source, &keys[i]);
    clfit_status status = text ? clfit_source_set(&made, keys[i].name, text, error) : CLFIT_OK;
    if (!status) continue;
    clfit_source_clear(&made);
    return status;
  }
  *copy = made;
  return CLFIT_OK;
}

/* ---- samples ------------------------------------------------------------------------------------------------- */

static clfit_status draw(const clfit_source *source, const clfit_network *network, clfit_data **data,
                         clfit_error *error)
{
  clfit_target *target = NULL;
  clfit_status status = clfit_target_parse(source->target, &target, error);
  if (!status)
    status = clfit_data_sample(target, source->low, source->high, network->samples, network->sample_seed, data, error);
  clfit_target_free(target);
  if (!status) status = clfit_data_add_noise(*data, network->noise, network->sample_seed, error);
  return status ? status : clfit_data_scale(*data, source->scale, error);
}

/* The files of a source read as this one do not depend on each other. */
static clfit_status read_file(const clfit_source *source, const char *path, clfit_data **data, clfit_error *error)
{
  /* version 0.1.0 stored no columns where it took the first two of many; the digest tells that they are the same */
  const struct file_request request = {.path = path,
                                       .x_column = source->x_column,
                                       .y_column = source->y_column,
                                       .weight_column = source->weight_column,
                                       .most = CLFIT_SAMPLES_MAX,
                                       .regular = !source->trusted,
                                       .first_two = *source->digest};
  return clfit_data_read(&request, data, error);
}

static clfit_status refuse_rows(const clfit_source *source, const clfit_network *network, const clfit_data *data,
                                clfit_error *error)
{
  const size_t held = clfit_data_held_out(data), rows = clfit_data_count(data) - held;
  if (!source->validation)
    return clfit_fail(error, CLFIT_ERROR_FORMAT,
                      "%.200s has %zu rows now, and the training was of %" PRIu32
                      ": it goes on with the same rows only",
                      source->path, rows, network->samples);
  return clfit_fail(error, CLFIT_ERROR_FORMAT,
                    "%.150s and %.150s have %zu and %zu rows now, and the training was of %" PRIu32 " and %" PRIu32
                    ": it goes on with the same rows only",
                    source->path, source->validation, rows, held, clfit_network_trained(network),
                    clfit_network_held_out(network));
}

/* A different number of rows is an error: rows appended to a file would silently be left out of a resumed training. */
static clfit_status check_rows(const clfit_source *source, clfit_network *network, const clfit_data *data,
                               clfit_error *error)
{
  const size_t rows = clfit_data_count(data), held = clfit_data_held_out(data);
  clfit_network now = *network;
  now.samples = (uint32_t)rows;
  if (source->validation) clfit_network_hold_out(&now, (uint32_t)held);
  const bool fresh = network->samples == 0;
  if (fresh && source->validation && network->holdout > 0)
    return clfit_fail(error, CLFIT_ERROR_ARGUMENT,
                      "samples are held out by a fraction or given by a validation file, not both");
  if (!fresh && (rows != network->samples || now.holdout != network->holdout))
    return refuse_rows(source, network, data, error);
  now.sample_seed = 0;
  *network = now;
  return CLFIT_OK;
}

/* Appends the rows of the validation file, from the columns that the first file turned out to have. */
static clfit_status append_validation(const clfit_source *source, clfit_data **data, clfit_error *error)
{
  clfit_source named = {0};
  clfit_data *held = NULL, *joined = NULL;
  clfit_status status = clfit_source_copy(&named, source, error);
  if (!status) status = clfit_source_set_columns(&named, *data, error);
  if (!status) status = read_file(&named, source->validation, &held, error);
  if (!status) status = clfit_data_append_held(*data, held, &joined, error);
  clfit_source_clear(&named);
  clfit_data_free(held);
  if (status) return status;
  clfit_data_free(*data);
  *data = joined;
  return CLFIT_OK;
}

/* A part of the rows that the source has in memory. */
static clfit_status take_rows(const clfit_data *rows, size_t first, size_t end, clfit_data **data, clfit_error *error)
{
  const double *weights = rows->weights ? rows->weights + first : NULL;
  return clfit_data_create_weighted(end - first, rows->x + first, rows->y + first, weights, data, error);
}

static clfit_status copy_columns(const clfit_data *from, clfit_data *to, clfit_error *error)
{
  if (!from->columns) return CLFIT_OK;
  to->columns = malloc(sizeof *to->columns);
  if (!to->columns) return clfit_fail_memory(error);
  *to->columns = *from->columns;
  return CLFIT_OK;
}

static clfit_status append_rows(const clfit_source *source, size_t first, clfit_data **data, clfit_error *error)
{
  clfit_data *held = NULL, *joined = NULL;
  clfit_status status = take_rows(source->rows, first, source->rows->count, &held, error);
  if (!status) status = clfit_data_append_held(*data, held, &joined, error);
  clfit_data_free(held);
  if (status) return status;
  clfit_data_free(*data);
  *data = joined;
  return CLFIT_OK;
}

/* As read_rows. */
static clfit_status restore_rows(const clfit_source *source, clfit_network *network, clfit_data **data,
                                 clfit_error *error)
{
  const size_t trained = source->rows->count - source->rows->held;
  if ((source->rows->held > 0) != (source->validation != NULL))
    return clfit_fail(error, CLFIT_ERROR_FORMAT, "its samples are damaged: other ones are held out");
  clfit_status status = take_rows(source->rows, 0, trained, data, error);
  if (!status) status = copy_columns(source->rows, *data, error);
  if (!status) status = clfit_data_scale(*data, source->scale, error);
  if (!status && source->validation) status = append_rows(source, trained, data, error);
  return status ? status : check_rows(source, network, *data, error);
}

/* The scaling is that of the first file. */
static clfit_status read_rows(const clfit_source *source, clfit_network *network, clfit_data **data, clfit_error *error)
{
  clfit_status status = read_file(source, source->path, data, error);
  if (!status) status = clfit_data_scale(*data, source->scale, error);
  if (!status && source->validation) status = append_validation(source, data, error);
  return status ? status : check_rows(source, network, *data, error);
}

static clfit_status check_digest(const clfit_source *source, const clfit_data *data, clfit_error *error)
{
  char digest[CLFIT_DIGEST_SIZE];
  if (!*source->digest) return CLFIT_OK;
  clfit_data_digest(data, clfit_data_count(data), digest);
  if (strcmp(digest, source->digest) == 0) return CLFIT_OK;
  if (source->target)
    return clfit_fail(
        error, CLFIT_ERROR_FORMAT,
        "its samples cannot be drawn again: the formula gives other values on this machine (another math library)");
  return clfit_fail(error, CLFIT_ERROR_FORMAT, "the samples in %.200s%s%.200s are no longer those that were trained on",
                    source->path, source->validation ? " or " : "", source->validation ? source->validation : "");
}

/* Those of a validation file are at the end already. */
static clfit_status hold_out(const clfit_network *network, clfit_data **data, clfit_error *error)
{
  const uint32_t held = clfit_network_held_out(network);
  clfit_data *split = NULL;
  if (network->holdout > 0 && held == 0)
    return clfit_fail(error, CLFIT_ERROR_ARGUMENT, "of 1 sample none can be held out");
  if (held == 0 || clfit_data_held_out(*data) > 0) return CLFIT_OK;
  clfit_status status = clfit_data_split(*data, held, network->sample_seed, &split, error);
  if (status) return status;
  clfit_data_free(*data);
  *data = split;
  return CLFIT_OK;
}

clfit_status clfit_source_open(const clfit_source *source, clfit_network *network, clfit_data **data,
                               clfit_error *error)
{
  clfit_data *made = NULL;
  clfit_network changed = *network;
  clfit_status status;
  *data = NULL;
  if (!source->target && !source->path)
    return clfit_fail(error, CLFIT_ERROR_ARGUMENT, "nobody knows where its samples came from");
  if (source->target)
    status = draw(source, &changed, &made, error);
  else
    status = (source->rows ? restore_rows : read_rows)(source, &changed, &made, error);
  if (!status) status = check_digest(source, made, error);
  if (!status) status = hold_out(&changed, &made, error);
  if (status) {
    clfit_data_free(made);
    return status;
  }
  *network = changed;
  *data = made;
  return CLFIT_OK;
}

clfit_status clfit_source_test(const clfit_source *source, double x[CLFIT_TEST_POINTS], double y[CLFIT_TEST_POINTS],
                               clfit_error *error)
{
  clfit_target *target = NULL;
  assert(source->target);
  clfit_status status = clfit_target_parse(source->target, &target, error);
  clfit_grid(source->low, source->high, CLFIT_TEST_POINTS, x);
  if (!status) status = clfit_target_evaluate(target, CLFIT_TEST_POINTS, x, y, error);
  clfit_target_free(target);
  return status;
}

clfit_status clfit_source_formula_digest(const clfit_source *source, char digest[CLFIT_DIGEST_SIZE], clfit_error *error)
{
  clfit_target *target = NULL;
  clfit_data *data = NULL;
  const size_t n = 16384;
  assert(source->target);
  *digest = '\0';
  clfit_status status = clfit_target_parse(source->target, &target, error);
  if (status) return status;
  status = clfit_data_sample(target, source->low, source->high, n, 0, &data, error);
  if (!status) clfit_data_digest(data, n, digest);
  clfit_target_free(target);
  clfit_data_free(data);
  return status == CLFIT_ERROR_ARGUMENT ? CLFIT_OK : status;
}
