#include "data/csv.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define NAME_MAX_SHOWN 160 /* leaves room for the rest of a message */

clfit_status clfit_csv_fail(const struct csv *csv, size_t line, clfit_error *error, const char *format, ...)
{
  char what[CLFIT_MESSAGE_SIZE];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(what, sizeof what, format, arguments);
  va_end(arguments);
  return clfit_fail_at(error, CLFIT_ERROR_FORMAT, line, "%s, line %zu: %s", csv->name, line, what);
}

clfit_status clfit_csv_open(struct csv *csv, const char *path, clfit_error *error)
{
  bool standard = strcmp(path, "-") == 0;
  size_t length = strlen(path);
  *csv = (struct csv){.next_line = 1};
  csv->name = standard ? "standard input" : path + (length > NAME_MAX_SHOWN ? length - NAME_MAX_SHOWN : 0);
  csv->stream = standard ? stdin : fopen(path, "rb");
  return csv->stream ? CLFIT_OK : clfit_fail_file(error, "read", csv->name, errno);
}

void clfit_csv_close(struct csv *csv)
{
  if (csv->stream && csv->stream != stdin) fclose(csv->stream);
  free(csv->text);
  free(csv->fields);
  *csv = (struct csv){0};
}

/* Makes sure that a byte and a NUL fit after the first `length` bytes of the current record. */
static clfit_status reserve(struct csv *csv, size_t length, clfit_error *error)
{
  if (length >= CLFIT_CSV_RECORD_MAX)
    return clfit_csv_fail(csv, csv->line, error, "longer than %u bytes; is a closing quote missing?",
                          CLFIT_CSV_RECORD_MAX);
  if (length + 2 <= csv->text_capacity) return CLFIT_OK;
  size_t capacity = csv->text_capacity ? 2 * csv->text_capacity : 256;
  char *text = realloc(csv->text, capacity);
  if (!text) return clfit_fail_memory(error);
  csv->text = text;
  csv->text_capacity = capacity;
  return CLFIT_OK;
}

/* A byte, with CRLF and CR outside quotes read as LF. */
static int read_byte(FILE *stream, bool quoted)
{
  int byte = getc(stream);
  if (byte != '\r' || quoted) return byte;
  int next = getc(stream);
  if (next != '\n' && next != EOF) ungetc(next, stream);
  return '\n';
}

/* Reads bytes into csv->text up to a line end outside quotes. *end: nothing was left. */
static clfit_status read_text(struct csv *csv, bool *end, clfit_error *error)
{
  size_t length = 0;
  bool quoted = false;
  int byte;
  csv->line = csv->next_line;
  for (;;) {
    clfit_status status = reserve(csv, length, error);
    if (status) return status;
    byte = read_byte(csv->stream, quoted);
    csv->next_line += byte == '\n';
    if (byte == EOF || (byte == '\n' && !quoted)) break;
    if (byte == '\0') return clfit_csv_fail(csv, csv->next_line, error, "a NUL byte; this is not plain text");
    if (byte == '"') quoted = !quoted;
    csv->text[length++] = (char)byte;
  }
  csv->text[length] = '\0';
  if (ferror(csv->stream)) return clfit_fail_file(error, "read", csv->name, errno);
  if (quoted) return clfit_csv_fail(csv, csv->line, error, "a quote is not closed");
  *end = byte == EOF && length == 0;
  return CLFIT_OK;
}

static void skip_byte_order_mark(struct csv *csv)
{
  static const char mark[] = "\xEF\xBB\xBF";
  size_t length = strlen(mark);
  if (csv->line == 1 && strncmp(csv->text, mark, length) == 0)
    memmove(csv->text, csv->text + length, strlen(csv->text + length) + 1);
}

static bool is_blank(const char *text)
{
  return text[strspn(text, " \t")] == '\0';
}

/* What separates the fields of this text: ',' if there is one outside quotes, else ';', else a tab. */
static char find_delimiter(const char *text)
{
  bool quoted = false, semicolon = false, tab = false;
  for (; *text; text++) {
    if (*text == '"') quoted = !quoted;
    if (quoted) continue;
    if (*text == ',') return ',';
    semicolon = semicolon || *text == ';';
    tab = tab || *text == '\t';
  }
  if (semicolon) return ';';
  if (tab) return '\t';
  return ',';
}

static clfit_status add_field(struct csv *csv, char *field, clfit_error *error)
{
  /* a record of at most 2^24 bytes has at most as many fields + 1, so this cannot overflow */
  if (csv->field_count == csv->field_capacity) {
    size_t capacity = csv->field_capacity ? 2 * csv->field_capacity : 8;
    char **fields = realloc(csv->fields, capacity * sizeof *fields);
    if (!fields) return clfit_fail_memory(error);
    csv->fields = fields;
    csv->field_capacity = capacity;
  }
  csv->fields[csv->field_count++] = field;
  return CLFIT_OK;
}

/* Whether a byte may surround a field; a tab may not where it separates them. */
static bool is_padding(const struct csv *csv, char byte)
{
  return byte == ' ' || (byte == '\t' && csv->delimiter != '\t');
}

static void trim_end(const struct csv *csv, char *field, char *end)
{
  while (end > field && is_padding(csv, end[-1])) end--;
  *end = '\0';
}

/* Takes the quotes off a field that starts with one, in place. Returns what follows the closing quote. */
static char *unquote(char *field)
{
  char *out = field, *in = field + 1;
  for (; *in && !(in[0] == '"' && in[1] != '"'); in++) {
    in += *in == '"';
    *out++ = *in;
  }
  assert(*in == '"'); /* the record's quotes are even in number */
  *out = '\0';
  return in + 1;
}

/* Cuts csv->text into fields. */
static clfit_status split(struct csv *csv, clfit_error *error)
{
  const char stops[] = {csv->delimiter, '"', '\0'};
  char *field = csv->text, delimiter = csv->delimiter;
  csv->field_count = 0;
  while (delimiter == csv->delimiter) {
    while (is_padding(csv, *field)) field++;
    clfit_status status = add_field(csv, field, error);
    if (status) return status;
    bool quoted = *field == '"';
    char *end = quoted ? unquote(field) : field + strcspn(field, stops);
    while (quoted && is_padding(csv, *end)) end++;
    delimiter = *end;
    if (delimiter && delimiter != csv->delimiter)
      return clfit_csv_fail(csv, csv->line, error,
                            quoted ? "text after the closing quote of field %zu" : "a quote inside field %zu",
                            csv->field_count);
    if (!quoted) trim_end(csv, field, end);
    field = end + 1;
  }
  return CLFIT_OK;
}

clfit_status clfit_csv_next(struct csv *csv, bool *end, clfit_error *error)
{
  clfit_status status;
  do {
    status = read_text(csv, end, error);
    if (status || *end) return status;
    skip_byte_order_mark(csv);
  } while (is_blank(csv->text));
  if (!csv->delimiter) csv->delimiter = find_delimiter(csv->text);
  return split(csv, error);
}
