#include "study/run/estimate.h"

#include "study/base/fail.h"
#include "study/run/checkpoint.h"
#include "study/run/datasets.h"
#include "study/store/keep.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define PROBES        1024u /* networks */
#define PROBE_SECONDS 0.5
#define PROBE_BYTES   (64u << 20) /* of their records */

/* Of a study of 100,000 networks: 200 bytes a row without its history; an empty one has 32 KiB. */
#define ROW_BYTES   200.0
#define STUDY_BYTES 32768.0
#define KEPT_BYTES  12.0 /* a network whose parameters are kept, beside them */

struct probe {
  const struct sweep *sweep;
  struct datasets datasets;
  clfit_population *population;
  clfit_state *states; /* [n] */
  const clfit_state **pointers;
  uint32_t *data, *slots;
  size_t n;
};

static clfit_status make_probe(struct probe *probe, clfit_device *device, size_t n, clfit_error *error)
{
  clfit_population_options options;
  clfit_population_options_default(&options);
  options.mapping = probe->sweep->mapping;
  options.mode = probe->sweep->mode;
  options.milestones = true;
  probe->states = calloc(n, sizeof *probe->states);
  probe->pointers = calloc(n, sizeof *probe->pointers);
  probe->data = calloc(n, sizeof *probe->data);
  probe->slots = calloc(n, sizeof *probe->slots);
  if (!probe->states || !probe->pointers || !probe->data || !probe->slots) return clfit_fail_memory(error);
  return clfit_population_create(device, &options, &probe->population, error);
}

static void clear_probe(struct probe *probe)
{
  clfit_population_free(probe->population);
  datasets_clear(&probe->datasets);
  for (size_t i = 0; probe->states && i < probe->n; i++) clfit_state_clear(&probe->states[i]);
  free(probe->states);
  free(probe->pointers);
  free(probe->data);
  free(probe->slots);
}

/* Prepares as many networks as the limits of the data sets and of the parameters' bytes allow. */
static clfit_status fill_probe(struct probe *probe, size_t n, clfit_error *error)
{
  const struct schedule *schedule = probe->sweep->schedule;
  bool found = true;
  size_t bytes = 0;
  clfit_status status = CLFIT_OK;
  for (size_t i = 0; i < n && !status && found && bytes < PROBE_BYTES; i++) {
    clfit_network configuration;
    schedule->kind->sample(schedule, i, n, &configuration);
    double low, high;
    status = datasets_find(&probe->datasets, probe->population, &configuration, &probe->data[i], &found, error);
    if (!status && found) status = datasets_range(&probe->datasets, &configuration, &low, &high, error);
    if (!status && found) status = clfit_state_init_over(&probe->states[i], &configuration, low, high, error);
    if (status || !found) break;
    probe->pointers[i] = &probe->states[i];
    probe->n = i + 1;
    bytes += clfit_network_bytes(&configuration);
  }
  return status;
}

static double work_done(const struct probe *probe)
{
  double work = 0;
  for (size_t i = 0; i < probe->n; i++) {
    const clfit_network *network = &probe->states[i].network;
    const clfit_progress *at = clfit_population_progress(probe->population, probe->slots[i]);
    work += (double)clfit_progress_steps(at, clfit_network_trained(network)) * clfit_network_work(network);
  }
  return work;
}

/* *rate: work (clfit_network_work times steps) a second. */
static clfit_status measure(const struct sweep *sweep, clfit_device *device, double *rate, clfit_error *error)
{
  struct probe probe = {.sweep = sweep};
  const struct schedule *schedule = sweep->schedule;
  size_t n = schedule->total < PROBES ? (size_t)schedule->total : PROBES, running = 1;
  clfit_status status = datasets_init(&probe.datasets, sweep, schedule->largest.samples, error);
  if (!status) status = make_probe(&probe, device, n, error);
  if (!status) status = fill_probe(&probe, n, error);
  if (!status)
    status = clfit_population_take(probe.population, probe.n, probe.pointers, probe.data, probe.slots, error);
  double start = clfit_clock();
  while (!status && running > 0 && clfit_clock() - start < PROBE_SECONDS)
    status = clfit_population_advance(probe.population, 0, &running, error);
  if (!status) *rate = work_done(&probe) / (clfit_clock() - start);
  clear_probe(&probe);
  return status;
}

static double bytes_of(const struct sweep *sweep)
{
  uint32_t epochs[STORE_HISTORY_MAX];
  const struct schedule *schedule = sweep->schedule;
  double total = (double)schedule->total;
  double history = 8.0 * store_history_epochs(schedule->largest.epochs, epochs);
  double parameters = (double)(sizeof(float) * clfit_parameter_count(schedule->largest.hidden)) + KEPT_BYTES;
  double kept = sweep->keep == KEEP_ALL ? total : fmin(sweep->keep, total);
  return STUDY_BYTES + total * (ROW_BYTES + history) + kept * parameters;
}

clfit_status estimate_sweep(const struct sweep *sweep, struct estimate *estimate, clfit_error *error)
{
  double rate = 0;
  clfit_status status = CLFIT_OK;
  for (size_t i = 0; i < sweep->device_count && !status; i++) {
    double one = 0;
    status = measure(sweep, sweep->devices[i], &one, error);
    rate += one;
  }
  estimate->work = sweep->schedule->work;
  estimate->seconds = estimate->work / rate;
  estimate->bytes = bytes_of(sweep);
  return status;
}
