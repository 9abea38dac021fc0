#include "study/mpi/wire.h"

#include <limits.h>
#include <mpi.h>
#include <time.h>

static const struct timespec nap = {.tv_nsec = 200000};

void wire_put_configuration(struct parcel *parcel, const clfit_network *configuration)
{
  for (size_t i = 0; i < clfit_field_count(); i++) {
    double value = clfit_field_value(clfit_field_get(i), configuration);
    parcel_put(parcel, &value, sizeof value);
  }
}

clfit_status wire_get_configuration(struct parcel *parcel, clfit_network *configuration, clfit_error *error)
{
  clfit_network_default(configuration);
  for (size_t i = 0; i < clfit_field_count(); i++) {
    double value;
    parcel_get(parcel, &value, sizeof value);
    clfit_field_set(clfit_field_get(i), value, configuration);
  }
  if (parcel->failed || clfit_network_check(configuration, NULL))
    return clfit_fail(error, CLFIT_ERROR_FORMAT, "a message between ranks is damaged");
  return CLFIT_OK;
}

clfit_status wire_send(const struct parcel *parcel, int rank, int tag, clfit_error *error)
{
  if (parcel->failed || parcel->size > INT_MAX) return clfit_fail_memory(error);
  MPI_Send(parcel->bytes, (int)parcel->size, MPI_BYTE, rank, tag, MPI_COMM_WORLD);
  return CLFIT_OK;
}

clfit_status wire_receive(struct parcel *parcel, int *rank, int *tag, clfit_error *error)
{
  MPI_Status status;
  int there = 0, size = 0;
  for (;;) {
    MPI_Iprobe(*rank, MPI_ANY_TAG, MPI_COMM_WORLD, &there, &status);
    if (there) break;
    nanosleep(&nap, NULL);
  }
  MPI_Get_count(&status, MPI_BYTE, &size);
  parcel_begin(parcel);
  void *room = parcel_room(parcel, (size_t)size);
  if (!room) return clfit_fail_memory(error);
  *rank = status.MPI_SOURCE;
  *tag = status.MPI_TAG;
  MPI_Recv(room, size, MPI_BYTE, *rank, *tag, MPI_COMM_WORLD, &status);
  return CLFIT_OK;
}
