/* The picture of an explanation: the fit, and below it what each neuron adds; both with ticks where neurons bend. */
#include "cli/explain/explanation.h"

#include "cli/io/picture.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#define NAMED       8    /* neurons with a colour and a name, those that add most */
#define DRAWN_MAX   300  /* lines: more would not be told apart */
#define LINE_POINTS 200  /* of the contributions of neurons with a name */
#define GREY_POINTS 80   /* of the others */
#define POINTS_MAX  2000 /* of the samples */

static const struct picture_format format = {760, 16, 13};

/* Beside clfit_gnuplot_style: the neurons without a name. */
static const char style[] = "set tics out\n"
                            "set style line 3 lw 1 lc rgb '#b8b8b8'\n"
                            "set lmargin 11\nset rmargin 4\n";

static const char *const colours[NAMED] = {"#1f77b4", "#ff7f0e", "#2ca02c", "#9467bd",
                                           "#8c564b", "#e377c2", "#17becf", "#bcbd22"};

/* By what they add, most first; NaN last. */
static int compare(const void *a, const void *b)
{
  double left = (*(const clfit_neuron *const *)a)->span, right = (*(const clfit_neuron *const *)b)->span;
  if (isnan(left) || isnan(right)) return isnan(left) - isnan(right);
  return (left < right) - (left > right);
}

/* ---- data blocks ----------------------------------------------------------------------------------------------- */

static void print_block(FILE *script, const char *name, size_t n, size_t most, const double *x, const double *y)
{
  size_t step = (n + most - 1) / most;
  fprintf(script, "$%s << END\n", name);
  for (size_t i = 0; i < n; i += step) clfit_gnuplot_point(script, x[i], y[i]);
  fputs("END\n", script);
}

static void print_contribution(FILE *script, const struct explanation *explanation, size_t place, uint32_t index)
{
  double x[LINE_POINTS], z[LINE_POINTS];
  char name[32];
  size_t n = place < NAMED ? LINE_POINTS : GREY_POINTS;
  clfit_grid(explanation->low, explanation->high, n, x);
  clfit_state_contribution(explanation->state, &explanation->scaling, index, n, x, z);
  snprintf(name, sizeof name, "neuron%zu", place);
  print_block(script, name, n, n, x, z);
}

/* ---- panels ---------------------------------------------------------------------------------------------------- */

/* Ticks at the lower end of the panel; those of the named neurons are longer and lie above the others. */
static void print_bends(FILE *script, const clfit_neuron *const *ordered, size_t n)
{
  char x[CLFIT_NUMBER_SIZE];
  fputs("unset arrow\n", script);
  for (size_t i = n; i-- > 0;) {
    if (!ordered[i]->inside) continue;
    clfit_number_print(x, ordered[i]->x);
    fprintf(script, "set arrow from first %s, graph 0 rto graph 0, graph %s nohead lw %s lc rgb '%s' front\n", x,
            i < NAMED ? "0.06" : "0.035", i < NAMED ? "2.5" : "1", i < NAMED ? colours[i] : "#707070");
  }
}

/* That of x has an empty line below it, so that it keeps away from the key. */
static void print_label(FILE *script, char axis, const char *label)
{
  fprintf(script, "set %clabel ", axis);
  clfit_gnuplot_text(script, label);
  fputs(axis == 'x' ? ".\"\\n \" offset 0,0.5\n" : "\n", script);
}

static void print_fit(FILE *script, const clfit_plot *plot, bool png)
{
  const char *before = "";
  fputs("set title ", script);
  clfit_gnuplot_text(script, plot->title ? plot->title : "");
  /* a title has up to 100 characters */
  fprintf(script, " offset 0,1.1 font ',%s'\n", png ? "10.5" : "13");
  fputs("set tmargin 4\nset key at graph 0.5, graph 1.02 bottom center horizontal samplen 2\n"
        "set origin 0,0.54\nset size 1,0.46\n",
        script);
  print_label(script, 'y', plot->y_label);
  fputs("plot ", script);
  if (plot->x && plot->n_points) {
    fputs("$points with points ls 1 title ", script);
    clfit_gnuplot_text(script, plot->points_name);
    before = ", ";
  }
  fprintf(script, "%s$line with lines ls 2 title 'network'\nunset title\n", before);
}

static void print_contributions(FILE *script, const struct explanation *explanation, const clfit_neuron *const *ordered,
                                size_t n)
{
  char label[128];
  size_t hidden = explanation->state->network.hidden;
  fputs("set origin 0,0\nset size 1,0.54\nset tmargin 1\nset key default\nset key below maxcols 3 samplen 2\n", script);
  snprintf(label, sizeof label, "each neuron adds to %.60s", explanation->plot.y_label);
  print_label(script, 'y', label);
  print_label(script, 'x', explanation->plot.x_label);
  fputs("plot ", script);
  for (size_t i = n; i-- > NAMED;) {
    fprintf(script, "$neuron%zu with lines ls 3 ", i);
    if (i == n - 1 && n == hidden)
      fprintf(script, "title '%zu others', ", n - NAMED);
    else if (i == n - 1)
      fprintf(script, "title 'the next %zu of %zu', ", n - NAMED, hidden - NAMED);
    else
      fputs("notitle, ", script);
  }
  for (size_t i = 0; i < NAMED && i < n; i++)
    fprintf(script, "%s$neuron%zu with lines lw 2 lc rgb '%s' title 'neuron %u'", i ? ", " : "", i, colours[i],
            ordered[i]->index);
  fputc('\n', script);
}

static void print_script(FILE *script, const struct explanation *explanation, const clfit_neuron *const *ordered,
                         bool png)
{
  const clfit_plot *plot = &explanation->plot;
  size_t hidden = explanation->state->network.hidden, n = hidden < DRAWN_MAX ? hidden : DRAWN_MAX;
  char low[CLFIT_NUMBER_SIZE], high[CLFIT_NUMBER_SIZE];
  picture_begin(script, &format, png);
  clfit_gnuplot_style(script, "0.4", "0.7");
  fputs(style, script);
  if (plot->x) print_block(script, "points", plot->n_points, POINTS_MAX, plot->x, plot->y);
  print_block(script, "line", plot->n_line, POINTS_MAX, plot->line_x, plot->line_z);
  for (size_t i = 0; i < n; i++) print_contribution(script, explanation, i, ordered[i]->index);
  clfit_number_print(low, explanation->low);
  clfit_number_print(high, explanation->high);
  if (explanation->low < explanation->high) fprintf(script, "set xrange [%s:%s]\n", low, high);
  fputs("set multiplot\n", script);
  print_bends(script, ordered, hidden);
  print_fit(script, plot, png);
  print_contributions(script, explanation, ordered, n);
  fputs("unset multiplot\n", script);
}

clfit_status explanation_draw(const struct explanation *explanation, const clfit_neuron *neurons, const char *path,
                              FILE *stream, clfit_error *error)
{
  size_t hidden = explanation->state->network.hidden;
  const clfit_neuron **ordered = malloc(hidden * sizeof *ordered);
  FILE *script = ordered ? tmpfile() : NULL;
  clfit_status status = CLFIT_OK;
  if (!ordered) return clfit_fail_memory(error);
  if (!script) status = clfit_fail_file(error, "make gnuplot's script for", path, errno);
  for (size_t i = 0; i < hidden; i++) ordered[i] = &neurons[i];
  qsort(ordered, hidden, sizeof *ordered, compare);
  if (script) {
    print_script(script, explanation, ordered, picture_ends_in(path, ".png"));
    status = clfit_gnuplot_run(script, path, stream, error);
    fclose(script);
  }
  free(ordered);
  return status;
}
