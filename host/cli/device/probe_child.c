/* The process that probes a device. */
#include "cli/device/driver_end.h"
#include "cli/device/probe.h"
#include "cli/io/message.h"

#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

#define ALARM_MOST    1000000u
#define EXTRA_SECONDS 10 /* the process that waits is given the time to say that the limit is over */

/* An abort leaves no core file in the user's folder. The process must not outlive the one that waits for it, which a
 * signal may end: a driver that hangs never ends by itself. */
static void limit_process(void)
{
  const struct rlimit none = {0, 0};
  setrlimit(RLIMIT_CORE, &none);
  const uint32_t limit = probe_limit();
  alarm((limit < ALARM_MOST ? limit : ALARM_MOST) + EXTRA_SECONDS);
#ifdef __linux__
  prctl(PR_SET_PDEATHSIG, SIGKILL);
#endif
}

/* A step and a prediction of a network, whose programs most users need anyway. Failures do not matter here: the
 * process that waits meets the same ones, and reports them. */
static void train(clfit_device *device, clfit_optimizer optimizer, clfit_activation activation)
{
  static const double x[] = {0.0, 1.0};
  clfit_population *population = NULL;
  clfit_data *data = NULL;
  clfit_state state = {0};
  const clfit_state *states = &state;
  clfit_network network;
  uint32_t index, slot;
  float z;
  clfit_network_default(&network);
  network.samples = 2;
  network.epochs = 1;
  network.optimizer = optimizer;
  network.activation = activation;
  clfit_status status = clfit_data_create(2, x, x, &data, NULL);
  if (!status) status = clfit_state_init_over(&state, &network, x[0], x[1], NULL);
  if (!status) status = clfit_population_create(device, NULL, &population, NULL);
  if (!status) status = clfit_population_add_data(population, data, &index, NULL);
  if (!status) status = clfit_population_take(population, 1, &states, &index, &slot, NULL);
  if (!status) status = clfit_population_advance(population, 1, NULL, NULL);
  if (!status) clfit_population_evaluate(population, 1, &slot, 1, x, &z, NULL);
  clfit_population_free(population);
  clfit_data_free(data);
  clfit_state_clear(&state);
}

/* Those that the commands use by default (clfit_network_default, clfit_search_options_default). */
static void run(clfit_device *device, enum probe_kind kind)
{
  switch (kind) {
  case PROBE_DEFAULT: train(device, CLFIT_SGD, CLFIT_SIGMOID); break;
  case PROBE_LEAST_SQUARES: train(device, CLFIT_LM, CLFIT_TANH); break;
  case PROBE_ALL_AND_LEAST_SQUARES: train(device, CLFIT_LM, CLFIT_TANH); /* fall through */
  default: clfit_device_check(device, NULL);
  }
}

int probe_run(int count, const char **arguments)
{
  clfit_device *device = NULL;
  int kind = 0;
  while (count == 2 && kind < PROBE_COUNT && strcmp(arguments[1], probe_kind_name((enum probe_kind)kind)) != 0) kind++;
  if (count != 2 || kind == PROBE_COUNT) {
    note(PROBE_COMMAND " needs a device's id and what to try; clfit uses it itself");
    return EXIT_USAGE;
  }
  limit_process();
  driver_end_expected();
  fputs(PROBE_MARK, stderr);
  if (clfit_device_open(arguments[0], &device, NULL) == CLFIT_OK) run(device, (enum probe_kind)kind);
  clfit_device_close(device);
  _exit(EXIT_SURVIVED);
}
