/* clfit bench must time only kernels that match the reference: here one bit of the device's results can be changed. */
#include "cli/bench/bench.h"
#include "cli/commands.h"
#include "cli/io/message.h"
#include "expect.h"

#include <math.h>
#include <stdio.h>

/* The last bit of the last network's last parameter or, if spoil_progress, of its loss. */
static bool spoil, spoil_progress;

/* If not 0: added to that parameter instead. */
static float spoil_by;

clfit_status __real_clfit_population_give(clfit_population *population, size_t n, const uint32_t *slots,
                                          clfit_state *states, clfit_error *failure);
clfit_status __wrap_clfit_population_give(clfit_population *population, size_t n, const uint32_t *slots,
                                          clfit_state *states, clfit_error *failure);

static void flip_last_bit(float *value)
{
  uint32_t pattern;
  memcpy(&pattern, value, sizeof pattern);
  pattern ^= 1;
  memcpy(value, &pattern, sizeof pattern);
}

clfit_status __wrap_clfit_population_give(clfit_population *population, size_t n, const uint32_t *slots,
                                          clfit_state *states, clfit_error *failure)
{
  clfit_status status = __real_clfit_population_give(population, n, slots, states, failure);
  if (status || !spoil || !strcmp(clfit_population_mapping(population), "reference")) return status;
  clfit_state *last = &states[n - 1];
  float *b2 = &last->parameters[3 * last->network.hidden];
  if (spoil_by != 0.0f) {
    *b2 += spoil_by;
    return CLFIT_OK;
  }
  flip_last_bit(spoil_progress ? &last->progress.block_loss : b2);
  return CLFIT_OK;
}

/* Replaces main.c's table of commands; only this entry is used. */
const struct command commands[COMMAND_COUNT] = {[COMMAND_BENCH] = {"bench", NULL, NULL, NULL, bench_run}};

static struct bench_setup setup;

static void open_setup(void)
{
  clfit_target *target;
  EXPECT_OK(clfit_device_open("cpu", &setup.device, &error));
  EXPECT_OK(clfit_device_open("reference", &setup.reference, &error));
  EXPECT_OK(clfit_target_parse(CLFIT_TARGET_DEFAULT, &target, &error));
  EXPECT_OK(clfit_data_sample(target, 0, 1, 1000, 0, &setup.data, &error));
  clfit_target_free(target);
  setup.seconds = 0.002;
}

static void close_setup(void)
{
  clfit_data_free(setup.data);
  clfit_device_close(setup.reference);
  clfit_device_close(setup.device);
}

static struct bench_cell measure(const char *mapping, uint32_t networks)
{
  struct bench_cell cell = {.hidden = 5, .networks = networks, .mapping = mapping};
  EXPECT_OK(bench_measure(&setup, &cell, &error));
  return cell;
}

Test(bench, times_what_matches, .init = open_setup, .fini = close_setup)
{
  const uint32_t counts[] = {1, 2, 20, 100};
  for (const char *const *mapping = clfit_device_mappings(setup.device); *mapping; mapping++)
    for (int i = 0; i < 4; i++) {
      const struct bench_cell cell = measure(*mapping, counts[i]);
      cr_assert(!cell.refusal[0], "%s", cell.refusal);
      cr_assert(isfinite(cell.steps_per_second) && cell.steps_per_second > 0);
    }
}

Test(bench, refuses_one_bit, .init = open_setup, .fini = close_setup)
{
  const uint32_t counts[] = {1, 20};
  spoil = true;
  for (int i = 0; i < 2; i++)
    for (int progress = 0; progress < 2; progress++) {
      spoil_progress = progress;
      const struct bench_cell cell = measure("packed", counts[i]);
      char where[32];
      snprintf(where, sizeof where, "network %u of %u differs", counts[i], counts[i]);
      cr_assert(strstr(cell.refusal, where), "%s", cell.refusal);
      cr_assert(isnan(cell.steps_per_second));
    }
}

/* Fast mode has bits of its own, but not answers. */
Test(bench, fast_answers_must_be_alike, .init = open_setup, .fini = close_setup)
{
  for (int amount = 0; amount < 3; amount++)
    for (int activation = 0; activation < 3; activation++) {
      struct bench_cell cell = {.hidden = 128, .networks = 3, .mapping = "wide", .mode = CLFIT_FAST};
      setup.activation = (clfit_activation)activation;
      spoil = amount > 0;
      spoil_by = amount == 1 ? 0x1p-18f : 0.01f;
      EXPECT_OK(bench_measure(&setup, &cell, &error));
      cr_assert((cell.refusal[0] != 0) == (amount == 2), "activation %d, amount %d: %s", activation, amount,
                cell.refusal);
    }
}

/* The exit code of a command line. */
static int run(int count, const char **arguments)
{
  struct options options;
  int exit_code = EXIT_DONE;
  EXPECT_OK(options_parse(&options, COMMAND_BENCH, count, arguments, &error));
  EXPECT_OK(bench_run(&options, &exit_code, &error));
  options_clear(&options);
  return exit_code;
}

/* That it is 0 where they do, tests/cli/bench.sh sees. */
Test(bench, exit_code_says_if_one_does_not_match)
{
  /* relu: the programs of its ceilings are built by tests/cli/bench.sh, too */
  const char *arguments[] = {"bench",  "--hidden",  "5",     "--mapping",    "wide", "--mode",
                             "strict", "--seconds", "0.002", "--activation", "relu", "--quiet"};
  const int count = sizeof arguments / sizeof *arguments;
  spoil = true;
  cr_assert(run(count, arguments) == EXIT_UNMET);
}
