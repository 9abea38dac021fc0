/* From where to where an exported model is described. */
#ifndef CLFIT_HOST_RANGE_H
#define CLFIT_HOST_RANGE_H

#include "clfit.h"

/* The range of the options' samples, unless the model learnt a formula, else what the model learnt; NaN: unknown. */
void clfit_learnt_range(const clfit_model *model, const clfit_export_options *options, double *low, double *high);

/* The same, with each end that the options say. */
void clfit_export_range(const clfit_model *model, const clfit_export_options *options, double *low, double *high);

#endif
