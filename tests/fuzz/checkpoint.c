/* Checkpoints in a study. The first byte chooses the trainer. One that is read is written as it was. */
#include "study/run/checkpoint.h"
#include "fuzz.h"

static void write_again(const struct training_job *job, const clfit_state *state)
{
  const size_t size = checkpoint_size(job, state);
  unsigned char *bytes = malloc(size);
  clfit_error error;
  clfit_state again;
  struct training_job other = {.id = job->id};
  FUZZ_EXPECT(bytes);
  checkpoint_write(job, state, bytes);
  FUZZ_EXPECT(!clfit_state_init(&again, &state->network, &error));
  FUZZ_EXPECT(!checkpoint_read(&other, &again, size, bytes, &error));
  FUZZ_EXPECT(other.loss_count == job->loss_count && again.progress.epoch == state->progress.epoch);
  training_job_clear(&other);
  clfit_state_clear(&again);
  free(bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
  clfit_error error;
  clfit_network network;
  clfit_state state;
  struct training_job job = {.id = 7};
  if (size == 0) return 0;
  clfit_network_default(&network);
  network.hidden = 1 + bytes[0] / 2 % 5;
  network.samples = 50;
  if (bytes[0] % 2) network.optimizer = CLFIT_LM;
  FUZZ_EXPECT(!clfit_state_init(&state, &network, &error));
  if (!checkpoint_read(&job, &state, size - 1, bytes + 1, &error)) write_again(&job, &state);
  training_job_clear(&job);
  clfit_state_clear(&state);
  return 0;
}
