#include "cli/predict/answers.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

clfit_status answers_open(struct answers *answers, size_t count, const double *x, bool spread, clfit_error *error)
{
  *answers = (struct answers){.count = count, .x = x};
  double **arrays[] = {&answers->z, &answers->deviation, &answers->low, &answers->high, &answers->next};
  size_t needed = spread ? sizeof arrays / sizeof *arrays : 1;
  for (size_t i = 0; i < needed; i++) {
    *arrays[i] = calloc(count, sizeof(double));
    if (!*arrays[i]) return clfit_fail_memory(error);
  }
  return CLFIT_OK;
}

void answers_close(struct answers *answers)
{
  free(answers->z);
  free(answers->deviation);
  free(answers->low);
  free(answers->high);
  free(answers->next);
  memset(answers, 0, sizeof *answers);
}

/* B. P. Welford, Note on a method for calculating corrected sums of squares and products, 1962: differences from the
 * mean so far do not cancel where all answers are large and alike. `deviation` holds the sum of squares until the end.
 * An answer that is not a number shows in all four. */
void answers_add(struct answers *answers, const clfit_state *state, const clfit_scaling *scaling)
{
  const double networks = ++answers->networks;
  clfit_state_predict(state, scaling, answers->count, answers->x, answers->next);
  for (size_t i = 0; i < answers->count; i++) {
    const double z = answers->next[i], difference = z - answers->z[i];
    answers->z[i] += difference / networks;
    answers->deviation[i] += difference * (z - answers->z[i]);
    if (networks == 1 || !(z >= answers->low[i])) answers->low[i] = z;
    if (networks == 1 || !(z <= answers->high[i])) answers->high[i] = z;
  }
}

void answers_end(struct answers *answers)
{
  for (size_t i = 0; i < answers->count; i++) answers->deviation[i] = sqrt(answers->deviation[i] / answers->networks);
}
