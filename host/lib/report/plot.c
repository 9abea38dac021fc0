/* Pictures of a fit and its losses, drawn by gnuplot. */
#include "report/plot.h"

#include "report/gnuplot.h"
#include "report/text.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <string.h>
#include <strings.h>

/* If there are more values than these, an evenly spaced selection with the first and the last is drawn: 800 pixels show
 * no more, and an SVG with 2^20 points would have 60 MB. */
#define POINTS_MAX      5000
#define LINE_POINTS_MAX 5000
#define LOSSES_MAX      2000

/* Denormals have no logarithmic scale. */
#define LOSS_MIN 1e-300

/* Characters of a line of the title: 800 pixels have room for about 80. */
#define TITLE_MAX 72

/* Few points are drawn larger than many. */
#define FEW_POINTS 200

#define TEXT_TERMINAL "dumb feed mono noenhanced"

enum format { SVG, PNG, TEXT, FORMAT_COUNT };

/* What a path ends in, how gnuplot begins, and the size of points when there are few and when there are many. Fonts and
 * points of the same number are larger in a PNG than in an SVG: these look alike. */
static const struct {
  const char *ending, *terminal;
  const char *few, *many;
} formats[FORMAT_COUNT] = {
    [SVG] = {".svg", "svg size 800,600 fixed background rgb 'white' font 'sans,17' noenhanced", "0.5", "0.3"},
    [PNG] = {".png", "pngcairo size 800,600 background rgb 'white' font 'sans,14' noenhanced", "0.9", "0.5"},
    [TEXT] = {".txt", TEXT_TERMINAL " size 79,24", "1", "1"},
};

void clfit_plot_default(clfit_plot *plot)
{
  *plot = (clfit_plot){.size = sizeof *plot,
                       .points_name = "data",
                       .first_epoch = 1,
                       .loss_step = 1,
                       .line_name = "network",
                       .x_label = "x",
                       .y_label = "y"};
}

/* ---- what can be drawn --------------------------------------------------------------------------------------- */

static enum format format_of(const char *path)
{
  size_t length = strlen(path);
  enum format format = 0;
  if (strcmp(path, "-") == 0) return TEXT;
  for (; format < FORMAT_COUNT; format++) {
    size_t ending = strlen(formats[format].ending);
    if (length >= ending && strcasecmp(path + length - ending, formats[format].ending) == 0) break;
  }
  return format;
}

static clfit_status check_path(const char *path, enum format *format, clfit_error *error)
{
  *format = format_of(path);
  if (*format == FORMAT_COUNT)
    return clfit_fail(error, CLFIT_ERROR_ARGUMENT,
                      "cannot draw %s: a picture's name ends in .svg, .png or, for characters, .txt", path);
  return clfit_gnuplot_check(path, error);
}

clfit_status clfit_plot_check(const char *path, clfit_error *error)
{
  enum format format;
  return check_path(path, &format, error);
}

/* ---- the script ---------------------------------------------------------------------------------------------- */

/* Lowest and highest value that a panel draws; NAN as long as there is none. */
struct range {
  double low, high;
};

struct panel {
  struct range x, y;
};

static const struct panel empty_panel = {{NAN, NAN}, {NAN, NAN}};

static void include(struct range *range, double value)
{
  if (!(range->low <= value)) range->low = value;
  if (!(range->high >= value)) range->high = value;
}

/* gnuplot cannot scale a range of zero width, or one so narrow that its ticks would round to the same number. Widens
 * such a range; returns whether it did. */
static bool open_up(struct range *range)
{
  double most = fmax(fabs(range->low), fabs(range->high));
  double width = range->high - range->low;
  if (width > 1e-9 * most && width > LOSS_MIN) return false;
  double margin = most > LOSS_MIN ? 0.1 * most : 1;
  range->low -= margin;
  range->high += margin;
  return true;
}

/* Sets the range of an axis. gnuplot extends it to the next tick, or, if `exact`, ends it at the data. */
static void print_range(FILE *script, char axis, struct range range, bool exact)
{
  char low[CLFIT_NUMBER_SIZE], high[CLFIT_NUMBER_SIZE];
  fprintf(script, "set autoscale %c\n", axis);
  if (open_up(&range)) {
    clfit_number_print(low, range.low);
    clfit_number_print(high, range.high);
    fprintf(script, "set %crange [%s:%s]\n", axis, low, high);
  } else if (exact) {
    fprintf(script, "set autoscale %cfix\n", axis);
  }
}

/* Sets the range of the first panel's y. */
static void print_fixed(FILE *script, double y_low, double y_high)
{
  char low[CLFIT_NUMBER_SIZE], high[CLFIT_NUMBER_SIZE];
  clfit_number_print(low, y_low);
  clfit_number_print(high, y_high);
  fprintf(script, "set yrange [%s:%s]\n", low, high);
}

/* A curve of n values y at x, or, where x is NULL, at first, first + step ... */
struct curve {
  const char *block; /* name of its data block */
  size_t n;
  const double *x, *y;
  double first, step;
  double lowest; /* smaller values cannot be drawn */
  size_t limit;  /* more values are thinned out */
};

/* How many values of each curve are drawn, and where. */
struct scene {
  size_t n_points, n_line, n_losses, n_held;
  size_t n_bands;
  const clfit_plot *plot; /* names and labels */
  struct panel fit, losses;
};

/* If `kept` evenly spaced values out of n are drawn: index of the i-th of them. */
static size_t thinned(size_t i, size_t kept, size_t n)
{
  return kept < 2 ? 0 : (i * (n - 1) + (kept - 1) / 2) / (kept - 1);
}

/* Writes a curve as the data block $name. A value that cannot be drawn breaks its line. Returns how many are drawn. */
static size_t print_block(FILE *script, const struct curve *curve, struct panel *panel)
{
  size_t n = curve->y ? curve->n : 0;
  size_t kept = n < curve->limit ? n : curve->limit;
  size_t drawn = 0;
  fprintf(script, "$%s << END\n", curve->block);
  for (size_t i = 0; i < kept; i++) {
    size_t k = thinned(i, kept, n);
    double at = curve->x ? curve->x[k] : curve->first + (double)k * curve->step;
    double value = curve->y[k] >= curve->lowest ? curve->y[k] : NAN;
    if (!clfit_gnuplot_point(script, at, value)) continue;
    include(&panel->x, at);
    include(&panel->y, value);
    drawn++;
  }
  fprintf(script, "END\n");
  return drawn;
}

/* Writes a band as the data block $bandI, "x low high". */
static size_t print_band(FILE *script, const clfit_plot *plot, size_t index, struct panel *panel)
{
  const clfit_plot_band *band = &plot->bands[index];
  size_t kept = plot->n_line < LINE_POINTS_MAX ? plot->n_line : LINE_POINTS_MAX, drawn = 0;
  char high[CLFIT_NUMBER_SIZE], low[CLFIT_NUMBER_SIZE], x[CLFIT_NUMBER_SIZE];
  fprintf(script, "$band%zu << END\n", index);
  for (size_t i = 0; i < kept; i++) {
    size_t k = thinned(i, kept, plot->n_line);
    bool drawable = fabs(plot->line_x[k]) <= CLFIT_GNUPLOT_MAX && fabs(band->low[k]) <= CLFIT_GNUPLOT_MAX &&
                    fabs(band->high[k]) <= CLFIT_GNUPLOT_MAX;
    if (!drawable) {
      fputc('\n', script);
      continue;
    }
    clfit_number_print(x, plot->line_x[k]);
    clfit_number_print(low, band->low[k]);
    clfit_number_print(high, band->high[k]);
    fprintf(script, "%s %s %s\n", x, low, high);
    include(&panel->x, plot->line_x[k]);
    include(&panel->y, band->low[k]);
    include(&panel->y, band->high[k]);
    drawn++;
  }
  fputs("END\n", script);
  return drawn;
}

static struct scene print_blocks(FILE *script, const clfit_plot *plot)
{
  struct curve points = {"points", plot->n_points, plot->x, plot->y, 0, 0, -CLFIT_GNUPLOT_MAX, POINTS_MAX};
  struct curve line = {"line", plot->n_line, plot->line_x, plot->line_z, 0, 0, -CLFIT_GNUPLOT_MAX, LINE_POINTS_MAX};
  struct curve losses = {"losses",          plot->n_losses,  NULL,     plot->losses,
                         plot->first_epoch, plot->loss_step, LOSS_MIN, LOSSES_MAX};
  struct curve held = {"held",          plot->n_losses, NULL,      plot->held_losses, plot->first_epoch,
                       plot->loss_step, LOSS_MIN,       LOSSES_MAX};
  struct scene scene = {.plot = plot, .fit = empty_panel, .losses = empty_panel};
  if (points.x) scene.n_points = print_block(script, &points, &scene.fit);
  if (line.x) scene.n_line = print_block(script, &line, &scene.fit);
  for (size_t i = 0; i < plot->n_bands && scene.n_line && print_band(script, plot, i, &scene.fit); i++) scene.n_bands++;
  scene.n_losses = print_block(script, &losses, &scene.losses);
  scene.n_held = print_block(script, &held, &scene.losses);
  if (plot->y_low < plot->y_high) scene.fit.y = (struct range){plot->y_low, plot->y_high};
  return scene;
}

/* Sets colours and point sizes. A picture of characters has only curves and a key. */
static void print_style(FILE *script, bool few, enum format format)
{
  if (format == TEXT) {
    fputs("set encoding utf8\n"
          "set key above\n"
          "set style line 1 pt 'o'\n"
          "set style line 2 lt 1 pt '*'\n"
          "set style line 3 lt 1 pt '*'\n"
          "set style line 4 pt '.'\n"
          "set style line 5 pt ':'\n"
          "set style line 6 lt 2 pt '.'\n",
          script);
    return;
  }
  clfit_gnuplot_style(script, few ? formats[format].few : formats[format].many, formats[format].few);
  fprintf(script,
          "set rmargin 4\n"
          "set key at graph 0.5, graph 1.02 bottom center horizontal samplen 2\n"
          "set style line 3 lw 1.5 pt 7 ps %s lc rgb '#4a7ab5'\n"
          "set style line 4 lc rgb '#f8dcdc'\n"
          "set style line 5 lc rgb '#eda9a9'\n"
          "set style line 6 lw 1.5 dt 2 pt 7 ps %s lc rgb '#c46a00'\n",
          formats[format].few, formats[format].few);
}

/* Prints a title, the second of its lines being the subtitle; a long one is broken at a blank. Returns the lines that
 * follow the first. */
static unsigned print_lines(FILE *script, const char *title, const char *subtitle)
{
  char first[CLFIT_MESSAGE_SIZE];
  size_t cut = clfit_title_break(title, TITLE_MAX);
  snprintf(first, sizeof first, "%.*s", (int)cut, title);
  clfit_gnuplot_text(script, cut ? first : title);
  if (cut) fputs(".\"\\n\".", script);
  if (cut) clfit_gnuplot_text(script, title + cut + 1);
  if (subtitle) fputs(".\"\\n\".", script);
  if (subtitle) clfit_gnuplot_text(script, subtitle);
  return (cut > 0) + (subtitle != NULL);
}

/* The title, perhaps in two lines, and a margin above the plot for it and for the lines of the key below it. */
static void print_title(FILE *script, const clfit_plot *plot, unsigned lines, enum format format)
{
  static const char *const offsets[] = {"", " offset 0,1.1", " offset 0,2.4"};
  static const double titled[] = {3, 4, 5.3}, untitled[] = {1.5, 3, 4.3};
  unsigned more = 0;
  if (plot->title) {
    fputs("set title ", script);
    more = print_lines(script, plot->title, plot->subtitle);
    fprintf(script, "%s\n", format != TEXT ? offsets[lines] : "");
  }
  if (format != TEXT) {
    char margin[CLFIT_NUMBER_SIZE];
    clfit_number_print(margin, plot->title ? titled[lines] + 1.2 * more : untitled[lines]);
    fprintf(script, "set tmargin %s\n", margin);
  }
  fprintf(script, "%sset key\n", lines ? "" : "un");
}

/* A single value is drawn as a point, because a line through it would be invisible. */
static const char *line_style(size_t drawn)
{
  return drawn == 1 ? "points" : "lines";
}

static const char *name_or(const char *name, const char *otherwise)
{
  return name ? name : otherwise;
}

/* A part of gnuplot's plot command, and what the key calls it. */
static void print_item(FILE *script, bool *first, const char *name, const char *format, ...)
{
  va_list arguments;
  va_start(arguments, format);
  if (!*first) fputs(", ", script);
  vfprintf(script, format, arguments);
  fputs(" title ", script);
  clfit_gnuplot_text(script, name);
  *first = false;
  va_end(arguments);
}

/* Bands lie below, and so come first. Characters have no areas: there the edges are drawn. */
static void print_bands(FILE *script, const struct scene *scene, enum format format, bool *first)
{
  for (size_t i = 0; i < scene->n_bands; i++) {
    const char *name = name_or(scene->plot->bands[i].name, "band");
    unsigned band = (unsigned)i, style = 4 + band;
    if (format != TEXT)
      print_item(script, first, name, "$band%u using 1:2:3 with filledcurves fs solid 1 noborder ls %u", band, style);
    else
      print_item(script, first, name, "$band%u using 1:2 with points ls %u notitle, '' using 1:3 with points ls %u",
                 band, style, style);
  }
}

static void print_labels(FILE *script, const clfit_plot *plot)
{
  fputs("set xlabel ", script);
  clfit_gnuplot_text(script, name_or(plot->x_label, "x"));
  fputs("\nset ylabel ", script);
  clfit_gnuplot_text(script, name_or(plot->y_label, "y"));
  fputc('\n', script);
}

static void print_fit(FILE *script, const struct scene *scene, enum format format)
{
  bool first = true;
  print_range(script, 'x', scene->fit.x, false);
  print_range(script, 'y', scene->fit.y, false);
  if (scene->plot->y_low < scene->plot->y_high) print_fixed(script, scene->plot->y_low, scene->plot->y_high);
  print_labels(script, scene->plot);
  fputs("plot ", script);
  print_bands(script, scene, format, &first);
  if (scene->n_points)
    print_item(script, &first, name_or(scene->plot->points_name, "data"), "$points with points ls 1");
  if (scene->n_line)
    print_item(script, &first, name_or(scene->plot->line_name, "network"), "$line with %s ls 2",
               line_style(scene->n_line));
  fputc('\n', script);
}

/* Epochs are whole: ticks 1, 2 or 5 times a power of ten apart, at most six, so that numbers of ten digits have
 * room. */
static double epochs_per_tick(double epochs)
{
  double step = 1;
  for (int i = 0; step * 5 < epochs; i++) step *= i % 3 == 1 ? 2.5 : 2;
  return step;
}

/* Draws the losses on a logarithmic axis, unless they differ by less than a factor of 2: then a logarithmic axis looks
 * the same and may have no labelled tick. The key lies above the panel, where no curve can reach it. */
static void print_losses(FILE *script, const struct scene *scene)
{
  bool first = true;
  print_range(script, 'x', scene->losses.x, true);
  print_range(script, 'y', scene->losses.y, false);
  if (scene->losses.y.high >= 2 * scene->losses.y.low) fputs("set logscale y\n", script);
  fprintf(script, "set xtics %.0f\nset format x '%%.10g'\nset format y '%%g'\nset xlabel 'epoch'\nset ylabel '%s'\n",
          epochs_per_tick(scene->losses.x.high - scene->losses.x.low), scene->n_held ? "loss" : "train loss");
  if (scene->n_held) fputs("set key\n", script);
  fputs("plot ", script);
  print_item(script, &first, "train loss", "$losses with %s ls 3", line_style(scene->n_losses));
  if (scene->n_held) print_item(script, &first, "held-out loss", "$held with %s ls 6", line_style(scene->n_held));
  fputc('\n', script);
}

/* The fit above, and below it, a third as high, the losses. */
static void print_panels(FILE *script, const struct scene *scene, enum format format)
{
  bool fit = scene->n_points || scene->n_line;
  bool both = fit && scene->n_losses;
  if (both && format != TEXT) fputs("set multiplot\nset lmargin 11\nset origin 0,0.36\nset size 1,0.64\n", script);
  /* a line has room for two names */
  bool key = (scene->n_points || scene->n_bands) && scene->n_line;
  print_title(script, scene->plot, key ? (scene->n_bands ? 2 : 1) : 0, format);
  if (fit) print_fit(script, scene, format);
  if (both) fputs("unset title\nunset key\n", script);
  if (both && format != TEXT)
    fprintf(script, "set tmargin %s\nset origin 0,0\nset size 1,0.36\n", scene->n_held ? "2.2" : "1");
  if (both && format == TEXT) fputs("set terminal " TEXT_TERMINAL " size 79,12\n", script);
  if (scene->n_losses) print_losses(script, scene);
  if (both && format != TEXT) fputs("unset multiplot\n", script);
}

static clfit_status print_script(FILE *script, const clfit_plot *plot, const char *path, enum format format,
                                 clfit_error *error)
{
  struct scene scene = print_blocks(script, plot);
  if (scene.n_points + scene.n_line + scene.n_losses == 0)
    return clfit_fail(error, CLFIT_ERROR_ARGUMENT, "cannot draw %s: there is no finite value to draw", path);
  print_style(script, scene.n_points <= FEW_POINTS, format);
  print_panels(script, &scene, format);
  return CLFIT_OK;
}

clfit_status clfit_plot_print(FILE *script, const clfit_plot *plot, const char *name, clfit_error *error)
{
  return print_script(script, plot, name, PNG, error);
}

/* ---- drawing --------------------------------------------------------------------------------------------------- */

/* Copies without blanks at a line's end and form feeds, of which gnuplot's picture of characters is full. */
static void copy_trimmed(const char *bytes, size_t n, size_t *blanks, FILE *picture)
{
  for (size_t i = 0; i < n; i++) {
    if (bytes[i] == '\f') continue;
    if (bytes[i] == ' ') {
      ++*blanks;
      continue;
    }
    if (bytes[i] != '\n') fprintf(picture, "%*s", (int)*blanks, "");
    *blanks = 0;
    fputc(bytes[i], picture);
  }
}

/* gnuplot's picture of characters, trimmed. */
static clfit_status draw_text(FILE *script, const char *path, FILE *picture, clfit_error *error)
{
  char bytes[4096];
  size_t n, blanks = 0;
  FILE *untrimmed = tmpfile();
  if (!untrimmed) return clfit_fail_file(error, "run gnuplot to draw", path, errno);
  clfit_status status = clfit_gnuplot_run(script, path, untrimmed, error);
  errno = 0;
  if (!status && (fflush(untrimmed) || ferror(untrimmed)))
    status = clfit_fail_file(error, "run gnuplot to draw", path, errno ? errno : EIO);
  rewind(untrimmed);
  while (!status && (n = fread(bytes, 1, sizeof bytes, untrimmed)) > 0) copy_trimmed(bytes, n, &blanks, picture);
  fclose(untrimmed);
  return status;
}

clfit_status clfit_plot_write(const clfit_plot *plot, const char *path, FILE *stream, clfit_error *error)
{
  enum format format;
  if (plot->size != sizeof *plot)
    return clfit_fail(error, CLFIT_ERROR_ARGUMENT, "the size of a clfit_plot is %zu; this library has %zu", plot->size,
                      sizeof *plot);
  if (plot->n_bands > CLFIT_PLOT_BANDS_MAX)
    return clfit_fail(error, CLFIT_ERROR_ARGUMENT, "a picture has at most %d bands, not %zu", CLFIT_PLOT_BANDS_MAX,
                      plot->n_bands);
  clfit_status status = check_path(path, &format, error);
  if (status) return status;
  FILE *script = tmpfile();
  if (!script) return clfit_fail_file(error, "make gnuplot's script for", path, errno);
  fprintf(script, "set terminal %s\n", formats[format].terminal);
  status = print_script(script, plot, path, format, error);
  if (!status && format == TEXT) status = draw_text(script, path, stream, error);
  if (!status && format != TEXT) status = clfit_gnuplot_run(script, path, stream, error);
  fclose(script);
  return status;
}

clfit_status clfit_plot_draw(const clfit_plot *plot, const char *path, clfit_error *error)
{
  clfit_output output;
  clfit_status status = clfit_plot_check(path, error);
  if (!status) status = clfit_output_open(&output, path, error);
  if (status) return status;
  status = clfit_plot_write(plot, path, output.stream, error);
  if (!status) return clfit_output_commit(&output, error);
  clfit_output_abandon(&output);
  return status;
}
