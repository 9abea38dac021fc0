/* What the library uses of nettle's header of this name; see sha2.h. */
#ifndef CLFIT_TESTS_BASE16_H
#define CLFIT_TESTS_BASE16_H

#include <stddef.h>
#include <stdint.h>

#define BASE16_ENCODE_LENGTH(size) ((size)*2)

static inline void base16_encode_update(char *text, size_t size, const uint8_t *bytes)
{
  for (size_t i = 0; i < size; i++) {
    text[2 * i] = "0123456789abcdef"[bytes[i] >> 4];
    text[2 * i + 1] = "0123456789abcdef"[bytes[i] & 15];
  }
}

#endif
