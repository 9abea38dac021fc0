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

static const char header[] = "epoch,train_loss";

void history_clear(struct history *history)
{
  free(history->epochs);
  free(history->losses);
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
  if (!epochs || !losses) return clfit_fail(error, CLFIT_ERROR_MEMORY, "out of memory for the history");
  history->capacity = capacity;
  return CLFIT_OK;
}

clfit_status history_append(struct history *history, uint32_t first_epoch, size_t n, const double *losses,
                            clfit_error *error)
{
  clfit_status status = reserve(history, n, error);
  if (status) return status;
  for (size_t i = 0; i < n; i++) {
    history->epochs[history->count] = first_epoch + (uint32_t)i;
    history->losses[history->count++] = losses[i];
  }
  return CLFIT_OK;
}

/* Reads "EPOCH,LOSS", the loss being empty where it was not finite. */
static bool read_row(char *line, uint32_t *epoch, double *loss)
{
  char *comma = strchr(line, ',');
  if (!comma) return false;
  *comma = '\0';
  *loss = NAN;
  return clfit_number_parse_count(line, epoch) && *epoch > 0 &&
         (comma[1] == '\0' || clfit_number_parse_real(comma + 1, loss));
}

static clfit_status read_line(struct history *history, char *line, uint32_t last_epoch, clfit_error *error)
{
  uint32_t epoch;
  double loss;
  if (!read_row(line, &epoch, &loss)) return refuse(error, "not a row of %s", header);
  if (history->count && epoch <= history->epochs[history->count - 1])
    return refuse(error, "epoch %u after epoch %u", epoch, history->epochs[history->count - 1]);
  return epoch <= last_epoch ? history_append(history, epoch, 1, &loss, error) : CLFIT_OK;
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
  char loss[NUMBER_SIZE];
  clfit_status status = output_open(&output, path, error);
  if (status) return status;
  bool good = fprintf(output.file.stream, "%s\n", header) >= 0;
  for (size_t i = 0; good && i < history->count; i++) {
    number_print(loss, history->losses[i]);
    good = fprintf(output.file.stream, "%u,%s\n", history->epochs[i], loss) >= 0;
  }
  return output_end(&output, CLFIT_OK, error);
}

size_t history_unbroken(const struct history *history)
{
  size_t first = history->count;
  while (first > 1 && history->epochs[first - 2] + 1 == history->epochs[first - 1]) first--;
  return first ? first - 1 : 0;
}
