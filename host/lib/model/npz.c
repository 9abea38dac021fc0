/*
 * NumPy's archive: a ZIP archive with a file NAME.npy for each array.
 *
 *     6 bytes      "\x93NUMPY"
 *     2 bytes      the version, 1 and 0
 *     2 bytes      length of the header, little-endian
 *     header       a Python dictionary: type, order, shape; spaces and a line feed after it, so that the values begin
 *                  at a multiple of 64
 *     values       little-endian, row by row
 */
#include "base/error.h"
#include "base/little_endian.h"
#include "model/format.h"
#include "model/json.h"
#include "model/safetensors.h"
#include "model/tensor.h"
#include "model/zip.h"

#include <stdlib.h>
#include <string.h>

#define MAGIC      "\x93NUMPY\x01\x00"
#define MAGIC_SIZE 8
#define HEADER_MAX 256 /* the headers written here have less than 100 characters */

_Static_assert(PLANE_COUNT *TENSOR_SETS_MAX + 2 <= ZIP_MEMBERS_MAX, "room for all tensors and the metadata");
_Static_assert(TENSOR_NAME_SIZE + 4 <= ZIP_NAME_SIZE, "room for .npy");

/* Everything before the values of an array; returns its length. */
static size_t make_header(unsigned char bytes[HEADER_MAX], const char *type, const char *shape)
{
  char text[HEADER_MAX];
  const size_t begin = MAGIC_SIZE + 2;
  size_t length =
      (size_t)snprintf(text, sizeof text, "{'descr': '%s', 'fortran_order': False, 'shape': (%s), }", type, shape);
  size_t total = (begin + length + 1 + 63) / 64 * 64;
  memcpy(bytes, MAGIC, MAGIC_SIZE); /* NOLINT(bugprone-not-null-terminated-result): bytes, not a text */
  clfit_store_little_endian(bytes + MAGIC_SIZE, total - begin, 2);
  memset(bytes + begin, ' ', total - begin);
  memcpy(bytes + begin, text, length);
  bytes[total - 1] = '\n';
  return total;
}

/* An array of `count` values of `width` bytes, which the caller stores from *values on. Free it. */
static unsigned char *make_array(const char *type, const char *shape, size_t width, size_t count,
                                 unsigned char **values, size_t *size)
{
  unsigned char header[HEADER_MAX];
  size_t length = make_header(header, type, shape);
  unsigned char *bytes = malloc(length + width * count);
  if (!bytes) return NULL;
  memcpy(bytes, header, length);
  *values = bytes + length;
  *size = length + width * count;
  return bytes;
}

static bool add_tensor(struct zip *zip, const struct tensor *tensor)
{
  char shape[32], name[ZIP_NAME_SIZE];
  unsigned char *values;
  size_t size;
  snprintf(shape, sizeof shape, "%u, %u", (unsigned)tensor->rows, (unsigned)tensor->columns);
  snprintf(name, sizeof name, "%s.npy", tensor->name);
  const size_t count = clfit_tensor_size(tensor);
  unsigned char *bytes =
      make_array(tensor->values ? "<f4" : "<f8", shape, tensor->values ? 4 : 8, count, &values, &size);
  if (!bytes) return false;
  for (size_t i = 0; i < count && tensor->values; i++) clfit_store_float(values + 4 * i, tensor->values[i]);
  for (size_t i = 0; i < count && tensor->precise; i++) clfit_store_double(values + 8 * i, tensor->precise[i]);
  clfit_zip_add(zip, name, bytes, size);
  free(bytes);
  return true;
}

/* A string of NumPy has 4 bytes a character; the text is ASCII. */
static bool add_text(struct zip *zip, const char *name, const char *text, size_t length)
{
  char type[32];
  unsigned char *values;
  size_t size;
  snprintf(type, sizeof type, "<U%zu", length);
  unsigned char *bytes = make_array(type, "", 4, length, &values, &size);
  if (!bytes) return false;
  for (size_t i = 0; i < length; i++) clfit_store_little_endian(values + 4 * i, (unsigned char)text[i], 4);
  clfit_zip_add(zip, name, bytes, size);
  free(bytes);
  return true;
}

static bool add_all(struct zip *zip, const clfit_model *model, const char *metadata, size_t length)
{
  bool good = true;
  for (uint32_t i = 0; good && i < clfit_tensor_count(&model->state); i++) {
    struct tensor tensor = clfit_tensor_get(&model->state, i);
    good = add_tensor(zip, &tensor);
  }
  return good && add_text(zip, "metadata.npy", metadata, length);
}

clfit_status clfit_write_npz(const clfit_model *model, const clfit_export_options *options, FILE *stream,
                             clfit_error *error)
{
  (void)options;
  size_t length;
  struct zip zip = {.stream = stream};
  char *metadata = clfit_json_print(model, false, &length);
  bool good = metadata && add_all(&zip, model, metadata, length);
  if (good) clfit_zip_finish(&zip);
  free(metadata);
  return good ? CLFIT_OK : clfit_fail_memory(error);
}
