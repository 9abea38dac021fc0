#include "cli/io/progress.h"

#include "cli/io/message.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DAY                86400.0 /* seconds */
#define TERMINAL_INTERVAL  0.1     /* seconds */
#define PLAIN_INTERVAL     2.0
#define PLAIN_INTERVAL_MAX 60.0

bool progress_overwrites(void)
{
  const char *kind = getenv("TERM");
  return isatty(STDERR_FILENO) && kind && strcmp(kind, "dumb") != 0;
}

void progress_begin(struct progress_line *line, bool quiet, uint64_t first_steps)
{
  memset(line, 0, sizeof *line);
  line->shown = !quiet;
  line->terminal = progress_overwrites();
  line->start = clfit_clock();
  line->next = line->start + (line->terminal ? 3 * TERMINAL_INTERVAL : PLAIN_INTERVAL);
  line->first_steps = first_steps;
}

void progress_print_duration(char *text, size_t size, double seconds)
{
  if (!(seconds < 100 * DAY)) {
    snprintf(text, size, "%.3g years", seconds / (365.25 * DAY));
    return;
  }
  long total = lround(seconds);
  if (total >= 3600)
    snprintf(text, size, "%ld:%02ld:%02ld", total / 3600, total / 60 % 60, total % 60);
  else
    snprintf(text, size, "%ld:%02ld", total / 60, total % 60);
}

void progress_show(struct progress_line *line, const char *text)
{
  if (line->terminal)
    fprintf(stderr, "\r%s\033[K", text);
  else
    note("%s", text);
  line->drawn = line->terminal;
}

bool progress_is_due(struct progress_line *line)
{
  double now = clfit_clock(), elapsed = now - line->start;
  if (!line->shown || now < line->next) return false;
  double interval = fmin(fmax(PLAIN_INTERVAL, elapsed / 10), PLAIN_INTERVAL_MAX);
  line->next = now + (line->terminal ? TERMINAL_INTERVAL : interval);
  return true;
}

void progress_update(struct progress_line *line, const clfit_network *network, const clfit_progress *progress)
{
  char text[160], left[32], loss[32] = "";
  if (!progress_is_due(line)) return;
  double elapsed = clfit_clock() - line->start;

  const uint32_t samples = clfit_network_trained(network);
  uint64_t total = (uint64_t)network->epochs * samples;
  uint64_t steps = clfit_progress_steps(progress, samples);
  double per_second = (double)(steps - line->first_steps) / elapsed;
  progress_print_duration(left, sizeof left, (double)(total - steps) / per_second);
  if (progress->epoch) snprintf(loss, sizeof loss, ", train loss %.4g", clfit_progress_train_loss(progress, samples));
  /* an epoch of least squares is one step, an iteration */
  const bool iterates = network->optimizer == CLFIT_LM;
  snprintf(text, sizeof text, "%s %u of %u (%.0f %%)%s, %.3g %s/s, %s left", iterates ? "iteration" : "epoch",
           progress->epoch, network->epochs, floor(100.0 * (double)steps / (double)total), loss,
           iterates ? per_second / samples : per_second, iterates ? "iterations" : "steps", left);
  progress_show(line, text);
}

void progress_end(struct progress_line *line)
{
  if (line->drawn) fputs("\r\033[K", stderr);
  line->drawn = false;
}
