/*
 * The processes of an MPI job that share one sweep. Rank 0 has the study, prints, and trains too; the others ask it for
 * networks. A program that mpirun has not started, or that is built without CLFIT_MPI, is one rank of one.
 *
 * Only the thread that called ranks_begin may call these functions. Structs are sent as they are in memory: all ranks
 * must run the same program on the same kind of processor.
 */
#ifndef CLFIT_STUDY_RANKS_H
#define CLFIT_STUDY_RANKS_H

#include "study/run/coordinator.h"

struct ranks {
  int rank, count;
  int local; /* rank among those on the same machine */
};

/* To be called before any OpenCL call: MPI must be initialised before OpenCL drivers are loaded.
 * CLFIT_ERROR_UNSUPPORTED: mpirun started several of a program that is built without MPI. */
clfit_status ranks_begin(clfit_error *error);
void ranks_end(void);

/* Never NULL. */
const struct ranks *ranks_get(void);

/* What follows is called by all ranks, or by none. */

/* Combines the statuses of all ranks: if one rank has a failure, all get one. Rank 0 receives the error of the lowest
 * rank that failed. */
clfit_status ranks_agree(clfit_status status, clfit_error *error);

/* Copies from rank 0 to all. */
clfit_status ranks_share(void *bytes, size_t size, clfit_error *error);

/* *bytes of rank 0, *size of them, which may be NULL and 0, become a copy of its own (free it) on the other ranks. */
clfit_status ranks_share_bytes(unsigned char **bytes, size_t *size, clfit_error *error);

/* *text of rank 0, which may be NULL, becomes a copy of its own (free it) on the other ranks. */
clfit_status ranks_share_text(char **text, clfit_error *error);

/* Rank 0: serves the others' workers until the last of them has ended. A failure of theirs stops the sweep. */
clfit_status ranks_serve(struct coordinator *coordinator, clfit_error *error);

/* The other ranks: a worker on sweep->devices[0] that has rank 0 as its coordinator. A failure is also sent to rank 0,
 * which prints it. */
clfit_status ranks_work(const struct sweep *sweep, clfit_error *error);

#endif
