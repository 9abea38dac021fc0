/*
 * The interface between a population and its two implementations, the reference and OpenCL. A backend handles slots,
 * records and progress. Configurations, files and checks of arguments are left to population.c, which also assigns the
 * slots.
 */
#ifndef CLFIT_HOST_BACKEND_H
#define CLFIT_HOST_BACKEND_H

#include "clfit.h"
#include "network.h"

/* A network to be taken into a slot. */
struct incoming {
  uint32_t slot;
  clfit_activation activation;
  clfit_optimizer optimizer;
  struct network_task task;
  struct network_progress progress;
  const float *record; /* canonical, all sets of the optimizer (config/record.h); copied */
};

struct backend {
  /* Appends n samples to the backend's samples; task.first is an index into these. */
  clfit_status (*add_data)(void *self, size_t n, const float *x, const float *y, clfit_error *error);
  clfit_status (*take)(void *self, size_t n, const struct incoming *incoming, clfit_error *error);
  /* Trains each network by at most `steps` samples; blocks. Afterwards progress and losses of every slot are up to
   * date. */
  clfit_status (*advance)(void *self, uint32_t steps, clfit_error *error);
  clfit_status (*evaluate)(void *self, size_t n, const uint32_t *slots, size_t n_x, const float *x, float *z,
                           clfit_error *error);
  /* records[i]: [clfit_record_count], receives the record of slots[i]. Frees the slots. */
  clfit_status (*give)(void *self, size_t n, const uint32_t *slots, float *const *records, clfit_error *error);
  const struct network_progress *(*progress)(const void *self, uint32_t slot);
  /* CLFIT_LOSSES_EVERY: pairs (high, low), one for each epoch that the last advance ended. */
  const float *(*losses)(const void *self, uint32_t slot);
  /* CLFIT_LOSSES_MILESTONES: pairs[i*2*CLFIT_MILESTONE_CAPACITY ...] receives the losses of slots[i]; entries of epochs
   * that it did not complete since it was taken are undefined. */
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

#endif
