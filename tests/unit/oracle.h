/*
 * Trainings through gradients as torch.optim defines them, in straight loops over samples and parameters: what the
 * reference is compared with. Included twice, with NUMBER double and with NUMBER float: the same loops in float32 say
 * how far rounding errors can take a training from float64.
 *
 * NAMED(name): the name of a function for this NUMBER.
 */

/* A training at hand; arrays [3 hidden + 1] in the order W1, B1, W2, B2. */
struct NAMED(oracle) {
  const clfit_network *network;
  NUMBER parameters[ORACLE_PARAMETERS], gradient[ORACLE_PARAMETERS];
  NUMBER moment[ORACLE_PARAMETERS], square[ORACLE_PARAMETERS];
  uint32_t steps; /* so far */
};

static NUMBER NAMED(activation)(clfit_activation activation, NUMBER z)
{
  if (activation == CLFIT_SIGMOID) return 1 / (1 + (NUMBER)exp(-z));
  if (activation == CLFIT_TANH) return (NUMBER)tanh(z);
  return z > 0 ? z : 0;
}

static NUMBER NAMED(slope)(clfit_activation activation, NUMBER a)
{
  if (activation == CLFIT_SIGMOID) return a * (1 - a);
  if (activation == CLFIT_TANH) return 1 - a * a;
  return a > 0;
}

/* Adds the gradient of 1/2 (z - y)^2. */
static void NAMED(add_sample)(struct NAMED(oracle) * at, NUMBER x, NUMBER y)
{
  const uint32_t hidden = at->network->hidden;
  const NUMBER *w1 = at->parameters, *b1 = w1 + hidden, *w2 = b1 + hidden;
  NUMBER a[ORACLE_PARAMETERS], z = w2[hidden];
  for (uint32_t j = 0; j < hidden; j++) {
    a[j] = NAMED(activation)(at->network->activation, w1[j] * x + b1[j]);
    z += w2[j] * a[j];
  }
  for (uint32_t j = 0; j < hidden; j++) {
    const NUMBER b = (z - y) * w2[j] * NAMED(slope)(at->network->activation, a[j]);
    at->gradient[j] += b * x;
    at->gradient[hidden + j] += b;
    at->gradient[2 * hidden + j] += (z - y) * a[j];
  }
  at->gradient[3 * hidden] += z - y;
}

/* Numbers of a configuration are float32 in a training. */
#define OF(name) ((NUMBER)(float)network->name)

static void NAMED(clip)(const clfit_network *network, size_t count, NUMBER *gradient)
{
  NUMBER norm = 0;
  for (size_t i = 0; i < count; i++) norm += gradient[i] * gradient[i];
  norm = (NUMBER)sqrt(norm);
  for (size_t i = 0; i < count && network->clip > 0 && norm > OF(clip); i++) gradient[i] *= OF(clip) / norm;
}

static void NAMED(adapt)(struct NAMED(oracle) * at, size_t i, NUMBER gradient, NUMBER rate)
{
  const clfit_network *network = at->network;
  const bool corrects = network->optimizer != CLFIT_RMSPROP;
  const NUMBER bias1 = corrects ? 1 - (NUMBER)pow((float)network->beta1, at->steps) : 1;
  const NUMBER bias2 = corrects ? 1 - (NUMBER)pow((float)network->beta2, at->steps) : 1;
  at->moment[i] = corrects ? OF(beta1) * at->moment[i] + (1 - OF(beta1)) * gradient : gradient;
  at->square[i] = OF(beta2) * at->square[i] + (1 - OF(beta2)) * gradient * gradient;
  at->parameters[i] -= rate / bias1 * at->moment[i] / ((NUMBER)sqrt(at->square[i] / bias2) + OF(eps));
}

/* The change of a parameter, from its gradient without decay. */
static void NAMED(change)(struct NAMED(oracle) * at, size_t i, NUMBER gradient, NUMBER rate)
{
  const clfit_network *network = at->network;
  const NUMBER decayed = gradient + OF(weight_decay) * at->parameters[i];
  switch (network->optimizer) {
  case CLFIT_SGD: at->parameters[i] -= rate * decayed; break;
  case CLFIT_MOMENTUM:
    at->moment[i] = OF(momentum) * at->moment[i] + decayed;
    at->parameters[i] -= rate * at->moment[i];
    break;
  case CLFIT_NESTEROV:
    at->moment[i] = OF(momentum) * at->moment[i] + decayed;
    at->parameters[i] -= rate * (decayed + OF(momentum) * at->moment[i]);
    break;
  case CLFIT_ADAMW:
    at->parameters[i] *= 1 - rate * OF(weight_decay);
    NAMED(adapt)(at, i, gradient, rate);
    break;
  default: NAMED(adapt)(at, i, decayed, rate); break;
  }
}

static void NAMED(take_step)(struct NAMED(oracle) * at, uint32_t size, NUMBER rate)
{
  const size_t count = clfit_parameter_count(at->network->hidden);
  at->steps++;
  for (size_t i = 0; i < count; i++) at->gradient[i] /= (NUMBER)size;
  NAMED(clip)(at->network, count, at->gradient);
  for (size_t i = 0; i < count; i++) NAMED(change)(at, i, at->gradient[i], rate);
  for (size_t i = 0; i < count; i++) at->gradient[i] = 0;
}

/* All epochs; factors: [epochs] of the rate; order(network, epoch, position): the sample at a position. */
static void NAMED(train)(const clfit_state *state, const float *x, const float *y, const double *factors,
                         uint32_t (*order)(const clfit_network *, uint32_t, uint32_t), struct NAMED(oracle) * at)
{
  const clfit_network *network = &state->network;
  const uint32_t batch = network->batch && network->batch < network->samples ? network->batch : network->samples;
  *at = (struct NAMED(oracle)){.network = network};
  for (size_t i = 0; i < clfit_parameter_count(network->hidden); i++) at->parameters[i] = state->parameters[i];
  for (uint32_t epoch = 0; epoch < network->epochs; epoch++)
    for (uint32_t first = 0; first < network->samples; first += batch) {
      const uint32_t size = first + batch < network->samples ? batch : network->samples - first;
      for (uint32_t i = first; i < first + size; i++) {
        const uint32_t sample = order(network, epoch, i);
        NAMED(add_sample)(at, x[sample], y[sample]);
      }
      NAMED(take_step)(at, size, OF(rate) * (NUMBER)factors[epoch]);
    }
}

#undef OF
#undef NAMED
#undef NUMBER
