/* What the formats of an animation have in common. */
#include "report/animation.h"

#include <math.h>
#include <string.h>
#include <strings.h>

enum format { SVG, GIF, MP4, FORMAT_COUNT };

static const char *const endings[FORMAT_COUNT] = {[SVG] = ".svg", [GIF] = ".gif", [MP4] = ".mp4"};

void clfit_animation_default(clfit_animation *animation)
{
  *animation = (clfit_animation){.size = sizeof *animation};
  clfit_plot_default(&animation->plot);
}

static enum format format_of(const char *path)
{
  size_t length = strlen(path);
  enum format format = 0;
  for (; format < FORMAT_COUNT; format++) {
    size_t ending = strlen(endings[format]);
    if (length >= ending && strcasecmp(path + length - ending, endings[format]) == 0) break;
  }
  return format;
}

bool clfit_animation_is_path(const char *path)
{
  return format_of(path) < FORMAT_COUNT;
}

clfit_status clfit_animation_check(const char *path, clfit_error *error)
{
  switch (format_of(path)) {
  case SVG: return CLFIT_OK;
  case GIF: return clfit_animation_check_gif(path, error);
  case MP4: return clfit_animation_check_mp4(path, error);
  case FORMAT_COUNT: break;
  }
  return clfit_fail(error, CLFIT_ERROR_ARGUMENT, "cannot draw %s: the name of an animation ends in .svg, .gif or .mp4",
                    path);
}

/* ---- the range of y -------------------------------------------------------------------------------------------- */

struct range {
  double low, high; /* NaN: of nothing */
};

static void include(struct range *range, size_t n, const double *values)
{
  for (size_t i = 0; i < n; i++) {
    if (!(fabs(values[i]) <= CLFIT_GNUPLOT_MAX)) continue;
    if (!(range->low <= values[i])) range->low = values[i];
    if (!(range->high >= values[i])) range->high = values[i];
  }
}

void clfit_animation_set_range(clfit_animation *animation)
{
  clfit_plot *plot = &animation->plot;
  struct range inner = {NAN, NAN}, all;
  if (plot->y) include(&inner, plot->n_points, plot->y);
  include(&inner, plot->n_line, animation->frames[animation->n_frames - 1].z);
  all = inner;
  for (size_t i = 0; i < animation->n_frames; i++) include(&all, plot->n_line, animation->frames[i].z);
  if (isnan(all.low)) return;
  if (isnan(inner.low)) inner = all;
  double most = fmax(fabs(inner.low), fabs(inner.high)), height = inner.high - inner.low;
  if (!(height > 1e-9 * most)) height = most > 0 ? 0.2 * most : 1;
  double margin = 0.04 * height; /* so that points at the ends are whole */
  plot->y_low = fmax(all.low, inner.low - 0.5 * height) - margin;
  plot->y_high = fmin(all.high, inner.high + 0.5 * height) + margin;
}

/* ---- frames ---------------------------------------------------------------------------------------------------- */

clfit_plot clfit_animation_frame(const clfit_animation *animation, size_t index, char name[CLFIT_FRAME_NAME_SIZE])
{
  const clfit_frame *frame = &animation->frames[index];
  clfit_plot plot = animation->plot;
  int used = snprintf(name, CLFIT_FRAME_NAME_SIZE, "%sepoch %u", frame->best ? "best " : "", frame->epoch);
  if (isfinite(frame->loss))
    used += snprintf(name + used, CLFIT_FRAME_NAME_SIZE - (size_t)used, ", train loss %.3g", frame->loss);
  if (isfinite(frame->held_loss))
    snprintf(name + used, CLFIT_FRAME_NAME_SIZE - (size_t)used, ", held-out loss %.3g", frame->held_loss);
  plot.subtitle = name;
  plot.line_z = frame->z;
  plot.n_losses = 0;
  return plot;
}

clfit_status clfit_animation_write(const clfit_animation *animation, const char *path, FILE *stream, clfit_error *error)
{
  if (animation->size != sizeof *animation || animation->plot.size != sizeof animation->plot)
    return clfit_fail(error, CLFIT_ERROR_ARGUMENT, "the size of a clfit_animation is %zu; this library has %zu",
                      animation->size, sizeof *animation);
  if (animation->n_frames == 0 || animation->n_frames > CLFIT_FRAMES_MAX)
    return clfit_fail(error, CLFIT_ERROR_ARGUMENT, "an animation has 1 to %d frames, not %zu", CLFIT_FRAMES_MAX,
                      animation->n_frames);
  switch (format_of(path)) {
  case SVG: return clfit_animation_write_svg(animation, stream);
  case GIF: return clfit_animation_write_gif(animation, path, stream, error);
  case MP4: return clfit_animation_write_mp4(animation, path, stream, error);
  case FORMAT_COUNT: break;
  }
  return clfit_animation_check(path, error);
}
