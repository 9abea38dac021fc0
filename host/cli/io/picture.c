#include "cli/io/picture.h"

#include "cli/io/message.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static clfit_status copy_to_stdout(const char *path, clfit_error *error)
{
  char buffer[4096];
  size_t n;
  FILE *file = fopen(path, "r");
  if (!file) return fail(error, CLFIT_ERROR_FILE, "cannot read %.200s: %s", path, strerror(errno));
  while ((n = fread(buffer, 1, sizeof buffer, file)) > 0) fwrite(buffer, 1, n, stdout);
  bool bad = ferror(file) != 0;
  fclose(file);
  return bad ? fail(error, CLFIT_ERROR_FILE, "cannot read %.200s", path) : CLFIT_OK;
}

/* The library draws to files only, and knows a format by the file's ending. */
static clfit_status draw_on_stdout(const clfit_plot *plot, clfit_error *error)
{
  char directory[256], path[300];
  const char *parent = getenv("TMPDIR");
  snprintf(directory, sizeof directory, "%.200s/clfit.XXXXXX", parent && *parent ? parent : "/tmp");
  if (!mkdtemp(directory))
    return fail(error, CLFIT_ERROR_FILE, "cannot make a directory %.200s: %s", directory, strerror(errno));
  snprintf(path, sizeof path, "%s/picture.txt", directory);
  clfit_status status = clfit_plot_draw(plot, path, error);
  if (!status) status = copy_to_stdout(path, error);
  unlink(path);
  rmdir(directory);
  return status;
}

clfit_status picture_draw(const clfit_plot *plot, const char *path, clfit_error *error)
{
  return strcmp(path, "-") == 0 ? draw_on_stdout(plot, error) : clfit_plot_draw(plot, path, error);
}
