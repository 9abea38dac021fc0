/* Formulas. */
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
  static const double x[] = {-1, 0, 0.5};
  clfit_error error;
  clfit_target *target = NULL;
  double y[3];
  char *text = fuzz_text(bytes, size);
  if (!clfit_target_parse(text, &target, &error)) {
    clfit_target_evaluate(target, 3, x, y, &error);
    clfit_target_free(target);
  } else {
    FUZZ_EXPECT(!target && !strchr(error.message, '\n'));
  }
  free(text);
  return 0;
}
