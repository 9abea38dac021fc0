/* The picture of a search: the fit, its errors, and what each size reached. */
#include "cli/search/search_command.h"

#include "cli/io/output.h"
#include "cli/io/picture.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define POINTS_MAX 2000 /* drawn at most; more are thinned out */

static const struct picture_format format = {900, 13, 10};
static const char text_terminal[] = "dumb size 79,20 noenhanced";

/* Beside clfit_gnuplot_style: sizes and their bound. */
static const char style[] = "set style line 3 lw 2 pt 7 ps 0.7 lc rgb '#4a7ab5'\n"
                            "set style line 4 lw 1 dt 2 lc rgb '#202020'\n"
                            "set key above\n";

/* A picture of characters has no grid: it would hide the points. */
static const char text_style[] = "set encoding utf8\n"
                                 "set key above\n"
                                 "set style line 1 pt 'o'\n"
                                 "set style line 2 lt 1 pt '*'\n"
                                 "set style line 3 lt 2 pt 'o'\n"
                                 "set style line 4 lt 3\n";

/* ---- data blocks --------------------------------------------------------------------------------------------- */

/* Samples and errors, thinned out. */
static clfit_status print_samples(FILE *script, const struct search_command *command, clfit_error *error)
{
  const size_t n = clfit_data_count(command->samples.data), kept = n < POINTS_MAX ? n : POINTS_MAX;
  const double *x = clfit_data_x(command->samples.data), *y = clfit_data_y(command->samples.data);
  double *z = malloc(n * sizeof *z);
  if (!z) return clfit_fail_memory(error);
  search_curve((void *)command, n, x, z);
  fputs("$samples << END\n", script);
  for (size_t i = 0; i < kept; i++) clfit_gnuplot_point(script, x[i * n / kept], y[i * n / kept]);
  fputs("END\n$errors << END\n", script);
  for (size_t i = 0; i < kept; i++) clfit_gnuplot_point(script, x[i * n / kept], z[i * n / kept] - y[i * n / kept]);
  fputs("END\n", script);
  free(z);
  return CLFIT_OK;
}

static void print_line(FILE *script, const struct search_command *command)
{
  const struct samples *samples = &command->samples;
  const size_t n = samples->drawn ? CLFIT_TEST_POINTS : LINE_POINTS;
  const double *x = samples->drawn ? samples->test_x : samples->line_x;
  double z[LINE_POINTS > CLFIT_TEST_POINTS ? LINE_POINTS : CLFIT_TEST_POINTS];
  search_curve((void *)command, n, x, z);
  fputs("$line << END\n", script);
  for (size_t i = 0; i < n; i++) clfit_gnuplot_point(script, x[i], z[i]);
  fputs("END\n", script);
}

/* A logarithmic axis has no place for 0. */
static void print_sizes(FILE *script, const char *name, const clfit_search_result *result, size_t member)
{
  fprintf(script, "$%s << END\n", name);
  for (size_t i = 0; i < result->row_count; i++) {
    double value;
    memcpy(&value, (const char *)&result->rows[i] + member, sizeof value);
    if (value > 0) clfit_gnuplot_point(script, result->rows[i].hidden, value);
  }
  fputs("END\n", script);
}

/* ---- panels -------------------------------------------------------------------------------------------------- */

static bool is_validated(const clfit_search_result *result)
{
  return result->row_count > 0 && !isnan(result->rows[0].cv_rmse);
}

static void print_trade_off(FILE *script, const struct search_command *command)
{
  const double bound = command->options.max_error > 0 ? command->options.max_error : command->options.max_rmse;
  char text[CLFIT_NUMBER_SIZE];
  fputs("set logscale y\nset format y '%g'\nset xtics 1\nset xrange [0.5:*]\n"
        "set xlabel 'hidden'\nset ylabel 'error'\n"
        "plot $rmse with linespoints ls 3 title 'rmse', $largest with linespoints ls 2 title 'largest error'",
        script);
  if (is_validated(&command->result)) fputs(", $cv with linespoints ls 1 title 'cross-validated rmse'", script);
  if (bound > 0) {
    clfit_number_print(text, bound);
    fprintf(script, ", %s ls 4 title 'bound'", text);
  }
  fputc('\n', script);
}

static void print_label(FILE *script, char axis, const char *before, const char *name)
{
  char label[PICTURE_LABEL_SIZE + 32];
  snprintf(label, sizeof label, "%s%s", before, name);
  fprintf(script, "set %clabel ", axis);
  clfit_gnuplot_text(script, label);
  fputc('\n', script);
}

static void print_panels(FILE *script, const struct search_command *command, bool text)
{
  struct picture_labels labels;
  clfit_plot plot;
  clfit_plot_default(&plot);
  picture_label(&plot, command->samples.data, &command->source, &labels);
  if (!text) fputs("set multiplot layout 3,1\nset lmargin 11\n", script);
  print_label(script, 'y', "", plot.y_label);
  fputs("plot $samples with points ls 1 title 'samples', $line with lines ls 2 title 'network'\n", script);
  print_label(script, 'y', "network - ", plot.y_label);
  print_label(script, 'x', "", plot.x_label);
  fputs("plot $errors with points ls 1 title 'errors'\n", script);
  print_trade_off(script, command);
  if (!text) fputs("unset multiplot\n", script);
}

static void print_style(FILE *script, const char *path)
{
  if (picture_is_text(path)) {
    fprintf(script, "set terminal %s\n%s", text_terminal, text_style);
    return;
  }
  picture_begin(script, &format, picture_ends_in(path, ".png"));
  clfit_gnuplot_style(script, "0.4", "0.7");
  fputs(style, script);
}

static clfit_status print_script(FILE *script, const struct search_command *command, const char *path,
                                 clfit_error *error)
{
  const bool text = picture_is_text(path);
  print_style(script, path);
  clfit_status status = print_samples(script, command, error);
  if (status) return status;
  print_line(script, command);
  print_sizes(script, "rmse", &command->result, offsetof(clfit_search_row, rmse));
  print_sizes(script, "largest", &command->result, offsetof(clfit_search_row, max_error));
  print_sizes(script, "cv", &command->result, offsetof(clfit_search_row, cv_rmse));
  print_panels(script, command, text);
  return CLFIT_OK;
}

/* ---- drawing ------------------------------------------------------------------------------------------------- */

/* Copies without blanks at a line's end and form feeds, of which gnuplot's picture of characters is full. */
static void copy_trimmed(FILE *from, FILE *to)
{
  char line[256];
  while (fgets(line, sizeof line, from)) {
    char *start = line + strspn(line, "\f");
    size_t length = strcspn(start, "\n");
    while (length > 0 && start[length - 1] == ' ') length--;
    fprintf(to, "%.*s\n", (int)length, start);
  }
}

static clfit_status draw(FILE *script, const char *path, FILE *picture, clfit_error *error)
{
  if (!picture_is_text(path)) return clfit_gnuplot_run(script, path, picture, error);
  FILE *untrimmed = tmpfile();
  if (!untrimmed) return clfit_fail_file(error, "run gnuplot to draw", path, errno);
  clfit_status status = clfit_gnuplot_run(script, path, untrimmed, error);
  if (!status && (fflush(untrimmed) || ferror(untrimmed))) status = clfit_fail_file(error, "draw", path, EIO);
  rewind(untrimmed);
  if (!status) copy_trimmed(untrimmed, picture);
  fclose(untrimmed);
  return status;
}

clfit_status search_draw(const struct search_command *command, clfit_error *error)
{
  const char *path = command->options.plot;
  struct output output;
  if (!path || !search_has_network(command)) return CLFIT_OK;
  FILE *script = tmpfile();
  if (!script) return clfit_fail_file(error, "make gnuplot's script for", path, errno);
  clfit_status status = print_script(script, command, path, error);
  if (!status) status = output_open(&output, path, error);
  if (!status) status = output_end(&output, draw(script, path, output.file.stream, error), error);
  fclose(script);
  return status;
}
