/* Model files. */
#ifndef CLFIT_CLI_MODEL_FILE_H
#define CLFIT_CLI_MODEL_FILE_H

#include "clfit.h"

/* Writes a model as clfit_model_save does, but so that a signal in between leaves nothing behind. */
clfit_status model_save(const clfit_model *model, const char *path, clfit_error *error);

#endif
