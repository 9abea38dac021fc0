#include "engine/opencl/opencl.h"

#include <assert.h>
#include <string.h>

/*
 * Buckets (numbers of vectors for which programs are compiled): few enough that a sweep over 1 .. 256 neurons builds
 * at most 16 programs (a test counts them), dense enough that networks of 8 neurons or more have little padding. Above
 * 256 neurons unrolled programs take PoCL seconds to build and loops cost a CPU little in comparison; a GPU, whose
 * registers hold up to 1,024 neurons of a team, is 3.8 times as fast as with loops with 512 neurons and 5.6 times with
 * 1,024 (measured on an H100). Above 32 neurons the loops of packed run to the pack's largest network, not to the end
 * of the bucket. packed supports up to 256 neurons, because the parameters of a pack of larger networks do not fit
 * into a core's caches.
 */
const struct mapping clfit_mapping_table[MAPPING_COUNT] = {
    [MAPPING_wide] = {.name = "wide",
                      .file = "wide.cl",
                      .cpus_only = true,
                      .cpu_lanes = 16,
                      .gpu_lanes = 16,
                      .width = 16,
                      .local_size = 1,
                      .gpu_group = 1,
                      .unrolled_most = 16,
                      .interleaved_most = 16,
                      .buckets = {1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 16, CLFIT_HIDDEN_MAX / 16}},
    [MAPPING_packed] = {.name = "packed",
                        .file = "packed.cl",
                        .cpu_lanes = 16,
                        .gpu_lanes = 1,
                        .width = 1,
                        .local_size = 1,
                        .gpu_group = 64,
                        .packs = true,
                        .unrolled_most = 32,
                        .interleaved_most = 128,
                        .buckets = {1, 2, 4, 6, 8, 10, 12, 14, 16, 20, 24, 28, 32, 128, 256}},
    [MAPPING_team] = {.name = "team",
                      .file = "team.cl",
                      .cpu_lanes = 1,
                      .gpu_lanes = 1,
                      .width = 32,
                      .local_size = 32,
                      .gpu_group = 4,
                      .unrolled_most = 32,
                      .cpu_unrolled_most = 8,
                      .buckets = {1, 2, 4, 8, 16, 32, CLFIT_HIDDEN_MAX / 32}},
};

/* Oclgrind's device is of all types: it runs what CPUs get, and the team of GPUs. */
static bool is_gpu(cl_device_type type)
{
  return type & CL_DEVICE_TYPE_GPU && !(type & CL_DEVICE_TYPE_CPU);
}

static bool has_mapping(const struct opencl_device *device, const struct mapping *mapping)
{
  return !(mapping->cpus_only && is_gpu(device->type));
}

/* Rows that are for CPUs only come first, so that the names of a GPU's mappings are the end of the list. */
const char *const *clfit_opencl_mappings(const struct opencl_device *device)
{
#define MAPPING_NAME(name) #name,
  static const char *const all[] = {MAPPINGS(MAPPING_NAME) NULL};
  size_t first = 0;
  while (!has_mapping(device, &clfit_mapping_table[first])) first++;
  return all + first;
}

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

/* A network a lane on CPUs, a work-group a network on GPUs. wide, which spreads the neurons of a network over lanes,
 * has no counterpart: packed stands in for it. */
const struct mapping *clfit_mapping_for_least_squares(cl_device_type type, const char *wanted)
{
  const bool team = wanted ? !strcmp(wanted, "team") : (type & CL_DEVICE_TYPE_GPU) != 0;
  return clfit_mapping_find(team ? "team" : "packed");
}

/*
 * A GPU's multiprocessor holds a limited number of work-groups at once (NVIDIA: 32, and 64 warps), so a work-group has
 * several networks. A team that uses barriers must be alone in its work-group; teams that use shuffles need not wait
 * for each other.
 */
uint32_t clfit_mapping_group(const struct mapping *mapping, bool batches, const struct opencl_device *device)
{
  if (!(device->type & CL_DEVICE_TYPE_GPU)) return 1;
  if (batches && (mapping->local_size > 1 || !is_gpu(device->type))) return 1;
  uint32_t group = mapping->local_size > 1 && !(device->instructions & INSTRUCTION_SHUFFLE) ? 1 : mapping->gpu_group;
  while (group > 1 && group * mapping->local_size > device->group_max) group /= 2;
  return group;
}

uint32_t clfit_mapping_capacity(const struct mapping *mapping)
{
  uint32_t most = 0;
  for (const uint32_t *bucket = mapping->buckets; *bucket; bucket++) most = *bucket;
  return most * mapping->width;
}

/*
 * A pack takes the same time whether all of its 16 lanes are used or not, and it occupies one compute unit; so packed
 * is faster than wide only from a certain number of networks per compute unit on. Measured on a Zen 5 core with PoCL,
 * with earlier kernels, ns a step of one network in a full pack and in wide, with many of either: 4 neurons 1.1 and 15,
 * 16: 3.4 and 16, 32: 6.6 and 16, 64: 12.5 and 18, 128: 24.3 and 24.4, 256: 47.5 and 48.5. packed is faster from 16 *
 * packed / wide networks on: from 2, 4, 7, 11 networks, and from a full pack at 128 neurons and more; there packed is
 * preferred, because it has no padding if all networks of a pack have the same size. A straight line approximates these
 * numbers well enough; it lies a little higher, to allow for a last pack that is not full. On a Zen 4 core the numbers
 * are 3 for 8 neurons, 10 for 32, 16 for 128.
 *
 * On a GPU packed gives each network a thread, whose registers hold up to 32 neurons (tests/checks/ptxas.sh), and needs
 * 27 H + 22 instructions for a step of 32 networks (a warp), about 27 H + 100 cycles. team needs 58 instructions for a
 * step of one network, whatever the number of networks. With a warp for each of a compute unit's four schedulers,
 * packed is the faster one from 4 (27 H + 100) / 58, or about 2 H + 6, networks a compute unit on. Counted in NVIDIA's
 * instructions; measured on an H100, with 512 networks a unit: 7.1, 4.3 and 2.2 times as fast with 8, 16 and 32
 * neurons.
 */
bool clfit_mapping_packs(const struct opencl_device *device, uint32_t hidden, size_t count)
{
  const size_t units = device->info.compute_units;
  if (device->type & CL_DEVICE_TYPE_GPU) return hidden <= 32 && count / (2 * hidden + 6) >= units;
  return count >= units * (2 + hidden / 6);
}

/* On a CPU a work-item evaluates 128 points, so the 100 test points of a network are one work-item, with enough work to
 * outweigh the cost of starting it. */
struct evaluation_size clfit_mapping_evaluation(cl_device_type type)
{
  return type & CL_DEVICE_TYPE_GPU ? (struct evaluation_size){1, 1} : (struct evaluation_size){16, 8};
}

/*
 * Where batch.cl gives each network a thread of a GPU, the thread keeps this many sets of three values (W1, B1 and W2
 * of a neuron: parameters, moments or gradients) in registers: those of 16 neurons with adam, of 32 without moments.
 * Some are spilled then (160 bytes with adam and 16 neurons), which costs less than a team, half of whose lanes are
 * idle: many networks are 3.0 times as fast as by team with adam and 16 neurons (H100), 2.5 times with batches of 32
 * samples and 32 neurons (H200). (16 networks in vectors of 16 floats, as on a CPU, take NVIDIA's compiler 15 s.)
 */
#define THREAD_SETS_MOST    64u
#define THREAD_NEURONS_MOST (THREAD_SETS_MOST / 2) /* with one set beside the gradient */

static uint32_t thread_neurons_most(uint32_t sets)
{
  uint32_t neurons = 1; /* a power of two, as programs are made for them */
  while (2 * neurons * (sets + 1) <= THREAD_SETS_MOST) neurons *= 2;
  return neurons;
}

const struct mapping *clfit_mapping_choose(const struct opencl_device *device, const struct mapping *wanted,
                                           uint32_t sets, uint32_t hidden, size_t count)
{
  const struct mapping *single = clfit_mapping_for(device->type), *packed = clfit_mapping_find("packed");
  const struct mapping *chosen = wanted ? wanted : clfit_mapping_packs(device, hidden, count) ? packed : single;
  if (!has_mapping(device, chosen)) return single;
  if (sets > 0 && chosen->packs && is_gpu(device->type) && hidden > thread_neurons_most(sets)) return single;
  return hidden <= clfit_mapping_capacity(chosen) ? chosen : single;
}

struct specialisation clfit_specialise(const struct mapping *mapping, cl_device_type type, clfit_activation activation,
                                       uint32_t hidden)
{
  struct specialisation made = {.mapping = mapping,
                                .lanes = type & CL_DEVICE_TYPE_GPU ? mapping->gpu_lanes : mapping->cpu_lanes,
                                .activation = activation};
  const uint32_t needed = (hidden + mapping->width - 1) / mapping->width;
  assert(hidden <= clfit_mapping_capacity(mapping));
  const bool fewer_unrolled = mapping->cpu_unrolled_most && !is_gpu(type);
  uint32_t smaller = 0;
  for (const uint32_t *bucket = mapping->buckets; *bucket && !made.vectors; bucket++) {
    if (fewer_unrolled && *bucket > mapping->cpu_unrolled_most && *bucket <= mapping->unrolled_most) continue;
    if (needed <= *bucket)
      made.vectors = *bucket;
    else
      smaller = *bucket;
  }
  /* Every network of this bucket is larger than the next smaller bucket: it fills at least that bucket's vectors, and
   * has one neuron more. */
  made.padded_from = mapping->width == 1 ? smaller + 1 : smaller;
  made.interleaved = !(type & CL_DEVICE_TYPE_GPU) && made.vectors <= mapping->interleaved_most ? 2 : 1;
  return made;
}

/* A GPU's team keeps the planes of up to so many neurons a work-item in registers: with 8 neurons sgd takes 214 of the
 * 255 that a thread can have, adam all, and 40 bytes are spilled; 256 neurons with adam are 2.5 times as fast as from
 * global memory (H100, many networks). */
#define RESIDENT_VECTORS_MOST 8u

/* Vectors are added in blocks (BLOCK in batch.cl). Networks of packed lie in steps of 8 neurons up to 32 and of 32
 * beyond, so that there are few pools and networks of different sizes share packs. */
struct specialisation clfit_specialise_batches(const struct mapping *mapping, cl_device_type type,
                                               clfit_activation activation, uint32_t hidden)
{
  const bool team = mapping->local_size > 1;
  const uint32_t needed = (hidden + mapping->width - 1) / mapping->width;
  const uint32_t block = mapping->packs ? (needed <= 32 ? 8 : 32) : team ? 1 : 2;
  assert(hidden <= clfit_mapping_capacity(mapping));
  struct specialisation made = {.mapping = mapping,
                                .lanes = team ? 1 : 16,
                                .activation = activation,
                                .vectors = (needed + block - 1) / block * block,
                                .interleaved = 1,
                                .batches = true};
  if (team && type & CL_DEVICE_TYPE_GPU) made.resident = needed <= RESIDENT_VECTORS_MOST;
  if (mapping->packs && is_gpu(type) && needed <= THREAD_NEURONS_MOST) {
    made.resident = true;
    made.lanes = 1;
    made.vectors = needed;
  }
  while (made.resident && made.vectors & (made.vectors - 1)) made.vectors++; /* powers of two: few programs */
  return made;
}

bool clfit_specialisation_equal(const struct specialisation *one, const struct specialisation *other)
{
  bool equal = true;
#define COMPARE_FIELD(type, name) equal = equal && one->name == other->name;
  SPECIALISATION_FIELDS(COMPARE_FIELD)
#undef COMPARE_FIELD
  return equal;
}
