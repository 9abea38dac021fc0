/* Declarations shared by the files of this folder. OpenCL's types are used nowhere else. */
#ifndef CLFIT_OPENCL_OPENCL_H
#define CLFIT_OPENCL_OPENCL_H

#include "clfit.h"
#include "engine/opencl/cl_device.h"
#include "engine/opencl/embedded.h"

#include <CL/cl.h>

/* ---- errors (errors.c) --------------------------------------------------------------------------------------- */

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
  const char *file;              /* of its kernel */
  uint32_t cpu_lanes, gpu_lanes; /* LANES of numerics.h (values in a `real`) on a CPU and on a GPU */
  uint32_t width;                /* neurons in a vector */
  uint32_t local_size;           /* work-items that share a network */
  uint32_t gpu_group;            /* networks (packs of them) that a GPU's work-group takes, a power of two */
  bool packs;                    /* a work-item trains LANES networks */
  /* programs for more vectors than this are compiled with loops instead of unrolled code */
  uint32_t unrolled_most;
  uint32_t paired_most;          /* a work-item of programs for at most so many vectors has two places for networks, or
                                    packs, and trains them in turns; 0: never */
  uint32_t buckets[BUCKETS_MAX]; /* capacities in vectors for which programs are compiled, rising; 0 ends the list */
};

#define MAPPING_COUNT 3
extern const struct mapping clfit_mapping_table[MAPPING_COUNT];

/* NULL: there is none of that name. */
const struct mapping *clfit_mapping_find(const char *name);

/* The mapping for one network on a device type. */
const struct mapping *clfit_mapping_for(cl_device_type type);

/* Number of networks (or packs) in a work-group of a mapping's training program, with the instructions that the device
 * uses at present. */
struct opencl_device;
uint32_t clfit_mapping_group(const struct mapping *mapping, const struct opencl_device *device);

/* The most neurons that a mapping has room for. */
uint32_t clfit_mapping_room(const struct mapping *mapping);

/* Whether `count` networks of that size train faster in the packed mapping than in the device's mapping for one. */
bool clfit_mapping_packs(const struct opencl_device *device, uint32_t hidden, size_t count);

/* How evaluation lies on a device type: a work-item takes lanes points at once, batch times. */
struct evaluation_size {
  uint32_t lanes, batch;
};
struct evaluation_size clfit_mapping_evaluation(cl_device_type type);

/* The mapping for `count` networks with `hidden` neurons: the wanted one, or, if that is NULL, packed if there are many
 * networks and the device's default if there are few. If the chosen one does not support that many neurons, the
 * device's default. */
const struct mapping *clfit_mapping_choose(const struct opencl_device *device, const struct mapping *wanted,
                                           uint32_t hidden, size_t count);

/*
 * What a program of a mapping is specialised for, the constants of its kernel file: type and name of each field. The
 * struct and its comparison are made of this list, so that the comparison forgets none.
 *
 *   optimizer    CLFIT_SGD from clfit_specialise
 *   mode         CLFIT_STRICT from clfit_specialise
 *   vectors      that a network has room for
 *   padded_from  the first vector that may hold padding
 *   together     networks, or packs, that a work-item can train in turns
 */
#define SPECIALISATION_FIELDS(FIELD)                                                                                   \
  FIELD(const struct mapping *, mapping)                                                                               \
  FIELD(uint32_t, lanes)                                                                                               \
  FIELD(clfit_activation, activation)                                                                                  \
  FIELD(clfit_optimizer, optimizer)                                                                                    \
  FIELD(clfit_mode, mode)                                                                                              \
  FIELD(uint32_t, vectors)                                                                                             \
  FIELD(uint32_t, padded_from)                                                                                         \
  FIELD(uint32_t, together)

#define DECLARE_FIELD(type, name) type name;
struct specialisation {
  SPECIALISATION_FIELDS(DECLARE_FIELD)
};
#undef DECLARE_FIELD

/* Whether two specialisations are of one program: equal in every field. */
bool clfit_specialisation_equal(const struct specialisation *one, const struct specialisation *other);

/* The smallest bucket that holds that many neurons, at most clfit_mapping_room. */
struct specialisation clfit_specialise(const struct mapping *mapping, cl_device_type type, clfit_activation activation,
                                       uint32_t hidden);

/* ---- devices (device.c) -------------------------------------------------------------------------------------- */

#define OPTIONS_SIZE 768

/* Optional instructions, used in training programs if the device has them and passes the self-test with them. */
#define NATIVE_RECIPROCAL 1u /* NVIDIA's seed of a reciprocal */
#define NATIVE_SHUFFLE    2u /* NVIDIA's exchange of registers in a warp */
#define NATIVE_DIVISION   4u /* a CPU's division, correctly rounded */

struct opencl_device {
  clfit_device_info info;
  cl_device_id id;
  cl_device_type type;
  cl_context context;
  cl_command_queue queue;
  struct program *programs; /* [program_count], kept until the device is closed */
  size_t program_count;
  size_t group_max; /* work-items in a work-group */
  /* NATIVE_...: the instructions that the device has, and those of them that are in use (not refused by a self-test) */
  uint32_t offered, native;
  /* build options with which a test emulates features that its device lacks; NULL: none */
  const char *acting;
  bool checked[2][MAPPING_COUNT]; /* [clfit_mode]: the mapping has passed the self-test */
};

/* ---- programs (program.c) ------------------------------------------------------------------------------------ */

/* A built program and what it was built from. */
struct program {
  const struct embedded_file *file;
  char options[OPTIONS_SIZE];
  cl_program handle;
};

/* An embedded kernel file built with options of ours (-D...), at its first use. Owned by the device.
 * CLFIT_ERROR_BUILD carries device, options, log and numbered source. */
clfit_status clfit_program_get(struct opencl_device *device, const char *file, const char *options, cl_program *program,
                               clfit_error *error);

/* ---- our own programs (training_program.c) ---------------------------------------------------------------------- */

/* The training program of a specialisation. The first program of each mapping and mode runs the self-test. If a program
 * that uses optional instructions does not build or fails the self-test, the device stops using them and the program is
 * built again. Owned by the device. */
clfit_status clfit_program_train(struct opencl_device *device, const struct specialisation *specialisation,
                                 cl_program *program, clfit_error *error);

/* The evaluation program of an activation. Owned by the device. */
clfit_status clfit_program_evaluate(struct opencl_device *device, clfit_activation activation, cl_program *program,
                                    clfit_error *error);

/* A program of kernels/ceiling.cl with the lanes and the activation of a specialisation. Owned by the device. */
clfit_status clfit_program_ceiling(struct opencl_device *device, const struct specialisation *specialisation,
                                   uint32_t chains, uint32_t block, cl_program *program, clfit_error *error);

/* ---- self-test (selftest.c) ---------------------------------------------------------------------------------- */

/* Runs kernels/selftest.h of a program, and what its mapping sums across work-items, and compares bits with the host.
 * For a program in fast mode only the sums made with NATIVE_SHUFFLE are compared, because no other bits are guaranteed
 * in this mode. CLFIT_ERROR_INEXACT names the first that differs. */
clfit_status clfit_selftest_run(struct opencl_device *device, const struct specialisation *specialisation,
                                cl_program program, clfit_error *error);

#endif
