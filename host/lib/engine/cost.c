/* What the training of a network costs: for estimates and for how many networks are trained at once. */
#include "config/record.h"
#include "levenberg_marquardt.h"

static bool is_gradient(const clfit_network *network)
{
  return clfit_optimizer_get(network->optimizer)->trainer == TRAINER_GRADIENT;
}

/* A sample of least squares adds to P^2 / 2 values of the matrix. One such product is counted as an eighth of a neuron
 * update, which has about as many. */
double clfit_network_work(const clfit_network *network)
{
  const double parameters = (double)clfit_parameter_count(network->hidden);
  return is_gradient(network) ? network->hidden : parameters * parameters / 16;
}

size_t clfit_network_bytes(const clfit_network *network)
{
  if (is_gradient(network)) return clfit_record_count(network) * sizeof(float);
  return (LM_NORMAL(network->hidden) + LM_VECTORS(network->hidden)) * sizeof(double);
}
