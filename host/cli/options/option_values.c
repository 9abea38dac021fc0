/* From an option's text to its value. */
#include "cli/options/options.h"

#include "cli/io/message.h"
#include "study/base/numbers.h"

#include <ctype.h>
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Long values are truncated to this many characters in messages. */
#define SHOWN "%.120s"

static clfit_status read_count(const struct option_row *row, const char *text, uint32_t *value, clfit_error *error)
{
  uint32_t read;
  if (!clfit_number_parse_count(text, &read) || read < row->minimum || read > row->maximum)
    return refuse(error, "--%s must be a whole number from %.0f to %.0f, not \"" SHOWN "\"", row->name, row->minimum,
                  row->maximum, text);
  *value = read;
  return CLFIT_OK;
}

static clfit_status read_real(const struct option_row *row, const char *text, double *value, clfit_error *error)
{
  double read;
  if (!clfit_number_parse_real(text, &read) || read < row->minimum || read > row->maximum)
    return refuse(error, "--%s must be a number %s, not \"" SHOWN "\"", row->name, row->limits, text);
  *value = read;
  return CLFIT_OK;
}

static clfit_status read_text(const struct option_row *row, const char *text, const char **value, clfit_error *error)
{
  if (!*text) return refuse(error, "--%s must not be empty", row->name);
  *value = text;
  return CLFIT_OK;
}

static clfit_status read_choice(const struct option_row *row, const char *text, uint32_t *value, clfit_error *error)
{
  char names[128] = "";
  for (uint32_t i = 0; row->choices[i]; i++) {
    if (strcmp(text, row->choices[i]) == 0) {
      *value = i;
      return CLFIT_OK;
    }
    size_t length = strlen(names);
    snprintf(names + length, sizeof names - length, "%s%s", i ? " or " : "", row->choices[i]);
  }
  return refuse(error, "--%s must be %s, not \"" SHOWN "\"", row->name, names, text);
}

static clfit_status read_field(const struct option_row *row, const char *text, clfit_network *network,
                               clfit_error *error)
{
  char label[64];
  snprintf(label, sizeof label, "--%s", row->name);
  return clfit_field_read(row->field, text, label, network, error);
}

clfit_status text_list_append(struct text_list *list, const char *text, size_t length, clfit_error *error)
{
  char **items = realloc(list->items, (list->count + 1) * sizeof *items);
  if (items) list->items = items;
  char *item = items ? strndup(text, length) : NULL;
  if (!item) return clfit_fail_memory(error);
  list->items[list->count++] = item;
  return CLFIT_OK;
}

void text_list_clear(struct text_list *list)
{
  for (size_t i = 0; i < list->count; i++) free(list->items[i]);
  free(list->items);
  *list = (struct text_list){0};
}

static clfit_status read_list(const struct option_row *row, const char *text, struct text_list *list,
                              clfit_error *error)
{
  for (;;) {
    size_t length = strcspn(text, ",");
    if (length == 0) return refuse(error, "--%s has an empty name in its list", row->name);
    clfit_status status = text_list_append(list, text, length, error);
    if (status) return status;
    if (!text[length]) return CLFIT_OK;
    text += length + 1;
  }
}

/* Cuts "A:B" or "A:B:N" at its colons, into copies. */
static bool cut(const char *text, size_t n, char parts[][64])
{
  for (size_t i = 0; i < n; i++) {
    size_t length = strcspn(text, ":");
    if (length >= 64) return false;
    memcpy(parts[i], text, length);
    parts[i][length] = '\0';
    if (text[length] != (i + 1 < n ? ':' : '\0')) return false;
    text += length + 1;
  }
  return true;
}

/* x is trained and evaluated as a float32. */
static bool read_end(const char *text, double *value)
{
  return clfit_number_parse_real(text, value) && fabs(*value) <= (double)FLT_MAX;
}

static clfit_status read_range(const struct option_row *row, const char *text, struct range *value, clfit_error *error)
{
  char parts[2][64];
  struct range read;
  if (!cut(text, 2, parts) || !read_end(parts[0], &read.low) || !read_end(parts[1], &read.high) ||
      read.low >= read.high)
    return refuse(error, "--%s must be A:B, two numbers with A below B, not \"" SHOWN "\"", row->name, text);
  *value = read;
  return CLFIT_OK;
}

static clfit_status read_grid(const struct option_row *row, const char *text, struct grid *value, clfit_error *error)
{
  char parts[3][64];
  struct grid read;
  if (!cut(text, 3, parts) || !read_end(parts[0], &read.range.low) || !read_end(parts[1], &read.range.high) ||
      !clfit_number_parse_count(parts[2], &read.count) || read.range.low > read.range.high || read.count < 1 ||
      read.count > CLFIT_SAMPLES_MAX)
    return refuse(error, "--%s must be A:B:N, N points (1 to %u) from A up to B, not \"" SHOWN "\"", row->name,
                  CLFIT_SAMPLES_MAX, text);
  *value = read;
  return CLFIT_OK;
}

static clfit_status read_value(const struct option_row *row, const char *text, struct options *options,
                               clfit_error *error)
{
  void *value = (char *)options + row->offset;
  switch (row->kind) {
  case KIND_FIELD: return read_field(row, text, &options->network, error);
  case KIND_COUNT: return read_count(row, text, value, error);
  case KIND_REAL: return read_real(row, text, value, error);
  case KIND_TEXT: return read_text(row, text, value, error);
  case KIND_CHOICE: return read_choice(row, text, value, error);
  case KIND_LIST: return read_list(row, text, value, error);
  case KIND_RANGE: return read_range(row, text, value, error);
  case KIND_GRID: return read_grid(row, text, value, error);
  case KIND_FLAG: *(bool *)value = true; return CLFIT_OK;
  }
  return CLFIT_OK;
}

/* Whether somebody typed a number as most of Europe writes it: "0,1". */
static bool has_decimal_comma(const struct option_row *row, const char *text)
{
  const char *comma = strchr(text, ',');
  bool number =
      row->kind == KIND_REAL || row->kind == KIND_RANGE || row->kind == KIND_GRID ||
      (row->kind == KIND_FIELD && (row->field->kind == CLFIT_FIELD_REAL || row->field->kind == CLFIT_FIELD_CODE));
  return number && comma && isdigit((unsigned char)comma[1]);
}

clfit_status option_read(const struct option_row *row, const char *text, struct options *options, clfit_error *error)
{
  clfit_status status = read_value(row, text, options, error);
  if (!status || !error || !has_decimal_comma(row, text)) return status;
  size_t length = strlen(error->message);
  snprintf(error->message + length, sizeof error->message - length, "; the decimal point is '.'");
  return status;
}
