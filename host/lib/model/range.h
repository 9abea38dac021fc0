/* From where to where an exported model is described. */
#ifndef CLFIT_HOST_RANGE_H
#define CLFIT_HOST_RANGE_H

#include "clfit.h"

/* Each end is that of the options, else, unless the model learnt a formula, of the options' samples, else of what the
 * model learnt; NaN: it is unknown. */
void clfit_export_range(const clfit_model *model, const clfit_export_options *options, double *low, double *high);

#endif
