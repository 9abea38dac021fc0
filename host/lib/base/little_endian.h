/* Numbers as little-endian bytes, the same on every host. */
#ifndef CLFIT_HOST_LITTLE_ENDIAN_H
#define CLFIT_HOST_LITTLE_ENDIAN_H

#include <math.h>
#include <stdint.h>
#include <string.h>

/* Stores the low `count` bytes of a value, 1 .. 8 of them. */
static inline void clfit_store_little_endian(unsigned char *bytes, uint64_t value, int count)
{
  for (int i = 0; i < count; i++) bytes[i] = (unsigned char)(value >> 8 * i);
}

static inline uint64_t clfit_load_little_endian(const unsigned char *bytes, int count)
{
  uint64_t value = 0;
  for (int i = 0; i < count; i++) value |= (uint64_t)bytes[i] << 8 * i;
  return value;
}

/* Stores a float32 as 4 bytes; every NaN is 0x7fc00000, as the bits of a NaN differ between machines. */
static inline void clfit_store_float(unsigned char *bytes, float value)
{
  uint32_t pattern;
  memcpy(&pattern, &value, sizeof pattern);
  clfit_store_little_endian(bytes, isnan(value) ? 0x7fc00000u : pattern, 4);
}

/* Stores a float64 as 8 bytes; every NaN is 0x7ff8000000000000. */
static inline void clfit_store_double(unsigned char *bytes, double value)
{
  uint64_t pattern;
  memcpy(&pattern, &value, sizeof pattern);
  clfit_store_little_endian(bytes, isnan(value) ? 0x7ff8000000000000u : pattern, 8);
}

static inline double clfit_load_double(const unsigned char *bytes)
{
  uint64_t pattern = clfit_load_little_endian(bytes, 8);
  double value;
  memcpy(&value, &pattern, sizeof value);
  return value;
}

#endif
