/* How many samples of a network are held out. */
#include "clfit.h"

#include <assert.h>
#include <math.h>

uint32_t clfit_network_held_out(const clfit_network *network)
{
  if (!(network->holdout > 0) || network->samples < 2) return 0;
  const double most = network->samples - 1.0;
  return (uint32_t)fmin(fmax(floor(network->holdout * network->samples), 1), most);
}

uint32_t clfit_network_trained(const clfit_network *network)
{
  return network->samples - clfit_network_held_out(network);
}

/* held/samples, rounded, times samples may fall below held by a rounding error. */
void clfit_network_hold_out(clfit_network *network, uint32_t held)
{
  assert(held < network->samples);
  network->holdout = (double)held / network->samples;
  while (floor(network->holdout * network->samples) < held) network->holdout = nextafter(network->holdout, 1);
}
