#include "opencl/opencl.h"

#include <assert.h>
#include <string.h>

/*
 * Buckets: few enough that a sweep over 1 .. 256 neurons builds at most 16 programs a mapping, close enough that little
 * of a network is padding; 96 is the chapter's third size. Beyond 256 neurons unrolled programs take seconds to build,
 * and the loops' own cost no longer shows. packed ends at 256: beyond, a pack's parameters leave a core's first caches.
 */
const struct mapping clfit_mapping_table[MAPPING_COUNT] = {
    {.name = "wide",
     .file = "wide.cl",
     .cpu_lanes = 16,
     .gpu_lanes = 16,
     .width = 16,
     .local_size = 1,
     .unrolled_most = 16,
     .buckets = {1, 2, 4, 6, 8, 16, CLFIT_HIDDEN_MAX / 16}},
    {.name = "packed",
     .file = "packed.cl",
     .cpu_lanes = 16,
     .gpu_lanes = 1,
     .width = 1,
     .local_size = 1,
     .packs = true,
     .unrolled_most = 32,
     .buckets = {1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 64, 128, 256}},
    {.name = "team",
     .file = "team.cl",
     .cpu_lanes = 1,
     .gpu_lanes = 1,
     .width = 32,
     .local_size = 32,
     .unrolled_most = 8,
     .buckets = {1, 2, 4, 8, CLFIT_HIDDEN_MAX / 32}},
};

const char *const clfit_opencl_mappings[] = {"wide", "packed", "team", NULL};

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

uint32_t clfit_mapping_room(const struct mapping *mapping)
{
  uint32_t most = 0;
  for (const uint32_t *bucket = mapping->buckets; *bucket; bucket++) most = *bucket;
  return most * mapping->width;
}

/*
 * A pack of 16 takes as long whether it is full or not, so packing pays from some number of networks on. Measured on a
 * Sapphire Rapids core with PoCL, ns a step of one network in a full pack and in wide: 4 neurons 2.6 and 38, 16: 5.6
 * and 38, 32: 11 and 39, 64: 24 and 42, 128: 50 and 55, 256: 120 and 95. The number from which packed wins,
 * 16 * packed / wide, is thus 2, 3, 5, 10, 15 and never; a straight line through these is near enough. GPUs stay with
 * one mapping until they have been measured.
 */
bool clfit_mapping_packs(cl_device_type type, uint32_t hidden, size_t count)
{
  return !(type & CL_DEVICE_TYPE_GPU) && hidden <= 128 && count >= 2 + hidden / 9;
}

const struct mapping *clfit_mapping_choose(cl_device_type type, const struct mapping *wanted, uint32_t hidden,
                                           size_t count)
{
  const struct mapping *single = clfit_mapping_for(type), *packed = clfit_mapping_find("packed");
  const struct mapping *chosen = wanted ? wanted : clfit_mapping_packs(type, hidden, count) ? packed : single;
  return hidden <= clfit_mapping_room(chosen) ? chosen : single;
}

struct specialisation clfit_specialise(const struct mapping *mapping, cl_device_type type, clfit_activation activation,
                                       uint32_t hidden)
{
  struct specialisation made = {.mapping = mapping,
                                .lanes = type & CL_DEVICE_TYPE_GPU ? mapping->gpu_lanes : mapping->cpu_lanes,
                                .activation = activation};
  const uint32_t needed = (hidden + mapping->width - 1) / mapping->width;
  assert(hidden <= clfit_mapping_room(mapping));
  uint32_t smaller = 0;
  for (const uint32_t *bucket = mapping->buckets; *bucket && !made.vectors; bucket++) {
    if (needed <= *bucket)
      made.vectors = *bucket;
    else
      smaller = *bucket;
  }
  /* Networks of this bucket are larger than the next smaller one: its vectors are full, and one neuron more is there. */
  made.padded_from = mapping->width == 1 ? smaller + 1 : smaller;
  return made;
}
