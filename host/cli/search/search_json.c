/* The output of search as JSON: the keys of train, and bound, met, starts, tradeoff, alternatives. */
#include "cli/search/search_command.h"

#include "cli/io/training_json.h"

#include <math.h>
#include <stdio.h>

static const char *status_name(const clfit_search_result *result)
{
  if (result->end == CLFIT_SEARCH_INTERRUPTED) return "interrupted";
  return result->state.progress.status == CLFIT_TRAINING_STOPPED ? "stopped" : "done";
}

static void write_network(struct json_writer *writer, const struct search_command *command)
{
  const clfit_state *state = &command->result.state;
  const clfit_figures none = {NAN, NAN, NAN, NAN, NAN}; /* no samples are held out */
  const char *mapping =
      clfit_device_choose_mapping(command->device, command->options.mapping, &state->network, command->result.starts);
  training_json_configuration(writer, command->device, mapping, "strict", &state->network, command->samples.drawn);
  json_write_text(writer, "scale", clfit_scale_name(command->source.scale));
  training_json_outcome(writer, state, status_name(&command->result), command->seconds, NAN);
  training_json_figures(writer, state, command->samples.data, &command->test, &command->result.figures, &none);
  training_json_digest(writer, state, command->samples.data);
}

static void write_bound(struct json_writer *writer, const struct search_command *command)
{
  const struct options *options = &command->options;
  const clfit_search_result *result = &command->result;
  const double bound = options->max_error > 0 ? options->max_error : options->max_rmse > 0 ? options->max_rmse : NAN;
  json_write_number(writer, "bound", bound);
  json_write_text(writer, "bound_of", options->max_error > 0 ? "max_error" : options->max_rmse > 0 ? "rmse" : NULL);
  json_write_bool(writer, "met", result->met && search_has_network(command));
  json_write_text(writer, "end", clfit_search_end_name(result->end));
  json_write_count(writer, "starts", result->starts);
  json_write_number(writer, "search_seconds", command->seconds);
}

static void write_trade_off(struct json_writer *writer, const clfit_search_result *result)
{
  json_open_list(writer, "tradeoff");
  for (size_t i = 0; i < result->row_count; i++) {
    const clfit_search_row *row = &result->rows[i];
    json_open_object(writer, NULL);
    json_write_count(writer, "hidden", row->hidden);
    json_write_count(writer, "bytes", row->bytes);
    json_write_number(writer, "rmse", row->rmse);
    json_write_number(writer, "max_error", row->max_error);
    json_write_number(writer, "cv_rmse", row->cv_rmse);
    json_write_count(writer, "starts", row->starts);
    json_write_count(writer, "near_best", row->near_best);
    json_write_bool(writer, "met", row->met);
    json_close_object(writer);
  }
  json_close_list(writer);
}

static void write_monotone(struct json_writer *writer, clfit_monotone monotone)
{
  if (monotone == CLFIT_MONOTONE_NOT_ASKED)
    json_write_null(writer, "monotone");
  else
    json_write_bool(writer, "monotone", monotone == CLFIT_MONOTONE_YES);
}

static void write_alternative(struct json_writer *writer, const clfit_alternative *row)
{
  json_open_object(writer, NULL);
  json_write_text(writer, "kind", row->kind);
  json_write_text(writer, "description", row->description);
  json_write_count(writer, "parameters", row->parameters);
  json_write_count(writer, "bytes", row->bytes);
  json_write_number(writer, "rmse", row->rmse);
  json_write_number(writer, "max_error", row->max_error);
  json_write_count(writer, "multiply_adds", row->operations.multiply_adds);
  json_write_count(writer, "divisions", row->operations.divisions);
  json_write_count(writer, "exps", row->operations.exps);
  json_write_count(writer, "compares", row->operations.compares);
  write_monotone(writer, row->monotone);
  json_write_number(writer, "departure", row->departure);
  json_write_bool(writer, "met", row->met);
  json_close_object(writer);
}

void search_report_json(const struct search_command *command)
{
  struct json_writer writer = {.stream = stdout};
  json_open_object(&writer, NULL);
  if (search_has_network(command)) write_network(&writer, command);
  write_bound(&writer, command);
  write_trade_off(&writer, &command->result);
  json_open_list(&writer, "alternatives");
  if (command->alternative_count > 0) write_alternative(&writer, &command->network);
  for (size_t i = 0; i < command->alternative_count; i++) write_alternative(&writer, &command->alternatives[i]);
  json_close_list(&writer);
  json_write_text(&writer, "better", command->verdict ? command->verdict->kind : NULL);
  json_close_object(&writer);
  printf("\n");
}
