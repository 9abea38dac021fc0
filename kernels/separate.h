/*
 * PoCL compiles the code of a kernel three times: it is put into two functions that launch it, and stays where it was.
 * The code of a function that is not inlined is compiled once, in half of the time or less. PoCL asks LLVM to inline
 * every function; a function in which a label's address is taken is one that LLVM cannot inline.
 *
 *   SEPARATED name(...) { STAYS_SEPARATE ... }    called by the kernel, with what it knows of its work-item
 *
 * On other compilers, where SEPARATE is 0, the function is inlined; so are those with a barrier, of teams. Then the
 * kernel's arguments alone are restrict: that of an inlined function becomes an intrinsic that Oclgrind 21.10 does not
 * know. So the function's are SEPARATED_RESTRICT.
 */
#ifndef CLFIT_SEPARATE_H
#define CLFIT_SEPARATE_H

#include "numerics.h"

#ifndef SEPARATE
#define SEPARATE 0
#endif

#if SEPARATE && !TEAM
#define SEPARATED          static __attribute__((noinline)) void
#define SEPARATED_RESTRICT restrict
#define STAYS_SEPARATE                                                                                                 \
  volatile size_t separate_address = (size_t)&&separate_label;                                                         \
  separate_label:;
#else
#define SEPARATED INLINE void
#define SEPARATED_RESTRICT
#define STAYS_SEPARATE
#endif

#endif
