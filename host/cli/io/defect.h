/* A word on fits that are finite and yet worthless. */
#ifndef CLFIT_CLI_DEFECT_H
#define CLFIT_CLI_DEFECT_H

#include "clfit.h"

/* The defect of a fit whose R2 is that of the test points or, without a target, of the samples. */
clfit_defect defect_of(const clfit_state *state, const clfit_data *data, const clfit_figures *test,
                       const clfit_figures *fit);

/* The same as one line on stderr, or none. */
void defect_note(const clfit_state *state, const clfit_data *data, const clfit_figures *test, const clfit_figures *fit);

/* How many parameters of a state are infinite or NaN, which its answers need not show. */
size_t defect_infinite(const clfit_state *state);

#endif
