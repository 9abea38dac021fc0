/* Numbers, and the values of all fields. */
#include "fuzz.h"

#include <math.h>

static void parse(const char *text)
{
  char printed[CLFIT_NUMBER_SIZE];
  double value = 0, again = 0;
  uint32_t count;
  clfit_number_parse_count(text, &count);
  clfit_number_parse_real(text, &value);
  if (!clfit_number_parse(text, &value) || !isfinite(value)) return;
  clfit_number_print(printed, value);
  FUZZ_EXPECT(clfit_number_parse(printed, &again) && again == value && !signbit(again) == !signbit(value));
}

static void read_field(const clfit_field *field, const char *text)
{
  clfit_error error;
  clfit_network network, again;
  char printed[CLFIT_FIELD_TEXT_SIZE];
  clfit_network_default(&network);
  again = network;
  if (clfit_field_read(field, text, NULL, &network, &error)) return;
  clfit_field_print(field, &network, printed);
  FUZZ_EXPECT(!clfit_field_read(field, printed, NULL, &again, &error));
  FUZZ_EXPECT(clfit_field_value(field, &again) == clfit_field_value(field, &network));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
  char *text = fuzz_text(bytes, size);
  parse(text);
  for (size_t i = 0; i < clfit_field_count(); i++) read_field(clfit_field_get(i), text);
  free(text);
  return 0;
}
