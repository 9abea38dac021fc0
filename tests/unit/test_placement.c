/* Networks in the memory of a device: that padding stays padding, and that memory may run out at any moment of a take.
 * Over the library's inner parts, where buffers can be looked at. */
#include "engine/device.h"
#include "engine/opencl/population.h"
#include "parabola.h"

#include <math.h>
#include <stdlib.h>

#define SAMPLES 70u

/* ---- memory that runs out --------------------------------------------------------------------------------------- */

/* Calls until one fails; 0: none does. And what fails. */
static unsigned host_calls_left, device_calls_left;

static bool runs_out(unsigned *calls_left)
{
  return *calls_left > 0 && --*calls_left == 0;
}

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *memory, size_t size);
cl_mem __real_clCreateBuffer(cl_context context, cl_mem_flags flags, size_t size, void *from, cl_int *code);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *memory, size_t size);
cl_mem __wrap_clCreateBuffer(cl_context context, cl_mem_flags flags, size_t size, void *from, cl_int *code);

void *__wrap_malloc(size_t size)
{
  return runs_out(&host_calls_left) ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
  return runs_out(&host_calls_left) ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *memory, size_t size)
{
  return runs_out(&host_calls_left) ? NULL : __real_realloc(memory, size);
}

cl_mem __wrap_clCreateBuffer(cl_context context, cl_mem_flags flags, size_t size, void *from, cl_int *code)
{
  if (!runs_out(&device_calls_left)) return __real_clCreateBuffer(context, flags, size, from, code);
  *code = CL_MEM_OBJECT_ALLOCATION_FAILURE;
  return NULL;
}

/* ---- networks --------------------------------------------------------------------------------------------------- */

static clfit_device *device;

static void open_device(void)
{
  EXPECT_OK(clfit_device_open("cpu", &device, &error));
}

static void close_device(void)
{
  clfit_device_close(device);
}

TestSuite(placement, .init = open_device, .fini = close_device);

static clfit_state make_state(uint32_t hidden, clfit_activation activation, clfit_optimizer optimizer)
{
  clfit_network network;
  clfit_state state;
  clfit_network_default(&network);
  network.hidden = hidden;
  network.activation = activation;
  network.optimizer = optimizer;
  network.samples = SAMPLES;
  network.epochs = 3;
  network.seed = hidden;
  EXPECT_OK(clfit_state_init(&state, &network, &error));
  return state;
}

/* ---- padding ---------------------------------------------------------------------------------------------------- */

/* Every value of a pool that is no value of a network; a NaN would be one of those that are not +0, too. */
static void expect_zero_padding(struct opencl_population *population, struct pool *pool, const char *mapping)
{
  struct mapped_entries mapped = clfit_mapped_entries(population, pool, 0, pool->capacity - 1);
  EXPECT_OK(clfit_entries_map(&mapped, CL_MAP_READ, &error));
  const struct network_task *tasks = pool->addresses[TASK];
  size_t padding = 0;
  for (uint32_t set = 0; set < pool->sets; set++)
    for (uint32_t plane = 0; plane < PLANE_B2; plane++)
      for (uint32_t entry = 0; entry < pool->capacity; entry++)
        for (uint32_t j = tasks[entry].hidden; j < pool->stride && tasks[entry].hidden > 0; j++) {
          const uint32_t *values = pool->addresses[clfit_plane_buffer(set, plane)];
          const uint32_t pattern = values[clfit_neuron_index(pool, entry, j)];
          padding++;
          cr_assert(pattern == 0, "%s, %s, %s: %s of neuron %u of %u is 0x%08x in set %u", mapping,
                    clfit_activation_name(pool->specialisation.activation),
                    clfit_optimizer_name(pool->specialisation.optimizer), clfit_plane_names[plane], j,
                    tasks[entry].hidden, pattern, set);
        }
  cr_assert(padding > 0);
  EXPECT_OK(clfit_entries_unmap(&mapped, CLFIT_OK, &error));
}

/* Networks of two sizes of one bucket, of which the first at least is smaller than it, one epoch and a piece. */
static void train_padded(const char *mapping, uint32_t hidden, clfit_activation activation, clfit_optimizer optimizer)
{
  clfit_data *data = make_parabola(SAMPLES);
  void *self;
  clfit_state states[2];
  struct incoming incoming[2];
  EXPECT_OK(clfit_opencl_create(device->opencl, mapping, CLFIT_STRICT, CLFIT_LOSSES_NONE, &self, &error));
  const struct samples_added added = {
      .first = 0, .count = SAMPLES, .x = clfit_data_x_float(data), .y = clfit_data_y_float(data)};
  EXPECT_OK(clfit_opencl_backend.add_data(self, &added, &error));
  for (uint32_t i = 0; i < 2; i++) {
    states[i] = make_state(hidden + i, activation, optimizer);
    incoming[i] = (struct incoming){.slot = i,
                                    .plain = clfit_network_is_plain(&states[i].network),
                                    .plain_steps = clfit_network_has_plain_steps(&states[i].network),
                                    .record_count = clfit_record_count(&states[i].network),
                                    .activation = activation,
                                    .optimizer = optimizer,
                                    .task = {.hidden = hidden + i,
                                             .samples = SAMPLES,
                                             .epochs = 3,
                                             .rate = 0.1f,
                                             .batches = clfit_batch_task(&states[i].network)},
                                    .record = states[i].parameters};
  }
  EXPECT_OK(clfit_opencl_backend.take(self, 2, incoming, &error));
  EXPECT_OK(clfit_opencl_backend.advance(self, SAMPLES + 9, &error));
  struct opencl_population *population = self;
  cr_assert(population->pool_count == 1, "two buckets");
  for (uint32_t i = 0; i < 2; i++) cr_assert(clfit_opencl_backend.progress(self, i)->epoch == 1);
  expect_zero_padding(population, &population->pools[0], mapping);
  clfit_opencl_backend.free(self);
  for (uint32_t i = 0; i < 2; i++) clfit_state_clear(&states[i]);
  clfit_data_free(data);
}

/* What kernels/neuron.h and rule.h ask of every rule. The programs are those that verification builds, too. */
Test(placement, padding_stays_zero)
{
  static const struct {
    const char *mapping;
    uint32_t hidden;
  } cells[] = {{"wide", 5},   {"wide", 30},   {"wide", 65}, {"wide", 290},
               {"packed", 5}, {"packed", 40}, {"team", 5},  {"team", 270}};
  for (size_t i = 0; i < sizeof cells / sizeof *cells; i++)
    for (clfit_activation activation = 0; activation < clfit_activation_count(); activation++)
      for (clfit_optimizer optimizer = 0; optimizer < clfit_optimizer_count(); optimizer++)
        /* two cells for most activations: each is a program to build */
        if (clfit_optimizer_get(optimizer)->trainer == TRAINER_GRADIENT &&
            (activation == CLFIT_SIGMOID || (optimizer == CLFIT_SGD && (activation <= CLFIT_RELU || i % 4 == 0))))
          train_padded(cells[i].mapping, cells[i].hidden, activation, optimizer);
}

/* ---- take ------------------------------------------------------------------------------------------------------- */

#define COUNT 5

static const uint32_t sizes[COUNT] = {5, 40, 7, 33, 200}; /* every other one trains by least squares */

static void train_all(clfit_population *population, const uint32_t *slots, char digests[COUNT][CLFIT_DIGEST_SIZE])
{
  clfit_state states[COUNT];
  for (size_t running = 1; running > 0;) EXPECT_OK(clfit_population_advance(population, 0, &running, &error));
  EXPECT_OK(clfit_population_give(population, COUNT, slots, states, &error));
  for (int i = 0; i < COUNT; i++) {
    clfit_state_digest(&states[i], digests[i]);
    clfit_state_clear(&states[i]);
  }
}

/* Takes `earlier` networks, and then the others with memory running out at a call, if need be a second time. Whether it
 * did. */
static bool take_with_a_failure(size_t earlier, unsigned *calls_left, unsigned call,
                                char digests[COUNT][CLFIT_DIGEST_SIZE])
{
  clfit_state states[COUNT];
  const clfit_state *pointers[COUNT];
  const uint32_t indices[COUNT] = {0};
  uint32_t slots[COUNT], index;
  clfit_population *population;
  clfit_data *data = make_parabola(SAMPLES);
  EXPECT_OK(clfit_population_create(device, NULL, &population, &error));
  EXPECT_OK(clfit_population_add_data(population, data, &index, &error));
  for (int i = 0; i < COUNT; i++) {
    states[i] = make_state(sizes[i], CLFIT_TANH, i % 2 ? CLFIT_LM : CLFIT_SGD);
    pointers[i] = &states[i];
  }
  EXPECT_OK(clfit_population_take(population, earlier, pointers, indices, slots, &error));
  EXPECT_OK(clfit_population_advance(population, 11, NULL, &error));
  *calls_left = call;
  clfit_status status =
      clfit_population_take(population, COUNT - earlier, pointers + earlier, indices, slots + earlier, &error);
  const bool failed = *calls_left == 0 && call > 0;
  *calls_left = 0;
  cr_assert(status == (failed ? CLFIT_ERROR_MEMORY : CLFIT_OK), "call %u: %s: %s", call, clfit_status_name(status),
            error.message);
  if (failed)
    EXPECT_OK(clfit_population_take(population, COUNT - earlier, pointers + earlier, indices, slots + earlier, &error));
  train_all(population, slots, digests);
  clfit_population_free(population);
  for (int i = 0; i < COUNT; i++) clfit_state_clear(&states[i]);
  clfit_data_free(data);
  return failed;
}

/* Each call for memory fails once: the take says so, and the same population goes on as if nothing had been. */
static void expect_no_trace(size_t earlier, unsigned *calls_left, unsigned least)
{
  char want[COUNT][CLFIT_DIGEST_SIZE], got[COUNT][CLFIT_DIGEST_SIZE];
  unsigned call = 1;
  take_with_a_failure(earlier, calls_left, 0, want);
  for (; take_with_a_failure(earlier, calls_left, call, got); call++)
    for (int i = 0; i < COUNT; i++) cr_assert(!strcmp(got[i], want[i]), "call %u, network %d", call, i);
  cr_assert(call > least, "only %u calls", call);
}

Test(placement, device_memory_runs_out_in_a_take)
{
  expect_no_trace(0, &device_calls_left, 7);
  expect_no_trace(1, &device_calls_left, 7);
}

Test(placement, host_memory_runs_out_in_a_take)
{
  expect_no_trace(0, &host_calls_left, 7);
  expect_no_trace(1, &host_calls_left, 7);
}
