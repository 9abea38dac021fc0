/* Without MPI: one rank. */
#include "study/run/ranks.h"

#include "study/base/fail.h"

#include <stdlib.h>

static struct ranks alone = {0, 1, 0};

clfit_status ranks_begin(clfit_error *error)
{
  const char *size = getenv("OMPI_COMM_WORLD_SIZE"), *rank = getenv("OMPI_COMM_WORLD_RANK");
  if (!size || strtol(size, NULL, 10) <= 1) return CLFIT_OK;
  alone.rank = rank ? (int)strtol(rank, NULL, 10) : 0; /* only rank 0 prints the message */
  return clfit_fail(error, CLFIT_ERROR_UNSUPPORTED,
                    "this clfit is built without MPI and cannot share a sweep; build it with cmake -DCLFIT_MPI=ON");
}

void ranks_end(void)
{
}

const struct ranks *ranks_get(void)
{
  return &alone;
}

clfit_status ranks_agree(clfit_status status, clfit_error *error)
{
  (void)error;
  return status;
}

clfit_status ranks_share(void *bytes, size_t size, clfit_error *error)
{
  (void)bytes;
  (void)size;
  (void)error;
  return CLFIT_OK;
}

clfit_status ranks_share_bytes(unsigned char **bytes, size_t *size, clfit_error *error)
{
  (void)bytes;
  (void)size;
  (void)error;
  return CLFIT_OK;
}

clfit_status ranks_share_text(char **text, clfit_error *error)
{
  (void)text;
  (void)error;
  return CLFIT_OK;
}

clfit_status ranks_serve(struct coordinator *coordinator, clfit_error *error)
{
  (void)coordinator;
  (void)error;
  return CLFIT_OK;
}

clfit_status ranks_work(const struct sweep *sweep, clfit_error *error)
{
  (void)sweep;
  (void)error;
  return CLFIT_OK;
}
