#include "cli/io/output.h"

#include <pthread.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static pthread_mutex_t guard =
    PTHREAD_MUTEX_INITIALIZER; /* protects the list, and files that are created but not listed yet */
static struct output *open_outputs;
static pthread_mutex_t names = PTHREAD_MUTEX_INITIALIZER; /* taken before the guard */

clfit_status output_check(const char *path, clfit_error *error)
{
  pthread_mutex_lock(&guard);
  clfit_status status = clfit_output_check(path, error);
  pthread_mutex_unlock(&guard);
  return status;
}

clfit_status output_open(struct output *output, const char *path, clfit_error *error)
{
  pthread_mutex_lock(&guard);
  clfit_status status = clfit_output_open(&output->file, path ? path : "-", error);
  if (!status) {
    output->next = open_outputs;
    open_outputs = output;
  }
  pthread_mutex_unlock(&guard);
  return status;
}

static void forget(struct output *output)
{
  pthread_mutex_lock(&guard);
  struct output **link = &open_outputs;
  while (*link != output) link = &(*link)->next;
  *link = output->next;
  pthread_mutex_unlock(&guard);
}

/* If a signal has discarded the file meanwhile, the commit fails; taking the lock then blocks until the process has
 * ended, so that the failure is not reported. */
clfit_status output_end(struct output *output, clfit_status written, clfit_error *error)
{
  clfit_status status = written;
  if (written)
    clfit_output_abandon(&output->file);
  else
    status = clfit_output_commit(&output->file, error);
  forget(output);
  return status;
}

bool output_is_standard(const char *path)
{
  return path && strcmp(path, "-") == 0;
}

bool output_is_special(const char *path)
{
  struct stat info;
  return path && !output_is_standard(path) && stat(path, &info) == 0 && !S_ISREG(info.st_mode);
}

void output_begin_names(void)
{
  pthread_mutex_lock(&names);
}

void output_end_names(void)
{
  pthread_mutex_unlock(&names);
}

/* The locks are never released. If another thread holds one while it opens a FIFO that has no reader, waiting for it
 * ends after a second: no file has to be removed then. */
void output_discard_all(void)
{
  struct timespec latest;
  clock_gettime(CLOCK_REALTIME, &latest);
  latest.tv_sec++;
  if (pthread_mutex_timedlock(&names, &latest) != 0 || pthread_mutex_timedlock(&guard, &latest) != 0) return;
  for (struct output *output = open_outputs; output; output = output->next)
    if (output->file.temporary) unlink(output->file.temporary);
}
