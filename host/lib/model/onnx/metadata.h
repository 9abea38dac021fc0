/* A model's keys and values as the metadata of an ONNX file. */
#ifndef CLFIT_MODEL_ONNX_METADATA_H
#define CLFIT_MODEL_ONNX_METADATA_H

#include "clfit.h"

#include <onnx.pb-c.h>
#include <stdbool.h>

struct properties {
  Clfit__Onnx__StringStringEntryProto **entries; /* [count] */
  size_t count;
  bool failed; /* there was no memory */
};

/* Begin with a zeroed struct; *properties is to be cleared whether or not it failed. */
void clfit_properties_collect(struct properties *properties, const clfit_model *model);
void clfit_properties_clear(struct properties *properties);

#endif
