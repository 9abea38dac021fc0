/* What model files use of jansson's header of this name, for processors for which no jansson is installed: objects,
 * arrays, strings and whole numbers. Nothing is freed. */
#ifndef CLFIT_TESTS_JANSSON_H
#define CLFIT_TESTS_JANSSON_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef long long json_int_t;

enum { JSON_OBJECT, JSON_ARRAY, JSON_STRING, JSON_INTEGER };

typedef struct json_t {
  int type;
  char *text; /* of a string */
  json_int_t number;
  size_t count;
  char **keys; /* [count], of an object */
  struct json_t **items;
} json_t;

typedef struct {
  char text[160];
} json_error_t;

#define JSON_COMPACT           0x20
#define JSON_REJECT_DUPLICATES 0x1
#define JSON_INTEGER_FORMAT    "lld"

#define json_is_object(json)  ((json) && (json)->type == JSON_OBJECT)
#define json_is_array(json)   ((json) && (json)->type == JSON_ARRAY)
#define json_is_string(json)  ((json) && (json)->type == JSON_STRING)
#define json_is_integer(json) ((json) && (json)->type == JSON_INTEGER)

static inline json_t *json_make(int type)
{
  json_t *json = calloc(1, sizeof *json);
  if (!json) abort();
  json->type = type;
  return json;
}

static inline void json_decref(json_t *json)
{
  (void)json;
}

static inline json_t *json_incref(json_t *json)
{
  return json;
}

static inline json_t *json_object(void)
{
  return json_make(JSON_OBJECT);
}

static inline json_t *json_string(const char *text)
{
  json_t *json = json_make(JSON_STRING);
  json->text = strdup(text);
  return json;
}

static inline json_t *json_integer(json_int_t number)
{
  json_t *json = json_make(JSON_INTEGER);
  json->number = number;
  return json;
}

static inline void json_append(json_t *json, const char *key, json_t *item)
{
  json->items = realloc(json->items, (json->count + 1) * sizeof *json->items);
  json->keys = realloc(json->keys, (json->count + 1) * sizeof *json->keys);
  if (!json->items || !json->keys) abort();
  json->keys[json->count] = key ? strdup(key) : NULL;
  json->items[json->count++] = item;
}

static inline int json_object_set_new(json_t *object, const char *key, json_t *value)
{
  if (!object || !value) return -1;
  json_append(object, key, value);
  return 0;
}

static inline int json_object_set(json_t *object, const char *key, json_t *value)
{
  return json_object_set_new(object, key, value);
}

static inline json_t *json_object_get(const json_t *object, const char *key)
{
  for (size_t i = 0; json_is_object(object) && i < object->count; i++)
    if (strcmp(object->keys[i], key) == 0) return object->items[i];
  return NULL;
}

static inline size_t json_object_size(const json_t *object)
{
  return json_is_object(object) ? object->count : 0;
}

static inline bool json_at(json_t *object, size_t i, const char **key, json_t **value)
{
  if (i >= json_object_size(object)) return false;
  *key = object->keys[i];
  *value = object->items[i];
  return true;
}

#define json_object_foreach(object, key, value)                                                                        \
  for (size_t json_i = 0; json_at(object, json_i, &(key), &(value)); json_i++)

static inline size_t json_array_size(const json_t *array)
{
  return json_is_array(array) ? array->count : 0;
}

static inline json_t *json_array_get(const json_t *array, size_t i)
{
  return i < json_array_size(array) ? array->items[i] : NULL;
}

static inline const char *json_string_value(const json_t *json)
{
  return json_is_string(json) ? json->text : NULL;
}

static inline json_int_t json_integer_value(const json_t *json)
{
  return json_is_integer(json) ? json->number : 0;
}

/* Of the one format that is used: dtype, shape and data_offsets of a tensor. */
static inline json_t *json_pack(const char *format, ...)
{
  va_list values;
  if (strcmp(format, "{s:s, s:[I,I], s:[I,I]}") != 0) abort();
  json_t *object = json_object();
  va_start(values, format);
  const char *key = va_arg(values, const char *);
  json_append(object, key, json_string(va_arg(values, const char *)));
  for (int i = 0; i < 2; i++) {
    json_t *array = json_make(JSON_ARRAY);
    key = va_arg(values, const char *);
    json_append(array, NULL, json_integer(va_arg(values, json_int_t)));
    json_append(array, NULL, json_integer(va_arg(values, json_int_t)));
    json_append(object, key, array);
  }
  va_end(values);
  return object;
}

static inline void json_print_text(FILE *stream, const char *text)
{
  fputc('"', stream);
  for (; *text; text++) {
    if (*text == '"' || *text == '\\') fputc('\\', stream);
    fputc(*text, stream);
  }
  fputc('"', stream);
}

static inline void json_print(FILE *stream, const json_t *json)
{
  if (json->type == JSON_STRING) json_print_text(stream, json->text);
  if (json->type == JSON_INTEGER) fprintf(stream, "%lld", json->number);
  if (json->type == JSON_STRING || json->type == JSON_INTEGER) return;
  fputc(json->type == JSON_OBJECT ? '{' : '[', stream);
  for (size_t i = 0; i < json->count; i++) {
    if (i > 0) fputc(',', stream);
    if (json->type == JSON_OBJECT) json_print_text(stream, json->keys[i]);
    if (json->type == JSON_OBJECT) fputc(':', stream);
    json_print(stream, json->items[i]);
  }
  fputc(json->type == JSON_OBJECT ? '}' : ']', stream);
}

static inline char *json_dumps(const json_t *json, size_t flags)
{
  char *text = NULL;
  size_t size;
  FILE *stream = open_memstream(&text, &size);
  (void)flags;
  if (!stream) return NULL;
  json_print(stream, json);
  fclose(stream);
  return text;
}

/* Writes at most size bytes of the text, without an end; returns its length. */
static inline size_t json_dumpb(const json_t *json, char *buffer, size_t size, size_t flags)
{
  char *text = json_dumps(json, flags);
  const size_t length = text ? strlen(text) : 0;
  if (length > 0 && length <= size) memcpy(buffer, text, length);
  free(text);
  return length;
}

static inline char json_next(const char **at, const char *end)
{
  while (*at < end && strchr(" \t\r\n", **at)) ++*at;
  return (char)(*at < end ? **at : '\0');
}

/* A string without escapes but those of quote and backslash. */
static inline json_t *json_parse_string(const char **at, const char *end)
{
  json_t *json = json_make(JSON_STRING);
  size_t length = 0;
  json->text = calloc(1, (size_t)(end - *at) + 1);
  if (!json->text) abort();
  for (++*at; *at < end && **at != '"'; ++*at) {
    if (**at == '\\') ++*at;
    json->text[length++] = **at;
  }
  ++*at;
  return json;
}

static inline json_t *json_parse(const char **at, const char *end)
{
  const char first = json_next(at, end), last = (char)(first == '{' ? '}' : ']');
  if (first == '"') return json_parse_string(at, end);
  if (first != '{' && first != '[') return json_integer(strtoll(*at, (char **)(void *)at, 10));
  json_t *json = json_make(first == '{' ? JSON_OBJECT : JSON_ARRAY);
  ++*at;
  while (json_next(at, end) != last && *at < end) {
    json_t *key = first == '{' ? json_parse_string(at, end) : NULL;
    if (key && json_next(at, end) == ':') ++*at;
    json_append(json, key ? key->text : NULL, json_parse(at, end));
    if (json_next(at, end) == ',') ++*at;
  }
  ++*at;
  return json;
}

static inline json_t *json_loadb(const char *bytes, size_t size, size_t flags, json_error_t *error)
{
  const char *at = bytes;
  (void)flags;
  *error->text = '\0';
  return json_parse(&at, bytes + size);
}

#endif
