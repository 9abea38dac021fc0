/* One run of clfit train, from options to files. */
#ifndef CLFIT_CLI_TRAIN_H
#define CLFIT_CLI_TRAIN_H

#include "cli/io/samples.h"
#include "cli/options/options.h"
#include "cli/train/frames.h"
#include "cli/train/history.h"

struct training {
  const struct options *options;
  clfit_source source; /* the options', or the resumed model's */
  clfit_mode mode;     /* the option's, or the resumed model's */
  clfit_model resumed; /* zeroed unless there is --resume */
  struct samples samples;
  struct history history;
  struct frames frames; /* none unless a picture shows them */
  clfit_state state;    /* before the run, then after it */
  clfit_device *device;
  clfit_population *population;
  uint32_t slot;

  double exceeded_limit; /* the stability limit, if the rate is above it; else 0 */
  uint64_t first_steps;  /* trained before this run */
  double seconds;        /* from the first advance to results on the host */
  bool interrupted;
  double test_z[CLFIT_TEST_POINTS], line_z[LINE_POINTS]; /* predictions at test_x and line_x */
  /* at test points, samples trained on, samples held out; NaN where they do not apply */
  clfit_figures test, fit, held;
};

/* Refuses options that contradict each other, and output files that cannot be written. */
clfit_status train_check(const struct options *options, clfit_error *error);

/* Checks that a loaded model can be trained on as the options say, and takes its state and source over. */
clfit_status train_resume(struct training *training, clfit_error *error);

/* Says what the file of the samples was taken for, and lets the source remember it. Nothing for a formula. */
clfit_status train_note_columns(struct training *training, clfit_error *error);

/* Draws the picture of the samples alone, if asked for. */
clfit_status train_draw_samples(const struct training *training, clfit_error *error);

/* The frames: the moving picture, whose points, title and losses plot has, and the numbered pictures of --frames. */
clfit_status train_animate(const struct training *training, const clfit_plot *plot, clfit_error *error);
clfit_status train_write_frames(const struct training *training, const clfit_plot *plot, clfit_error *error);

/* Whether the pictures of --frames can be written. */
clfit_status train_check_frames(const struct options *options, clfit_error *error);

/* Writes --explain: what the neurons do, over the range of the samples, below the fit that plot has. */
clfit_status train_explain_neurons(const struct training *training, const clfit_plot *plot, clfit_error *error);

/* Whether the options ask for pictures of how the fit grows. */
bool train_shows_frames(const struct options *options);

/* Writes those of model, history and pictures that were asked for, of the training so far, and reports: before the
 * pictures, which a signal may cut off once the rest is there, unless one of them goes to standard output. */
clfit_status train_write(struct training *training, clfit_error *error);

/* The first part of it: model and history. A process that is killed leaves no model of one training beside the history
 * of another. A history that cannot be written does not cost the model. diverged: there is no model. */
clfit_status train_save(struct training *training, bool diverged, clfit_error *error);

/* Prints the results, as text or as JSON. */
void train_report(const struct training *training);

/* The last line of the text: the files that were written. */
void train_report_files(const struct training *training);

/* Whether the training is one by least squares, whose epochs are iterations. */
bool train_is_least_squares(const struct training *training);

/* "done", "diverged", "stopped" or "interrupted". */
const char *train_status_name(const struct training *training);

/* Prints on stderr why the training ended early (interrupted or diverged), and how to continue it. */
void train_explain(const struct training *training);

#endif
