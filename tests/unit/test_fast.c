/* --mode fast: its activations within the error that kernels/fast.h derives, its results within the tolerance, the same
 * bits again on the same device and mapping, and never unless it is asked for. */
#include "engine/device.h"
#include "engine/opencl/opencl.h"
#include "exact_activation.h"
#include "numerics.h"
#include "study.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>

/* ---- activations --------------------------------------------------------------------------------------------- */

/* Every 4096th float32, and the edges. */
#define INPUTS (1u << 20)

static void make_inputs(float *inputs)
{
  static const uint32_t edges[] = {0x00000000u, 0x80000000u, 0x00000001u, 0x80000001u, 0x7f800000u, 0xff800000u,
                                   0x7f7fffffu, 0xff7fffffu, 0x42800000u, 0xc2800000u, 0x42000000u, 0xc2000000u};
  for (uint32_t i = 0; i < INPUTS; i++) inputs[i] = REAL_OF(i * 4096u + i % 4093u);
  for (uint32_t i = 0; i < sizeof edges / sizeof *edges; i++) inputs[i] = REAL_OF(edges[i]);
}

/* Beyond +-8192 strict arithmetic's sine is constant. Its other functions go to their limits, where 0 times infinity
 * would not. */
static double exact(clfit_activation activation, double z)
{
  if (activation == CLFIT_SINE) z = fmax(-8192, fmin(z, 8192));
  return exact_value(activation, isinf(z) ? copysign(FLT_MAX * 2.0, z) : z);
}

static void compute(struct opencl_device *device, cl_program program, uint32_t lanes, const float *inputs,
                    float *results)
{
  const size_t bytes = INPUTS * sizeof(float), global = INPUTS / lanes;
  cl_int code;
  cl_kernel kernel = clCreateKernel(program, "activations", &code);
  cr_assert(!code, "%s", clfit_cl_name(code));
  cl_mem from = clCreateBuffer(device->context, CL_MEM_COPY_HOST_PTR, bytes, (void *)inputs, &code);
  cl_mem to = clCreateBuffer(device->context, CL_MEM_WRITE_ONLY, bytes, NULL, &code);
  clSetKernelArg(kernel, 0, sizeof from, &from);
  clSetKernelArg(kernel, 1, sizeof to, &to);
  code = clEnqueueNDRangeKernel(device->queue, kernel, 1, NULL, &global, NULL, 0, NULL, NULL);
  if (!code) code = clEnqueueReadBuffer(device->queue, to, CL_TRUE, 0, bytes, results, 0, NULL, NULL);
  cr_assert(!code, "%s", clfit_cl_name(code));
  clReleaseMemObject(from);
  clReleaseMemObject(to);
  clReleaseKernel(kernel);
}

/* kernels/fast.h: 2^-19, 2^-18, exact; the others are the strict ones, within 3 ulp of values up to |z| or 1. A NaN
 * must not pass for a number that is far off. */
static void expect_bound(clfit_activation activation, const float *inputs, const float *results, const char *what)
{
  static const double bounds[] = {[CLFIT_SIGMOID] = 0x1p-19, [CLFIT_TANH] = 0x1p-18, [CLFIT_RELU] = 0.0};
  const bool own = activation <= CLFIT_RELU;
  double worst = 0.0;
  for (uint32_t i = 0; i < INPUTS; i++) {
    if (isnan(inputs[i])) continue;
    if (results[i] == exact(activation, (double)inputs[i])) continue; /* infinities too */
    const double off = fabs(results[i] - exact(activation, (double)inputs[i]));
    const double bound = own ? bounds[activation] : 3 * 0x1p-23 * fmax(1, fabs(inputs[i]));
    if (isinf(results[i]) && isinf(inputs[i])) continue;
    cr_assert(off <= bound, "%s, %s(%a) is %a, off by %g", what, clfit_activation_name(activation), (double)inputs[i],
              (double)results[i], off);
    worst = fmax(worst, off);
  }
  printf("%s, %s: off by at most 2^%.2f\n", what, clfit_activation_name(activation), log2(worst));
}

/* Those of the device's own arithmetic first, as team trains and as wide and packed do. Then without a hardware
 * approximation of 1/d, and with native functions as on a GPU, which tests only the code around these functions: on a
 * CPU they are not those of a GPU. */
static const char *const variants[] = {"-DLANES=1", "-DLANES=16", "-DLANES=16 -DNO_HARDWARE_APPROXIMATION",
                                       "-DLANES=16 -DNATIVE_FUNCTIONS", "-DLANES=1 -DNATIVE_FUNCTIONS"};
#define OWN_VARIANTS 2u

/* In programs without a training kernel, which takes a CPU's compiler longest. */
Test(fast, activations_keep_their_bound)
{
  clfit_device *device;
  float *inputs = malloc(INPUTS * sizeof *inputs), *results = malloc(INPUTS * sizeof *results);
  EXPECT_OK(clfit_device_open("cpu", &device, &error));
  make_inputs(inputs);
  const char *divides = device->opencl->instructions & INSTRUCTION_DIVISION
                            ? " -cl-fp32-correctly-rounded-divide-sqrt -DHARDWARE_DIVISION=1"
                            : "";
  for (size_t m = 0; m < MAPPING_COUNT; m++) {
    const uint32_t lanes = clfit_specialise(&clfit_mapping_table[m], device->opencl->type, CLFIT_SIGMOID, 1).lanes;
    cr_assert(lanes == 1 || lanes == 16, "%u lanes are not tried", lanes);
  }
  for (size_t v = 0; v < sizeof variants / sizeof *variants; v++)
    for (clfit_activation activation = 0; activation < clfit_activation_count(); activation++) {
      const char *name = clfit_activation_name(activation);
      char options[OPTIONS_SIZE];
      cl_program program;
      if (activation > CLFIT_RELU && v >= OWN_VARIANTS) continue; /* those are the same in all variants */
      snprintf(options, sizeof options,
               "-cl-std=CL1.2 %s%s -DFAST -DSTAGES=STAGES_fast_%s -DACTIVATE=activate_fast_%s -DSLOPE=slope_%s",
               variants[v], v < OWN_VARIANTS ? divides : "", name, name, name);
      EXPECT_OK(clfit_program_get(device->opencl, "selftest.h", options, &program, &error));
      compute(device->opencl, program, strstr(options, "LANES=16") ? 16 : 1, inputs, results);
      expect_bound(activation, inputs, results, variants[v]);
    }
  free(inputs);
  free(results);
  clfit_device_close(device);
}

/* ---- results ------------------------------------------------------------------------------------------------- */

static int compare_doubles(const void *one, const void *other)
{
  const double a = *(const double *)one, b = *(const double *)other;
  return (a > b) - (a < b);
}

/* The promise: the study's test MSE within 1 % of float64's in the median (seen: 0.003 %). */
static void expect_tolerance(const char *mapping)
{
  struct study_row rows[STUDY_LIMIT];
  struct study_result results[STUDY_LIMIT];
  double off[STUDY_LIMIT];
  const size_t count = read_study(rows);
  cr_assert(count == 55);
  train_study("cpu", mapping, CLFIT_FAST, count, rows, results);
  for (size_t i = 0; i < count; i++) {
    off[i] = fabs(results[i].test_mse / rows[i].test_mse - 1.0);
    if (isnan(off[i])) off[i] = INFINITY;
  }
  qsort(off, count, sizeof *off, compare_doubles);
  cr_assert(off[count / 2] <= 0.01, "%s: off by %g in the median", mapping, off[count / 2]);
  printf("%s: test MSE off by %.2g in the median, %.2g at most\n", mapping, off[count / 2], off[count - 1]);
  clear_results(count, results);
}

/* packed gives the same bits: mappings_that_are_chosen_by_themselves_agree. */
Test(fast, study_within_tolerance, .timeout = 300)
{
  expect_tolerance("wide");
}

/* ---- one network --------------------------------------------------------------------------------------------- */

#define SAMPLES 157u

static clfit_network make_network(uint32_t hidden, clfit_activation activation)
{
  clfit_network network;
  clfit_network_default(&network);
  network.hidden = hidden;
  network.activation = activation;
  network.samples = SAMPLES;
  network.epochs = 20;
  network.rate = 0.02;
  return network;
}

static clfit_population *open_population(clfit_device *device, clfit_population_options options)
{
  clfit_population *population;
  uint32_t index;
  clfit_data *data = chapter_samples(SAMPLES, 0);
  EXPECT_OK(clfit_population_create(device, &options, &population, &error));
  EXPECT_OK(clfit_population_add_data(population, data, &index, &error));
  clfit_data_free(data);
  return population;
}

static clfit_population_options fast_options(const char *mapping)
{
  clfit_population_options options;
  clfit_population_options_default(&options);
  options.mode = CLFIT_FAST;
  options.mapping = mapping;
  return options;
}

static uint32_t take(clfit_population *population, const clfit_network *network)
{
  clfit_state fresh;
  const clfit_state *states[] = {&fresh};
  uint32_t data = 0, slot;
  EXPECT_OK(clfit_state_init(&fresh, network, &error));
  EXPECT_OK(clfit_population_take(population, 1, states, &data, &slot, &error));
  clfit_state_clear(&fresh);
  return slot;
}

/* Trains to the end in launches of `steps` (0: as the population likes). moved: the network is given back and taken up
 * again after every launch. */
static clfit_state train(clfit_population *population, const clfit_network *network, uint32_t steps, bool moved)
{
  clfit_state state;
  const clfit_state *states[] = {&state};
  uint32_t data = 0, slot = take(population, network);
  size_t running = 1;
  while (running > 0) {
    EXPECT_OK(clfit_population_advance(population, steps, &running, &error));
    if (!moved || running == 0) continue;
    EXPECT_OK(clfit_population_give(population, 1, &slot, &state, &error));
    EXPECT_OK(clfit_population_take(population, 1, states, &data, &slot, &error));
    clfit_state_clear(&state);
  }
  EXPECT_OK(clfit_population_give(population, 1, &slot, &state, &error));
  return state;
}

static void expect_same(clfit_state *state, const clfit_state *want, const char *how)
{
  const size_t bytes = clfit_parameter_count(want->network.hidden) * sizeof(float);
  cr_assert(!memcmp(state->parameters, want->parameters, bytes), "%s, hidden %u: other weights", how,
            want->network.hidden);
  cr_assert(!memcmp(&state->progress, &want->progress, sizeof want->progress), "%s: another progress", how);
  clfit_state_clear(state);
}

Test(fast, same_device_and_mapping_give_the_same_bits_again, .timeout = 120)
{
  static const char *const mappings[] = {"wide", "packed", "team"};
  static const uint32_t sizes[] = {5, 33, 300};
  clfit_device *device;
  EXPECT_OK(clfit_device_open("cpu", &device, &error));
  for (int m = 0; m < 3; m++)
    for (uint32_t i = 0; i < 3; i++) {
      const clfit_network network = make_network(sizes[i], i == 0 ? CLFIT_TANH : CLFIT_SIGMOID);
      clfit_population *population = open_population(device, fast_options(mappings[m]));
      clfit_state want = train(population, &network, 0, false), again;
      cr_assert(want.progress.status == CLFIT_TRAINING_DONE);
      again = train(population, &network, 0, false);
      expect_same(&again, &want, "once more");
      again = train(population, &network, 7, false);
      expect_same(&again, &want, "in launches of 7 steps");
      again = train(population, &network, 101, true);
      expect_same(&again, &want, "moved in the middle of epochs");
      clfit_state_clear(&want);
      clfit_population_free(population);
    }
  clfit_device_close(device);
}

/* wide and packed, between which a population chooses by the number of networks, give the same bits; otherwise a sweep
 * could not be repeated. */
Test(fast, mappings_that_are_chosen_by_themselves_agree)
{
  clfit_device *device;
  EXPECT_OK(clfit_device_open("cpu", &device, &error));
  clfit_population *wide = open_population(device, fast_options("wide"));
  clfit_population *packed = open_population(device, fast_options("packed"));
  const uint32_t sizes[] = {1, 33, 129};
  /* each is a program to build: the chapter's activation, and every second one of the others */
  for (clfit_activation activation = 0; activation < clfit_activation_count(); activation += 2)
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
      if (i > 0 && activation != CLFIT_SIGMOID) continue;
      const clfit_network network = make_network(sizes[i], activation);
      clfit_state want = train(wide, &network, 0, false), got = train(packed, &network, 0, false);
      expect_same(&got, &want, "packed, not wide");
      clfit_state_clear(&want);
    }
  clfit_population_free(wide);
  clfit_population_free(packed);
  clfit_device_close(device);
}

Test(fast, diverges_as_strict_does)
{
  static const char *const mappings[] = {"wide", "packed", "team"};
  clfit_device *device;
  EXPECT_OK(clfit_device_open("cpu", &device, &error));
  for (int m = 0; m < 3; m++) {
    clfit_population *population = open_population(device, fast_options(mappings[m]));
    clfit_network network = make_network(33, CLFIT_SIGMOID);
    network.rate = 5.0;
    clfit_state state = train(population, &network, 0, false);
    cr_assert(state.progress.status == CLFIT_TRAINING_DIVERGED && state.progress.epoch < network.epochs);
    for (size_t i = 0; i < clfit_parameter_count(network.hidden); i++) cr_assert(isnan(state.parameters[i]));
    cr_assert(isnan(clfit_progress_train_loss(&state.progress, network.samples)));
    clfit_state_clear(&state);
    clfit_population_free(population);
  }
  clfit_device_close(device);
}

/* The losses of every epoch in one mode; returns how many, at most 20. */
static size_t train_history(clfit_device *device, clfit_mode mode, const clfit_network *network, double *losses,
                            clfit_training *status)
{
  clfit_population_options options = fast_options(NULL);
  options.mode = mode;
  options.history = true;
  clfit_population *population = open_population(device, options);
  const uint32_t slot = take(population, network);
  uint32_t first;
  size_t running = 1, total = 0, count;
  while (running > 0) {
    EXPECT_OK(clfit_population_advance(population, 500, &running, &error));
    const double *part = clfit_population_history(population, slot, &first, &count);
    cr_assert(first == total + 1 && total + count <= 20);
    memcpy(losses + total, part, count * sizeof *part);
    total += count;
  }
  *status = clfit_population_progress(population, slot)->status;
  clfit_population_free(population);
  return total;
}

/* E moves an rmse by at most E sum |w2| (kernels/fast.h), a loss by 2 E sum |w2| / rmse: here sum |w2| is 6.3 to 7.2
 * and the rmse 0.16 to 0.23, so that is 1.7e-4. At this small rate nothing adds up over the epochs (seen: 1.5e-6). */
Test(fast, history_follows_strict)
{
  clfit_device *device;
  double strict[20], fast[20];
  clfit_training status;
  const clfit_network network = make_network(33, CLFIT_SIGMOID);
  EXPECT_OK(clfit_device_open("cpu", &device, &error));
  cr_assert(train_history(device, CLFIT_STRICT, &network, strict, &status) == 20);
  cr_assert(train_history(device, CLFIT_FAST, &network, fast, &status) == 20);
  cr_assert(status == CLFIT_TRAINING_DONE);
  cr_assert(memcmp(strict, fast, sizeof fast), "fast mode gives the same losses as strict mode, so it was not used");
  for (int i = 0; i < 20; i++)
    cr_assert(fabs(fast[i] / strict[i] - 1.0) <= 2e-4, "epoch %d: loss %g, strict %g", i + 1, fast[i], strict[i]);
  clfit_device_close(device);
}

Test(fast, tolerance_and_milestones)
{
  clfit_device *device;
  clfit_milestones milestones;
  clfit_population_options options = fast_options("packed");
  clfit_network network = make_network(33, CLFIT_SIGMOID);
  EXPECT_OK(clfit_device_open("cpu", &device, &error));
  network.tol = 1e-3;
  options.milestones = true;
  clfit_population *population = open_population(device, options);
  const uint32_t slot = take(population, &network);
  size_t running = 1;
  while (running > 0) EXPECT_OK(clfit_population_advance(population, 0, &running, &error));
  const clfit_progress *at = clfit_population_progress(population, slot);
  cr_assert(at->status == CLFIT_TRAINING_STOPPED && at->epoch > 1 && at->epoch < network.epochs, "%u epochs",
            at->epoch);
  EXPECT_OK(clfit_population_milestones(population, 1, &slot, &milestones, &error));
  cr_assert(milestones.count >= 2 && milestones.epochs[1] == 2 && milestones.losses[1] < milestones.losses[0]);
  clfit_population_free(population);
  clfit_device_close(device);
}

/* ---- only when asked for --------------------------------------------------------------------------------------- */

Test(fast, is_never_chosen_silently)
{
  clfit_population_options options;
  clfit_population_options_default(&options);
  cr_assert(options.mode == CLFIT_STRICT);
}

Test(fast, what_cannot_be_is_refused)
{
  clfit_device *reference, *device;
  clfit_population *population = NULL;
  clfit_population_options options = fast_options(NULL);
  EXPECT_OK(clfit_device_open("reference", &reference, &error));
  EXPECT_ERROR(clfit_population_create(reference, &options, &population, &error), CLFIT_ERROR_UNSUPPORTED,
               "strict mode only");
  clfit_device_close(reference);
  EXPECT_OK(clfit_device_open("cpu", &device, &error));
  options.mode = (clfit_mode)2;
  EXPECT_ERROR(clfit_population_create(device, &options, &population, &error), CLFIT_ERROR_ARGUMENT, "arithmetic 2");
  cr_assert(!population);
  clfit_device_close(device);
}

/* Fast mode does not run the self-test, so a device that would fail it can train; strict training on the same device
 * runs it and is refused. */
Test(fast, needs_no_self_test)
{
  clfit_device *device;
  clfit_population_options options = fast_options("wide");
  const clfit_network network = make_network(5, CLFIT_SIGMOID);
  const size_t wide = (size_t)(clfit_mapping_find("wide") - clfit_mapping_table);
  EXPECT_OK(clfit_device_open("cpu", &device, &error));
  for (clfit_mode mode = CLFIT_FAST;; mode = CLFIT_STRICT) {
    options.mode = mode;
    clfit_population *population = open_population(device, options);
    take(population, &network);
    cr_assert(device->opencl->checked[CLFIT_STRICT][false][wide][CLFIT_SIGMOID] == (mode == CLFIT_STRICT));
    clfit_population_free(population);
    if (mode == CLFIT_STRICT) break;
  }
  clfit_device_close(device);
}

/* Answers are strict whatever trained the weights. */
Test(fast, answers_are_those_of_the_state)
{
  clfit_device *device;
  const clfit_network network = make_network(33, CLFIT_SIGMOID);
  double x[50];
  float z[50], want[50];
  clfit_state state;
  size_t running = 1;
  clfit_grid(-1.0, 2.0, 50, x);
  EXPECT_OK(clfit_device_open("cpu", &device, &error));
  clfit_population *population = open_population(device, fast_options("packed"));
  const uint32_t slot = take(population, &network);
  while (running > 0) EXPECT_OK(clfit_population_advance(population, 0, &running, &error));
  EXPECT_OK(clfit_population_evaluate(population, 1, &slot, 50, x, z, &error));
  EXPECT_OK(clfit_population_give(population, 1, &slot, &state, &error));
  clfit_state_evaluate(&state, 50, x, want);
  cr_assert(!memcmp(z, want, sizeof z));
  clfit_state_clear(&state);
  clfit_population_free(population);
  clfit_device_close(device);
}
