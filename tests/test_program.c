/* What a device may do wrong: a kernel that does not build, arithmetic that is not strict. Over the library's inner parts,
 * where options can be put in that no user can. */
#include "device.h"
#include "expect.h"
#include "opencl/opencl.h"

#include <stdio.h>

static clfit_device *device;

static void open_device(void)
{
  EXPECT_OK(clfit_device_open("cpu", &device, &error));
}

static void close_device(void)
{
  clfit_device_close(device);
}

TestSuite(program, .init = open_device, .fini = close_device);

Test(program, build_failure_says_all)
{
  cl_program program = NULL;
  EXPECT_ERROR(
      clfit_program_get(device->opencl, "wide.cl", "-cl-std=CL1.2 -DREDUCE=no_such_function", &program, &error),
      CLFIT_ERROR_BUILD, "wide.cl");
  cr_assert(!program);
  cr_assert(error.cl_code == CL_BUILD_PROGRAM_FAILURE);
  cr_assert(strstr(error.message, device->info.id) && strstr(error.message, device->info.name));
  cr_assert(strstr(error.message, "CL_BUILD_PROGRAM_FAILURE") && strstr(error.message, "-DREDUCE=no_such_function"));
  cr_assert(strstr(error.log, "no_such_function"), "the log is missing");
  cr_assert(strstr(error.log, "    1  /*"), "the numbered source is missing");
  cr_assert(strstr(error.log, "progress[SLOT(p)] = network->at;"), "the source ends too early");
}

/* Kernels as the library would build them, but with an arithmetic of another kind under them. */
static void expect_refusal(const char *mapping_name, const char *sabotage, const char *operation)
{
  const struct mapping *mapping = clfit_mapping_find(mapping_name);
  struct specialisation made = clfit_specialise(mapping, device->opencl->type, CLFIT_SIGMOID, 1);
  char options[OPTIONS_SIZE];
  cl_program program;
  snprintf(options, sizeof options, "-cl-std=CL1.2 -DLANES=%u -DVECTORS=1 %s", made.lanes, sabotage);
  EXPECT_OK(clfit_program_get(device->opencl, mapping->file, options, &program, &error));
  EXPECT_ERROR(clfit_selftest_run(device->opencl, &made, program, &error), CLFIT_ERROR_INEXACT, operation);
  cr_assert(strstr(error.message, mapping_name) && strstr(error.message, device->info.name));
}

/* fma as a product and a sum with two roundings, as a device without fma would have it. */
Test(program, separate_multiply_and_add_is_refused)
{
  const char *const mappings[] = {"wide", "packed", "team"};
  for (int m = 0; m < 3; m++) expect_refusal(mappings[m], "-DFMA(a,b,c)=((a)*(b)+(c))", "fma(a, b, c)");
}

static void expect_own_kernels_pass(void)
{
  for (size_t i = 0; i < MAPPING_COUNT; i++) {
    struct specialisation made = clfit_specialise(&clfit_mapping_table[i], device->opencl->type, CLFIT_TANH, 5);
    cl_program program;
    EXPECT_OK(clfit_program_train(device->opencl, &made, &program, &error));
    EXPECT_OK(clfit_selftest_run(device->opencl, &made, program, &error));
  }
}

Test(program, the_library_s_own_kernels_pass)
{
  cr_assert(device->opencl->divides, "PoCL rounds divisions correctly, and says so");
  expect_own_kernels_pass();
}

/* As on a device that does not round a division correctly. */
Test(program, the_library_s_own_kernels_pass_without_division)
{
  device->opencl->divides = false;
  expect_own_kernels_pass();
}

Test(program, mappings_have_room)
{
  for (size_t i = 0; i < MAPPING_COUNT; i++) {
    const struct mapping *mapping = &clfit_mapping_table[i];
    for (uint32_t hidden = 1; hidden <= clfit_mapping_room(mapping); hidden++) {
      struct specialisation made = clfit_specialise(mapping, CL_DEVICE_TYPE_CPU, CLFIT_SIGMOID, hidden);
      cr_assert(made.vectors * mapping->width >= hidden, "%s %u", mapping->name, hidden);
      /* What is never masked must be full. */
      cr_assert(made.padded_from * mapping->width <= hidden, "%s %u", mapping->name, hidden);
    }
  }
  cr_assert(clfit_mapping_room(clfit_mapping_for(CL_DEVICE_TYPE_CPU)) == CLFIT_HIDDEN_MAX);
  cr_assert(clfit_mapping_room(clfit_mapping_for(CL_DEVICE_TYPE_GPU)) == CLFIT_HIDDEN_MAX);
}

Test(program, every_error_code_has_a_name)
{
  cr_assert(!strcmp(clfit_cl_name(CL_OUT_OF_RESOURCES), "CL_OUT_OF_RESOURCES"));
  cr_assert(!strcmp(clfit_cl_name(-1001), "CL_PLATFORM_NOT_FOUND_KHR"));
  cr_assert(!strcmp(clfit_cl_name(12345), "unknown error"));
  cr_assert(clfit_fail_cl(&error, CL_MEM_OBJECT_ALLOCATION_FAILURE, "allocate") == CLFIT_ERROR_MEMORY);
  cr_assert(clfit_fail_cl(&error, CL_OUT_OF_RESOURCES, "launch") == CLFIT_ERROR_OPENCL);
  cr_assert(error.cl_code == CL_OUT_OF_RESOURCES);
}
