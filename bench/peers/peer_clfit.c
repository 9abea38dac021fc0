/* clfit itself, through its library: the first argument picks the device ("gpu"); "cpu" is the one it picks itself. */
#include "peer.h"

#include <stdlib.h>
#include <string.h>

static clfit_device *device;

static double train(size_t n, clfit_state *states, const clfit_data *data)
{
  clfit_error error;
  clfit_population *population;
  const clfit_state **fresh = malloc(n * sizeof *fresh);
  uint32_t *indices = calloc(n, sizeof *indices), *slots = malloc(n * sizeof *slots);
  if (!fresh || !indices || !slots) exit(3);
  for (size_t i = 0; i < n; i++) fresh[i] = &states[i];
  peer_check(clfit_population_create(device, NULL, &population, &error), &error);
  peer_check(clfit_population_add_data(population, data, &indices[0], &error), &error);
  peer_check(clfit_population_take(population, n, fresh, indices, slots, &error), &error);
  double start = clfit_clock();
  for (size_t running = 1; running > 0;)
    peer_check(
        clfit_population_advance(population, states[0].network.samples * states[0].network.epochs, &running, &error),
        &error);
  double seconds = clfit_clock() - start;
  for (size_t i = 0; i < n; i++) clfit_state_clear(&states[i]);
  peer_check(clfit_population_give(population, n, slots, states, &error), &error);
  clfit_population_free(population);
  free(fresh);
  free(indices);
  free(slots);
  return seconds;
}

int main(int argc, char **argv)
{
  clfit_error error;
  bool gpu = argc > 1 && !strcmp(argv[1], "gpu");
  peer_check(clfit_device_open(gpu ? "gpu" : NULL, &device, &error), &error);
  int code = peer_serve(&(peer){.version = CLFIT_VERSION,
                                .one = "strict",
                                .many = "strict, a population",
                                .device = clfit_device_describe(device)->name,
                                .train = train});
  clfit_device_close(device);
  return code;
}
