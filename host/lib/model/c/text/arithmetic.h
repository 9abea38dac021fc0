/*
 * ---- arithmetic ------------------------------------------------------------------------------------------------
 *
 * Everything is made of a fused multiply-add, which rounds once. No product meets a sum elsewhere, so that it makes no
 * difference whether the compiler contracts expressions.
 *
 * NAME_INTEGER: 0: the processor has the instruction. 1: it has not, and fma, and through it product and sum, are
 * made of integers, so that neither the processor's nor the compiler's floating-point arithmetic is used. Both give the
 * same bits. Define it before including this file to choose.
 */
#ifndef NAME_INTEGER
#if defined(__GNUC__) && (defined(__FP_FAST_FMAF) || defined(__FMA__) || defined(__ARM_FEATURE_FMA) ||                 \
                          (defined(__riscv_flen) && __riscv_flen >= 32))
#define NAME_INTEGER 0
#else
#define NAME_INTEGER 1
#endif
#endif

#if defined(__GNUC__)
#define NAME_CALLED static __attribute__((noinline, unused)) /* called in many places */
#else
#define NAME_CALLED static inline
#endif

static inline uint32_t NAME_bits_of(float value)
{
  uint32_t pattern;
  memcpy(&pattern, &value, sizeof pattern);
  return pattern;
}

static inline float NAME_float_of(uint32_t pattern)
{
  float value;
  memcpy(&value, &pattern, sizeof value);
  return value;
}

#if NAME_INTEGER

typedef uint32_t NAME_real; /* the bits of a float */

#define NAME_TAKE(value)   NAME_bits_of(value)
#define NAME_GIVE(value)   NAME_float_of(value)
#define NAME_BITS(value)   (value)
#define NAME_REAL(pattern) (pattern)

/* The mantissa of a finite number, its leading bit at 2^23 unless the number is 0; returns the exponent. */
NAME_CALLED int32_t NAME_unpack(uint32_t value, uint32_t *mantissa)
{
  int32_t exponent = (int32_t)((value << 1) >> 24);
  uint32_t m = value & 0x7fffffu;
  if (exponent)
    m |= 0x800000u;
  else if (m)
    for (exponent = 1; m < 0x800000u; exponent--) m <<= 1;
  *mantissa = m;
  return exponent;
}

/* Where one of a, b, c is infinite or NaN. */
static inline uint32_t NAME_fma_special(uint32_t a, uint32_t b, uint32_t c)
{
  const uint32_t infinite = 0xff000000u, nan = 0x7fc00000u; /* without the sign, shifted up */
  const uint32_t sizes[3] = {a << 1, b << 1, c << 1};
  if (sizes[0] > infinite || sizes[1] > infinite || sizes[2] > infinite) return nan;
  if (sizes[0] < infinite && sizes[1] < infinite) return c;
  if (!sizes[0] || !sizes[1]) return nan;
  if (sizes[2] == infinite && (a ^ b ^ c) >> 31) return nan;
  return ((a ^ b) & 0x80000000u) | 0x7f800000u;
}

/* A whole number of 64 bits in two halves, because small processors shift no others well. */
struct NAME_pair {
  uint32_t high, low;
};

/* value / 2^count; the last bit is set if a bit is lost, which is all that rounding needs to know of it. */
NAME_CALLED struct NAME_pair NAME_shift(struct NAME_pair value, int32_t count)
{
  uint32_t lost = 0;
  if (count > 63) count = 63;
  if (count > 31) {
    lost = value.low;
    value.low = value.high;
    value.high = 0;
    count -= 32;
  }
  if (count) {
    lost |= value.low << (32 - count);
    value.low = value.low >> count | value.high << (32 - count);
    value.high >>= count;
  }
  value.low |= lost != 0;
  return value;
}

/* a b 2^8, a and b of 24 bits. */
static inline struct NAME_pair NAME_multiply(uint32_t a, uint32_t b)
{
  const uint16_t a_low = (uint16_t)a, b_low = (uint16_t)b, a_high = (uint16_t)(a >> 16), b_high = (uint16_t)(b >> 16);
  const uint32_t low = (uint32_t)a_low * b_low, middle = (uint32_t)a_high * b_low + (uint32_t)a_low * b_high;
  struct NAME_pair product;
  product.low = (low << 8) + (middle << 24);
  product.high = ((uint32_t)a_high * b_high << 8) + (middle >> 8) + (low >> 24) + (product.low < low << 8);
  return product;
}

/* Rounds value * 2^(exponent - 182) to nearest, ties to even; value is not 0 and below 2^57. The high half becomes the
 * mantissa, the low half what is rounded. */
static inline uint32_t NAME_round(uint32_t sign, struct NAME_pair value, int32_t exponent)
{
  uint32_t bits;
  if (!value.high) {
    value.high = value.low >> 8;
    value.low <<= 24;
    exponent -= 24;
  }
  for (; value.high < 0x800000u; exponent--) {
    value.high = value.high << 1 | value.low >> 31;
    value.low <<= 1;
  }
  if (value.high > 0xffffffu) {
    value = NAME_shift(value, 1);
    exponent++;
  }
  if (exponent < 1) {
    value = NAME_shift(value, 1 - exponent);
    exponent = 1;
  }
  if (exponent > 254) return sign | 0x7f800000u;
  bits = (((uint32_t)(exponent - 1) << 24) >> 1) + value.high;
  return sign | (bits + (value.low > 0x80000000u - (bits & 1u)));
}

/* a b + c: the product has 48 bits and is exact, in 64 there is room to add c. */
NAME_CALLED uint32_t NAME_fma(uint32_t a, uint32_t b, uint32_t c)
{
  uint32_t sign = (a ^ b) & 0x80000000u, ma, mb, mc;
  struct NAME_pair product, sum;
  int32_t exponent, other;
  if ((a << 1) >= 0xff000000u || (b << 1) >= 0xff000000u || (c << 1) >= 0xff000000u) return NAME_fma_special(a, b, c);
  exponent = NAME_unpack(a, &ma) + NAME_unpack(b, &mb) - 126;
  other = NAME_unpack(c, &mc);
  if (!ma || !mb) return mc || c == sign ? c : 0;
  if (!mc) other = exponent;
  product = NAME_multiply(ma, mb);
  sum.high = mc;
  sum.low = 0;
  if (exponent < other) {
    product = NAME_shift(product, other - exponent);
    exponent = other;
  } else if (exponent > other) {
    sum = NAME_shift(sum, exponent - other);
  }
  if ((sign ^ c) >> 31) {
    sum.high = product.high - sum.high - (product.low < sum.low);
    sum.low = product.low - sum.low;
    if (sum.high >> 31) { /* below 0 */
      sign ^= 0x80000000u;
      sum.low = 0 - sum.low;
      sum.high = ~sum.high + (sum.low == 0);
    }
    if (!(sum.high | sum.low)) return 0;
  } else {
    sum.low += product.low;
    sum.high += product.high + (sum.low < product.low);
  }
  return NAME_round(sign, sum, exponent);
}

static inline uint32_t NAME_product(uint32_t a, uint32_t b)
{
  return NAME_fma(a, b, 0x80000000u); /* adding -0 changes nothing */
}

static inline uint32_t NAME_sum(uint32_t a, uint32_t b)
{
  return NAME_fma(a, 0x3f800000u, b); /* 1 a + b */
}

static inline uint32_t NAME_minus(uint32_t a)
{
  return a ^ 0x80000000u;
}

/* a > b; false if a is NaN. b is a number. */
NAME_CALLED int NAME_above(uint32_t a, uint32_t b)
{
  const int32_t x = a >> 31 ? -(int32_t)(a & 0x7fffffffu) : (int32_t)a;
  const int32_t y = b >> 31 ? -(int32_t)(b & 0x7fffffffu) : (int32_t)b;
  return x > y && (a << 1) <= 0xff000000u;
}

#else

typedef float NAME_real;

#define NAME_TAKE(value)   (value)
#define NAME_GIVE(value)   (value)
#define NAME_BITS(value)   NAME_bits_of(value)
#define NAME_REAL(pattern) NAME_float_of(pattern)

static inline float NAME_fma(float a, float b, float c)
{
  return __builtin_fmaf(a, b, c); /* one instruction */
}

static inline float NAME_product(float a, float b)
{
  return a * b;
}

static inline float NAME_sum(float a, float b)
{
  return a + b;
}

static inline float NAME_minus(float a)
{
  return -a;
}

static inline int NAME_above(float a, float b)
{
  return a > b;
}

#endif
