#include "base/digest.h"

#include <math.h>
#include <nettle/base16.h>
#include <string.h>

#define CHUNK 1024 /* floats a piece */

_Static_assert(CLFIT_DIGEST_SIZE == BASE16_ENCODE_LENGTH(SHA256_DIGEST_SIZE) + 1, "digits and the NUL");

void clfit_digest_floats(struct sha256_ctx *hash, size_t n, const float *values)
{
  uint8_t bytes[4 * CHUNK];
  while (n) {
    size_t count = n < CHUNK ? n : CHUNK;
    for (size_t i = 0; i < count; i++) {
      uint32_t pattern;
      memcpy(&pattern, &values[i], sizeof pattern);
      if (isnan(values[i])) pattern = 0x7fc00000u; /* the bits of a NaN differ between machines */
      for (int k = 0; k < 4; k++) bytes[4 * i + k] = (uint8_t)(pattern >> 8 * k);
    }
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
