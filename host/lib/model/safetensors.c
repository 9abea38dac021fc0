#include "model/safetensors.h"

#include "base/error.h"
#include "base/little_endian.h"
#include "config/record.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* A tensor and where its values stand in a file's data, in bytes. */
struct layout {
  struct tensor tensor;
  int width; /* bytes of a value */
  json_int_t begin, end;
};

enum { LAYOUTS_MAX = PLANE_COUNT * TENSOR_SETS_MAX + 1 };

static size_t value_count(const struct tensors *tensors)
{
  return clfit_sets_size(tensors->sets, tensors->hidden);
}

/* Of float64. */
static size_t precise_count(const struct tensors *tensors)
{
  return clfit_sets_size(tensors->precise_sets, tensors->hidden) + tensors->scalars;
}

/* Bytes of all values. */
static size_t data_size(const struct tensors *tensors)
{
  return 8 * precise_count(tensors) + 4 * value_count(tensors);
}

static uint32_t tensor_count(const struct tensors *tensors)
{
  return PLANE_COUNT * (tensors->precise_sets + tensors->sets) + (tensors->scalars > 0);
}

/* As we write them: the float64 sets, the scalars, the float32 sets, each in the order of config/record.h. *values
 * receives the index of the tensor's first value among those of its type. */
static struct layout layout_of(const struct tensors *tensors, uint32_t index, size_t *values)
{
  const uint32_t precise = PLANE_COUNT * tensors->precise_sets, singles = precise + (tensors->scalars > 0);
  const bool scalars = index == precise && tensors->scalars > 0, is_single = index >= singles;
  const uint32_t of_type = is_single ? index - singles : index, set = of_type / PLANE_COUNT;
  const int plane = scalars ? PLANE_W1 : (int)(of_type % PLANE_COUNT);
  struct layout layout = {.width = is_single ? 4 : 8};
  if (scalars)
    layout.tensor = (struct tensor){.name = TENSOR_SCALARS, .rows = 1, .columns = tensors->scalars};
  else
    layout.tensor =
        clfit_tensor_of(is_single ? tensors->set_names[set] : tensors->precise_names[set], plane, tensors->hidden);
  *values = clfit_sets_size(set, tensors->hidden) + clfit_plane_begin(plane, tensors->hidden);
  const size_t begin = (is_single ? 8 * precise_count(tensors) : 0) + (size_t)layout.width * *values;
  const size_t size = (size_t)layout.width * clfit_tensor_size(&layout.tensor);
  layout.begin = (json_int_t)begin;
  layout.end = layout.begin + (json_int_t)size;
  return layout;
}

static const char *type_of(const struct layout *layout)
{
  return layout->width == 8 ? "F64" : "F32";
}

/* ---- writing ------------------------------------------------------------------------------------------------- */

/* NULL: no memory. Not by json_dumps: where the text cannot grow, Jansson 2.14 leaves out a key and goes on. */
static char *print_json(const json_t *value)
{
  size_t length = json_dumpb(value, NULL, 0, JSON_COMPACT);
  char *text = length > 0 ? malloc(length + 1) : NULL;
  if (!text) return NULL;
  bool whole = json_dumpb(value, text, length, JSON_COMPACT) == length;
  text[length] = '\0';
  if (whole) return text;
  free(text);
  return NULL;
}

/* The header as text, or NULL when there is no memory. */
static char *print_header(const struct tensors *tensors)
{
  json_t *header = json_object();
  int failed = json_object_set(header, "__metadata__", tensors->metadata);
  for (uint32_t i = 0; i < tensor_count(tensors); i++) {
    size_t values;
    struct layout layout = layout_of(tensors, i, &values);
    json_t *tensor =
        json_pack("{s:s, s:[I,I], s:[I,I]}", "dtype", type_of(&layout), "shape", (json_int_t)layout.tensor.rows,
                  (json_int_t)layout.tensor.columns, "data_offsets", layout.begin, layout.end);
    failed |= json_object_set_new(header, layout.tensor.name, tensor);
  }
  char *text = failed ? NULL : print_json(header);
  json_decref(header);
  return text;
}

/* Write errors are not checked here: closing the stream reports them. */
static void write_all(FILE *stream, const char *header, const struct tensors *tensors)
{
  unsigned char bytes[8];
  size_t length = strlen(header);
  size_t padding = (8 - length % 8) % 8; /* so that the data is aligned */
  clfit_store_little_endian(bytes, length + padding, 8);
  fwrite(bytes, 1, 8, stream);
  fprintf(stream, "%s%*s", header, (int)padding, "");
  for (size_t i = 0; i < precise_count(tensors); i++) {
    clfit_store_double(bytes, tensors->precise[i]);
    fwrite(bytes, 1, 8, stream);
  }
  for (size_t i = 0; i < value_count(tensors); i++) {
    clfit_store_float(bytes, tensors->values[i]);
    fwrite(bytes, 1, 4, stream);
  }
}

clfit_status clfit_tensors_write(const struct tensors *tensors, FILE *stream, clfit_error *error)
{
  clfit_status status = CLFIT_OK;
  char *header = print_header(tensors);
  if (!header) return clfit_fail_memory(error);
  if (strlen(header) > CLFIT_HEADER_MAX - 8)
    status = clfit_fail(error, CLFIT_ERROR_ARGUMENT,
                        "cannot write the model: its formula, paths and column names are too long");
  else
    write_all(stream, header, tensors);
  free(header);
  return status;
}

/* ---- reading ------------------------------------------------------------------------------------------------- */

/* A file being read. */
struct source {
  FILE *stream;
  const char *path;
  clfit_error *error;
};

/* Reads length bytes. CLFIT_ERROR_FORMAT: the file ends before. */
static clfit_status read_bytes(const struct source *source, void *bytes, size_t length, const char *what)
{
  errno = 0;
  size_t got = fread(bytes, 1, length, source->stream);
  if (got == length) return CLFIT_OK;
  if (ferror(source->stream)) return clfit_fail_file(source->error, "read", source->path, errno);
  return clfit_fail(source->error, CLFIT_ERROR_FORMAT, "%s: the file ends within its %s, after %zu of %zu bytes",
                    source->path, what, got, length);
}

static clfit_status read_length(const struct source *source, size_t *length)
{
  unsigned char bytes[8];
  clfit_status status = read_bytes(source, bytes, sizeof bytes, "header's length");
  if (status) return status;
  uint64_t value = clfit_load_little_endian(bytes, 8);
  if (value < 2 || value > CLFIT_HEADER_MAX)
    return clfit_fail(source->error, CLFIT_ERROR_FORMAT,
                      "%s: not a model file (a safetensors header of %llu bytes; 2 to %u are read)", source->path,
                      (unsigned long long)value, CLFIT_HEADER_MAX);
  *length = (size_t)value;
  return CLFIT_OK;
}

static clfit_status read_header(const struct source *source, json_t **header)
{
  size_t length = 0;
  clfit_status status = read_length(source, &length);
  if (status) return status;
  char *text = malloc(length);
  if (!text) return clfit_fail_memory(source->error);
  status = read_bytes(source, text, length, "header");
  if (status) goto out;

  json_error_t mistake;
  json_t *parsed = json_loadb(text, length, JSON_REJECT_DUPLICATES, &mistake);
  if (!parsed && !*mistake.text) { /* jansson reports most failures of memory allocation with an empty text */
    status = clfit_fail_memory(source->error);
  } else if (!parsed || !json_is_object(parsed)) {
    status = clfit_fail(source->error, CLFIT_ERROR_FORMAT, "%s: not a model file (its header is no JSON object: %s)",
                        source->path, parsed ? "an array" : mistake.text);
    json_decref(parsed);
  } else {
    *header = parsed;
  }
out:
  free(text);
  return status;
}

static clfit_status refuse_tensor(const struct source *source, const char *name, const char *what)
{
  return clfit_fail(source->error, CLFIT_ERROR_FORMAT, "%s: tensor %s %s", source->path, name, what);
}

/* Number i of an array, or -1 if it is none or negative. */
static json_int_t number_at(const json_t *array, size_t i)
{
  const json_t *number = json_array_get(array, i);
  return json_is_integer(number) && json_integer_value(number) >= 0 ? json_integer_value(number) : -1;
}

/* Accepts the shape of a matrix, or that of a vector with the same number of values, which other programs may write. */
static bool has_shape(const json_t *shape, const struct layout *layout)
{
  if (json_array_size(shape) == 1) return number_at(shape, 0) == (json_int_t)clfit_tensor_size(&layout->tensor);
  return json_array_size(shape) == 2 && number_at(shape, 0) == layout->tensor.rows &&
         number_at(shape, 1) == layout->tensor.columns;
}

/* The number of neurons by the shape of W1. */
static clfit_status find_hidden(const struct source *source, const json_t *header, uint32_t *hidden)
{
  const char *name = clfit_plane_names[PLANE_W1];
  const json_t *tensor = json_object_get(header, name);
  if (!tensor) return refuse_tensor(source, name, "is missing");
  json_int_t rows = number_at(json_object_get(tensor, "shape"), 0);
  if (rows < 1 || rows > CLFIT_HIDDEN_MAX)
    return clfit_fail(source->error, CLFIT_ERROR_FORMAT, "%s: tensor %s does not have 1 to %d rows", source->path, name,
                      CLFIT_HIDDEN_MAX);
  *hidden = (uint32_t)rows;
  return CLFIT_OK;
}

static bool is_double(const json_t *entry)
{
  const char *type = json_string_value(json_object_get(entry, "dtype"));
  return type && strcmp(type, "F64") == 0;
}

static bool add_set(struct tensors *tensors, const char *name, size_t length, bool precise)
{
  if (length == 0 || length >= SET_NAME_SIZE || tensors->sets + tensors->precise_sets == TENSOR_SETS_MAX) return false;
  char *place = precise ? tensors->precise_names[tensors->precise_sets++] : tensors->set_names[tensors->sets++];
  snprintf(place, SET_NAME_SIZE, "%.*s", (int)length, name);
  return true;
}

/* The sets that there are beside the parameters, by their tensors W1. */
static clfit_status find_sets(const struct source *source, json_t *header, struct tensors *tensors)
{
  const char *name;
  json_t *entry;
  tensors->sets = 1;
  json_object_foreach(header, name, entry)
  {
    const char *dot = strchr(name, '.');
    if (!dot || strcmp(dot + 1, clfit_plane_names[PLANE_W1]) != 0) continue;
    if (!add_set(tensors, name, (size_t)(dot - name), is_double(entry)))
      return clfit_fail(source->error, CLFIT_ERROR_FORMAT, "%s: unknown tensor %.60s", source->path, name);
  }
  return CLFIT_OK;
}

/* The number of scalars by the shape of their tensor, [N] or [1,N]. */
static clfit_status find_scalars(const struct source *source, const json_t *header, struct tensors *tensors)
{
  const json_t *entry = json_object_get(header, TENSOR_SCALARS);
  if (!entry) return CLFIT_OK;
  const json_t *shape = json_object_get(entry, "shape");
  const size_t dimensions = json_array_size(shape);
  const json_int_t count = dimensions > 0 ? number_at(shape, dimensions - 1) : 0;
  if (count < 1 || count > TENSOR_SCALARS_MAX)
    return clfit_fail(source->error, CLFIT_ERROR_FORMAT, "%s: tensor " TENSOR_SCALARS " does not have 1 to %d values",
                      source->path, TENSOR_SCALARS_MAX);
  tensors->scalars = (uint32_t)count;
  return CLFIT_OK;
}

/* Checks one tensor's entry, of which the name and the shape are known, and finds where its values stand. */
static clfit_status check_tensor(const struct source *source, const json_t *header, const struct tensors *tensors,
                                 struct layout *layout)
{
  const json_t *entry = json_object_get(header, layout->tensor.name);
  if (!entry) return refuse_tensor(source, layout->tensor.name, "is missing");
  const char *type = json_string_value(json_object_get(entry, "dtype"));
  if (!type || strcmp(type, type_of(layout)) != 0)
    return refuse_tensor(source, layout->tensor.name, layout->width == 4 ? "is not of type F32" : "is not of type F64");
  if (!has_shape(json_object_get(entry, "shape"), layout))
    return clfit_fail(source->error, CLFIT_ERROR_FORMAT,
                      "%s: tensor %s does not have the shape [%d,%d] that goes with W1's %u rows", source->path,
                      layout->tensor.name, (int)layout->tensor.rows, (int)layout->tensor.columns,
                      (unsigned)tensors->hidden);

  const json_t *offsets = json_object_get(entry, "data_offsets");
  layout->begin = number_at(offsets, 0);
  layout->end = number_at(offsets, 1);
  if (json_array_size(offsets) != 2 || layout->begin < 0 || layout->end > (json_int_t)data_size(tensors))
    return refuse_tensor(source, layout->tensor.name, "has data_offsets outside the data");
  if (layout->end - layout->begin != layout->width * (json_int_t)clfit_tensor_size(&layout->tensor))
    return refuse_tensor(source, layout->tensor.name, "has data_offsets that do not fit its shape");
  return CLFIT_OK;
}

/* The lengths of the tensors add up to the length of the data, so if none overlap there are no gaps either. */
static clfit_status check_overlaps(const struct source *source, uint32_t count, const struct layout *layouts)
{
  for (uint32_t i = 0; i < count; i++)
    for (uint32_t j = 0; j < i; j++)
      if (layouts[i].begin < layouts[j].end && layouts[j].begin < layouts[i].end)
        return refuse_tensor(source, layouts[i].tensor.name, "has data_offsets that overlap another's");
  return CLFIT_OK;
}

static clfit_status check_names(const struct source *source, json_t *header, uint32_t count,
                                const struct layout *layouts)
{
  const char *name;
  json_t *value;
  json_object_foreach(header, name, value)
  {
    bool known = strcmp(name, "__metadata__") == 0;
    for (uint32_t i = 0; i < count; i++) known = known || strcmp(name, layouts[i].tensor.name) == 0;
    if (!known)
      return clfit_fail(source->error, CLFIT_ERROR_FORMAT, "%s: unknown tensor %.60s (W1, B1, W2, B2 make a model)",
                        source->path, name);
  }
  json_object_foreach(json_object_get(header, "__metadata__"), name,
                      value) if (!json_is_string(value)) return clfit_fail(source->error, CLFIT_ERROR_FORMAT,
                                                                           "%s: metadata %.60s is not a string",
                                                                           source->path, name);
  return CLFIT_OK;
}

/* Fills hidden, the numbers and names of sets, and layouts [LAYOUTS_MAX]. */
static clfit_status check_header(const struct source *source, json_t *header, struct tensors *tensors,
                                 struct layout *layouts)
{
  size_t values;
  clfit_status status = find_sets(source, header, tensors);
  if (!status) status = find_scalars(source, header, tensors);
  const uint32_t count = tensor_count(tensors);
  for (uint32_t i = 0; i < count && !status; i++)
    layouts[i] = layout_of(tensors, i, &values); /* the names; hidden is not known yet */
  if (!status) status = check_names(source, header, count, layouts);
  if (!status) status = find_hidden(source, header, &tensors->hidden);
  for (uint32_t i = 0; i < count && !status; i++) {
    layouts[i] = layout_of(tensors, i, &values);
    status = check_tensor(source, header, tensors, &layouts[i]);
  }
  return status ? status : check_overlaps(source, count, layouts);
}

/* Puts the values of all tensors into the order of clfit_state. */
static void arrange_values(const struct tensors *tensors, const struct layout *layouts, const unsigned char *bytes)
{
  for (uint32_t i = 0; i < tensor_count(tensors); i++) {
    size_t k;
    const int width = layout_of(tensors, i, &k).width;
    for (json_int_t offset = layouts[i].begin; offset < layouts[i].end; offset += width, k++) {
      if (width == 8) {
        tensors->precise[k] = clfit_load_double(bytes + offset);
        continue;
      }
      uint32_t pattern = (uint32_t)clfit_load_little_endian(bytes + offset, 4);
      memcpy(&tensors->values[k], &pattern, sizeof pattern);
    }
  }
}

/* Reads all values, which must end with the file. */
static clfit_status read_values(const struct source *source, struct tensors *tensors, const struct layout *layouts)
{
  const size_t size = data_size(tensors), precise = precise_count(tensors);
  unsigned char *bytes = malloc(size);
  tensors->values = malloc(value_count(tensors) * sizeof *tensors->values);
  tensors->precise = precise ? malloc(precise * sizeof *tensors->precise) : NULL;
  bool made = bytes && tensors->values && (!precise || tensors->precise);
  clfit_status status = made ? CLFIT_OK : clfit_fail_memory(source->error);
  if (!status) status = read_bytes(source, bytes, size, "data");
  if (!status && fgetc(source->stream) != EOF)
    status = clfit_fail(source->error, CLFIT_ERROR_FORMAT, "%s: the file goes on after its data", source->path);
  if (!status) arrange_values(tensors, layouts, bytes);
  free(bytes);
  return status; /* after a failure the caller frees the arrays */
}

static clfit_status copy_metadata(const struct source *source, json_t *header, json_t **metadata)
{
  json_t *found = json_object_get(header, "__metadata__");
  if (found && !json_is_object(found))
    return clfit_fail(source->error, CLFIT_ERROR_FORMAT, "%s: __metadata__ is not an object", source->path);
  *metadata = found ? json_incref(found) : json_object();
  return *metadata ? CLFIT_OK : clfit_fail_memory(source->error);
}

clfit_status clfit_tensors_read(struct tensors *tensors, const char *path, clfit_error *error)
{
  struct source source = {fopen(path, "rb"), path, error};
  struct layout layouts[LAYOUTS_MAX];
  json_t *header = NULL;
  *tensors = (struct tensors){0};
  if (!source.stream) return clfit_fail_file(error, "read", path, errno);
  clfit_status status = read_header(&source, &header);
  if (!status) status = copy_metadata(&source, header, &tensors->metadata);
  if (!status) status = check_header(&source, header, tensors, layouts);
  if (!status) status = read_values(&source, tensors, layouts);
  json_decref(header);
  fclose(source.stream);
  if (status) clfit_tensors_clear(tensors);
  return status;
}

void clfit_tensors_clear(struct tensors *tensors)
{
  free(tensors->values);
  free(tensors->precise);
  json_decref(tensors->metadata);
  *tensors = (struct tensors){0};
}
