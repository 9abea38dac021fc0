#include "cli/io/json.h"

#include "study/base/numbers.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>

static void begin(struct json_writer *writer, const char *key)
{
  if (writer->comma) fputs(", ", writer->stream);
  if (key) fprintf(writer->stream, "\"%s\": ", key);
  writer->comma = true;
}

static void begin_nested(struct json_writer *writer, const char *key, char bracket)
{
  begin(writer, key);
  putc(bracket, writer->stream);
  writer->comma = false;
}

static void end_nested(struct json_writer *writer, char bracket)
{
  putc(bracket, writer->stream);
  writer->comma = true;
}

void json_open_object(struct json_writer *writer, const char *key)
{
  begin_nested(writer, key, '{');
}

void json_close_object(struct json_writer *writer)
{
  end_nested(writer, '}');
}

void json_open_list(struct json_writer *writer, const char *key)
{
  begin_nested(writer, key, '[');
}

void json_close_list(struct json_writer *writer)
{
  end_nested(writer, ']');
}

/* The text quoted by Jansson, or NULL if it is not valid UTF-8, or there is no memory. Free it. */
static char *quote(const char *text)
{
  json_t *string = json_string(text);
  char *quoted = string ? json_dumps(string, JSON_ENCODE_ANY) : NULL;
  json_decref(string);
  return quoted;
}

/* Needs no memory. */
static void write_bytes(FILE *stream, const char *text)
{
  putc('"', stream);
  for (const unsigned char *c = (const unsigned char *)text; *c; c++)
    if (*c < ' ' || *c == '"' || *c == '\\')
      fprintf(stream, "\\u%04x", *c);
    else
      putc(*c < 0x80 ? *c : '?', stream);
  putc('"', stream);
}

void json_write_text(struct json_writer *writer, const char *key, const char *text)
{
  char *quoted = text ? quote(text) : NULL;
  begin(writer, key);
  if (text && !quoted)
    write_bytes(writer->stream, text);
  else
    fputs(quoted ? quoted : "null", writer->stream);
  free(quoted);
}

void json_write_count(struct json_writer *writer, const char *key, uint64_t count)
{
  begin(writer, key);
  fprintf(writer->stream, "%" PRIu64, count);
}

void json_write_integer(struct json_writer *writer, const char *key, int64_t integer)
{
  begin(writer, key);
  fprintf(writer->stream, "%" PRId64, integer);
}

void json_write_number(struct json_writer *writer, const char *key, double number)
{
  char text[NUMBER_SIZE];
  number_print(text, number);
  begin(writer, key);
  fputs(*text ? text : "null", writer->stream);
}

void json_write_bool(struct json_writer *writer, const char *key, bool value)
{
  begin(writer, key);
  fputs(value ? "true" : "false", writer->stream);
}

void json_write_null(struct json_writer *writer, const char *key)
{
  begin(writer, key);
  fputs("null", writer->stream);
}
