/* Rows of a study as CSV and JSON: the same names and the same text of every number in both. */
#include "cli/io/json.h"
#include "cli/io/message.h"
#include "cli/io/output.h"
#include "cli/results/results.h"
#include "cli/sweep/preset_summary.h"
#include "study/base/numbers.h"

#include <ctype.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static struct results_query every_row(const struct options *options)
{
  return (struct results_query){.where = options->where, .rank_by = options->rank_by, .limit = options->limit};
}

/* ---- CSV ----------------------------------------------------------------------------------------------------- */

/* RFC 4180: quoted where it needs to be. */
static void write_field(FILE *stream, const char *text)
{
  if (!text[strcspn(text, ",\"\r\n")]) {
    fputs(text, stream);
    return;
  }
  putc('"', stream);
  for (; *text; text++) {
    if (*text == '"') putc('"', stream);
    putc(*text, stream);
  }
  putc('"', stream);
}

static void write_value(FILE *stream, sqlite3_stmt *statement, int column)
{
  char number[NUMBER_SIZE];
  switch (sqlite3_column_type(statement, column)) {
  case SQLITE_NULL: return;
  case SQLITE_INTEGER: fprintf(stream, "%" PRId64, (int64_t)sqlite3_column_int64(statement, column)); return;
  case SQLITE_FLOAT:
    number_print(number, sqlite3_column_double(statement, column));
    fputs(number, stream);
    return;
  default: write_field(stream, store_text(statement, column));
  }
}

static clfit_status write_rows(struct results *results, sqlite3_stmt *statement, FILE *stream, clfit_error *error)
{
  clfit_status status = CLFIT_OK;
  bool more = true;
  int n = results->n_columns;
  for (int i = 0; i < n; i++) fprintf(stream, "%s%s", i ? "," : "", results->columns[i]);
  putc('\n', stream);
  while (!ferror(stream)) {
    status = results_next(results, statement, &more, error);
    if (status || !more) break;
    for (int i = 0; i < n; i++) {
      if (i) putc(',', stream);
      write_value(stream, statement, i);
    }
    putc('\n', stream);
  }
  return status;
}

clfit_status results_write_csv(struct results *results, const struct options *options, clfit_error *error)
{
  struct output output;
  sqlite3_stmt *statement = NULL;
  struct results_query query = every_row(options);
  clfit_status status = results_select(results, NULL, &query, &statement, error);
  if (!status) status = output_open(&output, options->csv, error);
  if (status) goto out;
  status = output_end(&output, write_rows(results, statement, output.file.stream, error), error);
out:
  sqlite3_finalize(statement);
  return status;
}

/* ---- JSON ---------------------------------------------------------------------------------------------------- */

static void print_member(struct json_writer *writer, const char *name, sqlite3_stmt *statement, int column)
{
  switch (sqlite3_column_type(statement, column)) {
  case SQLITE_NULL: json_write_null(writer, name); return;
  case SQLITE_INTEGER: json_write_integer(writer, name, sqlite3_column_int64(statement, column)); return;
  case SQLITE_FLOAT: json_write_number(writer, name, sqlite3_column_double(statement, column)); return;
  default: json_write_text(writer, name, store_text(statement, column));
  }
}

static clfit_status print_list(struct json_writer *writer, struct results *results, sqlite3_stmt *statement,
                               clfit_error *error)
{
  clfit_status status;
  bool more;
  json_open_list(writer, "results");
  while (!(status = results_next(results, statement, &more, error)) && more && !ferror(writer->stream)) {
    json_open_object(writer, NULL);
    for (int i = 0; i < results->n_columns; i++) print_member(writer, results->columns[i], statement, i);
    json_close_object(writer);
  }
  json_close_list(writer);
  return status;
}

static void print_preset_row(struct json_writer *writer, const struct preset *preset, size_t row,
                             const struct preset_summary *summary)
{
  clfit_network network;
  clfit_network_default(&network);
  preset_apply(preset, row, &network);
  json_open_object(writer, NULL);
  json_write_number(writer, "row", isdigit((unsigned char)summary->label[0]) ? strtod(summary->label, NULL) : NAN);
  for (size_t i = 0; preset->fields[i]; i++)
    json_write_number(writer, preset->fields[i], clfit_field_value(clfit_field_find(preset->fields[i]), &network));
  for (size_t i = 0; preset->published[i].name; i++)
    json_write_number(writer, preset->published[i].name, preset->rows[row].published[i]);
  for (size_t i = 0; i < preset->n_figures; i++)
    json_write_number(writer, preset->figures[i].name, summary->figures[i]);
  json_close_object(writer);
}

/* A preset's rows, whatever --where says. */
static clfit_status print_preset(struct json_writer *writer, struct results *results, clfit_error *error)
{
  const struct preset *preset;
  clfit_status status = results_preset(results, &preset, error);
  if (!preset) return status;
  json_open_list(writer, "preset_rows");
  for (size_t i = 0; i < preset->n && !status; i++) {
    struct preset_summary summary;
    status = preset_summarize(results->database, preset, i, &summary, error);
    if (!status) print_preset_row(writer, preset, i, &summary);
    preset_summary_clear(&summary);
  }
  json_close_list(writer);
  return status;
}

clfit_status results_print_json(struct results *results, const struct options *options, clfit_error *error)
{
  struct json_writer writer = {.stream = stdout};
  struct results_query query = every_row(options);
  struct results_counts counts;
  sqlite3_stmt *statement = NULL;
  clfit_status status = results_count(results, options->where, &counts, error);
  if (!status) status = results_select(results, NULL, &query, &statement, error);
  if (status) goto out;
  json_open_object(&writer, NULL);
  json_write_text(&writer, "study", options->operand);
  json_write_count(&writer, "networks", counts.all);
  json_write_count(&writer, "done", counts.done);
  json_write_count(&writer, "stopped", counts.stopped);
  json_write_count(&writer, "pruned", counts.pruned);
  json_write_count(&writer, "diverged", counts.diverged);
  status = print_preset(&writer, results, error);
  if (!status) status = print_list(&writer, results, statement, error);
  json_close_object(&writer);
  printf("\n");
out:
  sqlite3_finalize(statement);
  return status;
}
