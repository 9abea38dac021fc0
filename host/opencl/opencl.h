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

/* How networks lie on a device: one row a mapping. */
struct mapping {
  const char *name;
  const char *file;        /* of its kernel */
  uint32_t lanes;          /* LANES of its numerics.h: values that a `real` holds */
  uint32_t width;          /* neurons in a vector */
  uint32_t local_size;     /* work-items that share a network */
  uint32_t buckets[8];     /* vectors that programs are unrolled for, rising; 0 ends the list */
};

#define MAPPING_COUNT 2
extern const struct mapping clfit_mapping_table[MAPPING_COUNT];

/* NULL: there is none of that name. */
const struct mapping *clfit_mapping_find(const char *name);

/* The mapping for a device type, unless the user names one. */
const struct mapping *clfit_mapping_for(cl_device_type type);

/* What a program of a mapping is specialised for: the constants of its kernel file. */
struct specialisation {
  const struct mapping *mapping;
  clfit_activation activation;
  uint32_t vectors; /* that a network has room for */
  bool unrolled;
  bool masked;      /* some of the room is padding */
};

/* The smallest bucket that holds that many neurons. */
struct specialisation clfit_specialise(const struct mapping *mapping, clfit_activation activation, uint32_t hidden);

/* ---- devices (device.c) -------------------------------------------------------------------------------------- */

#define OPTIONS_SIZE 256

struct opencl_device {
  clfit_device_info info;
  cl_device_id id;
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

/* The training program of a specialisation; it has passed the self-test, once a mapping. Owned by the device. */
clfit_status clfit_program_train(struct opencl_device *device, const struct specialisation *specialisation,
                                 cl_program *program, clfit_error *error);

/* The evaluation program of an activation. Owned by the device. */
clfit_status clfit_program_evaluate(struct opencl_device *device, clfit_activation activation, cl_program *program,
                                    clfit_error *error);

/* ---- self-test (selftest.c) ---------------------------------------------------------------------------------- */

/* Runs kernels/selftest.h of a program and compares bits with the host. CLFIT_ERROR_INEXACT names the first that
 * differs. */
clfit_status clfit_selftest_run(struct opencl_device *device, const struct mapping *mapping, cl_program program,
                                clfit_error *error);

#endif
