/* The backend that trains by least squares on an OpenCL device. */
#include "base/error.h"
#include "engine/backend.h"
#include "engine/lm_record.h"
#include "engine/opencl/least_squares_pool.h"
#include "engine/opencl/population.h"
#include "engine/reference/reference.h"
#include "levenberg_marquardt.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* A network as the host knows it. */
struct lm_network {
  uint32_t pool, entry;
  clfit_activation activation;
  bool pauses;
  struct network_task task;
  struct weighted_samples samples;
  bool ended;    /* the record is that of the finished network */
  float *record; /* [P], up to date after each launch; NULL: the slot is free */
};

struct opencl_lm {
  struct opencl_device *device;
  const struct mapping *mapping;
  uint32_t losses_kept;  /* CLFIT_LOSSES_... */
  struct lm_pool *pools; /* [pool_count] */
  uint32_t pool_count;
  struct lm_network *networks; /* [network_count], by slot */
  size_t network_count;
  cl_mem x, y, weights; /* [sample_capacity] floats, all data one after the other */
  size_t sample_capacity;
  bool has_weights;
};

clfit_status clfit_opencl_lm_create(struct opencl_device *device, const char *mapping, uint32_t losses_kept,
                                    void **self, clfit_error *error)
{
  struct opencl_lm *lm = calloc(1, sizeof *lm);
  if (!lm) return clfit_fail_memory(error);
  lm->device = device;
  lm->mapping = clfit_mapping_for_least_squares(device->type, mapping);
  lm->losses_kept = losses_kept;
  *self = lm;
  return CLFIT_OK;
}

/* ---- samples ------------------------------------------------------------------------------------------------- */

static clfit_status grow_samples(struct opencl_lm *lm, size_t kept, size_t total, clfit_error *error)
{
  if (total <= lm->sample_capacity) return CLFIT_OK;
  const size_t doubled = 2 * lm->sample_capacity, capacity = total > doubled ? total : doubled;
  cl_mem *const buffers[] = {&lm->x, &lm->y, &lm->weights};
  clfit_status status = CLFIT_OK;
  for (size_t i = 0; i < sizeof buffers / sizeof *buffers && !status; i++)
    status = clfit_buffer_grow(lm->device, buffers[i], kept * sizeof(float), capacity * sizeof(float), error);
  if (!status) lm->sample_capacity = capacity;
  return status;
}

static clfit_status write_samples(const struct opencl_lm *lm, cl_mem buffer, const struct samples_added *added,
                                  const float *values, clfit_error *error)
{
  cl_int code = clEnqueueWriteBuffer(lm->device->queue, buffer, CL_TRUE, added->first * sizeof *values,
                                     added->count * sizeof *values, values, 0, NULL, NULL);
  return code ? clfit_fail_cl(error, code, "write samples") : CLFIT_OK;
}

static clfit_status write_ones(const struct opencl_lm *lm, const struct samples_added *added, clfit_error *error)
{
  const cl_float one = 1.0f;
  cl_int code = clEnqueueFillBuffer(lm->device->queue, lm->weights, &one, sizeof one, added->first * sizeof one,
                                    added->count * sizeof one, 0, NULL, NULL);
  if (!code) code = clFinish(lm->device->queue);
  return code ? clfit_fail_cl(error, code, "write weights") : CLFIT_OK;
}

static clfit_status add_data(void *self, const struct samples_added *added, clfit_error *error)
{
  struct opencl_lm *lm = self;
  clfit_status status = grow_samples(lm, added->first, added->first + added->count, error);
  if (!status) status = write_samples(lm, lm->x, added, added->x, error);
  if (!status) status = write_samples(lm, lm->y, added, added->y, error);
  if (!status)
    status =
        added->weights ? write_samples(lm, lm->weights, added, added->weights, error) : write_ones(lm, added, error);
  if (!status && added->weights) lm->has_weights = true;
  return status;
}

/* ---- launches ------------------------------------------------------------------------------------------------ */

static cl_int set_arguments(const struct opencl_lm *lm, const struct lm_pool *pool, cl_uint steps)
{
  const cl_uint has_weights = lm->has_weights;
  const struct {
    const void *value;
    size_t size;
  } arguments[] = {{&pool->buffers[LM_TASK], sizeof(cl_mem)},
                   {&pool->buffers[LM_PROGRESS], sizeof(cl_mem)},
                   {&lm->x, sizeof(cl_mem)},
                   {&lm->y, sizeof(cl_mem)},
                   {&lm->weights, sizeof(cl_mem)},
                   {&has_weights, sizeof has_weights},
                   {&pool->buffers[LM_LOSSES], sizeof(cl_mem)},
                   {&pool->losses_kept, sizeof pool->losses_kept},
                   {&pool->hidden, sizeof pool->hidden},
                   {&steps, sizeof steps},
                   {&pool->capacity, sizeof pool->capacity},
                   {&pool->buffers[LM_VECTORS_BUFFER], sizeof(cl_mem)},
                   {&pool->buffers[LM_NORMAL_BUFFER], sizeof(cl_mem)},
                   {&pool->buffers[LM_SCRATCH_BUFFER], sizeof(cl_mem)}};
  cl_int code = CL_SUCCESS;
  for (cl_uint i = 0; i < sizeof arguments / sizeof *arguments && !code; i++)
    code = clSetKernelArg(pool->train, i, arguments[i].size, arguments[i].value);
  const cl_uint last = sizeof arguments / sizeof *arguments;
  if (!code && pool->layout == LM_LAYOUT_TEAM_LOCAL)
    code = clSetKernelArg(pool->train, last, clfit_lm_local_bytes(pool->hidden), NULL);
  if (!code && pool->layout == LM_LAYOUT_PACKED)
    code = clSetKernelArg(pool->train, last, sizeof(cl_mem), &pool->buffers[LM_NEXT_BUFFER]);
  return code;
}

/* The work-items of packed begin to look for networks to train at the first one. */
static cl_int reset_next(const struct lm_pool *pool, cl_command_queue queue)
{
  static const cl_uint first = 0;
  if (pool->layout != LM_LAYOUT_PACKED) return CL_SUCCESS;
  return clEnqueueWriteBuffer(queue, pool->buffers[LM_NEXT_BUFFER], CL_FALSE, 0, sizeof first, &first, 0, NULL, NULL);
}

static clfit_status enqueue(const struct opencl_lm *lm, const struct lm_pool *pool, cl_command_queue queue,
                            cl_uint steps, clfit_error *error)
{
  const size_t local = pool->local_size, global = pool->groups * local;
  cl_int code = set_arguments(lm, pool, steps);
  if (!code) code = reset_next(pool, queue);
  if (!code) code = clEnqueueNDRangeKernel(queue, pool->train, 1, NULL, &global, &local, 0, NULL, NULL);
  return code ? clfit_fail_cl(error, code, "launch the least-squares kernel") : CLFIT_OK;
}

static bool has_running(const struct lm_pool *pool)
{
  for (uint32_t entry = 0; entry < pool->capacity; entry++)
    if (pool->progress[entry].status == CLFIT_TRAINING) return true;
  return false;
}

/* Reads the progress of the networks of a pool, and their losses where all are kept. */
static clfit_status read_pool(const struct opencl_lm *lm, struct lm_pool *pool, clfit_error *error)
{
  cl_command_queue queue = lm->device->queue;
  cl_int code = clEnqueueReadBuffer(queue, pool->buffers[LM_PROGRESS], CL_TRUE, 0,
                                    pool->capacity * sizeof *pool->progress, pool->progress, 0, NULL, NULL);
  if (!code && pool->losses)
    code = clEnqueueReadBuffer(queue, pool->buffers[LM_LOSSES], CL_TRUE, 0,
                               (size_t)pool->capacity * 2 * CLFIT_EVERY_CAPACITY * sizeof(float), pool->losses, 0, NULL,
                               NULL);
  return code ? clfit_fail_cl(error, code, "read progress") : CLFIT_OK;
}

/* The float32 record of a network after a launch. */
static clfit_status update_record(struct lm_network *network, const struct lm_pool *pool,
                                  const struct lm_mapped *mapped, clfit_error *error)
{
  const struct lm_values values = clfit_lm_entry_values(pool, mapped, network->entry);
  const struct network_progress *at = &pool->progress[network->entry];
  clfit_status status = clfit_lm_end(&network->task, network->activation, &network->samples, at, network->pauses,
                                     values.value, network->record, error);
  network->ended = !status && at->status != CLFIT_TRAINING;
  return status;
}

static clfit_status update_records(struct opencl_lm *lm, uint32_t number, clfit_error *error)
{
  struct lm_pool *pool = &lm->pools[number];
  struct lm_mapped mapped;
  clfit_status status = clfit_lm_map(lm->device, pool, CL_MAP_READ, 0, pool->capacity - 1, &mapped, error);
  for (size_t slot = 0; slot < lm->network_count && !status; slot++) {
    struct lm_network *network = &lm->networks[slot];
    if (network->record && network->pool == number && !network->ended)
      status = update_record(network, pool, &mapped, error);
  }
  return clfit_lm_unmap(lm->device, pool, &mapped, status, error);
}

static clfit_status advance(void *self, uint32_t steps, clfit_error *error)
{
  struct opencl_lm *lm = self;
  clfit_status status = CLFIT_OK;
  for (uint32_t i = 0; i < lm->pool_count && !status; i++)
    if (has_running(&lm->pools[i])) status = enqueue(lm, &lm->pools[i], lm->device->queue, steps, error);
  cl_int code = clFinish(lm->device->queue);
  if (code && !status) status = clfit_fail_cl(error, code, "train by least squares");
  for (uint32_t i = 0; i < lm->pool_count && !status; i++) {
    if (!has_running(&lm->pools[i])) continue;
    status = read_pool(lm, &lm->pools[i], error);
    if (!status) status = update_records(lm, i, error);
  }
  return status;
}

/* ---- take ---------------------------------------------------------------------------------------------------- */

static clfit_status find_pool(struct opencl_lm *lm, const struct incoming *incoming, uint32_t *number,
                              clfit_error *error)
{
  for (*number = 0; *number < lm->pool_count; ++*number)
    if (lm->pools[*number].hidden == incoming->task.hidden && lm->pools[*number].activation == incoming->activation)
      return CLFIT_OK;
  struct lm_pool *grown = realloc(lm->pools, (lm->pool_count + 1) * sizeof *grown);
  if (!grown) return clfit_fail_memory(error);
  lm->pools = grown;
  clfit_status status = clfit_lm_pool_make(lm->device, lm->mapping, incoming->activation, incoming->task.hidden,
                                           lm->losses_kept, &grown[lm->pool_count], error);
  if (!status) lm->pool_count++;
  return status;
}

static clfit_status reserve_slots(struct opencl_lm *lm, size_t n, const struct incoming *incoming, clfit_error *error)
{
  size_t count = lm->network_count;
  for (size_t i = 0; i < n; i++)
    if (incoming[i].slot >= count) count = (size_t)incoming[i].slot + 1;
  if (count == lm->network_count) return CLFIT_OK;
  struct lm_network *grown = realloc(lm->networks, count * sizeof *grown);
  if (!grown) return clfit_fail_memory(error);
  memset(grown + lm->network_count, 0, (count - lm->network_count) * sizeof *grown);
  lm->networks = grown;
  lm->network_count = count;
  return CLFIT_OK;
}

/* Makes the pools and all entries at once, so that a pool does not grow, and copy its networks, for each of them. */
static clfit_status reserve_entries(struct opencl_lm *lm, size_t n, const struct incoming *incoming, clfit_error *error)
{
  clfit_status status = CLFIT_OK;
  uint32_t number;
  for (size_t i = 0; i < n && !status; i++) status = find_pool(lm, &incoming[i], &number, error);
  for (number = 0; number < lm->pool_count && !status; number++) {
    struct lm_pool *pool = &lm->pools[number];
    uint32_t wanted = 0;
    for (size_t i = 0; i < n; i++)
      wanted += incoming[i].task.hidden == pool->hidden && incoming[i].activation == pool->activation;
    status = clfit_lm_pool_reserve(lm->device, pool, wanted, error);
  }
  return status;
}

/* The host's part of a network, and its entry, which is reserved. */
static clfit_status hold_network(struct opencl_lm *lm, const struct incoming *incoming, clfit_error *error)
{
  struct lm_network *network = &lm->networks[incoming->slot];
  const size_t bytes = LM_PARAMETERS(incoming->task.hidden) * sizeof(float);
  uint32_t pool;
  clfit_status status = find_pool(lm, incoming, &pool, error);
  if (status) return status;
  float *record = malloc(bytes);
  if (!record) return clfit_fail_memory(error);
  memcpy(record, incoming->record, bytes);
  /* A training under way that is taken with no more epochs than it has had ends here. */
  if (incoming->precise && incoming->progress.status == CLFIT_DONE)
    status = clfit_lm_end(&incoming->task, incoming->activation, &incoming->samples, &incoming->progress,
                          incoming->pauses, incoming->precise, record, error);
  if (status) {
    free(record);
    return status;
  }
  *network = (struct lm_network){.pool = pool,
                                 .entry = lm->pools[pool].free_entries[--lm->pools[pool].free_count],
                                 .activation = incoming->activation,
                                 .pauses = incoming->pauses,
                                 .task = incoming->task,
                                 .samples = incoming->samples,
                                 .ended = incoming->progress.status != CLFIT_TRAINING,
                                 .record = record};
  return CLFIT_OK;
}

static void fill_entry(const struct opencl_lm *lm, const struct incoming *incoming, const struct lm_mapped *mapped)
{
  const struct lm_network *network = &lm->networks[incoming->slot];
  struct lm_pool *pool = &lm->pools[network->pool];
  const struct lm_values values = clfit_lm_entry_values(pool, mapped, network->entry);
  mapped->task[network->entry - mapped->first] = incoming->task;
  mapped->progress[network->entry - mapped->first] = incoming->progress;
  pool->progress[network->entry] = incoming->progress;
  clfit_lm_begin(incoming->task.hidden, incoming->record, incoming->precise, &values);
  clfit_lm_forget(pool, mapped, network->entry);
}

static clfit_status fill_pool(struct opencl_lm *lm, uint32_t number, size_t n, const struct incoming *incoming,
                              clfit_error *error)
{
  uint32_t first = UINT32_MAX, last = 0;
  struct lm_mapped mapped;
  for (size_t i = 0; i < n; i++) {
    const struct lm_network *network = &lm->networks[incoming[i].slot];
    if (network->pool != number) continue;
    if (network->entry < first) first = network->entry;
    if (network->entry > last) last = network->entry;
  }
  if (first == UINT32_MAX) return CLFIT_OK;
  clfit_status status =
      clfit_lm_map(lm->device, &lm->pools[number], CL_MAP_READ | CL_MAP_WRITE, first, last, &mapped, error);
  for (size_t i = 0; i < n && !status; i++)
    if (lm->networks[incoming[i].slot].pool == number) fill_entry(lm, &incoming[i], &mapped);
  return clfit_lm_unmap(lm->device, &lm->pools[number], &mapped, status, error);
}

/* Runs each kernel once without a step, so that it is compiled before the first launch that is timed. */
static clfit_status warm_up(struct opencl_lm *lm, clfit_error *error)
{
  clfit_status status = CLFIT_OK;
  bool launched = false;
  for (uint32_t i = 0; i < lm->pool_count && !status; i++) {
    if (lm->pools[i].warm || lm->pools[i].capacity == 0) continue;
    status = enqueue(lm, &lm->pools[i], lm->device->first_queue, 0, error);
    launched = true;
  }
  /* also after a failure: what has been launched must not go on beside what follows on the other queue */
  clfit_status finished = launched ? clfit_watched_finish(lm->device, "warm up", status ? NULL : error) : CLFIT_OK;
  if (!status) status = finished;
  for (uint32_t i = 0; i < lm->pool_count && !status; i++) lm->pools[i].warm = lm->pools[i].capacity > 0;
  return status;
}

static void drop(void *self, size_t n, const uint32_t *slots)
{
  struct opencl_lm *lm = self;
  for (size_t i = 0; i < n; i++) {
    struct lm_network *network = &lm->networks[slots[i]];
    clfit_lm_pool_drop(lm->device, &lm->pools[network->pool], network->entry);
    free(network->record);
    *network = (struct lm_network){0};
  }
}

static clfit_status take(void *self, size_t n, const struct incoming *incoming, clfit_error *error)
{
  struct opencl_lm *lm = self;
  size_t held = 0;
  clfit_status status = reserve_slots(lm, n, incoming, error);
  if (!status) status = reserve_entries(lm, n, incoming, error);
  for (; held < n && !status; held += !status) status = hold_network(lm, &incoming[held], error);
  for (uint32_t i = 0; i < lm->pool_count && !status; i++) status = fill_pool(lm, i, n, incoming, error);
  if (!status) status = warm_up(lm, error);
  for (size_t i = 0; status && i < held; i++) drop(lm, 1, &incoming[i].slot);
  return status;
}

/* ---- evaluate and give --------------------------------------------------------------------------------------- */

/* On the host: a prediction is strict float32 arithmetic, whose bits do not depend on where it is computed, and it is
 * little work beside the training. */
static clfit_status evaluate(void *self, size_t n, const uint32_t *slots, size_t n_x, const float *x, float *z,
                             clfit_error *error)
{
  const struct opencl_lm *lm = self;
  (void)error;
  for (size_t i = 0; i < n; i++) {
    const struct lm_network *network = &lm->networks[slots[i]];
    clfit_reference_evaluate(network->task.hidden, network->activation, network->record, n_x, x, z + i * n_x);
  }
  return CLFIT_OK;
}

static clfit_status give_precise(struct opencl_lm *lm, const struct lm_network *network, double *precise,
                                 clfit_error *error)
{
  struct lm_pool *pool = &lm->pools[network->pool];
  struct lm_mapped mapped;
  clfit_status status = clfit_lm_map(lm->device, pool, CL_MAP_READ, network->entry, network->entry, &mapped, error);
  if (!status) {
    const struct lm_values values = clfit_lm_entry_values(pool, &mapped, network->entry);
    clfit_lm_give(network->task.hidden, &values, precise);
  }
  return clfit_lm_unmap(lm->device, pool, &mapped, status, error);
}

static clfit_status give(void *self, size_t n, const uint32_t *slots, float *const *records, double *const *precise,
                         clfit_error *error)
{
  struct opencl_lm *lm = self;
  clfit_status status = CLFIT_OK;
  for (size_t i = 0; i < n && !status; i++) {
    const struct lm_network *network = &lm->networks[slots[i]];
    memcpy(records[i], network->record, LM_PARAMETERS(network->task.hidden) * sizeof(float));
    if (precise[i]) status = give_precise(lm, network, precise[i], error);
  }
  if (!status) drop(self, n, slots);
  return status;
}

/* ---- progress and losses ------------------------------------------------------------------------------------- */

static const struct network_progress *progress(const void *self, uint32_t slot)
{
  const struct opencl_lm *lm = self;
  const struct lm_network *network = &lm->networks[slot];
  return &lm->pools[network->pool].progress[network->entry];
}

static const float *losses(const void *self, uint32_t slot)
{
  const struct opencl_lm *lm = self;
  const struct lm_network *network = &lm->networks[slot];
  return lm->pools[network->pool].losses + (size_t)network->entry * 2 * CLFIT_EVERY_CAPACITY;
}

static clfit_status milestones(void *self, size_t n, const uint32_t *slots, float *pairs, clfit_error *error)
{
  struct opencl_lm *lm = self;
  const size_t width = 2 * CLFIT_MILESTONE_CAPACITY, bytes = width * sizeof(float);
  cl_int code = CL_SUCCESS;
  for (size_t i = 0; i < n && !code; i++) {
    const struct lm_network *network = &lm->networks[slots[i]];
    code = clEnqueueReadBuffer(lm->device->queue, lm->pools[network->pool].buffers[LM_LOSSES], CL_TRUE,
                               network->entry * bytes, bytes, pairs + i * 4 * CLFIT_MILESTONE_CAPACITY, 0, NULL, NULL);
  }
  return code ? clfit_fail_cl(error, code, "read losses") : CLFIT_OK;
}

static void free_lm(void *self)
{
  struct opencl_lm *lm = self;
  if (!lm || lm->device->watch->left) return;
  clFinish(lm->device->queue);
  for (uint32_t i = 0; i < lm->pool_count; i++) clfit_lm_pool_clear(&lm->pools[i]);
  for (size_t i = 0; i < lm->network_count; i++) free(lm->networks[i].record);
  if (lm->x) clReleaseMemObject(lm->x);
  if (lm->y) clReleaseMemObject(lm->y);
  if (lm->weights) clReleaseMemObject(lm->weights);
  free(lm->pools);
  free(lm->networks);
  free(lm);
}

const struct backend clfit_opencl_lm_backend = {.add_data = add_data,
                                                .take = take,
                                                .advance = advance,
                                                .evaluate = evaluate,
                                                .give = give,
                                                .drop = drop,
                                                .progress = progress,
                                                .losses = losses,
                                                .milestones = milestones,
                                                .free = free_lm};
