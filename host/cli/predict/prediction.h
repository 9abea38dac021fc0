/* A prediction: the network or networks, the points, and what they answer there. */
#ifndef CLFIT_CLI_PREDICTION_H
#define CLFIT_CLI_PREDICTION_H

#include "cli/io/samples.h"
#include "cli/predict/answers.h"
#include "cli/predict/points.h"

#define PICTURE_POINTS 500 /* of a line in a picture */

struct prediction {
  const struct options *options;
  clfit_model model;      /* of MODEL; zeroed with --study */
  clfit_source source;    /* with --study: of its samples; else zeroed */
  struct samples samples; /* with --study: those of the best network; else zeroed */
  bool ranged;            /* the range of x that was learnt is known */
  double x_low, x_high;
  bool single; /* answers are float32: there is no scaling */
  struct points points;
  struct answers answers; /* at the points */
  struct answers line;    /* with --plot: over the range of the points */
  double line_x[PICTURE_POINTS];
};

/* Fills points, answers and line, of MODEL or of --study; without --grid, --x and --data the model alone. Release with
 * prediction_close in any case. */
clfit_status prediction_of_model(struct prediction *prediction, clfit_error *error);
clfit_status prediction_of_study(struct prediction *prediction, clfit_error *error);
void prediction_close(struct prediction *prediction);

/* The points, and room for the answers there and on the line; otherwise: points if the options name none. */
clfit_status prediction_open_points(struct prediction *prediction, const struct grid *otherwise, clfit_error *error);

/* Errors at the points of --data; max_error without rows of weight 0. */
void prediction_figures(const struct prediction *prediction, clfit_figures *figures);

clfit_status prediction_write_csv(const struct prediction *prediction, clfit_error *error);
clfit_status prediction_draw(const struct prediction *prediction, clfit_error *error);

/* Writes --explain, over the range that MODEL has learnt or, where that is unknown, that of the points. */
clfit_status prediction_explain(const struct prediction *prediction, clfit_error *error);

#endif
