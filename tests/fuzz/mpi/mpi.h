/* As much of MPI as the messages between ranks need, with functions of the fuzz target: parcels.c. */
#ifndef CLFIT_TESTS_FUZZ_MPI_H
#define CLFIT_TESTS_FUZZ_MPI_H

typedef int MPI_Comm, MPI_Datatype;
typedef struct {
  int MPI_SOURCE, MPI_TAG, size;
} MPI_Status;

#define MPI_SUCCESS    0
#define MPI_COMM_WORLD 0
#define MPI_BYTE       1
#define MPI_ANY_SOURCE (-1)
#define MPI_ANY_TAG    (-1)

int MPI_Iprobe(int source, int tag, MPI_Comm comm, int *found, MPI_Status *status);
int MPI_Get_count(const MPI_Status *status, MPI_Datatype type, int *count);
int MPI_Recv(void *to, int count, MPI_Datatype type, int source, int tag, MPI_Comm comm, MPI_Status *status);
int MPI_Send(const void *bytes, int count, MPI_Datatype type, int rank, int tag, MPI_Comm comm);
int MPI_Abort(MPI_Comm comm, int code);

#endif
