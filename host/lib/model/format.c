#include "model/format.h"

#include "base/error.h"
#include "base/names.h"
#include "model/description.h"

#include <assert.h>
#include <math.h>
#include <string.h>
#include <strings.h>

#define ROW(name, ending, description) {{#name, ending, description}, clfit_write_##name},
static const struct model_format table[] = {CLFIT_FORMATS(ROW)};

#define FORMATS (sizeof table / sizeof *table)

size_t clfit_format_count(void)
{
  return FORMATS;
}

const clfit_format *clfit_format_get(size_t index)
{
  return index < FORMATS ? &table[index].format : NULL;
}

static const char *name_of(uint32_t row)
{
  return row < FORMATS ? table[row].format.name : NULL;
}

static const struct model_format *find(const char *name, clfit_error *error)
{
  uint32_t row;
  assert(name);
  return clfit_name_find("format", name_of, NULL, name, &row, error) ? NULL : &table[row];
}

clfit_status clfit_format_find(const char *name, const clfit_format **format, clfit_error *error)
{
  const struct model_format *row = find(name, error);
  if (!row) return CLFIT_ERROR_ARGUMENT;
  *format = &row->format;
  return CLFIT_OK;
}

const clfit_format *clfit_format_of_file(const char *path)
{
  const size_t length = strlen(path);
  for (const struct model_format *row = table; row < table + FORMATS; row++) {
    const size_t ending = strlen(row->format.ending);
    if (length > ending && !strcasecmp(path + length - ending, row->format.ending)) return &row->format;
  }
  return NULL;
}

void clfit_export_options_default(clfit_export_options *options)
{
  *options = (clfit_export_options){
      .size = sizeof *options, .name = "network", .low = NAN, .high = NAN, .points = CLFIT_TABLE_POINTS};
}

static clfit_status check_options(const clfit_export_options *options, clfit_error *error)
{
  if (options->size != sizeof *options)
    return clfit_fail(error, CLFIT_ERROR_ARGUMENT, "the size of a clfit_export_options is %zu; this library has %zu",
                      options->size, sizeof *options);
  return CLFIT_OK;
}

clfit_status clfit_model_export_with(const clfit_model *model, const char *format, const clfit_export_options *options,
                                     FILE *stream, clfit_error *error)
{
  clfit_export_options defaults;
  assert(model && stream);
  clfit_export_options_default(&defaults);
  if (!options) options = &defaults;
  const struct model_format *row = find(format, error);
  if (!row) return CLFIT_ERROR_ARGUMENT;
  clfit_status status = check_options(options, error);
  if (!status) status = clfit_model_check(model, error);
  return status ? status : row->write(model, options, stream, error);
}

clfit_status clfit_model_export(const clfit_model *model, const char *format, FILE *stream, clfit_error *error)
{
  return clfit_model_export_with(model, format, NULL, stream, error);
}
