/* Banks: the memory of the networks that share a program. */
#include "base/error.h"
#include "engine/opencl/population.h"

#include <stdlib.h>
#include <string.h>

/* ---- buffers ------------------------------------------------------------------------------------------------- */

clfit_status clfit_buffer_grow(const struct opencl_device *device, cl_mem *buffer, size_t kept, size_t bytes,
                               clfit_error *error)
{
  cl_int code;
  cl_mem grown = clCreateBuffer(device->context, CL_MEM_READ_WRITE, bytes, NULL, &code);
  if (code) return clfit_fail_cl(error, code, "allocate device memory");
  if (kept > 0) code = clEnqueueCopyBuffer(device->queue, *buffer, grown, 0, 0, kept, 0, NULL, NULL);
  if (!code) code = clFinish(device->queue);
  if (code) {
    clReleaseMemObject(grown);
    return clfit_fail_cl(error, code, "copy device memory");
  }
  if (*buffer) clReleaseMemObject(*buffer);
  *buffer = grown;
  return CLFIT_OK;
}

static size_t loss_bytes(const struct opencl_population *population)
{
  if (population->keep == CLFIT_KEEP_EVERY) return 2 * CLFIT_EVERY_CAPACITY * sizeof(float);
  if (population->keep == CLFIT_KEEP_MILESTONES) return 2 * CLFIT_MILESTONE_CAPACITY * sizeof(float);
  return 2 * sizeof(float); /* never written; a buffer cannot be empty */
}

size_t clfit_place_bytes(const struct opencl_population *population, const struct bank *bank, uint32_t buffer)
{
  switch (buffer) {
  case TASK: return sizeof(struct network_task);
  case PROGRESS: return sizeof(struct network_progress);
  case LOSSES: return loss_bytes(population);
  default: return clfit_plane_size((int)((buffer - FIRST_PLANE) % PLANE_COUNT), bank->stride) * sizeof(float);
  }
}

/* ---- views --------------------------------------------------------------------------------------------------- */

struct view clfit_view_places(struct opencl_population *population, struct bank *bank, uint32_t first, uint32_t last)
{
  uint32_t begin = first / bank->pack * bank->pack, end = (last / bank->pack + 1) * bank->pack;
  return (struct view){.population = population, .bank = bank, .first = begin, .count = end - begin};
}

clfit_status clfit_view_map(struct view *view, cl_map_flags flags, clfit_error *error)
{
  const struct bank *bank = view->bank;
  cl_int code = CL_SUCCESS;
  for (uint32_t i = 0; i < bank->buffer_count && !code; i++) {
    if (i == LOSSES) continue;
    const size_t bytes = clfit_place_bytes(view->population, bank, i);
    void *mapped = clEnqueueMapBuffer(view->population->device->queue, bank->buffers[i], CL_TRUE, flags,
                                      view->first * bytes, view->count * bytes, 0, NULL, NULL, &code);
    bank->mapped[i] = code ? NULL : mapped;
  }
  return code ? clfit_fail_cl(error, code, "map device memory") : CLFIT_OK;
}

clfit_status clfit_view_unmap(struct view *view, clfit_status status, clfit_error *error)
{
  const struct bank *bank = view->bank;
  cl_command_queue queue = view->population->device->queue;
  cl_int code = CL_SUCCESS;
  for (uint32_t i = 0; i < bank->buffer_count; i++)
    if (bank->mapped[i]) {
      cl_int failed = clEnqueueUnmapMemObject(queue, bank->buffers[i], bank->mapped[i], 0, NULL, NULL);
      bank->mapped[i] = NULL;
      if (failed) code = failed;
    }
  cl_int finished = clFinish(queue);
  if (!code) code = finished;
  return code && !status ? clfit_fail_cl(error, code, "unmap device memory") : status;
}

/* ---- growing ------------------------------------------------------------------------------------------------- */

/* Initialises the entries beyond the old capacity as free, with status CLFIT_DONE, so that a launch skips them. */
static clfit_status add_places(struct opencl_population *population, struct bank *bank, uint32_t capacity,
                               clfit_error *error)
{
  uint32_t old = bank->capacity;
  struct view view = {.population = population, .bank = bank, .first = old, .count = capacity - old};
  clfit_status status = clfit_view_map(&view, CL_MAP_WRITE, error);
  for (uint32_t i = 0; i < bank->buffer_count && !status; i++)
    if (i != LOSSES) memset(bank->mapped[i], 0, (capacity - old) * clfit_place_bytes(population, bank, i));
  for (uint32_t i = 0; i < capacity - old && !status; i++)
    ((struct network_progress *)bank->mapped[PROGRESS])[i].status = CLFIT_DONE;
  status = clfit_view_unmap(&view, status, error);
  if (status) return status;
  for (uint32_t place = capacity; place-- > old;) bank->free_places[bank->free_count++] = place;
  bank->capacity = capacity;
  return CLFIT_OK;
}

/* Host memory for `capacity` places. */
static clfit_status grow_lists(const struct opencl_population *population, struct bank *bank, uint32_t capacity,
                               clfit_error *error)
{
  uint32_t *free_places = realloc(bank->free_places, capacity * sizeof *free_places);
  if (free_places) bank->free_places = free_places;
  struct network_progress *progress = realloc(bank->progress, capacity * sizeof *progress);
  if (progress) bank->progress = progress;
  const bool every = population->keep == CLFIT_KEEP_EVERY;
  float *losses = every ? realloc(bank->losses, capacity * loss_bytes(population)) : NULL;
  if (losses) bank->losses = losses;
  return free_places && progress && (losses || !every) ? CLFIT_OK : clfit_fail_memory(error);
}

clfit_status clfit_bank_grow(struct opencl_population *population, struct bank *bank, uint32_t wanted,
                             clfit_error *error)
{
  const uint32_t grain = bank->pack * bank->group;
  const uint32_t capacity = (wanted + grain - 1) / grain * grain;
  clfit_status status = grow_lists(population, bank, capacity, error);
  for (uint32_t i = 0; i < bank->buffer_count && !status; i++) {
    const size_t bytes = clfit_place_bytes(population, bank, i);
    status = clfit_buffer_grow(population->device, &bank->buffers[i], bank->capacity * bytes, capacity * bytes, error);
  }
  return status ? status : add_places(population, bank, capacity, error);
}

void clfit_bank_free_place(struct bank *bank, uint32_t place)
{
  bank->progress[place].status = CLFIT_DONE;
  bank->free_places[bank->free_count++] = place;
}

/* ---- making -------------------------------------------------------------------------------------------------- */

void clfit_bank_clear(struct bank *bank)
{
  for (uint32_t i = 0; bank->buffers && i < bank->buffer_count; i++)
    if (bank->buffers[i]) clReleaseMemObject(bank->buffers[i]);
  if (bank->train) clReleaseKernel(bank->train);
  if (bank->evaluate) clReleaseKernel(bank->evaluate);
  free(bank->buffers);
  free(bank->mapped);
  free(bank->free_places);
  free(bank->progress);
  free(bank->losses);
}

/* Builds the programs. */
static clfit_status make_kernels(const struct opencl_population *population, struct bank *bank, clfit_error *error)
{
  cl_program train, evaluate;
  cl_int code;
  clfit_status status = clfit_program_train(population->device, &bank->made_for, &train, error);
  if (!status) status = clfit_program_evaluate(population->device, bank->made_for.activation, &evaluate, error);
  if (status) return status;
  bank->train = clCreateKernel(train, "train", &code);
  if (!code) bank->evaluate = clCreateKernel(evaluate, "evaluate", &code);
  return code ? clfit_fail_cl(error, code, "create a kernel") : CLFIT_OK;
}

static clfit_status make_bank(const struct opencl_population *population, const struct specialisation *made_for,
                              struct bank *bank, clfit_error *error)
{
  const uint32_t sets = clfit_optimizer_get(made_for->optimizer)->sets;
  *bank = (struct bank){.made_for = *made_for,
                        .sets = sets,
                        .stride = made_for->vectors * made_for->mapping->width,
                        .pack = made_for->mapping->packs ? made_for->lanes : 1,
                        .buffer_count = clfit_plane_buffer(sets, 0)};
  bank->buffers = calloc(bank->buffer_count, sizeof *bank->buffers);
  bank->mapped = calloc(bank->buffer_count, sizeof *bank->mapped);
  clfit_status status =
      bank->buffers && bank->mapped ? make_kernels(population, bank, error) : clfit_fail_memory(error);
  /* only now: building the program may have switched off instructions on which the group size depends */
  bank->group = clfit_mapping_group(made_for->mapping, population->device);
  if (status) clfit_bank_clear(bank);
  return status;
}

struct bank *clfit_bank_find(const struct opencl_population *population, const struct specialisation *wanted)
{
  for (uint32_t i = 0; i < population->bank_count; i++)
    if (clfit_specialisation_equal(&population->banks[i].made_for, wanted)) return &population->banks[i];
  return NULL;
}

clfit_status clfit_bank_need(struct opencl_population *population, const struct specialisation *wanted, uint32_t *index,
                             clfit_error *error)
{
  const struct bank *found = clfit_bank_find(population, wanted);
  if (found) {
    *index = (uint32_t)(found - population->banks);
    return CLFIT_OK;
  }
  struct bank *grown = realloc(population->banks, (population->bank_count + 1) * sizeof *grown);
  if (!grown) return clfit_fail_memory(error);
  population->banks = grown;
  clfit_status status = make_bank(population, wanted, &grown[population->bank_count], error);
  if (!status) *index = population->bank_count++;
  return status;
}
