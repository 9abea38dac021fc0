/* Devices: choosing, listing, the self-test, verification, and what is said where OpenCL is missing. */
#include "engine/device.h"
#include "expect.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

Test(device, list_and_describe_agree)
{
  clfit_device_info *infos = NULL;
  size_t count = 0;
  EXPECT_OK(clfit_device_list(&infos, &count, &error));
  cr_assert(count > 0);
  for (size_t i = 0; i < count; i++) {
    clfit_device *device;
    EXPECT_OK(clfit_device_open(infos[i].id, &device, &error));
    cr_assert(!strcmp(clfit_device_describe(device)->name, infos[i].name));
    bool has_default = false;
    for (const char *const *name = clfit_device_mappings(device); *name; name++)
      has_default = has_default || !strcmp(*name, infos[i].mapping);
    cr_assert(has_default, "%s", infos[i].mapping);
    clfit_device_close(device);
  }
  clfit_free(infos);
}

Test(device, selectors)
{
  clfit_device *device = NULL;
  EXPECT_OK(clfit_device_open("CPU", &device, &error));
  cr_assert(!strcmp(clfit_device_describe(device)->type, "cpu"));
  char piece[6] = {0}; /* the name's first letters, in the other case */
  const char *name = clfit_device_describe(device)->name;
  for (int i = 0; i < 5; i++) piece[i] = (char)(isupper((unsigned char)name[i]) ? tolower(name[i]) : toupper(name[i]));
  clfit_device_close(device);
  EXPECT_OK(clfit_device_open(piece, &device, &error));
  clfit_device_close(device);
  EXPECT_OK(clfit_device_open("reference", &device, &error));
  EXPECT_OK(clfit_device_check(device, &error));
  clfit_device_close(device);
  EXPECT_ERROR(clfit_device_open("no such thing", &device, &error), CLFIT_ERROR_ARGUMENT, "no such thing");
  EXPECT_ERROR(clfit_device_open("99:0", &device, &error), CLFIT_ERROR_ARGUMENT, "99:0");
}

/* With an invented list of devices: a GPU is preferred only for many networks. */
Test(device, the_fastest_for_a_number_of_networks)
{
  const clfit_device_info gpu = {.type = "gpu"}, cpu = {.type = "cpu"}, other = {.type = "accelerator"};
  const clfit_device_info all[] = {other, gpu, gpu, cpu, cpu};
  cr_assert(clfit_device_prefer(all, 5, 1) == &all[3]);
  cr_assert(clfit_device_prefer(all, 5, 999) == &all[3]);
  cr_assert(clfit_device_prefer(all, 5, 1000) == &all[1]);
  cr_assert(clfit_device_prefer(all, 3, 1) == &all[0]);
  cr_assert(clfit_device_prefer(all + 3, 2, UINT64_MAX) == &all[3]);
  cr_assert(clfit_device_prefer(all, 1, UINT64_MAX) == &all[0]);
  clfit_device *one, *many;
  EXPECT_OK(clfit_device_open(NULL, &one, &error));
  EXPECT_OK(clfit_device_open_for(1000000, &many, &error));
  cr_assert(!strcmp(clfit_device_describe(one)->type, "cpu"));
  clfit_device_close(one);
  clfit_device_close(many);
}

Test(device, self_test_passes)
{
  clfit_device *device;
  EXPECT_OK(clfit_device_open(NULL, &device, &error));
  EXPECT_OK(clfit_device_check(device, &error));
  clfit_device_close(device);
}

static void expect_no_difference(clfit_device *device, const char *mapping, bool quick, uint64_t configurations)
{
  clfit_verification result;
  memset(&result, 0xa5, sizeof result);
  EXPECT_OK(clfit_device_verify(device, mapping, quick, &result, &error));
  cr_assert(result.configurations >= configurations, "%lu", (unsigned long)result.configurations);
  cr_assert(result.values_compared > 100 * result.configurations);
  cr_assert(result.differing_bits == 0, "%s", result.first_difference);
  cr_assert(!strcmp(result.mappings, mapping ? mapping : "wide,packed,team"));
}

/* All plans by packed, a few by the other mappings; with CLFIT_EXHAUSTIVE all by all of them, which PoCL compiles for
 * five minutes. */
Test(device, verification_compares_and_finds_nothing)
{
  clfit_device *device;
  clfit_verification result;
  EXPECT_OK(clfit_device_open("cpu", &device, &error));
  if (getenv("CLFIT_EXHAUSTIVE")) {
    expect_no_difference(device, NULL, false, 15000);
  } else {
    expect_no_difference(device, "packed", false, 5000);
    expect_no_difference(device, NULL, true, 100);
  }
  EXPECT_ERROR(clfit_device_verify(device, "sideways", true, &result, &error), CLFIT_ERROR_ARGUMENT, "sideways");
  clfit_device_close(device);
  EXPECT_OK(clfit_device_open("reference", &device, &error));
  EXPECT_ERROR(clfit_device_verify(device, NULL, true, &result, &error), CLFIT_ERROR_ARGUMENT, "itself");
  clfit_device_close(device);
}

Test(device, ceiling)
{
  clfit_device *device;
  clfit_ceiling ceiling;
  EXPECT_OK(clfit_device_open("cpu", &device, &error));
  EXPECT_ERROR(clfit_device_ceiling(device, CLFIT_STRICT, 99, CLFIT_SGD, &ceiling, &error), CLFIT_ERROR_ARGUMENT,
               "activation 99");
  EXPECT_ERROR(clfit_device_ceiling(device, (clfit_mode)7, CLFIT_RELU, CLFIT_SGD, &ceiling, &error),
               CLFIT_ERROR_ARGUMENT, "7 is not a mode");
  memset(&ceiling, 0xff, sizeof ceiling); /* NaN */
  EXPECT_OK(clfit_device_ceiling(device, CLFIT_STRICT, CLFIT_RELU, CLFIT_SGD, &ceiling, &error));
  cr_assert(ceiling.size == sizeof ceiling);
  cr_assert(ceiling.updates_per_second > 0 && isfinite(ceiling.fma_per_second));
  /* The smallest update is made of five fma and more: z, the sum, three updates. */
  cr_assert(ceiling.updates_per_second < ceiling.fma_per_second);
  clfit_device_close(device);
  EXPECT_OK(clfit_device_open("reference", &device, &error));
  EXPECT_ERROR(clfit_device_ceiling(device, CLFIT_STRICT, CLFIT_SIGMOID, CLFIT_SGD, &ceiling, &error),
               CLFIT_ERROR_UNSUPPORTED, "reference");
  clfit_device_close(device);
}

/* clfit_device_choose_mapping returns the mapping that a population then uses. */
Test(device, choice_of_mapping)
{
  clfit_device *device;
  clfit_network small, large;
  clfit_network_default(&small);
  small.hidden = 4;
  large = small;
  large.hidden = CLFIT_HIDDEN_MAX;
  EXPECT_OK(clfit_device_open("reference", &device, &error));
  cr_assert(!strcmp(clfit_device_choose_mapping(device, NULL, &small, 1000), "reference"));
  clfit_device_close(device);
  EXPECT_OK(clfit_device_open("cpu", &device, &error));
  const char *single = clfit_device_describe(device)->mapping;
  cr_assert(!strcmp(clfit_device_choose_mapping(device, NULL, &large, 1000), single));
  cr_assert(!strcmp(clfit_device_choose_mapping(device, NULL, &small, 1000), "packed"));
  cr_assert(!strcmp(clfit_device_choose_mapping(device, "packed", &large, 1000), single)); /* no room */
  cr_assert(!strcmp(clfit_device_choose_mapping(device, "team", &small, 1000), "team"));
  small.optimizer = CLFIT_LM;
  cr_assert(!strcmp(clfit_device_choose_mapping(device, NULL, &small, 1), "packed"));
  cr_assert(!strcmp(clfit_device_choose_mapping(device, "wide", &small, 1), "packed")); /* wide has none */
  clfit_device_close(device);
}

/* The loader reads this variable when it is first called, so each test, a process of its own, can choose. */
Test(device, no_platform_says_what_to_install)
{
  char folder[] = "/tmp/clfit-no-icd-XXXXXX";
  cr_assert(mkdtemp(folder));
  setenv("OCL_ICD_VENDORS", folder, 1);
  setenv("OPENCL_VENDOR_PATH", folder, 1);
  clfit_device_info *infos = NULL;
  size_t count = 0;
  clfit_device *device = NULL;
  EXPECT_ERROR(clfit_device_list(&infos, &count, &error), CLFIT_ERROR_NO_DEVICE, "pocl-opencl-icd");
  EXPECT_ERROR(clfit_device_open(NULL, &device, &error), CLFIT_ERROR_NO_DEVICE, "no OpenCL platform");
  cr_assert(!infos && !device);
  EXPECT_OK(clfit_device_open("reference", &device, &error)); /* needs none */
  clfit_device_close(device);
  rmdir(folder);
}

Test(device, every_status_has_a_name)
{
  for (int code = CLFIT_OK; code <= CLFIT_ERROR_INTERRUPTED; code++)
    cr_assert(!strncmp(clfit_status_name((clfit_status)code), "CLFIT_", 6), "%d", code);
  cr_assert(!strncmp(clfit_status_name((clfit_status)12345), "unknown", 7));
}
