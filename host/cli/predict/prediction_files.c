/* A prediction as CSV and as a picture. */
#include "cli/explain/explanation.h"
#include "cli/io/message.h"
#include "cli/io/output.h"
#include "cli/io/picture.h"
#include "cli/predict/prediction.h"
#include "study/base/numbers.h"

#include <stdio.h>
#include <string.h>

/* ---- CSV ----------------------------------------------------------------------------------------------------- */

/* The shortest text of a network's answer: without a scaling it is a float32. */
static void print_answer(char text[NUMBER_SIZE], const struct prediction *prediction, double z)
{
  if (prediction->single)
    number_print_float(text, (float)z);
  else
    number_print(text, z);
}

static void write_spread(FILE *stream, const struct prediction *prediction, size_t k)
{
  const struct answers *answers = &prediction->answers;
  char mean[NUMBER_SIZE], deviation[NUMBER_SIZE], low[NUMBER_SIZE], high[NUMBER_SIZE];
  number_print(mean, answers->z[k]);
  number_print(deviation, answers->deviation[k]);
  print_answer(low, prediction, answers->low[k]);
  print_answer(high, prediction, answers->high[k]);
  fprintf(stream, ",%s,%s,%s,%s", mean, deviation, low, high);
}

/* Prints one point; false once nothing can be written any more. */
static bool write_point(FILE *stream, const struct prediction *prediction, size_t k)
{
  const struct points *points = &prediction->points;
  const double z = prediction->answers.z[k];
  const bool spread = prediction->answers.deviation != NULL;
  char x[NUMBER_SIZE], y_data[NUMBER_SIZE] = "", y[NUMBER_SIZE], difference[NUMBER_SIZE] = "";
  number_print(x, points->x[k]);
  print_answer(y, prediction, z);
  if (points->y) number_print(y_data, points->y[k]);
  if (points->y) number_print(difference, z - points->y[k]);
  fputs(x, stream);
  if (spread) {
    write_spread(stream, prediction, k);
    if (points->y) fprintf(stream, ",%s,%s", y_data, difference);
  } else if (points->y) {
    fprintf(stream, ",%s,%s,%s", y_data, y, difference);
  } else {
    fprintf(stream, ",%s", y);
  }
  return putc('\n', stream) != EOF && !ferror(stream);
}

clfit_status prediction_write_csv(const struct prediction *prediction, clfit_error *error)
{
  static const char *const headers[2][2] = {{"x,y", "x,y_data,y,error"},
                                            {"x,mean,deviation,low,high", "x,mean,deviation,low,high,y_data,error"}};
  const bool spread = prediction->answers.deviation != NULL, measured = prediction->points.y != NULL;
  struct output output;
  clfit_status status = output_open(&output, prediction->options->out, error);
  if (status) return status;
  FILE *stream = output.file.stream;
  bool good = fprintf(stream, "%s\n", headers[spread][measured]) >= 0;
  for (size_t k = 0; good && k < prediction->points.count; k++) good = write_point(stream, prediction, k);
  return output_end(&output, CLFIT_OK, error);
}

/* ---- picture ------------------------------------------------------------------------------------------------- */

/* Those of --data; of a study that is asked for no points, the samples that it was trained on. */
static void take_points(clfit_plot *plot, const struct prediction *prediction)
{
  const struct options *options = prediction->options;
  const struct points *points = &prediction->points;
  const struct samples *samples = &prediction->samples;
  if (points->y) {
    plot->n_points = points->count;
    plot->x = points->x;
    plot->y = points->y;
  } else if (options->study && !options->x && !option_given(options, OPTION_GRID)) {
    if (samples->drawn) plot->points_name = "true curve";
    plot->n_points = samples->drawn ? CLFIT_TEST_POINTS : clfit_data_count(samples->data);
    plot->x = samples->drawn ? samples->test_x : clfit_data_x(samples->data);
    plot->y = samples->drawn ? samples->test_y : clfit_data_y(samples->data);
  }
}

/* The band of all answers, and in it that of one deviation to both sides of the mean. */
static void take_bands(clfit_plot *plot, const struct answers *line, double below[PICTURE_POINTS],
                       double above[PICTURE_POINTS])
{
  for (size_t i = 0; i < line->count; i++) {
    below[i] = line->z[i] - line->deviation[i];
    above[i] = line->z[i] + line->deviation[i];
  }
  plot->n_bands = 2;
  plot->bands[0] = (clfit_plot_band){"lowest to highest", line->low, line->high};
  plot->bands[1] = (clfit_plot_band){"mean ± deviation", below, above};
}

static void print_title(const struct prediction *prediction, char title[PICTURE_TITLE_SIZE])
{
  const char *study = prediction->options->study;
  const char *slash = study ? strrchr(study, '/') : NULL;
  if (study)
    snprintf(title, PICTURE_TITLE_SIZE, "The best %u networks of %.100s", prediction->answers.networks,
             slash ? slash + 1 : study);
  else
    picture_title(&prediction->model.state.network, &prediction->model.source, title);
}

clfit_status prediction_draw(const struct prediction *prediction, clfit_error *error)
{
  const struct answers *line = &prediction->line;
  const clfit_data *measured = prediction->points.y ? prediction->points.data : prediction->samples.data;
  double below[PICTURE_POINTS], above[PICTURE_POINTS];
  char title[PICTURE_TITLE_SIZE], name[40];
  struct picture_labels labels;
  clfit_plot plot;
  clfit_plot_default(&plot);
  print_title(prediction, title);
  plot.title = title;
  picture_label(&plot, measured, prediction->options->study ? &prediction->source : &prediction->model.source, &labels);
  take_points(&plot, prediction);
  plot.n_line = line->count;
  plot.line_x = line->x;
  plot.line_z = line->z;
  if (line->deviation) {
    snprintf(name, sizeof name, "mean of %u", line->networks);
    plot.line_name = name;
    take_bands(&plot, line, below, above);
  }
  return picture_draw(&plot, prediction->options->plot, error);
}

/* ---- neurons --------------------------------------------------------------------------------------------------- */

/* The range that the model has learnt, else that of the points; false: neither is known. */
static bool find_range(const struct prediction *prediction, double *low, double *high)
{
  const struct points *points = &prediction->points;
  *low = prediction->x_low;
  *high = prediction->x_high;
  if (prediction->ranged) return true;
  for (size_t i = 0; i < points->count; i++) {
    if (i == 0 || points->x[i] < *low) *low = points->x[i];
    if (i == 0 || points->x[i] > *high) *high = points->x[i];
  }
  return points->count > 0;
}

clfit_status prediction_explain(const struct prediction *prediction, clfit_error *error)
{
  const clfit_model *model = &prediction->model;
  struct explanation explanation = {.state = &model->state, .scaling = model->scaling};
  clfit_plot *plot = &explanation.plot;
  double line_x[PICTURE_POINTS], line_z[PICTURE_POINTS], test_x[CLFIT_TEST_POINTS], test_y[CLFIT_TEST_POINTS];
  char title[PICTURE_TITLE_SIZE];
  struct picture_labels labels;
  clfit_status status = CLFIT_OK;
  if (!find_range(prediction, &explanation.low, &explanation.high))
    return refuse(error,
                  "--explain: the model does not say which range of x it has learnt; --grid, --x or --data does");
  clfit_plot_default(plot);
  print_title(prediction, title);
  plot->title = title;
  picture_label(plot, prediction->points.y ? prediction->points.data : NULL, &model->source, &labels);
  take_points(plot, prediction);
  if (!plot->x && model->source.target) {
    status = clfit_source_test(&model->source, test_x, test_y, error);
    plot->points_name = "true curve";
    plot->n_points = CLFIT_TEST_POINTS;
    plot->x = test_x;
    plot->y = test_y;
  }
  clfit_grid(explanation.low, explanation.high, PICTURE_POINTS, line_x);
  clfit_model_predict(model, PICTURE_POINTS, line_x, line_z);
  plot->n_line = PICTURE_POINTS;
  plot->line_x = line_x;
  plot->line_z = line_z;
  return status ? status : explanation_write(&explanation, prediction->options->explain, error);
}
