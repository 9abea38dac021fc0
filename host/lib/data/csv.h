/* Records of a CSV file as RFC 4180 has them: fields may be quoted, and then hold delimiters, line ends and, doubled,
 * quotes. Lines end with LF, CRLF or CR; a byte order mark and blank lines are skipped; blanks around a field are
 * trimmed. The delimiter is the first record's: a comma, or where it has none, a semicolon, else a tab. */
#ifndef CLFIT_HOST_CSV_H
#define CLFIT_HOST_CSV_H

#include "clfit.h"

#include <stdio.h>

/* Longest record in bytes. A forgotten quote or /dev/zero must not fill the memory. */
#define CLFIT_CSV_RECORD_MAX (1u << 24)

struct csv {
  FILE *stream;
  const char *name; /* for messages: the end of the path, or "standard input" */
  size_t line;      /* where the record at hand starts, from 1 */
  size_t next_line; /* where the next one does */
  char delimiter;   /* '\0' before the first record */
  char *text;       /* [text_capacity]; the record at hand, fields are cut out of it in place */
  size_t text_capacity;
  char **fields; /* [field_count] of the record at hand, overwritten by the next */
  size_t field_count, field_capacity;
};

/* Opens a file, "-" is standard input. path must outlive csv. CLFIT_ERROR_FILE: why not. Close in any case. */
clfit_status clfit_csv_open(struct csv *csv, const char *path, clfit_error *error);
void clfit_csv_close(struct csv *csv);

/* Reads the next record that is not blank; *end: there is none. CLFIT_ERROR_FORMAT names the line. */
clfit_status clfit_csv_next(struct csv *csv, bool *end, clfit_error *error);

/* CLFIT_ERROR_FORMAT at a line: "NAME, line LINE: " and one printf-like line. */
clfit_status clfit_csv_fail(const struct csv *csv, size_t line, clfit_error *error, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

#endif
