/* A message between ranks, written and read from front to back. */
#ifndef CLFIT_STUDY_MPI_PARCEL_H
#define CLFIT_STUDY_MPI_PARCEL_H

#include <stdbool.h>
#include <stddef.h>

struct parcel {
  unsigned char *bytes; /* [size], room for capacity */
  size_t size, capacity;
  size_t at;   /* read so far */
  bool failed; /* no memory to write, or nothing left to read: what is read is zero from then on */
};

/* Empties it for writing; it keeps its memory. */
void parcel_begin(struct parcel *parcel);
void parcel_put(struct parcel *parcel, const void *bytes, size_t size);

/* Room at its end, to be written to; NULL: no memory. */
void *parcel_room(struct parcel *parcel, size_t size);
void parcel_get(struct parcel *parcel, void *bytes, size_t size);

/* The next bytes where they are, valid until the parcel is written; NULL: there are not as many. */
void *parcel_take(struct parcel *parcel, size_t size);
void parcel_clear(struct parcel *parcel);

#endif
