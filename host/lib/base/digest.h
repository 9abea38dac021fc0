/* SHA-256 over float32 values, the same on every host. */
#ifndef CLFIT_HOST_DIGEST_H
#define CLFIT_HOST_DIGEST_H

#include "clfit.h"

#include <nettle/sha2.h>

/* Feeds n values as little-endian binary32; nettle's sha256_init starts the hash. */
void clfit_digest_floats(struct sha256_ctx *hash, size_t n, const float *values);

/* Ends the hash and writes it in lower-case hexadecimal. */
void clfit_digest_finish(struct sha256_ctx *hash, char digest[CLFIT_DIGEST_SIZE]);

#endif
