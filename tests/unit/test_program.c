/* Faulty devices: kernels that do not build, arithmetic that is not strict. Uses internal functions of the library,
 * where build options can be set that users cannot set. */
#include "engine/device.h"
#include "engine/opencl/opencl.h"
#include "expect.h"

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
      clfit_program_get(device->opencl, "wide.cl", "-cl-std=CL1.2 -DSTAGES=no_such_function", &program, &error),
      CLFIT_ERROR_BUILD, "wide.cl");
  cr_assert(!program);
  cr_assert(error.cl_code == CL_BUILD_PROGRAM_FAILURE);
  cr_assert(strstr(error.message, device->info.id) && strstr(error.message, device->info.name));
  cr_assert(strstr(error.message, "CL_BUILD_PROGRAM_FAILURE") && strstr(error.message, "-DSTAGES=no_such_function"));
  cr_assert(strstr(error.log, "no_such_function"), "the log is missing");
  cr_assert(strstr(error.log, "    1  /*"), "the numbered source is missing");
  cr_assert(strstr(error.log, "progress[SLOT(p)] = network->at;"), "the source ends too early");
}

typedef clfit_status run_selftest(struct opencl_device *, const struct specialisation *, cl_program, clfit_error *);

/* Kernels as the library would build them, but with an arithmetic of another kind under them. */
static void expect_refusal_by(run_selftest *run, const char *mapping_name, const char *sabotage, const char *operation)
{
  const struct mapping *mapping = clfit_mapping_find(mapping_name);
  struct specialisation made = clfit_specialise(mapping, device->opencl->type, CLFIT_SIGMOID, 1);
  char options[OPTIONS_SIZE];
  cl_program program;
  snprintf(options, sizeof options, "-cl-std=CL1.2 -DLANES=%u -DVECTORS=1 %s", made.lanes, sabotage);
  EXPECT_OK(clfit_program_get(device->opencl, mapping->file, options, &program, &error));
  EXPECT_ERROR(run(device->opencl, &made, program, &error), CLFIT_ERROR_INEXACT, operation);
  cr_assert(strstr(error.message, mapping_name) && strstr(error.message, device->info.name));
}

static void expect_refusal(const char *mapping_name, const char *sabotage, const char *operation)
{
  expect_refusal_by(clfit_selftest_run, mapping_name, sabotage, operation);
}

/* fma as a product and a sum with two roundings, as a device without fma would have it. */
Test(program, separate_multiply_and_add_is_refused)
{
  const char *const mappings[] = {"wide", "packed", "team"};
  for (int m = 0; m < 3; m++) expect_refusal(mappings[m], "-DFMA(a,b,c)=((a)*(b)+(c))", "fma(a, b, c)");
}

/* A root that is wrong in its last bit. */
Test(program, a_wrong_square_root_is_refused)
{
  expect_refusal("team", "-DHARDWARE_DIVISION=1 -DHARDWARE_ROOT(x)=as_float(as_uint(sqrt(x))^1u)", "sqrt(|a|)");
  /* infinities, which square_root does not hand on */
  expect_refusal("team", "-DHARDWARE_DIVISION=1 -DHARDWARE_ROOT(x)=((x)>FLT_MAX?0.0f:sqrt(x))", "root of a normal |a|");
}

/* The program's activation has a kernel of its own. */
Test(program, a_wrong_activation_is_refused)
{
  expect_refusal_by(clfit_selftest_run_activation, "wide",
                    "-DSTAGES=STAGES_sigmoid -DACTIVATE=activate_tanh -DSLOPE=slope_sigmoid", "arithmetic: sigmoid");
  expect_refusal_by(clfit_selftest_run_activation, "wide",
                    "-DSTAGES=STAGES_sigmoid -DACTIVATE=activate_sigmoid -DSLOPE=slope_tanh", "slope of sigmoid");
}

/* What one program has shown of the operations says nothing of another one's activation. */
Test(program, each_activation_is_checked)
{
  const cl_device_type type = device->opencl->type;
  const struct mapping *wide = clfit_mapping_find("wide");
  const struct specialisation relu = clfit_specialise(wide, type, CLFIT_RELU, 1);
  const struct specialisation sigmoid = clfit_specialise(wide, type, CLFIT_SIGMOID, 1);
  cl_program program;
  EXPECT_OK(clfit_program_train(device->opencl, &relu, &program, &error));
  device->opencl->emulation_options = "-DSLOPE=slope_tanh";
  EXPECT_ERROR(clfit_program_train(device->opencl, &sigmoid, &program, &error), CLFIT_ERROR_INEXACT,
               "slope of sigmoid");
  EXPECT_OK(clfit_program_lm(device->opencl, LM_LAYOUT_PACKED, CLFIT_RELU, &program, &error));
  device->opencl->emulation_options = "-DSLOPE64=slope_tanh64";
  EXPECT_ERROR(clfit_program_lm(device->opencl, LM_LAYOUT_PACKED, CLFIT_SIGMOID, &program, &error), CLFIT_ERROR_INEXACT,
               "slope_sigmoid64");
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
  cr_assert(device->opencl->instructions == INSTRUCTION_DIVISION, "PoCL rounds divisions correctly, and says so");
  expect_own_kernels_pass();
}

/* As on a device that does not round a division correctly, with a driver other than PoCL 3.1. */
Test(program, the_library_s_own_kernels_pass_without_division)
{
  device->opencl->is_pocl_31 = false;
  device->opencl->instructions = 0;
  expect_own_kernels_pass();
}

/* ---- as on a device without float64 ---------------------------------------------------------------------------- */

/* Trains some iterations of least squares; returns the programs that the device has afterwards. */
static size_t train_least_squares(clfit_state *trained)
{
  static const double x[] = {-1, -0.5, 0, 0.5, 1}, y[] = {0.5, -0.25, 1, 0.125, -1};
  clfit_population *population;
  clfit_data *data;
  clfit_network network;
  clfit_state fresh;
  const clfit_state *state = &fresh;
  uint32_t index, slot;
  clfit_network_default(&network);
  network.hidden = 2;
  network.samples = 5;
  network.epochs = 6;
  network.optimizer = CLFIT_LM;
  EXPECT_OK(clfit_state_init(&fresh, &network, &error));
  EXPECT_OK(clfit_data_create(5, x, y, &data, &error));
  EXPECT_OK(clfit_population_create(device, NULL, &population, &error));
  EXPECT_OK(clfit_population_add_data(population, data, &index, &error));
  EXPECT_OK(clfit_population_take(population, 1, &state, &index, &slot, &error));
  EXPECT_OK(clfit_population_advance(population, 6, NULL, &error));
  EXPECT_OK(clfit_population_give(population, 1, &slot, trained, &error));
  clfit_population_free(population);
  clfit_data_free(data);
  clfit_state_clear(&fresh);
  return device->opencl->program_count;
}

Test(program, a_device_without_float64_leaves_least_squares_to_the_reference)
{
  clfit_state without, with;
  cr_assert(device->info.float64, "PoCL has it");
  device->info.float64 = false;
  cr_assert(train_least_squares(&without) == 0, "no program for the device");
  device->info.float64 = true;
  cr_assert(train_least_squares(&with) > 0);
  cr_assert(!memcmp(with.parameters, without.parameters, 7 * sizeof(float)), "the same bits");
  clfit_state_clear(&with);
  clfit_state_clear(&without);
}

/* ---- as on NVIDIA's devices ------------------------------------------------------------------------------------ */

/* The emulation has many barriers, which PoCL is slow to optimise. */
#define EMULATE_SHUFFLE     "-cl-opt-disable -DEMULATE_SHUFFLE=1 "
#define EXACT_RECIPROCAL    "-DHARDWARE_APPROXIMATION(d)=(1.0f/(d)) "
#define DEFINE_ROOT         "-DROOT(x)=((float)(1/sqrt((double)(x)))) "
#define EXACT_ROOT          DEFINE_ROOT "-DHARDWARE_ROOT_APPROXIMATION(x)=ROOT(x) "
#define EXACT_APPROXIMATION EXACT_RECIPROCAL EXACT_ROOT
/* where the approximations are not what is tested: all mantissas take a CPU seconds */
#define FEW_MANTISSAS "-DMANTISSAS=65536 "

/* Treats the device as a GPU with all optional instructions, emulated by the build options `emulation_options`. */
static void emulate_gpu(const char *emulation_options)
{
  device->opencl->type = CL_DEVICE_TYPE_GPU;
  device->opencl->offered = device->opencl->instructions = INSTRUCTION_RECIPROCAL | INSTRUCTION_SHUFFLE;
  device->opencl->emulation_options = emulation_options;
  memset(device->opencl->checked, 0, sizeof device->opencl->checked);
}

/* The instructions that are left after the self-tests of the mappings that have a use for them. */
static uint32_t instructions_left(const char *emulation_options)
{
  emulate_gpu(emulation_options);
  EXPECT_OK(clfit_opencl_check(device->opencl, &error));
  cr_assert(clfit_mapping_group(clfit_mapping_find("packed"), false, device->opencl) == 64);
  cr_assert(clfit_mapping_group(clfit_mapping_find("team"), false, device->opencl) ==
            (device->opencl->instructions & INSTRUCTION_SHUFFLE ? 4 : 1));
  const char *const names[] = {"", "reciprocal", "shuffle", "reciprocal,shuffle"};
  cr_assert(!strcmp(clfit_device_instructions(device), names[device->opencl->instructions]));
  return device->opencl->instructions;
}

Test(program, instructions_that_prove_right_are_kept)
{
  cr_assert(instructions_left(EMULATE_SHUFFLE EXACT_APPROXIMATION) == (INSTRUCTION_RECIPROCAL | INSTRUCTION_SHUFFLE));
}

/* batch.cl has one team in a work-group, team.cl several: the self-test of its sums must ask for the right one. */
Test(program, training_through_gradients_keeps_the_instructions)
{
  cl_program program;
  emulate_gpu(EMULATE_SHUFFLE FEW_MANTISSAS EXACT_APPROXIMATION);
  struct specialisation made =
      clfit_specialise_batches(clfit_mapping_find("team"), device->opencl->type, CLFIT_SIGMOID, 5);
  EXPECT_OK(clfit_program_train(device->opencl, &made, &program, &error));
  cr_assert(device->opencl->instructions == device->opencl->offered);
}

Test(program, instructions_that_do_not_build_are_done_without)
{
  cr_assert(instructions_left(NULL) == 0);
}

/* Also where no training has come first; with either of the two kernels. */
Test(program, a_ceiling_does_without_instructions_that_do_not_build)
{
  for (uint32_t block = 0; block < 2; block++) {
    emulate_gpu(NULL);
    const struct specialisation made =
        clfit_specialise(clfit_mapping_find("packed"), device->opencl->type, CLFIT_SIGMOID, 1);
    cl_program program;
    EXPECT_OK(clfit_program_ceiling(device->opencl, &made, 1, block, &program, &error));
    cr_assert(!(device->opencl->instructions & INSTRUCTION_RECIPROCAL));
  }
}

/* Faulty approximations. Of reciprocals: wrong for one of 2^23 mantissas (the exception in refine_reciprocal), wrong in
 * a way that the Newton step does not correct, and not accurate enough. Of square roots: one ulp too small for one of
 * the three that do not bear it. */
Test(program, a_wrong_approximation_is_done_without)
{
  const char *const approximations[] = {
      EMULATE_SHUFFLE EXACT_ROOT "-DHARDWARE_APPROXIMATION(d)=(as_uint(d)==0x3fffffffu?0.5f:1.0f/(d))",
      EMULATE_SHUFFLE EXACT_ROOT "-DHARDWARE_APPROXIMATION(d)=(as_uint(d)==0x3fabcdefu?0.5f:1.0f/(d))",
      EMULATE_SHUFFLE EXACT_ROOT "-DHARDWARE_APPROXIMATION(d)=(1.001f/(d))",
      EMULATE_SHUFFLE EXACT_RECIPROCAL
      "-DHARDWARE_ROOT_APPROXIMATION(x)=as_float(as_uint(ROOT(x))-(as_uint(x)==0x404d142au)) " DEFINE_ROOT};
  for (size_t i = 0; i < sizeof approximations / sizeof *approximations; i++)
    cr_assert(instructions_left(approximations[i]) == INSTRUCTION_SHUFFLE, "%zu", i);
}

Test(program, a_wrong_shuffle_is_done_without)
{
  const char *const exchanges[] = {
      /* returns the own value */
      EMULATE_SHUFFLE FEW_MANTISSAS "-DEXCHANGE(b,v,s)=(v) " EXACT_APPROXIMATION,
      EMULATE_SHUFFLE FEW_MANTISSAS "-DEXCHANGE(b,v,s)=exchange(b,v,16/(s)) " EXACT_APPROXIMATION, /* another order */
      EMULATE_SHUFFLE FEW_MANTISSAS
      "-DEXCHANGE(b,v,s)=exchange(b,get_local_id(0)==5?0:(v),s) " EXACT_APPROXIMATION}; /* a lost lane */
  for (size_t i = 0; i < sizeof exchanges / sizeof *exchanges; i++)
    cr_assert(instructions_left(exchanges[i]) == INSTRUCTION_RECIPROCAL, "%zu", i);
}

/* Fast mode promises no bits, but a sum that lacks a lane is no sum. What strict programs proved says nothing of it. */
Test(program, a_wrong_shuffle_is_done_without_in_fast_mode)
{
  const char *const exchanges[] = {EMULATE_SHUFFLE EXACT_APPROXIMATION,
                                   EMULATE_SHUFFLE "-DEXCHANGE(b,v,s)=(v) " EXACT_APPROXIMATION};
  for (int wrong = 0; wrong < 2; wrong++) {
    emulate_gpu(exchanges[wrong]);
    struct specialisation made = clfit_specialise(clfit_mapping_find("team"), device->opencl->type, CLFIT_SIGMOID, 33);
    cl_program program;
    made.mode = CLFIT_FAST;
    memset(device->opencl->checked[CLFIT_STRICT], 1, sizeof device->opencl->checked[CLFIT_STRICT]);
    EXPECT_OK(clfit_program_train(device->opencl, &made, &program, &error));
    cr_assert(device->opencl->instructions ==
              (wrong ? INSTRUCTION_RECIPROCAL : INSTRUCTION_RECIPROCAL | INSTRUCTION_SHUFFLE));
  }
}

/* Eight networks with different weights, in two full work-groups. All end after the same number of steps, because
 * the emulated shuffle uses barriers. */
static void train_networks(clfit_device *on, const char *mapping, clfit_optimizer optimizer, bool plain,
                           uint32_t hidden, char digests[8][CLFIT_DIGEST_SIZE])
{
  const double x[] = {-0.5, 0.25, 1, 0.75, -1}, y[] = {0.1, -0.3, 0.5, 0.2, 0};
  clfit_population_options options;
  clfit_population *population;
  clfit_data *data;
  uint32_t zeros[8] = {0}, slots[8], index;
  size_t running = 1;
  clfit_state states[8];
  const clfit_state *pointers[8];
  clfit_population_options_default(&options);
  options.mapping = mapping;
  EXPECT_OK(clfit_population_create(on, &options, &population, &error));
  EXPECT_OK(clfit_data_create(5, x, y, &data, &error));
  EXPECT_OK(clfit_population_add_data(population, data, &index, &error));
  for (uint32_t i = 0; i < 8; i++) {
    clfit_network network;
    clfit_network_default(&network);
    network.hidden = hidden;
    network.samples = 5;
    network.epochs = 12;
    network.optimizer = optimizer;
    if (!plain) {
      network.batch = 1 + i % 2 * 2;
      network.patience = 50; /* parameters are kept, and no training ends before the others */
      network.patience_on = CLFIT_FIGURE_OF_ALL;
    }
    network.seed = i;
    EXPECT_OK(clfit_state_init(&states[i], &network, &error));
    pointers[i] = &states[i];
  }
  EXPECT_OK(clfit_population_take(population, 8, pointers, zeros, slots, &error));
  while (running) EXPECT_OK(clfit_population_advance(population, 23, &running, &error));
  for (int i = 0; i < 8; i++) clfit_state_clear(&states[i]);
  EXPECT_OK(clfit_population_give(population, 8, slots, states, &error));
  for (int i = 0; i < 8; i++) {
    clfit_state_digest(&states[i], digests[i]);
    clfit_state_clear(&states[i]);
  }
  clfit_data_free(data);
  clfit_population_free(population);
}

/* Tests everything except the two instructions themselves: the order of the sum, several teams in a work-group, the
 * Newton step. */
Test(program, emulated_instructions_train_to_the_same_bits)
{
  clfit_device *reference;
  EXPECT_OK(clfit_device_open("reference", &reference, &error));
  emulate_gpu(EMULATE_SHUFFLE FEW_MANTISSAS EXACT_APPROXIMATION);
  /* of packed through gradients those that a thread holds */
  static const struct {
    clfit_optimizer optimizer;
    bool plain;
    uint32_t hidden;
  } trainings[] = {{CLFIT_SGD, true, 1},    {CLFIT_SGD, true, 33},    {CLFIT_SGD, true, 1100}, {CLFIT_ADAM, false, 12},
                   {CLFIT_ADAM, false, 70}, {CLFIT_ADAM, false, 300}, {CLFIT_SGD, false, 27}};
  for (size_t i = 0; i < sizeof trainings / sizeof *trainings; i++) {
    const clfit_optimizer optimizer = trainings[i].optimizer;
    const bool plain = trainings[i].plain;
    const uint32_t hidden = trainings[i].hidden;
    char want[8][CLFIT_DIGEST_SIZE], got[8][CLFIT_DIGEST_SIZE];
    train_networks(reference, NULL, optimizer, plain, hidden, want);
    train_networks(device, "team", optimizer, plain, hidden, got);
    for (int k = 0; k < 8; k++) cr_assert(!strcmp(got[k], want[k]), "team, training %zu, network %d", i, k);
    train_networks(device, "packed", optimizer, plain, hidden, got);
    for (int k = 0; k < 8; k++) cr_assert(!strcmp(got[k], want[k]), "packed, training %zu, network %d", i, k);
  }
  cr_assert(device->opencl->instructions == (INSTRUCTION_RECIPROCAL | INSTRUCTION_SHUFFLE));
  clfit_device_close(reference);
}

/* A GPU without such instructions gets other programs and sizes of launches than a CPU: one network a thread, 64
 * threads a work-group. */
Test(program, a_gpu_s_own_programs_train_to_the_same_bits)
{
  clfit_verification result;
  device->opencl->type = CL_DEVICE_TYPE_GPU;
  device->opencl->offered = device->opencl->instructions = 0;
  device->opencl->emulation_options = "-cl-opt-disable"; /* PoCL takes minutes to optimise the barriers of teams */
  result.size = sizeof result;
  EXPECT_OK(clfit_device_verify(device, NULL, true, &result, &error));
  cr_assert(result.configurations > 0 && result.differing_bits == 0, "%s", result.first_difference);
}

/* One network a thread pays from so many on that the device is full, and while they fit into its registers. */
Test(program, a_gpu_packs_many_small_networks)
{
  device->opencl->type = CL_DEVICE_TYPE_GPU;
  device->info.compute_units = device->opencl->info.compute_units = 132;
  cr_assert(!clfit_mapping_packs(device->opencl, 8, 1) && !clfit_mapping_packs(device->opencl, 8, 2000));
  cr_assert(clfit_mapping_packs(device->opencl, 8, 3000) && clfit_mapping_packs(device->opencl, 32, 100000));
  cr_assert(!clfit_mapping_packs(device->opencl, 33, 100000));
}

/* wide, and packs of 16 networks that are trained through gradients, are for CPUs. */
Test(program, a_gpu_has_its_own_mappings)
{
  const struct mapping *packed = clfit_mapping_find("packed"), *team = clfit_mapping_find("team");
  cr_assert(clfit_mapping_choose(device->opencl, packed, 3, 33, 100000) == packed);
  device->opencl->type = CL_DEVICE_TYPE_GPU;
  for (const char *const *name = clfit_device_mappings(device); *name; name++) cr_assert(strcmp(*name, "wide") != 0);
  cr_assert(clfit_mapping_choose(device->opencl, packed, 0, 33, 100000) == packed);
  /* training through gradients, as far as a thread's registers hold the planes */
  static const uint32_t neurons[] = {0, 32, 16, 16};
  for (uint32_t sets = 1; sets < sizeof neurons / sizeof *neurons; sets++) {
    cr_assert(clfit_mapping_choose(device->opencl, packed, sets, neurons[sets], 100000) == packed);
    cr_assert(clfit_mapping_choose(device->opencl, packed, sets, neurons[sets] + 1, 100000) == team);
    cr_assert(clfit_mapping_choose(device->opencl, NULL, sets, neurons[sets] + 1, 100000) == team);
  }
}

static void expect_room(const struct mapping *mapping, cl_device_type type)
{
  for (uint32_t hidden = 1; hidden <= clfit_mapping_capacity(mapping); hidden++) {
    struct specialisation made = clfit_specialise(mapping, type, CLFIT_SIGMOID, hidden);
    cr_assert(made.vectors * mapping->width >= hidden, "%s %u", mapping->name, hidden);
    /* Vectors that are never masked must be full in every network of the bucket. */
    cr_assert(made.padded_from * mapping->width <= hidden, "%s %u", mapping->name, hidden);
  }
}

Test(program, mappings_have_room)
{
  for (size_t i = 0; i < MAPPING_COUNT; i++) {
    expect_room(&clfit_mapping_table[i], CL_DEVICE_TYPE_CPU);
    expect_room(&clfit_mapping_table[i], CL_DEVICE_TYPE_GPU);
  }
  cr_assert(clfit_mapping_capacity(clfit_mapping_for(CL_DEVICE_TYPE_CPU)) == CLFIT_HIDDEN_MAX);
  cr_assert(clfit_mapping_capacity(clfit_mapping_for(CL_DEVICE_TYPE_GPU)) == CLFIT_HIDDEN_MAX);
}

/* A GPU's registers hold up to 1,024 neurons of a team; on CPUs such programs would only take longer to compile. */
Test(program, gpus_alone_unroll_large_teams)
{
  const struct mapping *team = clfit_mapping_find("team");
  const uint32_t last = clfit_mapping_capacity(team) / team->width;
  cr_expect(clfit_specialise(team, CL_DEVICE_TYPE_GPU, CLFIT_SIGMOID, 257).vectors == 16);
  cr_expect(clfit_specialise(team, CL_DEVICE_TYPE_GPU, CLFIT_SIGMOID, 1024).vectors == 32);
  cr_expect(clfit_specialise(team, CL_DEVICE_TYPE_GPU, CLFIT_SIGMOID, 1025).vectors == last);
  cr_expect(clfit_specialise(team, CL_DEVICE_TYPE_CPU, CLFIT_SIGMOID, 257).vectors == last);
  cr_expect(clfit_specialise(team, CL_DEVICE_TYPE_CPU, CLFIT_SIGMOID, 256).vectors == 8);
}

/* A bank must not take a network that needs another program, whichever field it is that differs. */
Test(program, specialisations_differ_in_every_field)
{
  const struct specialisation one = clfit_specialise(clfit_mapping_find("wide"), CL_DEVICE_TYPE_CPU, CLFIT_TANH, 33);
  struct specialisation other = one;
  cr_assert(clfit_specialisation_equal(&one, &other));
#define EXPECT_DIFFERENT(type, name)                                                                                   \
  other = one;                                                                                                         \
  memset(&other.name, 0x5a, sizeof other.name);                                                                        \
  cr_expect(!clfit_specialisation_equal(&one, &other), #name);
  SPECIALISATION_FIELDS(EXPECT_DIFFERENT)
}

/* Training programs of a sweep over 1 .. 256 neurons with `count` networks of each size. */
static size_t count_programs(cl_device_type type, size_t count)
{
  struct specialisation packed[257], seen[256];
  size_t programs = 0, in_bucket[257] = {0};
  device->opencl->type = type;
  for (uint32_t hidden = 1; hidden <= 256; hidden++) {
    packed[hidden] = clfit_specialise(clfit_mapping_find("packed"), type, CLFIT_SIGMOID, hidden);
    in_bucket[packed[hidden].vectors] += count; /* networks that would share a program are counted together */
  }
  for (uint32_t hidden = 1; hidden <= 256; hidden++) {
    const struct mapping *mapping =
        clfit_mapping_choose(device->opencl, NULL, 0, hidden, in_bucket[packed[hidden].vectors]);
    struct specialisation made = clfit_specialise(mapping, type, CLFIT_SIGMOID, hidden);
    size_t i = 0;
    while (i < programs && !clfit_specialisation_equal(&seen[i], &made)) i++;
    if (i == programs) seen[programs++] = made;
  }
  return programs;
}

/* Building programs is slow, so a sweep must not need many. */
Test(program, sizes_up_to_256_share_16_programs)
{
  for (size_t count = 1; count <= 1000000; count += 1 + count / 8) {
    size_t cpu = count_programs(CL_DEVICE_TYPE_CPU, count), gpu = count_programs(CL_DEVICE_TYPE_GPU, count);
    cr_assert(cpu <= 16 && gpu <= 16, "%zu networks of a size: %zu programs on a CPU, %zu on a GPU", count, cpu, gpu);
  }
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
