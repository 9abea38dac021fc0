/* The output of search at its end, for people. */
#include "cli/search/search_command.h"

#include "cli/io/defect.h"
#include "cli/io/message.h"
#include "cli/io/shell.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* A figure in six digits; "-" if there is none. */
static const char *shown(char text[32], double figure)
{
  snprintf(text, 32, "%.6g", figure);
  return isnan(figure) ? "-" : text;
}

static void print_samples(const struct search_command *command)
{
  const clfit_device_info *info = clfit_device_describe(command->device);
  const size_t n = clfit_data_count(command->samples.data);
  printf("device    %s %s\n", info->id, info->name);
  printf("samples   %zu %s %s, scale %s\n", n, command->samples.drawn ? "of" : "rows of",
         command->samples.drawn ? command->source.target : command->source.path,
         clfit_scale_name(command->source.scale));
}

static bool is_validated(const clfit_search_result *result)
{
  return result->row_count > 0 && !isnan(result->rows[0].cv_rmse);
}

static void print_trade_off(const struct search_command *command)
{
  const clfit_search_result *result = &command->result;
  const bool validated = is_validated(result);
  char rmse[32], largest[32], cv[32];
  printf("\n%9s %6s %13s %13s%s %8s %12s\n", "neurons", "bytes", "rmse", "largest error",
         validated ? "       cv rmse" : "", "starts", "within 5 %");
  for (size_t i = 0; i < result->row_count; i++) {
    const clfit_search_row *row = &result->rows[i];
    const bool chosen = row->hidden == result->state.network.hidden;
    printf("%c %7u %6zu %13s %13s", chosen ? '*' : ' ', row->hidden, row->bytes, shown(rmse, row->rmse),
           shown(largest, row->max_error));
    if (validated) printf(" %13s", shown(cv, row->cv_rmse));
    printf(" %8" PRIu64 " %12" PRIu64 "\n", row->starts, row->near_best);
  }
}

static void print_model(const struct search_command *command)
{
  const clfit_search_result *result = &command->result;
  const clfit_network *network = &result->state.network;
  char digest[CLFIT_DIGEST_SIZE];
  printf("\nnetwork   1-%u-1, %s, seed %u, %u iterations, %zu bytes\n", network->hidden,
         clfit_activation_name(network->activation), network->seed, result->state.progress.epoch,
         sizeof(float) * clfit_parameter_count(network->hidden));
  printf("fit       rss %.6g, rmse %.6g, largest error %.6g at the samples\n", result->figures.rss,
         result->figures.rmse, result->figures.max_error);
  if (command->samples.drawn)
    printf("test      mse %.6g, rmse %.6g, largest error %.6g at %d equally spaced points\n", command->test.mse,
           command->test.rmse, command->test.max_error, CLFIT_TEST_POINTS);
  clfit_state_digest(&result->state, digest);
  printf("digest    %s\n", digest);
  clfit_data_digest(command->samples.data, clfit_data_count(command->samples.data), digest);
  printf("data      %s\n", digest);
}

static const char *say_without_bound(const clfit_search_result *result)
{
  if (result->end != CLFIT_SEARCH_FOUND) return "the search ended before cross-validation could choose the size";
  if (!is_validated(result)) return "too few different x that count for cross-validation, so this is the smallest size";
  return "cross-validation has chosen the size, by the one-standard-error rule";
}

static void print_bound(const struct search_command *command)
{
  const struct options *options = &command->options;
  const char *answer = command->result.met ? "kept" : "not kept";
  char bound[CLFIT_NUMBER_SIZE];
  if (options->max_error > 0) {
    clfit_number_print(bound, options->max_error);
    printf("bound     largest error %s: %s\n", bound, answer);
  } else if (options->max_rmse > 0) {
    clfit_number_print(bound, options->max_rmse);
    printf("bound     rmse %s: %s\n", bound, answer);
  } else {
    printf("bound     none; %s\n", say_without_bound(&command->result));
  }
}

static const char *monotone_name(clfit_monotone monotone)
{
  return monotone == CLFIT_MONOTONE_NOT_ASKED ? "-" : monotone == CLFIT_MONOTONE_YES ? "yes" : "no";
}

static void print_alternative(const clfit_alternative *row)
{
  char rmse[32], largest[32], departure[32];
  const clfit_operations *operations = &row->operations;
  printf("  %-11s %-19s %6zu %12s %13s %5u %4u %4u %9s %12s %s\n", row->kind,
         *row->description ? row->description : "none fits", row->bytes, shown(rmse, row->rmse),
         shown(largest, row->max_error), operations->multiply_adds, operations->divisions, operations->exps,
         monotone_name(row->monotone), shown(departure, row->departure), row->met ? "" : "  misses the bound");
}

static void print_alternatives(const struct search_command *command)
{
  if (command->alternative_count == 0) return;
  printf("\n  %-11s %-19s %6s %12s %13s %5s %4s %4s %9s %12s\n", "", "", "bytes", "rmse", "largest error", "madd",
         "div", "exp", "monotone", "from lines");
  print_alternative(&command->network);
  for (size_t i = 0; i < command->alternative_count; i++) print_alternative(&command->alternatives[i]);
}

static void print_end(const struct search_command *command)
{
  const struct options *options = &command->options;
  const bool picture = options->plot && strcmp(options->plot, "-") != 0 && search_has_network(command);
  const bool model = options->out && search_has_network(command);
  printf("\ntime      %.3g s, %" PRIu64 " starts\n", command->seconds, command->result.starts);
  if (model || picture)
    printf("files     %s%s%s\n", model ? options->out : "", model && picture ? ", " : "", picture ? options->plot : "");
  if (*command->verdict_text) printf("verdict   %s\n", command->verdict_text);
}

void search_report(const struct search_command *command)
{
  print_samples(command);
  if (search_has_network(command)) {
    print_trade_off(command);
    print_model(command);
    print_bound(command);
    print_alternatives(command);
  }
  print_end(command);
}

/* ---- how it ended -------------------------------------------------------------------------------------------- */

static void explain_interruption(const struct search_command *command)
{
  const struct options *options = &command->options;
  const char *store = options->resume ? options->resume : options->db;
  char text[3000] = "clfit search";
  if (!store) {
    note("interrupted; the rounds are not kept, as there is no --db");
    return;
  }
  shell_append(text, sizeof text, "resume", store);
  if (options->out) shell_append(text, sizeof text, "out", options->out);
  if (options->plot) shell_append(text, sizeof text, "plot", options->plot);
  if (option_given(options, OPTION_MAX_HIDDEN))
    shell_append(text, sizeof text, "max-hidden", options->texts[OPTION_MAX_HIDDEN]);
  if (option_given(options, OPTION_BUDGET)) shell_append(text, sizeof text, "budget", options->texts[OPTION_BUDGET]);
  if (options->json) shell_append(text, sizeof text, "json", NULL);
  note("interrupted; go on with: %s", text);
}

void search_explain(const struct search_command *command)
{
  const clfit_search_result *result = &command->result;
  const struct options *options = &command->options;
  if (result->end == CLFIT_SEARCH_INTERRUPTED) {
    explain_interruption(command);
    return;
  }
  if (!options->quiet && search_has_network(command))
    defect_note(&result->state, command->samples.data, &command->test, &result->figures);
  if (result->end == CLFIT_SEARCH_TIME && search_has_network(command))
    note("the time limit of %.6g s is up: this is the best so far, and may be another one on another machine",
         options->time_limit);
  if (result->end == CLFIT_SEARCH_TIME && !search_has_network(command))
    note("the time limit of %.6g s is up before the first networks were trained: there is none%s%.300s",
         options->time_limit, options->out ? ", and nothing is written to " : "", options->out ? options->out : "");
  if (result->end == CLFIT_SEARCH_BUDGET)
    note("the budget of %u starts is spent: this is the best so far; a larger --budget goes on", options->budget);
  if (result->end == CLFIT_SEARCH_UNMET)
    note("no network of up to %u neurons keeps the bound; this is the nearest; a larger --max-hidden or another bound "
         "may help",
         options->max_hidden);
}
