/* Records of a text file of cells, as RFC 4180 has them: cells may be quoted, and then hold separators, line ends and,
 * doubled, quotes. Lines end with LF, CRLF or CR; a byte order mark, blank lines and comments are skipped; blanks
 * around a cell are trimmed. */
#ifndef CLFIT_HOST_CSV_H
#define CLFIT_HOST_CSV_H

#include "data/input.h"

/* Longest record in bytes. A forgotten quote or /dev/zero must not fill the memory. */
#define CLFIT_CSV_RECORD_MAX (1u << 24)

struct csv {
  struct input *input;
  const char *name; /* for messages: the end of the path, or "standard input" */
  size_t line;      /* where the record at hand starts, from 1 */
  size_t next_line; /* where the next one does */
  bool last;        /* the record at hand ended with the input, not with a line end */
  char separator;   /* ' ': any number of blanks and tabs */
  char *text;       /* [text_capacity]; the record at hand, fields are cut out of it in place */
  size_t text_capacity;
  char **fields; /* [field_count] of the record at hand, overwritten by the next */
  size_t field_count, field_capacity;
};

/* What messages call a path. It lies in path. */
const char *clfit_csv_name(const char *path);

/* Reads records from an input at its first byte; both must outlive csv. Close in any case. */
void clfit_csv_begin(struct csv *csv, struct input *input, const char *name, char separator);
void clfit_csv_close(struct csv *csv);

/* Reads the next record that is not blank; *end: there is none. CLFIT_ERROR_FORMAT names the line. */
clfit_status clfit_csv_next(struct csv *csv, bool *end, clfit_error *error);

/* CLFIT_ERROR_FORMAT at a line: "NAME, line LINE: " and one printf-like line. */
clfit_status clfit_csv_fail(const struct csv *csv, size_t line, clfit_error *error, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

#endif
