/* Placement: which bank and which place in it a slot's network gets, and the way of records there and back. */
#include "base/error.h"
#include "engine/opencl/population.h"

#include <stdlib.h>

/* ---- the mapping of each newcomer ---------------------------------------------------------------------------- */

/* The program that a network needs in a mapping of this population. */
static struct specialisation specialise(const struct opencl_population *population, const struct mapping *mapping,
                                        const struct newcomer *newcomer)
{
  struct specialisation made =
      clfit_specialise(mapping, population->device->type, newcomer->activation, newcomer->task.hidden);
  made.mode = population->mode;
  made.optimizer = newcomer->optimizer;
  return made;
}

/* Networks that would be in the same pool if they used the packed mapping. */
struct crowd {
  struct specialisation packed;
  size_t count; /* new networks, and those already in that pool */
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
  const struct bank *bank = clfit_bank_find(population, &packed);
  crowds->items = grown;
  grown[crowds->count] = (struct crowd){.packed = packed, .count = bank ? bank->capacity - bank->free_count : 0};
  return &grown[crowds->count++];
}

/* Chooses the mapping of each new network by the number of networks of its bucket. */
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

/* ---- take ---------------------------------------------------------------------------------------------------- */

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
    status = clfit_bank_need(population, &wanted, &home->bank, error);
    home->hidden = newcomers[i].task.hidden;
  }
  free(mappings);
  return status;
}

/* Writes a newcomer to its place; the rest of the place's planes is padding, +0. */
static void fill_place(const struct view *view, uint32_t place, const struct newcomer *newcomer)
{
  const struct bank *bank = view->bank;
  const uint32_t hidden = newcomer->task.hidden;
  const size_t at = place - view->first;
  const float *next = newcomer->record;
  ((struct network_task *)bank->mapped[TASK])[at] = newcomer->task;
  ((struct network_progress *)bank->mapped[PROGRESS])[at] = newcomer->progress;
  for (uint32_t set = 0; set < bank->sets; set++) {
    for (uint32_t plane = 0; plane < PLANE_B2; plane++, next += hidden)
      for (uint32_t j = 0; j < bank->stride; j++)
        ((float *)bank->mapped[clfit_plane_buffer(set, plane)])[clfit_neuron_index(bank, at, j)] =
            j < hidden ? next[j] : 0.0f;
    ((float *)bank->mapped[clfit_plane_buffer(set, PLANE_B2)])[at] = *next++;
  }
}

/* Copies the new networks of one pool into free entries. The entries are marked as used only after everything has been
 * written. */
static clfit_status fill_bank(struct opencl_population *population, uint32_t index, size_t n,
                              const struct newcomer *newcomers, clfit_error *error)
{
  struct bank *bank = &population->banks[index];
  uint32_t count = 0;
  for (size_t i = 0; i < n; i++) count += population->homes[newcomers[i].slot].bank == index;
  if (count == 0) return CLFIT_OK;
  if (count > bank->free_count) {
    uint32_t needed = bank->capacity - bank->free_count + count;
    /* grown by at least half, so that many small takes copy each network only a few times */
    uint32_t roomy = bank->capacity + bank->capacity / 2;
    clfit_status status = clfit_bank_grow(population, bank, needed > roomy ? needed : roomy, error);
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
  struct view view = clfit_view_places(population, bank, first, last);
  clfit_status status = clfit_view_map(&view, CL_MAP_READ | CL_MAP_WRITE, error);
  for (size_t i = 0; i < n && !status; i++)
    if (population->homes[newcomers[i].slot].bank == index) {
      fill_place(&view, population->homes[newcomers[i].slot].place, &newcomers[i]);
      bank->progress[population->homes[newcomers[i].slot].place] = newcomers[i].progress;
    }
  status = clfit_view_unmap(&view, status, error);
  if (!status) bank->free_count = taken;
  return status;
}

/* Undoes fill_bank for the first `filled` pools: marks the entries as idle again, on the device and on the host. */
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
    clfit_bank_free_place(bank, home->place);
  }
}

clfit_status clfit_opencl_take(void *self, size_t n, const struct newcomer *newcomers, clfit_error *error)
{
  struct opencl_population *population = self;
  clfit_status status = make_homes(population, n, newcomers, error);
  if (!status) status = assign_banks(population, n, newcomers, error);
  if (status) return status; /* nothing is in a bank yet, and newcomers may have no homes */
  uint32_t filled = 0;
  while (!status && filled < population->bank_count) {
    status = fill_bank(population, filled, n, newcomers, error);
    if (!status) filled++;
  }
  if (!status) status = clfit_opencl_warm_up(population, error);
  if (status) empty_filled(population, filled, n, newcomers);
  return status;
}

/* ---- give ---------------------------------------------------------------------------------------------------- */

/* The places of a bank among n slots; false if there are none. */
bool clfit_places_range(const struct opencl_population *population, uint32_t bank, size_t n, const uint32_t *slots,
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

static void empty_place(const struct view *view, const struct home *home, float *record)
{
  const struct bank *bank = view->bank;
  const size_t at = home->place - view->first;
  for (uint32_t set = 0; set < bank->sets; set++) {
    for (uint32_t plane = 0; plane < PLANE_B2; plane++, record += home->hidden)
      for (uint32_t j = 0; j < home->hidden; j++)
        record[j] = ((const float *)bank->mapped[clfit_plane_buffer(set, plane)])[clfit_neuron_index(bank, at, j)];
    *record++ = ((const float *)bank->mapped[clfit_plane_buffer(set, PLANE_B2)])[at];
  }
  ((struct network_progress *)bank->mapped[PROGRESS])[at].status = CLFIT_DONE;
}

static clfit_status empty_bank(struct opencl_population *population, uint32_t index, size_t n, const uint32_t *slots,
                               float *const *records, clfit_error *error)
{
  struct bank *bank = &population->banks[index];
  uint32_t first, last;
  if (!clfit_places_range(population, index, n, slots, &first, &last)) return CLFIT_OK;
  struct view view = clfit_view_places(population, bank, first, last);
  clfit_status status = clfit_view_map(&view, CL_MAP_READ | CL_MAP_WRITE, error);
  for (size_t i = 0; i < n && !status; i++)
    if (population->homes[slots[i]].bank == index) empty_place(&view, &population->homes[slots[i]], records[i]);
  return clfit_view_unmap(&view, status, error);
}

clfit_status clfit_opencl_give(void *self, size_t n, const uint32_t *slots, float *const *records, clfit_error *error)
{
  struct opencl_population *population = self;
  clfit_status status = CLFIT_OK;
  for (uint32_t i = 0; i < population->bank_count && !status; i++)
    status = empty_bank(population, i, n, slots, records, error);
  for (size_t i = 0; i < n && !status; i++) {
    const struct home *home = &population->homes[slots[i]];
    clfit_bank_free_place(&population->banks[home->bank], home->place);
  }
  return status;
}
