/*
 * Sums over the 32 work-items of a team, in the strict order, for programs that define TEAM 1.
 *
 * Without SHUFFLE in local memory: 2 * 32 floats, the partial sums of this sum and of the one before, in alternating
 * buffers. One barrier a sum is enough: a buffer is written again only after the barrier of the next sum, when all
 * work-items have read it. With SHUFFLE (NVIDIA) a team is a warp, whose work-items exchange registers: no local memory
 * and no barrier.
 */
#ifndef CLFIT_TEAM_SUM_H
#define CLFIT_TEAM_SUM_H

#if TEAM
#ifndef SHUFFLE
#define SHUFFLE 0 /* 1: add partial sums with NVIDIA's warp shuffle */
#endif
#ifndef EMULATE_SHUFFLE
/* 1: emulates the shuffle in local memory, for tests on other devices; all networks of a work-group must then end after
 * the same number of steps, because the emulation uses barriers */
#define EMULATE_SHUFFLE 0
#endif
#ifndef GROUP
#define GROUP 1 /* teams in a work-group; 1 without SHUFFLE */
#endif
#define GROUP_SIZE (GROUP * CLFIT_PARTIAL_SUMS)

#if SHUFFLE
#define BUFFER_SIZE (EMULATE_SHUFFLE ? GROUP_SIZE : 1)

#ifndef EXCHANGE /* a test defines a wrong exchange, to check that the self-test refuses it */
#define EXCHANGE(buffer, value, stride) exchange(buffer, value, stride)
#endif

/* Returns `value` of the work-item whose index in the team is this one's with the bit `stride` inverted. */
static inline float exchange(local float *buffer, float value, uint stride)
{
#if EMULATE_SHUFFLE
  const uint item = get_local_id(0);
  barrier(CLK_LOCAL_MEM_FENCE); /* all work-items have read the previous values */
  buffer[item] = value;
  barrier(CLK_LOCAL_MEM_FENCE);
  return buffer[item ^ stride];
#else
  float other;
  asm volatile("shfl.sync.bfly.b32 %0, %1, %2, 0x1f, 0xffffffff;" : "=f"(other) : "f"(value), "r"(stride));
  return other;
#endif
}

/* Adds the 32 partial sums as a tree. Work-item i adds the value of work-item i ^ stride: for the lower half this is i
 * + stride, as the strict order requires; for the upper half the same two values in the other order, and a + b = b + a.
 * So all work-items get the same bits. */
static inline float add_partial_sums(local float *buffer, uint turn, float sum)
{
  __attribute__((opencl_unroll_hint(5))) for (uint stride = CLFIT_PARTIAL_SUMS / 2; stride > 0; stride /= 2) sum +=
      EXCHANGE(buffer, sum, stride);
  return sum;
}
#else
#define BUFFER_SIZE (2 * CLFIT_PARTIAL_SUMS)

/* Adds the 32 partial sums as a tree. Every work-item adds all of them, which needs no further barrier. `turn` is the
 * number of sums computed before; it selects the buffer. */
static inline float add_partial_sums(local float *buffer, uint turn, float own)
{
  local float *all = buffer + turn % 2 * CLFIT_PARTIAL_SUMS;
  float sum[CLFIT_PARTIAL_SUMS / 2];
  all[get_local_id(0)] = own;
  barrier(CLK_LOCAL_MEM_FENCE);
  for (uint i = 0; i < 16; i++) sum[i] = all[i] + all[i + 16];
  for (uint stride = 8; stride > 0; stride /= 2)
    for (uint i = 0; i < stride; i++) sum[i] += sum[i + stride];
  return sum[0];
}
#endif

/* The self-test of add_partial_sums: it is called `turns` times, with a new value in each work-item. values and sums:
 * [turns][global size]. */
kernel __attribute__((reqd_work_group_size(GROUP_SIZE, 1, 1))) void selftest_sums(global const float *values,
                                                                                  global float *sums, uint turns)
{
  local float buffer[BUFFER_SIZE];
  for (uint turn = 0; turn < turns; turn++) {
    const size_t offset = turn * get_global_size(0) + get_global_id(0);
    sums[offset] = add_partial_sums(buffer, turn, values[offset]);
  }
}

#endif

#endif
