#include "model/onnx/metadata.h"

#include "model/description.h"
#include "model/json.h"

#include <stdlib.h>
#include <string.h>

static bool grow(struct properties *properties)
{
  Clfit__Onnx__StringStringEntryProto **entries =
      realloc(properties->entries, (properties->count + 1) * sizeof(void *));
  Clfit__Onnx__StringStringEntryProto *entry = malloc(sizeof *entry);
  if (entries) properties->entries = entries;
  if (!entries || !entry) {
    free(entry);
    return false;
  }
  clfit__onnx__string_string_entry_proto__init(entry);
  entries[properties->count++] = entry;
  return true;
}

/* A key and its value in one piece of memory. */
static void add(struct properties *properties, const char *key, const char *value)
{
  const size_t length = strlen(key) + 1;
  char *texts = malloc(length + strlen(value) + 1);
  if (!texts || !grow(properties)) {
    free(texts);
    properties->failed = true;
    return;
  }
  Clfit__Onnx__StringStringEntryProto *entry = properties->entries[properties->count - 1];
  entry->key = strcpy(texts, key);
  entry->value = strcpy(texts + length, value);
}

/* Leaves out what is unknown, and what is not UTF-8, as a string of protobuf must be and a path need not. */
static void put_text(void *to, const char *key, const char *text)
{
  struct properties *properties = to;
  json_t *string = clfit_json_string(text, &properties->failed);
  if (string && !properties->failed) add(properties, key, text);
  json_decref(string);
}

static void put_number(void *to, const char *key, double value)
{
  char text[CLFIT_NUMBER_SIZE];
  clfit_number_print(text, value);
  put_text(to, key, text);
}

void clfit_properties_collect(struct properties *properties, const clfit_model *model)
{
  struct description description = {.complete = true, .to = properties, .text = put_text, .number = put_number};
  char digest[CLFIT_DIGEST_SIZE];
  clfit_model_describe(model, &description);
  clfit_state_digest(&model->state, digest);
  put_text(properties, "digest", digest);
}

void clfit_properties_clear(struct properties *properties)
{
  for (size_t i = 0; i < properties->count; i++) {
    free(properties->entries[i]->key);
    free(properties->entries[i]);
  }
  free(properties->entries);
}
