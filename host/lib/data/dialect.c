/*
 * A separator is as good as the lines that it cuts into as many cells as the first one, and then as the part of these
 * cells that are numbers: "1,5;2,5" cut at commas is three cells and two numbers, at semicolons two of two. Of equals
 * the first in the list is taken, so that "1, 2" is cut at the comma.
 */
#include "data/dialect.h"

#include "base/error.h"
#include "data/cell.h"
#include "data/csv.h"

/* Records that are looked at. */
#define RECORDS_MAX 200

/* The records in the bytes of an input, cut with one separator. */
struct probe {
  struct input input;
  struct csv csv;
  bool whole; /* nothing follows the bytes */
  size_t records;
};

static void begin(struct probe *probe, const struct input *input, char separator)
{
  *probe = (struct probe){.input = *input, .whole = input->count < CLFIT_INPUT_SIZE};
  probe->input.stream = NULL;
  clfit_csv_begin(&probe->csv, &probe->input, "", separator);
}

/* Reads the next record; false: there is none, or none that can be cut. A record that the end of the bytes cuts off is
 * none, unless it is the first, of which some cells are better than nothing. */
static bool next(struct probe *probe, bool *memory)
{
  bool end;
  if (probe->records == RECORDS_MAX) return false;
  clfit_status status = clfit_csv_next(&probe->csv, &end, NULL);
  if (status == CLFIT_ERROR_MEMORY) *memory = false;
  if (status || end) return false;
  return probe->records++ == 0 || probe->whole || !probe->csv.last;
}

struct score {
  bool several;          /* more than one cell in the first record */
  size_t good;           /* records with as many cells as the first */
  size_t cells, numbers; /* in the good ones */
};

static void count(struct score *score, struct csv *csv)
{
  double value;
  char mark;
  score->good++;
  score->cells += csv->field_count;
  for (size_t i = 0; i < csv->field_count; i++)
    score->numbers += clfit_cell_number(csv->fields[i], csv->separator != ',', &value, &mark);
}

/* The first record may be a header, and counts only if it is the only one. */
static struct score score_of(const struct input *input, char separator, bool *memory)
{
  struct score score = {0}, alone = {0};
  struct probe probe;
  begin(&probe, input, separator);
  if (next(&probe, memory)) {
    size_t fields = probe.csv.field_count;
    count(&alone, &probe.csv);
    while (next(&probe, memory))
      if (probe.csv.field_count == fields) count(&score, &probe.csv);
    if (probe.records == 1) score = alone;
    score.several = fields > 1;
  }
  clfit_csv_close(&probe.csv);
  return score;
}

static bool is_better(const struct score *a, const struct score *b)
{
  bool a_usable = a->several && a->numbers, b_usable = b->several && b->numbers;
  if (a_usable != b_usable) return a_usable;
  if (a->several != b->several) return a->several;
  if (a->good != b->good) return a->good > b->good;
  return (uint64_t)a->numbers * b->cells > (uint64_t)b->numbers * a->cells;
}

/* Whether the first record has a text above a number; if it has no text above anything, whether it is all text. */
static bool has_header(const struct input *input, char separator, bool *memory)
{
  const bool comma = separator != ',';
  struct probe first, below;
  bool text = false, number = false, header = false;
  double value;
  char mark;
  begin(&first, input, separator);
  begin(&below, input, separator);
  if (next(&first, memory) && next(&below, memory)) {
    char **names = first.csv.fields;
    for (size_t i = 0; i < first.csv.field_count; i++) {
      text = text || clfit_cell_is_text(names[i], comma);
      number = number || clfit_cell_number(names[i], comma, &value, &mark);
    }
    while (text && number && !header && next(&below, memory))
      for (size_t i = 0; i < first.csv.field_count && i < below.csv.field_count && !header; i++)
        header = clfit_cell_is_text(names[i], comma) && clfit_cell_number(below.csv.fields[i], comma, &value, &mark);
    header = header || (text && !number);
  }
  clfit_csv_close(&first.csv);
  clfit_csv_close(&below.csv);
  return header;
}

clfit_status clfit_dialect_guess(const struct input *input, struct dialect *dialect, clfit_error *error)
{
  static const char separators[] = {',', ';', '\t', ' '};
  struct score best = {0};
  bool memory = true; /* there was enough */
  for (size_t i = 0; i < sizeof separators; i++) {
    struct score score = score_of(input, separators[i], &memory);
    if (i > 0 && !is_better(&score, &best)) continue;
    best = score;
    dialect->separator = separators[i];
  }
  dialect->header = has_header(input, dialect->separator, &memory);
  return memory ? CLFIT_OK : clfit_fail_memory(error);
}
