/* Samples, and the options that say where they come from. */
#ifndef CLFIT_CLI_SAMPLES_H
#define CLFIT_CLI_SAMPLES_H

#include "cli/options/options.h"

#define LINE_POINTS 200 /* of the network's line in a picture of data */

/* Samples, and points at which networks are evaluated. */
struct samples {
  clfit_data *data;
  bool drawn;                                                  /* from a target, which can be evaluated at any x */
  double test_x[CLFIT_TEST_POINTS], test_y[CLFIT_TEST_POINTS]; /* if drawn: the target's own values */
  double line_x[LINE_POINTS];                                  /* else: over the range of the file's x */
};

/* Refuses options of a source that contradict each other; for train and sweep. */
clfit_status samples_check_options(const struct options *options, clfit_error *error);

/* Refuses, in the words of the command line, the loss of samples held out, which the field stop_on or patience_on asks
 * for, where none are. */
clfit_status samples_refuse_held(const struct options *options, const char *field, clfit_error *error);

/* The source that the options name. Release with clfit_source_clear. */
clfit_status samples_source(const struct options *options, clfit_source *source, clfit_error *error);

/* Whether the files of a source can be opened; standard input cannot be read again. */
bool samples_are_there(const clfit_source *source);

/* Looks for files of a source that a study or model names and that are not there: a relative path beside the study or
 * model instead of in the working folder, then the file's bare name beside it. Paths become those that were found. */
clfit_status samples_find(clfit_source *source, const char *beside, clfit_error *error);

/* Draws or reads the samples of a network as clfit_source_open does, and computes the points. Release with
 * samples_close, also a zeroed struct. */
clfit_status samples_open(struct samples *samples, const clfit_source *source, clfit_network *network,
                          clfit_error *error);
void samples_close(struct samples *samples);

#endif
