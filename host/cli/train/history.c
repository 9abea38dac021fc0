#include "cli/train/history.h"

#include "cli/io/message.h"
#include "study/base/numbers.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* More than a row that clfit writes has: an epoch and two losses. */
enum { LINE_SIZE = 256 };

static const char header[] = "epoch,train_loss", held_header[] = "epoch,train_loss,held_loss";

/* ---- the curve --------------------------------------------------------------------------------------------------- */

static clfit_status allocate_curve(struct history_curve *curve, clfit_error *error)
{
  curve->losses = malloc(HISTORY_CURVE_MAX * sizeof *curve->losses);
  curve->held = malloc(HISTORY_CURVE_MAX * sizeof *curve->held);
  return curve->losses && curve->held ? CLFIT_OK : clfit_fail_memory(error);
}

static void halve(struct history_curve *curve)
{
  for (size_t i = 0; 2 * i < curve->count; i++) {
    curve->losses[i] = curve->losses[2 * i];
    curve->held[i] = curve->held[2 * i];
  }
  curve->count = (curve->count + 1) / 2;
  curve->step *= 2;
}

static void extend(struct history_curve *curve, uint32_t epoch, bool follows, double loss, double held)
{
  if (!curve->losses) return;
  if (!follows) *curve = (struct history_curve){curve->losses, curve->held, 0, epoch, 1};
  if (curve->count == HISTORY_CURVE_MAX) halve(curve);
  if ((epoch - curve->first_epoch) % curve->step > 0) return;
  curve->losses[curve->count] = loss;
  curve->held[curve->count++] = held;
}

/* ---- rows -------------------------------------------------------------------------------------------------------- */

/* What cannot be written shows in the stream when the file is ended. */
static void write_row(struct history *history, uint32_t epoch, double loss, double held)
{
  FILE *stream = history->output.file.stream;
  char text[NUMBER_SIZE], held_text[NUMBER_SIZE];
  number_print(text, loss);
  if (history->has_held) number_print(held_text, held);
  fprintf(stream, "%" PRIu32 ",%s%s%s\n", epoch, text, history->has_held ? "," : "",
          history->has_held ? held_text : "");
  extend(&history->curve, epoch, history->last_epoch > 0 && epoch == history->last_epoch + 1, loss, held);
  history->last_epoch = epoch;
}

void history_append(struct history *history, uint32_t first_epoch, size_t n, const double *losses, const double *held)
{
  for (size_t i = 0; i < n && history->open; i++)
    write_row(history, first_epoch + (uint32_t)i, losses[i], held ? held[i] : NAN);
}

/* ---- rows of an earlier file ------------------------------------------------------------------------------------- */

/* Reads a loss, which is empty where it was not finite. */
static bool read_loss(const char *text, double *loss)
{
  *loss = NAN;
  return *text == '\0' || clfit_number_parse_real(text, loss);
}

/* Cuts a text at its first comma; returns what follows, or NULL. */
static char *cut(char *text)
{
  char *comma = strchr(text, ',');
  if (comma) *comma = '\0';
  return comma ? comma + 1 : NULL;
}

/* Reads "EPOCH,LOSS" or "EPOCH,LOSS,LOSS". */
static bool read_row(char *line, bool has_held, uint32_t *epoch, double *loss, double *held)
{
  char *second = cut(line), *third = second && has_held ? cut(second) : NULL;
  if (!second || (has_held && !third)) return false;
  return clfit_number_parse_count(line, epoch) && *epoch > 0 && read_loss(second, loss) &&
         (!has_held || read_loss(third, held));
}

/* What the reading of a file knows. */
struct reading {
  struct history *history;
  const char *path;
  uint32_t up_to; /* rows of later epochs are left out */
  uint32_t epoch; /* of the last row */
  bool has_held;  /* the file has a third column */
};

static clfit_status read_line(struct reading *reading, char *line, clfit_error *error)
{
  uint32_t epoch;
  double loss, held = NAN;
  if (!read_row(line, reading->has_held, &epoch, &loss, &held))
    return refuse(error, "not a row of %s", reading->has_held ? held_header : header);
  if (epoch <= reading->epoch) return refuse(error, "epoch %u after epoch %u", epoch, reading->epoch);
  reading->epoch = epoch;
  if (epoch > reading->up_to) return CLFIT_OK;
  write_row(reading->history, epoch, loss, held);
  return CLFIT_OK;
}

/* The first line of the file, which decides what that of the new one is. */
static clfit_status read_header(struct reading *reading, const char *line, clfit_error *error)
{
  reading->has_held = strcmp(line, held_header) == 0;
  if (reading->has_held) reading->history->has_held = true;
  if (reading->has_held || strcmp(line, header) == 0) return CLFIT_OK;
  return refuse(error, "not a history that clfit train wrote: its first line is not %s", header);
}

static void write_header(struct history *history)
{
  fprintf(history->output.file.stream, "%s\n", history->has_held ? held_header : header);
}

/* Reads the next line without its end; *more is false after the last. */
static clfit_status next_line(FILE *stream, char line[LINE_SIZE], bool *more, clfit_error *error)
{
  size_t length = 0;
  int next = getc(stream);
  *more = next != EOF;
  for (; next != EOF && next != '\n' && length < LINE_SIZE - 1; next = getc(stream)) line[length++] = (char)next;
  line[length] = '\0';
  line[strcspn(line, "\r")] = '\0';
  if (next == EOF || next == '\n') return CLFIT_OK;
  return refuse(error, "longer than %d characters, as no line of a history is", LINE_SIZE - 1);
}

static clfit_status read_stream(struct reading *reading, FILE *stream, clfit_error *error)
{
  char line[LINE_SIZE], place[CLFIT_MESSAGE_SIZE];
  size_t number = 0;
  bool more = true;
  clfit_status status = CLFIT_OK;
  while (!status && more) {
    status = next_line(stream, line, &more, error);
    number += more;
    if (!status && more) status = number > 1 ? read_line(reading, line, error) : read_header(reading, line, error);
    if (!status && more && number == 1) write_header(reading->history);
    if (!status) continue;
    snprintf(place, sizeof place, "%.150s, line %zu", reading->path, number);
    fail_in(error, place);
  }
  if (!status && number == 0) write_header(reading->history);
  if (!status && ferror(stream)) status = clfit_fail(error, CLFIT_ERROR_FILE, "cannot read %.200s", reading->path);
  return status;
}

/* The header, and the rows of the file that is there. */
static clfit_status write_beginning(struct history *history, uint32_t last_epoch, clfit_error *error)
{
  struct stat there;
  struct reading reading = {.history = history, .path = history->path, .up_to = last_epoch};
  if (last_epoch == 0 || stat(history->path, &there) != 0 || !S_ISREG(there.st_mode)) {
    write_header(history);
    return CLFIT_OK;
  }
  FILE *stream = fopen(history->path, "r");
  if (!stream) return clfit_fail(error, CLFIT_ERROR_FILE, "cannot read %.200s: %s", history->path, strerror(errno));
  clfit_status status = read_stream(&reading, stream, error);
  fclose(stream);
  return status;
}

/* ---- the file ---------------------------------------------------------------------------------------------------- */

clfit_status history_begin(struct history *history, const char *path, uint32_t last_epoch, bool held, bool curve,
                           clfit_error *error)
{
  clfit_status status = curve ? allocate_curve(&history->curve, error) : CLFIT_OK;
  if (!status) status = output_open(&history->output, path, error);
  if (status) return status;
  history->path = path;
  history->open = true;
  history->has_held = held;
  history->resumed = last_epoch > 0;
  return write_beginning(history, last_epoch, error);
}

clfit_status history_prepare(struct history *history, clfit_error *error)
{
  return history->open ? clfit_output_prepare(&history->output.file, error) : CLFIT_OK;
}

clfit_status history_end(struct history *history, clfit_error *error)
{
  if (!history->open) return CLFIT_OK;
  history->open = false;
  return output_end(&history->output, CLFIT_OK, error);
}

void history_clear(struct history *history)
{
  if (history->open) output_end(&history->output, CLFIT_ERROR_FILE, NULL);
  free(history->curve.losses);
  free(history->curve.held);
  memset(history, 0, sizeof *history);
}
