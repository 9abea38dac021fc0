#include "study/plan/preset.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The course chapter's ten rows with its own ratings, and the rate that it tries beside them. */
static const struct preset_row tuning_rows[] = {
    {"1", 128, 1000, 1000, 0.1, 5},   {"2", 64, 1000, 2000, 0.1, 3},      {"3", 96, 1000, 1000, 0.1, 2.5},
    {"4", 256, 1000, 500, 0.1, 0},    {"5", 128, 500, 1000, 0.1, 2},      {"6", 128, 1500, 1000, 0.1, 5},
    {"7", 128, 1000, 500, 0.1, 2.5},  {"8", 128, 1000, 1500, 0.1, 5},     {"9", 128, 1000, 1000, 0.5, 1},
    {"10", 128, 1000, 1000, 0.05, 2}, {"11", 128, 1000, 1000, 0.01, NAN},
};

static const struct preset presets[] = {
    {"tuning-study", "0..9", tuning_rows, sizeof tuning_rows / sizeof *tuning_rows},
};

const struct preset *preset_find(const char *name)
{
  for (size_t i = 0; i < sizeof presets / sizeof *presets; i++)
    if (strcmp(presets[i].name, name) == 0) return &presets[i];
  return NULL;
}

char *preset_inserts(const struct preset *preset)
{
  size_t size = 1 + 160 * preset->n, length = 0;
  char *text = malloc(size);
  if (!text) return NULL;
  *text = '\0';
  for (size_t i = 0; i < preset->n; i++) {
    const struct preset_row *row = &preset->rows[i];
    char rating[32] = "NULL";
    if (isfinite(row->rating)) snprintf(rating, sizeof rating, "%g", row->rating);
    length +=
        (size_t)snprintf(text + length, size - length, "INSERT INTO preset_rows VALUES (%s, %u, %u, %u, %.17g, %s);",
                         row->label, row->hidden, row->samples, row->epochs, row->rate, rating);
  }
  return text;
}
