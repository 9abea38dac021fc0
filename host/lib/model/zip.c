#include "model/zip.h"

#include "base/little_endian.h"

#include <assert.h>
#include <string.h>
#include <zlib.h>

#define VERSION        20   /* of ZIP: 2.0 */
#define FIRST_DATE     0x21 /* 1980-01-01, the first day that a ZIP archive knows */
#define LOCAL_HEADER   0x04034b50u
#define CENTRAL_HEADER 0x02014b50u
#define END            0x06054b50u

static void put(struct zip *zip, uint32_t value, int bytes)
{
  unsigned char buffer[4];
  clfit_store_little_endian(buffer, value, bytes);
  fwrite(buffer, 1, (size_t)bytes, zip->stream);
  zip->offset += (uint32_t)bytes;
}

static void put_bytes(struct zip *zip, const void *bytes, size_t size)
{
  fwrite(bytes, 1, size, zip->stream);
  zip->offset += (uint32_t)size;
}

/* The fields that a member's header and its entry in the list have in common. */
static void put_properties(struct zip *zip, const struct zip_member *member)
{
  put(zip, VERSION, 2);
  put(zip, 0, 2); /* flags */
  put(zip, 0, 2); /* method: stored */
  put(zip, 0, 2); /* time */
  put(zip, FIRST_DATE, 2);
  put(zip, member->crc, 4);
  put(zip, member->size, 4); /* compressed */
  put(zip, member->size, 4);
  put(zip, (uint32_t)strlen(member->name), 2);
  put(zip, 0, 2); /* length of the extra field */
}

void clfit_zip_add(struct zip *zip, const char *name, const unsigned char *bytes, size_t size)
{
  assert(zip->count < ZIP_MEMBERS_MAX && size <= UINT32_MAX - zip->offset);
  struct zip_member *member = &zip->members[zip->count++];
  *member = (struct zip_member){.size = (uint32_t)size, .offset = zip->offset};
  member->crc = (uint32_t)crc32_z(0, bytes, size);
  snprintf(member->name, sizeof member->name, "%s", name);
  put(zip, LOCAL_HEADER, 4);
  put_properties(zip, member);
  put_bytes(zip, member->name, strlen(member->name));
  put_bytes(zip, bytes, size);
}

static void put_entry(struct zip *zip, const struct zip_member *member)
{
  put(zip, CENTRAL_HEADER, 4);
  put(zip, VERSION, 2); /* made by; no system's attributes */
  put_properties(zip, member);
  put(zip, 0, 2); /* length of the comment */
  put(zip, 0, 2); /* disk */
  put(zip, 0, 2); /* internal attributes */
  put(zip, 0, 4); /* external attributes */
  put(zip, member->offset, 4);
  put_bytes(zip, member->name, strlen(member->name));
}

void clfit_zip_finish(struct zip *zip)
{
  const uint32_t begin = zip->offset;
  for (uint16_t i = 0; i < zip->count; i++) put_entry(zip, &zip->members[i]);
  const uint32_t size = zip->offset - begin;
  put(zip, END, 4);
  put(zip, 0, 2); /* this disk */
  put(zip, 0, 2); /* the list's disk */
  put(zip, zip->count, 2);
  put(zip, zip->count, 2);
  put(zip, size, 4);
  put(zip, begin, 4);
  put(zip, 0, 2); /* length of the comment */
}
