/* An error of MPI itself ends the whole job (MPI_ERRORS_ARE_FATAL, the default). Results that rank 0 has received are
 * stored in the study, so the sweep can be resumed. */
#include "study/run/ranks.h"

#include "study/base/fail.h"

#include <limits.h>
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct ranks ranks = {0, 1, 0};

/* Whether mpirun or another launcher started this process. If not, MPI_Init is not called, because it is slow. */
static bool is_launched(void)
{
  static const char *const signs[] = {"OMPI_COMM_WORLD_SIZE", "PMIX_RANK", "PMI_RANK"};
  for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
    if (getenv(signs[i])) return true;
  return false;
}

clfit_status ranks_begin(clfit_error *error)
{
  int provided;
  MPI_Comm machine;
  if (!is_launched()) return CLFIT_OK;
  if (MPI_Init_thread(NULL, NULL, MPI_THREAD_FUNNELED, &provided) != MPI_SUCCESS || provided < MPI_THREAD_FUNNELED)
    return clfit_fail(error, CLFIT_ERROR_UNSUPPORTED,
                      "this MPI library does not support threads (MPI_THREAD_FUNNELED)");
  MPI_Comm_rank(MPI_COMM_WORLD, &ranks.rank);
  MPI_Comm_size(MPI_COMM_WORLD, &ranks.count);
  MPI_Comm_split_type(MPI_COMM_WORLD, MPI_COMM_TYPE_SHARED, ranks.rank, MPI_INFO_NULL, &machine);
  MPI_Comm_rank(machine, &ranks.local);
  MPI_Comm_free(&machine);
  return CLFIT_OK;
}

void ranks_end(void)
{
  int begun = 0;
  MPI_Initialized(&begun);
  if (begun) MPI_Finalize();
}

const struct ranks *ranks_get(void)
{
  return &ranks;
}

clfit_status ranks_agree(clfit_status status, clfit_error *error)
{
  int mine = status ? ranks.rank : INT_MAX, first;
  if (ranks.count == 1) return status;
  MPI_Allreduce(&mine, &first, 1, MPI_INT, MPI_MIN, MPI_COMM_WORLD);
  if (first == INT_MAX) return CLFIT_OK;
  if (first > 0 && ranks.rank == first) MPI_Send(error, sizeof *error, MPI_BYTE, 0, 0, MPI_COMM_WORLD);
  if (first > 0 && ranks.rank == 0) {
    char context[32];
    MPI_Recv(error, sizeof *error, MPI_BYTE, first, 0, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
    snprintf(context, sizeof context, "rank %d", first);
    return fail_in(error, context);
  }
  return status ? status : clfit_fail(error, CLFIT_ERROR_ARGUMENT, "rank %d failed", first);
}

clfit_status ranks_share(void *bytes, size_t size, clfit_error *error)
{
  (void)error;
  if (ranks.count > 1) MPI_Bcast(bytes, (int)size, MPI_BYTE, 0, MPI_COMM_WORLD);
  return CLFIT_OK;
}

/* MPI counts in int. */
#define MESSAGE_MOST ((size_t)1 << 30)

clfit_status ranks_share_bytes(unsigned char **bytes, size_t *size, clfit_error *error)
{
  if (ranks.count == 1) return CLFIT_OK;
  MPI_Bcast(size, sizeof *size, MPI_BYTE, 0, MPI_COMM_WORLD);
  if (ranks.rank > 0) *bytes = *size > 0 ? malloc(*size) : NULL;
  clfit_status status = *size > 0 && !*bytes ? clfit_fail_memory(error) : CLFIT_OK;
  status = ranks_agree(status, error);
  for (size_t sent = 0; sent < *size && !status; sent += MESSAGE_MOST) {
    const size_t left = *size - sent;
    MPI_Bcast(*bytes + sent, (int)(left < MESSAGE_MOST ? left : MESSAGE_MOST), MPI_BYTE, 0, MPI_COMM_WORLD);
  }
  return status;
}

clfit_status ranks_share_text(char **text, clfit_error *error)
{
  unsigned char *bytes = (unsigned char *)*text;
  size_t size = ranks.rank == 0 && *text ? strlen(*text) + 1 : 0;
  clfit_status status = ranks_share_bytes(&bytes, &size, error);
  if (ranks.rank > 0) *text = (char *)bytes;
  return status;
}
