#include "study/run/driver.h"

#include "study/base/fail.h"
#include "study/run/ranks.h"
#include "study/run/worker.h"
#include "study/store/rungs.h"

#include <pthread.h>
#include <stdlib.h>

/* A worker in a thread of its own. */
struct crew {
  const struct sweep *sweep;
  struct coordinator *coordinator;
  clfit_device *device;
  pthread_t thread;
  clfit_error error;
  clfit_status status;
};

static void *run_crew(void *argument)
{
  struct crew *crew = argument;
  crew->status = worker_run(crew->sweep, crew->coordinator, crew->device, &crew->error);
  if (crew->status) coordinator_stop(crew->coordinator);
  return NULL;
}

/* Runs one worker thread per device; meanwhile this thread serves the other ranks, if there are any. */
static clfit_status run_workers(const struct sweep *sweep, struct coordinator *coordinator, struct crew *crews,
                                clfit_error *error)
{
  size_t started = 0;
  clfit_status status = CLFIT_OK;
  for (; started < sweep->device_count; started++) {
    crews[started].sweep = sweep;
    crews[started].coordinator = coordinator;
    crews[started].device = sweep->devices[started];
    if (pthread_create(&crews[started].thread, NULL, run_crew, &crews[started]) != 0) break;
  }
  if (started < sweep->device_count) coordinator_stop(coordinator);
  if (ranks_get()->count > 1) status = ranks_serve(coordinator, error);
  for (size_t i = 0; i < started; i++) {
    pthread_join(crews[i].thread, NULL);
    if (status || !crews[i].status) continue;
    status = crews[i].status;
    *error = crews[i].error;
  }
  if (!status && started < sweep->device_count) status = clfit_fail(error, CLFIT_ERROR_MEMORY, "cannot start a thread");
  return status;
}

static clfit_status coordinate(const struct sweep *sweep, struct sweep_progress *progress, clfit_error *error)
{
  struct coordinator *coordinator = NULL;
  size_t others = (size_t)ranks_get()->count - 1;
  struct crew *crews = calloc(sweep->device_count, sizeof *crews);
  clfit_status status = crews ? CLFIT_OK : clfit_fail_memory(error);
  if (!status) status = coordinator_create(sweep, sweep->device_count + others, &coordinator, error);
  status = ranks_agree(status, error);
  if (!status) {
    status = run_workers(sweep, coordinator, crews, error);
    coordinator_progress(coordinator, progress);
  }
  coordinator_free(coordinator);
  free(crews);
  return status;
}

clfit_status sweep_run(const struct sweep *sweep, struct sweep_progress *progress, clfit_error *error)
{
  if (ranks_get()->rank == 0) return coordinate(sweep, progress, error);
  clfit_status status = ranks_agree(CLFIT_OK, error);
  return status ? status : ranks_work(sweep, error);
}
