/* Trainings whose results are written down here: without them a reference that is wrong, and devices that are wrong in
 * the same way, would pass a verification. */
#include "base/error.h"
#include "engine/host_check.h"

#include <string.h>

#define SAMPLES 70u /* more than a loss block */

/* Final parameters of networks that train for 3 epochs on the samples of make_samples with the rate 0.1 and seed 2. */
static const struct anchor {
  uint32_t hidden;
  clfit_activation activation;
  clfit_optimizer optimizer;
  const char *digest;
} anchors[] = {
    {5, CLFIT_SIGMOID, CLFIT_SGD, "50a5c8c20fbfa6b2c57aa347f9c302fd001ee509a823888234803391cd2c71cb"},
    {33, CLFIT_TANH, CLFIT_SGD, "26dd7e4aff572f8e44dc458fbce0fb60725bb534e48dadca1fd3430a3fbb130e"},
    {8, CLFIT_RELU, CLFIT_SGD, "c15abac451cb0c1d8d3d5441a780b104ee83c4caa206566e49f298914b4ee005"},
    {3, CLFIT_TANH, CLFIT_LM, "47cd87b2ef918a1a3b4dfa2bc99ac94570176de16705984360ef1908031a30f5"},
    {2, CLFIT_SIGMOID, CLFIT_LM, "3d4ea06f014f1a7b2d09b17f423da1eef8c370550ac8897ff1e7552cfb1fe975"},
};

/* Multiples of 2^-12 and their squares: exact on every machine. */
static void make_samples(double *x, double *y)
{
  for (uint32_t i = 0; i < SAMPLES; i++) {
    x[i] = (double)(i * 37 % SAMPLES) / 64.0 - 0.5;
    y[i] = x[i] * x[i] - 0.25;
  }
}

static clfit_status train_anchor(const struct anchor *anchor, clfit_population *population, clfit_state *state,
                                 clfit_error *error)
{
  clfit_network network;
  clfit_network_default(&network);
  network.hidden = anchor->hidden;
  network.activation = anchor->activation;
  network.optimizer = anchor->optimizer;
  network.samples = SAMPLES;
  network.epochs = 3;
  const uint32_t data = 0;
  uint32_t slot;
  size_t running = 1;
  clfit_status status = clfit_state_init(state, &network, error);
  const clfit_state *taken = state;
  if (!status) status = clfit_population_take(population, 1, &taken, &data, &slot, error);
  clfit_state_clear(state);
  while (!status && running) status = clfit_population_advance(population, 0, &running, error);
  return status ? status : clfit_population_give(population, 1, &slot, state, error);
}

static clfit_status check_anchor(const struct anchor *anchor, clfit_population *population, clfit_error *error)
{
  char digest[CLFIT_DIGEST_SIZE];
  clfit_state state;
  clfit_status status = train_anchor(anchor, population, &state, error);
  if (status) return status;
  clfit_state_digest(&state, digest);
  clfit_state_clear(&state);
  if (!strcmp(digest, anchor->digest)) return CLFIT_OK;
  return clfit_fail(error, CLFIT_ERROR_INEXACT,
                    "the reference of this build is wrong: %u %s neurons trained with %s end with the digest %s, not "
                    "%s",
                    anchor->hidden, clfit_activation_name(anchor->activation), clfit_optimizer_name(anchor->optimizer),
                    digest, anchor->digest);
}

clfit_status clfit_anchors_check(clfit_error *error)
{
  double x[SAMPLES], y[SAMPLES];
  clfit_data *data = NULL;
  clfit_device *device = NULL;
  clfit_population *population = NULL;
  uint32_t index;
  make_samples(x, y);
  clfit_status status = clfit_data_create(SAMPLES, x, y, &data, error);
  if (!status) status = clfit_device_open("reference", &device, error);
  if (!status) status = clfit_population_create(device, NULL, &population, error);
  if (!status) status = clfit_population_add_data(population, data, &index, error);
  for (size_t i = 0; i < sizeof anchors / sizeof *anchors && !status; i++)
    status = check_anchor(&anchors[i], population, error);
  clfit_population_free(population);
  clfit_device_close(device);
  clfit_data_free(data);
  return status;
}
