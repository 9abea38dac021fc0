/* Pictures through gnuplot: a script on its standard input, the picture from its standard output. No text of the
 * caller's is ever seen by a shell or executed by gnuplot. */
#include "base/error.h"
#include "base/files.h"
#include "base/number.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

/* More values than these are thinned out evenly, the first and the last kept: nobody sees more on 800 pixels, and an SVG
 * of 2^20 points would have 60 MB. */
#define POINTS_MAX      5000
#define LINE_POINTS_MAX 5000
#define LOSSES_MAX      2000

/* gnuplot takes values above 9e307 for undefined and needs room to round its scale; denormals have no logarithmic one. */
#define DRAWABLE_MAX 1e300
#define LOSS_MIN     1e-300

/* Few points are drawn larger than many. */
#define FEW_POINTS 200

/* Longest title, in bytes: a picture is about 90 characters wide. */
#define TITLE_MAX 400

#define PROGRAM_PATH_SIZE 4096 /* PATH_MAX of Linux */

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
  *plot = (clfit_plot){.size = sizeof *plot, .points_name = "data", .first_epoch = 1};
}

/* ---- what can be drawn --------------------------------------------------------------------------------------- */

static enum format format_of(const char *path)
{
  size_t length = strlen(path);
  enum format format = 0;
  for (; format < FORMAT_COUNT; format++) {
    size_t ending = strlen(formats[format].ending);
    if (length >= ending && strcasecmp(path + length - ending, formats[format].ending) == 0) break;
  }
  return format;
}

static bool is_program(const char *path)
{
  struct stat status;
  return stat(path, &status) == 0 && S_ISREG(status.st_mode) && access(path, X_OK) == 0;
}

/* The first executable gnuplot in the directories of PATH, an empty one of which is the current one. */
static bool find_gnuplot(char path[PROGRAM_PATH_SIZE])
{
  const char *directories = getenv("PATH");
  while (directories) {
    size_t length = strcspn(directories, ":");
    int size = snprintf(path, PROGRAM_PATH_SIZE, "%.*s%s/gnuplot", (int)length, directories, length ? "" : ".");
    if (size > 0 && size < PROGRAM_PATH_SIZE && is_program(path)) return true;
    directories = directories[length] ? directories + length + 1 : NULL;
  }
  return false;
}

static clfit_status check_path(const char *path, enum format *format, char gnuplot[PROGRAM_PATH_SIZE],
                               clfit_error *error)
{
  *format = format_of(path);
  if (*format == FORMAT_COUNT)
    return clfit_fail(error, CLFIT_ERROR_ARGUMENT,
                      "cannot draw %s: a picture's name ends in .svg, .png or, for characters, .txt", path);
  if (!find_gnuplot(gnuplot))
    return clfit_fail(error, CLFIT_ERROR_UNSUPPORTED,
                      "cannot draw %s: gnuplot is not installed (apt install gnuplot-nox)", path);
  return CLFIT_OK;
}

clfit_status clfit_plot_check(const char *path, clfit_error *error)
{
  enum format format;
  char gnuplot[PROGRAM_PATH_SIZE];
  return check_path(path, &format, gnuplot, error);
}

/* ---- the script ---------------------------------------------------------------------------------------------- */

/* Lowest and highest of what a panel draws; NAN before there is anything. */
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

/* gnuplot scales any range but one without width, or one that rounding would cut to pieces. Returns whether *range was
 * such a one and has become wider. */
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

/* The range of an axis: gnuplot rounds it to its ticks, or ends it with the data where `exact`. */
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

/* A curve of n values y at x, or, where x is NULL, at first, first + 1 ... */
struct curve {
  const char *block; /* name of its data block */
  size_t n;
  const double *x, *y;
  double first;
  double lowest; /* smaller values cannot be drawn */
  size_t limit;  /* more values are thinned out */
};

/* How many values of each curve are drawn, and where. */
struct scene {
  size_t n_points, n_line, n_losses;
  const char *points_name; /* in the key */
  struct panel fit, losses;
};

/* Index of value i of the `kept` out of n that thinning leaves. */
static size_t thinned(size_t i, size_t kept, size_t n)
{
  return kept < 2 ? 0 : (i * (n - 1) + (kept - 1) / 2) / (kept - 1);
}

/* Writes a curve as the data block $name. A value that cannot be drawn breaks its line. Returns how many are drawn. */
static size_t print_block(FILE *script, const struct curve *curve, struct panel *panel)
{
  char x[CLFIT_NUMBER_SIZE], y[CLFIT_NUMBER_SIZE];
  size_t n = curve->y ? curve->n : 0;
  size_t kept = n < curve->limit ? n : curve->limit;
  size_t drawn = 0;
  fprintf(script, "$%s << END\n", curve->block);
  for (size_t i = 0; i < kept; i++) {
    size_t k = thinned(i, kept, n);
    double at = curve->x ? curve->x[k] : curve->first + (double)k;
    if (!(fabs(at) <= DRAWABLE_MAX && fabs(curve->y[k]) <= DRAWABLE_MAX && curve->y[k] >= curve->lowest)) {
      fputc('\n', script);
      continue;
    }
    clfit_number_print(x, at);
    clfit_number_print(y, curve->y[k]);
    fprintf(script, "%s %s\n", x, y);
    include(&panel->x, at);
    include(&panel->y, curve->y[k]);
    drawn++;
  }
  fprintf(script, "END\n");
  return drawn;
}

static struct scene print_blocks(FILE *script, const clfit_plot *plot)
{
  struct curve points = {"points", plot->n_points, plot->x, plot->y, 0, -DRAWABLE_MAX, POINTS_MAX};
  struct curve line = {"line", plot->n_line, plot->line_x, plot->line_z, 0, -DRAWABLE_MAX, LINE_POINTS_MAX};
  struct curve losses = {"losses", plot->n_losses, NULL, plot->losses, plot->first_epoch, LOSS_MIN, LOSSES_MAX};
  struct scene scene = {
      .points_name = plot->points_name ? plot->points_name : "data", .fit = empty_panel, .losses = empty_panel};
  if (points.x) scene.n_points = print_block(script, &points, &scene.fit);
  if (line.x) scene.n_line = print_block(script, &line, &scene.fit);
  scene.n_losses = print_block(script, &losses, &scene.losses);
  return scene;
}

/* Length of the UTF-8 sequence that text starts with; 0 if it is none, or of a character that no XML may have. */
static size_t sequence_length(const char *text)
{
  static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
  uint32_t first = (unsigned char)*text;
  if (first < 0x80) return first < ' ' || first == 0x7f ? 0 : 1;
  size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  uint32_t character = first & (0xffu >> (length + 1));
  for (size_t i = 1; i < length; i++) {
    if (((unsigned char)text[i] & 0xc0) != 0x80) return 0;
    character = character << 6 | ((unsigned char)text[i] & 0x3f);
  }
  bool surrogate = character >= 0xd800 && character <= 0xdfff;
  bool valid = first >= 0xc0 && character >= least[length] && character <= 0x10ffff && !surrogate;
  return valid && (character & 0xfffe) != 0xfffe ? length : 0;
}

/* A string for gnuplot, in which no character of the text can mean anything to it: all but letters and blanks are
 * octal (digits, too: gnuplot takes more than three as one number; and doubling single quotes is not enough: two in a
 * row end the string). Bytes that cannot be shown become '?', control characters nothing. */
static void print_quoted(FILE *script, const char *text)
{
  static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ ";
  fputc('"', script);
  for (size_t total = 0; *text && total < TITLE_MAX; total++) {
    size_t length = sequence_length(text);
    bool control = length == 0 && (unsigned char)*text < 0x80;
    if (length == 0 && !control) fputc('?', script);
    if (length == 0) text++;
    for (; length > 0; length--, text++) fprintf(script, strchr(plain, *text) ? "%c" : "\\%03o", (unsigned char)*text);
  }
  fputc('"', script);
}

/* The look of it all. In a picture of characters there is room for nothing but the curves. */
static void print_style(FILE *script, bool few, enum format format)
{
  fprintf(script, "set terminal %s\nset encoding utf8\n", formats[format].terminal);
  if (format == TEXT) {
    fputs("set key above\n"
          "set style line 1 pt 'o'\n"
          "set style line 2 lt 1 pt '*'\n"
          "set style line 3 lt 1 pt '*'\n",
          script);
    return;
  }
  fprintf(script,
          "set grid lt 1 lw 1 lc rgb '#e8e8e8'\n"
          "set border lw 1 lc rgb '#808080'\n"
          "set tics nomirror textcolor rgb '#202020'\n"
          "set rmargin 4\n"
          "set key at graph 0.5, graph 1.02 bottom center horizontal samplen 2\n"
          "set style line 1 pt 7 ps %s lc rgb '#4a7ab5'\n"
          "set style line 2 lw 2 pt 7 ps %s lc rgb '#d62728'\n"
          "set style line 3 lw 1.5 pt 7 ps %s lc rgb '#4a7ab5'\n",
          few ? formats[format].few : formats[format].many, formats[format].few, formats[format].few);
}

/* The title, and above the plot as much room as it and a line of key below it need. */
static void print_title(FILE *script, const char *title, bool key, enum format format)
{
  if (title) {
    fputs("set title ", script);
    print_quoted(script, title);
    fputs(key && format != TEXT ? " offset 0,1.1\n" : "\n", script);
  }
  if (format != TEXT) fprintf(script, "set tmargin %s\n", key ? (title ? "4" : "3") : (title ? "3" : "1.5"));
  fprintf(script, "%sset key\n", key ? "" : "un");
}

/* A line through a single value would not be seen. */
static const char *line_style(size_t drawn)
{
  return drawn == 1 ? "points" : "lines";
}

static void print_fit(FILE *script, const struct scene *scene)
{
  print_range(script, 'x', scene->fit.x, false);
  print_range(script, 'y', scene->fit.y, false);
  fputs("set xlabel 'x'\nset ylabel 'y'\nplot ", script);
  if (scene->n_points) fputs("$points with points ls 1 title ", script);
  if (scene->n_points) print_quoted(script, scene->points_name);
  if (scene->n_points && scene->n_line) fputs(", ", script);
  if (scene->n_line) fprintf(script, "$line with %s ls 2 title 'network'", line_style(scene->n_line));
  fputc('\n', script);
}

/* Epochs are whole: ticks 1, 2 or 5 times a power of ten apart, at most six, so that numbers of ten digits have room. */
static double epochs_per_tick(double epochs)
{
  double step = 1;
  for (int i = 0; step * 5 < epochs; i++) step *= i % 3 == 1 ? 2.5 : 2;
  return step;
}

/* On a logarithmic scale, unless that would be hardly different and have no numbers on it. */
static void print_losses(FILE *script, const struct scene *scene)
{
  print_range(script, 'x', scene->losses.x, true);
  print_range(script, 'y', scene->losses.y, false);
  if (scene->losses.y.high >= 2 * scene->losses.y.low) fputs("set logscale y\n", script);
  fprintf(script, "set xtics %.0f\nset format x '%%.10g'\nset format y '%%g'\n",
          epochs_per_tick(scene->losses.x.high - scene->losses.x.low));
  fprintf(script, "set xlabel 'epoch'\nset ylabel 'train loss'\nplot $losses with %s ls 3\n",
          line_style(scene->n_losses));
}

/* The fit above, and below it, a third as high, the losses. */
static void print_panels(FILE *script, const struct scene *scene, const char *title, enum format format)
{
  bool fit = scene->n_points || scene->n_line;
  bool both = fit && scene->n_losses;
  if (both && format != TEXT) fputs("set multiplot\nset lmargin 11\nset origin 0,0.36\nset size 1,0.64\n", script);
  print_title(script, title, scene->n_points && scene->n_line, format);
  if (fit) print_fit(script, scene);
  if (both) fputs("unset title\nunset key\n", script);
  if (both && format != TEXT) fputs("set tmargin 1\nset origin 0,0\nset size 1,0.36\n", script);
  if (both && format == TEXT) fputs("set terminal " TEXT_TERMINAL " size 79,12\n", script);
  if (scene->n_losses) print_losses(script, scene);
  if (both && format != TEXT) fputs("unset multiplot\n", script);
}

/* Writes the script into a new temporary file, which stands at its start then. */
static clfit_status make_script(const clfit_plot *plot, const char *path, enum format format, FILE **script,
                                clfit_error *error)
{
  FILE *stream = tmpfile();
  if (!stream) return clfit_fail_file(error, "make gnuplot's script for", path, errno);
  clfit_status status = CLFIT_OK;
  struct scene scene = print_blocks(stream, plot);
  if (scene.n_points + scene.n_line + scene.n_losses == 0) {
    status = clfit_fail(error, CLFIT_ERROR_ARGUMENT, "cannot draw %s: there is no finite value to draw", path);
    goto out;
  }
  print_style(stream, scene.n_points <= FEW_POINTS, format);
  print_panels(stream, &scene, plot->title, format);
  errno = 0;
  if (fflush(stream) || ferror(stream) || fseek(stream, 0, SEEK_SET))
    status = clfit_fail_file(error, "make gnuplot's script for", path, errno ? errno : EIO);
out:
  if (status) fclose(stream);
  if (!status) *script = stream;
  return status;
}

/* ---- running gnuplot ----------------------------------------------------------------------------------------- */

/* Starts gnuplot between three descriptors; -d leaves out the user's settings. Returns 0 or an errno. */
static int start(const char *gnuplot, int input, int output, int messages, pid_t *child)
{
  char *const arguments[] = {"gnuplot", "-d", NULL};
  posix_spawn_file_actions_t actions;
  int number = posix_spawn_file_actions_init(&actions);
  if (number) return number;
  number = posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
  if (!number) number = posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
  if (!number) number = posix_spawn_file_actions_adddup2(&actions, messages, STDERR_FILENO);
  if (!number) number = posix_spawn(child, gnuplot, &actions, NULL, arguments, environ);
  posix_spawn_file_actions_destroy(&actions);
  return number;
}

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

/* Reads all that gnuplot writes, so that it never waits for us. What cannot be written shows when picture is closed.
 * Returns the number of bytes read. */
static size_t copy_output(int output, enum format format, FILE *picture)
{
  char bytes[4096];
  size_t total = 0;
  size_t blanks = 0;
  for (;;) {
    ssize_t n = read(output, bytes, sizeof bytes);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return total;
    total += (size_t)n;
    if (format == TEXT)
      copy_trimmed(bytes, (size_t)n, &blanks, picture);
    else
      fwrite(bytes, 1, (size_t)n, picture);
  }
}

/* "line 7: unknown terminal type" */
static bool is_mistake(const char *line)
{
  unsigned number;
  int colon = 0;
  return sscanf(line, "line %u%n", &number, &colon) == 1 && line[colon] == ':' && !strstr(line, ": warning:");
}

/* Finds the one line among gnuplot's messages that says what is wrong, between lines that show where and warnings; or
 * else the first one. */
static void find_reason(FILE *messages, char reason[CLFIT_MESSAGE_SIZE])
{
  char line[CLFIT_MESSAGE_SIZE];
  strcpy(reason, "it does not say why");
  rewind(messages);
  for (bool found = false, first = true; !found && fgets(line, sizeof line, messages);) {
    char *text = line + strspn(line, " \t\n");
    text[strcspn(text, "\n")] = '\0';
    found = is_mistake(text);
    if (found || (first && *text)) strcpy(reason, text);
    first = first && !*text;
  }
}

/* Waits for gnuplot's end. */
static clfit_status check_end(pid_t child, size_t drawn, const char *path, FILE *messages, clfit_error *error)
{
  char reason[CLFIT_MESSAGE_SIZE];
  int end = 0;
  while (waitpid(child, &end, 0) < 0)
    if (errno != EINTR) return clfit_fail_file(error, "wait for gnuplot to draw", path, errno);
  find_reason(messages, reason);
  if (WIFSIGNALED(end))
    return clfit_fail(error, CLFIT_ERROR_UNSUPPORTED, "cannot draw %s: gnuplot was ended by signal %d", path,
                      WTERMSIG(end));
  if (WEXITSTATUS(end) != 0)
    return clfit_fail(error, CLFIT_ERROR_UNSUPPORTED, "cannot draw %s: gnuplot failed (exit %d): %s", path,
                      WEXITSTATUS(end), reason);
  if (drawn == 0)
    return clfit_fail(error, CLFIT_ERROR_UNSUPPORTED, "cannot draw %s: gnuplot drew nothing: %s", path, reason);
  return CLFIT_OK;
}

static clfit_status run(const char *gnuplot, FILE *script, enum format format, struct new_file *picture,
                        clfit_error *error)
{
  clfit_status status = CLFIT_OK;
  pid_t child;
  int ends[2] = {-1, -1};
  FILE *messages = tmpfile();
  if (!messages || pipe(ends)) {
    status = clfit_fail_file(error, "run gnuplot to draw", picture->path, errno);
    goto out;
  }
  fcntl(ends[0], F_SETFD, FD_CLOEXEC);
  fcntl(ends[1], F_SETFD, FD_CLOEXEC); /* its copy in gnuplot is without */
  int number = start(gnuplot, fileno(script), ends[1], fileno(messages), &child);
  close(ends[1]); /* so that the other end sees gnuplot close its copy */
  ends[1] = -1;
  if (number) {
    status = clfit_fail_file(error, "run gnuplot to draw", picture->path, number);
    goto out;
  }
  size_t drawn = copy_output(ends[0], format, picture->stream);
  status = check_end(child, drawn, picture->path, messages, error);
out:
  if (ends[0] >= 0) close(ends[0]);
  if (ends[1] >= 0) close(ends[1]);
  if (messages) fclose(messages);
  return status;
}

clfit_status clfit_plot_draw(const clfit_plot *plot, const char *path, clfit_error *error)
{
  enum format format;
  char gnuplot[PROGRAM_PATH_SIZE];
  FILE *script = NULL;
  struct new_file picture = {0};
  if (plot->size != sizeof *plot)
    return clfit_fail(error, CLFIT_ERROR_ARGUMENT, "the size of a clfit_plot is %zu; this library has %zu", plot->size,
                      sizeof *plot);
  clfit_status status = check_path(path, &format, gnuplot, error);
  if (!status) status = make_script(plot, path, format, &script, error);
  if (!status) status = clfit_new_file_open(&picture, path, error);
  if (!status) status = run(gnuplot, script, format, &picture, error);
  if (!status) status = clfit_new_file_commit(&picture, error);
  clfit_new_file_abandon(&picture);
  if (script) fclose(script);
  return status;
}
