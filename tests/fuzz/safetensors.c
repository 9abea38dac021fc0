/* Model files. One that is read can be written, and is then read again with the same parameters. */
#include "fuzz.h"

#include <sys/stat.h>

static void write_again(const clfit_model *model)
{
  clfit_error error;
  clfit_model again;
  char digests[2][CLFIT_DIGEST_SIZE];
  char *bytes = NULL;
  size_t size = 0;
  FILE *stream = open_memstream(&bytes, &size);
  FUZZ_EXPECT(stream);
  clfit_status status = clfit_model_write(model, stream, &error);
  FUZZ_EXPECT(fclose(stream) == 0);
  if (!status) {
    FUZZ_EXPECT(!clfit_model_load(fuzz_file((const uint8_t *)bytes, size), &again, &error));
    clfit_state_digest(&model->state, digests[0]);
    clfit_state_digest(&again.state, digests[1]);
    FUZZ_EXPECT(!strcmp(digests[0], digests[1]));
    clfit_model_clear(&again);
  }
  free(bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
  static const double x[] = {-1, 0, 0.5};
  clfit_error error;
  clfit_model model;
  float z[3];
  if (clfit_model_load(fuzz_file(bytes, size), &model, &error)) {
    FUZZ_EXPECT(!strchr(error.message, '\n'));
    return 0;
  }
  clfit_state_evaluate(&model.state, 3, x, z);
  write_again(&model);
  clfit_model_clear(&model);
  return 0;
}
