#include "base/digest.h"

#include "base/little_endian.h"

#include <nettle/base16.h>

#define CHUNK 1024 /* floats converted at a time */

_Static_assert(CLFIT_DIGEST_SIZE == BASE16_ENCODE_LENGTH(SHA256_DIGEST_SIZE) + 1, "digits and the NUL");

void clfit_digest_floats(struct sha256_ctx *hash, size_t n, const float *values)
{
  uint8_t bytes[4 * CHUNK];
  while (n) {
    size_t count = n < CHUNK ? n : CHUNK;
    for (size_t i = 0; i < count; i++) clfit_store_float(bytes + 4 * i, values[i]);
    sha256_update(hash, 4 * count, bytes);
    values += count;
    n -= count;
  }
}

void clfit_digest_finish(struct sha256_ctx *hash, char digest[CLFIT_DIGEST_SIZE])
{
  uint8_t raw[SHA256_DIGEST_SIZE];
  sha256_digest(hash, sizeof raw, raw);
  base16_encode_update(digest, sizeof raw, raw);
  digest[CLFIT_DIGEST_SIZE - 1] = '\0';
}
