#include "cli/train/history.h"

#include "cli/io/message.h"
#include "cli/io/output.h"
#include "study/base/numbers.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const char header[] = "epoch,train_loss", held_header[] = "epoch,train_loss,held_loss";

void history_clear(struct history *history)
{
  free(history->epochs);
  free(history->losses);
  free(history->held);
  memset(history, 0, sizeof *history);
}

static clfit_status reserve(struct history *history, size_t n, clfit_error *error)
{
  size_t capacity = history->capacity ? history->capacity : 1024;
  if (n > SIZE_MAX / sizeof(double) / 4 - history->count) return clfit_fail_memory(error);
  while (capacity < history->count + n) capacity *= 2;
  if (capacity == history->capacity) return CLFIT_OK;
  uint32_t *epochs = realloc(history->epochs, capacity * sizeof *epochs);
  if (epochs) history->epochs = epochs;
  double *losses = realloc(history->losses, capacity * sizeof *losses);
  if (losses) history->losses = losses;
  double *held = realloc(history->held, capacity * sizeof *held);
  if (held) history->held = held;
  if (!epochs || !losses || !held) return clfit_fail(error, CLFIT_ERROR_MEMORY, "out of memory for the history");
  history->capacity = capacity;
  return CLFIT_OK;
}

clfit_status history_append(struct history *history, uint32_t first_epoch, size_t n, const double *losses,
                            const double *held, clfit_error *error)
{
  clfit_status status = reserve(history, n, error);
  if (status) return status;
  if (held) history->has_held = true;
  for (size_t i = 0; i < n; i++) {
    history->epochs[history->count] = first_epoch + (uint32_t)i;
    history->held[history->count] = held ? held[i] : NAN;
    history->losses[history->count++] = losses[i];
  }
  return CLFIT_OK;
}

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

static clfit_status read_line(struct history *history, char *line, uint32_t last_epoch, clfit_error *error)
{
  uint32_t epoch;
  double loss, held;
  const bool has_held = history->has_held;
  if (!read_row(line, has_held, &epoch, &loss, &held))
    return refuse(error, "not a row of %s", has_held ? held_header : header);
  if (history->count && epoch <= history->epochs[history->count - 1])
    return refuse(error, "epoch %u after epoch %u", epoch, history->epochs[history->count - 1]);
  return epoch <= last_epoch ? history_append(history, epoch, 1, &loss, has_held ? &held : NULL, error) : CLFIT_OK;
}

static clfit_status read_stream(struct history *history, FILE *stream, const char *path, uint32_t last_epoch,
                                clfit_error *error)
{
  char *line = NULL, place[CLFIT_MESSAGE_SIZE];
  size_t size = 0, number = 0;
  clfit_status status = CLFIT_OK;
  while (!status && getline(&line, &size, stream) >= 0) {
    line[strcspn(line, "\r\n")] = '\0';
    if (++number > 1)
      status = read_line(history, line, last_epoch, error);
    else if (strcmp(line, held_header) == 0)
      history->has_held = true;
    else if (strcmp(line, header) != 0)
      status = refuse(error, "not a history that clfit train wrote: its first line is not %s", header);
    if (!status) continue;
    snprintf(place, sizeof place, "%.150s, line %zu", path, number);
    fail_in(error, place);
  }
  if (!status && ferror(stream)) status = clfit_fail(error, CLFIT_ERROR_FILE, "cannot read %.200s", path);
  free(line);
  return status;
}

clfit_status history_read(struct history *history, const char *path, uint32_t last_epoch, clfit_error *error)
{
  struct stat there;
  if (stat(path, &there) != 0 || !S_ISREG(there.st_mode)) return CLFIT_OK;
  FILE *stream = fopen(path, "r");
  if (!stream) return clfit_fail(error, CLFIT_ERROR_FILE, "cannot read %.200s: %s", path, strerror(errno));
  clfit_status status = read_stream(history, stream, path, last_epoch, error);
  fclose(stream);
  return status;
}

clfit_status history_write(const struct history *history, const char *path, clfit_error *error)
{
  struct output output;
  char loss[NUMBER_SIZE], held[NUMBER_SIZE];
  clfit_status status = output_open(&output, path, error);
  if (status) return status;
  bool good = fprintf(output.file.stream, "%s\n", history->has_held ? held_header : header) >= 0;
  for (size_t i = 0; good && i < history->count; i++) {
    number_print(loss, history->losses[i]);
    number_print(held, history->held[i]);
    good = fprintf(output.file.stream, "%u,%s%s%s\n", history->epochs[i], loss, history->has_held ? "," : "",
                   history->has_held ? held : "") >= 0;
  }
  return output_end(&output, CLFIT_OK, error);
}

size_t history_unbroken(const struct history *history)
{
  size_t first = history->count;
  while (first > 1 && history->epochs[first - 2] + 1 == history->epochs[first - 1]) first--;
  return first ? first - 1 : 0;
}
