#include "model/json.h"

#include "base/error.h"
#include "model/description.h"
#include "model/format.h"
#include "model/tensor.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* An object being written. Numbers are printed here, in their shortest form: Jansson prints float64 with 17 digits. */
struct writer {
  FILE *stream;
  const char *separator; /* before the next key */
  bool failed;           /* there was no memory */
};

static bool is_ascii(const char *text)
{
  while (*text && (unsigned char)*text < 0x80) text++;
  return !*text;
}

/* Jansson does not say why it made no string. ASCII text is valid UTF-8, so only memory can have been the reason. */
json_t *clfit_json_string(const char *text, bool *failed)
{
  json_t *string = text ? json_string(text) : NULL;
  if (text && !string && is_ascii(text)) *failed = true;
  return string;
}

static void write_key(struct writer *writer, const char *key)
{
  fprintf(writer->stream, "%s  \"%s\": ", writer->separator, key);
  writer->separator = ",\n";
}

static void write_text(void *to, const char *key, const char *text)
{
  struct writer *writer = to;
  json_t *string = clfit_json_string(text, &writer->failed);
  char *quoted = string ? json_dumps(string, JSON_ENCODE_ANY | JSON_ENSURE_ASCII) : NULL;
  if (string && !quoted) writer->failed = true;
  write_key(writer, key);
  fputs(quoted ? quoted : "null", writer->stream);
  free(quoted);
  json_decref(string);
}

/* Readers take "-0" for an integer and lose the sign of zero. */
static void put_number(FILE *stream, const char *text, bool finite)
{
  fputs(!finite ? "null" : strcmp(text, "-0") == 0 ? "-0.0" : text, stream);
}

static void write_number(void *to, const char *key, double value)
{
  struct writer *writer = to;
  char text[CLFIT_NUMBER_SIZE];
  clfit_number_print(text, value);
  write_key(writer, key);
  put_number(writer->stream, text, isfinite(value));
}

/* As a list, or, if the tensor has one value for every network (b2), as a number. */
static void write_tensor(struct writer *writer, const struct tensor *tensor, bool list)
{
  write_key(writer, tensor->name);
  if (list) putc('[', writer->stream);
  for (size_t i = 0; i < clfit_tensor_size(tensor); i++) {
    char text[CLFIT_NUMBER_SIZE];
    const double value = tensor->values ? (double)tensor->values[i] : tensor->precise[i];
    if (tensor->values)
      clfit_number_print_float(text, tensor->values[i]);
    else
      clfit_number_print(text, value);
    if (i) fputs(", ", writer->stream);
    put_number(writer->stream, text, isfinite(value));
  }
  if (list) putc(']', writer->stream);
}

static void write_tensors(struct writer *writer, const clfit_state *state)
{
  for (uint32_t i = 0; i < clfit_tensor_count(state); i++) {
    struct tensor tensor = clfit_tensor_get(state, i);
    write_tensor(writer, &tensor, i % PLANE_COUNT != PLANE_B2);
  }
}

static void write_object(struct writer *writer, const clfit_model *model, bool tensors)
{
  const clfit_state *state = &model->state;
  char digest[CLFIT_DIGEST_SIZE];
  clfit_state_digest(state, digest);
  struct description description = {.complete = true, .to = writer, .text = write_text, .number = write_number};
  fputs("{", writer->stream);
  clfit_model_describe(model, &description);
  write_number(writer, "train_loss",
               clfit_progress_train_loss(&state->progress, clfit_network_trained(&state->network)));
  write_text(writer, "digest", digest);
  if (tensors) write_tensors(writer, state);
  fputs("\n}\n", writer->stream);
}

char *clfit_json_print(const clfit_model *model, bool tensors, size_t *length)
{
  char *text = NULL;
  struct writer writer = {.stream = open_memstream(&text, length), .separator = "\n"};
  if (!writer.stream) return NULL;
  write_object(&writer, model, tensors);
  bool bad = ferror(writer.stream);
  if (fclose(writer.stream) == 0 && !bad && !writer.failed) return text;
  free(text);
  return NULL;
}

clfit_status clfit_write_json(const clfit_model *model, const clfit_export_options *options, FILE *stream,
                              clfit_error *error)
{
  (void)options;
  size_t length;
  char *text = clfit_json_print(model, true, &length);
  if (!text) return clfit_fail_memory(error);
  fwrite(text, 1, length, stream);
  free(text);
  return CLFIT_OK;
}
