/*
 * Networks trained by least squares on an OpenCL device: the memory and the kernel of those that have the same
 * activation and the same number of neurons.
 */
#ifndef CLFIT_OPENCL_LEAST_SQUARES_POOL_H
#define CLFIT_OPENCL_LEAST_SQUARES_POOL_H

#include "engine/lm_record.h"
#include "engine/opencl/opencl.h"

/* Buffers of a pool. The first five have `capacity` entries. */
enum {
  LM_TASK,
  LM_PROGRESS,
  LM_LOSSES,
  LM_VECTORS_BUFFER,
  LM_NORMAL_BUFFER,
  LM_SCRATCH_BUFFER,
  LM_NEXT_BUFFER, /* of packed: networks that the work-items have looked at for one to train */
  LM_BUFFER_COUNT
};

struct lm_pool {
  clfit_activation activation;
  uint32_t hidden;
  enum lm_layout layout;
  uint32_t lanes;       /* networks that a work-item trains, or 1 if a work-group trains one */
  uint32_t local_size;  /* work-items of a work-group */
  uint32_t losses_kept; /* CLFIT_LOSSES_... */
  cl_kernel train;
  cl_mem buffers[LM_BUFFER_COUNT];
  uint32_t capacity;      /* networks */
  size_t groups;          /* work-groups for which there is scratch memory */
  bool warm;              /* the kernel has run with this local size */
  uint32_t *free_entries; /* [free_count], the lowest last */
  uint32_t free_count;
  struct network_progress *progress; /* [capacity], as of the last launch */
  float *losses;                     /* CLFIT_LOSSES_EVERY: [capacity][2*CLFIT_EVERY_CAPACITY]; else NULL */
};

/* Builds the program; no entries yet. mapping: of the table of mappings. Release with clfit_lm_pool_clear. */
clfit_status clfit_lm_pool_make(struct opencl_device *device, const struct mapping *mapping,
                                clfit_activation activation, uint32_t hidden, uint32_t losses_kept,
                                struct lm_pool *pool, clfit_error *error);
void clfit_lm_pool_clear(struct lm_pool *pool);

/* Makes at least `wanted` entries free. After a failure the pool is as it was. */
clfit_status clfit_lm_pool_reserve(struct opencl_device *device, struct lm_pool *pool, uint32_t wanted,
                                   clfit_error *error);

/* Local memory of LM_LAYOUT_TEAM_LOCAL: the trial's matrix and the Cholesky factor. */
size_t clfit_lm_local_bytes(uint32_t hidden);

/* Marks an entry as idle and free. */
void clfit_lm_pool_drop(struct opencl_device *device, struct lm_pool *pool, uint32_t entry);

/* A range of entries of a pool, in host memory. */
struct lm_mapped {
  uint32_t first; /* entry */
  struct network_task *task;
  struct network_progress *progress;
  double *vectors;
};

/* Maps the entries first .. last for reading, for reading and writing, or for writing all of them
 * (CL_MAP_...). Call clfit_lm_unmap also after a failure. */
clfit_status clfit_lm_map(struct opencl_device *device, struct lm_pool *pool, cl_map_flags flags, uint32_t first,
                          uint32_t last, struct lm_mapped *mapped, clfit_error *error);
clfit_status clfit_lm_unmap(struct opencl_device *device, struct lm_pool *pool, struct lm_mapped *mapped,
                            clfit_status status, clfit_error *error);

/* Where the values of an entry are in a mapped range. */
struct lm_values clfit_lm_entry_values(const struct lm_pool *pool, const struct lm_mapped *mapped, uint32_t entry);

/* Marks the loss, gradient and matrix of an entry as unknown. */
void clfit_lm_forget(const struct lm_pool *pool, const struct lm_mapped *mapped, uint32_t entry);

#endif
