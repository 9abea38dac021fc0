/* Messages between rank 0 and the others: each request gets a reply before the next. */
#ifndef CLFIT_STUDY_MPI_CHANNEL_H
#define CLFIT_STUDY_MPI_CHANNEL_H

#include "clfit.h"
#include "study/mpi/byte_buffer.h"

enum request {
  REQUEST_NEXT,       /* most -> over, count, jobs with their configurations and checkpoints */
  REQUEST_ADD,        /* n, rows with their configurations and checkpoints */
  REQUEST_CHECKPOINT, /* n, ids with their configurations and checkpoints */
  REQUEST_REPORT,     /* work, steps, running -> stop */
  REQUEST_FAILED,     /* the worker failed and has ended; carries its clfit_error */
  REQUEST_BYE         /* the worker has ended without failure */
};

/* A configuration, field by field, each as a float64. */
void channel_put_configuration(struct byte_buffer *buffer, const clfit_network *configuration);

/* CLFIT_ERROR_FORMAT: the message holds no valid configuration. */
clfit_status channel_get_configuration(struct byte_buffer *buffer, clfit_network *configuration, clfit_error *error);

/* A byte that is not 0. */
bool channel_get_flag(struct byte_buffer *buffer);

/* CLFIT_ERROR_FORMAT: what was read from a message is no such thing, or ended too early. */
clfit_status channel_refuse(clfit_error *error);

/* Sends the bytes of a buffer. Blocks until the message has been sent. */
clfit_status channel_send(const struct byte_buffer *buffer, int rank, int tag, clfit_error *error);

/* Receives a message with any tag from a rank, or from any rank (MPI_ANY_SOURCE). Waits by polling with short sleeps,
 * because a blocking MPI call polls without sleeping and would take a core from the training. */
clfit_status channel_receive(struct byte_buffer *buffer, int *rank, int *tag, clfit_error *error);

#endif
