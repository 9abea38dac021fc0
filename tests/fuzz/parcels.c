/* Messages between the ranks of a sweep, as both ends read them; mpi/mpi.h stands for MPI. The first byte chooses the
 * end: rank 0, which gets requests, or another rank, which gets replies. A message is a tag (one byte), its size (two
 * bytes, little-endian) and its bytes. */
#include "fuzz.h"
#include "mpi/mpi.h"
#include "study/run/ranks.h"
#include "study/run/worker.h"

int LLVMFuzzerInitialize(int *count, char ***arguments);

#define TAG_BYE 5 /* the last of enum request in study/mpi/channel.h */

static struct {
  const uint8_t *bytes;
  size_t size;
  bool serves;
} input;

static FILE *seed; /* if seeds are being made: what is sent goes there */

/* ---- MPI --------------------------------------------------------------------------------------------------------- */

static struct {
  int tag, size;
  const uint8_t *bytes;
} message;

/* At the end of the input rank 0 is told that the other has ended; another rank gets messages of no bytes. */
int MPI_Iprobe(int source, int tag, MPI_Comm comm, int *found, MPI_Status *status)
{
  (void)source, (void)tag, (void)comm;
  message.tag = TAG_BYE;
  message.size = 0;
  if (input.size >= 3) {
    message.tag = input.bytes[0] % (TAG_BYE + 1);
    message.size = input.bytes[1] + 256 * input.bytes[2];
    message.bytes = input.bytes + 3;
    input.bytes += 3, input.size -= 3;
    if ((size_t)message.size > input.size) message.size = (int)input.size;
    input.bytes += message.size, input.size -= (size_t)message.size;
  }
  *found = 1;
  *status = (MPI_Status){.MPI_SOURCE = input.serves ? 1 : 0, .MPI_TAG = message.tag, .size = message.size};
  return MPI_SUCCESS;
}

int MPI_Get_count(const MPI_Status *status, MPI_Datatype type, int *count)
{
  (void)type;
  *count = status->size;
  return MPI_SUCCESS;
}

int MPI_Recv(void *to, int count, MPI_Datatype type, int source, int tag, MPI_Comm comm, MPI_Status *status)
{
  (void)type, (void)source, (void)comm, (void)status;
  FUZZ_EXPECT(count == message.size && tag == message.tag);
  if (count) memcpy(to, message.bytes, (size_t)count);
  return MPI_SUCCESS;
}

int MPI_Send(const void *bytes, int count, MPI_Datatype type, int rank, int tag, MPI_Comm comm)
{
  (void)type, (void)rank, (void)comm;
  FUZZ_EXPECT(count >= 0);
  if (!seed) return MPI_SUCCESS;
  const unsigned char head[] = {(unsigned char)tag, (unsigned char)count, (unsigned char)(count >> 8)};
  fwrite(head, 1, sizeof head, seed);
  fwrite(bytes, 1, (size_t)count, seed);
  return MPI_SUCCESS;
}

int MPI_Abort(MPI_Comm comm, int code)
{
  (void)comm, (void)code;
  abort();
}

const struct ranks *ranks_get(void)
{
  static const struct ranks server = {0, 2, 0}, other = {1, 2, 0};
  return input.serves ? &server : &other;
}

/* ---- rank 0: what a coordinator may count on -------------------------------------------------------------------- */

static clfit_status next(struct coordinator *coordinator, size_t most, struct job *jobs, size_t *count, bool *over,
                         clfit_error *error)
{
  (void)coordinator, (void)error;
  FUZZ_EXPECT(most <= JOBS_MAX);
  *count = most < 2 ? most : 2;
  *over = false;
  for (size_t i = 0; i < *count; i++) {
    jobs[i] = (struct job){.id = i, .epochs = 1, .size = i, .checkpoint = i ? calloc(1, i) : NULL};
    clfit_network_default(&jobs[i].configuration);
  }
  return CLFIT_OK;
}

static clfit_status check_states(struct coordinator *coordinator, size_t n, const struct training_job *jobs,
                                 const clfit_state *states, clfit_error *error)
{
  (void)coordinator, (void)error;
  char digest[CLFIT_DIGEST_SIZE];
  for (size_t i = 0; i < n; i++) {
    const size_t size = checkpoint_size(&jobs[i], &states[i]);
    unsigned char *bytes = malloc(size);
    FUZZ_EXPECT(bytes && !clfit_network_check(&states[i].network, NULL));
    checkpoint_write(&jobs[i], &states[i], bytes);
    clfit_state_digest(&states[i], digest);
    free(bytes);
  }
  return CLFIT_OK;
}

static clfit_status add(struct coordinator *coordinator, size_t n, const struct study_row *rows,
                        const struct training_job *jobs, const clfit_state *states, clfit_error *error)
{
  for (size_t i = 0; i < n; i++) {
    FUZZ_EXPECT(rows[i].history_count <= STORE_HISTORY_MAX && strlen(rows[i].digest) < CLFIT_DIGEST_SIZE);
    FUZZ_EXPECT(rows[i].status <= CLFIT_TRAINING_DIVERGED && (rows[i].drawn || !rows[i].drawn));
  }
  return check_states(coordinator, n, jobs, states, error);
}

static clfit_status report(struct coordinator *coordinator, double work, double steps, int64_t running, bool *stop,
                           clfit_error *error)
{
  (void)coordinator, (void)work, (void)steps, (void)running, (void)error;
  *stop = false;
  return CLFIT_OK;
}

void coordinator_stop(struct coordinator *coordinator)
{
  (void)coordinator;
}

/* ---- another rank: a worker that asks for everything ------------------------------------------------------------- */

static clfit_status ask_for_jobs(struct coordinator *coordinator, clfit_error *error)
{
  struct job jobs[3];
  size_t count = 0;
  bool over = false;
  clfit_status status = coordinator->next(coordinator, 3, jobs, &count, &over, error);
  for (size_t i = 0; !status && i < count; i++) {
    clfit_state state;
    struct training_job job = {.id = jobs[i].id};
    FUZZ_EXPECT(!clfit_state_init(&state, &jobs[i].configuration, error));
    if (jobs[i].checkpoint && !checkpoint_read(&job, &state, jobs[i].size, jobs[i].checkpoint, error))
      coordinator->checkpoint(coordinator, 1, &job, &state, error);
    training_job_clear(&job);
    clfit_state_clear(&state);
    free(jobs[i].checkpoint);
  }
  return status;
}

/* One of each request. */
static void send_all(struct coordinator *coordinator, clfit_error *error)
{
  struct study_row row = {.id = 1, .status = CLFIT_TRAINING_DONE, .history_count = 1};
  struct training_job job = {.id = 1, .epochs = 1, .steps = 1};
  struct job jobs[2];
  clfit_state state;
  size_t count;
  bool flag;
  clfit_network_default(&job.configuration);
  job.configuration.hidden = 1;
  row.configuration = job.configuration;
  FUZZ_EXPECT(!clfit_state_init(&state, &job.configuration, error));
  coordinator->next(coordinator, 2, jobs, &count, &flag, error);
  coordinator->add(coordinator, 1, &row, &job, &state, error);
  coordinator->checkpoint(coordinator, 1, &job, &state, error);
  coordinator->report(coordinator, 1, 2, 0, &flag, error);
  clfit_state_clear(&state);
}

clfit_status worker_run(const struct sweep *sweep, struct coordinator *coordinator, clfit_device *device,
                        clfit_error *error)
{
  (void)sweep, (void)device;
  clfit_status status = CLFIT_OK;
  if (seed) send_all(coordinator, error);
  while (!status && input.size > 0) {
    bool stop = false;
    status = ask_for_jobs(coordinator, error);
    if (!status) status = coordinator->report(coordinator, 1, 2, 0, &stop, error);
  }
  return status;
}

/* ---- the target -------------------------------------------------------------------------------------------------- */

static void take_part(bool serves, const uint8_t *bytes, size_t size)
{
  static clfit_error error;
  clfit_device *none[1] = {NULL};
  const struct sweep sweep = {.devices = none, .device_count = 1, .checkpoints = true};
  struct coordinator coordinator = {true, 2, next, add, check_states, report};
  input.serves = serves;
  input.bytes = bytes;
  input.size = size;
  if (serves)
    ranks_serve(&coordinator, &error);
  else
    ranks_work(&sweep, &error);
}

/* What one end sends to these bytes is a seed for the other. */
static void make_seed(const char *folder, bool serves, const uint8_t *bytes, size_t size)
{
  char path[1000];
  snprintf(path, sizeof path, "%s/%s", folder, serves ? "replies" : "requests");
  seed = fopen(path, "wb");
  FUZZ_EXPECT(seed);
  fputc(!serves, seed);
  take_part(serves, bytes, size);
  FUZZ_EXPECT(fclose(seed) == 0);
  seed = NULL;
}

/* CLFIT_SEEDS=FOLDER: writes seeds there, which hold structs as they are in memory, so that none can be committed. */
int LLVMFuzzerInitialize(int *count, char ***arguments)
{
  static const uint8_t requests[] = {0, 8, 0, 2, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0}; /* next (2 at most), report */
  const char *folder = getenv("CLFIT_SEEDS");
  (void)count, (void)arguments;
  if (!folder) return 0;
  make_seed(folder, false, NULL, 0);
  make_seed(folder, true, requests, sizeof requests);
  return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
  if (size > 0) take_part(bytes[0] % 2, bytes + 1, size - 1);
  return 0;
}
