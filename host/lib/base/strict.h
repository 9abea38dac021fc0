/*
 * Included by every file of the host whose arithmetic decides a bit of strict training: such a file does not compile
 * with options under which a compiler may compute something else than what is written. The build of clfit undoes these
 * options (CMakeLists.txt); this is for other builds of its sources. What no macro tells is left to clfit_host_check.
 */
#ifndef CLFIT_HOST_STRICT_H
#define CLFIT_HOST_STRICT_H

#include <float.h>

#if defined __FAST_MATH__ || defined __ASSOCIATIVE_MATH__ || defined __RECIPROCAL_MATH__ ||                            \
    defined __NO_SIGNED_ZEROS__ || (defined __FINITE_MATH_ONLY__ && __FINITE_MATH_ONLY__)
#error "clfit needs IEEE 754 arithmetic: compile without -ffast-math, -Ofast and their parts, or with -fno-fast-math"
#endif

/* 16: only the half-precision type, which clfit does not use, is computed in another format. */
#if !defined FLT_EVAL_METHOD || (FLT_EVAL_METHOD != 0 && FLT_EVAL_METHOD != 16)
#error "clfit needs float computed in its own format: -msse2 -mfpmath=sse on x86, -fexcess-precision=fast on s390x"
#endif

#endif
