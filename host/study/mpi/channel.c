#include "study/mpi/channel.h"

#include "study/base/fail.h"

#include <limits.h>
#include <mpi.h>
#include <time.h>

static const struct timespec nap = {.tv_nsec = 200000};

void channel_put_configuration(struct byte_buffer *buffer, const clfit_network *configuration)
{
  for (size_t i = 0; i < clfit_field_count(); i++) {
    double value = clfit_field_value(clfit_field_get(i), configuration);
    byte_buffer_put(buffer, &value, sizeof value);
  }
}

clfit_status channel_get_configuration(struct byte_buffer *buffer, clfit_network *configuration, clfit_error *error)
{
  *configuration = (clfit_network){.size = sizeof *configuration};
  for (size_t i = 0; i < clfit_field_count(); i++) {
    double value;
    byte_buffer_get(buffer, &value, sizeof value);
    clfit_field_set(clfit_field_get(i), value, configuration);
  }
  return buffer->failed || clfit_network_check(configuration, NULL) ? channel_refuse(error) : CLFIT_OK;
}

bool channel_get_flag(struct byte_buffer *buffer)
{
  unsigned char flag;
  byte_buffer_get(buffer, &flag, sizeof flag);
  return flag != 0;
}

clfit_status channel_refuse(clfit_error *error)
{
  return clfit_fail(error, CLFIT_ERROR_FORMAT, "a message between ranks is damaged");
}

clfit_status channel_send(const struct byte_buffer *buffer, int rank, int tag, clfit_error *error)
{
  if (buffer->failed || buffer->size > INT_MAX) return clfit_fail_memory(error);
  MPI_Send(buffer->bytes, (int)buffer->size, MPI_BYTE, rank, tag, MPI_COMM_WORLD);
  return CLFIT_OK;
}

clfit_status channel_receive(struct byte_buffer *buffer, int *rank, int *tag, clfit_error *error)
{
  MPI_Status status;
  int found = 0, size = 0;
  for (;;) {
    MPI_Iprobe(*rank, MPI_ANY_TAG, MPI_COMM_WORLD, &found, &status);
    if (found) break;
    nanosleep(&nap, NULL);
  }
  MPI_Get_count(&status, MPI_BYTE, &size);
  byte_buffer_begin(buffer);
  void *bytes = byte_buffer_append(buffer, (size_t)size);
  if (!bytes) return clfit_fail_memory(error);
  *rank = status.MPI_SOURCE;
  *tag = status.MPI_TAG;
  MPI_Recv(bytes, size, MPI_BYTE, *rank, *tag, MPI_COMM_WORLD, &status);
  return CLFIT_OK;
}
