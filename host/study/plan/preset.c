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

static const char before[] =
    "CREATE TABLE preset_rows (row INTEGER PRIMARY KEY, hidden INTEGER NOT NULL, samples INTEGER NOT NULL,"
    " epochs INTEGER NOT NULL, rate REAL NOT NULL, rating REAL) STRICT;";
/* The view of every study, and two columns behind. */
static const char after[] =
    "DROP VIEW results;"
    "CREATE VIEW results AS SELECT id, n.hidden, n.samples, n.epochs, n.rate, activation, seed, sample_seed, tol, "
    "status,"
    " diverged_epoch, steps, seconds AS train_seconds, steps / nullif(seconds, 0) AS steps_per_second, train_loss,"
    " test_mse, test_rmse, test_max_error, test_r2, fit_rss, fit_rmse, fit_max_error, digest, row, rating"
    " FROM networks n LEFT JOIN preset_rows p ON n.hidden = p.hidden AND n.samples = p.samples AND n.epochs = p.epochs"
    " AND n.rate = p.rate;";

char *preset_schema(const struct preset *preset)
{
  size_t size = sizeof before + sizeof after + 160 * preset->n, length;
  char *text = malloc(size);
  if (!text) return NULL;
  length = (size_t)snprintf(text, size, "%s", before);
  for (size_t i = 0; i < preset->n; i++) {
    const struct preset_row *row = &preset->rows[i];
    char rating[32] = "NULL";
    if (isfinite(row->rating)) snprintf(rating, sizeof rating, "%g", row->rating);
    length +=
        (size_t)snprintf(text + length, size - length, "INSERT INTO preset_rows VALUES (%s, %u, %u, %u, %.17g, %s);",
                         row->label, row->hidden, row->samples, row->epochs, row->rate, rating);
  }
  snprintf(text + length, size - length, "%s", after);
  return text;
}
