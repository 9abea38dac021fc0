/* What else could stand for the curve: tables, splines, polynomials, rational functions. */
#include "cli/search/search_command.h"

#include <math.h>

clfit_status search_compare(struct search_command *command, clfit_error *error)
{
  const clfit_data *data = command->samples.data;
  const clfit_state *state = &command->result.state;
  const size_t n = clfit_data_count(data);
  const double *x = clfit_data_x(data), *y = clfit_data_y(data), *weights = clfit_data_weights(data);
  clfit_alternatives_options options;
  clfit_alternatives_options_default(&options);
  options.max_error = command->options.max_error;
  options.max_rmse = command->options.max_rmse;
  if (!(options.max_error > 0) && !(options.max_rmse > 0))
    options.bytes = sizeof(float) * clfit_parameter_count(state->network.hidden);
  clfit_status status =
      clfit_alternatives_network(n, x, y, weights, &options, state->network.hidden, state->network.activation,
                                 search_curve, command, &command->network, error);
  if (status) return status;
  status =
      clfit_alternatives_fit(n, x, y, weights, &options, &command->alternatives, &command->alternative_count, error);
  if (status == CLFIT_ERROR_UNSUPPORTED) return CLFIT_OK; /* a build without GSL */
  if (status) return status;
  command->verdict = clfit_alternatives_verdict(&options, &command->network, command->alternatives,
                                                command->alternative_count, command->verdict_text);
  return CLFIT_OK;
}
