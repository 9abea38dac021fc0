/*
 * The interface between a population and what trains its networks: one backend for the reference, and for OpenCL one
 * for each trainer (config/optimizer.h). A backend handles slots, records and progress. Configurations, files and
 * checks of arguments are left to population.c, which also assigns the slots; a slot belongs to one backend at a time.
 */
#ifndef CLFIT_HOST_BACKEND_H
#define CLFIT_HOST_BACKEND_H

#include "clfit.h"
#include "engine/reference/least_squares.h"
#include "network.h"

/* A data set; the arrays stay where they are until the backend is freed. */
struct samples_added {
  size_t first; /* index of its first sample among all samples of the population */
  size_t count;
  const float *x, *y;
  const float *weights; /* NULL: all 1 */
};

/* A network to be taken into a slot. */
struct incoming {
  uint32_t slot;
  clfit_activation activation;
  clfit_optimizer optimizer;
  bool plain;       /* clfit_network_is_plain */
  bool plain_steps; /* clfit_network_has_plain_steps */
  struct network_task task;
  struct network_progress progress;
  struct weighted_samples samples; /* of its data set; they stay where they are until the backend is freed */
  bool pauses;                     /* clfit_state.pauses */
  const float *record;             /* canonical, all sets (config/record.h); copied */
  size_t record_count;
  const double *precise; /* clfit_state.precise, or NULL; copied */
};

struct backend {
  /* Adds a data set; task.first is an index into all samples. After a failure the same place may be filled again. */
  clfit_status (*add_data)(void *self, const struct samples_added *samples, clfit_error *error);
  clfit_status (*take)(void *self, size_t n, const struct incoming *incoming, clfit_error *error);
  /* Trains each network by at most `steps` steps; blocks. Afterwards progress and losses of every slot are up to
   * date. */
  clfit_status (*advance)(void *self, uint32_t steps, clfit_error *error);
  clfit_status (*evaluate)(void *self, size_t n, const uint32_t *slots, size_t n_x, const float *x, float *z,
                           clfit_error *error);
  /* records[i]: [clfit_record_count], receives the record of slots[i]; precise[i]: NULL, or [clfit_precise_count],
   * receives the float64 values. Frees the slots. */
  clfit_status (*give)(void *self, size_t n, const uint32_t *slots, float *const *records, double *const *precise,
                       clfit_error *error);
  /* Frees slots without handing out anything. */
  void (*drop)(void *self, size_t n, const uint32_t *slots);
  const struct network_progress *(*progress)(const void *self, uint32_t slot);
  /* CLFIT_LOSSES_EVERY: pairs (high, low), one for each epoch that the last advance ended; of networks with samples
   * held out their losses follow after CLFIT_EVERY_CAPACITY pairs. */
  const float *(*losses)(const void *self, uint32_t slot);
  /* CLFIT_LOSSES_MILESTONES: pairs[i*4*CLFIT_MILESTONE_CAPACITY ...] receives the losses of slots[i], those of samples
   * held out after CLFIT_MILESTONE_CAPACITY pairs; entries of epochs that it did not complete since it was taken, and
   * of samples that it does not have, are undefined. */
  clfit_status (*milestones)(void *self, size_t n, const uint32_t *slots, float *pairs, clfit_error *error);
  void (*free)(void *self);
};

/* Creates the reference backend's data of a population. losses_kept: CLFIT_LOSSES_... Release *self with
 * backend->free. */
clfit_status clfit_reference_create(uint32_t losses_kept, void **self, clfit_error *error);
extern const struct backend clfit_reference_backend;

/* mapping: a name, or NULL to choose for each network. */
struct opencl_device;
clfit_status clfit_opencl_create(struct opencl_device *device, const char *mapping, clfit_mode mode,
                                 uint32_t losses_kept, void **self, clfit_error *error);
extern const struct backend clfit_opencl_backend;

/* The same for networks that are trained by least squares. A device without float64 arithmetic leaves them to the
 * reference, whose backend trains by either. */
clfit_status clfit_opencl_lm_create(struct opencl_device *device, const char *mapping, uint32_t losses_kept,
                                    void **self, clfit_error *error);
extern const struct backend clfit_opencl_lm_backend;

#endif
