#include "cli/bench/bench.h"
#include "cli/io/json.h"

#include <math.h>
#include <stdio.h>

static const char *mode_name(uint32_t mode)
{
  return option_choices(OPTION_MODE)[mode];
}

/* Of the mode's ceiling, that a cell reaches; NAN if it is not timed. */
static double fraction_of(const struct bench *bench, const struct bench_cell *cell)
{
  return cell->steps_per_second * cell->hidden / bench_ceiling(bench, cell->mode, cell->training)->updates_per_second;
}

/* A measured number with its unit's factor, or what stands in its place. */
static void print_number(int width, int digits, double value)
{
  if (isfinite(value))
    printf(" %*.*f", width, digits, value);
  else
    printf(" %*s", width, "refused");
}

static void print_rate(const struct bench *bench, const struct bench_cell *cell)
{
  print_number(10, 1, 1e-6 * cell->steps_per_second * cell->hidden);
  print_number(8, 3, fraction_of(bench, cell));
  printf("%c", cell->chosen ? '*' : ' ');
}

static void print_row(const struct bench *bench, const struct bench_cell *one, const struct bench_cell *many)
{
  printf("%6u %-8s %-7s %-6s", one->hidden, bench_trainings[one->training].name, one->mapping, mode_name(one->mode));
  print_number(10, 1, 1e9 / one->steps_per_second);
  print_rate(bench, one);
  printf("  %8u", many->networks);
  print_rate(bench, many);
  printf("\n");
}

static void print_ceiling(const struct bench *bench, uint32_t mode, size_t training)
{
  const clfit_ceiling *ceiling = bench_ceiling(bench, mode, training);
  if (!(ceiling->updates_per_second > 0)) return;
  printf("ceiling   %s, %s: %.1f G fma/s; %.1f M neuron updates/s of the operations that %s training is made of\n",
         mode_name(mode), bench_trainings[training].name, 1e-9 * ceiling->fma_per_second,
         1e-6 * ceiling->updates_per_second, clfit_activation_name(bench->setup.activation));
}

void bench_report_text(const struct bench *bench)
{
  const clfit_device_info *info = clfit_device_describe(bench->setup.device);
  printf("device    %s %s (%s)\n", info->id, info->name, info->version);
  for (uint32_t mode = 0; mode < bench->mode_count; mode++)
    for (size_t training = 0; training < BENCH_TRAININGS; training++) print_ceiling(bench, mode, training);
  printf("\n%-30s %10s %10s %9s   %8s %10s %9s\n", "", "one:", "million", "of the", "many:", "million", "of the");
  printf("%6s %-8s %-7s %-6s %10s %10s %9s   %8s %10s %9s\n", "hidden", "training", "mapping", "mode", "ns a step",
         "updates/s", "ceiling ", "networks", "updates/s", "ceiling ");
  for (size_t i = 0; i + 1 < bench->cell_count; i += 2) print_row(bench, &bench->cells[i], &bench->cells[i + 1]);
  printf("* the mapping that they get unless another is asked for\n");
}

static void write_ceiling(struct json_writer *writer, const struct bench *bench, uint32_t mode, size_t training)
{
  const clfit_ceiling *ceiling = bench_ceiling(bench, mode, training);
  if (!(ceiling->updates_per_second > 0)) return;
  json_open_object(writer, NULL);
  json_write_text(writer, "mode", mode_name(mode));
  json_write_text(writer, "training", bench_trainings[training].name);
  json_write_number(writer, "fma_per_second", ceiling->fma_per_second);
  json_write_number(writer, "updates_per_second", ceiling->updates_per_second);
  json_close_object(writer);
}

static void write_cell(struct json_writer *writer, const struct bench *bench, const struct bench_cell *cell)
{
  json_open_object(writer, NULL);
  json_write_count(writer, "hidden", cell->hidden);
  json_write_text(writer, "training", bench_trainings[cell->training].name);
  json_write_text(writer, "mapping", cell->mapping);
  json_write_text(writer, "mode", mode_name(cell->mode));
  json_write_count(writer, "networks", cell->networks);
  json_write_bool(writer, "chosen", cell->chosen);
  json_write_number(writer, "steps_per_second", cell->steps_per_second);
  json_write_number(writer, "updates_per_second", cell->steps_per_second * cell->hidden);
  json_write_number(writer, "fraction", fraction_of(bench, cell));
  json_write_text(writer, "refusal", cell->refusal[0] ? cell->refusal : NULL);
  json_close_object(writer);
}

void bench_report_json(const struct bench *bench, bool passed)
{
  const clfit_device_info *info = clfit_device_describe(bench->setup.device);
  struct json_writer writer = {.stream = stdout};
  json_open_object(&writer, NULL);
  json_write_count(&writer, "arithmetic", CLFIT_ARITHMETIC);
  json_write_text(&writer, "device", info->name);
  json_write_text(&writer, "platform", info->platform);
  json_write_text(&writer, "version", info->version);
  json_write_text(&writer, "type", info->type);
  json_write_count(&writer, "compute_units", info->compute_units);
  json_write_text(&writer, "activation", clfit_activation_name(bench->setup.activation));
  json_open_list(&writer, "ceiling");
  for (uint32_t mode = 0; mode < bench->mode_count; mode++)
    for (size_t training = 0; training < BENCH_TRAININGS; training++) write_ceiling(&writer, bench, mode, training);
  json_close_list(&writer);
  json_open_list(&writer, "rows");
  for (size_t i = 0; i < bench->cell_count; i++) write_cell(&writer, bench, &bench->cells[i]);
  json_close_list(&writer);
  json_write_bool(&writer, "passed", passed);
  json_close_object(&writer);
  printf("\n");
}
