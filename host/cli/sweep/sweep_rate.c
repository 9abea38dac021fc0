/* The rate of a sweep without --rate: one for all of its networks. */
#include "cli/sweep/sweep_command.h"

#include "cli/io/message.h"
#include "cli/options/context.h"

#include <math.h>

#define NETWORKS_MOST 64u        /* whose stability limit is looked at, evenly among all */
#define WORK_MOST     (1u << 20) /* neurons times samples of each that are looked at */

/* The stability limit of a network; leaves *limit if it is not lower. */
static clfit_status lower_limit(const struct sweep_command *command, uint64_t id, double *limit, clfit_error *error)
{
  clfit_network network = command->sweep.base;
  clfit_state state;
  double low, high;
  axes_configuration(&command->axes, id, &network);
  if (network.samples > WORK_MOST / network.hidden) network.samples = WORK_MOST / network.hidden;
  clfit_data_range(command->data, &low, &high);
  clfit_status status = clfit_state_init_over(&state, &network, low, high, error);
  if (status) return status;
  *limit = fmin(*limit, clfit_state_stable_rate(&state, command->data));
  clfit_state_clear(&state);
  return CLFIT_OK;
}

/* The largest momentum of any network, which need not be one of those whose limit is looked at; 0: none has one. */
static double largest_momentum(const struct sweep_command *command)
{
  const struct axis *optimizers = axes_find(&command->axes, "optimizer");
  const struct axis *momenta = axes_find(&command->axes, "momentum");
  clfit_network network = command->sweep.base;
  double largest = 0;
  bool used = false;
  for (uint64_t i = 0; optimizers && momenta && i < optimizers->count; i++) {
    clfit_field_set(optimizers->field, axis_value(optimizers, i), &network);
    used = used || clfit_field_applies(momenta->field, &network, true);
  }
  for (uint64_t i = 0; used && i < momenta->count; i++) largest = fmax(largest, axis_value(momenta, i));
  return largest;
}

static void tell(const struct sweep_command *command, const char *rate, double limit, double momentum)
{
  char factor[80] = "", number[CLFIT_NUMBER_SIZE];
  if (command->options.quiet) return;
  clfit_number_print(number, momentum);
  if (momentum > 0) snprintf(factor, sizeof factor, " times 1 - %s, the largest momentum", number);
  note("rate %s: half of the lowest stability limit %.6g of initial weights%s; --rate R takes others", rate, limit,
       factor);
}

clfit_status sweep_rate(const struct sweep_command *command, char rate[CLFIT_NUMBER_SIZE], clfit_error *error)
{
  const struct options *options = &command->options;
  double limit = INFINITY;
  uint64_t count = command->axes.count, some = count < NETWORKS_MOST ? count : NETWORKS_MOST;
  clfit_status status = CLFIT_OK;
  *rate = '\0';
  if (context_shares_rate(options) && !options->quiet)
    note("rate %s for all of the optimizers, some of which have another default alone (--help); --rate takes others",
         clfit_field_find("rate")->initial);
  if (!context_chooses_rate(options)) return CLFIT_OK;
  for (uint64_t i = 0; i < some && !status; i++) status = lower_limit(command, i * (count / some), &limit, error);
  if (status) return status;
  const double momentum = largest_momentum(command);
  if (context_rate(limit, momentum, rate)) tell(command, rate, limit, momentum);
  return CLFIT_OK;
}
