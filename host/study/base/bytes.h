/* Numbers as little-endian bytes, whatever the machine. */
#ifndef CLFIT_STUDY_BYTES_H
#define CLFIT_STUDY_BYTES_H

#include <stdint.h>
#include <string.h>

static inline void bytes_put_32(unsigned char *bytes, uint32_t value)
{
  for (int i = 0; i < 4; i++) bytes[i] = (unsigned char)(value >> 8 * i);
}

static inline uint32_t bytes_get_32(const unsigned char *bytes)
{
  uint32_t value = 0;
  for (int i = 0; i < 4; i++) value |= (uint32_t)bytes[i] << 8 * i;
  return value;
}

static inline void bytes_put_float(unsigned char *bytes, float value)
{
  uint32_t bits;
  memcpy(&bits, &value, sizeof bits);
  bytes_put_32(bytes, bits);
}

static inline float bytes_get_float(const unsigned char *bytes)
{
  float value;
  uint32_t bits = bytes_get_32(bytes);
  memcpy(&value, &bits, sizeof value);
  return value;
}

static inline void bytes_put_double(unsigned char *bytes, double value)
{
  uint64_t bits;
  memcpy(&bits, &value, sizeof bits);
  bytes_put_32(bytes, (uint32_t)bits);
  bytes_put_32(bytes + 4, (uint32_t)(bits >> 32));
}

static inline double bytes_get_double(const unsigned char *bytes)
{
  double value;
  uint64_t bits = bytes_get_32(bytes) | (uint64_t)bytes_get_32(bytes + 4) << 32;
  memcpy(&value, &bits, sizeof value);
  return value;
}

#endif
