/* Writes the files of train: pictures, after model and history. */
#include "cli/train/train.h"

#include "cli/explain/explanation.h"
#include "cli/io/interrupt.h"
#include "cli/io/message.h"
#include "cli/io/output.h"
#include "cli/io/picture.h"

clfit_status train_draw_samples(const struct training *training, clfit_error *error)
{
  clfit_plot plot;
  char title[PICTURE_TITLE_SIZE];
  struct picture_labels labels;
  if (!training->options->samples_plot) return CLFIT_OK;
  picture_samples_title(&training->state.network, &training->source, title);
  clfit_plot_default(&plot);
  picture_label(&plot, training->samples.data, &training->source, &labels);
  plot.title = title;
  plot.n_points = training->state.network.samples;
  plot.x = clfit_data_x(training->samples.data);
  plot.y = clfit_data_y(training->samples.data);
  return picture_draw(&plot, training->options->samples_plot, error);
}

static void plot_points(const struct training *training, clfit_plot *plot)
{
  const struct samples *samples = &training->samples;
  if (training->source.target) {
    plot->n_points = CLFIT_TEST_POINTS;
    plot->points_name = "true curve";
    plot->x = samples->test_x;
    plot->y = samples->test_y;
  } else {
    plot->n_points = training->state.network.samples;
    plot->x = clfit_data_x(samples->data);
    plot->y = clfit_data_y(samples->data);
  }
}

static void plot_line(const struct training *training, clfit_plot *plot)
{
  const struct samples *samples = &training->samples;
  bool target = training->source.target != NULL;
  plot->n_line = target ? CLFIT_TEST_POINTS : LINE_POINTS;
  plot->line_x = target ? samples->test_x : samples->line_x;
  plot->line_z = target ? training->test_z : training->line_z;
}

/* A picture of the fit, and the texts that it points to. */
struct fit_picture {
  clfit_plot plot;
  char title[PICTURE_TITLE_SIZE];
  struct picture_labels labels;
};

static void describe_fit(const struct training *training, struct fit_picture *picture)
{
  const struct history_curve *curve = &training->history.curve;
  clfit_plot *plot = &picture->plot;
  picture_title(&training->state.network, &training->source, picture->title);
  clfit_plot_default(plot);
  picture_label(plot, training->samples.data, &training->source, &picture->labels);
  plot->title = picture->title;
  plot_points(training, plot);
  plot_line(training, plot);
  if (!curve->count) return;
  plot->n_losses = curve->count;
  plot->losses = curve->losses;
  if (training->history.has_held) plot->held_losses = curve->held;
  plot->first_epoch = curve->first_epoch;
  plot->loss_step = curve->step;
}

static clfit_status draw_fit(const struct training *training, clfit_error *error)
{
  const struct options *options = training->options;
  struct fit_picture picture;
  clfit_status status = CLFIT_OK;
  describe_fit(training, &picture);
  if (options->plot && clfit_animation_is_path(options->plot))
    status = train_animate(training, &picture.plot, error);
  else if (options->plot)
    status = picture_draw(&picture.plot, options->plot, error);
  if (!status && options->frames) status = train_write_frames(training, &picture.plot, error);
  if (!status && options->explain) status = train_explain_neurons(training, &picture.plot, error);
  return status;
}

clfit_status train_explain_neurons(const struct training *training, const clfit_plot *plot, clfit_error *error)
{
  struct explanation explanation = {
      .state = &training->state, .scaling = clfit_data_scaling(training->samples.data), .plot = *plot};
  clfit_data_span(training->samples.data, &explanation.low, &explanation.high);
  return explanation_write(&explanation, training->options->explain, error);
}

static void report(const struct training *training)
{
  train_report(training);
  train_explain(training);
  fflush(stdout);
}

/* A picture on standard output comes before the report, other pictures come after it. */
static clfit_status draw_and_report(const struct training *training, clfit_error *error)
{
  const struct options *options = training->options;
  if (output_is_standard(options->plot) || output_is_standard(options->explain)) {
    clfit_status status = draw_fit(training, error);
    if (!status) report(training);
    return status;
  }
  report(training);
  /* without a model, pictures are what is left of a training that was interrupted */
  if (options->out || !interrupt_pending()) interrupt_limit();
  return draw_fit(training, error);
}

clfit_status train_write(struct training *training, clfit_error *error)
{
  /* A diverged training has no finite parameters, so no model and no fit are written; the history of its losses is. */
  const bool diverged = training->state.progress.status == CLFIT_TRAINING_DIVERGED;
  if (output_is_special(training->options->out)) interrupt_limit(); /* nobody may read what is written there */
  clfit_status status = train_save(training, diverged, error);
  if (!status && diverged)
    report(training);
  else if (!status)
    status = draw_and_report(training, error);
  if (!status) train_report_files(training);
  return status;
}
