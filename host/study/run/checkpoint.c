/*
 * A checkpoint, little-endian: mark and version (4-byte integers), progress (status, epoch, sample as 4-byte integers,
 * five float32 losses), seconds (float64), number of losses (4 bytes), the losses (float64), the network's record
 * (float32, all that clfit_record_count counts) and, of a training by least squares under way, its float64 values (all
 * that clfit_precise_count counts).
 */
#include "study/run/checkpoint.h"

#include "study/base/bytes.h"
#include "study/base/fail.h"
#include "study/store/store.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define CHECKPOINT_MARK    0x54504B43u /* "CKPT" */
#define CHECKPOINT_VERSION 1u

#define MARK_SIZE (2 * 4)
#define HEAD_SIZE (8 * 4 + 8 + 4)

/* Float64 values of a network with that progress. */
static size_t precise_count(const clfit_network *network, const clfit_progress *at)
{
  return at->status == CLFIT_TRAINING_RUNNING && at->epoch > 0 ? clfit_precise_count(network) : 0;
}

size_t checkpoint_size(const struct training_job *job, const clfit_state *state)
{
  return MARK_SIZE + HEAD_SIZE + 8 * (size_t)job->loss_count + 4 * clfit_record_count(&state->network) +
         8 * precise_count(&state->network, &state->progress);
}

void checkpoint_write(const struct training_job *job, const clfit_state *state, unsigned char *bytes)
{
  const clfit_progress *at = &state->progress;
  const float losses[] = {at->block_loss, at->loss_high, at->loss_low, at->last_loss_high, at->last_loss_low};
  const size_t values = clfit_record_count(&state->network), precise = precise_count(&state->network, at);
  bytes_put_32(bytes, CHECKPOINT_MARK);
  bytes_put_32(bytes + 4, CHECKPOINT_VERSION);
  bytes += MARK_SIZE;
  bytes_put_32(bytes, (uint32_t)at->status);
  bytes_put_32(bytes + 4, at->epoch);
  bytes_put_32(bytes + 8, at->sample);
  for (size_t i = 0; i < 5; i++) bytes_put_float(bytes + 12 + 4 * i, losses[i]);
  bytes_put_double(bytes + 32, job->seconds);
  bytes_put_32(bytes + 40, job->loss_count);
  bytes += HEAD_SIZE;
  for (uint32_t i = 0; i < job->loss_count; i++, bytes += 8) bytes_put_double(bytes, job->losses[i]);
  for (size_t i = 0; i < values; i++, bytes += 4) bytes_put_float(bytes, state->parameters[i]);
  for (size_t i = 0; i < precise; i++, bytes += 8) bytes_put_double(bytes, state->precise[i]);
}

static clfit_status refuse_checkpoint(const struct training_job *job, clfit_error *error)
{
  return clfit_fail(error, CLFIT_ERROR_FORMAT, "the checkpoint of network %llu is damaged",
                    (unsigned long long)job->id);
}

/* Skips mark and version. Checkpoints of clfit 0.1.0 have neither; they begin with the status, which is at most 3. */
static clfit_status read_mark(const struct training_job *job, size_t *size, const unsigned char **bytes,
                              clfit_error *error)
{
  if (*size < MARK_SIZE || bytes_get_32(*bytes) != CHECKPOINT_MARK) return CLFIT_OK;
  const uint32_t version = bytes_get_32(*bytes + 4);
  if (version != CHECKPOINT_VERSION)
    return clfit_fail(error, CLFIT_ERROR_FORMAT,
                      "the checkpoint of network %llu has version %lu; this clfit reads up to %u",
                      (unsigned long long)job->id, (unsigned long)version, CHECKPOINT_VERSION);
  *bytes += MARK_SIZE;
  *size -= MARK_SIZE;
  return CLFIT_OK;
}

static clfit_progress read_progress(const unsigned char *bytes)
{
  return (clfit_progress){.status = (clfit_training)bytes_get_32(bytes),
                          .epoch = bytes_get_32(bytes + 4),
                          .sample = bytes_get_32(bytes + 8),
                          .block_loss = bytes_get_float(bytes + 12),
                          .loss_high = bytes_get_float(bytes + 16),
                          .loss_low = bytes_get_float(bytes + 20),
                          .last_loss_high = bytes_get_float(bytes + 24),
                          .last_loss_low = bytes_get_float(bytes + 28)};
}

static clfit_status read_precise(clfit_state *state, const unsigned char *bytes, clfit_error *error)
{
  const size_t count = precise_count(&state->network, &state->progress);
  if (count == 0) return CLFIT_OK;
  state->precise = malloc(count * sizeof *state->precise);
  if (!state->precise) return clfit_fail_memory(error);
  for (size_t i = 0; i < count; i++, bytes += 8) state->precise[i] = bytes_get_double(bytes);
  return CLFIT_OK;
}

clfit_status checkpoint_read(struct training_job *job, clfit_state *state, size_t size, const unsigned char *bytes,
                             clfit_error *error)
{
  uint32_t epochs[CLFIT_MILESTONES_MAX];
  const size_t values = clfit_record_count(&state->network);
  clfit_status status = read_mark(job, &size, &bytes, error);
  if (status) return status;
  if (size < HEAD_SIZE) return refuse_checkpoint(job, error);
  clfit_progress progress = read_progress(bytes);
  const uint32_t losses = bytes_get_32(bytes + 40);
  const double seconds = bytes_get_double(bytes + 32);
  if (!isfinite(seconds) || seconds < 0 || progress.status > CLFIT_TRAINING_DIVERGED ||
      progress.epoch > state->network.epochs || progress.sample >= clfit_network_trained(&state->network) ||
      losses != store_milestones(progress.epoch, epochs) ||
      size != HEAD_SIZE + 8 * (size_t)losses + 4 * values + 8 * precise_count(&state->network, &progress))
    return refuse_checkpoint(job, error);
  state->progress = progress;
  job->seconds = seconds;
  job->steps = clfit_progress_steps(&progress, clfit_network_trained(&state->network));
  job->losses = malloc(CLFIT_MILESTONES_MAX * sizeof *job->losses);
  if (!job->losses) return clfit_fail_memory(error);
  job->loss_count = losses;
  bytes += HEAD_SIZE;
  for (uint32_t i = 0; i < losses; i++, bytes += 8) job->losses[i] = bytes_get_double(bytes);
  for (size_t i = 0; i < values; i++, bytes += 4) state->parameters[i] = bytes_get_float(bytes);
  return read_precise(state, bytes, error);
}

clfit_status training_job_add_losses(struct training_job *job, const clfit_milestones *milestones, clfit_error *error)
{
  if (milestones->count == 0) return CLFIT_OK;
  if (!job->losses) job->losses = malloc(CLFIT_MILESTONES_MAX * sizeof *job->losses);
  if (!job->losses) return clfit_fail_memory(error);
  memcpy(job->losses + job->loss_count, milestones->losses, milestones->count * sizeof *job->losses);
  job->loss_count += milestones->count;
  return CLFIT_OK;
}

void training_job_clear(struct training_job *job)
{
  free(job->losses);
  job->losses = NULL;
}
