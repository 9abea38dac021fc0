#include "cli/options/nearest.h"

#include <stdbool.h>
#include <string.h>

/* Longer names are not compared: all names of options and commands are much shorter. */
#define LENGTH_LIMIT 32

static size_t least(size_t a, size_t b, size_t c)
{
  size_t ab = a < b ? a : b;
  return ab < c ? ab : c;
}

/* Levenshtein distance: insertions, deletions and replacements that turn one into the other. */
static size_t distance(const char *a, const char *b)
{
  size_t row[LENGTH_LIMIT + 1], width = strlen(b);
  if (strlen(a) > LENGTH_LIMIT || width > LENGTH_LIMIT) return LENGTH_LIMIT;
  for (size_t j = 0; j <= width; j++) row[j] = j;
  for (size_t i = 0; a[i]; i++) {
    size_t diagonal = row[0];
    row[0] = i + 1;
    for (size_t j = 0; j < width; j++) {
      size_t replaced = diagonal + (a[i] != b[j]);
      diagonal = row[j + 1];
      row[j + 1] = least(row[j] + 1, row[j + 1] + 1, replaced);
    }
  }
  return row[width];
}

void nearest_begin(struct nearest *nearest, const char *typed)
{
  /* One mistake for every three letters, and at least one. */
  size_t allowed = 1 + strlen(typed) / 3;
  *nearest = (struct nearest){.typed = typed, .distance = allowed + 1};
}

void nearest_offer(struct nearest *nearest, const char *name)
{
  /* A typed beginning of a name counts as distance 1. */
  bool beginning = strlen(nearest->typed) >= 2 && strncmp(name, nearest->typed, strlen(nearest->typed)) == 0;
  size_t d = beginning ? 1 : distance(nearest->typed, name);
  if (d >= nearest->distance) return;
  nearest->distance = d;
  nearest->name = name;
}
