#include "study/mpi/byte_buffer.h"

#include <stdlib.h>
#include <string.h>

void byte_buffer_begin(struct byte_buffer *buffer)
{
  buffer->size = buffer->at = 0;
  buffer->failed = false;
}

void *byte_buffer_append(struct byte_buffer *buffer, size_t size)
{
  if (!buffer->bytes || buffer->size + size > buffer->capacity) { /* a message of no bytes has an address, too */
    size_t capacity = 2 * (buffer->size + size) + 64;
    unsigned char *grown = realloc(buffer->bytes, capacity);
    if (!grown) {
      buffer->failed = true;
      return NULL;
    }
    buffer->bytes = grown;
    buffer->capacity = capacity;
  }
  buffer->size += size;
  return buffer->bytes + buffer->size - size;
}

void byte_buffer_put(struct byte_buffer *buffer, const void *bytes, size_t size)
{
  void *room = byte_buffer_append(buffer, size);
  if (room) memcpy(room, bytes, size);
}

void *byte_buffer_take(struct byte_buffer *buffer, size_t size)
{
  if (buffer->failed || size > buffer->size - buffer->at) {
    buffer->failed = true;
    return NULL;
  }
  buffer->at += size;
  return buffer->bytes + buffer->at - size;
}

void byte_buffer_get(struct byte_buffer *buffer, void *bytes, size_t size)
{
  void *taken = byte_buffer_take(buffer, size);
  if (taken)
    memcpy(bytes, taken, size);
  else
    memset(bytes, 0, size);
}

void byte_buffer_clear(struct byte_buffer *buffer)
{
  free(buffer->bytes);
  memset(buffer, 0, sizeof *buffer);
}
