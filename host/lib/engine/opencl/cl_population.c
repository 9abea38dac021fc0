/*
 * A population on an OpenCL device. Networks of one specialisation (mapping, activation, room for neurons) share a
 * bank: buffers W1, B1, W2, B2, task and progress with one place a network, and the program that trains them. A launch
 * advances every bank by one kernel call over all its places; a place without a running network returns at once.
 *
 * Layout of a bank: networks lie in packs of `pack` (1 in all mappings but packed). W1, B1 and W2 are
 * [capacity / pack][stride][pack] floats, stride = neurons that a network has room for, padded with zeros; B2, task and
 * progress are [capacity].
 */
#include "base/error.h"
#include "engine/backend.h"
#include "engine/opencl/opencl.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* The buffers of a bank; what one place takes in each is place_bytes(). */
enum { TASK, PROGRESS, W1, B1, W2, B2, LOSSES, BUFFER_COUNT };

struct bank {
  struct specialisation made_for;
  uint32_t stride; /* floats a network in W1, B1 and W2 */
  uint32_t pack;   /* networks that a work-item trains */
  uint32_t group;  /* packs that a work-group trains; capacity is a multiple of pack * group */
  cl_kernel train, evaluate;
  cl_mem buffers[BUFFER_COUNT]; /* [capacity] places each */
  uint32_t capacity;
  uint32_t warm_capacity; /* that the training kernel has been launched with */
  uint32_t *free_places;  /* [free_count], the lowest last */
  uint32_t free_count;
  struct network_progress *progress; /* [capacity], as of the last launch */
  float *losses; /* CLFIT_KEEP_EVERY: [capacity][2*CLFIT_EVERY_CAPACITY], as of the last launch; else NULL */
};

/* Where a slot's network lies. */
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

/* ---- buffers ------------------------------------------------------------------------------------------------- */

/* A buffer grown to `bytes`, its first `kept` bytes copied. The old one is released. */
static clfit_status grow_buffer(const struct opencl_device *device, cl_mem *buffer, size_t kept, size_t bytes,
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

static size_t place_bytes(const struct opencl_population *population, const struct bank *bank, int buffer)
{
  switch (buffer) {
  case TASK: return sizeof(struct network_task);
  case PROGRESS: return sizeof(struct network_progress);
  case B2: return sizeof(float);
  case LOSSES:
    if (population->keep == CLFIT_KEEP_EVERY) return 2 * CLFIT_EVERY_CAPACITY * sizeof(float);
    if (population->keep == CLFIT_KEEP_MILESTONES) return 2 * CLFIT_MILESTONE_CAPACITY * sizeof(float);
    return 2 * sizeof(float); /* never written; a buffer cannot be empty */
  default: return bank->stride * sizeof(float);
  }
}

/* Index of neuron j of a place in W1, B1 or W2. */
static size_t neuron_index(const struct bank *bank, size_t place, uint32_t j)
{
  return (place / bank->pack * bank->stride + j) * bank->pack + place % bank->pack;
}

/* A stretch of places of a bank's buffers, whole packs of them, mapped into host memory. */
struct view {
  struct opencl_population *population;
  struct bank *bank;
  uint32_t first, count;
  void *pointers[BUFFER_COUNT]; /* NULL: not mapped */
};

/* The packs that hold the places first .. last. */
static struct view view_places(struct opencl_population *population, struct bank *bank, uint32_t first, uint32_t last)
{
  uint32_t begin = first / bank->pack * bank->pack, end = (last / bank->pack + 1) * bank->pack;
  return (struct view){.population = population, .bank = bank, .first = begin, .count = end - begin};
}

static clfit_status map_view(struct view *view, cl_map_flags flags, clfit_error *error)
{
  cl_int code = CL_SUCCESS;
  for (int i = TASK; i <= B2 && !code; i++) {
    size_t bytes = place_bytes(view->population, view->bank, i);
    view->pointers[i] = clEnqueueMapBuffer(view->population->device->queue, view->bank->buffers[i], CL_TRUE, flags,
                                           view->first * bytes, view->count * bytes, 0, NULL, NULL, &code);
    if (code) view->pointers[i] = NULL;
  }
  return code ? clfit_fail_cl(error, code, "map device memory") : CLFIT_OK;
}

/* Also after a failed map_view. Reports its own failure only if nothing failed before. */
static clfit_status unmap_view(struct view *view, clfit_status status, clfit_error *error)
{
  cl_command_queue queue = view->population->device->queue;
  cl_int code = CL_SUCCESS;
  for (int i = 0; i < BUFFER_COUNT; i++)
    if (view->pointers[i]) {
      cl_int failed = clEnqueueUnmapMemObject(queue, view->bank->buffers[i], view->pointers[i], 0, NULL, NULL);
      if (failed) code = failed;
    }
  cl_int finished = clFinish(queue);
  if (!code) code = finished;
  return code && !status ? clfit_fail_cl(error, code, "unmap device memory") : status;
}

/* ---- banks --------------------------------------------------------------------------------------------------- */

static void clear_bank(struct bank *bank)
{
  for (int i = 0; i < BUFFER_COUNT; i++)
    if (bank->buffers[i]) clReleaseMemObject(bank->buffers[i]);
  if (bank->train) clReleaseKernel(bank->train);
  if (bank->evaluate) clReleaseKernel(bank->evaluate);
  free(bank->free_places);
  free(bank->progress);
  free(bank->losses);
}

/* Makes all places beyond the old capacity free and idle, so that a launch passes over them. */
static clfit_status add_places(struct opencl_population *population, struct bank *bank, uint32_t capacity,
                               clfit_error *error)
{
  uint32_t old = bank->capacity;
  struct view view = {.population = population, .bank = bank, .first = old, .count = capacity - old};
  clfit_status status = map_view(&view, CL_MAP_WRITE, error);
  for (int i = TASK; i <= B2 && !status; i++)
    memset(view.pointers[i], 0, (capacity - old) * place_bytes(population, bank, i));
  for (uint32_t i = 0; i < capacity - old && !status; i++)
    ((struct network_progress *)view.pointers[PROGRESS])[i].status = CLFIT_DONE;
  status = unmap_view(&view, status, error);
  if (status) return status;
  for (uint32_t place = capacity; place-- > old;) bank->free_places[bank->free_count++] = place;
  bank->capacity = capacity;
  return CLFIT_OK;
}

static clfit_status grow_bank(struct opencl_population *population, struct bank *bank, uint32_t wanted,
                              clfit_error *error)
{
  const uint32_t grain = bank->pack * bank->group;
  const uint32_t capacity = (wanted + grain - 1) / grain * grain;
  uint32_t *free_places = realloc(bank->free_places, capacity * sizeof *free_places);
  if (free_places) bank->free_places = free_places;
  struct network_progress *progress = realloc(bank->progress, capacity * sizeof *progress);
  if (progress) bank->progress = progress;
  float *losses = bank->losses;
  const bool every = population->keep == CLFIT_KEEP_EVERY;
  if (every) losses = realloc(losses, capacity * place_bytes(population, bank, LOSSES));
  if (losses) bank->losses = losses;
  if (!free_places || !progress || (every && !losses)) return clfit_fail_memory(error);
  for (int i = 0; i < BUFFER_COUNT; i++) {
    size_t bytes = place_bytes(population, bank, i);
    clfit_status status =
        grow_buffer(population->device, &bank->buffers[i], bank->capacity * bytes, capacity * bytes, error);
    if (status) return status;
  }
  return add_places(population, bank, capacity, error);
}

static clfit_status set_argument(cl_kernel kernel, cl_uint index, size_t size, const void *value, clfit_error *error)
{
  cl_int code = clSetKernelArg(kernel, index, size, value);
  return code ? clfit_fail_cl(error, code, "set a kernel argument") : CLFIT_OK;
}

/* Arguments of the training kernels, in their order. */
static clfit_status set_train_arguments(const struct opencl_population *population, const struct bank *bank,
                                        cl_uint steps, clfit_error *error)
{
  const cl_uint keep = population->keep;
  const cl_uint stride = bank->stride;
  const void *buffers[] = {&bank->buffers[TASK], &bank->buffers[PROGRESS], &bank->buffers[W1],
                           &bank->buffers[B1],   &bank->buffers[W2],       &bank->buffers[B2],
                           &population->x,       &population->y,           &bank->buffers[LOSSES]};
  const cl_uint count = sizeof buffers / sizeof *buffers;
  clfit_status status = CLFIT_OK;
  for (cl_uint i = 0; i < count && !status; i++)
    status = set_argument(bank->train, i, sizeof(cl_mem), buffers[i], error);
  if (!status) status = set_argument(bank->train, count, sizeof keep, &keep, error);
  if (!status) status = set_argument(bank->train, count + 1, sizeof stride, &stride, error);
  if (!status) status = set_argument(bank->train, count + 2, sizeof steps, &steps, error);
  const cl_uint units = bank->capacity / bank->pack;
  if (!status) status = set_argument(bank->train, count + 3, sizeof units, &units, error);
  return status;
}

/* Work-items, or work-groups, for a bank: fewer than its networks or packs where each can train several in turns and
 * still no compute unit goes without. */
static size_t launch_size(const struct opencl_population *population, const struct bank *bank)
{
  const size_t units = bank->capacity / bank->pack, together = bank->made_for.together;
  return units < together * population->device->info.compute_units ? units : (units + together - 1) / together;
}

static clfit_status enqueue_train(const struct opencl_population *population, const struct bank *bank, cl_uint steps,
                                  clfit_error *error)
{
  clfit_status status = set_train_arguments(population, bank, steps, error);
  if (status) return status;
  const size_t shared = bank->made_for.mapping->local_size;
  const size_t local = bank->group * shared;
  const size_t global = launch_size(population, bank) * shared;
  cl_int code = clEnqueueNDRangeKernel(population->device->queue, bank->train, 1, NULL, &global, &local, 0, NULL, NULL);
  return code ? clfit_fail_cl(error, code, "launch the training kernel") : CLFIT_OK;
}

/* Builds the programs. */
static clfit_status make_bank(struct opencl_population *population, const struct specialisation *made_for,
                              struct bank *bank, clfit_error *error)
{
  *bank = (struct bank){.made_for = *made_for,
                        .stride = made_for->vectors * made_for->mapping->width,
                        .pack = made_for->mapping->packs ? made_for->lanes : 1};
  cl_program train, evaluate;
  cl_int code;
  clfit_status status = clfit_program_train(population->device, &bank->made_for, &train, error);
  if (!status) status = clfit_program_evaluate(population->device, made_for->activation, &evaluate, error);
  if (status) return status;
  bank->group = clfit_mapping_group(made_for->mapping, population->device); /* now, as the program has been built */
  bank->train = clCreateKernel(train, "train", &code);
  if (!code) bank->evaluate = clCreateKernel(evaluate, "evaluate", &code);
  if (!code) return CLFIT_OK;
  clear_bank(bank);
  return clfit_fail_cl(error, code, "create a kernel");
}

/* The bank of a specialisation, or NULL if there is none yet. */
static struct bank *find_bank(const struct opencl_population *population, const struct specialisation *wanted)
{
  for (uint32_t i = 0; i < population->bank_count; i++)
    if (clfit_specialisation_equal(&population->banks[i].made_for, wanted)) return &population->banks[i];
  return NULL;
}

static clfit_status need_bank(struct opencl_population *population, const struct specialisation *wanted,
                              uint32_t *index, clfit_error *error)
{
  const struct bank *found = find_bank(population, wanted);
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

/* The program that a network needs in a mapping of this population. */
static struct specialisation specialise(const struct opencl_population *population, const struct mapping *mapping,
                                        const struct newcomer *newcomer)
{
  struct specialisation made =
      clfit_specialise(mapping, population->device->type, newcomer->activation, newcomer->task.hidden);
  made.mode = population->mode;
  return made;
}

/* ---- the verbs ----------------------------------------------------------------------------------------------- */

static clfit_status add_data(void *self, size_t n, const float *x, const float *y, clfit_error *error)
{
  struct opencl_population *population = self;
  cl_command_queue queue = population->device->queue;
  size_t total = population->samples + n, kept = population->samples * sizeof(float);
  clfit_status status = CLFIT_OK;
  if (total > population->sample_room) {
    size_t roomy = 2 * population->sample_room; /* so that many small data sets copy little */
    size_t room = total > roomy ? total : roomy;
    status = grow_buffer(population->device, &population->x, kept, room * sizeof(float), error);
    if (!status) status = grow_buffer(population->device, &population->y, kept, room * sizeof(float), error);
    if (status) return status;
    population->sample_room = room;
  }
  cl_int code = clEnqueueWriteBuffer(queue, population->x, CL_TRUE, kept, n * sizeof(float), x, 0, NULL, NULL);
  if (!code) code = clEnqueueWriteBuffer(queue, population->y, CL_TRUE, kept, n * sizeof(float), y, 0, NULL, NULL);
  if (code) return clfit_fail_cl(error, code, "write samples");
  population->samples = total;
  return CLFIT_OK;
}

static clfit_status make_homes(struct opencl_population *population, size_t n, const struct newcomer *newcomers,
                               clfit_error *error)
{
  size_t count = population->home_count;
  for (size_t i = 0; i < n; i++)
    if (newcomers[i].slot >= count) count = (size_t)newcomers[i].slot + 1;
  struct home *grown = realloc(population->homes, count * sizeof *grown);
  if (!grown) return clfit_fail_memory(error);
  population->homes = grown;
  population->home_count = count;
  return CLFIT_OK;
}

/* Networks that would share a program of the packed mapping. */
struct crowd {
  struct specialisation packed;
  size_t count; /* newcomers, and those that are in the bank already */
};

struct crowds {
  struct crowd *items; /* [count] */
  size_t count;
};

/* NULL: there is none yet, and no memory for one. */
static struct crowd *find_crowd(const struct opencl_population *population, struct crowds *crowds,
                                const struct newcomer *newcomer)
{
  const struct specialisation packed = specialise(population, clfit_mapping_find("packed"), newcomer);
  for (size_t i = 0; i < crowds->count; i++)
    if (clfit_specialisation_equal(&crowds->items[i].packed, &packed)) return &crowds->items[i];
  struct crowd *grown = realloc(crowds->items, (crowds->count + 1) * sizeof *grown);
  if (!grown) return NULL;
  const struct bank *bank = find_bank(population, &packed);
  crowds->items = grown;
  grown[crowds->count] = (struct crowd){.packed = packed, .count = bank ? bank->capacity - bank->free_count : 0};
  return &grown[crowds->count++];
}

/* The mapping of each newcomer, given how many come with it. */
static clfit_status choose_mappings(const struct opencl_population *population, size_t n,
                                    const struct newcomer *newcomers, const struct mapping **mappings,
                                    clfit_error *error)
{
  const uint32_t room = clfit_mapping_room(clfit_mapping_find("packed"));
  struct crowds crowds = {0};
  clfit_status status = CLFIT_OK;
  for (size_t i = 0; i < n && !status; i++) {
    struct crowd *crowd = newcomers[i].task.hidden <= room ? find_crowd(population, &crowds, &newcomers[i]) : NULL;
    if (crowd) crowd->count++;
    if (!crowd && newcomers[i].task.hidden <= room) status = clfit_fail_memory(error);
  }
  for (size_t i = 0; i < n && !status; i++) {
    const uint32_t hidden = newcomers[i].task.hidden;
    const size_t count = hidden <= room ? find_crowd(population, &crowds, &newcomers[i])->count : 1;
    mappings[i] = clfit_mapping_choose(population->device, population->mapping, hidden, count);
  }
  free(crowds.items);
  return status;
}

/* Finds each newcomer's bank. */
static clfit_status assign_banks(struct opencl_population *population, size_t n, const struct newcomer *newcomers,
                                 clfit_error *error)
{
  const struct mapping **mappings = calloc(n, sizeof *mappings);
  if (!mappings) return clfit_fail_memory(error);
  clfit_status status = choose_mappings(population, n, newcomers, mappings, error);
  for (size_t i = 0; i < n && !status; i++) {
    const struct specialisation wanted = specialise(population, mappings[i], &newcomers[i]);
    struct home *home = &population->homes[newcomers[i].slot];
    status = need_bank(population, &wanted, &home->bank, error);
    home->hidden = newcomers[i].task.hidden;
  }
  free(mappings);
  return status;
}

static void fill_place(const struct view *view, uint32_t place, const struct newcomer *newcomer)
{
  const uint32_t hidden = newcomer->task.hidden, stride = view->bank->stride;
  const size_t at = place - view->first;
  const float *layer = newcomer->parameters;
  ((struct network_task *)view->pointers[TASK])[at] = newcomer->task;
  ((struct network_progress *)view->pointers[PROGRESS])[at] = newcomer->progress;
  for (int i = W1; i <= W2; i++, layer += hidden)
    for (uint32_t j = 0; j < stride; j++)
      ((float *)view->pointers[i])[neuron_index(view->bank, at, j)] = j < hidden ? layer[j] : 0.0f;
  ((float *)view->pointers[B2])[at] = *layer;
}

/* Puts those newcomers that are bound for one bank into its free places. Places are taken only when all is written. */
static clfit_status fill_bank(struct opencl_population *population, uint32_t index, size_t n,
                              const struct newcomer *newcomers, clfit_error *error)
{
  struct bank *bank = &population->banks[index];
  uint32_t count = 0;
  for (size_t i = 0; i < n; i++) count += population->homes[newcomers[i].slot].bank == index;
  if (count == 0) return CLFIT_OK;
  if (count > bank->free_count) {
    uint32_t needed = bank->capacity - bank->free_count + count;
    uint32_t roomy = bank->capacity + bank->capacity / 2; /* so that many small takes copy little */
    clfit_status status = grow_bank(population, bank, needed > roomy ? needed : roomy, error);
    if (status) return status;
  }
  uint32_t first = UINT32_MAX, last = 0, taken = bank->free_count;
  for (size_t i = 0; i < n; i++) {
    struct home *home = &population->homes[newcomers[i].slot];
    if (home->bank != index) continue;
    home->place = bank->free_places[--taken];
    if (home->place < first) first = home->place;
    if (home->place > last) last = home->place;
  }
  struct view view = view_places(population, bank, first, last);
  clfit_status status = map_view(&view, CL_MAP_READ | CL_MAP_WRITE, error);
  for (size_t i = 0; i < n && !status; i++)
    if (population->homes[newcomers[i].slot].bank == index) {
      fill_place(&view, population->homes[newcomers[i].slot].place, &newcomers[i]);
      bank->progress[population->homes[newcomers[i].slot].place] = newcomers[i].progress;
    }
  status = unmap_view(&view, status, error);
  if (!status) bank->free_count = taken;
  return status;
}

/* A launch of no steps for every bank that has grown: some drivers (PoCL) compile for a size of launch only now. */
static clfit_status warm_up(struct opencl_population *population, clfit_error *error)
{
  clfit_status status = CLFIT_OK;
  for (uint32_t i = 0; i < population->bank_count && !status; i++) {
    struct bank *bank = &population->banks[i];
    if (bank->capacity == bank->warm_capacity) continue;
    status = enqueue_train(population, bank, 0, error);
    if (!status) bank->warm_capacity = bank->capacity;
  }
  cl_int code = clFinish(population->device->queue);
  return code && !status ? clfit_fail_cl(error, code, "warm up") : status;
}

static void free_place(struct bank *bank, uint32_t place)
{
  bank->progress[place].status = CLFIT_DONE;
  bank->free_places[bank->free_count++] = place;
}

/* Undoes fill_bank for the first `filled` banks: their places are idle again, on the device too. */
static void empty_filled(struct opencl_population *population, uint32_t filled, size_t n,
                         const struct newcomer *newcomers)
{
  static const struct network_progress idle = {.status = CLFIT_DONE};
  for (size_t i = 0; i < n; i++) {
    const struct home *home = &population->homes[newcomers[i].slot];
    if (home->bank >= filled) continue;
    struct bank *bank = &population->banks[home->bank];
    clEnqueueWriteBuffer(population->device->queue, bank->buffers[PROGRESS], CL_TRUE, home->place * sizeof idle,
                         sizeof idle, &idle, 0, NULL, NULL);
    free_place(bank, home->place);
  }
}

static clfit_status take(void *self, size_t n, const struct newcomer *newcomers, clfit_error *error)
{
  struct opencl_population *population = self;
  clfit_status status = make_homes(population, n, newcomers, error);
  if (!status) status = assign_banks(population, n, newcomers, error);
  uint32_t filled = 0;
  while (!status && filled < population->bank_count) {
    status = fill_bank(population, filled, n, newcomers, error);
    if (!status) filled++;
  }
  if (!status) status = warm_up(population, error);
  if (status) empty_filled(population, filled, n, newcomers);
  return status;
}

static bool has_running(const struct bank *bank)
{
  for (uint32_t place = 0; place < bank->capacity; place++)
    if (bank->progress[place].status == CLFIT_TRAINING) return true;
  return false;
}

static clfit_status read_bank(const struct opencl_population *population, const struct bank *bank, clfit_error *error)
{
  cl_command_queue queue = population->device->queue;
  cl_int code =
      clEnqueueReadBuffer(queue, bank->buffers[PROGRESS], CL_TRUE, 0,
                          bank->capacity * place_bytes(population, bank, PROGRESS), bank->progress, 0, NULL, NULL);
  if (!code && population->keep == CLFIT_KEEP_EVERY)
    code = clEnqueueReadBuffer(queue, bank->buffers[LOSSES], CL_TRUE, 0,
                               bank->capacity * place_bytes(population, bank, LOSSES), bank->losses, 0, NULL, NULL);
  return code ? clfit_fail_cl(error, code, "read progress") : CLFIT_OK;
}

static clfit_status advance(void *self, uint32_t steps, clfit_error *error)
{
  struct opencl_population *population = self;
  clfit_status status = CLFIT_OK;
  for (uint32_t i = 0; i < population->bank_count && !status; i++)
    if (has_running(&population->banks[i])) status = enqueue_train(population, &population->banks[i], steps, error);
  cl_int code = clFinish(population->device->queue);
  if (code && !status) status = clfit_fail_cl(error, code, "train");
  for (uint32_t i = 0; i < population->bank_count && !status; i++)
    if (has_running(&population->banks[i])) status = read_bank(population, &population->banks[i], error);
  return status;
}

static const struct network_progress *progress(const void *self, uint32_t slot)
{
  const struct opencl_population *population = self;
  const struct home *home = &population->homes[slot];
  return &population->banks[home->bank].progress[home->place];
}

static const float *losses(const void *self, uint32_t slot)
{
  const struct opencl_population *population = self;
  const struct home *home = &population->homes[slot];
  const float *all = population->banks[home->bank].losses;
  return all + (size_t)home->place * 2 * CLFIT_EVERY_CAPACITY;
}

/* ---- evaluate ------------------------------------------------------------------------------------------------ */

/* Runs one bank's evaluation: places [count], x [n_x], z [count][n_x]. */
static clfit_status evaluate_places(const struct opencl_population *population, const struct bank *bank, uint32_t count,
                                    const cl_uint *places, size_t n_x, const float *x, float *z, clfit_error *error)
{
  const struct opencl_device *device = population->device;
  const size_t z_bytes = n_x * count * sizeof *z;
  const struct evaluation_size size = clfit_mapping_evaluation(device->type);
  const size_t taken = (size_t)size.lanes * size.batch;
  const size_t global[] = {(n_x + taken - 1) / taken, count}, local[] = {1, 1};
  cl_mem place_buffer = NULL, x_buffer = NULL, z_buffer = NULL;
  cl_int code;
  place_buffer = clCreateBuffer(device->context, CL_MEM_READ_ONLY | CL_MEM_COPY_HOST_PTR, count * sizeof *places,
                                (void *)places, &code);
  if (!code)
    x_buffer =
        clCreateBuffer(device->context, CL_MEM_READ_ONLY | CL_MEM_COPY_HOST_PTR, n_x * sizeof *x, (void *)x, &code);
  if (!code) z_buffer = clCreateBuffer(device->context, CL_MEM_WRITE_ONLY, z_bytes, NULL, &code);
  const cl_mem arguments[] = {bank->buffers[TASK], place_buffer,      bank->buffers[W1], bank->buffers[B1],
                              bank->buffers[W2],   bank->buffers[B2], x_buffer,          z_buffer};
  const cl_uint argument_count = sizeof arguments / sizeof *arguments;
  const cl_uint stride = bank->stride, pack = bank->pack;
  const cl_ulong points = n_x;
  for (cl_uint i = 0; i < argument_count && !code; i++)
    code = clSetKernelArg(bank->evaluate, i, sizeof(cl_mem), &arguments[i]);
  if (!code) code = clSetKernelArg(bank->evaluate, argument_count, sizeof stride, &stride);
  if (!code) code = clSetKernelArg(bank->evaluate, argument_count + 1, sizeof pack, &pack);
  if (!code) code = clSetKernelArg(bank->evaluate, argument_count + 2, sizeof points, &points);
  /* A CPU's compiler makes another kernel for each local size. */
  if (!code)
    code = clEnqueueNDRangeKernel(device->queue, bank->evaluate, 2, NULL, global,
                                  device->type & CL_DEVICE_TYPE_GPU ? NULL : local, 0, NULL, NULL);
  if (!code) code = clEnqueueReadBuffer(device->queue, z_buffer, CL_TRUE, 0, z_bytes, z, 0, NULL, NULL);
  if (place_buffer) clReleaseMemObject(place_buffer);
  if (x_buffer) clReleaseMemObject(x_buffer);
  if (z_buffer) clReleaseMemObject(z_buffer);
  return code ? clfit_fail_cl(error, code, "evaluate") : CLFIT_OK;
}

/* Networks in a row of the same bank are evaluated by one launch. */
static clfit_status evaluate(void *self, size_t n, const uint32_t *slots, size_t n_x, const float *x, float *z,
                             clfit_error *error)
{
  const struct opencl_population *population = self;
  cl_uint *places = malloc(n * sizeof *places);
  if (!places) return clfit_fail_memory(error);
  clfit_status status = CLFIT_OK;
  for (size_t first = 0, i = 0; i < n && !status; first = i) {
    const uint32_t bank = population->homes[slots[first]].bank;
    for (; i < n && population->homes[slots[i]].bank == bank; i++)
      places[i - first] = population->homes[slots[i]].place;
    status = evaluate_places(population, &population->banks[bank], (uint32_t)(i - first), places, n_x, x,
                             z + first * n_x, error);
  }
  free(places);
  return status;
}

/* ---- milestones and give ---------------------------------------------------------------------------------------------------- */

/* The places of a bank among n slots; false if there are none. */
static bool find_range(const struct opencl_population *population, uint32_t bank, size_t n, const uint32_t *slots,
                       uint32_t *first, uint32_t *last)
{
  *first = UINT32_MAX;
  *last = 0;
  for (size_t i = 0; i < n; i++) {
    const struct home *home = &population->homes[slots[i]];
    if (home->bank != bank) continue;
    if (home->place < *first) *first = home->place;
    if (home->place > *last) *last = home->place;
  }
  return *first != UINT32_MAX;
}

static clfit_status milestones(void *self, size_t n, const uint32_t *slots, float *pairs, clfit_error *error)
{
  const struct opencl_population *population = self;
  const size_t width = 2 * CLFIT_MILESTONE_CAPACITY, bytes = width * sizeof(float);
  clfit_status status = CLFIT_OK;
  for (uint32_t bank = 0; bank < population->bank_count && !status; bank++) {
    uint32_t first, last;
    if (!find_range(population, bank, n, slots, &first, &last)) continue;
    float *read = malloc((last - first + 1) * bytes);
    if (!read) return clfit_fail_memory(error);
    cl_int code = clEnqueueReadBuffer(population->device->queue, population->banks[bank].buffers[LOSSES], CL_TRUE,
                                      first * bytes, (last - first + 1) * bytes, read, 0, NULL, NULL);
    if (code) status = clfit_fail_cl(error, code, "read losses");
    for (size_t i = 0; i < n && !status; i++)
      if (population->homes[slots[i]].bank == bank)
        memcpy(pairs + i * width, read + (population->homes[slots[i]].place - first) * width, bytes);
    free(read);
  }
  return status;
}

static void empty_place(const struct view *view, const struct home *home, float *parameters)
{
  const size_t at = home->place - view->first;
  float *layer = parameters;
  for (int i = W1; i <= W2; i++, layer += home->hidden)
    for (uint32_t j = 0; j < home->hidden; j++)
      layer[j] = ((const float *)view->pointers[i])[neuron_index(view->bank, at, j)];
  *layer = ((const float *)view->pointers[B2])[at];
  ((struct network_progress *)view->pointers[PROGRESS])[at].status = CLFIT_DONE;
}

static clfit_status empty_bank(struct opencl_population *population, uint32_t index, size_t n, const uint32_t *slots,
                               float *const *parameters, clfit_error *error)
{
  struct bank *bank = &population->banks[index];
  uint32_t first, last;
  if (!find_range(population, index, n, slots, &first, &last)) return CLFIT_OK;
  struct view view = view_places(population, bank, first, last);
  clfit_status status = map_view(&view, CL_MAP_READ | CL_MAP_WRITE, error);
  for (size_t i = 0; i < n && !status; i++)
    if (population->homes[slots[i]].bank == index) empty_place(&view, &population->homes[slots[i]], parameters[i]);
  return unmap_view(&view, status, error);
}

static clfit_status give(void *self, size_t n, const uint32_t *slots, float *const *parameters, clfit_error *error)
{
  struct opencl_population *population = self;
  clfit_status status = CLFIT_OK;
  for (uint32_t i = 0; i < population->bank_count && !status; i++)
    status = empty_bank(population, i, n, slots, parameters, error);
  for (size_t i = 0; i < n && !status; i++) {
    const struct home *home = &population->homes[slots[i]];
    free_place(&population->banks[home->bank], home->place);
  }
  return status;
}

/* ---- making and releasing ------------------------------------------------------------------------------------ */

static void free_population(void *self)
{
  struct opencl_population *population = self;
  if (!population) return;
  clFinish(population->device->queue);
  for (uint32_t i = 0; i < population->bank_count; i++) clear_bank(&population->banks[i]);
  if (population->x) clReleaseMemObject(population->x);
  if (population->y) clReleaseMemObject(population->y);
  free(population->banks);
  free(population->homes);
  free(population);
}

clfit_status clfit_opencl_create(struct opencl_device *device, const char *mapping, clfit_mode mode, uint32_t keep,
                                 void **self, clfit_error *error)
{
  struct opencl_population *population = calloc(1, sizeof *population);
  if (!population) return clfit_fail_memory(error);
  population->device = device;
  population->mapping = mapping ? clfit_mapping_find(mapping) : NULL;
  population->mode = mode;
  population->keep = keep;
  *self = population;
  return CLFIT_OK;
}

const struct backend clfit_opencl_backend = {.add_data = add_data,
                                             .take = take,
                                             .advance = advance,
                                             .evaluate = evaluate,
                                             .give = give,
                                             .progress = progress,
                                             .losses = losses,
                                             .milestones = milestones,
                                             .free = free_population};
