/* A message between ranks, written and read from front to back. */
#ifndef CLFIT_STUDY_MPI_PARCEL_H
#define CLFIT_STUDY_MPI_PARCEL_H

#include <stdbool.h>
#include <stddef.h>

struct parcel {
  unsigned char *bytes; /* [size], room for capacity */
  size_t size, capacity;
  size_t at;   /* read so far */
  bool failed; /* out of memory while writing, or reading beyond the end; from then on everything reads as zero */
};

/* Empties it for writing; it keeps its memory. */
void parcel_begin(struct parcel *parcel);
void parcel_put(struct parcel *parcel, const void *bytes, size_t size);

/* Appends `size` bytes and returns their address, for the caller to fill; NULL: out of memory. */
void *parcel_room(struct parcel *parcel, size_t size);
void parcel_get(struct parcel *parcel, void *bytes, size_t size);

/* The address of the next `size` bytes, valid until the next write; NULL: fewer bytes are left. */
void *parcel_take(struct parcel *parcel, size_t size);
void parcel_clear(struct parcel *parcel);

#endif
