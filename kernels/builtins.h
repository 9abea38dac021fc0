/*
 * The functions of OpenCL C that the kernels use, declared as in clang's opencl-c.h; for compilers that are told to
 * leave that header out (program.c), never included by a kernel. A function must be declared for every type that it is
 * used with: the compiler would convert the arguments to another one. tests/checks/opencl_c.sh compares.
 */
#ifndef CLFIT_BUILTINS_H
#define CLFIT_BUILTINS_H

#define BUILTIN            __attribute__((overloadable))
#define BUILTIN_CONST      __attribute__((overloadable, const))
#define BUILTIN_PURE       __attribute__((overloadable, pure))
#define BUILTIN_CONVERGENT __attribute__((overloadable, convergent))

size_t BUILTIN_CONST get_global_id(uint);
size_t BUILTIN_CONST get_global_size(uint);
size_t BUILTIN_CONST get_local_id(uint);
size_t BUILTIN_CONST get_group_id(uint);
size_t BUILTIN_CONST get_num_groups(uint);
void BUILTIN_CONVERGENT barrier(cl_mem_fence_flags);
uint BUILTIN atomic_inc(volatile global uint *);

/* Numbers and vectors of them; `flags`, signed integers of the same size, choose between lanes. */
#define FLOATING_POINT_BUILTINS(type, flags)                                                                           \
  type BUILTIN_CONST fma(type, type, type);                                                                            \
  type BUILTIN_CONST fabs(type);                                                                                       \
  type BUILTIN_CONST sqrt(type);                                                                                       \
  type BUILTIN_CONST select(type, type, flags);

#define INTEGER_BUILTINS(type)                                                                                         \
  type BUILTIN_CONST min(type, type);                                                                                  \
  type BUILTIN_CONST max(type, type);                                                                                  \
  type BUILTIN_CONST clz(type);                                                                                        \
  type BUILTIN_CONST mul_hi(type, type);

/* Moving a vector from and to numbers in an address space. */
#define VECTOR_BUILTINS_IN(space, scalar, width)                                                                       \
  scalar##width BUILTIN_PURE vload##width(size_t, const space scalar *);                                               \
  void BUILTIN vstore##width(scalar##width, size_t, space scalar *);

#define VECTOR_BUILTINS(scalar, width)                                                                                 \
  VECTOR_BUILTINS_IN(private, scalar, width)                                                                           \
  VECTOR_BUILTINS_IN(local, scalar, width)                                                                             \
  VECTOR_BUILTINS_IN(global, scalar, width)

FLOATING_POINT_BUILTINS(float, int)
FLOATING_POINT_BUILTINS(float16, int16)
float BUILTIN_CONST native_exp2(float);
float16 BUILTIN_CONST native_exp2(float16);
float BUILTIN_CONST native_recip(float);
float16 BUILTIN_CONST native_recip(float16);
float BUILTIN_CONST convert_float(int);
float BUILTIN_CONST convert_float(uint);
float16 BUILTIN_CONST convert_float16(int16);
float16 BUILTIN_CONST convert_float16(uint16);
int16 BUILTIN_CONST convert_int16(int16);
int16 BUILTIN_CONST convert_int16(uint16);
int BUILTIN_CONST any(int16);
int BUILTIN_CONST any(long8);
INTEGER_BUILTINS(int)
INTEGER_BUILTINS(uint)
INTEGER_BUILTINS(ulong)
VECTOR_BUILTINS(float, 16)
VECTOR_BUILTINS(int, 16)
VECTOR_BUILTINS(uint, 16)

#ifdef cl_khr_fp64
FLOATING_POINT_BUILTINS(double, long)
FLOATING_POINT_BUILTINS(double2, long2)
FLOATING_POINT_BUILTINS(double4, long4)
FLOATING_POINT_BUILTINS(double8, long8)
VECTOR_BUILTINS(double, 4)
VECTOR_BUILTINS(double, 8)
VECTOR_BUILTINS(long, 8)
VECTOR_BUILTINS(int, 8)
#endif

#endif
