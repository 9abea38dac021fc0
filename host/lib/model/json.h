/* Models as JSON text. */
#ifndef CLFIT_HOST_JSON_H
#define CLFIT_HOST_JSON_H

#include "clfit.h"

#include <jansson.h>

/* The JSON object of a model that has passed clfit_model_check, with its tensors or without them, as ASCII text ending
 * with a line feed. Free it. NULL: out of memory. */
char *clfit_json_print(const clfit_model *model, bool tensors, size_t *length);

/* A JSON string, or NULL: text is NULL or no UTF-8, or there is no memory, which sets *failed. */
json_t *clfit_json_string(const char *text, bool *failed);

#endif
