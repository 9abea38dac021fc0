/* Built-in functions of OpenCL C that the kernels use and that clang does not declare by itself; for
 * tests/checks/ptxas.sh. */
#define get_local_id(dimension) __nvvm_read_ptx_sreg_tid_x()
#define get_global_id(dimension)                                                                                       \
  (__nvvm_read_ptx_sreg_ctaid_x() * __nvvm_read_ptx_sreg_ntid_x() + __nvvm_read_ptx_sreg_tid_x())
#define get_global_size(dimension) (__nvvm_read_ptx_sreg_nctaid_x() * __nvvm_read_ptx_sreg_ntid_x())
#define barrier(fence)             __syncthreads()
typedef unsigned int uint;
typedef unsigned long size_t;
typedef unsigned long ulong;
#define as_uint(x)       __builtin_astype((x), uint)
#define as_float(x)      __builtin_astype((x), float)
#define fma(a, b, c)     __builtin_fmaf(a, b, c)
#define fabs(a)          __builtin_fabsf(a)
#define clz(a)           __builtin_clz(a)
#define sqrt(a)          __nvvm_sqrt_rn_f(a)
#define convert_float(a) ((float)(a))
#define mul_hi(a, b)     ((uint)((ulong)(a) * (b) >> 32))
#define asm __asm__

static inline uint min(uint a, uint b)
{
  return a < b ? a : b;
}

static inline uint max(uint a, uint b)
{
  return a > b ? a : b;
}
