#include "data/csv.h"

#include "base/error.h"

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

const char *clfit_csv_name(const char *path)
{
  size_t length = strlen(path);
  if (strcmp(path, "-") == 0) return "standard input";
  return path + (length > NAME_MAX_SHOWN ? length - NAME_MAX_SHOWN : 0);
}

void clfit_csv_begin(struct csv *csv, struct input *input, const char *name, char separator)
{
  static const char mark[] = "\xEF\xBB\xBF";
  size_t length = strlen(mark);
  *csv = (struct csv){.input = input, .name = name, .next_line = 1, .separator = separator};
  if (input->count - input->at >= length && memcmp(input->bytes + input->at, mark, length) == 0) input->at += length;
}

void clfit_csv_close(struct csv *csv)
{
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
static int read_byte(struct input *input, bool quoted)
{
  int byte = clfit_input_get(input);
  if (byte != '\r' || quoted) return byte;
  if (clfit_input_peek(input) == '\n') clfit_input_get(input);
  return '\n';
}

/* Whether a line that begins with this byte is a comment; the next one is still to be read. A header may begin with a
 * cell #, or with a name as %RH. */
static bool begins_comment(struct input *input, int byte)
{
  if (byte != '#' && byte != '%') return false;
  int next = clfit_input_peek(input);
  if (byte == '#') return next != ',' && next != ';';
  return next == ' ' || next == '\t' || next == '%' || next == '\r' || next == '\n' || next == EOF;
}

/* Reads up to the end of a line, quotes or not; returns the line end or EOF. */
static int skip_line(struct input *input)
{
  int byte;
  do byte = read_byte(input, false);
  while (byte != '\n' && byte != EOF);
  return byte;
}

/* Reads bytes into csv->text up to a line end outside quotes; nothing of a comment. *end: nothing was left. */
static clfit_status read_text(struct csv *csv, bool *end, clfit_error *error)
{
  size_t length = 0;
  bool quoted = false, blank = true; /* blank: so far */
  int byte;
  csv->line = csv->next_line;
  for (;;) {
    clfit_status status = reserve(csv, length, error);
    if (status) return status;
    byte = read_byte(csv->input, quoted);
    if (blank && begins_comment(csv->input, byte)) {
      byte = skip_line(csv->input);
      length = 0;
    }
    csv->next_line += byte == '\n';
    if (byte == EOF || (byte == '\n' && !quoted)) break;
    if (byte == '\0') return clfit_csv_fail(csv, csv->next_line, error, "a NUL byte; this is not plain text");
    if (byte == '"') quoted = !quoted;
    blank = blank && (byte == ' ' || byte == '\t');
    csv->text[length++] = (char)byte;
  }
  csv->text[length] = '\0';
  csv->last = byte == EOF;
  if (csv->last && csv->input->stream && ferror(csv->input->stream))
    return clfit_fail_file(error, "read", csv->name, errno);
  if (quoted) return clfit_csv_fail(csv, csv->line, error, "a quote is not closed");
  *end = csv->last && length == 0;
  return CLFIT_OK;
}

static bool is_blank(const char *text)
{
  return text[strspn(text, " \t")] == '\0';
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

/* The bytes that may surround a cell; a tab may not where it separates them. */
static const char *padding_of(const struct csv *csv)
{
  return csv->separator == '\t' ? " " : " \t";
}

static void trim_end(char *field, char *end, const char *padding)
{
  while (end > field && strchr(padding, end[-1])) end--;
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

/* Whether a byte, which is not the NUL, separates cells. */
static bool separates(const struct csv *csv, char byte)
{
  return byte == csv->separator || (csv->separator == ' ' && byte == '\t');
}

/* Cuts one cell off at *rest, which becomes NULL after the last one. */
static clfit_status cut(struct csv *csv, char **rest, clfit_error *error)
{
  const char stops[] = {csv->separator, '"', csv->separator == ' ' ? '\t' : '\0', '\0'};
  char *field = *rest;
  clfit_status status = add_field(csv, field, error);
  if (status) return status;
  bool quoted = *field == '"';
  char *end = quoted ? unquote(field) : field + strcspn(field, stops);
  if (quoted && csv->separator != ' ') end += strspn(end, padding_of(csv));
  *rest = *end ? end + 1 : NULL;
  if (*end && !separates(csv, *end))
    return clfit_csv_fail(csv, csv->line, error,
                          quoted ? "text after the closing quote of field %zu" : "a quote inside field %zu",
                          csv->field_count);
  if (!quoted) trim_end(field, end, padding_of(csv));
  return CLFIT_OK;
}

/* Cuts csv->text into cells. */
static clfit_status split(struct csv *csv, clfit_error *error)
{
  char *rest = csv->text;
  clfit_status status = CLFIT_OK;
  csv->field_count = 0;
  while (!status && rest) {
    rest += strspn(rest, padding_of(csv));
    if (csv->separator == ' ' && !*rest) break; /* blanks at the line's end */
    status = cut(csv, &rest, error);
  }
  return status;
}

clfit_status clfit_csv_next(struct csv *csv, bool *end, clfit_error *error)
{
  clfit_status status;
  do {
    status = read_text(csv, end, error);
    if (status || *end) return status;
  } while (is_blank(csv->text));
  return split(csv, error);
}
