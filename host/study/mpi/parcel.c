#include "study/mpi/parcel.h"

#include <stdlib.h>
#include <string.h>

void parcel_begin(struct parcel *parcel)
{
  parcel->size = parcel->at = 0;
  parcel->failed = false;
}

void *parcel_room(struct parcel *parcel, size_t size)
{
  if (parcel->size + size > parcel->capacity) {
    size_t capacity = 2 * (parcel->size + size);
    unsigned char *grown = realloc(parcel->bytes, capacity);
    if (!grown) {
      parcel->failed = true;
      return NULL;
    }
    parcel->bytes = grown;
    parcel->capacity = capacity;
  }
  parcel->size += size;
  return parcel->bytes + parcel->size - size;
}

void parcel_put(struct parcel *parcel, const void *bytes, size_t size)
{
  void *room = parcel_room(parcel, size);
  if (room) memcpy(room, bytes, size);
}

void *parcel_take(struct parcel *parcel, size_t size)
{
  if (parcel->failed || size > parcel->size - parcel->at) {
    parcel->failed = true;
    return NULL;
  }
  parcel->at += size;
  return parcel->bytes + parcel->at - size;
}

void parcel_get(struct parcel *parcel, void *bytes, size_t size)
{
  void *taken = parcel_take(parcel, size);
  if (taken)
    memcpy(bytes, taken, size);
  else
    memset(bytes, 0, size);
}

void parcel_clear(struct parcel *parcel)
{
  free(parcel->bytes);
  memset(parcel, 0, sizeof *parcel);
}
