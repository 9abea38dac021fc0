/*
 * PoCL compiles the code of a kernel three times: it is put into two functions that launch it, and stays where it was.
 * The code of a function that is not inlined is compiled once, which takes a CPU less than half the time. PoCL asks
 * LLVM to inline every function; a function in which a label's address is taken is one that LLVM cannot inline.
 *
 *   SEPARATED name(...) { STAYS_SEPARATE ... }    called by the kernel, with what it knows of its work-item
 *
 * On other compilers, where SEPARATE is 0, the function is inlined; so are those with a barrier, of teams.
 */
#ifndef CLFIT_SEPARATE_H
#define CLFIT_SEPARATE_H

#include "numerics.h"

#ifndef SEPARATE
#define SEPARATE 0
#endif

#if SEPARATE && !TEAM
#define SEPARATED static __attribute__((noinline)) void
#define STAYS_SEPARATE                                                                                                 \
  volatile size_t address = (size_t)&&begin;                                                                           \
  begin:;
#else
#define SEPARATED INLINE void
#define STAYS_SEPARATE
#endif

#endif
