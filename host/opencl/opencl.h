/* What the files of this folder share. Nothing outside it sees OpenCL's types. */
#ifndef CLFIT_OPENCL_OPENCL_H
#define CLFIT_OPENCL_OPENCL_H

#include "clfit.h"
#include "opencl/device.h"
#include "opencl/embedded.h"

#include <CL/cl.h>

/* ---- errors (errors.c) --------------------------------------------------------------------------------------- */

/* Name of an OpenCL error code ("CL_OUT_OF_RESOURCES"), never NULL. */
const char *clfit_cl_name(cl_int code);

/* "OpenCL: cannot WHAT: CL_NAME (code)". Running out of device memory is CLFIT_ERROR_MEMORY, the rest
 * CLFIT_ERROR_OPENCL; cl_code is filled. */
clfit_status clfit_fail_cl(clfit_error *error, cl_int code, const char *what);

/* ---- mappings (mapping.c) ------------------------------------------------------------------------------------ */

#define BUCKETS_MAX 16

/* How networks lie on a device: one row a mapping. A vector is what the mapping computes at once for one network. */
struct mapping {
  const char *name;
  const char *file;              /* of its kernel */
  uint32_t cpu_lanes, gpu_lanes; /* LANES of its numerics.h: values that a `real` holds */
  uint32_t width;                /* neurons in a vector */
  uint32_t local_size;           /* work-items that share a network */
  bool packs;                    /* a work-item trains LANES networks */
  uint32_t unrolled_most;        /* programs for more vectors than this keep their loops */
  uint32_t buckets[BUCKETS_MAX]; /* vectors that programs have room for, rising; 0 ends the list */
};

#define MAPPING_COUNT 3
extern const struct mapping clfit_mapping_table[MAPPING_COUNT];

/* NULL: there is none of that name. */
const struct mapping *clfit_mapping_find(const char *name);

/* The mapping for one network on a device type. */
const struct mapping *clfit_mapping_for(cl_device_type type);

/* The most neurons that a mapping has room for. */
uint32_t clfit_mapping_room(const struct mapping *mapping);

/* Whether `count` networks of that size train faster in the packed mapping than in the device's mapping for one. */
bool clfit_mapping_packs(cl_device_type type, uint32_t hidden, size_t count);

/* What a program of a mapping is specialised for: the constants of its kernel file. */
struct specialisation {
  const struct mapping *mapping;
  uint32_t lanes;
  clfit_activation activation;
  clfit_mode mode;      /* CLFIT_STRICT from clfit_specialise */
  uint32_t vectors;     /* that a network has room for */
  uint32_t padded_from; /* the first vector that may hold padding */
};

/* The smallest bucket that holds that many neurons, at most clfit_mapping_room. */
struct specialisation clfit_specialise(const struct mapping *mapping, cl_device_type type, clfit_activation activation,
                                       uint32_t hidden);

/* ---- devices (device.c) -------------------------------------------------------------------------------------- */

#define OPTIONS_SIZE 512

struct opencl_device {
  clfit_device_info info;
  cl_device_id id;
  cl_device_type type;
  cl_context context;
  cl_command_queue queue;
  struct program *programs; /* [program_count], kept until the device is closed */
  size_t program_count;
  bool checked[MAPPING_COUNT]; /* the mapping has passed the self-test */
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

/* The training program of a specialisation; a strict one has passed the self-test, once a mapping. Owned by the device. */
clfit_status clfit_program_train(struct opencl_device *device, const struct specialisation *specialisation,
                                 cl_program *program, clfit_error *error);

/* The evaluation program of an activation. Owned by the device. */
clfit_status clfit_program_evaluate(struct opencl_device *device, clfit_activation activation, cl_program *program,
                                    clfit_error *error);

/* ---- self-test (selftest.c) ---------------------------------------------------------------------------------- */

/* Runs kernels/selftest.h of a program and compares bits with the host. CLFIT_ERROR_INEXACT names the first that
 * differs. */
clfit_status clfit_selftest_run(struct opencl_device *device, const struct specialisation *specialisation,
                                cl_program program, clfit_error *error);

#endif
