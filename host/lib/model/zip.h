/*
 * Writing a ZIP archive whose members are stored as they are, to a stream that need not be seekable. It tells of no
 * machine and no time: the same members give the same bytes.
 */
#ifndef CLFIT_HOST_ZIP_H
#define CLFIT_HOST_ZIP_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define ZIP_MEMBERS_MAX 80
#define ZIP_NAME_SIZE   64

struct zip_member {
  char name[ZIP_NAME_SIZE]; /* ASCII */
  uint32_t crc, size, offset;
};

/* All members together are less than 4 GiB. */
struct zip {
  FILE *stream;
  uint32_t offset; /* bytes written */
  uint16_t count;
  struct zip_member members[ZIP_MEMBERS_MAX];
};

/* Writes a member of `size` bytes. Set zip->stream, and all else to 0, before the first one. */
void clfit_zip_add(struct zip *zip, const char *name, const unsigned char *bytes, size_t size);

/* Writes the list of members, with which the archive ends. A failed write is seen in the stream's error flag. */
void clfit_zip_finish(struct zip *zip);

#endif
