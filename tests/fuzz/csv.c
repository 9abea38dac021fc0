/* Files of samples. The first byte chooses how the columns are named. */
#include "fuzz.h"

static const struct {
  const char *x, *y, *weight;
} choices[] = {{NULL, NULL, NULL}, {"x", "y", NULL}, {"1", "2", NULL}, {"2", "1", "3"}, {"x", "y", "w"}};
#define CHOICES (sizeof choices / sizeof *choices)

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
  clfit_error error;
  clfit_data *data = NULL;
  if (size == 0) return 0;
  const size_t choice = bytes[0] % (CHOICES + 1);
  const char *path = fuzz_file(bytes + 1, size - 1);
  clfit_status status = choice < CHOICES ? clfit_data_read_weighted(path, choices[choice].x, choices[choice].y,
                                                                    choices[choice].weight, &data, &error)
                                         : clfit_data_read_x(path, NULL, &data, &error);
  if (status) {
    FUZZ_EXPECT(!data && !strchr(error.message, '\n'));
    return 0;
  }
  char digest[CLFIT_DIGEST_SIZE];
  clfit_data_digest(data, clfit_data_count(data), digest);
  clfit_data_free(data);
  return 0;
}
