#include <float.h>
#include <stdint.h>
#include <string.h>

/* Options that let a compiler compute something else than what is written. A compiler that does not tell which options
 * it has been given (clang tells of -ffast-math and -ffinite-math-only alone) must be called without them. */
#if defined(__FAST_MATH__) || defined(__ASSOCIATIVE_MATH__) || defined(__RECIPROCAL_MATH__) ||                         \
    defined(__NO_SIGNED_ZEROS__) || defined(_M_FP_FAST) || (defined(__FINITE_MATH_ONLY__) && __FINITE_MATH_ONLY__ > 0)
#error "NAME needs arithmetic as it is written: compile without -ffast-math and the options that are part of it"
#endif
#if defined(FLT_EVAL_METHOD) && FLT_EVAL_METHOD != 0
#error "NAME needs float arithmetic in float: compile with -msse2 -mfpmath=sse, or for a 64-bit processor"
#endif
#if FLT_RADIX != 2 || FLT_MANT_DIG != 24 || FLT_MAX_EXP != 128
#error "NAME needs a float of 32 bits as IEEE 754 has it"
#endif
