#include "engine/lm_record.h"

#include "base/strict.h"
#include "engine/round_network.h"
#include "levenberg_marquardt.h"

void clfit_lm_begin(uint32_t hidden, const float *record, const double *precise, const struct lm_values *to)
{
  const size_t count = LM_PARAMETERS(hidden);
  for (size_t i = 0; i < count; i++) {
    to->value[i] = precise ? precise[i] : (double)record[i];
    to->base[i] = precise ? precise[count + i] : (double)record[i];
    to->diagonal[i] = precise ? precise[2 * count + i] : 0.0;
  }
  *to->damping = precise ? precise[3 * count] : LM_DAMPING_FIRST;
  *to->projection = precise ? precise[3 * count + 1] : LM_DAMPING_FIRST;
  *to->small = precise ? precise[3 * count + 2] : 0.0;
}

void clfit_lm_give(uint32_t hidden, const struct lm_values *from, double *precise)
{
  const size_t count = LM_PARAMETERS(hidden);
  for (size_t i = 0; i < count; i++) {
    precise[i] = from->value[i];
    precise[count + i] = from->base[i];
    precise[2 * count + i] = from->diagonal[i];
  }
  precise[3 * count] = *from->damping;
  precise[3 * count + 1] = *from->projection;
  precise[3 * count + 2] = *from->small;
}

clfit_status clfit_lm_end(const struct network_task *task, clfit_activation activation,
                          const struct weighted_samples *samples, const struct network_progress *progress, bool pauses,
                          const double *value, float *record, clfit_error *error)
{
  if (progress->status == CLFIT_STOPPED || (progress->status == CLFIT_DONE && !pauses))
    return clfit_round_network(task, activation, samples, value, record, error);
  for (size_t i = 0; i < LM_PARAMETERS(task->hidden); i++) record[i] = (float)value[i];
  return CLFIT_OK;
}
