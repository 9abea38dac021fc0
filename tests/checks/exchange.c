/* Models from one processor to another: tests/checks/foreign.sh builds this for both.
 *
 *     exchange begin MODEL           trains some epochs, cut within an epoch, and saves the state
 *     exchange end MODEL NEW         goes on to the end from MODEL and saves NEW
 *
 * Each prints the digest of the parameters. */
#include "clfit.h"

#include <stdio.h>
#include <string.h>

#define SAMPLES 90u
#define EPOCHS  7u

static clfit_error error;

static int failed(void)
{
  printf("failed: %s\n", error.message);
  return 1;
}

/* Multiples of 2^-7 and their squares: exact on every machine. */
static clfit_status make_samples(clfit_data **data)
{
  double x[SAMPLES], y[SAMPLES];
  for (uint32_t i = 0; i < SAMPLES; i++) {
    x[i] = (double)(i * 37 % SAMPLES) / 128.0 - 0.375;
    y[i] = x[i] * x[i] - 0.25;
  }
  return clfit_data_create(SAMPLES, x, y, data, &error);
}

/* With moments, an order of its own and a tolerance, so that a model holds all that it can. */
static clfit_status make_state(clfit_state *state)
{
  static const char *const fields[][2] = {{"hidden", "33"},  {"activation", "tanh"}, {"optimizer", "adam"},
                                          {"batch", "8"},    {"shuffle", "epoch"},   {"schedule", "cosine"},
                                          {"rate", "0.003"}, {"tol", "1e-12"}};
  clfit_network network;
  clfit_status status = CLFIT_OK;
  clfit_network_default(&network);
  network.samples = SAMPLES;
  network.epochs = EPOCHS;
  for (size_t i = 0; i < sizeof fields / sizeof *fields && !status; i++)
    status = clfit_field_read(clfit_field_find(fields[i][0]), fields[i][1], NULL, &network, &error);
  return status ? status : clfit_state_init(state, &network, &error);
}

/* Trains a state, at most that many steps (0: to its end). */
static clfit_status train(clfit_state *state, const clfit_data *data, uint32_t steps)
{
  clfit_device *device = NULL;
  clfit_population *population = NULL;
  const clfit_state *taken = state;
  uint32_t index, slot;
  size_t running = 1;
  clfit_state after;
  clfit_status status = clfit_device_open("reference", &device, &error);
  if (!status) status = clfit_population_create(device, NULL, &population, &error);
  if (!status) status = clfit_population_add_data(population, data, &index, &error);
  if (!status) status = clfit_population_take(population, 1, &taken, &index, &slot, &error);
  while (!status && running) {
    status = clfit_population_advance(population, steps, &running, &error);
    if (steps) break;
  }
  if (!status) status = clfit_population_give(population, 1, &slot, &after, &error);
  clfit_population_free(population);
  clfit_device_close(device);
  if (status) return status;
  clfit_state_clear(state);
  *state = after;
  return CLFIT_OK;
}

static clfit_status save(const clfit_state *state, const char *path)
{
  char digest[CLFIT_DIGEST_SIZE];
  clfit_model model = {.size = sizeof model, .state = *state, .mode = CLFIT_STRICT};
  clfit_source_default(&model.source);
  clfit_state_digest(state, digest);
  puts(digest);
  return clfit_model_save(&model, path, &error);
}

static clfit_status begin(const clfit_data *data, const char *path)
{
  clfit_state state;
  clfit_status status = make_state(&state);
  if (status) return status;
  status = train(&state, data, 3 * SAMPLES + 41);
  if (!status) status = save(&state, path);
  clfit_state_clear(&state);
  return status;
}

static clfit_status end(const clfit_data *data, const char *path, const char *new_path)
{
  clfit_model model;
  clfit_status status = clfit_model_load(path, &model, &error);
  if (status) return status;
  status = train(&model.state, data, 0);
  if (!status) status = save(&model.state, new_path);
  clfit_model_clear(&model);
  return status;
}

int main(int count, char **arguments)
{
  clfit_data *data;
  if (make_samples(&data)) return failed();
  clfit_status status = CLFIT_ERROR_ARGUMENT;
  if (count == 3 && strcmp(arguments[1], "begin") == 0) status = begin(data, arguments[2]);
  if (count == 4 && strcmp(arguments[1], "end") == 0) status = end(data, arguments[2], arguments[3]);
  clfit_data_free(data);
  return status ? failed() : 0;
}
