#include "clfit.h"

#include "scratch.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

static clfit_error error;
static char system_path[SCRATCH_PATH_SIZE];

static void prepare(void)
{
  scratch_make();
  memset(&error, 0xA5, sizeof error);
  snprintf(system_path, sizeof system_path, "%s", getenv("PATH"));
}

TestSuite(plot, .init = prepare, .fini = scratch_remove);

#define N 100
static double x[N], y[N], z[N], losses[N];

/* The chapter's curve, an answer near it, and falling losses. */
static clfit_plot make_plot(void)
{
  clfit_plot plot;
  memset(&plot, 0xA5, sizeof plot);
  clfit_plot_default(&plot);
  for (int i = 0; i < N; i++) {
    x[i] = i / (N - 1.0);
    y[i] = 0.4 * x[i] * x[i] + 0.3 * x[i] * sin(15 * x[i]) + 0.01 * cos(50 * x[i]) - 0.3;
    z[i] = y[i] + 0.02 * sin(30 * x[i]);
    losses[i] = 0.1 / (i + 1);
  }
  plot.title = "cell:128 sample:1000 iteration:1000 rate:0.1";
  plot.n_points = plot.n_line = N;
  plot.x = plot.line_x = x;
  plot.y = y;
  plot.line_z = z;
  return plot;
}

/* Draws into the scratch directory; free the bytes. */
static char *draw(const clfit_plot *plot, const char *name, size_t *size)
{
  if (clfit_plot_check("a.svg", NULL)) scratch_skip("gnuplot is not installed");
  int count = scratch_count() + (access(scratch_path(name), F_OK) != 0);
  cr_assert_eq(clfit_plot_draw(plot, scratch_path(name), &error), CLFIT_OK, "%s", error.message);
  cr_expect_eq(scratch_count(), count, "nothing but the picture");
  return scratch_read(name, size);
}

static int count_of(const char *text, const char *part)
{
  int count = 0;
  for (; (text = strstr(text, part)); text += strlen(part)) count++;
  return count;
}

/* Of SVG: how gnuplot draws a point, and the line of the network. */
#define POINT    "xlink:href='#gpPt6'"
#define RED_PATH "<path stroke='rgb(214,  39,  40)'"

static void expect_svg(const char *text)
{
  cr_expect(strncmp(text, "<?xml", 5) == 0 || strncmp(text, "<svg", 4) == 0);
  cr_expect(strstr(text, "</svg>"), "it is all there");
  cr_expect(strstr(text, "width=\"800\" height=\"600\""));
}

Test(plot, default_is_empty)
{
  clfit_plot plot;
  memset(&plot, 0xA5, sizeof plot);
  clfit_plot_default(&plot);
  cr_expect_eq(plot.size, sizeof plot);
  cr_expect_null(plot.title);
  cr_expect_null(plot.x);
  cr_expect_null(plot.line_x);
  cr_expect_null(plot.losses);
  cr_expect_eq(plot.n_points + plot.n_line + plot.n_losses, 0);
  cr_expect_eq(plot.first_epoch, 1);
}

/* ---- pictures ------------------------------------------------------------------------------------------------ */

Test(plot, svg_of_a_fit)
{
  clfit_plot plot = make_plot();
  char *text = draw(&plot, "a.svg", NULL);
  expect_svg(text);
  cr_expect(strstr(text, "cell:128 sample:1000 iteration:1000 rate:0.1"));
  cr_expect_eq(count_of(text, POINT), N + 1, "every point, and one in the key");
  cr_expect_eq(count_of(text, RED_PATH), 1);
  cr_expect_eq(count_of(text, ">data<"), 1);
  cr_expect_eq(count_of(text, ">network<"), 1);
  cr_expect_eq(count_of(text, ">x<"), 1);
  cr_expect_eq(count_of(text, ">y<"), 1);
  cr_expect_null(strstr(text, "train loss"));
  free(text);
}

Test(plot, samples_alone)
{
  clfit_plot plot = make_plot();
  plot.n_line = 0;
  char *text = draw(&plot, "a.svg", NULL);
  expect_svg(text);
  cr_expect_eq(count_of(text, POINT), N);
  cr_expect_eq(count_of(text, RED_PATH), 0);
  cr_expect_null(strstr(text, "network"), "one curve needs no key");
  free(text);
}

Test(plot, line_alone)
{
  clfit_plot plot = make_plot();
  plot.x = plot.y = NULL;
  char *text = draw(&plot, "a.svg", NULL);
  expect_svg(text);
  cr_expect_eq(count_of(text, POINT), 0);
  cr_expect_eq(count_of(text, RED_PATH), 1);
  free(text);
}

Test(plot, losses_below_the_fit)
{
  clfit_plot plot = make_plot();
  plot.losses = losses;
  plot.n_losses = N;
  char *text = draw(&plot, "a.svg", NULL);
  expect_svg(text);
  cr_expect_eq(count_of(text, ">train loss<"), 1);
  cr_expect_eq(count_of(text, ">epoch<"), 1);
  cr_expect_eq(count_of(text, ">x<"), 1);
  cr_expect_eq(count_of(text, "cell:128"), 1, "one title for both");
  cr_expect_eq(count_of(text, POINT), N + 1);
  cr_expect(strstr(text, "0.001<") && strstr(text, "0.01<") && strstr(text, "0.1<"), "a logarithmic scale");
  free(text);
}

Test(plot, losses_alone)
{
  clfit_plot plot = make_plot();
  plot.n_points = plot.n_line = 0;
  plot.losses = losses;
  plot.n_losses = N;
  plot.first_epoch = 5000000;
  char *text = draw(&plot, "a.svg", NULL);
  expect_svg(text);
  cr_expect_eq(count_of(text, ">epoch<"), 1);
  cr_expect_eq(count_of(text, ">x<"), 0);
  cr_expect_eq(count_of(text, "cell:128"), 1);
  cr_expect(strstr(text, "5000020<"), "epochs count from first_epoch");
  free(text);
  plot.loss_step = 1000;
  text = draw(&plot, "a.svg", NULL);
  cr_expect(strstr(text, "5020000<"), "by loss_step");
  free(text);
}

/* What has no logarithm, and what is no number. */
Test(plot, losses_that_cannot_be_drawn_are_left_out)
{
  clfit_plot plot = make_plot();
  plot.losses = losses;
  plot.n_losses = N;
  losses[0] = INFINITY;
  losses[10] = NAN;
  losses[20] = 0;
  losses[30] = -1;
  losses[40] = 1e-310;
  char *text = draw(&plot, "a.svg", NULL);
  expect_svg(text);
  cr_expect_eq(count_of(text, ">train loss<"), 1);
  free(text);
  for (int i = 0; i < N; i++) losses[i] = i % 2 ? NAN : 0;
  text = draw(&plot, "a.svg", NULL);
  cr_expect_eq(count_of(text, "train loss"), 0, "no panel for nothing");
  cr_expect_eq(count_of(text, POINT), N + 1);
  free(text);
}

/* A lone value in the middle of a line through nothing else would not be seen. */
Test(plot, single_values)
{
  clfit_plot plot = make_plot();
  plot.n_points = 0;
  plot.n_line = plot.n_losses = 1;
  plot.losses = losses;
  char *text = draw(&plot, "a.svg", NULL);
  expect_svg(text);
  cr_expect_eq(count_of(text, POINT), 2);
  free(text);
}

Test(plot, points_that_are_no_numbers_are_left_out)
{
  clfit_plot plot = make_plot();
  y[3] = NAN;
  x[5] = INFINITY; /* of the line, too */
  y[7] = -INFINITY;
  y[9] = 1e301;
  z[50] = NAN;
  char *text = draw(&plot, "a.svg", NULL);
  expect_svg(text);
  cr_expect_eq(count_of(text, POINT), N - 4 + 1);
  const char *path = strstr(text, RED_PATH);
  cr_assert(path);
  int moves = 0;
  for (const char *c = strstr(path, "d='"); *c != '>'; c++) moves += *c == 'M';
  cr_expect_eq(moves, 1 + 3, "a piece in the key, and the line breaks where there is no number");
  free(text);
}

Test(plot, ranges_without_width)
{
  static const double values[] = {0, 0.25, -1e300, 1e300, 1e-310, 5e-324};
  static const char *const names[] = {"a.svg", "a.png", "a.txt"};
  for (size_t i = 0; i < sizeof values / sizeof *values; i++)
    for (int k = 0; k < 3; k++) {
      clfit_plot plot = make_plot();
      for (int j = 0; j < N; j++) y[j] = z[j] = losses[j] = values[i];
      if (i % 2) plot.n_points = plot.n_line = 1; /* a single point: x has no width either */
      plot.losses = losses;
      plot.n_losses = N;
      free(draw(&plot, names[k], NULL));
    }
}

Test(plot, ranges_of_extreme_width)
{
  static const double values[][2] = {
      {-1e300, 1e300}, {1, 1 + 3e-16}, {1, 1 + 1e-8}, {-1e-310, 1e-310}, {1e-300, 1e300}};
  for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
    clfit_plot plot = make_plot();
    for (int j = 0; j < N; j++) y[j] = z[j] = losses[j] = values[i][j % 2];
    plot.losses = losses;
    plot.n_losses = N;
    char *text = draw(&plot, "a.svg", NULL);
    expect_svg(text);
    cr_expect_eq(count_of(text, POINT), N + 1, "%zu", i);
    free(text);
  }
}

/* 2^20 of each: thinned, the first and the last kept. */
Test(plot, very_many_points, .timeout = 60)
{
  static const size_t n = 1u << 20;
  clfit_plot plot = make_plot();
  double *many = malloc(n * sizeof *many);
  cr_assert(many);
  for (size_t i = 0; i < n; i++) many[i] = (double)(i + 1);
  many[0] = -1e9;
  many[n - 1] = 7e9;
  plot.x = plot.line_x = plot.y = plot.line_z = plot.losses = many;
  plot.n_points = plot.n_line = n;
  plot.n_losses = n;
  size_t size;
  char *text = draw(&plot, "a.svg", &size);
  expect_svg(text);
  cr_expect_eq(count_of(text, POINT), 5000 + 1);
  cr_expect(strstr(text, "-1e+09<"), "the first is there");
  cr_expect(strstr(text, "7e+09<"), "the last is there");
  cr_expect_lt(size, 2000000);
  free(text);
  free(many);
}

static unsigned big_endian(const char *bytes)
{
  const unsigned char *b = (const unsigned char *)bytes;
  return (unsigned)b[0] << 24 | (unsigned)b[1] << 16 | (unsigned)b[2] << 8 | b[3];
}

Test(plot, png)
{
  clfit_plot plot = make_plot();
  plot.losses = losses;
  plot.n_losses = N;
  size_t size;
  char *bytes = draw(&plot, "a.PNG", &size); /* endings are blind to case */
  cr_assert_gt(size, 1000);
  cr_expect_eq(memcmp(bytes, "\x89PNG\r\n\x1a\n", 8), 0);
  cr_expect_eq(memcmp(bytes + 12, "IHDR", 4), 0);
  cr_expect_eq(big_endian(bytes + 16), 800);
  cr_expect_eq(big_endian(bytes + 20), 600);
  cr_expect_eq(memcmp(bytes + size - 8, "IEND", 4), 0, "it is all there");
  free(bytes);
}

static void expect_text_picture(const char *text, int lines)
{
  int found = 0;
  for (const char *line = text; *line; found++) {
    size_t length = strcspn(line, "\n");
    cr_expect_leq(length, 79);
    cr_expect(length == 0 || line[length - 1] != ' ', "no blanks at the end");
    line += length + (line[length] == '\n');
  }
  cr_expect_eq(found, lines);
  cr_expect_null(strpbrk(text, "\f\t\033"), "characters only");
}

Test(plot, picture_of_characters)
{
  clfit_plot plot = make_plot();
  char *text = draw(&plot, "a.txt", NULL);
  expect_text_picture(text, 24);
  cr_expect(strstr(text, "cell:128 sample:1000 iteration:1000 rate:0.1"));
  cr_expect(strstr(text, "network *******"));
  cr_expect_gt(count_of(text, "*"), 50);
  cr_expect_gt(count_of(text, "o"), 10, "points where the line is not");
  free(text);
  plot.losses = losses;
  plot.n_losses = N;
  text = draw(&plot, "a.txt", NULL);
  expect_text_picture(text, 24 + 12);
  cr_expect_eq(count_of(text, "epoch"), 1);
  free(text);
}

/* ---- titles -------------------------------------------------------------------------------------------------- */

/* Draws with this title and expects to find it, in SVG's spelling. */
static void expect_title(const char *title, const char *expected)
{
  clfit_plot plot = make_plot();
  plot.title = title;
  char *text = draw(&plot, "a.svg", NULL);
  expect_svg(text);
  cr_expect(strstr(text, expected), "%s", title);
  free(text);
  free(draw(&plot, "a.png", NULL));
  free(draw(&plot, "a.txt", NULL));
  cr_expect_eq(scratch_count(), 3, "%s made no other file", title);
}

Test(plot, points_have_a_name_in_the_key)
{
  clfit_plot plot = make_plot();
  plot.points_name = "it's true";
  char *text = draw(&plot, "a.svg", NULL);
  cr_expect(strstr(text, ">it's true<"));
  free(text);
  plot.points_name = NULL;
  text = draw(&plot, "a.svg", NULL);
  cr_expect(strstr(text, ">data<"));
  free(text);
}

/* Nothing in a title means anything to gnuplot, nor to a shell. */
Test(plot, hostile_titles)
{
  cr_assert_eq(chdir(scratch), 0);
  expect_title("it's", ">it's<");
  expect_title("''''", ">''''<");
  expect_title("'; system('touch pwned') #", ">'; system('touch pwned') #<");
  expect_title("a''' ; system(\"touch pwned\") ; '''", ">a''' ; system(\"touch pwned\") ; '''<");
  expect_title("\"; system(\"touch pwned\"); \"", ">\"; system(\"touch pwned\"); \"<");
  expect_title("`touch pwned` $(touch pwned)", ">`touch pwned` $(touch pwned)<");
  expect_title("\\", ">\\<");
  expect_title("\\n \\101 \\", ">\\n \\101 \\<");
  expect_title("a_b^c {/Bold d} @e ~f &g", ">a_b^c {/Bold d} @e ~f &amp;g<");
  expect_title("%d %s %n 100%", ">%d %s %n 100%<");
  expect_title("<b>&amp;", ">&lt;b>&amp;amp;<");
  expect_title("two\nlines\rtab\tbell\a\033[31m\x7f!", ">twolinestabbell[31m!<");
}

Test(plot, titles_beyond_ascii)
{
  expect_title("caf\xc3\xa9 \xce\xb1", ">caf\xc3\xa9 \xce\xb1<");
  expect_title("caf\xe9 !", ">caf? !<");                      /* Latin-1 */
  expect_title("\xc3", ">?<");                                /* cut off */
  expect_title("\xc0\xaf \xe0\x80\xaf", ">?\? ?\?\?<");       /* overlong */
  expect_title("\xed\xa0\x80 \xef\xbf\xbf", ">?\?\? ?\?\?<"); /* a surrogate, a character that no XML may have */
  expect_title("\xf4\x90\x80\x80 \xf8\x88\x80\x80", ">?\?\?\? ?\?\?\?<"); /* beyond Unicode */
}

Test(plot, no_title_and_an_endless_one)
{
  static char title[100001];
  clfit_plot plot = make_plot();
  memset(title, 'a', sizeof title - 1);
  plot.title = title;
  char *text = draw(&plot, "a.svg", NULL);
  cr_expect(strstr(text, "aaaaaaaaaa"));
  free(text);
  plot.title = NULL;
  text = draw(&plot, "a.svg", NULL);
  expect_svg(text);
  free(text);
  plot.title = "";
  free(draw(&plot, "a.svg", NULL));
}

/* ---- errors -------------------------------------------------------------------------------------------------- */

/* Draws to a name in the directory, which must stay as it is. */
static void expect_failure(const clfit_plot *plot, const char *name, clfit_status code, const char *message)
{
  int count = scratch_count();
  memset(&error, 0xA5, sizeof error);
  cr_expect_eq(clfit_plot_draw(plot, scratch_path(name), &error), code, "%s", message);
  cr_expect_eq(error.code, code);
  cr_expect(strstr(error.message, message), "'%s' says %s", error.message, message);
  cr_expect_neq(clfit_plot_draw(plot, scratch_path(name), NULL), CLFIT_OK);
  cr_expect_eq(scratch_count(), count, "nothing is left behind");
}

Test(plot, unknown_format)
{
  static const char *const names[] = {"a.pdf", "a", "svg", "a.svg.gz", "png", ""};
  clfit_plot plot = make_plot();
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    cr_expect_eq(clfit_plot_check(names[i], &error), CLFIT_ERROR_ARGUMENT, "%s", names[i]);
    cr_expect(strstr(error.message, ".svg, .png"), "%s", error.message);
    expect_failure(&plot, names[i], CLFIT_ERROR_ARGUMENT, ".svg, .png");
  }
}

Test(plot, struct_of_another_size)
{
  clfit_plot plot = make_plot();
  plot.size = 0;
  expect_failure(&plot, "a.svg", CLFIT_ERROR_ARGUMENT, "clfit_plot");
}

/* What runs in gnuplot's place for the tests below. */
static void pretend(const char *script)
{
  scratch_write("gnuplot", script, strlen(script));
  cr_assert_eq(chmod(scratch_path("gnuplot"), 0755), 0);
  static char path[2 * SCRATCH_PATH_SIZE];
  snprintf(path, sizeof path, "%s:%s", scratch, system_path);
  setenv("PATH", path, 1);
}

Test(plot, nothing_to_draw)
{
  clfit_plot plot = make_plot();
  pretend("#!/bin/sh\nexit 0\n");
  plot.n_points = plot.n_line = 0;
  expect_failure(&plot, "a.svg", CLFIT_ERROR_ARGUMENT, "no finite value");
  plot = make_plot();
  for (int i = 0; i < N; i++) y[i] = z[i] = NAN;
  expect_failure(&plot, "a.svg", CLFIT_ERROR_ARGUMENT, "no finite value");
}

Test(plot, no_gnuplot)
{
  clfit_plot plot = make_plot();
  for (int i = 0; i < 4; i++) {
    if (i == 0) setenv("PATH", scratch, 1);      /* nothing there */
    if (i == 1) scratch_write("gnuplot", "", 0); /* not executable */
    if (i == 2) {
      cr_assert_eq(unlink(scratch_path("gnuplot")), 0);
      cr_assert_eq(mkdir(scratch_path("gnuplot"), 0755), 0);
    }
    if (i == 3) unsetenv("PATH");
    cr_expect_eq(clfit_plot_check("a.svg", &error), CLFIT_ERROR_UNSUPPORTED, "%d", i);
    cr_expect(strstr(error.message, "gnuplot is not installed"));
    expect_failure(&plot, "a.svg", CLFIT_ERROR_UNSUPPORTED, "gnuplot is not installed");
  }
}

Test(plot, gnuplot_of_the_current_directory)
{
  pretend("#!/bin/sh\necho drawn\n");
  clfit_plot plot = make_plot();
  cr_assert_eq(chdir(scratch), 0);
  setenv("PATH", "/nowhere::/neither", 1);
  cr_expect_eq(clfit_plot_check("a.svg", &error), CLFIT_OK);
  cr_expect_eq(clfit_plot_draw(&plot, scratch_path("a.svg"), &error), CLFIT_OK, "%s", error.message);
  cr_expect(scratch_holds("a.svg", "drawn\n"));
}

Test(plot, gnuplot_that_does_not_start)
{
  pretend("#!/no/interpreter\n");
  clfit_plot plot = make_plot();
  expect_failure(&plot, "a.svg", CLFIT_ERROR_FILE, "cannot run gnuplot to draw");
}

Test(plot, gnuplot_that_fails)
{
  clfit_plot plot = make_plot();
  scratch_write("a.svg", "old", 3);
  pretend("#!/bin/sh\necho half a picture\necho '' >&2\necho '  boom' >&2\necho next >&2\nexit 3\n");
  expect_failure(&plot, "a.svg", CLFIT_ERROR_UNSUPPORTED, "gnuplot failed (exit 3): boom");
  cr_expect_eq(error.message[strlen(error.message) - 4], 'b', "one line");
  pretend("#!/bin/sh\nexit 1\n");
  expect_failure(&plot, "a.svg", CLFIT_ERROR_UNSUPPORTED, "(exit 1): it does not say why");
  pretend("#!/bin/sh\nkill -9 $$\n");
  expect_failure(&plot, "a.svg", CLFIT_ERROR_UNSUPPORTED, "gnuplot was ended by signal 9");
  pretend("#!/bin/sh\necho no terminal >&2\n");
  expect_failure(&plot, "a.svg", CLFIT_ERROR_UNSUPPORTED, "gnuplot drew nothing: no terminal");
  cr_expect(scratch_holds("a.svg", "old"), "what was there is still there");
}

/* The line that says what is wrong is found between those that show where. */
Test(plot, reason_of_a_failure)
{
  clfit_plot plot = make_plot();
  pretend("#!/bin/sh\nprintf '\\ngnuplot> set x\\n       ^\\n   line 3: warning: odd\\n   line 4: bad x\\n\\nend\\n' "
          ">&2\nexit 1\n");
  expect_failure(&plot, "a.svg", CLFIT_ERROR_UNSUPPORTED, "gnuplot failed (exit 1): line 4: bad x");
  pretend("#!/bin/sh\nhead -c 100000 /dev/zero | tr '\\0' x >&2\nexit 1\n");
  expect_failure(&plot, "a.svg", CLFIT_ERROR_UNSUPPORTED, "(exit 1): xxxx");
}

/* It may end without reading its script, whose end nobody must be killed for. */
Test(plot, gnuplot_that_reads_nothing)
{
  clfit_plot plot = make_plot();
  signal(SIGPIPE, SIG_DFL);
  pretend("#!/bin/sh\nexec 0<&-\necho drawn\n");
  cr_expect_eq(clfit_plot_draw(&plot, scratch_path("a.svg"), &error), CLFIT_OK, "%s", error.message);
  cr_expect(scratch_holds("a.svg", "drawn\n"));
}

Test(plot, numbers_have_points_in_the_script)
{
  clfit_plot plot = make_plot();
  plot.n_points = 2;
  plot.n_line = 0;
  x[0] = 0.1;
  y[0] = 1.0 / 3;
  x[1] = -1e-7;
  y[1] = 1e22;
  pretend("#!/bin/sh\ncat\n");
  cr_assert_eq(clfit_plot_draw(&plot, scratch_path("a.svg"), &error), CLFIT_OK, "%s", error.message);
  char *text = scratch_read("a.svg", NULL);
  cr_expect(strstr(text, "$points << END\n0.1 0.3333333333333333\n-1e-07 1e+22\nEND\n"));
  free(text);
}

Test(plot, place_that_cannot_be_written)
{
  clfit_plot plot = make_plot();
  scratch_without_rights();
  pretend("#!/bin/sh\necho drawn\n");
  expect_failure(&plot, "no/a.svg", CLFIT_ERROR_FILE, strerror(ENOENT));
  cr_assert_eq(mkdir(scratch_path("d.svg"), 0755), 0);
  expect_failure(&plot, "d.svg", CLFIT_ERROR_FILE, strerror(EISDIR));
  if (access("/dev/full", W_OK)) return;
  cr_assert_eq(symlink("/dev/full", scratch_path("full.svg")), 0);
  expect_failure(&plot, "full.svg", CLFIT_ERROR_FILE, strerror(ENOSPC));
}

/* gnuplot itself does not notice a full disk. */
Test(plot, full_disk)
{
  struct rlimit limit, before;
  clfit_plot plot = make_plot();
  scratch_write("a.svg", "old", 3);
  pretend("#!/bin/sh\nhead -c 1000000 /dev/zero\n");
  signal(SIGXFSZ, SIG_IGN);
  cr_assert_eq(getrlimit(RLIMIT_FSIZE, &before), 0);
  limit = before;
  limit.rlim_cur = 100000; /* more than the script, less than the picture */
  cr_assert_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
  expect_failure(&plot, "a.svg", CLFIT_ERROR_FILE, strerror(EFBIG));
  limit.rlim_cur = 100; /* less than the script */
  cr_assert_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
  expect_failure(&plot, "a.svg", CLFIT_ERROR_FILE, "gnuplot's script");
  setrlimit(RLIMIT_FSIZE, &before);
  cr_expect(scratch_holds("a.svg", "old"));
}

Test(plot, no_descriptors_left)
{
  struct rlimit limit, before;
  clfit_plot plot = make_plot();
  pretend("#!/bin/sh\necho drawn\n");
  cr_assert_eq(getrlimit(RLIMIT_NOFILE, &before), 0);
  int lowest = open("/dev/null", O_RDONLY);
  close(lowest);
  for (rlim_t more = 0; more < 5; more++) { /* the script, the picture, the messages, the pipe's two ends */
    limit = before;
    limit.rlim_cur = (rlim_t)lowest + more;
    cr_assert_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
    memset(&error, 0xA5, sizeof error);
    clfit_status status = clfit_plot_draw(&plot, scratch_path("a.svg"), &error);
    setrlimit(RLIMIT_NOFILE, &before);
    cr_expect_eq(status, CLFIT_ERROR_FILE, "%d more", (int)more);
    cr_expect(strstr(error.message, strerror(EMFILE)), "%s", error.message);
    cr_expect_eq(scratch_count(), 1);
  }
  int after = open("/dev/null", O_RDONLY);
  cr_expect_eq(after, lowest, "no descriptor is lost");
  close(after);
}

Test(plot, labels_and_bands)
{
  static double low[N], high[N];
  size_t size;
  clfit_plot plot = make_plot();
  for (int i = 0; i < N; i++) {
    low[i] = z[i] - 0.1;
    high[i] = z[i] + 0.1;
  }
  high[7] = NAN; /* a gap */
  plot.x_label = "T/degC";
  plot.y_label = "it's $(id)";
  plot.line_name = "mean of 3";
  plot.n_bands = 2;
  plot.bands[0] = (clfit_plot_band){"outer", low, high};
  plot.bands[1] = (clfit_plot_band){"inner", z, high};
  char *text = draw(&plot, "band.svg", &size);
  const char *const parts[] = {">T/degC<", "s $(id)<", ">mean of 3<", ">outer<", ">inner<", ">data<"};
  for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
    cr_expect(strstr(text, parts[i]), "no %s in the picture", parts[i]);
  /* the sample of the key, and an area on each side of the gap; the key's is a polygon, too */
  cr_expect_eq(count_of(text, "fill = 'rgb(248, 220, 220)'"), 3, "%d areas", count_of(text, "rgb(248, 220, 220)"));
  free(text);
  text = draw(&plot, "band.txt", &size);
  cr_expect(strstr(text, "outer") && strstr(text, "T/degC"));
  free(text);
  plot.n_bands = CLFIT_PLOT_BANDS_MAX + 1;
  cr_expect_eq(clfit_plot_draw(&plot, scratch_path("a.svg"), &error), CLFIT_ERROR_ARGUMENT);
}
