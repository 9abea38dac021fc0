/* An animation as SVG: the axes, points and losses once, and of each frame the line and its text, shown one after the
 * other by CSS. Units are pixels of a picture 640 wide; at the width of a phone, 360, texts are 9 pixels high. */
#include "report/animation.h"

#include "report/svg.h"
#include "report/text.h"

#include <math.h>
#include <string.h>

#define WIDTH      640
#define LEFT       92.0
#define RIGHT      608.0
#define TITLE_MAX  72   /* characters of a line */
#define POINTS_MAX 3000 /* drawn at most: more would not be told apart, and a point takes 15 bytes */
#define LINE_MAX   400
#define EPOCH_STEP 1.02 /* of a history the epochs are drawn that are so many times later than the one before */

/* Losses of the epochs first, first + 1 ..., or of the frames (losses NULL). */
struct losses {
  const clfit_animation *animation;
  const double *values;
  size_t n;
  bool held; /* of the samples held out */
};

struct picture {
  const clfit_animation *animation;
  FILE *stream;
  struct svg_panel fit, losses;
  bool has_losses, has_held;
  double height;
};

/* ---- style ----------------------------------------------------------------------------------------------------- */

/* In dark mode only the ground and the texts change; blue and orange are light enough on both. */
static const char style[] =
    "<style>\n"
    "text{fill:#202020;font:16px sans-serif}.tick.x,.label,.title{text-anchor:middle}.tick.y,.now{text-anchor:end}\n"
    ".ground{fill:#fff}.grid{stroke:#e8e8e8}.border{stroke:#808080;fill:none}\n"
    ".points{stroke:#4a7ab5;fill:none;stroke-width:4;stroke-linecap:round}\n"
    ".line{stroke:#d62728;fill:none;stroke-width:2.5;stroke-linejoin:round}\n"
    ".loss{stroke:#4a7ab5;fill:none;stroke-width:2}.held{stroke:#c46a00;fill:none;stroke-width:2;stroke-dasharray:6 "
    "4}\n"
    ".at{fill:#4a7ab5}.held-at{fill:#c46a00}\n"
    "@media(prefers-color-scheme:dark){text{fill:#e6e6ea}.ground{fill:#17171a}.grid{stroke:#303036}"
    ".points,.loss{stroke:#7fb0ea}.at{fill:#7fb0ea}.line{stroke:#ff6b61}.held{stroke:#f0a040}.held-at{fill:#f0a040}}\n"
    ".frame{visibility:hidden;animation-timing-function:step-end;animation-iteration-count:infinite}\n";

/* Hundredths of a per cent of the time of all frames. */
static void print_share(FILE *stream, double share)
{
  long hundredths = lround(10000 * share);
  fprintf(stream, "%ld.%02ld%%", hundredths / 100, hundredths % 100);
}

/* Each frame is visible from its beginning to that of the next. Without animations, the last one is. */
static void print_style(const struct picture *picture)
{
  const size_t n = picture->animation->n_frames;
  const double seconds = (double)n * FRAME_SECONDS + FRAME_PAUSE;
  FILE *stream = picture->stream;
  fputs(style, stream);
  fprintf(stream, "#f%zu{visibility:visible}\n.frame{animation-duration:%.0fms}\n", n - 1, 1000 * seconds);
  for (size_t i = 0; n > 1 && i < n; i++) {
    fprintf(stream, "#f%zu{animation-name:k%zu}@keyframes k%zu{0%%{visibility:%s}", i, i, i, i ? "hidden" : "visible");
    if (i) print_share(stream, (double)i * FRAME_SECONDS / seconds);
    if (i) fputs("{visibility:visible}", stream);
    if (i + 1 < n) print_share(stream, (double)(i + 1) * FRAME_SECONDS / seconds);
    if (i + 1 < n) fputs("{visibility:hidden}", stream);
    fprintf(stream, "100%%{visibility:%s}}\n", i + 1 < n ? "hidden" : "visible");
  }
  fputs("@media print,(prefers-reduced-motion:reduce){.frame{animation:none!important}}\n</style>\n", stream);
}

/* ---- losses ---------------------------------------------------------------------------------------------------- */

static double epoch_of(const clfit_plot *plot, size_t i)
{
  return (double)plot->first_epoch + (double)i * plot->loss_step;
}

static bool loss_at(const struct losses *losses, size_t i, double *epoch, double *loss)
{
  const clfit_animation *animation = losses->animation;
  if (i >= losses->n) return false;
  if (losses->values) {
    *epoch = epoch_of(&animation->plot, i);
    *loss = losses->values[i];
  } else {
    *epoch = animation->frames[i].epoch;
    *loss = losses->held ? animation->frames[i].held_loss : animation->frames[i].loss;
  }
  return true;
}

static struct losses losses_of(const clfit_animation *animation, bool held)
{
  const clfit_plot *plot = &animation->plot;
  const double *values = held ? plot->held_losses : plot->losses;
  bool history = plot->n_losses > 0 && plot->losses;
  return (struct losses){animation, history ? values : NULL,
                         history ? (values ? plot->n_losses : 0) : animation->n_frames, held};
}

/* The next loss that is drawn: as epochs are on a logarithmic scale, later ones lie closer together. */
static size_t next_loss(const struct losses *losses, size_t i)
{
  if (!losses->values) return i + 1;
  const clfit_plot *plot = &losses->animation->plot;
  size_t next = i + (size_t)fmax(1, floor(epoch_of(plot, i) * (EPOCH_STEP - 1) / plot->loss_step));
  return next >= losses->n && i + 1 < losses->n ? losses->n - 1 : next;
}

static void widen(struct svg_axis *axis, double value)
{
  if (!(axis->low <= value)) axis->low = value;
  if (!(axis->high >= value)) axis->high = value;
}

/* Whether there is a loss to draw. Widens the axes to have room for all of them. */
static bool measure_losses(struct picture *picture, bool held)
{
  struct losses losses = losses_of(picture->animation, held);
  double epoch, loss;
  bool some = false;
  for (size_t i = 0; loss_at(&losses, i, &epoch, &loss); i++) {
    if (!(loss > 1e-300 && loss < CLFIT_GNUPLOT_MAX && epoch > 0)) continue;
    widen(&picture->losses.x, epoch);
    widen(&picture->losses.y, loss);
    some = true;
  }
  return some;
}

static void draw_losses(const struct picture *picture, bool held)
{
  struct losses losses = losses_of(picture->animation, held);
  struct svg_curve curve = {picture->stream, &picture->losses, false};
  double epoch, loss;
  fprintf(picture->stream, "<path class='%s' d='", held ? "held" : "loss");
  for (size_t i = 0; loss_at(&losses, i, &epoch, &loss); i = next_loss(&losses, i))
    clfit_svg_curve_point(&curve, epoch, loss);
  fputs("'/>\n", picture->stream);
}

/* ---- layout ---------------------------------------------------------------------------------------------------- */

static void open_up(struct svg_axis *axis)
{
  double most = fmax(fabs(axis->low), fabs(axis->high));
  axis->logarithmic = axis->logarithmic && axis->high >= 2 * axis->low;
  if (axis->logarithmic || axis->high - axis->low > 1e-9 * most) return;
  double margin = most > 0 ? 0.1 * most : 1;
  axis->low -= margin;
  axis->high += margin;
}

static void measure_x(struct svg_axis *axis, size_t n, const double *x)
{
  for (size_t i = 0; x && i < n; i++)
    if (fabs(x[i]) <= CLFIT_GNUPLOT_MAX) widen(axis, x[i]);
}

static void lay_out(struct picture *picture, double top)
{
  const clfit_plot *plot = &picture->animation->plot;
  picture->fit.x = (struct svg_axis){NAN, NAN, LEFT, RIGHT, false};
  picture->fit.y = (struct svg_axis){plot->y_low, plot->y_high, top + 270, top, false};
  picture->losses.x = (struct svg_axis){NAN, NAN, LEFT, RIGHT, true};
  picture->losses.y = (struct svg_axis){NAN, NAN, 0, 0, true};
  measure_x(&picture->fit.x, plot->n_points, plot->x);
  measure_x(&picture->fit.x, plot->n_line, plot->line_x);
  picture->has_losses = measure_losses(picture, false);
  picture->has_held = picture->has_losses && measure_losses(picture, true);
  picture->losses.y.to = top + 340;
  picture->losses.y.from = top + 440;
  picture->height = top + (picture->has_losses ? 488 : 318);
  open_up(&picture->fit.x);
  open_up(&picture->fit.y);
  open_up(&picture->losses.x);
  open_up(&picture->losses.y);
}

/* A long title is broken at a blank. */
static void print_title(FILE *stream, const char *title)
{
  size_t length = title ? strlen(title) : 0, cut = title ? clfit_title_break(title, TITLE_MAX) : 0;
  if (!cut) cut = length;
  char line[CLFIT_MESSAGE_SIZE];
  double y = 24;
  for (size_t at = 0; at < length; at += cut + 1, cut = length, y += 21) {
    snprintf(line, sizeof line, "%.*s", (int)cut, title + at);
    fprintf(stream, "<text class='title' x='%d' y='%.0f'>", WIDTH / 2, y);
    clfit_svg_text(stream, line);
    fputs("</text>\n", stream);
  }
}

/* ---- drawing --------------------------------------------------------------------------------------------------- */

static size_t step_of(size_t n, size_t most)
{
  return (n + most - 1) / most;
}

static void draw_points(const struct picture *picture)
{
  const clfit_plot *plot = &picture->animation->plot;
  const struct svg_panel *panel = &picture->fit;
  FILE *stream = picture->stream;
  if (!plot->x || !plot->n_points) return;
  fputs("<path class='points' clip-path='url(#fit)' d='", stream);
  for (size_t i = 0; i < plot->n_points; i += step_of(plot->n_points, POINTS_MAX)) {
    if (!clfit_svg_has_place(&panel->x, plot->x[i]) || !clfit_svg_has_place(&panel->y, plot->y[i])) continue;
    fputc('M', stream);
    clfit_svg_coordinate(stream, clfit_svg_place(&panel->x, plot->x[i]));
    fputc(' ', stream);
    clfit_svg_coordinate(stream, clfit_svg_place(&panel->y, plot->y[i]));
    fputs("h0", stream);
  }
  fputs("'/>\n", stream);
}

static void draw_marker(const struct picture *picture, const clfit_frame *frame, double loss, const char *class)
{
  if (!(loss > 0 && isfinite(loss) && frame->epoch > 0)) return;
  fprintf(picture->stream, "<circle class='%s' r='5' cx='", class);
  clfit_svg_coordinate(picture->stream, clfit_svg_place(&picture->losses.x, frame->epoch));
  fputs("' cy='", picture->stream);
  clfit_svg_coordinate(picture->stream, clfit_svg_place(&picture->losses.y, loss));
  fputs("'/>", picture->stream);
}

static void draw_frame(const struct picture *picture, size_t index)
{
  const clfit_plot *plot = &picture->animation->plot;
  const clfit_frame *frame = &picture->animation->frames[index];
  struct svg_curve curve = {picture->stream, &picture->fit, false};
  char name[CLFIT_FRAME_NAME_SIZE];
  clfit_animation_frame(picture->animation, index, name);
  fprintf(picture->stream, "<g class='frame' id='f%zu'><path class='line' clip-path='url(#fit)' d='", index);
  for (size_t i = 0; i < plot->n_line; i += step_of(plot->n_line, LINE_MAX))
    clfit_svg_curve_point(&curve, plot->line_x[i], frame->z[i]);
  fprintf(picture->stream, "'/><text class='now' x='%.0f' y='%.0f'>", RIGHT, picture->fit.y.to - 10);
  clfit_svg_text(picture->stream, name);
  fputs("</text>", picture->stream);
  if (picture->has_losses) draw_marker(picture, frame, frame->loss, "at");
  if (picture->has_held) draw_marker(picture, frame, frame->held_loss, "held-at");
  fputs("</g>\n", picture->stream);
}

/* What the points are, and beside it the line. */
static void draw_key(const struct picture *picture)
{
  const clfit_plot *plot = &picture->animation->plot;
  double y = picture->fit.y.to - 10, x = LEFT;
  const char *name = plot->points_name ? plot->points_name : "data";
  if (plot->x && plot->n_points) {
    fprintf(picture->stream, "<path class='points' d='M%.0f %.0fh0'/><text x='%.0f' y='%.0f'>", x + 4, y - 5, x + 13,
            y);
    clfit_svg_text(picture->stream, name);
    fputs("</text>\n", picture->stream);
    x += 28 + 8.5 * (double)strlen(name);
  }
  fprintf(picture->stream, "<path class='line' d='M%.0f %.0fh22'/><text x='%.0f' y='%.0f'>network</text>\n", x, y - 5,
          x + 28, y);
}

static void draw_loss_panel(const struct picture *picture)
{
  FILE *stream = picture->stream;
  clfit_svg_axes(stream, &picture->losses, "epoch", picture->has_held ? "loss" : "train loss", 7, 5);
  draw_losses(picture, false);
  if (!picture->has_held) return;
  draw_losses(picture, true);
  double y = picture->losses.y.to - 8;
  fprintf(stream,
          "<path class='loss' d='M%.0f %.0fh22'/><text x='%.0f' y='%.0f'>train</text>"
          "<path class='held' d='M%.0f %.0fh22'/><text x='%.0f' y='%.0f'>held out</text>\n",
          RIGHT - 190, y - 5, RIGHT - 164, y, RIGHT - 100, y - 5, RIGHT - 74, y);
}

static void draw(const struct picture *picture)
{
  const clfit_plot *plot = &picture->animation->plot;
  const struct svg_panel *fit = &picture->fit;
  FILE *stream = picture->stream;
  fprintf(stream, "<clipPath id='fit'><rect x='%.0f' y='%.0f' width='%.0f' height='%.0f'/></clipPath>\n", fit->x.from,
          fit->y.to, fit->x.to - fit->x.from, fit->y.from - fit->y.to);
  clfit_svg_axes(stream, fit, plot->x_label ? plot->x_label : "x", plot->y_label ? plot->y_label : "y", 6, 6);
  draw_key(picture);
  if (picture->has_losses) draw_loss_panel(picture);
  draw_points(picture);
  for (size_t i = 0; i < picture->animation->n_frames; i++) draw_frame(picture, i);
}

clfit_status clfit_animation_write_svg(const clfit_animation *animation, FILE *stream)
{
  clfit_animation copy = *animation;
  struct picture picture = {.animation = &copy, .stream = stream};
  const char *title = animation->plot.title;
  if (!(copy.plot.y_low < copy.plot.y_high)) clfit_animation_set_range(&copy);
  size_t lines = !title ? 0 : clfit_title_break(title, TITLE_MAX) ? 2 : 1;
  lay_out(&picture, 40 + 21.0 * (double)lines);
  fprintf(stream, "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 %d %.0f' width='%d' height='%.0f'>\n", WIDTH,
          picture.height, WIDTH * 5 / 4, picture.height * 5 / 4);
  print_style(&picture);
  fprintf(stream, "<rect class='ground' width='%d' height='%.0f'/>\n", WIDTH, picture.height);
  print_title(stream, title);
  draw(&picture);
  fputs("</svg>\n", stream);
  return CLFIT_OK;
}
