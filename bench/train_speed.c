/*
 * What one training step costs, beside what it costs others: clfit, plain C -Ofast with libmvec, and the chapter's
 * program in NumPy, in turns, in one run, on one core; and what the whole program `clfit train` takes.
 *
 *     train_speed [HIDDEN [ROUNDS [PROGRAM]]]       defaults: 128, 15, no program
 *
 * Nothing is timed that does not match: the device must give the reference's bits, plain C the same answers within
 * what float32 can differ by. Prints medians, and exits 1 if a promise of the project is not met (only at 128 neurons).
 */
#define _GNU_SOURCE
#include "clfit.h"
#include "plain_c.h"

#include <math.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#define SAMPLES      1000u
#define RATE         0.05 /* stable at 128 neurons, so that other summation orders stay close */
#define MATCH_EPOCHS 10u
#define ROUNDS_MAX   101
#define NUMPY_EPOCHS 2u /* 30 ms a turn */

static clfit_error error;

static void check(clfit_status status)
{
  if (!status) return;
  fprintf(stderr, "train_speed: %s\n%s", error.message, error.log);
  exit(3);
}

static int compare_doubles(const void *one, const void *other)
{
  double a = *(const double *)one, b = *(const double *)other;
  return (a > b) - (a < b);
}

static double median(double *values, int count)
{
  qsort(values, (size_t)count, sizeof *values, compare_doubles);
  return values[count / 2];
}

/* ---- the contestants ----------------------------------------------------------------------------------------- */

static clfit_data *make_samples(void)
{
  clfit_target *target;
  clfit_data *data;
  check(clfit_target_parse(CLFIT_TARGET_DEFAULT, &target, &error));
  check(clfit_data_sample(target, 0.0, 1.0, SAMPLES, 0, &data, &error));
  clfit_target_free(target);
  return data;
}

/* Seconds that a training takes on a device, parameters included. *trained is cleared by the caller. */
static double time_device(const char *selector, const clfit_data *data, const clfit_network *network,
                          clfit_state *trained)
{
  clfit_device *device;
  clfit_population *population;
  clfit_state fresh;
  uint32_t index, slot;
  check(clfit_device_open(selector, &device, &error));
  check(clfit_population_create(device, NULL, &population, &error));
  check(clfit_population_add_data(population, data, &index, &error));
  check(clfit_state_init(&fresh, network, &error));
  const clfit_state *states[] = {&fresh};
  check(clfit_population_take(population, 1, states, &index, &slot, &error));
  double start = clfit_clock();
  for (size_t running = 1; running > 0;)
    check(clfit_population_advance(population, network->samples * network->epochs, &running, &error));
  double seconds = clfit_clock() - start;
  check(clfit_population_give(population, 1, &slot, trained, &error));
  clfit_state_clear(&fresh);
  clfit_population_free(population);
  clfit_device_close(device);
  return seconds;
}

static double time_plain_c(const clfit_data *data, const clfit_network *network, clfit_state *trained)
{
  check(clfit_state_init(trained, network, &error));
  double start = clfit_clock();
  plain_c_train(network->hidden, (float)network->rate, network->epochs, network->samples, clfit_data_x_float(data),
                clfit_data_y_float(data), trained->parameters);
  return clfit_clock() - start;
}

/* Seconds that chapter.py says it took; NAN without NumPy. */
static double time_numpy(const clfit_network *network)
{
  char command[512];
  double seconds = NAN;
  snprintf(command, sizeof command, "python3 '%s/chapter.py' %u %u %u %g 2>/dev/null", CLFIT_BENCH_FOLDER,
           network->hidden, network->samples, NUMPY_EPOCHS, network->rate);
  FILE *pipe = popen(command, "r");
  if (pipe && fscanf(pipe, "%lf", &seconds) != 1) seconds = NAN;
  if (pipe) pclose(pipe);
  return seconds;
}

/* Wall seconds of the whole program with its defaults; NAN if it fails. */
static double time_program(const char *program)
{
  char command[1024];
  snprintf(command, sizeof command, "'%s' train --quiet >/dev/null", program);
  double start = clfit_clock();
  int status = system(command);
  return status == 0 ? clfit_clock() - start : NAN;
}

/* ---- what must match before anything is timed ---------------------------------------------------------------- */

static void check_match(const clfit_data *data, clfit_network network)
{
  clfit_state device, reference, plain;
  double worst = 0.0;
  network.epochs = MATCH_EPOCHS;
  time_device(NULL, data, &network, &device);
  time_device("reference", data, &network, &reference);
  time_plain_c(data, &network, &plain);
  size_t count = clfit_parameter_count(network.hidden);
  if (memcmp(device.parameters, reference.parameters, count * sizeof(float))) {
    fprintf(stderr, "train_speed: the device does not give the reference's bits: not timed\n");
    exit(1);
  }
  for (size_t i = 0; i < count; i++)
    worst = fmax(worst, fabs((double)plain.parameters[i] - (double)reference.parameters[i]));
  /* The golden weights allow 5e-5 between float32 and float64 after ten epochs; two float32 may differ by twice
   * that. */
  if (!(worst <= 1e-4)) {
    fprintf(stderr, "train_speed: plain C differs from the reference by %g: not timed\n", worst);
    exit(1);
  }
  clfit_state_clear(&device);
  clfit_state_clear(&reference);
  clfit_state_clear(&plain);
}

static void pin_to_one_core(void)
{
  cpu_set_t cores;
  CPU_ZERO(&cores);
  CPU_SET(sched_getcpu(), &cores);
  sched_setaffinity(0, sizeof cores, &cores);
  setenv("POCL_MAX_PTHREAD_COUNT", "1", 0);
}

static int report(const clfit_network *network, double clfit_ns, double plain_ns, double numpy_ns,
                  double program_seconds)
{
  bool met = plain_ns / clfit_ns >= 1.2 && (isnan(numpy_ns) || numpy_ns / clfit_ns >= 200.0) &&
             (isnan(program_seconds) || program_seconds <= 0.5);
  printf("one step of 1-%u-1 sigmoid, one core, median ns; clfit is so many times faster\n", network->hidden);
  printf("clfit (OpenCL, strict)      %10.1f\n", clfit_ns);
  printf("plain C -Ofast, libmvec     %10.1f   %8.2f x   (promised at 128: 1.2)\n", plain_ns, plain_ns / clfit_ns);
  if (isnan(numpy_ns))
    printf("NumPy, the chapter's              none: python3 has no numpy here\n");
  else
    printf("NumPy, the chapter's        %10.1f   %8.2f x   (promised at 128: 200)\n", numpy_ns, numpy_ns / clfit_ns);
  if (!isnan(program_seconds))
    printf("whole program, defaults     %10.3f s            (promised: at most 0.5)\n", program_seconds);
  return network->hidden != 128 || met ? 0 : 1;
}

int main(int argc, char **argv)
{
  clfit_network network;
  clfit_network_default(&network);
  network.rate = RATE;
  network.samples = SAMPLES;
  if (argc > 1) network.hidden = (uint32_t)strtoul(argv[1], NULL, 10);
  int rounds = argc > 2 ? atoi(argv[2]) : 15;
  const char *program = argc > 3 ? argv[3] : NULL;
  if (rounds < 1 || rounds > ROUNDS_MAX) rounds = 15;
  network.epochs = 100;
  check(clfit_network_check(&network, &error));
  pin_to_one_core();

  double clfit[ROUNDS_MAX], plain[ROUNDS_MAX], numpy[ROUNDS_MAX], whole[ROUNDS_MAX];
  clfit_data *data = make_samples();
  check_match(data, network);
  if (program) time_program(program); /* fills the kernel cache */
  for (int i = 0; i < rounds; i++) {
    clfit_state state;
    clfit[i] = time_device(NULL, data, &network, &state);
    clfit_state_clear(&state);
    plain[i] = time_plain_c(data, &network, &state);
    clfit_state_clear(&state);
    numpy[i] = time_numpy(&network);
    whole[i] = program ? time_program(program) : NAN;
  }
  clfit_data_free(data);
  const double steps = (double)network.samples * network.epochs, numpy_steps = (double)network.samples * NUMPY_EPOCHS;
  return report(&network, 1e9 * median(clfit, rounds) / steps, 1e9 * median(plain, rounds) / steps,
                1e9 * median(numpy, rounds) / numpy_steps, median(whole, rounds));
}
