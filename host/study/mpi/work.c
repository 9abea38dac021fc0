/* The coordinator on ranks other than 0: forwards every call to rank 0. */
#include "study/base/fail.h"
#include "study/mpi/channel.h"
#include "study/run/ranks.h"
#include "study/run/worker.h"

#include <stdlib.h>
#include <string.h>

struct remote_coordinator {
  struct coordinator base;
  struct byte_buffer buffer;
};

/* Sends the request in the buffer and receives the reply into it. The reply starts with rank 0's status, which is read
 * here. */
static clfit_status ask(struct remote_coordinator *remote, enum request request, clfit_error *error)
{
  int rank = 0, tag;
  clfit_status failed = CLFIT_OK, status = channel_send(&remote->buffer, 0, request, error);
  if (!status) status = channel_receive(&remote->buffer, &rank, &tag, error);
  if (status) return status;
  byte_buffer_get(&remote->buffer, &failed, sizeof failed);
  if (remote->buffer.failed) return channel_refuse(error);
  return failed ? clfit_fail(error, failed, "rank 0 failed") : CLFIT_OK;
}

static struct byte_buffer *begin(struct coordinator *coordinator)
{
  struct byte_buffer *buffer = &((struct remote_coordinator *)coordinator)->buffer;
  byte_buffer_begin(buffer);
  return buffer;
}

static clfit_status read_job(struct byte_buffer *buffer, struct job *job, clfit_error *error)
{
  byte_buffer_get(buffer, &job->id, sizeof job->id);
  clfit_status status = channel_get_configuration(buffer, &job->configuration, error);
  if (status) return status;
  byte_buffer_get(buffer, &job->epochs, sizeof job->epochs);
  const bool found = channel_get_flag(buffer);
  byte_buffer_get(buffer, &job->size, sizeof job->size);
  job->checkpoint = NULL;
  const void *bytes = found ? byte_buffer_take(buffer, job->size) : NULL;
  if (buffer->failed || (found && job->size == 0)) return channel_refuse(error);
  if (!found) return CLFIT_OK;
  job->checkpoint = malloc(job->size);
  if (!job->checkpoint) return clfit_fail_memory(error);
  memcpy(job->checkpoint, bytes, job->size);
  return CLFIT_OK;
}

static clfit_status next(struct coordinator *coordinator, size_t most, struct job *jobs, size_t *count, bool *over,
                         clfit_error *error)
{
  struct byte_buffer *buffer = begin(coordinator);
  size_t sent = 0;
  byte_buffer_put(buffer, &most, sizeof most);
  clfit_status status = ask((struct remote_coordinator *)coordinator, REQUEST_NEXT, error);
  *count = 0;
  if (status) return status;
  *over = channel_get_flag(buffer);
  byte_buffer_get(buffer, &sent, sizeof sent);
  if (buffer->failed || sent > most) return channel_refuse(error);
  while (!status && *count < sent) {
    status = read_job(buffer, &jobs[*count], error);
    if (!status) ++*count;
  }
  for (size_t i = 0; status && i < *count; i++) free(jobs[i].checkpoint);
  return status;
}

static void put_checkpoint(struct byte_buffer *buffer, const struct training_job *job, const clfit_state *state)
{
  size_t size = checkpoint_size(job, state);
  channel_put_configuration(buffer, &job->configuration);
  byte_buffer_put(buffer, &size, sizeof size);
  void *bytes = byte_buffer_append(buffer, size);
  if (bytes) checkpoint_write(job, state, bytes);
}

static clfit_status add(struct coordinator *coordinator, size_t n, const struct study_row *rows,
                        const struct training_job *jobs, const clfit_state *states, clfit_error *error)
{
  struct byte_buffer *buffer = begin(coordinator);
  byte_buffer_put(buffer, &n, sizeof n);
  for (size_t i = 0; i < n; i++) {
    byte_buffer_put(buffer, &rows[i], sizeof rows[i]);
    put_checkpoint(buffer, &jobs[i], &states[i]);
  }
  return ask((struct remote_coordinator *)coordinator, REQUEST_ADD, error);
}

static clfit_status checkpoint(struct coordinator *coordinator, size_t n, const struct training_job *jobs,
                               const clfit_state *states, clfit_error *error)
{
  struct byte_buffer *buffer = begin(coordinator);
  size_t trained = 0;
  for (size_t i = 0; i < n; i++) trained += jobs[i].steps > 0;
  if (trained == 0) return CLFIT_OK;
  byte_buffer_put(buffer, &trained, sizeof trained);
  for (size_t i = 0; i < n; i++) {
    if (jobs[i].steps == 0) continue;
    byte_buffer_put(buffer, &jobs[i].id, sizeof jobs[i].id);
    put_checkpoint(buffer, &jobs[i], &states[i]);
  }
  return ask((struct remote_coordinator *)coordinator, REQUEST_CHECKPOINT, error);
}

static clfit_status report(struct coordinator *coordinator, double work, double steps, int64_t running, bool *stop,
                           clfit_error *error)
{
  struct byte_buffer *buffer = begin(coordinator);
  byte_buffer_put(buffer, &work, sizeof work);
  byte_buffer_put(buffer, &steps, sizeof steps);
  byte_buffer_put(buffer, &running, sizeof running);
  clfit_status status = ask((struct remote_coordinator *)coordinator, REQUEST_REPORT, error);
  *stop = channel_get_flag(buffer);
  return !status && buffer->failed ? channel_refuse(error) : status;
}

clfit_status ranks_work(const struct sweep *sweep, clfit_error *error)
{
  struct remote_coordinator remote = {
      .base = {sweep->checkpoints, (size_t)ranks_get()->count, next, add, checkpoint, report}};
  clfit_error farewell = {.code = CLFIT_OK};
  clfit_status status = worker_run(sweep, &remote.base, sweep->devices[0], error);
  byte_buffer_begin(&remote.buffer);
  if (status) byte_buffer_put(&remote.buffer, error, sizeof *error);
  clfit_status sent = ask(&remote, status ? REQUEST_FAILED : REQUEST_BYE, &farewell);
  byte_buffer_clear(&remote.buffer);
  if (!status && sent) *error = farewell;
  return status ? status : sent;
}
