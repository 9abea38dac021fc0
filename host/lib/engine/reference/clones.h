/* Without permission to use the processor's fma instruction, fma and fmaf are calls into libm and six times slower. So
 * the compiler makes a version of each loop for processors that have the instruction (target_clones); the right one is
 * chosen when the program starts. All versions give the same bits. */
#ifndef CLFIT_HOST_CLONES_H
#define CLFIT_HOST_CLONES_H

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(__FMA__) &&                            \
    !defined(__SANITIZE_ADDRESS__)
#define WITH_FMA __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define WITH_FMA
#endif

#endif
