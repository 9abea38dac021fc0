/*
 * The narrow waist below a population: what the reference and OpenCL each implement. A backend knows slots, records
 * and progress; it knows nothing of configurations, files or people. population.c above checks arguments, numbers the
 * slots and turns all this into what clfit.h promises.
 */
#ifndef CLFIT_HOST_BACKEND_H
#define CLFIT_HOST_BACKEND_H

#include "clfit.h"
#include "network.h"

/* A network that take puts into a slot. */
struct newcomer {
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
  clfit_status (*take)(void *self, size_t n, const struct newcomer *newcomers, clfit_error *error);
  /* At most `steps` samples each; blocks. Afterwards progress and losses are those of every slot. */
  clfit_status (*advance)(void *self, uint32_t steps, clfit_error *error);
  clfit_status (*evaluate)(void *self, size_t n, const uint32_t *slots, size_t n_x, const float *x, float *z,
                           clfit_error *error);
  /* records[i]: room for the canonical record of the network. Frees the slots. */
  clfit_status (*give)(void *self, size_t n, const uint32_t *slots, float *const *records, clfit_error *error);
  const struct network_progress *(*progress)(const void *self, uint32_t slot);
  /* CLFIT_KEEP_EVERY: pairs (high, low), one for each epoch that the last advance ended. */
  const float *(*losses)(const void *self, uint32_t slot);
  /* CLFIT_KEEP_MILESTONES: pairs[i*2*CLFIT_MILESTONE_CAPACITY ...] receives the losses of slots[i]; entries of epochs
   * that it did not complete since it was taken are undefined. */
  clfit_status (*milestones)(void *self, size_t n, const uint32_t *slots, float *pairs, clfit_error *error);
  void (*free)(void *self);
};

/* Creates the reference backend's data of a population. keep: CLFIT_KEEP_... *self is released with backend->free. */
clfit_status clfit_reference_create(uint32_t keep, void **self, clfit_error *error);
extern const struct backend clfit_reference_backend;

/* mapping: a name, or NULL to choose for each network. */
struct opencl_device;
clfit_status clfit_opencl_create(struct opencl_device *device, const char *mapping, clfit_mode mode, uint32_t keep,
                                 void **self, clfit_error *error);
extern const struct backend clfit_opencl_backend;

#endif
