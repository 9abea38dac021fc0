#include "study/run/driver.h"

#include "study/base/fail.h"
#include "study/run/ranks.h"
#include "study/run/worker.h"
#include "study/store/rungs.h"

#include <pthread.h>
#include <stdlib.h>

/* A worker in a thread of its own. */
struct worker_thread {
  const struct sweep *sweep;
  struct coordinator *coordinator;
  clfit_device *device;
  pthread_t thread;
  clfit_error error;
  clfit_status status;
};

static void *run_worker_thread(void *argument)
{
  struct worker_thread *thread = argument;
  thread->status = worker_run(thread->sweep, thread->coordinator, thread->device, &thread->error);
  if (thread->status) coordinator_stop(thread->coordinator);
  return NULL;
}

/* Runs one worker thread per device; meanwhile this thread serves the other ranks, if there are any. */
static clfit_status run_workers(const struct sweep *sweep, struct coordinator *coordinator,
                                struct worker_thread *threads, clfit_error *error)
{
  size_t started = 0;
  clfit_status status = CLFIT_OK;
  for (; started < sweep->device_count; started++) {
    threads[started].sweep = sweep;
    threads[started].coordinator = coordinator;
    threads[started].device = sweep->devices[started];
    if (pthread_create(&threads[started].thread, NULL, run_worker_thread, &threads[started]) != 0) break;
  }
  if (started < sweep->device_count) coordinator_stop(coordinator);
  if (ranks_get()->count > 1) status = ranks_serve(coordinator, error);
  for (size_t i = 0; i < started; i++) {
    pthread_join(threads[i].thread, NULL);
    if (status || !threads[i].status) continue;
    status = threads[i].status;
    *error = threads[i].error;
  }
  if (!status && started < sweep->device_count) status = clfit_fail(error, CLFIT_ERROR_MEMORY, "cannot start a thread");
  return status;
}

static clfit_status coordinate(const struct sweep *sweep, struct sweep_progress *progress, clfit_error *error)
{
  struct coordinator *coordinator = NULL;
  size_t others = (size_t)ranks_get()->count - 1;
  struct worker_thread *threads = calloc(sweep->device_count, sizeof *threads);
  clfit_status status = threads ? CLFIT_OK : clfit_fail_memory(error);
  if (!status) status = coordinator_create(sweep, sweep->device_count + others, &coordinator, error);
  status = ranks_agree(status, error);
  if (!status) {
    status = run_workers(sweep, coordinator, threads, error);
    coordinator_progress(coordinator, progress);
  }
  coordinator_free(coordinator);
  free(threads);
  return status;
}

clfit_status sweep_run(const struct sweep *sweep, struct sweep_progress *progress, clfit_error *error)
{
  if (ranks_get()->rank == 0) return coordinate(sweep, progress, error);
  clfit_status status = ranks_agree(CLFIT_OK, error);
  return status ? status : ranks_work(sweep, error);
}
