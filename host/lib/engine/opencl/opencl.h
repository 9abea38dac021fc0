/* Declarations shared by the files of this folder. OpenCL's types are used nowhere else. */
#ifndef CLFIT_OPENCL_OPENCL_H
#define CLFIT_OPENCL_OPENCL_H

#include "clfit.h"
#include "engine/opencl/cl_device.h"
#include "engine/opencl/embedded.h"
#include "numerics.h"

#include <CL/cl.h>

/* ---- errors (cl_errors.c) --------------------------------------------------------------------------------------- */

/* Name of an OpenCL error code ("CL_OUT_OF_RESOURCES"), never NULL. */
const char *clfit_cl_name(cl_int code);

/* "OpenCL: cannot WHAT: CL_NAME (code)". Running out of device memory is CLFIT_ERROR_MEMORY, the rest
 * CLFIT_ERROR_OPENCL; cl_code is filled. */
clfit_status clfit_fail_cl(clfit_error *error, cl_int code, const char *what);

/* ---- mappings (mapping.c) ------------------------------------------------------------------------------------ */

#define BUCKETS_MAX 17 /* with the 0 */

/* How networks are laid out on a device; one row per mapping. A vector is the group of neurons of one network that the
 * mapping computes at once. */
struct mapping {
  const char *name;
  const char *file; /* of its kernel */
  /* GPUs do not have it: NVIDIA's compiler needs up to 23 s for a program whose work-items have all of a network */
  bool cpus_only;
  uint32_t cpu_lanes, gpu_lanes; /* LANES of numerics.h (values in a `real`) on a CPU and on a GPU */
  uint32_t width;                /* neurons in a vector */
  uint32_t local_size;           /* work-items that share a network */
  uint32_t gpu_group;            /* networks (packs of them) that a GPU's work-group takes, a power of two */
  bool packs;                    /* a work-item trains LANES networks */
  /* programs for more vectors than this are compiled with loops instead of unrolled code */
  uint32_t unrolled_most;
  /* on CPUs programs for more vectors than this are compiled with loops, because PoCL takes seconds to compile them
   * unrolled; 0: unrolled_most */
  uint32_t cpu_unrolled_most;
  /* programs for at most this many vectors are compiled so that a work-item trains two networks (or packs) alternately;
   * 0: none */
  uint32_t interleaved_most;
  uint32_t buckets[BUCKETS_MAX]; /* capacities in vectors for which programs are compiled, rising; 0 ends the list */
};

/* The mappings there are; each has a row in clfit_mapping_table and a file in kernels/. */
#define MAPPINGS(X)         X(wide) X(packed) X(team)
#define MAPPING_INDEX(name) MAPPING_##name,
enum { MAPPINGS(MAPPING_INDEX) MAPPING_COUNT };
extern const struct mapping clfit_mapping_table[MAPPING_COUNT];

#define ACTIVATION_INDEX(name) ACTIVATION_##name,
enum { CLFIT_ACTIVATIONS(ACTIVATION_INDEX) ACTIVATION_COUNT };
#undef ACTIVATION_INDEX

/* NULL: there is none of that name. */
const struct mapping *clfit_mapping_find(const char *name);

/* The mapping for one network on a device type. */
const struct mapping *clfit_mapping_for(cl_device_type type);

/* The mapping of least squares: the wanted one, or the one that stands in for it; NULL: the device type's own. */
const struct mapping *clfit_mapping_for_least_squares(cl_device_type type, const char *wanted);

/* Number of networks (or packs) in a work-group of a mapping's training program (with `batches` that of batch.cl), with
 * the instructions that the device uses at present. */
struct opencl_device;
uint32_t clfit_mapping_group(const struct mapping *mapping, bool batches, const struct opencl_device *device);

/* The largest number of neurons that a mapping supports. */
uint32_t clfit_mapping_capacity(const struct mapping *mapping);

/* Whether `count` networks with `hidden` neurons train faster in the packed mapping than in the device's default
 * one. */
bool clfit_mapping_packs(const struct opencl_device *device, uint32_t hidden, size_t count);

/* The work of a work-item in evaluation: `lanes` points at once, `passes` times. */
struct evaluation_size {
  uint32_t lanes, passes;
};
struct evaluation_size clfit_mapping_evaluation(cl_device_type type);

/* The mapping for `count` networks with `hidden` neurons, of which training through gradients keeps `sets` sets of
 * planes beside the gradient (0: they are trained by plain gradient descent): the wanted one, or, if that is NULL,
 * packed if there are many networks and the device's default if there are few. If the chosen one does not support such
 * networks, or the device does not have it, the device's default. */
const struct mapping *clfit_mapping_choose(const struct opencl_device *device, const struct mapping *wanted,
                                           uint32_t sets, uint32_t hidden, size_t count);

/*
 * The compile-time constants of a training program: type and name of each field. The struct and its comparison are
 * generated from this list, so that the comparison covers every field.
 *
 *   optimizer    clfit_specialise sets CLFIT_SGD; the caller may change it
 *   mode         clfit_specialise sets CLFIT_STRICT; the caller may change it
 *   vectors      capacity of a network, in vectors
 *   padded_from  the first vector that may hold padding
 *   interleaved  networks, or packs, that a work-item can train alternately
 *   batches      trained by batch.cl, whose program serves all numbers of neurons unless it is resident
 *   resident     with batches: by a program for `vectors` alone, whose parameters stay in registers
 *   plain_steps  with batches: the steps are those of plain gradient descent
 */
#define SPECIALISATION_FIELDS(FIELD)                                                                                   \
  FIELD(const struct mapping *, mapping)                                                                               \
  FIELD(uint32_t, lanes)                                                                                               \
  FIELD(clfit_activation, activation)                                                                                  \
  FIELD(clfit_optimizer, optimizer)                                                                                    \
  FIELD(clfit_mode, mode)                                                                                              \
  FIELD(uint32_t, vectors)                                                                                             \
  FIELD(uint32_t, padded_from)                                                                                         \
  FIELD(uint32_t, interleaved)                                                                                         \
  FIELD(uint32_t, batches)                                                                                             \
  FIELD(uint32_t, resident)                                                                                            \
  FIELD(uint32_t, plain_steps)

#define DECLARE_FIELD(type, name) type name;
struct specialisation {
  SPECIALISATION_FIELDS(DECLARE_FIELD)
};
#undef DECLARE_FIELD

/* Whether two specialisations need the same program: they are equal in every field. */
bool clfit_specialisation_equal(const struct specialisation *one, const struct specialisation *other);

/* The specialisation for a network with `hidden` neurons (at most clfit_mapping_capacity) that is trained by batch.cl:
 * unless it is resident, vectors is a size of memory and no part of the program. */
struct specialisation clfit_specialise_batches(const struct mapping *mapping, cl_device_type type,
                                               clfit_activation activation, uint32_t hidden);

/* The specialisation for a network with `hidden` neurons (at most clfit_mapping_capacity) and plain gradient descent:
 * the smallest bucket that holds it. */
struct specialisation clfit_specialise(const struct mapping *mapping, cl_device_type type, clfit_activation activation,
                                       uint32_t hidden);

/* ---- devices (cl_device.c) -------------------------------------------------------------------------------------- */

#define OPTIONS_SIZE 768
/* with those that a device adds to every program's */
#define BUILD_OPTIONS_SIZE (OPTIONS_SIZE + 64)

/* Optional instructions, used in training programs if the device has them and passes the self-test with them. */
#define INSTRUCTION_RECIPROCAL 1u /* NVIDIA's approximations of 1/d and 1/sqrt(x) */
#define INSTRUCTION_SHUFFLE    2u /* NVIDIA's exchange of registers in a warp */
#define INSTRUCTION_DIVISION   4u /* a CPU's division, correctly rounded */

/* How networks that are trained by least squares lie on a device. */
enum lm_layout {
  LM_LAYOUT_PACKED,     /* a network a lane */
  LM_LAYOUT_TEAM,       /* a work-group a network, the matrix in global memory */
  LM_LAYOUT_TEAM_LOCAL, /* the same, the matrix in local memory */
  LM_LAYOUT_COUNT
};

/* What clfit_device_watch_builds has set. */
struct build_watch {
  clfit_build_watch *ask; /* NULL: nobody watches */
  void *context;
  bool left; /* a call was left, and its thread still uses the driver: nothing is released any more */
};

struct opencl_device {
  clfit_device_info info;
  cl_device_id id;
  cl_device_type type;
  cl_context context;
  cl_command_queue queue;
  cl_command_queue
      first_queue;           /* for launches with which a driver may compile: those of queue need not wait for them */
  struct build_watch *watch; /* never NULL */
  struct program *programs;  /* [program_count], kept until the device is closed */
  size_t program_count;
  size_t group_max; /* work-items in a work-group */
  /* INSTRUCTION_...: those that the device has, and those of them that are in use (not refused by a self-test) */
  uint32_t offered, instructions;
  /* build options with which a test emulates features that its device lacks; NULL: none */
  const char *emulation_options;
  /* launches whose size varies have one local size: PoCL compiles a kernel for a CPU anew for each; assumed of all
   * devices that are no GPUs */
  bool compiles_local_sizes;
  /* PoCL 3.1 on a CPU, whose compiler is spared work. Programs declare the functions of OpenCL C that they use
   * (builtins.h), and it leaves out its header of all of them, whose 18,000 lines it reads before each program, also to
   * find it in its cache: 55 ms of 65. And the code of training kernels is a function of its own (separate.h), which it
   * compiles once instead of three times. */
  bool is_pocl_31;
  /* [clfit_mode][specialisation.batches][mapping][clfit_activation]: passed the self-test; and that of float64, by
   * layout and activation */
  bool checked[2][2][MAPPING_COUNT][ACTIVATION_COUNT], checked64[LM_LAYOUT_COUNT][ACTIVATION_COUNT];
};

/* ---- programs (program.c) ------------------------------------------------------------------------------------ */

/* A built program and what it was built from. */
struct program {
  const struct embedded_file *file;
  char options[OPTIONS_SIZE];
  cl_program handle;
};

/* Builds an embedded kernel file with `options` (-D...), or returns the program of an earlier call. Owned by the
 * device. CLFIT_ERROR_BUILD carries device, options, log and numbered source. */
clfit_status clfit_program_get(struct opencl_device *device, const char *file, const char *options, cl_program *program,
                               clfit_error *error);

/* ---- calls in which a driver may compile (watched.c) ------------------------------------------------------------ */

/* clBuildProgram, whose result is *code, and clFinish of the device's first_queue. CLFIT_ERROR_INTERRUPTED: the call
 * was left, as the watch has asked for, and goes on; the program must not be released. */
clfit_status clfit_watched_build(const struct opencl_device *device, cl_program program, const char *options,
                                 cl_int *code, clfit_error *error);
clfit_status clfit_watched_finish(const struct opencl_device *device, const char *what, clfit_error *error);

/* CLFIT_ERROR_INTERRUPTED, for a call that was left. */
clfit_status clfit_fail_left(const struct opencl_device *device, clfit_error *error);

/* ---- training programs (training_program.c) ---------------------------------------------------------------------- */

/* The training program of a specialisation. The first program of each mapping and mode runs the self-test, and the
 * first one with each activation that of the activation. If a program that uses optional instructions does not build or
 * fails the self-test, the device stops using them and the program is built again. Owned by the device. */
clfit_status clfit_program_train(struct opencl_device *device, const struct specialisation *specialisation,
                                 cl_program *program, clfit_error *error);

/* The evaluation program of an activation. Owned by the device. */
clfit_status clfit_program_evaluate(struct opencl_device *device, clfit_activation activation, cl_program *program,
                                    clfit_error *error);

/* The least-squares program of an activation. The first one of a device and layout runs the self-test of float64
 * arithmetic. Owned by the device. */
clfit_status clfit_program_lm(struct opencl_device *device, enum lm_layout layout, clfit_activation activation,
                              cl_program *program, clfit_error *error);

/* A program of kernels/ceiling.cl with the lanes and, unless `block` is 0, the activation, mode and optimizer of a
 * specialisation. chains, block: its CHAINS and BLOCK. Owned by the device. */
clfit_status clfit_program_ceiling(struct opencl_device *device, const struct specialisation *specialisation,
                                   uint32_t chains, uint32_t block, cl_program *program, clfit_error *error);

/* ---- self-test (selftest.c) ---------------------------------------------------------------------------------- */

/* Runs the self-test kernels of a program (kernels/selftest.h, and in team the sum across work-items), but for that of
 * its activation, and compares the results with the host's, bit for bit. In fast mode only sums that use
 * INSTRUCTION_SHUFFLE are compared, because no other bits are guaranteed. CLFIT_ERROR_INEXACT names the first operation
 * that differs. */
clfit_status clfit_selftest_run(struct opencl_device *device, const struct specialisation *specialisation,
                                cl_program program, clfit_error *error);

/* The same of the program's activation alone, its value and slope; in fast mode of nothing. */
clfit_status clfit_selftest_run_activation(struct opencl_device *device, const struct specialisation *specialisation,
                                           cl_program program, clfit_error *error);

#endif
