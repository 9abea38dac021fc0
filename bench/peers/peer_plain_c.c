/* Plain C as a peer: bench/plain_c.c, network by network. */
#include "../plain_c.h"
#include "peer.h"

#ifdef PEER_LIBMVEC
#define EXP "libmvec"
#else
#define EXP "no libmvec"
#endif

typedef struct work {
  clfit_state *states;
  const clfit_data *data;
} work;

static void train_one(void *context, size_t i)
{
  const work *all = context;
  const clfit_network *network = &all->states[i].network;
  plain_c_train(network->hidden, (float)network->rate, network->epochs, network->samples, clfit_data_x_float(all->data),
                clfit_data_y_float(all->data), all->states[i].parameters);
}

static double train(size_t n, clfit_state *states, const clfit_data *data)
{
  return peer_train_each(n, train_one, &(work){states, data});
}

int main(void)
{
  return peer_serve(&(peer){.version = "GCC " __VERSION__,
                            .one = "-Ofast -march=native, " EXP,
                            .many = "-Ofast -march=native, " EXP ", one after another",
                            .device = "",
                            .train = train});
}
