/*
 * The table of export formats. A format is a file in this folder with the function that writes it, and a row here:
 * X(name, ending of its files' names, description in one line); its function is clfit_write_NAME.
 */
#ifndef CLFIT_HOST_FORMAT_H
#define CLFIT_HOST_FORMAT_H

#include "clfit.h"

#if CLFIT_ONNX
#define CLFIT_FORMAT_ONNX(X) X(onnx, ".onnx", "a graph for ONNX runtimes, with its scaling inside")
#else
#define CLFIT_FORMAT_ONNX(X)
#endif

#define CLFIT_FORMATS(X)                                                                                               \
  X(safetensors, ".safetensors", "a model file, the one that clfit reads")                                             \
  X(json, ".json", "one object with everything in it")                                                                 \
  X(npz, ".npz", "arrays for numpy.load")                                                                              \
  CLFIT_FORMAT_ONNX(X)                                                                                                 \
  X(csv, ".csv", "a table of x and y")                                                                                 \
  X(c, ".h", "a C and C++ header with one function, and nothing else needed")

struct model_format {
  clfit_format format;
  /* Writes a model that has passed clfit_model_check, with the same bytes on every machine. A failed write
   * is seen in the stream's error flag. */
  clfit_status (*write)(const clfit_model *model, const clfit_export_options *options, FILE *stream,
                        clfit_error *error);
};

#define CLFIT_DECLARE_WRITER(name, ending, description)                                                                \
  clfit_status clfit_write_##name(const clfit_model *model, const clfit_export_options *options, FILE *stream,         \
                                  clfit_error *error);
CLFIT_FORMATS(CLFIT_DECLARE_WRITER)

#endif
