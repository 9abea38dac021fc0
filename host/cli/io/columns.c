#include "cli/io/columns.h"

#include "cli/io/message.h"

#include <stdio.h>
#include <string.h>

#define SHOWN       40  /* characters of a column's name */
#define COLUMN_SIZE 120 /* of the text of a column */

/* `x = "T/degC" (0 .. 1372)`; the line is for people, so six digits do. */
static const char *describe(const char *what, const clfit_column *column, char text[COLUMN_SIZE])
{
  char name[SHOWN + 8];
  if (*column->name)
    snprintf(name, sizeof name, "\"%.*s\"", SHOWN, column->name);
  else
    snprintf(name, sizeof name, "column %zu", column->number);
  snprintf(text, COLUMN_SIZE, "%s = %s (%.6g .. %.6g)", what, name, column->low, column->high);
  return text;
}

static const char *separator_of(const clfit_columns *columns)
{
  switch (columns->separator) {
  case ';': return "; separator ';'";
  case '\t': return "; separator tab";
  case ' ': return "; separator blank";
  default: return "";
  }
}

const char *columns_file(const char *path)
{
  return strcmp(path, "-") == 0 ? "standard input" : path;
}

void columns_note(const char *path, const clfit_data *data)
{
  const clfit_columns *columns = clfit_data_columns(data);
  char x[COLUMN_SIZE], y[COLUMN_SIZE], weight[COLUMN_SIZE];
  if (!columns) return;
  bool weighted = columns->weight.number != 0;
  const size_t rows = columns->rows;
  note("%.200s: %zu row%s, %s, %s%s%s%s%s%s", columns_file(path), rows, rows == 1 ? "" : "s",
       describe("x", &columns->x, x), describe("y", &columns->y, y), weighted ? ", " : "",
       weighted ? describe("weight", &columns->weight, weight) : "", separator_of(columns),
       columns->decimal_comma ? ", decimal comma" : "", columns->header ? "" : "; no header");
}

/* Whether a column was neither asked for nor has the name that it is looked for by. */
static bool is_guess(const clfit_column *column, const char *asked, const char *name)
{
  return !asked && strcmp(column->name, name) != 0;
}

bool columns_guessed(const clfit_data *data, const char *x_column, const char *y_column)
{
  const clfit_columns *columns = clfit_data_columns(data);
  return columns &&
         (columns->decimal_comma || is_guess(&columns->x, x_column, "x") || is_guess(&columns->y, y_column, "y"));
}
