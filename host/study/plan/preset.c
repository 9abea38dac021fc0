#include "study/plan/preset.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The ten rows of the chapter with its numbers and ratings, and a further rate that it tries. */
static const struct preset_row tuning_rows[] = {
    {"0", {128, 1000, 1000, 0.1}, 5},  {"1", {64, 1000, 2000, 0.1}, 3},      {"2", {96, 1000, 1000, 0.1}, 2.5},
    {"3", {256, 1000, 500, 0.1}, 0},   {"4", {128, 500, 1000, 0.1}, 2},      {"5", {128, 1500, 1000, 0.1}, 5},
    {"6", {128, 1000, 500, 0.1}, 2.5}, {"7", {128, 1000, 1500, 0.1}, 5},     {"8", {128, 1000, 1000, 0.5}, 1},
    {"9", {128, 1000, 1000, 0.05}, 2}, {"10", {128, 1000, 1000, 0.01}, NAN},
};

static const struct preset presets[] = {
    {"tuning-study",
     "0..9",
     {"hidden", "samples", "epochs", "rate"},
     tuning_rows,
     sizeof tuning_rows / sizeof *tuning_rows},
};

const struct preset *preset_find(const char *name)
{
  for (size_t i = 0; i < sizeof presets / sizeof *presets; i++)
    if (strcmp(presets[i].name, name) == 0) return &presets[i];
  return NULL;
}

bool preset_sets(const struct preset *preset, const clfit_field *field)
{
  for (size_t i = 0; preset->fields[i]; i++)
    if (strcmp(preset->fields[i], field->name) == 0) return true;
  return false;
}

void preset_apply(const struct preset *preset, size_t row, clfit_network *network)
{
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
  fprintf(sql, ", rating) VALUES (%s", preset->rows[row].label);
  for (size_t i = 0; preset->fields[i]; i++) {
    fprintf(sql, ", ");
    print_setting(sql, preset, row, i);
  }
  if (isfinite(preset->rows[row].rating))
    fprintf(sql, ", %g);", preset->rows[row].rating);
  else
    fprintf(sql, ", NULL);");
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
