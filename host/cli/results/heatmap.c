/* A value over two columns of a study, as colours. */
#include "cli/io/message.h"
#include "cli/results/results_picture.h"
#include "study/base/numbers.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define CELLS_MAX   256 /* a side: on 800 pixels nobody sees more */
#define LABELS_MAX  24  /* a side: more names of rows or columns would overlap */
#define NUMBERS_MAX 10  /* a side: up to this number each cell shows its value */

/* The values of a row's or a column's cells in their order, as text. */
struct scale {
  char names[CELLS_MAX][NUMBER_SIZE];
  size_t n;
};

/* A diverged network counts as worse than any other: its value is +INFINITY, or -INFINITY if larger is better. */
struct cell {
  size_t row, col;
  double value; /* +-INFINITY: diverged */
};

struct map {
  struct scale rows, cols;
  struct cell *cells; /* [n] */
  size_t n;
  double low, high; /* of what is finite; NAN if nothing is */
  bool several;     /* networks in a cell */
};

/* A point of the axis `of`, which is the statement's column. */
static void print_name(char name[NUMBER_SIZE], const char *of, sqlite3_stmt *statement, int column)
{
  char cell[CELL_SIZE];
  switch (sqlite3_column_type(statement, column)) {
  case SQLITE_INTEGER:
    results_print_whole(cell, of, sqlite3_column_int64(statement, column));
    snprintf(name, NUMBER_SIZE, "%.30s", cell);
    return;
  case SQLITE_FLOAT: number_print(name, sqlite3_column_double(statement, column)); return;
  default:
    snprintf(name, NUMBER_SIZE, "%.30s",
             sqlite3_column_text(statement, column) ? (const char *)sqlite3_column_text(statement, column) : "none");
  }
}

/* The index of a name; a new one goes to the end. False if there is no room. */
static bool find_or_add(struct scale *scale, const char *name, size_t *index)
{
  for (*index = 0; *index < scale->n; ++*index)
    if (strcmp(scale->names[*index], name) == 0) return true;
  if (scale->n == CELLS_MAX) return false;
  strcpy(scale->names[scale->n++], name);
  return true;
}

static clfit_status read_scale(struct results *results, const struct picture *picture, const char *column,
                               const char *option, struct scale *scale, clfit_error *error)
{
  char name[NUMBER_SIZE];
  sqlite3_stmt *statement = NULL;
  size_t index;
  bool more;
  struct results_query query = {.where = picture->where, .distinct = column};
  clfit_status status = results_select(results, column, &query, &statement, error);
  while (!status && !(status = results_next(results, statement, &more, error)) && more) {
    print_name(name, column, statement, 0);
    if (!find_or_add(scale, name, &index))
      status = refuse(error, "--%s %s has more than %d values, too many for a heatmap", option, column, CELLS_MAX);
  }
  sqlite3_finalize(statement);
  return status;
}

/* ---- cells --------------------------------------------------------------------------------------------------- */

clfit_status values_append(struct values *values, double value, clfit_error *error)
{
  if (values->n == values->capacity) {
    size_t grown = values->capacity ? 2 * values->capacity : 64;
    double *items = realloc(values->items, grown * sizeof *items);
    if (!items) return clfit_fail_memory(error);
    values->items = items;
    values->capacity = grown;
  }
  values->items[values->n++] = value;
  return CLFIT_OK;
}

static int compare(const void *a, const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

double values_reduce(struct values *values, enum picture_reduce how)
{
  size_t n = values->n;
  qsort(values->items, n, sizeof *values->items, compare);
  if (how == REDUCE_MIN) return values->items[0];
  if (how == REDUCE_MAX) return values->items[n - 1];
  double low = values->items[(n - 1) / 2], high = values->items[n / 2];
  return low == high ? low : low + (high - low) / 2; /* a median between a finite and an infinite value is infinite */
}

static clfit_status end_cell(struct map *map, struct values *values, size_t row, size_t col, enum picture_reduce how,
                             clfit_error *error)
{
  if (values->n == 0) return CLFIT_OK;
  struct cell *cells = realloc(map->cells, (map->n + 1) * sizeof *cells);
  if (!cells) return clfit_fail_memory(error);
  double value = values_reduce(values, how);
  map->several = map->several || values->n > 1;
  map->cells = cells;
  map->cells[map->n++] = (struct cell){row, col, value};
  if (isfinite(value) && !(map->low <= value)) map->low = value;
  if (isfinite(value) && !(map->high >= value)) map->high = value;
  values->n = 0;
  return CLFIT_OK;
}

static clfit_status add_network(struct values *values, const struct picture *picture, sqlite3_stmt *statement,
                                clfit_error *error)
{
  double worst = results_larger_is_better(picture->value) ? -INFINITY : INFINITY;
  const char *ended = (const char *)sqlite3_column_text(statement, 3);
  double value = sqlite3_column_double(statement, 2);
  if (ended && strcmp(ended, "diverged") == 0) return values_append(values, worst, error);
  if (sqlite3_column_type(statement, 2) == SQLITE_NULL || !(fabs(value) <= CLFIT_GNUPLOT_MAX)) return CLFIT_OK;
  return values_append(values, value, error);
}

/* Networks come sorted by row and column, so that a cell is one run of them. */
static clfit_status read_cells(struct results *results, const struct picture *picture, struct map *map,
                               clfit_error *error)
{
  char columns[256], order[160], name[NUMBER_SIZE];
  struct values values = {0};
  size_t row = 0, col = 0, next_row = 0, next_col = 0;
  sqlite3_stmt *statement = NULL;
  bool more;
  snprintf(columns, sizeof columns, "%s, %s, %s, status", picture->rows, picture->cols, picture->value);
  snprintf(order, sizeof order, "%s, %s", picture->rows, picture->cols);
  struct results_query query = {.where = picture->where, .order = order};
  clfit_status status = results_select(results, columns, &query, &statement, error);
  while (!status && !(status = results_next(results, statement, &more, error)) && more) {
    print_name(name, picture->rows, statement, 0);
    if (!find_or_add(&map->rows, name, &next_row)) break;
    print_name(name, picture->cols, statement, 1);
    if (!find_or_add(&map->cols, name, &next_col)) break;
    if (next_row != row || next_col != col) status = end_cell(map, &values, row, col, picture->reduce, error);
    row = next_row;
    col = next_col;
    if (!status) status = add_network(&values, picture, statement, error);
  }
  if (!status) status = end_cell(map, &values, row, col, picture->reduce, error);
  sqlite3_finalize(statement);
  free(values.items);
  return status;
}

/* ---- the script ---------------------------------------------------------------------------------------------- */

/* Uses a logarithmic colour scale if the values differ by more than a factor of ten. */
static bool is_logarithmic(const struct map *map)
{
  return map->low > 1e-300 && map->high >= 10 * map->low;
}

/* Where a value lies between the lowest and the highest, 0 .. 1: dark to light. */
static double lightness(const struct map *map, double value)
{
  if (!(map->high > map->low)) return 0;
  if (is_logarithmic(map)) return log(value / map->low) / log(map->high / map->low);
  return (value - map->low) / (map->high - map->low);
}

static void print_cells(FILE *script, const struct map *map)
{
  char number[NUMBER_SIZE];
  fputs("$cells << END\n", script);
  for (size_t i = 0; i < map->n; i++) {
    const struct cell *cell = &map->cells[i];
    number_print(number, cell->value);
    if (*number) fprintf(script, "%zu %zu %s\n", cell->col, cell->row, number);
  }
  fputs("END\n$diverged << END\n", script);
  for (size_t i = 0; i < map->n; i++)
    if (!isfinite(map->cells[i].value)) fprintf(script, "%zu %zu\n", map->cells[i].col, map->cells[i].row);
  fputs("END\n", script);
  for (int light = 0; light < 2; light++) {
    fprintf(script, "$%s << END\n", light ? "light" : "dark");
    for (size_t i = 0; i < map->n; i++) {
      const struct cell *cell = &map->cells[i];
      if (isfinite(cell->value) && (lightness(map, cell->value) > 0.6) == light)
        fprintf(script, "%zu %zu %.3g\n", cell->col, cell->row, cell->value);
    }
    fputs("END\n", script);
  }
}

static bool has_diverged(const struct map *map)
{
  for (size_t i = 0; i < map->n; i++)
    if (!isfinite(map->cells[i].value)) return true;
  return false;
}

/* Prints a shortened value as a tick label: 0.013000000000000001 as 0.013. */
static void print_short(FILE *script, const char *name)
{
  char text[NUMBER_SIZE];
  double value;
  bool rounded = strlen(name) > 8 && clfit_number_parse_real(name, &value);
  if (rounded) snprintf(text, sizeof text, "%.4g", value);
  clfit_gnuplot_text(script, rounded ? text : name);
}

static void print_tics(FILE *script, char axis, const struct scale *scale)
{
  size_t step = (scale->n + LABELS_MAX - 1) / LABELS_MAX, longest = 0;
  for (size_t i = 0; i < scale->n; i++)
    if (strlen(scale->names[i]) > longest) longest = strlen(scale->names[i]);
  if (longest > 9) longest = 9; /* "1.235e-05" */
  fprintf(script, "set %ctics scale 0%s (", axis, axis == 'x' && longest * (scale->n / step) > 70 ? " rotate" : "");
  for (size_t i = 0; i < scale->n; i += step) {
    if (i) fputs(", ", script);
    print_short(script, scale->names[i]);
    fprintf(script, " %zu", i);
  }
  fprintf(script, ")\nset %crange [-0.5:%zu.5]\n", axis, scale->n - 1);
}

static void print_labels(FILE *script, const struct picture *picture, const struct map *map)
{
  static const char *const names[] = {"median", "smallest", "largest"};
  char title[256];
  snprintf(title, sizeof title, "%s%s%s%s", map->several ? names[picture->reduce] : "", map->several ? " " : "",
           picture->value, has_diverged(map) ? "; x: diverged" : "");
  fputs("set title ", script);
  clfit_gnuplot_text(script, title);
  fputs("\nset xlabel ", script);
  clfit_gnuplot_text(script, picture->cols);
  fputs("\nset ylabel ", script);
  clfit_gnuplot_text(script, picture->rows);
  fputc('\n', script);
}

static void print_colours(FILE *script, const struct map *map)
{
  char low[NUMBER_SIZE], high[NUMBER_SIZE];
  /* matplotlib's viridis at nine points: readable without colours, too. */
  fputs("set palette defined (0 '#440154', 1 '#472d7b', 2 '#3b528b', 3 '#2c728e', 4 '#21918c', 5 '#28ae80', "
        "6 '#5ec962', 7 '#addc30', 8 '#fde725')\nunset grid\nunset key\nset format cb '%g'\n",
        script);
  if (!(map->high > map->low)) {
    fputs("unset colorbox\n", script);
    if (!isfinite(map->low)) return;
    fprintf(script, "set cbrange [%.17g:%.17g]\n", map->low - 1 - fabs(map->low), map->low + 1 + fabs(map->low));
    return;
  }
  number_print(low, map->low);
  number_print(high, map->high);
  fprintf(script, "%sset cbrange [%s:%s]\n", is_logarithmic(map) ? "set logscale cb\n" : "", low, high);
}

static void print_map(FILE *script, const struct picture *picture, const struct map *map)
{
  print_cells(script, map);
  print_labels(script, picture, map);
  print_tics(script, 'x', &map->cols);
  print_tics(script, 'y', &map->rows);
  print_colours(script, map);
  bool crossed = has_diverged(map), finite = isfinite(map->low);
  fputs("plot ", script);
  if (finite) fputs("$cells using 1:2:(0.5):(0.5):3 with boxxyerror fs solid noborder lc palette", script);
  if (crossed)
    fprintf(script,
            "%s$diverged using 1:2:(0.5):(0.5) with boxxyerror fs solid noborder lc rgb '#d0d0d0', "
            "$diverged using 1:2 with points pt 2 ps 1.5 lw 2 lc rgb '#b00020'",
            finite ? ", " : "");
  if (finite && map->rows.n <= NUMBERS_MAX && map->cols.n <= NUMBERS_MAX)
    fputs(", $dark using 1:2:(sprintf('%.3g', $3)) with labels tc rgb 'white'"
          ", $light using 1:2:(sprintf('%.3g', $3)) with labels tc rgb 'black'",
          script);
  fputc('\n', script);
}

clfit_status picture_heatmap(struct results *results, const struct picture *picture, FILE *script, clfit_error *error)
{
  struct map *map = calloc(1, sizeof *map);
  if (!map) return clfit_fail_memory(error);
  map->low = map->high = NAN;
  clfit_status status = read_scale(results, picture, picture->rows, "rows", &map->rows, error);
  if (!status) status = read_scale(results, picture, picture->cols, "cols", &map->cols, error);
  if (!status) status = read_cells(results, picture, map, error);
  if (!status && map->n == 0) status = refuse(error, "there is no %s to draw", picture->value);
  if (!status) print_map(script, picture, map);
  free(map->cells);
  free(map);
  return status;
}
