#include "study/plan/preset.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* ---- the tuning study ------------------------------------------------------------------------------------------ */

/* The ten rows of the chapter with its numbers and ratings, and a further rate that it tries. */
static const struct preset_row tuning_rows[] = {
    {"0", {128, 1000, 1000, 0.1}, {5}},  {"1", {64, 1000, 2000, 0.1}, {3}},      {"2", {96, 1000, 1000, 0.1}, {2.5}},
    {"3", {256, 1000, 500, 0.1}, {0}},   {"4", {128, 500, 1000, 0.1}, {2}},      {"5", {128, 1500, 1000, 0.1}, {5}},
    {"6", {128, 1000, 500, 0.1}, {2.5}}, {"7", {128, 1000, 1500, 0.1}, {5}},     {"8", {128, 1000, 1000, 0.5}, {1}},
    {"9", {128, 1000, 1000, 0.05}, {2}}, {"10", {128, 1000, 1000, 0.01}, {NAN}},
};

static const struct preset_figure tuning_figures[] = {
    {"median_test_mse", "test_mse", PRESET_MEDIAN, {"median mse", 10, 4, false}, "median test MSE"},
    {"min_test_mse", "test_mse", PRESET_LEAST, {"min mse", 10, 4, false}, "min"},
    {"max_test_mse", "test_mse", PRESET_LARGEST, {"max mse", 10, 4, false}, "max"},
    {"median_test_r2", "test_r2", PRESET_MEDIAN, {"median R2", 9, 5, true}, "median R2"},
    {"median_train_seconds", "train_seconds", PRESET_MEDIAN, {"seconds", 8, 3, false}, "seconds"},
    {"parameter_bytes", "4 * (3 * hidden + 1)", PRESET_MEDIAN, {"bytes", 6, 6, false}, "bytes"},
};

/* ---- the course's table of epochs ------------------------------------------------------------------------------ */

/* Epochs that the course published for one training of each row, and the median and quartiles of 20 trainings with
 * other seeds in NumPy. */
static const struct preset_row course_rows[] = {
    {"1", {128, 1000, 0.1}, {983, 1203, 1020, 1463}},
    {"2", {96, 1000, 0.1}, {3966, 3614, 3339, 4738}},
    {"3", {128, 500, 0.1}, {1562, 2066, 1815, 2541}},
    {"4", {128, 1000, 0.05}, {6513, 6289, 5575, 6999}},
};

/* The published figures are of trainings with these; the epochs are an upper limit. Nothing but the loss stops them. */
static const struct preset_setting course_settings[] = {
    {"epochs", "20000"},    {"activation", "sigmoid"}, {"optimizer", "sgd"}, {"init", "xavier"},
    {"batch", "1"},         {"shuffle", "none"},       {"noise", "0.05"},    {"holdout", "0"},
    {"stop_loss", "0.002"}, {"stop_on", "all"},        {"tol", "0"},         {"patience", "0"},
};

/* A training that did not stop counts with its epochs at most, so that it ranks behind those that did. */
#define STOPPED    "(status = 'stopped')"
#define EPOCHS_RUN "CASE WHEN " STOPPED " THEN 1.0 * steps / samples ELSE epochs END"

static const struct preset_figure course_figures[] = {
    {"networks", "1", PRESET_SUM, {"networks", 8, 9, false}, "networks"},
    {"median_epochs", EPOCHS_RUN, PRESET_MEDIAN, {"median", 6, 6, false}, "median epochs"},
    {"quartile_1_epochs", EPOCHS_RUN, PRESET_QUARTILE_1, {"q1", 6, 6, false}, "first quartile"},
    {"quartile_3_epochs", EPOCHS_RUN, PRESET_QUARTILE_3, {"q3", 6, 6, false}, "third quartile"},
    {"not_stopped", "1 - " STOPPED, PRESET_SUM, {"not stopped", 11, 9, false}, "not stopped"},
};

/* ---- all of them ----------------------------------------------------------------------------------------------- */

static const struct preset presets[] = {
    {.name = "tuning-study",
     .sample_seeds = "0..9",
     .fields = {"hidden", "samples", "epochs", "rate"},
     .published = {{"rating", {"rating", 6, 6, false}}},
     .rows = tuning_rows,
     .n = COUNT(tuning_rows),
     .figures = tuning_figures,
     .n_figures = COUNT(tuning_figures),
     .note = "Over the sample seeds; seconds are a network's share of its launches, bytes those of its parameters."},
    {.name = "course-table",
     .sample_seeds = "0..19",
     .fields = {"hidden", "samples", "rate"},
     .settings = course_settings,
     .n_settings = COUNT(course_settings),
     .published = {{"course_epochs", {"course", 6, 6, false}},
                   {"numpy_median", {"NumPy median", 6, 6, false}},
                   {"numpy_quartile_1", {"NumPy q1", 6, 6, false}},
                   {"numpy_quartile_3", {"NumPy q3", 6, 6, false}}},
     .rows = course_rows,
     .n = COUNT(course_rows),
     .figures = course_figures,
     .n_figures = COUNT(course_figures),
     .note = "Epochs until half the mean squared error over all samples was below 0.002: as the course published them, "
             "as seen in NumPy, and of these networks over the sample seeds. A training that did not stop counts with "
             "all its epochs."},
};

const struct preset *preset_get(size_t index)
{
  return index < COUNT(presets) ? &presets[index] : NULL;
}

const struct preset *preset_find(const char *name)
{
  for (size_t i = 0; i < COUNT(presets); i++)
    if (strcmp(presets[i].name, name) == 0) return &presets[i];
  return NULL;
}

char *preset_print_names(void)
{
  char *text = NULL;
  size_t size;
  FILE *stream = open_memstream(&text, &size);
  if (!stream) return NULL;
  for (size_t i = 0; i < COUNT(presets); i++)
    fprintf(stream, "%s%s", i == 0 ? "" : i + 1 < COUNT(presets) ? ", " : " or ", presets[i].name);
  if (fclose(stream) == 0) return text;
  free(text);
  return NULL;
}

bool preset_has_column(const struct preset *preset, const char *field)
{
  for (size_t i = 0; preset->fields[i]; i++)
    if (strcmp(preset->fields[i], field) == 0) return true;
  return false;
}

bool preset_sets(const struct preset *preset, const clfit_field *field)
{
  for (size_t i = 0; i < preset->n_settings; i++)
    if (strcmp(preset->settings[i].field, field->name) == 0) return true;
  return preset_has_column(preset, field->name);
}

void preset_apply(const struct preset *preset, size_t row, clfit_network *network)
{
  for (size_t i = 0; i < preset->n_settings; i++) {
    const struct preset_setting *setting = &preset->settings[i];
    clfit_field_read(clfit_field_find(setting->field), setting->value, NULL, network, NULL);
  }
  for (size_t i = 0; preset->fields[i]; i++)
    clfit_field_set(clfit_field_find(preset->fields[i]), preset->rows[row].values[i], network);
}

/* ---- SQL ----------------------------------------------------------------------------------------------------- */

/* Appends a value in SQL: a number, or a name in quotes. */
static void print_setting(FILE *sql, const struct preset *preset, size_t row, size_t i)
{
  const clfit_field *field = clfit_field_find(preset->fields[i]);
  const char *quote = clfit_field_is_text(field) ? "'" : "";
  char text[CLFIT_FIELD_TEXT_SIZE];
  clfit_network network;
  clfit_network_default(&network);
  preset_apply(preset, row, &network);
  clfit_field_print(field, &network, text);
  fprintf(sql, "%s%s%s", quote, text, quote);
}

char *preset_condition(const struct preset *preset, size_t row)
{
  char *text = NULL;
  size_t size;
  FILE *sql = open_memstream(&text, &size);
  if (!sql) return NULL;
  for (size_t i = 0; preset->fields[i]; i++) {
    fprintf(sql, "%s%s = ", i ? " AND " : "", preset->fields[i]);
    print_setting(sql, preset, row, i);
  }
  if (fclose(sql) == 0) return text;
  free(text);
  return NULL;
}

static void print_row(FILE *sql, const struct preset *preset, size_t row)
{
  fprintf(sql, "INSERT INTO preset_rows (row");
  for (size_t i = 0; preset->fields[i]; i++) fprintf(sql, ", %s", preset->fields[i]);
  for (size_t i = 0; preset->published[i].name; i++) fprintf(sql, ", %s", preset->published[i].name);
  fprintf(sql, ") VALUES (%s", preset->rows[row].label);
  for (size_t i = 0; preset->fields[i]; i++) {
    fprintf(sql, ", ");
    print_setting(sql, preset, row, i);
  }
  for (size_t i = 0; preset->published[i].name; i++) {
    const double value = preset->rows[row].published[i];
    if (isfinite(value))
      fprintf(sql, ", %g", value);
    else
      fprintf(sql, ", NULL");
  }
  fprintf(sql, ");");
}

char *preset_inserts(const struct preset *preset)
{
  char *text = NULL;
  size_t size;
  FILE *sql = open_memstream(&text, &size);
  if (!sql) return NULL;
  for (size_t row = 0; row < preset->n; row++) print_row(sql, preset, row);
  if (fclose(sql) == 0) return text;
  free(text);
  return NULL;
}
