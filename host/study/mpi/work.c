/* The coordinator on ranks other than 0: forwards every call to rank 0. */
#include "study/base/fail.h"
#include "study/mpi/wire.h"
#include "study/run/ranks.h"
#include "study/run/worker.h"

#include <stdlib.h>
#include <string.h>

struct remote {
  struct coordinator base;
  struct parcel parcel;
};

/* Sends the request in the parcel and receives the reply into it. The reply starts with rank 0's status, which is read
 * here. */
static clfit_status ask(struct remote *remote, enum request request, clfit_error *error)
{
  int rank = 0, tag;
  clfit_status failed = CLFIT_OK, status = wire_send(&remote->parcel, 0, request, error);
  if (!status) status = wire_receive(&remote->parcel, &rank, &tag, error);
  if (status) return status;
  parcel_get(&remote->parcel, &failed, sizeof failed);
  return failed ? clfit_fail(error, failed, "rank 0 failed") : CLFIT_OK;
}

static struct parcel *begin(struct coordinator *coordinator)
{
  struct parcel *parcel = &((struct remote *)coordinator)->parcel;
  parcel_begin(parcel);
  return parcel;
}

static clfit_status read_job(struct parcel *parcel, struct job *job, clfit_error *error)
{
  bool there = false;
  parcel_get(parcel, &job->id, sizeof job->id);
  clfit_status status = wire_get_configuration(parcel, &job->configuration, error);
  if (status) return status;
  parcel_get(parcel, &job->epochs, sizeof job->epochs);
  parcel_get(parcel, &there, sizeof there);
  parcel_get(parcel, &job->size, sizeof job->size);
  job->checkpoint = NULL;
  if (!there) return CLFIT_OK;
  const void *bytes = parcel_take(parcel, job->size);
  job->checkpoint = bytes ? malloc(job->size) : NULL;
  if (!job->checkpoint) return clfit_fail_memory(error);
  memcpy(job->checkpoint, bytes, job->size);
  return CLFIT_OK;
}

static clfit_status next(struct coordinator *coordinator, size_t most, struct job *jobs, size_t *count, bool *over,
                         clfit_error *error)
{
  struct parcel *parcel = begin(coordinator);
  size_t sent = 0;
  parcel_put(parcel, &most, sizeof most);
  clfit_status status = ask((struct remote *)coordinator, REQUEST_NEXT, error);
  *count = 0;
  if (status) return status;
  parcel_get(parcel, over, sizeof *over);
  parcel_get(parcel, &sent, sizeof sent);
  while (!status && *count < sent) {
    status = read_job(parcel, &jobs[*count], error);
    if (!status) ++*count;
  }
  for (size_t i = 0; status && i < *count; i++) free(jobs[i].checkpoint);
  return status;
}

static void put_flight(struct parcel *parcel, const struct flight *flight, const clfit_state *state)
{
  size_t size = flight_size(flight, state);
  wire_put_configuration(parcel, &flight->configuration);
  parcel_put(parcel, &size, sizeof size);
  void *room = parcel_room(parcel, size);
  if (room) flight_write(flight, state, room);
}

static clfit_status add(struct coordinator *coordinator, size_t n, const struct study_row *rows,
                        const struct flight *flights, const clfit_state *states, clfit_error *error)
{
  struct parcel *parcel = begin(coordinator);
  parcel_put(parcel, &n, sizeof n);
  for (size_t i = 0; i < n; i++) {
    parcel_put(parcel, &rows[i], sizeof rows[i]);
    put_flight(parcel, &flights[i], &states[i]);
  }
  return ask((struct remote *)coordinator, REQUEST_ADD, error);
}

static clfit_status checkpoint(struct coordinator *coordinator, size_t n, const struct flight *flights,
                               const clfit_state *states, clfit_error *error)
{
  struct parcel *parcel = begin(coordinator);
  size_t trained = 0;
  for (size_t i = 0; i < n; i++) trained += flights[i].steps > 0;
  if (trained == 0) return CLFIT_OK;
  parcel_put(parcel, &trained, sizeof trained);
  for (size_t i = 0; i < n; i++) {
    if (flights[i].steps == 0) continue;
    parcel_put(parcel, &flights[i].id, sizeof flights[i].id);
    put_flight(parcel, &flights[i], &states[i]);
  }
  return ask((struct remote *)coordinator, REQUEST_CHECKPOINT, error);
}

static clfit_status report(struct coordinator *coordinator, double work, double steps, int64_t running, bool *stop,
                           clfit_error *error)
{
  struct parcel *parcel = begin(coordinator);
  parcel_put(parcel, &work, sizeof work);
  parcel_put(parcel, &steps, sizeof steps);
  parcel_put(parcel, &running, sizeof running);
  clfit_status status = ask((struct remote *)coordinator, REQUEST_REPORT, error);
  parcel_get(parcel, stop, sizeof *stop);
  return status;
}

clfit_status ranks_work(const struct sweep *sweep, clfit_error *error)
{
  struct remote remote = {.base = {sweep->checkpoints, (size_t)ranks_get()->count, next, add, checkpoint, report}};
  clfit_error farewell = {.code = CLFIT_OK};
  clfit_status status = worker_run(sweep, &remote.base, sweep->devices[0], error);
  parcel_begin(&remote.parcel);
  if (status) parcel_put(&remote.parcel, error, sizeof *error);
  clfit_status sent = ask(&remote, status ? REQUEST_FAILED : REQUEST_BYE, &farewell);
  parcel_clear(&remote.parcel);
  if (!status && sent) *error = farewell;
  return status ? status : sent;
}
