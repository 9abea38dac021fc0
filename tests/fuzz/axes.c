/* The points of an axis. The first byte chooses the field. What is read can be printed and read again. */
#include "study/plan/axes.h"
#include "fuzz.h"

#define PRINTED_MOST 4096 /* points; a million of them take long under the sanitizers */

static void read_again(const clfit_field *field, const struct axes *axes)
{
  clfit_error error;
  struct axes again = {.n = 0};
  const struct axis *axis = &axes->axis[0];
  char *text = axis_print(axis);
  FUZZ_EXPECT(text && !axes_add(&again, field, text, &error) && again.count == axes->count);
  for (uint64_t i = 0; i < axis->count; i += 1 + axis->count / 16)
    FUZZ_EXPECT(axis_value(axis, i) == axis_value(&again.axis[0], i));
  free(text);
  axes_clear(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
  clfit_error error;
  struct axes axes = {.n = 0};
  if (size == 0) return 0;
  const clfit_field *field = clfit_field_get(bytes[0] % clfit_field_count());
  char *text = fuzz_text(bytes + 1, size - 1);
  if (field->axis && !axes_add(&axes, field, text, &error) && axes.count <= PRINTED_MOST) read_again(field, &axes);
  axes_clear(&axes);
  free(text);
  return 0;
}
