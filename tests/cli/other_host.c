/* Preloaded into a program: the machine computes otherwise, as OTHER_HOST says.
 *
 *   flush  denormal numbers are flushed to zero, as a library linked with -ffast-math has it (x86 alone)
 *   sin    the math library's sine is larger by one ten-millionth
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#ifdef __SSE2__
#include <xmmintrin.h>
#endif

static int is(const char *what)
{
  const char *host = getenv("OTHER_HOST");
  return host && strcmp(host, what) == 0;
}

#ifdef __SSE2__
__attribute__((constructor)) static void flush(void)
{
  if (is("flush")) _mm_setcsr(_mm_getcsr() | 0x8040); /* results and operands */
}
#endif

__attribute__((visibility("default"))) double sin(double x)
{
  double (*next)(double) = (double (*)(double))dlsym(RTLD_NEXT, "sin");
  return is("sin") ? next(x) * (1 + 1e-7) : next(x);
}
