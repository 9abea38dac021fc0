/*
 * The order of values in the canonical record of a network (clfit_state.parameters), the one place that defines it.
 *
 * A record is some sets of equal layout, one after the other. A set has the planes W1, B1 and W2, a value for each
 * hidden neuron, and then the single value of B2. Set 0 holds the parameters; a training may keep more. After the sets
 * come the counters of a training that is not plain gradient descent (config/batches.h).
 */
#ifndef CLFIT_HOST_RECORD_H
#define CLFIT_HOST_RECORD_H

#include "config/batches.h"
#include "config/optimizer.h"

enum { PLANE_W1, PLANE_B1, PLANE_W2, PLANE_B2, PLANE_COUNT };

/* "W1" ... */
extern const char *const clfit_plane_names[PLANE_COUNT];

/* Number of values of a plane: hidden, of B2 one. */
static inline size_t clfit_plane_size(int plane, uint32_t hidden)
{
  return plane == PLANE_B2 ? 1 : hidden;
}

/* Where a plane begins in a set; at PLANE_COUNT: where the set ends. */
static inline size_t clfit_plane_begin(int plane, uint32_t hidden)
{
  size_t begin = 0;
  for (int i = 0; i < plane; i++) begin += clfit_plane_size(i, hidden);
  return begin;
}

/* Number of values of `sets` sets; also where set number `sets` begins. */
static inline size_t clfit_sets_size(uint32_t sets, uint32_t hidden)
{
  return sets * clfit_plane_begin(PLANE_COUNT, hidden);
}

/* Number of float64 sets of a training under way. */
static inline uint32_t clfit_precise_set_count(const clfit_network *network)
{
  return clfit_optimizer_get(network->optimizer)->precise_sets;
}

/* Whether a state has float64 values: a training by least squares that has begun and not ended. */
bool clfit_is_under_way(const clfit_state *state);

/* Whether they can be: those of a training by least squares are three sets, of which the last, the scales, is not
 * negative, then two dampings and a count. Parameters may be infinite or NaN, as those of float32 may. */
bool clfit_precise_is_possible(const clfit_network *network, const double *precise);

/* The sets of a record: those of the optimizer, then "gradient" and "kept" if the training has them
 * (config/batches.h). */
struct record_sets {
  uint32_t own, count;
  int gradient, kept; /* which set; -1: there is none */
};

static inline struct record_sets clfit_record_sets(clfit_optimizer optimizer, bool has_gradient, bool has_kept)
{
  const uint32_t own = clfit_optimizer_get(optimizer)->sets;
  struct record_sets sets = {.own = own, .count = own, .gradient = -1, .kept = -1};
  if (has_gradient) sets.gradient = (int)sets.count++;
  if (has_kept) sets.kept = (int)sets.count++;
  return sets;
}

static inline struct record_sets clfit_network_sets(const clfit_network *network)
{
  return clfit_record_sets(network->optimizer, clfit_network_keeps_gradient(network),
                           clfit_network_keeps_best(network));
}

/* The same of a training through gradients, from its constants. */
static inline struct record_sets clfit_task_sets(clfit_optimizer optimizer, const struct batch_task *batches)
{
  return clfit_record_sets(optimizer, batches->batch > 1, batches->patience > 0);
}

static inline uint32_t clfit_set_count(const clfit_network *network)
{
  return clfit_network_sets(network).count;
}

/* Name of a set, set < clfit_set_count(network): "value" ... */
const char *clfit_set_name(const clfit_network *network, uint32_t set);

/* Whether the sets of a record can be those of a training: a mean of squares ("square") is not negative. Its root is
 * the same on all devices only then. */
bool clfit_sets_are_possible(const clfit_network *network, const float *record);

/* Exchanges the parameters of a record with its set "kept". */
void clfit_record_exchange(const clfit_network *network, float *record);

#endif
