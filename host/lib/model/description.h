/* The keys and values of a model beside its tensors, which each format writes in its own way. */
#ifndef CLFIT_HOST_DESCRIPTION_H
#define CLFIT_HOST_DESCRIPTION_H

#include "clfit.h"

#define TRAINING_COUNT (CLFIT_TRAINING_DIVERGED + 1)
#define MODE_COUNT     (CLFIT_FAST + 1)

/* "running" ..., "strict" ... */
extern const char *const clfit_training_names[TRAINING_COUNT];
extern const char *const clfit_mode_names[MODE_COUNT];

/* Finds a contradiction between a configuration and a progress; returns it as a clause for a message, or NULL if there
 * is none. */
const char *clfit_progress_contradiction(const clfit_network *network, const clfit_progress *progress);

/* Whether all four numbers are finite and the factors above 0. */
bool clfit_scaling_is_possible(const clfit_scaling *scaling);

/* Whether x_low is not above x_high, and both are finite. */
bool clfit_model_range_is_possible(const clfit_model *model);

/* Whether a model can be written. CLFIT_ERROR_ARGUMENT: its structs are of another size, a value is out of its range,
 * or its progress cannot be; CLFIT_ERROR_UNSUPPORTED: its optimizer keeps more sets than a model file has room for. */
clfit_status clfit_model_check(const clfit_model *model, clfit_error *error);

/* Receives the description. */
struct description {
  bool complete; /* also keys whose value is the default, unknown or not applicable */
  void *to;      /* passed to the functions */
  void (*text)(void *to, const char *key, const char *value); /* NULL: unknown; perhaps no UTF-8 */
  void (*number)(void *to, const char *key, double value);    /* counts, too; losses may be infinite or NaN */
};

/* Calls the functions for each key, in the order of a model file's metadata. The model has passed clfit_model_check. */
void clfit_model_describe(const clfit_model *model, const struct description *description);

#endif
