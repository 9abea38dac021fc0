/* The natural logarithm, with the same bits on every machine. */
#ifndef CLFIT_HOST_LOG64_H
#define CLFIT_HOST_LOG64_H

/*
 * ln x, for every double: the double nearest to it unless ln x lies within 2^-44 units of the last place of the middle
 * between two doubles. -inf for +-0, NaN for what is negative or NaN, +inf for +inf. A C library's log has an error
 * of its own (glibc 0.52 units), so its last bit differs between systems.
 */
double clfit_log64(double x);

#endif
