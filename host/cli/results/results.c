/* Lists, ranks and exports what a sweep stored. */
#include "cli/results/results.h"

#include "cli/io/message.h"
#include "cli/io/output.h"
#include "cli/results/results_picture.h"

#include <string.h>
#include <strings.h>

/* Bytes that SQLite may take when it runs a user's text: 4 million networks in a B-tree, if it needs one in memory. */
#define FILTER_MEMORY ((sqlite3_int64)1 << 30)

/* Options that are valid only with --plot, or only with --kind heatmap. */
static clfit_status check_picture(const struct options *options, clfit_error *error)
{
  static const enum option_id of_picture[] = {OPTION_KIND, OPTION_ROWS, OPTION_COLS, OPTION_VALUE, OPTION_REDUCE};
  for (size_t i = 0; i < sizeof of_picture / sizeof *of_picture; i++) {
    if (!option_given(options, of_picture[i])) continue;
    if (!options->plot && !(options->report && i > 0))
      return refuse(error, "--%s needs --plot", option_name(of_picture[i]));
    if (i > 0 && options->plot && options->kind != PICTURE_HEATMAP)
      return refuse(error, "--%s goes with --kind heatmap only", option_name(of_picture[i]));
  }
  if (!options->plot) return CLFIT_OK;
  const char *ending = strrchr(options->plot, '.');
  if (options->kind != PICTURE_BEST && (!ending || strcasecmp(ending, ".txt") == 0))
    return refuse(error, "--plot: the name of this kind of picture ends in .svg or .png, unlike %.200s", options->plot);
  if (strcmp(options->plot, "-") == 0 && (options->json || (options->csv && strcmp(options->csv, "-") == 0)))
    return refuse(error, "--plot - does not go with --json or --csv -: all print on standard output");
  clfit_status status = clfit_plot_check(options->plot, error);
  return status ? fail_in(error, "--plot") : CLFIT_OK;
}

static clfit_status check(const struct options *options, clfit_error *error)
{
  if (options->model_id && !options->out) return refuse(error, "--model needs --out FILE to write the model to");
  if (options->out && !options->model_id) return refuse(error, "--out needs --model ID: it is that network's model");
  if (options->model_id && (options->csv || options->json || options->where || options->rank_by || options->limit))
    return refuse(error, "--model does not go with other options than --out and --quiet");
  if (options->out && strcmp(options->out, "-") == 0) return refuse(error, "--out needs the name of a file, not -");
  if (options->model_id && (options->plot || options->report))
    return refuse(error, "--model does not go with --%s", options->plot ? "plot" : "report");
  if (options->report && strcmp(options->report, "-") == 0)
    return refuse(error, "--report needs the name of a file, not -");
  clfit_status status = check_picture(options, error);
  if (status) return status;
  if (options->json && options->csv && strcmp(options->csv, "-") == 0)
    return refuse(error, "--csv - does not go with --json: both print on standard output");
  return CLFIT_OK;
}

static clfit_status check_output(const char *name, const char *path, const char *study, clfit_error *error)
{
  char context[32];
  if (!path || strcmp(path, "-") == 0) return CLFIT_OK;
  if (clfit_output_same_file(path, study)) return refuse(error, "--%s would overwrite the study %.200s", name, study);
  clfit_status status = output_check(path, error);
  snprintf(context, sizeof context, "--%s", name);
  return status ? fail_in(error, context) : CLFIT_OK;
}

static clfit_status check_pair(const char *name, const char *path, const char *other_name, const char *other,
                               clfit_error *error)
{
  if (!path || !other || strcmp(other, "-") == 0 || !clfit_output_same_file(path, other)) return CLFIT_OK;
  return refuse(error, "--%s and --%s are the same file, %.200s", name, other_name, other);
}

static clfit_status show(struct results *results, const struct options *options, clfit_error *error)
{
  clfit_status status = CLFIT_OK;
  if (options->model_id) return results_save_model(results, options, error);
  if (options->csv) status = results_write_csv(results, options, error);
  if (!status && options->report) status = results_write_report(results, options, error);
  if (!status && options->plot) status = results_draw(results, options, error);
  if (status) return status;
  if (options->json) return results_print_json(results, options, error);
  return options->csv || options->plot || options->report ? CLFIT_OK : results_print_table(results, options, error);
}

clfit_status results_run(const struct options *options, int *exit_code, clfit_error *error)
{
  struct results results = {0};
  (void)exit_code;
  if (option_given(options, OPTION_MERGE)) return results_merge_shards(options, error);
  clfit_status status = check(options, error);
  if (!status) status = check_output("csv", options->csv, options->operand, error);
  if (!status) status = check_output("out", options->out, options->operand, error);
  if (!status) status = check_output("plot", options->plot, options->operand, error);
  if (!status) status = check_output("report", options->report, options->operand, error);
  if (!status) status = check_pair("plot", options->plot, "csv", options->csv, error);
  if (!status) status = check_pair("report", options->report, "csv", options->csv, error);
  if (!status) status = check_pair("report", options->report, "plot", options->plot, error);
  if (options->where) sqlite3_hard_heap_limit64(FILTER_MEMORY);
  if (!status) status = results_open(&results, options->operand, error);
  if (!status && options->rank_by) status = results_check_column(&results, options->rank_by, "rank-by", error);
  if (!status) status = show(&results, options, error);
  results_close(&results);
  return status;
}
