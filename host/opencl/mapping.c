#include "opencl/opencl.h"

#include <string.h>

/* Buckets: 96 is the chapter's third size; beyond 256 neurons unrolled programs take seconds to build, and the loops'
 * own cost no longer shows. */
const struct mapping clfit_mapping_table[MAPPING_COUNT] = {
    {.name = "wide", .file = "wide.cl", .lanes = 16, .width = 16, .local_size = 1, .buckets = {1, 2, 4, 6, 8, 16}},
    {.name = "team", .file = "team.cl", .lanes = 1, .width = 32, .local_size = 32, .buckets = {1, 2, 4, 8}},
};

const char *const clfit_opencl_mappings[] = {"wide", "team", NULL};

const struct mapping *clfit_mapping_find(const char *name)
{
  for (size_t i = 0; i < MAPPING_COUNT; i++)
    if (!strcmp(clfit_mapping_table[i].name, name)) return &clfit_mapping_table[i];
  return NULL;
}

const struct mapping *clfit_mapping_for(cl_device_type type)
{
  return clfit_mapping_find(type & CL_DEVICE_TYPE_GPU ? "team" : "wide");
}

struct specialisation clfit_specialise(const struct mapping *mapping, clfit_activation activation, uint32_t hidden)
{
  struct specialisation made = {.mapping = mapping, .activation = activation};
  uint32_t needed = (hidden + mapping->width - 1) / mapping->width;
  for (const uint32_t *bucket = mapping->buckets; *bucket && !made.unrolled; bucket++) {
    made.vectors = *bucket;
    made.unrolled = needed <= *bucket;
  }
  if (!made.unrolled) made.vectors = CLFIT_HIDDEN_MAX / mapping->width;
  made.masked = !made.unrolled || hidden != made.vectors * mapping->width;
  return made;
}
