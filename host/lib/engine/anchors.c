/* Trainings whose results are written down here: without them a reference that is wrong, and devices that are wrong in
 * the same way, would pass a verification. */
#include "base/error.h"
#include "engine/host_check.h"

#include <stdio.h>
#include <string.h>

#define SAMPLES 70u /* more than a loss block */

/* The fields of a network that have not their defaults, and its parameters after 3 epochs on the samples of
 * make_samples. */
static const struct anchor {
  struct {
    const char *name, *text;
  } fields[7]; /* up to the first without a name */
  const char *digest;
} anchors[] = {
    {{{"hidden", "5"}}, "50a5c8c20fbfa6b2c57aa347f9c302fd001ee509a823888234803391cd2c71cb"},
    {{{"hidden", "33"}, {"activation", "tanh"}}, "26dd7e4aff572f8e44dc458fbce0fb60725bb534e48dadca1fd3430a3fbb130e"},
    {{{"hidden", "8"}, {"activation", "relu"}}, "c15abac451cb0c1d8d3d5441a780b104ee83c4caa206566e49f298914b4ee005"},
    {{{"hidden", "3"}, {"activation", "tanh"}, {"optimizer", "lm"}},
     "47cd87b2ef918a1a3b4dfa2bc99ac94570176de16705984360ef1908031a30f5"},
    {{{"hidden", "2"}, {"optimizer", "lm"}}, "3d4ea06f014f1a7b2d09b17f423da1eef8c370550ac8897ff1e7552cfb1fe975"},
    {{{"hidden", "5"}, {"optimizer", "momentum"}, {"batch", "8"}, {"shuffle", "epoch"}, {"schedule", "cosine"}},
     "e2a7c5d24cd94486eef7805a74523aa4e501a7c65e87976c7fb8dca0d188e003"},
    {{{"hidden", "33"},
      {"activation", "gelu"},
      {"optimizer", "adamw"},
      {"batch", "16"},
      {"shuffle", "once"},
      {"weight_decay", "0.01"},
      {"clip", "0.05"}},
     "56cd2d08699d4e97d205f60dd7f5936c80dc6a9fbf0019498417003e71cc08b0"},
    {{{"hidden", "8"}, {"activation", "sine"}, {"optimizer", "rmsprop"}, {"batch", "0"}, {"rate", "0.01"}},
     "9995a43fc12784b0d3e34577ab2708ed7ab78383ac7fbbfe9d0419ab3df471cf"},
};

/* Multiples of 2^-12 and their squares: exact on every machine. */
static void make_samples(double *x, double *y)
{
  for (uint32_t i = 0; i < SAMPLES; i++) {
    x[i] = (double)(i * 37 % SAMPLES) / 64.0 - 0.5;
    y[i] = x[i] * x[i] - 0.25;
  }
}

static clfit_status plan_network(const struct anchor *anchor, clfit_network *network, clfit_error *error)
{
  const size_t most = sizeof anchor->fields / sizeof *anchor->fields;
  clfit_status status = CLFIT_OK;
  clfit_network_default(network);
  network->samples = SAMPLES;
  network->epochs = 3;
  for (size_t i = 0; i < most && anchor->fields[i].name && !status; i++)
    status = clfit_field_read(clfit_field_find(anchor->fields[i].name), anchor->fields[i].text, NULL, network, error);
  return status;
}

static clfit_status train_anchor(const struct anchor *anchor, clfit_population *population, clfit_state *state,
                                 clfit_error *error)
{
  clfit_network network;
  const uint32_t data = 0;
  uint32_t slot;
  size_t running = 1;
  clfit_status status = plan_network(anchor, &network, error);
  if (!status) status = clfit_state_init(state, &network, error);
  if (status) return status;
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
  char text[200] = "";
  for (size_t i = 0; i < sizeof anchor->fields / sizeof *anchor->fields && anchor->fields[i].name; i++)
    snprintf(text + strlen(text), sizeof text - strlen(text), "%s%s %s", i ? ", " : "", anchor->fields[i].name,
             anchor->fields[i].text);
  return clfit_fail(error, CLFIT_ERROR_INEXACT,
                    "the reference of this build is wrong: a network of %s is trained to the digest %s, not %s", text,
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
