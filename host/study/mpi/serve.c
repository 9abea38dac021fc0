/* The server on rank 0: receives the requests of the workers on other ranks and passes them to the coordinator, which
 * owns the store. */
#include "study/base/fail.h"
#include "study/mpi/channel.h"
#include "study/run/ranks.h"

#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct server {
  struct coordinator *coordinator;
  struct byte_buffer request, reply;
};

/* ---- networks that come in --------------------------------------------------------------------------------------- */

struct received {
  size_t n;
  struct study_row *rows;    /* [n] */
  struct training_job *jobs; /* [n] */
  clfit_state *states;       /* [n], with parameters of their own */
};

static void clear_received(struct received *received)
{
  for (size_t i = 0; received->jobs && received->states && i < received->n; i++) {
    training_job_clear(&received->jobs[i]);
    clfit_state_clear(&received->states[i]);
  }
  free(received->rows);
  free(received->jobs);
  free(received->states);
}

static clfit_status make_received(struct received *received, size_t n, clfit_error *error)
{
  *received = (struct received){n, calloc(n, sizeof *received->rows), calloc(n, sizeof *received->jobs),
                                calloc(n, sizeof *received->states)};
  bool made = received->rows && received->jobs && received->states;
  return made ? CLFIT_OK : clfit_fail_memory(error);
}

/* Reads what put_checkpoint (work.c) wrote. */
static clfit_status read_checkpoint(struct server *server, uint64_t id, struct training_job *job, clfit_state *state,
                                    clfit_error *error)
{
  size_t size = 0;
  job->id = id;
  clfit_status status = channel_get_configuration(&server->request, &job->configuration, error);
  if (status) return status;
  *state = (clfit_state){.size = sizeof *state, .network = job->configuration};
  state->parameters = malloc(sizeof(float) * clfit_record_count(&state->network));
  if (!state->parameters) return clfit_fail_memory(error);
  byte_buffer_get(&server->request, &size, sizeof size);
  const void *bytes = byte_buffer_take(&server->request, size);
  return !bytes ? channel_refuse(error) : checkpoint_read(job, state, size, bytes, error);
}

/* Reads a row, all of whose values must be such that they can be used. */
static clfit_status read_row(struct byte_buffer *request, struct study_row *row, clfit_error *error)
{
  unsigned char drawn;
  byte_buffer_get(request, row, sizeof *row);
  memcpy(&drawn, &row->drawn, sizeof drawn);
  bool fits = !request->failed && drawn <= 1 && row->status <= CLFIT_TRAINING_DIVERGED &&
              row->stopped_by <= CLFIT_STOP_PATIENCE && row->history_count <= STORE_HISTORY_MAX &&
              memchr(row->digest, '\0', sizeof row->digest);
  return fits ? CLFIT_OK : channel_refuse(error);
}

/* Receives networks: with their rows if they ended (rows), else only with their ids, as checkpoints. */
static clfit_status receive(struct server *server, bool rows, clfit_error *error)
{
  struct received received;
  struct coordinator *coordinator = server->coordinator;
  size_t n = 0;
  byte_buffer_get(&server->request, &n, sizeof n);
  if (n > server->request.size / sizeof received.rows->id) return channel_refuse(error);
  clfit_status status = make_received(&received, n, error);
  for (size_t i = 0; i < n && !status; i++) {
    struct study_row *row = &received.rows[i];
    if (rows)
      status = read_row(&server->request, row, error);
    else
      byte_buffer_get(&server->request, &row->id, sizeof row->id);
    if (!status) status = read_checkpoint(server, row->id, &received.jobs[i], &received.states[i], error);
    row->configuration = received.jobs[i].configuration;
  }
  if (!status && rows)
    status = coordinator->add(coordinator, n, received.rows, received.jobs, received.states, error);
  else if (!status)
    status = coordinator->checkpoint(coordinator, n, received.jobs, received.states, error);
  clear_received(&received);
  return status;
}

/* ---- networks that go out ---------------------------------------------------------------------------------------- */

static void put_job(struct byte_buffer *reply, const struct job *job)
{
  bool found = job->checkpoint != NULL;
  byte_buffer_put(reply, &job->id, sizeof job->id);
  channel_put_configuration(reply, &job->configuration);
  byte_buffer_put(reply, &job->epochs, sizeof job->epochs);
  byte_buffer_put(reply, &found, sizeof found);
  byte_buffer_put(reply, &job->size, sizeof job->size);
  if (found) byte_buffer_put(reply, job->checkpoint, job->size);
}

static clfit_status hand_out(struct server *server, clfit_error *error)
{
  struct job *jobs = calloc(JOBS_MAX, sizeof *jobs);
  size_t most = 0, count = 0;
  bool over = false;
  if (!jobs) return clfit_fail_memory(error);
  byte_buffer_get(&server->request, &most, sizeof most);
  clfit_status status =
      server->coordinator->next(server->coordinator, most < JOBS_MAX ? most : JOBS_MAX, jobs, &count, &over, error);
  if (!status) {
    byte_buffer_put(&server->reply, &over, sizeof over);
    byte_buffer_put(&server->reply, &count, sizeof count);
    for (size_t i = 0; i < count; i++) {
      put_job(&server->reply, &jobs[i]);
      free(jobs[i].checkpoint);
    }
  }
  free(jobs);
  return status;
}

static clfit_status take_report(struct server *server, clfit_error *error)
{
  double work, steps;
  int64_t running;
  bool stop = true;
  byte_buffer_get(&server->request, &work, sizeof work);
  byte_buffer_get(&server->request, &steps, sizeof steps);
  byte_buffer_get(&server->request, &running, sizeof running);
  clfit_status status = server->coordinator->report(server->coordinator, work, steps, running, &stop, error);
  byte_buffer_put(&server->reply, &stop, sizeof stop);
  return status;
}

static clfit_status take_failure(struct server *server, int rank, clfit_error *error)
{
  char context[32];
  byte_buffer_get(&server->request, error, sizeof *error);
  error->message[sizeof error->message - 1] = error->log[sizeof error->log - 1] = '\0';
  if (server->request.failed || !error->code) return channel_refuse(error);
  snprintf(context, sizeof context, "rank %d", rank);
  return fail_in(error, context);
}

/* ---- the service ------------------------------------------------------------------------------------------------- */

static clfit_status handle(struct server *server, int rank, enum request request, clfit_error *error)
{
  const clfit_status fine = CLFIT_OK;
  clfit_status status = CLFIT_OK;
  byte_buffer_begin(&server->reply);
  byte_buffer_put(&server->reply, &fine, sizeof fine);
  switch (request) {
  case REQUEST_NEXT: status = hand_out(server, error); break;
  case REQUEST_ADD: status = receive(server, true, error); break;
  case REQUEST_CHECKPOINT: status = receive(server, false, error); break;
  case REQUEST_REPORT: status = take_report(server, error); break;
  case REQUEST_FAILED: status = take_failure(server, rank, error); break;
  case REQUEST_BYE: break;
  }
  if (!status || request == REQUEST_FAILED) return status;
  byte_buffer_begin(&server->reply);
  byte_buffer_put(&server->reply, &status, sizeof status);
  return status;
}

/* Returns the first failure; later failures are usually consequences of it. */
static clfit_status serve(struct server *server, clfit_error *error)
{
  clfit_error later;
  clfit_status status = CLFIT_OK;
  for (int working = ranks_get()->count - 1; working > 0;) {
    int rank = MPI_ANY_SOURCE, tag;
    clfit_status failed = channel_receive(&server->request, &rank, &tag, status ? &later : error);
    /* communication is broken, so the other ranks cannot be told to stop */
    if (failed) MPI_Abort(MPI_COMM_WORLD, EXIT_FAILURE);
    failed = handle(server, rank, (enum request)tag, status ? &later : error);
    if (failed) coordinator_stop(server->coordinator);
    if (!status) status = failed;
    if (channel_send(&server->reply, rank, tag, &later)) MPI_Abort(MPI_COMM_WORLD, EXIT_FAILURE);
    working -= tag == REQUEST_BYE || tag == REQUEST_FAILED;
  }
  return status;
}

clfit_status ranks_serve(struct coordinator *coordinator, clfit_error *error)
{
  struct server server = {.coordinator = coordinator};
  clfit_status status = serve(&server, error);
  byte_buffer_clear(&server.request);
  byte_buffer_clear(&server.reply);
  return status;
}
