#include "cli/io/picture.h"

#include "cli/io/output.h"

clfit_status picture_draw(const clfit_plot *plot, const char *path, clfit_error *error)
{
  struct output output;
  clfit_status status = output_open(&output, path, error);
  return status ? status : output_end(&output, clfit_plot_write(plot, path, output.file.stream, error), error);
}
