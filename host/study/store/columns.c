#include "study/store/columns.h"

#include "study/base/bytes.h"
#include "study/base/fail.h"
#include "study/store/database.h"

#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/* ---- the configuration --------------------------------------------------------------------------------------- */

static const char *text_of(sqlite3_stmt *query, int result)
{
  const char *text = (const char *)sqlite3_column_text(query, result);
  return text ? text : "";
}

/* A field of how samples are drawn (the sample seed) has no value where the samples come from a file. */
static bool has_value(const clfit_field *field, const struct study_row *row)
{
  return row->drawn || !field->drawn_only;
}

static int bind_field(const struct column *column, const struct study_row *row, sqlite3_stmt *statement, int parameter)
{
  const clfit_field *field = column->field;
  double value = clfit_field_value(field, &row->configuration);
  char text[CLFIT_FIELD_TEXT_SIZE];
  if (!has_value(field, row)) return SQLITE_OK;
  switch (field->kind) {
  case CLFIT_FIELD_COUNT: return sqlite3_bind_int64(statement, parameter, (sqlite3_int64)value);
  case CLFIT_FIELD_REAL: return sqlite3_bind_double(statement, parameter, value);
  case CLFIT_FIELD_NAME:
  case CLFIT_FIELD_CODE: break;
  }
  clfit_field_print(field, &row->configuration, text);
  return sqlite3_bind_text(statement, parameter, text, -1, SQLITE_TRANSIENT);
}

/* A number that is out of range is copied as it is; the check of the whole configuration refuses it later. */
static const char *read_field(const struct column *column, sqlite3_stmt *query, int result, struct study_row *row)
{
  const clfit_field *field = column->field;
  if (sqlite3_column_type(query, result) == SQLITE_NULL) return NULL;
  if (field->drawn_only) row->drawn = true;
  if (!clfit_field_is_text(field)) {
    clfit_field_set(field, sqlite3_column_double(query, result), &row->configuration);
    return NULL;
  }
  return clfit_field_read(field, text_of(query, result), NULL, &row->configuration, NULL)
             ? "a name or a code of its configuration is unknown"
             : NULL;
}

static const char *type_of(const clfit_field *field)
{
  switch (field->kind) {
  case CLFIT_FIELD_COUNT: return field->drawn_only ? "INTEGER" : "INTEGER NOT NULL";
  case CLFIT_FIELD_REAL: return field->drawn_only ? "REAL" : "REAL NOT NULL";
  case CLFIT_FIELD_NAME:
  case CLFIT_FIELD_CODE: break;
  }
  return field->drawn_only ? "TEXT" : "TEXT NOT NULL";
}

static struct column column_of(const clfit_field *field)
{
  return (struct column){.name = field->name,
                         .type = type_of(field),
                         .view = field->name,
                         .field = field,
                         .optional = !field->always,
                         .bind = bind_field,
                         .read = read_field};
}

/* ---- outcomes ------------------------------------------------------------------------------------------------ */

static int bind_id(const struct column *column, const struct study_row *row, sqlite3_stmt *statement, int parameter)
{
  (void)column;
  return sqlite3_bind_int64(statement, parameter, (sqlite3_int64)row->id);
}

static const char *read_id(const struct column *column, sqlite3_stmt *query, int result, struct study_row *row)
{
  (void)column;
  row->id = (uint64_t)sqlite3_column_int64(query, result);
  return NULL;
}

/* With --halving the row of a network that is not trained to its end says "pruned"; if the network goes on to another
 * rung, its row is replaced later. */
static const char *const status_names[] = {[CLFIT_TRAINING_RUNNING] = "pruned",
                                           [CLFIT_TRAINING_DONE] = "done",
                                           [CLFIT_TRAINING_STOPPED] = "stopped",
                                           [CLFIT_TRAINING_DIVERGED] = "diverged"};
#define STATUS_COUNT (sizeof status_names / sizeof *status_names)

static int bind_status(const struct column *column, const struct study_row *row, sqlite3_stmt *statement, int parameter)
{
  (void)column;
  return sqlite3_bind_text(statement, parameter, status_names[row->status], -1, SQLITE_STATIC);
}

static const char *read_status(const struct column *column, sqlite3_stmt *query, int result, struct study_row *row)
{
  (void)column;
  for (size_t i = 0; i < STATUS_COUNT; i++)
    if (strcmp(text_of(query, result), status_names[i]) == 0) {
      row->status = (clfit_training)i;
      return NULL;
    }
  return "its status is unknown";
}

static int bind_diverged_epoch(const struct column *column, const struct study_row *row, sqlite3_stmt *statement,
                               int parameter)
{
  (void)column;
  return row->status == CLFIT_TRAINING_DIVERGED ? sqlite3_bind_int64(statement, parameter, row->diverged_epoch)
                                                : SQLITE_OK;
}

static const char *read_diverged_epoch(const struct column *column, sqlite3_stmt *query, int result,
                                       struct study_row *row)
{
  sqlite3_int64 epoch = sqlite3_column_int64(query, result);
  (void)column;
  row->diverged_epoch = epoch > 0 && epoch <= CLFIT_EPOCHS_MAX ? (uint32_t)epoch : 0;
  return NULL;
}

static int bind_best_epoch(const struct column *column, const struct study_row *row, sqlite3_stmt *statement,
                           int parameter)
{
  (void)column;
  return row->best_epoch > 0 ? sqlite3_bind_int64(statement, parameter, row->best_epoch) : SQLITE_OK;
}

static const char *read_best_epoch(const struct column *column, sqlite3_stmt *query, int result, struct study_row *row)
{
  sqlite3_int64 epoch = sqlite3_column_int64(query, result);
  (void)column;
  if (epoch < 0 || epoch > CLFIT_EPOCHS_MAX) return "its best epoch is none";
  row->best_epoch = (uint32_t)epoch;
  return NULL;
}

static int bind_steps(const struct column *column, const struct study_row *row, sqlite3_stmt *statement, int parameter)
{
  (void)column;
  return sqlite3_bind_int64(statement, parameter, (sqlite3_int64)row->steps);
}

static const char *read_steps(const struct column *column, sqlite3_stmt *query, int result, struct study_row *row)
{
  sqlite3_int64 steps = sqlite3_column_int64(query, result);
  (void)column;
  if (steps < 0) return "its steps are below 0";
  row->steps = (uint64_t)steps;
  return NULL;
}

/* NULL, too, where it stopped by tol, the only reason there is for most. */
static int bind_stop(const struct column *column, const struct study_row *row, sqlite3_stmt *statement, int parameter)
{
  (void)column;
  const bool says = row->status == CLFIT_TRAINING_STOPPED && row->stopped_by != CLFIT_STOP_TOL;
  return says ? sqlite3_bind_text(statement, parameter, clfit_stop_name(row->stopped_by), -1, SQLITE_STATIC)
              : SQLITE_OK;
}

static const char *read_stop(const struct column *column, sqlite3_stmt *query, int result, struct study_row *row)
{
  const char *text = text_of(query, result), *name;
  (void)column;
  row->stopped_by = CLFIT_STOP_TOL;
  if (!*text) return NULL;
  for (int i = 0; (name = clfit_stop_name((clfit_stop)i)); i++)
    if (strcmp(text, name) == 0) row->stopped_by = (clfit_stop)i;
  return row->stopped_by == CLFIT_STOP_TOL ? "the reason why it stopped is unknown" : NULL;
}

/* A metric that is not finite is stored as NULL. */
static int bind_figure(const struct column *column, const struct study_row *row, sqlite3_stmt *statement, int parameter)
{
  double value = *(const double *)((const char *)row + column->member);
  return isfinite(value) ? sqlite3_bind_double(statement, parameter, value) : SQLITE_OK;
}

static const char *read_figure(const struct column *column, sqlite3_stmt *query, int result, struct study_row *row)
{
  bool there = sqlite3_column_type(query, result) != SQLITE_NULL;
  *(double *)((char *)row + column->member) = there ? sqlite3_column_double(query, result) : NAN;
  return NULL;
}

/* A float32 is stored as a float64 and reads back to the same bits. Infinity is stored, NaN is stored as NULL. */
static int bind_float(const struct column *column, const struct study_row *row, sqlite3_stmt *statement, int parameter)
{
  float value = *(const float *)((const char *)row + column->member);
  return !isnan(value) ? sqlite3_bind_double(statement, parameter, value) : SQLITE_OK;
}

static const char *read_float(const struct column *column, sqlite3_stmt *query, int result, struct study_row *row)
{
  bool there = sqlite3_column_type(query, result) != SQLITE_NULL;
  *(float *)((char *)row + column->member) = there ? (float)sqlite3_column_double(query, result) : NAN;
  return NULL;
}

static int bind_digest(const struct column *column, const struct study_row *row, sqlite3_stmt *statement, int parameter)
{
  (void)column;
  return row->digest[0] ? sqlite3_bind_text(statement, parameter, row->digest, -1, SQLITE_STATIC) : SQLITE_OK;
}

static const char *read_digest(const struct column *column, sqlite3_stmt *query, int result, struct study_row *row)
{
  const char *digest = text_of(query, result);
  (void)column;
  if (*digest && strlen(digest) != CLFIT_DIGEST_SIZE - 1) return "its digest is no SHA-256";
  strcpy(row->digest, digest);
  return NULL;
}

static int bind_history(const struct column *column, const struct study_row *row, sqlite3_stmt *statement,
                        int parameter)
{
  unsigned char bytes[8 * STORE_HISTORY_MAX];
  (void)column;
  for (uint32_t i = 0; i < row->history_count; i++) bytes_put_double(bytes + 8 * i, row->history[i]);
  return sqlite3_bind_blob(statement, parameter, bytes, (int)(8 * row->history_count), SQLITE_TRANSIENT);
}

static const char *read_history(const struct column *column, sqlite3_stmt *query, int result, struct study_row *row)
{
  const unsigned char *bytes = sqlite3_column_blob(query, result);
  size_t size = (size_t)sqlite3_column_bytes(query, result);
  (void)column;
  if (size % 8 || size > 8 * STORE_HISTORY_MAX)
    return "the size of its history is not a multiple of 8 bytes, or too large";
  row->history_count = (uint32_t)(size / 8);
  for (uint32_t i = 0; i < row->history_count; i++) row->history[i] = bytes_get_double(bytes + 8 * i);
  return NULL;
}

#define FIGURE(column_name, field)                                                                                     \
  .name = (column_name), .type = "REAL", .view = (column_name), .is_figure = true,                                     \
  .member = offsetof(struct study_row, field), .bind = bind_figure, .read = read_figure

/* The two floats whose sum is the train loss. With them a kept network is a complete state, whose training can
 * continue. */
#define LOSS(column_name, field)                                                                                       \
  .name = (column_name), .type = "REAL", .optional = true, .member = offsetof(struct study_row, field),                \
  .bind = bind_float, .read = read_float

static const struct column id_column = {
    .name = "id", .type = "INTEGER PRIMARY KEY", .view = "id", .bind = bind_id, .read = read_id};

static const struct column outcomes[] = {
    {.name = "status",
     .type = "TEXT NOT NULL",
     .view = "status",
     .decides = true,
     .bind = bind_status,
     .read = read_status},
    {.name = "diverged_epoch",
     .type = "INTEGER",
     .view = "diverged_epoch",
     .decides = true,
     .bind = bind_diverged_epoch,
     .read = read_diverged_epoch},
    {.name = "best_epoch",
     .type = "INTEGER",
     .view = "best_epoch",
     .optional = true,
     .bind = bind_best_epoch,
     .read = read_best_epoch},
    {.name = "steps",
     .type = "INTEGER NOT NULL",
     .view = "steps, seconds AS train_seconds, steps / nullif(seconds, 0) AS steps_per_second",
     .decides = true,
     .bind = bind_steps,
     .read = read_steps},
    {FIGURE("train_loss", train_loss), .decides = true},
    {FIGURE("test_mse", test.mse)},
    {FIGURE("test_rmse", test.rmse)},
    {FIGURE("test_max_error", test.max_error)},
    {FIGURE("test_r2", test.r2), .larger_is_better = true},
    {FIGURE("fit_rss", fit.rss)},
    {FIGURE("fit_rmse", fit.rmse)},
    {FIGURE("fit_max_error", fit.max_error)},
    {FIGURE("held_rss", held.rss), .optional = true},
    {FIGURE("held_rmse", held.rmse), .optional = true},
    {FIGURE("held_max_error", held.max_error), .optional = true},
    {.name = "digest", .type = "TEXT", .view = "digest", .decides = true, .bind = bind_digest, .read = read_digest},
    {.name = "seconds",
     .type = "REAL NOT NULL",
     .shown = true, /* with the steps */
     .member = offsetof(struct study_row, seconds),
     .bind = bind_figure,
     .read = read_figure},
    {.name = "history", .type = "BLOB NOT NULL", .bind = bind_history, .read = read_history},
    {LOSS("last_loss_high", last_loss_high)},
    {LOSS("last_loss_low", last_loss_low)},
    {.name = "stopped_by", .type = "TEXT", .optional = true, .bind = bind_stop, .read = read_stop},
};
#define OUTCOMES (sizeof outcomes / sizeof *outcomes)

const struct column *columns_next_figure(const struct column *before)
{
  for (const struct column *column = before ? before + 1 : outcomes; column < outcomes + OUTCOMES; column++)
    if (column->is_figure) return column;
  return NULL;
}

const struct column *columns_find_figure(const char *name)
{
  const struct column *column = NULL;
  while ((column = columns_next_figure(column)))
    if (strcmp(column->name, name) == 0) return column;
  return NULL;
}

bool columns_is_shown(const char *name)
{
  if (strcmp(name, id_column.name) == 0 || clfit_field_find(name)) return true;
  for (size_t i = 0; i < OUTCOMES; i++)
    if (strcmp(name, outcomes[i].name) == 0) return outcomes[i].view || outcomes[i].shown;
  return false;
}

/* ---- all columns --------------------------------------------------------------------------------------------- */

clfit_status columns_make(struct columns *columns, clfit_error *error)
{
  size_t fields = clfit_field_count(), n = 0;
  columns->n = 0;
  columns->items = malloc((1 + fields + OUTCOMES) * sizeof *columns->items);
  if (!columns->items) return clfit_fail_memory(error);
  columns->items[n++] = id_column;
  for (size_t i = 0; i < fields; i++) columns->items[n++] = column_of(clfit_field_get(i));
  for (size_t i = 0; i < OUTCOMES; i++) columns->items[n++] = outcomes[i];
  columns->n = n;
  return CLFIT_OK;
}

void columns_clear(struct columns *columns)
{
  free(columns->items);
  *columns = (struct columns){NULL, 0};
}

const struct column *columns_find(const struct columns *columns, const char *name)
{
  for (size_t i = 0; i < columns->n; i++)
    if (strcmp(columns->items[i].name, name) == 0) return &columns->items[i];
  return NULL;
}

static clfit_status take_column(const struct columns *all, const char *name, const char *path, struct columns *columns,
                                clfit_error *error)
{
  const struct column *known = columns_find(all, name);
  if (known && !columns_find(columns, name)) {
    columns->items[columns->n++] = *known;
    return CLFIT_OK;
  }
  return clfit_fail(error, CLFIT_ERROR_FORMAT, "%.300s is no study of this clfit: its networks have a column \"%.60s\"",
                    path ? path : "the study", name);
}

static clfit_status find_missing(const struct columns *all, const struct columns *columns, const char *path,
                                 clfit_error *error)
{
  for (size_t i = 0; i < all->n; i++)
    if (!all->items[i].optional && !columns_find(columns, all->items[i].name))
      return clfit_fail(error, CLFIT_ERROR_FORMAT, "%.300s is no study of this clfit: its networks have no column %s",
                        path ? path : "the study", all->items[i].name);
  return CLFIT_OK;
}

clfit_status columns_read(sqlite3 *database, const char *path, struct columns *columns, clfit_error *error)
{
  struct columns all = {NULL, 0};
  sqlite3_stmt *names = NULL;
  int code = SQLITE_OK;
  clfit_status status = columns_make(&all, error);
  *columns = (struct columns){malloc((all.n + 1) * sizeof *columns->items), 0};
  if (!status && !columns->items) status = clfit_fail_memory(error);
  if (!status && sqlite3_prepare_v2(database, "PRAGMA table_info(networks)", -1, &names, NULL))
    status = database_fail(database, path, error);
  while (!status && (code = sqlite3_step(names)) == SQLITE_ROW)
    status = take_column(&all, text_of(names, 1), path, columns, error);
  if (!status && code != SQLITE_DONE) status = database_fail(database, path, error);
  if (!status) status = find_missing(&all, columns, path, error);
  sqlite3_finalize(names);
  columns_clear(&all);
  if (status) columns_clear(columns);
  return status;
}

/* ---- as SQL -------------------------------------------------------------------------------------------------- */

char *columns_print_table(const struct columns *columns)
{
  sqlite3_str *sql = sqlite3_str_new(NULL);
  sqlite3_str_appendall(sql, "CREATE TABLE networks (");
  for (size_t i = 0; i < columns->n; i++)
    sqlite3_str_appendf(sql, "%s %s %s", i ? "," : "", columns->items[i].name, columns->items[i].type);
  sqlite3_str_appendall(sql, ") STRICT");
  return sqlite3_str_finish(sql);
}

char *columns_print_preset_rows(const struct preset *preset)
{
  sqlite3_str *sql = sqlite3_str_new(NULL);
  sqlite3_str_appendall(sql, "CREATE TABLE preset_rows (row INTEGER PRIMARY KEY");
  for (size_t i = 0; preset->fields[i]; i++)
    sqlite3_str_appendf(sql, ", %s %s", preset->fields[i], type_of(clfit_field_find(preset->fields[i])));
  for (size_t i = 0; preset->published[i].name; i++) sqlite3_str_appendf(sql, ", %s REAL", preset->published[i].name);
  sqlite3_str_appendall(sql, ") STRICT");
  return sqlite3_str_finish(sql);
}

/* The end of the view: the published figures of the network's row in the preset. */
static void append_preset(sqlite3_str *sql, const struct preset *preset)
{
  sqlite3_str_appendall(sql, ", row");
  for (size_t i = 0; preset->published[i].name; i++) sqlite3_str_appendf(sql, ", %s", preset->published[i].name);
  sqlite3_str_appendall(sql, " FROM networks n LEFT JOIN preset_rows p ON");
  for (size_t i = 0; preset->fields[i]; i++)
    sqlite3_str_appendf(sql, "%s n.%s = p.%s", i ? " AND" : "", preset->fields[i], preset->fields[i]);
}

/* The condition in SQL under which a field means something; false: always. */
static bool append_condition(sqlite3_str *sql, const clfit_field *field)
{
  const char *name, *separator = "";
  if (!field || (!field->gradient_only && !field->optimizers)) return false;
  if (!field->optimizers) {
    sqlite3_str_appendall(sql, " CASE WHEN optimizer <> 'lm'");
    return true;
  }
  sqlite3_str_appendall(sql, " CASE WHEN optimizer IN (");
  for (uint32_t i = 0; (name = clfit_optimizer_name(i)); i++) {
    if (!(field->optimizers & 1u << i)) continue;
    sqlite3_str_appendf(sql, "%s'%s'", separator, name);
    separator = ", ";
  }
  sqlite3_str_appendall(sql, ")");
  return true;
}

char *columns_print_view(const struct columns *columns, const struct preset *preset)
{
  const bool optimizers = columns_find(columns, "optimizer");
  sqlite3_str *sql = sqlite3_str_new(NULL);
  sqlite3_str_appendall(sql, "CREATE VIEW results AS SELECT");
  for (size_t i = 0; i < columns->n; i++) {
    const struct column *column = &columns->items[i];
    if (!column->view) continue;
    const char *prefix = preset && preset_has_column(preset, column->name) ? "n." : ""; /* both tables have it */
    sqlite3_str_appendall(sql, i ? "," : "");
    if (optimizers && append_condition(sql, column->field))
      sqlite3_str_appendf(sql, " THEN %s%s END AS %s", prefix, column->view, column->view);
    else
      sqlite3_str_appendf(sql, " %s%s", prefix, column->view);
  }
  if (preset)
    append_preset(sql, preset);
  else
    sqlite3_str_appendall(sql, " FROM networks");
  return sqlite3_str_finish(sql);
}

char *columns_print_names(const struct columns *columns)
{
  sqlite3_str *sql = sqlite3_str_new(NULL);
  for (size_t i = 0; i < columns->n; i++) sqlite3_str_appendf(sql, "%s%s", i ? ", " : "", columns->items[i].name);
  return sqlite3_str_finish(sql);
}

const char *columns_work(const struct columns *columns)
{
  return columns_find(columns, "optimizer")
             ? "CASE WHEN optimizer = 'lm' THEN (3.0 * hidden + 1) * (3.0 * hidden + 1) / 16 ELSE 1.0 * hidden END"
             : "1.0 * hidden";
}

/* As clfit_network_trained has it; both round the same product down. */
const char *columns_trained(const struct columns *columns)
{
  return columns_find(columns, "holdout") ? "(samples - CASE WHEN holdout > 0 THEN max(1, min(samples - 1, "
                                            "CAST(holdout * samples AS INTEGER))) ELSE 0 END)"
                                          : "samples";
}

/* ---- rows ---------------------------------------------------------------------------------------------------- */

int columns_bind(const struct columns *columns, const struct study_row *row, sqlite3_stmt *statement)
{
  int code = SQLITE_OK;
  for (size_t i = 0; i < columns->n && !code; i++) {
    const struct column *column = &columns->items[i];
    code = column->bind(column, row, statement, (int)i + 1);
  }
  return code;
}

const char *columns_read_row(const struct columns *columns, sqlite3_stmt *query, struct study_row *row)
{
  const char *wrong = NULL;
  *row = (struct study_row){.held = {NAN, NAN, NAN, NAN, NAN}, .last_loss_high = NAN, .last_loss_low = NAN};
  clfit_network_default(&row->configuration);
  for (size_t i = 0; i < columns->n && !wrong; i++) {
    const struct column *column = &columns->items[i];
    wrong = column->read(column, query, (int)i, row);
  }
  return wrong;
}
