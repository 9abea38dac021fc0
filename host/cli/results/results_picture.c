#include "cli/results/results_picture.h"

#include "cli/io/message.h"
#include "cli/io/output.h"
#include "cli/io/picture.h"

#include <errno.h>
#include <stdlib.h>

typedef clfit_status picture_writer(struct results *results, const struct picture *picture, FILE *script,
                                    clfit_error *error);

static picture_writer *const writers[] = {
    [PICTURE_HEATMAP] = picture_heatmap, [PICTURE_FITS] = picture_fits, [PICTURE_LOSS] = picture_loss};

static const struct picture_format format = {600, 14, 11};

static clfit_status print_picture(struct results *results, enum picture_kind kind, const struct picture *picture,
                                  bool png, const char *name, FILE *stream, clfit_error *error)
{
  FILE *script = tmpfile();
  if (!script) return clfit_fail_file(error, "make gnuplot's script for", name, errno);
  picture_begin(script, &format, png);
  clfit_gnuplot_style(script, "0.35", "0.7");
  /* sizes of small texts, of which some fonts are made */
  fprintf(script, "small = '%s'\ntiny = '%s'\n", png ? "9" : "12", png ? "7" : "9");
  clfit_status status = writers[kind](results, picture, script, error);
  if (!status) status = clfit_gnuplot_run(script, name, stream, error);
  fclose(script);
  return status;
}

clfit_status picture_print_svg(struct results *results, enum picture_kind kind, const struct picture *picture,
                               FILE *stream, clfit_error *error)
{
  return print_picture(results, kind, picture, false, "a picture of the report", stream, error);
}

/* ---- the best network, as clfit train draws it ----------------------------------------------------------------- */

static void take_points(clfit_plot *plot, const struct samples *samples, uint32_t count)
{
  if (samples->drawn) plot->points_name = "true curve";
  plot->n_points = samples->drawn ? CLFIT_TEST_POINTS : count;
  plot->x = samples->drawn ? samples->test_x : clfit_data_x(samples->data);
  plot->y = samples->drawn ? samples->test_y : clfit_data_y(samples->data);
  plot->n_line = samples->drawn ? CLFIT_TEST_POINTS : LINE_POINTS;
  plot->line_x = samples->drawn ? samples->test_x : samples->line_x;
}

static clfit_status draw_network(const struct results_network *network, const clfit_source *source,
                                 const struct samples *samples, const clfit_state *state, const char *path,
                                 clfit_error *error)
{
  double z[LINE_POINTS];
  char title[PICTURE_TITLE_SIZE];
  struct picture_labels labels;
  clfit_plot plot;
  clfit_plot_default(&plot);
  picture_label(&plot, samples->data, source, &labels);
  take_points(&plot, samples, network->network.samples);
  clfit_scaling scaling = clfit_data_scaling(samples->data);
  clfit_state_predict(state, &scaling, plot.n_line, plot.line_x, z);
  plot.line_z = z;
  picture_title(&network->network, source, title);
  plot.title = title;
  return picture_draw(&plot, path, error);
}

static clfit_status draw_best(struct results *results, const struct picture *picture, const char *path,
                              clfit_error *error)
{
  uint64_t id;
  size_t n;
  struct results_network network = {0};
  clfit_source source = {0};
  struct samples samples = {0};
  clfit_state state = {0};
  clfit_status status = picture_best_ids(results, picture, 1, &id, &n, error);
  if (!status) status = results_read_network(results, id, &network, error);
  if (!status) status = results_source(results, &source, error);
  if (!status) status = results_open_samples(&source, &network, &samples, error);
  if (!status) status = results_restore(&network, &samples, false, picture->quiet, &state, error);
  if (!status) status = draw_network(&network, &source, &samples, &state, path, error);
  clfit_state_clear(&state);
  samples_close(&samples);
  clfit_source_clear(&source);
  results_network_clear(&network);
  return status;
}

/* ---- --plot --------------------------------------------------------------------------------------------------- */

static clfit_status draw_file(struct results *results, enum picture_kind kind, const struct picture *picture,
                              const char *path, clfit_error *error)
{
  struct output output;
  const bool png = picture_ends_in(path, ".png");
  clfit_status status = output_open(&output, path, error);
  if (status) return status;
  status = print_picture(results, kind, picture, png, path, output.file.stream, error);
  return output_end(&output, status, error);
}

clfit_status results_draw(struct results *results, const struct options *options, clfit_error *error)
{
  struct picture picture = {.where = options->where,
                            .rank_by = options->rank_by,
                            .limit = options->limit,
                            .rows = options->rows,
                            .cols = options->cols,
                            .value = options->value,
                            .reduce = options->reduce,
                            .quiet = options->quiet};
  clfit_status status = CLFIT_OK;
  if (!picture.rank_by) status = results_default_ranking(results, &picture.rank_by, error);
  if (!picture.value) picture.value = picture.rank_by;
  if (!status) status = results_check_column(results, picture.rows, "rows", error);
  if (!status) status = results_check_column(results, picture.cols, "cols", error);
  if (!status) status = results_check_column(results, picture.value, "value", error);
  if (status) return status;
  if (options->kind == PICTURE_BEST) return draw_best(results, &picture, options->plot, error);
  return draw_file(results, options->kind, &picture, options->plot, error);
}
