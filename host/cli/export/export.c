/* Writes a saved model in another format. */
#include "cli/io/columns.h"
#include "cli/io/message.h"
#include "cli/io/output.h"
#include "cli/io/samples.h"
#include "cli/options/options.h"
#include "study/base/numbers.h"

#include <stdio.h>
#include <string.h>

static bool is_stdout(const char *path)
{
  return !path || strcmp(path, "-") == 0;
}

/* As --format says, else the ending of --out. */
static clfit_status choose_format(const struct options *options, const clfit_format **format, clfit_error *error)
{
  if (options->format) {
    clfit_status status = clfit_format_find(options->format, format, error);
    return status ? fail_in(error, "--format") : CLFIT_OK;
  }
  if (is_stdout(options->out))
    return refuse(error, "clfit export needs --format or --out FILE, whose ending says the format");
  *format = clfit_format_of_file(options->out);
  if (*format) return CLFIT_OK;
  return refuse(error,
                "the ending of %.200s is that of no format; clfit export --help lists them, --format chooses one",
                options->out);
}

static clfit_status check_output(const struct options *options, clfit_error *error)
{
  if (is_stdout(options->out)) return CLFIT_OK;
  if (clfit_output_same_file(options->out, options->model))
    return refuse(error, "--out would overwrite %.200s, which is read", options->model);
  clfit_status status = output_check(options->out, error);
  return status ? fail_in(error, "--out") : CLFIT_OK;
}

/* Options that some formats do not look at. */
static clfit_status check_format(const struct options *options, const clfit_format *format, clfit_error *error)
{
  static const struct {
    enum option_id option;
    const char *formats[2];
  } table[] = {{OPTION_NAME, {"c"}},        {OPTION_CLAMP, {"c"}},           {OPTION_SELF_TEST, {"c"}},
               {OPTION_FIXED, {"c"}},       {OPTION_POINTS, {"csv"}},        {OPTION_DOMAIN, {"c", "csv"}},
               {OPTION_DATA, {"c", "csv"}}, {OPTION_X_COLUMN, {"c", "csv"}}, {OPTION_Y_COLUMN, {"c", "csv"}}};
  for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
    const char *first = table[i].formats[0], *second = table[i].formats[1];
    if (!option_given(options, table[i].option) || strcmp(format->name, first) == 0) continue;
    if (second && strcmp(format->name, second) == 0) continue;
    return refuse(error, "--%s is for --format %s%s%s, not for %s", option_name(table[i].option), first,
                  second ? " and " : "", second ? second : "", format->name);
  }
  if ((options->x_column || options->y_column) && !options->data)
    return refuse(error, "--x-column and --y-column name columns of --data FILE.csv");
  return CLFIT_OK;
}

/* The samples that the model was trained on; its file may have been moved with them. */
static clfit_status open_own(const struct options *options, const clfit_model *model, clfit_data **data,
                             clfit_error *error)
{
  clfit_network network = model->state.network;
  clfit_source source;
  clfit_status status = clfit_source_copy(&source, &model->source, error);
  if (status) return status;
  status = samples_find(&source, options->model, error);
  if (!status) status = clfit_source_open(&source, &network, data, error);
  clfit_source_clear(&source);
  return status;
}

/* The samples of --data; its columns are the model's, where no other ones are asked for. */
static clfit_status read_data(const struct options *options, const clfit_model *model, clfit_data **data,
                              clfit_error *error)
{
  clfit_status status =
      clfit_source_read_points(&model->source, options->data, options->x_column, options->y_column, NULL, data, error);
  if (status) return status;
  if (!options->quiet && columns_guessed(*data, options->x_column, options->y_column))
    columns_note(options->data, *data);
  return CLFIT_OK;
}

/* The samples of --data, else those of the model. *data is NULL, with a reason, if these are not to be had any more. */
static clfit_status find_data(const struct options *options, const clfit_model *model, clfit_data **data,
                              clfit_error *reason, clfit_error *error)
{
  if (options->data) return read_data(options, model, data, error);
  const bool standard = !model->source.target && model->source.path && strcmp(model->source.path, "-") == 0;
  if (!standard && open_own(options, model, data, reason) == CLFIT_OK) return CLFIT_OK;
  *data = NULL;
  if (standard) clfit_fail(reason, CLFIT_ERROR_FILE, "they came from standard input");
  return CLFIT_OK;
}

/* A header states the error over the samples, a table needs to know from where to where they go. */
static clfit_status find_samples(const struct options *options, const clfit_model *model, const clfit_format *format,
                                 clfit_data **data, clfit_error *error)
{
  clfit_error reason;
  const bool header = strcmp(format->name, "c") == 0, table = strcmp(format->name, "csv") == 0;
  double low, high;
  const bool known = option_given(options, OPTION_DOMAIN) || clfit_model_range(model, &low, &high);
  if (!header && (!table || (known && !options->data))) return CLFIT_OK;
  clfit_status status = find_data(options, model, data, &reason, error);
  if (status || *data) return status;
  if (table)
    return refuse(error, "nobody knows the range of x; say it with --domain A:B, or with --data: %s", reason.message);
  if (!options->quiet) note("warning: the error is not stated, without the samples: %s", reason.message);
  return CLFIT_OK;
}

/* Reads IN:OUT. */
static clfit_status read_fixed(const char *text, clfit_export_options *with, clfit_error *error)
{
  char in[16];
  const char *colon = text ? strchr(text, ':') : NULL;
  if (!text) return CLFIT_OK;
  snprintf(in, sizeof in, "%.*s", colon ? (int)(colon - text) : 0, text);
  if (colon && clfit_number_parse_count(in, &with->in_bits) && clfit_number_parse_count(colon + 1, &with->out_bits) &&
      with->in_bits >= 1 && with->in_bits <= CLFIT_FIXED_IN_BITS_MAX && with->out_bits >= 2 &&
      with->out_bits <= CLFIT_FIXED_OUT_BITS_MAX)
    return CLFIT_OK;
  return refuse(error, "--fixed: '%.40s' is not IN:OUT, 1 to %d bits of the input and 2 to %d of the output", text,
                CLFIT_FIXED_IN_BITS_MAX, CLFIT_FIXED_OUT_BITS_MAX);
}

/* What --name says, else the name of the file to write, else that of the model. */
static const char *find_name(const struct options *options, char name[CLFIT_EXPORT_NAME_SIZE])
{
  if (options->name) return options->name;
  clfit_export_name_of(is_stdout(options->out) ? options->model : options->out, name);
  return name;
}

static clfit_status write_model(const struct options *options, const clfit_model *model, const clfit_format *format,
                                clfit_export_options *with, clfit_error *error)
{
  struct output output;
  clfit_status status = output_open(&output, options->out, error);
  if (status) return status;
  status = clfit_model_export_with(model, format->name, with, output.file.stream, error);
  return output_end(&output, status, error);
}

/* What was found, for who waits for the numbers; the header has them, too. */
static void report_errors(const struct options *options, const char *name, const clfit_export_report *report)
{
  char largest[NUMBER_SIZE], added[NUMBER_SIZE];
  if (options->quiet) return;
  number_print(largest, report->max_error);
  number_print(added, report->fixed_error);
  if (*added)
    note("%s: fixed point adds at most %s to the model's error%s%s", name, added, *largest ? ", itself at most " : "",
         largest);
  else if (*largest)
    note("%s: largest error over the samples %s", name, largest);
}

/* Tables and headers hold answers; other formats hold what the model has. */
static clfit_status check_host(const clfit_format *format, clfit_error *error)
{
  const bool computes = strcmp(format->name, "c") == 0 || strcmp(format->name, "csv") == 0;
  return computes ? clfit_host_check(error) : CLFIT_OK;
}

static clfit_status export_model(const struct options *options, const clfit_model *model, const clfit_format *format,
                                 clfit_error *error)
{
  char name[CLFIT_EXPORT_NAME_SIZE];
  clfit_data *data = NULL;
  clfit_export_report report;
  clfit_export_options with;
  clfit_export_options_default(&with);
  with.report = &report;
  with.name = find_name(options, name);
  with.clamp = options->clamp;
  with.self_test = options->self_test;
  if (option_given(options, OPTION_DOMAIN)) {
    with.low = options->domain.low;
    with.high = options->domain.high;
  }
  with.points = options->points;
  clfit_status status = read_fixed(options->fixed, &with, error);
  if (!status) status = find_samples(options, model, format, &data, error);
  with.data = data;
  if (!status) status = write_model(options, model, format, &with, error);
  if (!status && strcmp(format->name, "c") == 0) report_errors(options, with.name, &report);
  clfit_data_free(data);
  return status;
}

clfit_status export_run(const struct options *options, int *exit_code, clfit_error *error)
{
  clfit_model model = {0};
  const clfit_format *format = NULL;
  (void)exit_code;
  clfit_status status = choose_format(options, &format, error);
  if (!status) status = check_format(options, format, error);
  if (!status && options->name) status = clfit_export_name_check(options->name, error);
  if (!status) status = check_output(options, error);
  if (!status) status = check_host(format, error);
  if (!status) status = clfit_model_load(options->model, &model, error);
  if (!status) status = export_model(options, &model, format, error);
  clfit_model_clear(&model);
  return status;
}
