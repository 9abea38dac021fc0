/* Orders, schedules and figures: names, and schedules as numbers. */
#include "config/schedule.h"

#include "base/error.h"
#include "base/names.h"
#include "base/number.h"
#include "network.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* ---- names --------------------------------------------------------------------------------------------------- */

static const char *const shuffles[] = {
    [CLFIT_SHUFFLED_NONE] = "none", [CLFIT_SHUFFLED_EPOCH] = "epoch", [CLFIT_SHUFFLED_ONCE] = "once"};
static const char *const figures[] = {
    [CLFIT_FIGURE_OF_TRAIN] = "train", [CLFIT_FIGURE_OF_ALL] = "all", [CLFIT_FIGURE_OF_HELD] = "held"};

const char *clfit_shuffle_name(clfit_shuffle shuffle)
{
  return shuffle < sizeof shuffles / sizeof *shuffles ? shuffles[shuffle] : NULL;
}

clfit_status clfit_shuffle_find(const char *name, clfit_shuffle *shuffle, clfit_error *error)
{
  return clfit_name_find("order", clfit_shuffle_name, NULL, name, shuffle, error);
}

const char *clfit_figure_name(clfit_figure figure)
{
  return figure < sizeof figures / sizeof *figures ? figures[figure] : NULL;
}

clfit_status clfit_figure_find(const char *name, clfit_figure *figure, clfit_error *error)
{
  return clfit_name_find("loss", clfit_figure_name, NULL, name, figure, error);
}

/* ---- schedules ----------------------------------------------------------------------------------------------- */

/* What stands after the name. */
static const struct kind {
  const char *name;
  bool epochs, factor;
} kinds[] = {
    [CLFIT_SCHEDULE_CONSTANT] = {"constant", false, false}, [CLFIT_SCHEDULE_GEOMETRIC] = {"geometric", false, true},
    [CLFIT_SCHEDULE_STEP] = {"step", true, true},           [CLFIT_SCHEDULE_COSINE] = {"cosine", false, false},
    [CLFIT_SCHEDULE_WARMUP] = {"warmup", true, false},
};

#define KINDS (sizeof kinds / sizeof *kinds)

/* The code is an integer below 2^53: three bits of the kind, 18 of the epochs, 32 of the factor's float32. */
#define KIND_BITS  3
#define EPOCH_BITS 18

double clfit_schedule_encode(const clfit_schedule *schedule)
{
  uint32_t pattern;
  memcpy(&pattern, &schedule->factor, sizeof pattern);
  return (double)((uint64_t)pattern << (KIND_BITS + EPOCH_BITS) | (uint64_t)schedule->epochs << KIND_BITS |
                  schedule->kind);
}

clfit_schedule clfit_schedule_decode(double code)
{
  clfit_schedule schedule = {0};
  if (!(code >= 0 && code < 0x1p53)) return schedule;
  const uint64_t whole = (uint64_t)code;
  const uint32_t pattern = (uint32_t)(whole >> (KIND_BITS + EPOCH_BITS));
  schedule.kind = (uint32_t)whole & ((1u << KIND_BITS) - 1);
  schedule.epochs = (uint32_t)(whole >> KIND_BITS) & CLFIT_SCHEDULE_EPOCHS_MAX;
  memcpy(&schedule.factor, &pattern, sizeof pattern);
  return schedule;
}

void clfit_schedule_print(double code, char text[CLFIT_FIELD_TEXT_SIZE])
{
  const clfit_schedule schedule = clfit_schedule_decode(code);
  char factor[CLFIT_NUMBER_SIZE], epochs[16] = "";
  if (schedule.kind >= KINDS) {
    snprintf(text, CLFIT_FIELD_TEXT_SIZE, "?");
    return;
  }
  const struct kind *kind = &kinds[schedule.kind];
  clfit_number_print_float(factor, schedule.factor);
  if (kind->epochs) snprintf(epochs, sizeof epochs, ":%u", schedule.epochs);
  snprintf(text, CLFIT_FIELD_TEXT_SIZE, "%s%s%s%s", kind->name, epochs, kind->factor ? ":" : "",
           kind->factor ? factor : "");
}

/* The next part of "step:N:G", up to a colon or the end; false: there is none, or it is too long. */
static bool next_part(const char **text, char part[CLFIT_NUMBER_SIZE])
{
  const size_t length = strcspn(*text, ":");
  if (length == 0 || length >= CLFIT_NUMBER_SIZE) return false;
  memcpy(part, *text, length);
  part[length] = '\0';
  *text += length + ((*text)[length] == ':');
  return true;
}

static bool read_schedule(const struct kind *kind, const char *text, clfit_schedule *schedule)
{
  char part[CLFIT_NUMBER_SIZE];
  double factor = 0;
  if (kind->epochs && !(next_part(&text, part) && clfit_number_parse_count(part, &schedule->epochs) &&
                        schedule->epochs >= 1 && schedule->epochs <= CLFIT_SCHEDULE_EPOCHS_MAX))
    return false;
  if (kind->factor && !(next_part(&text, part) && clfit_number_parse_real(part, &factor) && factor > 0 && factor <= 1 &&
                        (float)factor > 0))
    return false;
  schedule->factor = (float)factor;
  return *text == '\0' && text[-1] != ':'; /* text is behind the name at least */
}

clfit_status clfit_schedule_find(const char *text, double *code, clfit_error *error)
{
  const char *rest = text;
  char name[CLFIT_NUMBER_SIZE];
  clfit_schedule schedule = {0};
  const bool named = next_part(&rest, name);
  for (schedule.kind = 0; named && schedule.kind < KINDS; schedule.kind++) {
    if (strcmp(kinds[schedule.kind].name, name) != 0) continue;
    if (!read_schedule(&kinds[schedule.kind], rest, &schedule)) break;
    *code = clfit_schedule_encode(&schedule);
    return CLFIT_OK;
  }
  return clfit_fail(error, CLFIT_ERROR_ARGUMENT,
                    "a schedule is constant, geometric:G, step:N:G, cosine or warmup:N with N from 1 to %u and G above "
                    "0 and at most 1, not \"%.60s\"",
                    CLFIT_SCHEDULE_EPOCHS_MAX, text);
}
