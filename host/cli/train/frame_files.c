/* Writes what train has kept of how the fit grew: a moving picture, or numbered ones. */
#include "cli/train/train.h"

#include "cli/io/message.h"
#include "cli/io/output.h"
#include "cli/io/picture.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool train_shows_frames(const struct options *options)
{
  return options->frames || (options->plot && clfit_animation_is_path(options->plot));
}

/* The frames in a range of y that suits all of them. */
static clfit_animation make_animation(const struct training *training, const clfit_plot *plot)
{
  clfit_animation animation;
  clfit_animation_default(&animation);
  animation.plot = *plot;
  animation.n_frames = training->frames.count;
  animation.frames = training->frames.items;
  clfit_animation_set_range(&animation);
  return animation;
}

clfit_status train_animate(const struct training *training, const clfit_plot *plot, clfit_error *error)
{
  const char *path = training->options->plot;
  clfit_animation animation = make_animation(training, plot);
  struct output output;
  clfit_status status = output_open(&output, path, error);
  if (status) return status;
  return output_end(&output, clfit_animation_write(&animation, path, output.file.stream, error), error);
}

/* ---- numbered pictures ----------------------------------------------------------------------------------------- */

static clfit_status print_path(const char *folder, size_t index, char path[PATH_MAX], clfit_error *error)
{
  int length = snprintf(path, PATH_MAX, "%s/frame-%02zu.png", folder, index);
  if (length > 0 && length < PATH_MAX) return CLFIT_OK;
  return clfit_fail_file(error, "write", folder, ENAMETOOLONG);
}

/* A folder that does not exist yet is made when there are pictures to put there. */
clfit_status train_check_frames(const struct options *options, clfit_error *error)
{
  char path[PATH_MAX];
  struct stat there;
  if (!options->frames) return CLFIT_OK;
  clfit_status status = print_path(options->frames, 0, path, error);
  if (!status) status = clfit_plot_check(path, error);
  if (status) return fail_in(error, "--frames");
  bool exists = stat(options->frames, &there) == 0;
  if (exists && !S_ISDIR(there.st_mode)) return refuse(error, "--frames: %.200s is no folder", options->frames);
  if (!exists) snprintf(path, sizeof path, "%s", options->frames);
  for (size_t n = strlen(path); n > 1 && path[n - 1] == '/'; n--) path[n - 1] = '\0';
  return output_check(path, error) ? fail_in(error, "--frames") : CLFIT_OK;
}

/* Pictures of an earlier training that had more frames would be taken for this one's. */
static clfit_status tell_older(const struct training *training, clfit_error *error)
{
  char path[PATH_MAX];
  size_t count = training->frames.count;
  clfit_status status = print_path(training->options->frames, count, path, error);
  if (!status && !training->options->quiet && access(path, F_OK) == 0)
    note("%.300s and those after it are of an earlier training: this one has %zu frames", path, count);
  return status;
}

clfit_status train_write_frames(const struct training *training, const clfit_plot *plot, clfit_error *error)
{
  clfit_animation animation = make_animation(training, plot);
  char path[PATH_MAX], name[CLFIT_FRAME_NAME_SIZE];
  clfit_status status = CLFIT_OK;
  if (mkdir(training->options->frames, 0777) && errno != EEXIST)
    return clfit_fail_file(error, "make the folder", training->options->frames, errno);
  for (size_t i = 0; !status && i < animation.n_frames; i++) {
    clfit_plot frame = clfit_animation_frame(&animation, i, name);
    status = print_path(training->options->frames, i, path, error);
    if (!status) status = picture_draw(&frame, path, error);
  }
  return status ? status : tell_older(training, error);
}
