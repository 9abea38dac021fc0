#include "cli/io/model_file.h"

#include "cli/io/output.h"

clfit_status model_save(const clfit_model *model, const char *path, clfit_error *error)
{
  struct output output;
  clfit_status status = output_open(&output, path, error);
  return status ? status : output_end(&output, clfit_model_write(model, output.file.stream, error), error);
}
