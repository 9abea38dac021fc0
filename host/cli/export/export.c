/* Writes a saved model in another format. */
#include "cli/io/message.h"
#include "cli/io/output.h"
#include "cli/options/options.h"

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
  clfit_status status = clfit_output_check(options->out, error);
  return status ? fail_in(error, "--out") : CLFIT_OK;
}

static clfit_status write_model(const clfit_model *model, const clfit_format *format, const char *path,
                                clfit_error *error)
{
  struct output output;
  clfit_status status = output_open(&output, path, error);
  if (status) return status;
  status = clfit_model_export(model, format->name, output.file.stream, error);
  return output_end(&output, status, error);
}

clfit_status export_run(const struct options *options, int *exit_code, clfit_error *error)
{
  clfit_model model = {0};
  const clfit_format *format = NULL;
  (void)exit_code;
  clfit_status status = choose_format(options, &format, error);
  if (!status) status = check_output(options, error);
  if (!status) status = clfit_model_load(options->model, &model, error);
  if (!status) status = write_model(&model, format, options->out, error);
  clfit_model_clear(&model);
  return status;
}
