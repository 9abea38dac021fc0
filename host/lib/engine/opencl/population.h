/*
 * A population on an OpenCL device, shared by the files that make it up:
 *
 *   bank.c           the memory of the networks that share a program
 *   placement.c      which bank and place a slot's network gets; take and give
 *   launch.c         training, and what launches leave behind: progress and losses
 *   evaluation.c     answers of trained networks
 *   cl_population.c  samples; making and releasing a population
 *
 * Networks of one specialisation (mapping, activation, room for neurons ...) share a bank: buffers with one place for a
 * network, and the program that trains them. A launch advances every bank by one kernel call over all its places; a
 * place without a running network returns at once.
 */
#ifndef CLFIT_OPENCL_POPULATION_H
#define CLFIT_OPENCL_POPULATION_H

#include "config/record.h"
#include "engine/backend.h"
#include "engine/opencl/opencl.h"

/* The buffers of a bank. Behind them come those of the planes, FIRST_PLANE + PLANE_COUNT * set + plane. What one place
 * takes in each is clfit_place_bytes(). */
enum { TASK, PROGRESS, LOSSES, FIRST_PLANE };

/*
 * Networks lie in packs of `pack` (1 in all mappings but packed). The planes W1, B1 and W2 are
 * [capacity / pack][stride][pack] floats, stride = neurons that a network has room for, padded with zeros; B2, task and
 * progress are [capacity].
 */
struct bank {
  struct specialisation made_for;
  uint32_t sets;   /* of planes, as the optimizer has them */
  uint32_t stride; /* floats a network in W1, B1 and W2 */
  uint32_t pack;   /* networks that a work-item trains */
  uint32_t group;  /* packs that a work-group trains; capacity is a multiple of pack * group */
  cl_kernel train, evaluate;
  cl_mem *buffers; /* [buffer_count], [capacity] places each */
  void **mapped;   /* [buffer_count], of a view (clfit_view_map); NULL: not mapped */
  uint32_t buffer_count;
  uint32_t capacity;
  uint32_t warm_capacity; /* capacity at the last launch of the training kernel */
  uint32_t *free_places;  /* [free_count], the lowest last */
  uint32_t free_count;
  struct network_progress *progress; /* [capacity], as of the last launch */
  float *losses; /* CLFIT_KEEP_EVERY: [capacity][2*CLFIT_EVERY_CAPACITY], as of the last launch; else NULL */
};

/* Where the network of a slot is stored. */
struct home {
  uint32_t bank, place;
  uint32_t hidden;
};

struct opencl_population {
  struct opencl_device *device;
  const struct mapping *mapping; /* NULL: chosen for each network */
  clfit_mode mode;
  uint32_t keep;      /* CLFIT_KEEP_... */
  struct bank *banks; /* [bank_count] */
  uint32_t bank_count;
  struct home *homes; /* [home_count], by slot */
  size_t home_count;
  cl_mem x, y; /* [sample_room] floats, all data one after the other */
  size_t samples, sample_room;
};

/* ---- bank.c -------------------------------------------------------------------------------------------------- */

/* A buffer grown to `bytes`, its first `kept` bytes copied. The old one is released, if all goes well. */
clfit_status clfit_buffer_grow(const struct opencl_device *device, cl_mem *buffer, size_t kept, size_t bytes,
                               clfit_error *error);

size_t clfit_place_bytes(const struct opencl_population *population, const struct bank *bank, uint32_t buffer);

/* Number of the buffer with a plane (record.h) of a set. */
static inline uint32_t clfit_plane_buffer(uint32_t set, uint32_t plane)
{
  return FIRST_PLANE + PLANE_COUNT * set + plane;
}

/* Index of neuron j of a place in W1, B1 or W2. */
static inline size_t clfit_neuron_index(const struct bank *bank, size_t place, uint32_t j)
{
  return (place / bank->pack * bank->stride + j) * bank->pack + place % bank->pack;
}

/* A range of entries (whole packs) of a pool's buffers, mapped into host memory. */
struct view {
  struct opencl_population *population;
  struct bank *bank;
  uint32_t first, count;
};

/* The packs that hold the places first .. last; not mapped yet. */
struct view clfit_view_places(struct opencl_population *population, struct bank *bank, uint32_t first, uint32_t last);

/* Maps all buffers but the losses to bank->mapped. */
clfit_status clfit_view_map(struct view *view, cl_map_flags flags, clfit_error *error);

/* Also after a failed clfit_view_map. Reports its own failure only if nothing failed before. */
clfit_status clfit_view_unmap(struct view *view, clfit_status status, clfit_error *error);

/* The bank of a specialisation, or NULL if there is none yet. */
struct bank *clfit_bank_find(const struct opencl_population *population, const struct specialisation *wanted);

/* *index: the bank of a specialisation, which is made where there is none: its programs are built. */
clfit_status clfit_bank_need(struct opencl_population *population, const struct specialisation *wanted, uint32_t *index,
                             clfit_error *error);

/* Gives a bank room for at least `wanted` places; the new ones are free. */
clfit_status clfit_bank_grow(struct opencl_population *population, struct bank *bank, uint32_t wanted,
                             clfit_error *error);

/* Frees a place whose network the device no longer trains. */
void clfit_bank_free_place(struct bank *bank, uint32_t place);

void clfit_bank_clear(struct bank *bank);

/* ---- placement.c --------------------------------------------------------------------------------------------- */

/* The verbs of struct backend. */
clfit_status clfit_opencl_take(void *self, size_t n, const struct newcomer *newcomers, clfit_error *error);
clfit_status clfit_opencl_give(void *self, size_t n, const uint32_t *slots, float *const *records, clfit_error *error);

/* The places of a bank among n slots; false if there are none. */
bool clfit_places_range(const struct opencl_population *population, uint32_t bank, size_t n, const uint32_t *slots,
                        uint32_t *first, uint32_t *last);

/* ---- launch.c ------------------------------------------------------------------------------------------------ */

/* Launches each grown pool with 0 steps: some drivers (PoCL) compile the kernel for a launch size only at its first
 * launch, and that time must not be measured as training. */
clfit_status clfit_opencl_warm_up(struct opencl_population *population, clfit_error *error);

/* The verbs of struct backend. */
clfit_status clfit_opencl_advance(void *self, uint32_t steps, clfit_error *error);
const struct network_progress *clfit_opencl_progress(const void *self, uint32_t slot);
const float *clfit_opencl_losses(const void *self, uint32_t slot);
clfit_status clfit_opencl_milestones(void *self, size_t n, const uint32_t *slots, float *pairs, clfit_error *error);

/* ---- evaluation.c -------------------------------------------------------------------------------------------- */

/* The verb of struct backend. */
clfit_status clfit_opencl_evaluate(void *self, size_t n, const uint32_t *slots, size_t n_x, const float *x, float *z,
                                   clfit_error *error);

#endif
