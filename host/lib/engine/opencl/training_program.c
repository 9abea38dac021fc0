/* Build options of the programs, and which optional instructions a device uses: a training program that uses them is
 * accepted only if it passes the self-test. */
#include "base/error.h"
#include "engine/binary64.h"
#include "engine/opencl/opencl.h"
#include "engine/opencl/selftest.h"
#include "levenberg_marquardt.h"

#include <stdio.h>
#include <string.h>

/* CL1.2 is given explicitly because PoCL would compile as CL3.0. No option that relaxes floating-point arithmetic may
 * be added. */
#define BASE_OPTIONS "-cl-std=CL1.2 " QUIET

/* No warnings: PoCL prints their number on the process's standard error, and on a CPU without AVX-512 it warns of each
 * function that takes a float16. Errors are reported all the same. */
#define QUIET "-w"

static const char *base_options(const struct opencl_device *device)
{
  return device->instructions & INSTRUCTION_DIVISION ? BASE_OPTIONS
             " -cl-fp32-correctly-rounded-divide-sqrt -DHARDWARE_DIVISION=1"
                                                     : BASE_OPTIONS;
}

/* The build options that select the activation. They contain whole names such as activate_tanh, because "tanh" is
 * itself a macro in some compilers (PoCL) and would be expanded. -DNATIVE_FUNCTIONS is set only on GPUs: they have
 * an instruction for exp; PoCL's native functions for CPUs are slower than the polynomial. */
static void print_activation_options(char *text, size_t size, const struct opencl_device *device,
                                     const struct specialisation *specialisation)
{
  const char *name = clfit_activation_name(specialisation->activation);
  if (specialisation->mode == CLFIT_STRICT)
    snprintf(text, size, "-DSTAGES=STAGES_%s -DACTIVATE=activate_%s -DSLOPE=slope_%s", name, name, name);
  else
    snprintf(text, size, "-DFAST%s -DSTAGES=STAGES_fast_%s -DACTIVATE=activate_fast_%s -DSLOPE=slope_%s",
             device->type & CL_DEVICE_TYPE_GPU ? " -DNATIVE_FUNCTIONS" : "", name, name, name);
}

/* The options that training and ceiling programs have in common. Returns their length. */
static size_t print_training_options(char options[OPTIONS_SIZE], const struct opencl_device *device,
                                     const struct specialisation *specialisation)
{
  char steps[OPTIONS_SIZE / 2];
  print_activation_options(steps, sizeof steps, device, specialisation);
  return (size_t)snprintf(options, OPTIONS_SIZE, "%s -DLANES=%u -DHARDWARE_RECIPROCAL=%d %s", base_options(device),
                          specialisation->lanes,
                          specialisation->lanes == 1 && device->instructions & INSTRUCTION_RECIPROCAL, steps);
}

/* A CPU runs teams only in tests and when it is asked for, and PoCL needs up to minutes to optimise their many
 * barriers, most of a first `clfit verify`. Oclgrind cannot run programs that are not optimised; its device is a GPU,
 * too. */
static const char *team_options(const struct opencl_device *device)
{
  return device->type & CL_DEVICE_TYPE_GPU ? "" : " -cl-opt-disable";
}

/* The program of batch.cl. */
static clfit_status build_batches(struct opencl_device *device, const struct specialisation *specialisation,
                                  cl_program *program, clfit_error *error)
{
  const struct mapping *mapping = specialisation->mapping;
  char options[OPTIONS_SIZE];
  const size_t length = print_training_options(options, device, specialisation);
  const bool team = mapping->local_size > 1;
  snprintf(options + length, sizeof options - length,
           " -DNETWORKS=%u -DITEMS=%u -DVECTORS=%u -DSHUFFLE=%d -DRULE_NAME=%s%s %s",
           mapping->packs ? specialisation->lanes : 1, mapping->local_size,
           specialisation->resident ? specialisation->vectors : 0,
           team && (device->instructions & INSTRUCTION_SHUFFLE) != 0,
           specialisation->plain_steps ? "plain" : clfit_optimizer_name(specialisation->optimizer),
           team ? team_options(device) : "", device->emulation_options ? device->emulation_options : "");
  return clfit_program_get(device, "batch.cl", options, program, error);
}

/* Whether no program has passed yet, of those that differ in the activation; the first one shows for all of them that
 * the device computes the operations. */
static bool none_checked(const bool checked[ACTIVATION_COUNT])
{
  bool none = true;
  for (size_t i = 0; i < ACTIVATION_COUNT; i++) none = none && !checked[i];
  return none;
}

static clfit_status check_program(struct opencl_device *device, const struct specialisation *specialisation,
                                  cl_program program, clfit_error *error)
{
  const ptrdiff_t mapping = specialisation->mapping - clfit_mapping_table;
  bool *checked = device->checked[specialisation->mode][specialisation->batches][mapping];
  if (checked[specialisation->activation]) return CLFIT_OK;
  clfit_status status = none_checked(checked) ? clfit_selftest_run(device, specialisation, program, error) : CLFIT_OK;
  if (!status) status = clfit_selftest_run_activation(device, specialisation, program, error);
  checked[specialisation->activation] = status == CLFIT_OK;
  return status;
}

/* Builds with the instructions that the device uses at present; see clfit_program_train. */
static clfit_status build_plain(struct opencl_device *device, const struct specialisation *specialisation,
                                cl_program *program, clfit_error *error)
{
  const struct mapping *mapping = specialisation->mapping;
  char options[OPTIONS_SIZE];
  const size_t length = print_training_options(options, device, specialisation);
  snprintf(options + length, sizeof options - length,
           " -DVECTORS=%u -DUNROLL=%d -DPADDED_FROM=%u -DINTERLEAVED=%u -DGROUP=%u -DSHUFFLE=%d %s",
           specialisation->vectors, specialisation->vectors <= mapping->unrolled_most, specialisation->padded_from,
           specialisation->interleaved, clfit_mapping_group(mapping, false, device),
           (device->instructions & INSTRUCTION_SHUFFLE) != 0,
           device->emulation_options ? device->emulation_options : "");
  return clfit_program_get(device, mapping->file, options, program, error);
}

static clfit_status build_train(struct opencl_device *device, const struct specialisation *specialisation,
                                cl_program *program, clfit_error *error)
{
  clfit_status status = specialisation->batches ? build_batches(device, specialisation, program, error)
                                                : build_plain(device, specialisation, program, error);
  return status ? status : check_program(device, specialisation, *program, error);
}

/* The optional instructions only make training faster. If building or the self-test fails with them, for whatever
 * reason, the next smaller set is tried, and at last the empty one (on NVIDIA: both, only the shuffle, only the
 * reciprocal, none). Programs built before stay in use: they have passed the self-test. */
clfit_status clfit_program_train(struct opencl_device *device, const struct specialisation *specialisation,
                                 cl_program *program, clfit_error *error)
{
  for (;;) {
    const bool last = device->instructions == 0;
    clfit_status status = build_train(device, specialisation, program, last ? error : NULL);
    if (status == CLFIT_ERROR_INTERRUPTED) return clfit_fail_left(device, error);
    if (!status || last) return status;
    /* the next smaller subset of the offered instructions, as bits */
    device->instructions = (device->instructions - 1) & device->offered;
    memset(device->checked, 0, sizeof device->checked);
  }
}

clfit_status clfit_program_evaluate(struct opencl_device *device, clfit_activation activation, cl_program *program,
                                    clfit_error *error)
{
  char options[OPTIONS_SIZE];
  const struct evaluation_size size = clfit_mapping_evaluation(device->type);
  snprintf(options, sizeof options, "%s -DLANES=%u -DPASSES=%u -DACTIVATE=activate_%s", base_options(device),
           size.lanes, size.passes, clfit_activation_name(activation));
  return clfit_program_get(device, "evaluate.cl", options, program, error);
}

clfit_status clfit_program_lm(struct opencl_device *device, enum lm_layout layout, clfit_activation activation,
                              cl_program *program, clfit_error *error)
{
  char options[OPTIONS_SIZE];
  const char *name = clfit_activation_name(activation);
  snprintf(options, sizeof options, BASE_OPTIONS " -DACTIVATE64=%s64 -DSLOPE64=slope_%s64%s%s %s", name, name,
           layout == LM_LAYOUT_TEAM_LOCAL ? " -DLOCAL_MATRIX=1" : "",
           layout == LM_LAYOUT_PACKED ? "" : team_options(device),
           device->emulation_options ? device->emulation_options : "");
  const bool packed = layout == LM_LAYOUT_PACKED;
  const char *file = packed ? "least_squares_packed.cl" : "least_squares_team.cl";
  clfit_status status = clfit_program_get(device, file, options, program, error);
  bool *checked = device->checked64[layout];
  if (status || checked[activation]) return status;
  const struct selftest64 test = {.device = device,
                                  .program = *program,
                                  .activation = activation,
                                  .mapping = packed ? "packed" : "team",
                                  .lanes = packed ? LM_PACKED_LANES : 1,
                                  .count = SELFTEST64_COUNT};
  status = clfit_binary64_check(error);
  if (!status && none_checked(checked)) status = clfit_selftest64_run(&test, error);
  if (!status) status = clfit_selftest64_run_activation(&test, error);
  checked[activation] = status == CLFIT_OK;
  return status;
}

clfit_status clfit_program_ceiling(struct opencl_device *device, const struct specialisation *specialisation,
                                   uint32_t chains, uint32_t block, cl_program *program, clfit_error *error)
{
  char options[OPTIONS_SIZE];
  /* Building a training program first decides which optional instructions are used. Its failure is ignored: the ceiling
   * of a device that fails the self-test can still be measured. */
  (void)clfit_program_train(device, specialisation, program, NULL);
  if (block == 0) { /* the same program whatever is trained */
    snprintf(options, sizeof options, "%s -DLANES=%u -DCHAINS=%u -DBLOCK=0", base_options(device),
             specialisation->lanes, chains);
    return clfit_program_get(device, "ceiling.cl", options, program, error);
  }
  const size_t length = print_training_options(options, device, specialisation);
  const bool plain = specialisation->optimizer == CLFIT_SGD;
  snprintf(options + length, sizeof options - length, " -DCHAINS=%u -DBLOCK=%u%s%s", chains, block,
           plain ? "" : " -DRULE_NAME=", plain ? "" : clfit_optimizer_name(specialisation->optimizer));
  return clfit_program_get(device, "ceiling.cl", options, program, error);
}

/* Uses the programs of the default configuration, which most users train anyway, so that no program is built only for
 * the self-test. */
clfit_status clfit_opencl_check(struct opencl_device *device, clfit_error *error)
{
  clfit_status status = CLFIT_OK;
  for (const char *const *name = clfit_opencl_mappings(device); *name && !status; name++) {
    clfit_network network;
    clfit_network_default(&network);
    struct specialisation made =
        clfit_specialise(clfit_mapping_find(*name), device->type, network.activation, network.hidden);
    cl_program program;
    status = clfit_program_train(device, &made, &program, error);
  }
  return status;
}
