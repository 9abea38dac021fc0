/* Samples as bytes, as studies keep them. Those that are read are written, and read again, as they are. */
#include "fuzz.h"

static void pack(const clfit_data *data, unsigned char **bytes, size_t *size)
{
  clfit_error error;
  FUZZ_EXPECT(!clfit_data_pack(data, bytes, size, &error));
}

static void expect_the_same(clfit_data *data, size_t read)
{
  unsigned char *once, *twice;
  size_t size, again;
  clfit_data *other;
  clfit_error error;
  char digest[CLFIT_DIGEST_SIZE], other_digest[CLFIT_DIGEST_SIZE];
  pack(data, &once, &size);
  FUZZ_EXPECT(size == read && !clfit_data_unpack(once, size, &other, &error));
  pack(other, &twice, &again);
  FUZZ_EXPECT(again == size && !memcmp(once, twice, size));
  clfit_data_digest(data, clfit_data_count(data), digest);
  clfit_data_digest(other, clfit_data_count(other), other_digest);
  FUZZ_EXPECT(!strcmp(digest, other_digest));
  clfit_data_free(other);
  clfit_free(once);
  clfit_free(twice);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
  clfit_data *data;
  clfit_error error;
  if (clfit_data_unpack(bytes, size, &data, &error)) {
    FUZZ_EXPECT(!data);
    return 0;
  }
  expect_the_same(data, size);
  clfit_data_free(data);
  return 0;
}
