/*
 * FANN as a peer: its incremental training, network by network.
 *
 * Set up like this it does the same training: its sigmoid is 1/(1 + exp(-2 steepness z)), its linear error function the
 * plain difference, its step rate * error * slope without momentum. One thing cannot be switched off: a sigmoid's slope
 * is that of its value clipped to 0.01 .. 0.99, another one where |z| > 4.6. The weights stay below that while they are
 * compared.
 */
#include "peer.h"

#include <fann.h>
#include <stdlib.h>

typedef struct work {
  struct fann **nets;
  float *x, *y; /* fann_train takes pointers to what it does not change */
  const clfit_network *network;
} work;

/* FANN keeps for each hidden neuron W1, B1, and then for the output all W2, B2. */
static void load_weights(struct fann *net, uint32_t hidden, const float *parameters)
{
  for (uint32_t j = 0; j < hidden; j++) {
    net->weights[2 * j] = parameters[j];
    net->weights[2 * j + 1] = parameters[hidden + j];
    net->weights[2 * hidden + j] = parameters[2 * hidden + j];
  }
  net->weights[3 * hidden] = parameters[3 * hidden];
}

static void store_weights(const struct fann *net, uint32_t hidden, float *parameters)
{
  for (uint32_t j = 0; j < hidden; j++) {
    parameters[j] = net->weights[2 * j];
    parameters[hidden + j] = net->weights[2 * j + 1];
    parameters[2 * hidden + j] = net->weights[2 * hidden + j];
  }
  parameters[3 * hidden] = net->weights[3 * hidden];
}

static struct fann *make_net(const clfit_state *state)
{
  struct fann *net = fann_create_standard(3, 1u, state->network.hidden, 1u);
  if (!net) exit(3);
  fann_set_training_algorithm(net, FANN_TRAIN_INCREMENTAL);
  fann_set_train_error_function(net, FANN_ERRORFUNC_LINEAR);
  fann_set_activation_function_hidden(net, FANN_SIGMOID);
  fann_set_activation_function_output(net, FANN_LINEAR);
  fann_set_activation_steepness_hidden(net, 0.5f);
  fann_set_activation_steepness_output(net, 1.0f);
  fann_set_learning_rate(net, (float)state->network.rate);
  fann_set_learning_momentum(net, 0.0f);
  load_weights(net, state->network.hidden, state->parameters);
  return net;
}

static void train_one(void *context, size_t k)
{
  const work *all = context;
  for (uint32_t epoch = 0; epoch < all->network->epochs; epoch++)
    for (uint32_t i = 0; i < all->network->samples; i++) fann_train(all->nets[k], &all->x[i], &all->y[i]);
}

static double train(size_t n, clfit_state *states, const clfit_data *data)
{
  struct fann **nets = malloc(n * sizeof(struct fann *));
  if (!nets) exit(3);
  for (size_t k = 0; k < n; k++) nets[k] = make_net(&states[k]);
  work all = {nets, (float *)clfit_data_x_float(data), (float *)clfit_data_y_float(data), &states[0].network};
  double seconds = peer_train_each(n, train_one, &all);
  for (size_t k = 0; k < n; k++) {
    store_weights(nets[k], states[k].network.hidden, states[k].parameters);
    fann_destroy(nets[k]);
  }
  free(nets);
  return seconds;
}

int main(void)
{
  return peer_serve(&(peer){.version = PEER_FANN_VERSION,
                            .one = "fann_train",
                            .many = "fann_train, one after another",
                            .device = "",
                            .train = train});
}
