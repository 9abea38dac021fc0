/* The results of a round as bytes: a digest of what it began with, and of each network its progress and parameters. All
 * numbers are little-endian. */
#include "base/digest.h"
#include "base/error.h"
#include "base/little_endian.h"
#include "search/search.h"

#include <stdlib.h>
#include <string.h>

#define DIGEST_BYTES   (CLFIT_DIGEST_SIZE - 1)
#define PROGRESS_BYTES 20 /* status, stop, epoch, loss high and low, 4 bytes each */

void clfit_round_digest(const struct batch *batch, char digest[CLFIT_DIGEST_SIZE])
{
  struct sha256_ctx hash;
  sha256_init(&hash);
  for (size_t i = 0; i < batch->count; i++) {
    const clfit_network *network = &batch->states[i].network;
    const uint32_t numbers[] = {network->hidden, network->samples, network->epochs, network->activation,
                                batch->groups[i]};
    unsigned char bytes[sizeof numbers];
    for (size_t k = 0; k < sizeof numbers / sizeof *numbers; k++)
      clfit_store_little_endian(bytes + 4 * k, numbers[k], 4);
    sha256_update(&hash, sizeof bytes, bytes);
    clfit_digest_floats(&hash, clfit_record_count(network), batch->states[i].parameters);
    const float *weights = clfit_data_weights_float(batch->data[i]);
    bool again = i > 0 && batch->data[i] == batch->data[i - 1];
    if (weights && !again) clfit_digest_floats(&hash, clfit_data_count(batch->data[i]), weights);
  }
  clfit_digest_finish(&hash, digest);
}

static size_t count_bytes(const struct batch *batch)
{
  size_t count = DIGEST_BYTES;
  for (size_t i = 0; i < batch->count; i++) count += PROGRESS_BYTES + 4 * clfit_record_count(&batch->states[i].network);
  return count;
}

static unsigned char *store_state(unsigned char *to, const clfit_state *state)
{
  const clfit_progress *at = &state->progress;
  const size_t count = clfit_record_count(&state->network);
  clfit_store_little_endian(to, (uint64_t)at->status, 4);
  clfit_store_little_endian(to + 4, (uint64_t)at->stopped_by, 4);
  clfit_store_little_endian(to + 8, at->epoch, 4);
  clfit_store_float(to + 12, at->last_loss_high);
  clfit_store_float(to + 16, at->last_loss_low);
  to += PROGRESS_BYTES;
  for (size_t i = 0; i < count; i++, to += 4) clfit_store_float(to, state->parameters[i]);
  return to;
}

clfit_status clfit_round_encode(const struct batch *batch, const char *digest, unsigned char **bytes, size_t *count,
                                clfit_error *error)
{
  *count = count_bytes(batch);
  *bytes = malloc(*count);
  if (!*bytes) return clfit_fail_memory(error);
  memcpy(*bytes, digest, DIGEST_BYTES);
  unsigned char *to = *bytes + DIGEST_BYTES;
  for (size_t i = 0; i < batch->count; i++) to = store_state(to, &batch->states[i]);
  return CLFIT_OK;
}

static float load_float(const unsigned char *from)
{
  const uint32_t pattern = (uint32_t)clfit_load_little_endian(from, 4);
  float value;
  memcpy(&value, &pattern, sizeof value);
  return value;
}

static const unsigned char *load_state(const unsigned char *from, clfit_state *state)
{
  clfit_progress *at = &state->progress;
  const size_t count = clfit_record_count(&state->network);
  *at = (clfit_progress){.status = (clfit_training)clfit_load_little_endian(from, 4),
                         .stopped_by = (clfit_stop)clfit_load_little_endian(from + 4, 4),
                         .epoch = (uint32_t)clfit_load_little_endian(from + 8, 4),
                         .last_loss_high = load_float(from + 12),
                         .last_loss_low = load_float(from + 16)};
  from += PROGRESS_BYTES;
  for (size_t i = 0; i < count; i++, from += 4) state->parameters[i] = load_float(from);
  return from;
}

/* Whether what was loaded can be the end of a training. */
static bool is_plausible(const clfit_state *state)
{
  const clfit_progress *at = &state->progress;
  return (unsigned)at->status <= CLFIT_TRAINING_DIVERGED && clfit_stop_name(at->stopped_by) &&
         at->epoch <= state->network.epochs;
}

clfit_status clfit_round_decode(struct batch *batch, const char *digest, const unsigned char *bytes, size_t count,
                                clfit_error *error)
{
  bool right = count == count_bytes(batch) && memcmp(bytes, digest, DIGEST_BYTES) == 0;
  const unsigned char *from = bytes + DIGEST_BYTES;
  for (size_t i = 0; right && i < batch->count; i++) {
    from = load_state(from, &batch->states[i]);
    right = is_plausible(&batch->states[i]);
  }
  if (right) return CLFIT_OK;
  return clfit_fail(error, CLFIT_ERROR_FORMAT, "a stored round of the search is damaged or of another search");
}
