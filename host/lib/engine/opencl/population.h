/*
 * A population on an OpenCL device, shared by the files that make it up:
 *
 *   pool.c           the memory of the networks that share a program
 *   placement.c      which pool and entry a network gets; take and give
 *   launch.c         training; reading progress and losses
 *   evaluation.c     predictions of trained networks
 *   cl_population.c  samples; making and releasing a population
 *
 * Networks of one specialisation (mapping, activation, bucket ...) share a pool: the program that trains them, and
 * buffers with one entry per network. A launch advances every pool by one kernel call over all its entries; an entry
 * without a running network returns at once.
 */
#ifndef CLFIT_OPENCL_POPULATION_H
#define CLFIT_OPENCL_POPULATION_H

#include "config/record.h"
#include "engine/backend.h"
#include "engine/opencl/opencl.h"

/* The first buffers of a pool. After them come those of the planes; see clfit_plane_buffer; and, with batches, one for
 * the activations. clfit_entry_bytes() is the size of an entry in each. */
enum { TASK, PROGRESS, LOSSES, FIRST_PLANE };

/*
 * Networks lie in packs of `pack` (1 in all mappings but packed). The planes W1, B1 and W2 are [capacity /
 * pack][stride][pack] floats, stride = number of neurons with padding, which is +0; B2, task and progress are
 * [capacity].
 */
struct pool {
  struct specialisation specialisation;
  uint32_t sets;             /* sets of planes; the optimizer determines how many */
  uint32_t stride;           /* floats a network in W1, B1 and W2 */
  uint32_t pack;             /* networks that a work-item trains */
  uint32_t work_group_packs; /* packs that a work-group trains; capacity is a multiple of pack * group */
  cl_kernel train, evaluate;
  cl_mem *buffers;  /* [buffer_count], each of `capacity` entries */
  void **addresses; /* [buffer_count], set by clfit_entries_map; NULL: not mapped */
  uint32_t buffer_count;
  uint32_t capacity;
  uint32_t warm_capacity; /* capacity at the last launch of the training kernel */
  uint32_t *free_entries; /* [free_count], the lowest last */
  uint32_t free_count;
  struct network_progress *progress; /* [capacity], as of the last launch */
  float *losses;                     /* CLFIT_LOSSES_EVERY: as on the device, as of the last launch; else NULL */
};

/* Where the network of a slot is stored. */
struct location {
  uint32_t pool, entry;
  uint32_t hidden;
};

struct opencl_population {
  struct opencl_device *device;
  const struct mapping *mapping; /* NULL: chosen for each network */
  clfit_mode mode;
  uint32_t losses_kept; /* CLFIT_LOSSES_... */
  struct pool *pools;   /* [pool_count] */
  uint32_t pool_count;
  struct location *locations; /* [location_count], by slot */
  size_t location_count;
  cl_mem x, y; /* [sample_capacity] floats, all data one after the other */
  size_t sample_capacity;
};

/* ---- pool.c -------------------------------------------------------------------------------------------------- */

/* Replaces a buffer by one of `bytes` bytes and copies the first `kept` bytes. The old one is released on success
 * and stays valid after a failure. */
clfit_status clfit_buffer_grow(const struct opencl_device *device, cl_mem *buffer, size_t kept, size_t bytes,
                               clfit_error *error);

size_t clfit_entry_bytes(const struct opencl_population *population, const struct pool *pool, uint32_t buffer);

/* Index in pool->buffers of a plane (record.h) of a set. */
static inline uint32_t clfit_plane_buffer(uint32_t set, uint32_t plane)
{
  return FIRST_PLANE + PLANE_COUNT * set + plane;
}

/* Index of neuron j of an entry in the planes W1, B1 and W2. */
static inline size_t clfit_neuron_index(const struct pool *pool, size_t entry, uint32_t j)
{
  return (entry / pool->pack * pool->stride + j) * pool->pack + entry % pool->pack;
}

/* A range of entries (whole packs) of a pool's buffers, mapped into host memory. */
struct mapped_entries {
  struct opencl_population *population;
  struct pool *pool;
  uint32_t first, count;
};

/* The range of all packs that contain the entries first .. last; not mapped yet. */
struct mapped_entries clfit_mapped_entries(struct opencl_population *population, struct pool *pool, uint32_t first,
                                           uint32_t last);

/* Maps all buffers but the losses and the activations, to pool->addresses. */
clfit_status clfit_entries_map(struct mapped_entries *mapped, cl_map_flags flags, clfit_error *error);

/* Unmaps what is mapped; must be called after a failed clfit_entries_map, too. Returns `status` if that is a
 * failure, otherwise its own. */
clfit_status clfit_entries_unmap(struct mapped_entries *mapped, clfit_status status, clfit_error *error);

/* The pool of a specialisation, or NULL if there is none yet. */
struct pool *clfit_pool_find(const struct opencl_population *population, const struct specialisation *wanted);

/* Finds the pool of a specialisation, or makes it and builds its programs. *index: in population->pools. */
clfit_status clfit_pool_need(struct opencl_population *population, const struct specialisation *wanted, uint32_t *index,
                             clfit_error *error);

/* Grows a pool to at least `wanted` entries; the new ones are free. */
clfit_status clfit_pool_grow(struct opencl_population *population, struct pool *pool, uint32_t wanted,
                             clfit_error *error);

/* Frees an entry. Its network must not be in training on the device any more. */
void clfit_pool_free_entry(struct pool *pool, uint32_t entry);

void clfit_pool_clear(struct pool *pool);

/* ---- placement.c --------------------------------------------------------------------------------------------- */

/* Functions of struct backend. */
clfit_status clfit_opencl_take(void *self, size_t n, const struct incoming *incoming, clfit_error *error);
clfit_status clfit_opencl_give(void *self, size_t n, const uint32_t *slots, float *const *records,
                               double *const *precise, clfit_error *error);
void clfit_opencl_drop(void *self, size_t n, const uint32_t *slots);

/* The smallest and largest entry in a pool of n slots; false if none of them is in this pool. */
bool clfit_entries_range(const struct opencl_population *population, uint32_t pool, size_t n, const uint32_t *slots,
                         uint32_t *first, uint32_t *last);

/* ---- launch.c ------------------------------------------------------------------------------------------------ */

/* Launches each grown pool with 0 steps: some drivers (PoCL) compile the kernel for a launch size only at its first
 * launch, and that time must not be measured as training. */
clfit_status clfit_opencl_warm_up(struct opencl_population *population, clfit_error *error);

/* Functions of struct backend. */
clfit_status clfit_opencl_advance(void *self, uint32_t steps, clfit_error *error);
const struct network_progress *clfit_opencl_progress(const void *self, uint32_t slot);
const float *clfit_opencl_losses(const void *self, uint32_t slot);
clfit_status clfit_opencl_milestones(void *self, size_t n, const uint32_t *slots, float *pairs, clfit_error *error);

/* ---- evaluation.c -------------------------------------------------------------------------------------------- */

/* Function of struct backend. */
clfit_status clfit_opencl_evaluate(void *self, size_t n, const uint32_t *slots, size_t n_x, const float *x, float *z,
                                   clfit_error *error);

#endif
