/* Refuses, before a study is made, combinations of points that no network could be trained with. */
#include "cli/sweep/sweep_command.h"

#include "cli/io/message.h"

#include <string.h>

bool sweep_holds_out(const struct sweep_command *command, bool all)
{
  const struct axis *axis = axes_find(&command->axes, "holdout");
  uint64_t count = 0;
  if (!axis) return command->options.validation || command->sweep.base.holdout > 0;
  for (uint64_t i = 0; i < axis->count; i++) count += axis_value(axis, i) > 0;
  return all ? count == axis->count : count > 0;
}

/* ---- without looking at samples ------------------------------------------------------------------------------- */

/* What least squares cannot train would otherwise be refused only when a network is taken, and a study be left. */
static clfit_status check_least_squares(const struct sweep_command *command, clfit_error *error)
{
  const struct axes *axes = &command->axes;
  const struct axis *axis = axes_find(axes, "optimizer");
  clfit_network largest = command->sweep.base;
  clfit_status status = CLFIT_OK;
  largest.hidden = axes_largest(axes, "hidden", largest.hidden);
  for (uint64_t i = 0; i < (axis ? axis->count : 1) && !status; i++) {
    if (axis) clfit_field_set(axis->field, axis_value(axis, i), &largest);
    status = clfit_network_check(&largest, error);
    if (!status && largest.optimizer == CLFIT_LM && command->options.mode != CLFIT_STRICT)
      status = refuse(error, "the optimizer lm trains in strict mode only: leave --mode fast out");
  }
  return status;
}

/* The cosine ends with the epochs of a training. Each rung is one of its own until its networks go on, so that what it
 * gives would not be a part of the whole training. */
static clfit_status check_halving(const struct sweep_command *command, clfit_error *error)
{
  const struct axis *axis = axes_find(&command->axes, "schedule");
  clfit_network network = command->sweep.base;
  char text[CLFIT_FIELD_TEXT_SIZE];
  for (uint64_t i = 0; command->options.halving && axis && i < axis->count; i++) {
    clfit_field_set(axis->field, axis_value(axis, i), &network);
    clfit_field_print(axis->field, &network, text);
    if (strcmp(text, "cosine") == 0)
      return refuse(error, "--halving does not go with --schedule cosine: the rate would fall to 0 in every rung");
  }
  return CLFIT_OK;
}

clfit_status sweep_check_axes(const struct sweep_command *command, clfit_error *error)
{
  clfit_status status = check_least_squares(command, error);
  return status ? status : check_halving(command, error);
}

/* ---- with the samples of a file ------------------------------------------------------------------------------- */

/* A population would refuse weights when a network is taken, but then there is a study already. */
clfit_status sweep_check_weights(const struct sweep_command *command, clfit_error *error)
{
  const struct axis *axis = axes_find(&command->axes, "optimizer");
  clfit_network network = command->sweep.base;
  clfit_status status = CLFIT_OK;
  if (!clfit_data_weights(command->data)) return CLFIT_OK;
  if (!axis) return clfit_network_check_weights(&network, error);
  for (uint64_t i = 0; i < axis->count && !status; i++) {
    clfit_field_set(axis->field, axis_value(axis, i), &network);
    status = clfit_network_check_weights(&network, error);
  }
  return status;
}

/* Of one sample none can be held out; a worker would find that only when it trains such a network. */
static clfit_status check_holdout(const struct sweep_command *command, clfit_error *error)
{
  const struct axis *samples = axes_find(&command->axes, "samples");
  if (!sweep_holds_out(command, false)) return CLFIT_OK;
  bool one = !samples && command->sweep.base.samples < 2;
  for (uint64_t i = 0; samples && i < samples->count && !one; i++) one = axis_value(samples, i) < 2;
  return one ? refuse(error, "--holdout needs at least 2 samples: one is held out, one is trained on") : CLFIT_OK;
}

/* Whether some network has a value above 0 of a field; whether some network looks at what is held out. */
static bool has_above(const struct axes *axes, const char *name)
{
  const struct axis *axis = axes_find(axes, name);
  for (uint64_t i = 0; axis && i < axis->count; i++)
    if (axis_value(axis, i) > 0) return true;
  return false;
}

static bool has_held(const struct axes *axes, const char *name)
{
  const struct axis *axis = axes_find(axes, name);
  for (uint64_t i = 0; axis && i < axis->count; i++)
    if (axis_value(axis, i) == CLFIT_FIGURE_OF_HELD) return true;
  return false;
}

clfit_status sweep_check_held_out(const struct sweep_command *command, clfit_error *error)
{
  const struct axes *axes = &command->axes;
  clfit_status status = check_holdout(command, error);
  if (status || sweep_holds_out(command, true)) return status;
  if (has_above(axes, "stop_loss") && has_held(axes, "stop_on"))
    return samples_refuse_held(&command->options, "stop_on", error);
  if (has_above(axes, "patience") && has_held(axes, "patience_on"))
    return samples_refuse_held(&command->options, "patience_on", error);
  return CLFIT_OK;
}
