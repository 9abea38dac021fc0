/*
 * Measures the device's ceiling, then the training speed of every mapping at each number of hidden neurons, with one
 * network and with many. The ceiling is measured before and after, and the higher value is used: a disturbance by other
 * processes must not make the fraction of the ceiling look better.
 */
#include "cli/bench/bench.h"

#include "cli/device/device_check.h"
#include "cli/device/open_device.h"
#include "cli/io/message.h"
#include "cli/io/progress.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Numbers of networks for measurements with many of them: on a CPU two full packs of 16 lanes for each core; on a GPU,
 * where a network is one thread or a team of 32, enough for several of them on every compute unit. Their parameters may
 * take at most 1/MEMORY_PART of the device's memory. */
#define CPU_NETWORKS      64
#define CPU_UNIT_NETWORKS 32
#define GPU_UNIT_NETWORKS 512
#define MEMORY_PART       8

/* A measurement consists of several launches, about so many: so short that some are not interrupted by other
 * processes, and long enough that reading progress back takes at most a few percent of one (10 us for few networks,
 * 3 ms for the many of a GPU). */
#define CPU_LAUNCHES       20
#define CPU_LAUNCH_SECONDS 0.002
#define GPU_LAUNCHES       2
#define GPU_LAUNCH_SECONDS 0.1

static const uint32_t default_hidden[] = {1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024};
#define DEFAULT_HIDDEN_COUNT (sizeof default_hidden / sizeof *default_hidden)

/* A batch of 32 has the operations of plain gradient descent but for the update, and its ceiling. */
const struct bench_training bench_trainings[BENCH_TRAININGS] = {
    {"plain", CLFIT_SGD, 1, true}, {"adam", CLFIT_ADAM, 1, false}, {"batch32", CLFIT_SGD, 32, false}};

static const uint32_t few_hidden[] = {8, 128};

static size_t hidden_count(const struct options *options)
{
  return options->hidden.count ? options->hidden.count : DEFAULT_HIDDEN_COUNT;
}

static clfit_status read_hidden(const struct options *options, size_t i, uint32_t *hidden, clfit_error *error)
{
  clfit_network network;
  clfit_network_default(&network);
  network.hidden = default_hidden[i % DEFAULT_HIDDEN_COUNT];
  clfit_status status = CLFIT_OK;
  if (options->hidden.count)
    status = clfit_field_read(clfit_field_find("hidden"), options->hidden.items[i], "--hidden", &network, error);
  *hidden = network.hidden;
  return status;
}

static bool is_gpu(const clfit_device_info *info)
{
  return strcmp(info->type, "gpu") == 0;
}

static uint32_t many_networks(const clfit_device_info *info, uint32_t hidden)
{
  clfit_network network;
  clfit_network_default(&network);
  network.hidden = hidden;
  const uint64_t room = info->memory_bytes / MEMORY_PART / (clfit_record_count(&network) * sizeof(float));
  uint64_t count = (uint64_t)info->compute_units * (is_gpu(info) ? GPU_UNIT_NETWORKS : CPU_UNIT_NETWORKS);
  if (count < CPU_NETWORKS) count = CPU_NETWORKS;
  if (count > room) count = room;
  return count > 2 ? (uint32_t)count : 2;
}

/* ---- what to measure ------------------------------------------------------------------------------------------- */

static bool is_wanted_mode(const struct options *options, uint32_t mode)
{
  return !option_given(options, OPTION_MODE) || options->mode == mode;
}

/* Measures one network and many in one mapping and mode; nothing if the mapping cannot hold networks of that size. */
static void add_row(struct bench *bench, uint32_t hidden, size_t training, const char *mapping, uint32_t mode)
{
  const clfit_device *device = bench->setup.device;
  const uint32_t counts[] = {1, many_networks(clfit_device_describe(device), hidden)};
  const clfit_network network = bench_network(&bench->setup, hidden, training);
  if (strcmp(clfit_device_choose_mapping(device, mapping, &network, 1), mapping) != 0) return;
  for (int i = 0; i < 2; i++)
    bench->cells[bench->cell_count++] = (struct bench_cell){
        .hidden = hidden,
        .networks = counts[i],
        .training = training,
        .mapping = mapping,
        .mode = (clfit_mode)mode,
        .chosen = strcmp(clfit_device_choose_mapping(device, NULL, &network, counts[i]), mapping) == 0};
}

/* Training other than plain is measured in strict mode, and at few sizes. */
static bool is_wanted_training(const struct options *options, uint32_t hidden, size_t training, uint32_t mode)
{
  if (bench_trainings[training].all_sizes) return true;
  bool size = options->hidden.count > 0;
  for (size_t i = 0; i < sizeof few_hidden / sizeof *few_hidden; i++) size = size || few_hidden[i] == hidden;
  return size && mode == CLFIT_STRICT;
}

static bool is_wanted_mapping(const struct options *options, const char *mapping)
{
  return !options->mapping || strcmp(options->mapping, mapping) == 0;
}

static void add_rows(struct bench *bench, uint32_t hidden, size_t training)
{
  const struct options *options = bench->options;
  const char *const *mappings = clfit_device_mappings(bench->setup.device);
  for (; *mappings; mappings++)
    for (uint32_t mode = 0; mode < bench->mode_count; mode++)
      if (is_wanted_mapping(options, *mappings) && is_wanted_mode(options, mode) &&
          is_wanted_training(options, hidden, training, mode))
        add_row(bench, hidden, training, *mappings, mode);
}

static clfit_status plan(struct bench *bench, clfit_error *error)
{
  const struct options *options = bench->options;
  const char *const *mappings = clfit_device_mappings(bench->setup.device);
  size_t mapping_count = 0;
  while (mappings[mapping_count]) mapping_count++;
  const size_t most = BENCH_TRAININGS * hidden_count(options) * mapping_count * bench->mode_count * 2;
  if (most > 0) bench->cells = calloc(most, sizeof *bench->cells);
  if (!bench->cells) return clfit_fail_memory(error);
  for (size_t training = 0; training < BENCH_TRAININGS; training++)
    for (size_t i = 0; i < hidden_count(options); i++) {
      uint32_t hidden;
      clfit_status status = read_hidden(options, i, &hidden, error);
      if (status) return status;
      add_rows(bench, hidden, training);
    }
  return bench->cell_count ? CLFIT_OK : refuse(error, "mapping %s cannot hold networks that large", options->mapping);
}

static clfit_status check(const struct options *options, clfit_error *error)
{
  uint32_t hidden;
  clfit_status status = check_single_device(options, error);
  for (size_t i = 0; i < hidden_count(options) && !status; i++) status = read_hidden(options, i, &hidden, error);
  return status;
}

static clfit_status prepare(struct bench *bench, clfit_error *error)
{
  const struct options *options = bench->options;
  struct bench_setup *setup = &bench->setup;
  clfit_target *target = NULL;
  while (option_choices(OPTION_MODE)[bench->mode_count]) bench->mode_count++;
  setup->activation = options->network.activation;
  setup->seconds = options->seconds;
  bench->ceilings = calloc(bench->mode_count, BENCH_TRAININGS * sizeof *bench->ceilings);
  if (!bench->ceilings) return clfit_fail_memory(error);
  const struct device_choice choice = device_choice_of(options, PROBE_ALL);
  clfit_status status = device_open(&choice, &setup->device, error);
  if (!status && strcmp(clfit_device_describe(setup->device)->type, "reference") == 0)
    status = refuse(error, "clfit bench measures OpenCL devices, not the reference");
  if (!status) status = check_mapping(setup->device, options->mapping, error);
  if (status) return status;
  setup->launch_seconds = is_gpu(clfit_device_describe(setup->device))
                              ? fmin(setup->seconds / GPU_LAUNCHES, GPU_LAUNCH_SECONDS)
                              : fmin(setup->seconds / CPU_LAUNCHES, CPU_LAUNCH_SECONDS);
  status = plan(bench, error);
  if (!status) status = clfit_device_open("reference", &setup->reference, error);
  if (!status) status = clfit_target_parse(CLFIT_TARGET_DEFAULT, &target, error);
  if (!status) status = clfit_data_sample(target, 0, 1, BENCH_SAMPLES, 0, &setup->data, error);
  clfit_target_free(target);
  return status;
}

/* ---- measuring ------------------------------------------------------------------------------------------------- */

static void show(struct progress_line *line, const char *what)
{
  if (progress_is_due(line)) progress_show(line, what);
}

static bool is_measured(const struct bench *bench, uint32_t mode, size_t training)
{
  for (size_t i = 0; i < bench->cell_count; i++)
    if (bench->cells[i].mode == (clfit_mode)mode && bench->cells[i].training == training) return true;
  return false;
}

clfit_ceiling *bench_ceiling(const struct bench *bench, uint32_t mode, size_t training)
{
  return &bench->ceilings[mode * BENCH_TRAININGS + training];
}

static clfit_status measure_ceiling(struct bench *bench, uint32_t mode, size_t training, clfit_error *error)
{
  clfit_ceiling *highest = bench_ceiling(bench, mode, training), ceiling;
  clfit_status status = clfit_device_ceiling(bench->setup.device, (clfit_mode)mode, bench->setup.activation,
                                             bench_trainings[training].optimizer, &ceiling, error);
  if (status) return status;
  highest->fma_per_second = fmax(highest->fma_per_second, ceiling.fma_per_second);
  highest->updates_per_second = fmax(highest->updates_per_second, ceiling.updates_per_second);
  return CLFIT_OK;
}

/* The first training that is measured in the mode and has the optimizer of this one, which is measured, too: they have
 * the same ceiling. */
static size_t find_same_ceiling(const struct bench *bench, uint32_t mode, size_t training)
{
  size_t same = 0;
  while (bench_trainings[same].optimizer != bench_trainings[training].optimizer || !is_measured(bench, mode, same))
    same++;
  return same;
}

/* Raises the ceilings to what the device reaches now. */
static clfit_status measure_ceilings(struct bench *bench, struct progress_line *line, clfit_error *error)
{
  clfit_status status = CLFIT_OK;
  for (uint32_t mode = 0; mode < bench->mode_count; mode++)
    for (size_t training = 0; training < BENCH_TRAININGS && !status; training++) {
      if (!is_measured(bench, mode, training)) continue;
      show(line, "measuring the device's ceiling");
      const size_t same = find_same_ceiling(bench, mode, training);
      if (same == training)
        status = measure_ceiling(bench, mode, training, error);
      else
        *bench_ceiling(bench, mode, training) = *bench_ceiling(bench, mode, same);
    }
  return status;
}

static void show_cell(struct progress_line *line, const struct bench *bench, size_t i)
{
  char text[160];
  const struct bench_cell *cell = &bench->cells[i];
  snprintf(text, sizeof text, "measuring %zu of %zu: %u x %u neurons, %s, %s, %s", i + 1, bench->cell_count,
           cell->networks, cell->hidden, bench_trainings[cell->training].name, cell->mapping,
           option_choices(OPTION_MODE)[cell->mode]);
  show(line, text);
}

static clfit_status measure(struct bench *bench, bool *all_match, clfit_error *error)
{
  struct progress_line line;
  progress_begin(&line, bench->options->quiet, 0);
  clfit_status status = measure_ceilings(bench, &line, error);
  for (size_t i = 0; i < bench->cell_count && !status; i++) {
    struct bench_cell *cell = &bench->cells[i];
    show_cell(&line, bench, i);
    status = bench_measure(&bench->setup, cell, error);
    if (status || !cell->refusal[0]) continue;
    *all_match = false;
    progress_end(&line);
    note("%u hidden neurons, %s, %s, %s, not timed: %s", cell->hidden, bench_trainings[cell->training].name,
         cell->mapping, option_choices(OPTION_MODE)[cell->mode], cell->refusal);
  }
  if (!status) status = measure_ceilings(bench, &line, error);
  progress_end(&line);
  return status;
}

clfit_status bench_run(const struct options *options, int *exit_code, clfit_error *error)
{
  struct bench bench = {.options = options};
  bool all_match = true;
  clfit_status status = check(options, error);
  if (!status) status = prepare(&bench, error);
  if (!status) status = measure(&bench, &all_match, error);
  if (status) goto out;
  if (options->json)
    bench_report_json(&bench, all_match);
  else
    bench_report_text(&bench);
  *exit_code = all_match ? EXIT_DONE : EXIT_UNMET;
out:
  clfit_data_free(bench.setup.data);
  clfit_device_close(bench.setup.reference);
  clfit_device_close(bench.setup.device);
  free(bench.ceilings);
  free(bench.cells);
  return status;
}
