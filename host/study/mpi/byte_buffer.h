/* A growing buffer of bytes for a message between ranks, written and read from front to back. */
#ifndef CLFIT_STUDY_MPI_BYTE_BUFFER_H
#define CLFIT_STUDY_MPI_BYTE_BUFFER_H

#include <stdbool.h>
#include <stddef.h>

struct byte_buffer {
  unsigned char *bytes; /* [size], allocated for `capacity` */
  size_t size, capacity;
  size_t at;   /* read so far */
  bool failed; /* out of memory while writing, or reading beyond the end; from then on everything reads as zero */
};

/* Empties the buffer for writing; its memory is kept. */
void byte_buffer_begin(struct byte_buffer *buffer);
void byte_buffer_put(struct byte_buffer *buffer, const void *bytes, size_t size);

/* Appends `size` bytes and returns their address, for the caller to fill; NULL: out of memory. */
void *byte_buffer_append(struct byte_buffer *buffer, size_t size);
void byte_buffer_get(struct byte_buffer *buffer, void *bytes, size_t size);

/* The address of the next `size` bytes, valid until the next write; NULL: fewer bytes are left. */
void *byte_buffer_take(struct byte_buffer *buffer, size_t size);
void byte_buffer_clear(struct byte_buffer *buffer);

#endif
