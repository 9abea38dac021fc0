/* --explain: what the neurons of a network do, as a table or a picture. */
#ifndef CLFIT_CLI_EXPLANATION_H
#define CLFIT_CLI_EXPLANATION_H

#include "clfit.h"

struct explanation {
  const clfit_state *state;
  clfit_scaling scaling; /* of the samples */
  double low, high;      /* range of x */
  clfit_plot plot;       /* title, labels, points and, in a picture, the line of the fit */
};

/* Refuses a file whose name says no format, and a picture without gnuplot. */
clfit_status explanation_check(const char *path, clfit_error *error);

/* Writes it to a file or, for path "-", a table on standard output. */
clfit_status explanation_write(const struct explanation *explanation, const char *path, clfit_error *error);

/* The formats; neurons as clfit_state_neurons has them. */
void explanation_print_table(const struct explanation *explanation, const clfit_neuron *neurons, FILE *stream);
clfit_status explanation_draw(const struct explanation *explanation, const clfit_neuron *neurons, const char *path,
                              FILE *stream, clfit_error *error);

#endif
