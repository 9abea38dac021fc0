#include "data/choose_columns.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define COLUMN_SHOWN 60  /* characters of a column's name that a message shows */
#define LIST_SIZE    200 /* characters of a list of names */

/* What a choice is made from, and what is chosen so far: column numbers from 1, 0 for none. */
struct choice {
  const struct csv *csv;
  bool header;
  size_t x, y, weight;
};

/* ": x, y, z", or nothing without a header. */
static const char *list_of(const struct choice *choice, char text[LIST_SIZE])
{
  const struct csv *csv = choice->csv;
  size_t used = 0;
  text[0] = '\0';
  for (size_t i = 0; choice->header && i < csv->field_count && used < LIST_SIZE; i++)
    used += (size_t)snprintf(text + used, LIST_SIZE - used, "%s%.*s", i ? ", " : ": ", COLUMN_SHOWN, csv->fields[i]);
  if (used >= LIST_SIZE) strcpy(text + LIST_SIZE - 4, "...");
  return text;
}

/* The number of the column that a text of digits means, 0: none. */
static size_t number_in(const struct csv *csv, const char *text)
{
  if (!*text || text[strspn(text, "0123456789")]) return 0;
  errno = 0;
  unsigned long number = strtoul(text, NULL, 10);
  return errno || number > csv->field_count ? 0 : (size_t)number;
}

/* How many headers are a name, and the number of the first of them. */
static size_t count_names(const struct choice *choice, const char *name, int (*compare)(const char *, const char *),
                          size_t *first)
{
  size_t matches = 0;
  for (size_t i = 0; choice->header && i < choice->csv->field_count; i++)
    if (compare(choice->csv->fields[i], name) == 0 && matches++ == 0) *first = i + 1;
  return matches;
}

/* The same, without regard to case where no header is spelt as the name is. */
static size_t find_name(const struct choice *choice, const char *name, size_t *first)
{
  const size_t matches = count_names(choice, name, strcmp, first);
  return matches ? matches : count_names(choice, name, strcasecmp, first);
}

/* The column that a name or number means, 0: none. A name comes before a number. */
static clfit_status look_up(const struct choice *choice, const char *wanted, size_t *column, clfit_error *error)
{
  *column = 0;
  const size_t matches = find_name(choice, wanted, column);
  if (matches > 1)
    return clfit_csv_fail(choice->csv, choice->csv->line, error, "%zu columns are named '%.*s'", matches, COLUMN_SHOWN,
                          wanted);
  if (!matches) *column = number_in(choice->csv, wanted);
  return CLFIT_OK;
}

/* The same, but there must be one. */
static clfit_status find(const struct choice *choice, const char *wanted, size_t *column, clfit_error *error)
{
  char list[LIST_SIZE];
  const struct csv *csv = choice->csv;
  clfit_status status = look_up(choice, wanted, column, error);
  if (status || *column) return status;
  if (!choice->header)
    return clfit_csv_fail(csv, csv->line, error,
                          "no column '%.*s'; the file names none of its %zu, so they are given by number", COLUMN_SHOWN,
                          wanted, csv->field_count);
  return clfit_csv_fail(csv, csv->line, error, "no column '%.*s'; there are %zu%s", COLUMN_SHOWN, wanted,
                        csv->field_count, list_of(choice, list));
}

/* The columns; a last one that is empty in the first record (a separator at the line's end) is none to choose. */
static size_t usable(const struct csv *csv)
{
  size_t count = csv->field_count;
  return count > 1 && !*csv->fields[count - 1] ? count - 1 : count;
}

static bool is_free(const struct choice *choice, size_t column)
{
  return column != choice->x && column != choice->y && column != choice->weight;
}

/* Whether the header names a column so that it can be found by its name. */
static bool is_unique(const struct choice *choice, size_t column)
{
  size_t first;
  const char *name = choice->csv->fields[column - 1];
  return choice->header && *name && strlen(name) < sizeof((clfit_column *)0)->name &&
         count_names(choice, name, strcmp, &first) == 1;
}

/* The column that a caller would take before others, 0: there is none that is free, or there are several. It has a
 * number where the header did not name it, or not it alone (clfit_source_set_columns). */
static size_t look_for(const struct choice *choice, const char *liked)
{
  size_t column = 0, matches;
  if (!liked) return 0;
  matches = find_name(choice, liked, &column);
  if (!matches && (column = number_in(choice->csv, liked)) && !is_unique(choice, column)) matches = 1;
  return matches == 1 && is_free(choice, column) ? column : 0;
}

static size_t count_free(const struct choice *choice)
{
  size_t count = 0;
  for (size_t column = 1; column <= usable(choice->csv); column++) count += is_free(choice, column);
  return count;
}

/* The first column that is not chosen. */
static size_t first_free(const struct choice *choice)
{
  size_t column = 1;
  while (!is_free(choice, column)) column++;
  return column;
}

static clfit_status refuse_free(const struct choice *choice, clfit_error *error)
{
  const struct csv *csv = choice->csv;
  char list[LIST_SIZE];
  if (csv->field_count == 1)
    return clfit_csv_fail(csv, csv->line, error, "one column%s%.*s%s; x and y need two", choice->header ? ", '" : "",
                          COLUMN_SHOWN, choice->header ? csv->fields[0] : "", choice->header ? "'" : "");
  const char *missing = choice->x ? "y" : choice->y ? "x" : NULL;
  if (missing)
    return clfit_csv_fail(csv, csv->line, error, "no column '%s'; there are %zu%s; choose one with --%s-column",
                          missing, csv->field_count, list_of(choice, list), missing);
  return clfit_csv_fail(csv, csv->line, error, "%zu columns%s; choose two with --x-column and --y-column",
                        csv->field_count, list_of(choice, list));
}

/* Chooses what is neither named by the caller nor in the header: of the columns left there must be just as many. */
static clfit_status choose_rest(struct choice *choice, bool first_two, clfit_error *error)
{
  size_t wanted = (size_t)!choice->x + !choice->y;
  bool by_place = first_two && wanted == 2 && count_free(choice) > 2;
  if (wanted && count_free(choice) != wanted && !by_place) return refuse_free(choice, error);
  if (!choice->x) choice->x = first_free(choice);
  if (!choice->y) choice->y = first_free(choice);
  return CLFIT_OK;
}

static clfit_status refuse_same(const struct choice *choice, const char *what, size_t column, clfit_error *error)
{
  const struct csv *csv = choice->csv;
  if (!choice->header) return clfit_csv_fail(csv, csv->line, error, "%s both column %zu", what, column);
  return clfit_csv_fail(csv, csv->line, error, "%s both the column '%.*s'", what, COLUMN_SHOWN,
                        csv->fields[column - 1]);
}

/* Chooses x alone, which is read as y, too. */
static clfit_status choose_x(struct choice *choice, const struct file_request *request, clfit_error *error)
{
  const struct csv *csv = choice->csv;
  const char *x = request->x_column;
  char list[LIST_SIZE];
  clfit_status status = CLFIT_OK;
  if (x)
    status = find(choice, x, &choice->x, error);
  else if (usable(csv) == 1)
    choice->x = 1;
  else
    choice->x = look_for(choice, request->x_like);
  if (!x && !choice->x && choice->header) status = look_up(choice, "x", &choice->x, error);
  if (!status && !choice->x)
    status = clfit_csv_fail(csv, csv->line, error, "%zu columns%s; choose one with --x-column", csv->field_count,
                            list_of(choice, list));
  choice->y = choice->x;
  return status;
}

/* The column of a name, but not one that was taken as the other one without having been asked for. */
static clfit_status look_up_free(const struct choice *choice, const char *name, const char *other_asked, size_t *column,
                                 clfit_error *error)
{
  size_t found = 0;
  clfit_status status = look_up(choice, name, &found, error);
  if (!status && (other_asked || is_free(choice, found))) *column = found;
  return status;
}

static clfit_status choose(struct choice *choice, const struct file_request *request, clfit_error *error)
{
  const char *x = request->x_column, *y = request->y_column;
  clfit_status status = CLFIT_OK;
  if (request->x_only) return choose_x(choice, request, error);
  if (request->weight_column) status = find(choice, request->weight_column, &choice->weight, error);
  if (!status && x) status = find(choice, x, &choice->x, error);
  if (!status && y) status = find(choice, y, &choice->y, error);
  if (!x) choice->x = look_for(choice, request->x_like);
  if (!y) choice->y = look_for(choice, request->y_like);
  if (!status && !choice->x && choice->header) status = look_up_free(choice, "x", y, &choice->x, error);
  if (!status && !choice->y && choice->header) status = look_up_free(choice, "y", x, &choice->y, error);
  bool meant = x && y && strcmp(x, y) == 0; /* the caller wants one column as both (used for files with x only) */
  if (!status && choice->x && choice->x == choice->y && !meant)
    return refuse_same(choice, "x and y are", choice->x, error);
  if (!status && choice->weight && (choice->weight == choice->x || choice->weight == choice->y))
    return refuse_same(choice, choice->weight == choice->x ? "x and the weights are" : "y and the weights are",
                       choice->weight, error);
  return status ? status : choose_rest(choice, request->first_two, error);
}

static clfit_column describe(const struct choice *choice, size_t number)
{
  clfit_column column = {.number = number};
  if (!number || !choice->header) return column;
  snprintf(column.name, sizeof column.name, "%s", choice->csv->fields[number - 1]);
  column.unique = is_unique(choice, number);
  return column;
}

clfit_status clfit_columns_choose(const struct csv *csv, bool header, const struct file_request *request,
                                  clfit_columns *columns, clfit_error *error)
{
  struct choice choice = {.csv = csv, .header = header};
  clfit_status status = choose(&choice, request, error);
  if (status) return status;
  *columns = (clfit_columns){.count = csv->field_count, .separator = csv->separator, .header = header};
  columns->x = describe(&choice, choice.x);
  columns->y = describe(&choice, choice.y);
  columns->weight = describe(&choice, choice.weight);
  return CLFIT_OK;
}
