/*
 * Writing one JSON object in the order of the calls, on one line. Jansson quotes the strings; numbers are printed here,
 * in the shortest form that reads back to the same bits; Jansson's own output of numbers is longer.
 */
#ifndef CLFIT_CLI_JSON_H
#define CLFIT_CLI_JSON_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct json_writer {
  FILE *stream;
  bool comma; /* a comma is needed before the next value */
};

/* key: NULL for the outermost object and for items of lists. */
void json_open_object(struct json_writer *writer, const char *key);
void json_close_object(struct json_writer *writer);
void json_open_list(struct json_writer *writer, const char *key);
void json_close_list(struct json_writer *writer);

/* NULL is written as null; bytes that are not valid UTF-8 as '?'. */
void json_write_text(struct json_writer *writer, const char *key, const char *text);
void json_write_count(struct json_writer *writer, const char *key, uint64_t count);
void json_write_integer(struct json_writer *writer, const char *key, int64_t integer);
/* A value that is not finite is written as null. */
void json_write_number(struct json_writer *writer, const char *key, double number);
void json_write_bool(struct json_writer *writer, const char *key, bool value);
void json_write_null(struct json_writer *writer, const char *key);

#endif
