/* The study's file: what is written is there, locks, transactions, what is refused; checkpoints. */
#include "expect.h"
#include "scratch.h"
#include "study/run/checkpoint.h"
#include "study/store/read.h"
#include "study/store/rungs.h"

#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>

TestSuite(store, .init = scratch_make, .fini = scratch_remove);

static const char *const keys[] = {"count", "data", "keep"};
static char *const values[] = {"12", NULL, "best:3"};

static struct store *make_store(const char *path)
{
  struct store *store;
  bool fresh;
  EXPECT_OK(store_open(path, &store, &fresh, &error));
  cr_assert(fresh);
  EXPECT_OK(store_define(store, 3, keys, values, NULL, &error));
  return store;
}

static struct study_row make_row(uint64_t id)
{
  struct study_row row;
  memset(&row, 0xa5, sizeof row);
  row.id = id;
  clfit_network_default(&row.configuration);
  row.configuration.sample_seed = 7;
  row.drawn = true;
  row.status = CLFIT_TRAINING_DONE;
  row.best_epoch = 17;
  row.steps = 1000000;
  row.train_loss = 0.1 + 0.2;
  row.test = (clfit_figures){1, 0.125, 0.5, 3, -1};
  row.fit = (clfit_figures){NAN, NAN, NAN, NAN, NAN};
  strcpy(row.digest, "ab");
  row.seconds = 0.5;
  row.history_count = 2;
  row.history[0] = 1;
  row.history[1] = NAN;
  return row;
}

static void expect_text(struct store *store, const char *query, const char *wanted)
{
  sqlite3_stmt *statement;
  cr_assert_eq(sqlite3_prepare_v2(store_handle(store), query, -1, &statement, NULL), SQLITE_OK, "%s: %s", query,
               sqlite3_errmsg(store_handle(store)));
  cr_assert_eq(sqlite3_step(statement), SQLITE_ROW, "%s", query);
  const char *got = (const char *)sqlite3_column_text(statement, 0);
  cr_assert(wanted ? got && strcmp(got, wanted) == 0 : !got, "%s gives %s", query, got ? got : "NULL");
  sqlite3_finalize(statement);
}

Test(store, rows)
{
  struct store *store = make_store(scratch_path("study"));
  struct study_row row = make_row(3);
  EXPECT_OK(store_begin(store, &error));
  EXPECT_OK(store_add(store, &row, &error));
  row.id = 4;
  row.status = CLFIT_TRAINING_DIVERGED;
  row.diverged_epoch = 2;
  row.digest[0] = '\0';
  row.best_epoch = 0;
  row.drawn = false;
  row.test.mse = INFINITY;
  EXPECT_OK(store_add(store, &row, &error));
  EXPECT_OK(store_commit(store, &error));
  store_close(store);
  EXPECT_OK(store_open_reading(scratch_path("study"), &store, &error));
  expect_text(store, "SELECT count(*) FROM networks", "2");
  expect_text(store,
              "SELECT hidden||','||samples||','||epochs||','||activation||','||seed||','||sample_seed FROM results "
              "WHERE id = 3",
              "128,1000,1000,sigmoid,2,7");
  expect_text(store, "SELECT train_loss = 0.1 + 0.2 AND train_loss <> 0.3 FROM results WHERE id = 3", "1");
  expect_text(store, "SELECT steps_per_second FROM results WHERE id = 3", "2000000.0");
  expect_text(store, "SELECT test_mse||','||test_rmse||','||test_max_error||','||test_r2 FROM networks WHERE id = 3",
              "0.125,0.5,3.0,-1.0");
  expect_text(store, "SELECT hex(history) FROM networks WHERE id = 3", "000000000000F03F000000000000F87F");
  expect_text(store, "SELECT fit_rss FROM networks WHERE id = 3", NULL);
  expect_text(store, "SELECT diverged_epoch FROM networks WHERE id = 3", NULL);
  expect_text(store, "SELECT status||diverged_epoch FROM results WHERE id = 4", "diverged2");
  expect_text(store, "SELECT best_epoch FROM results WHERE id = 3", "17");
  expect_text(store, "SELECT best_epoch FROM results WHERE id = 4", NULL);
  expect_text(store, "SELECT digest FROM networks WHERE id = 4", NULL);
  expect_text(store, "SELECT sample_seed FROM networks WHERE id = 4", NULL);
  expect_text(store, "SELECT test_mse FROM networks WHERE id = 4", NULL);
  expect_text(store,
              "SELECT count(*) FROM pragma_table_list WHERE strict AND name IN ('meta', 'networks', 'parameters', "
              "'checkpoints')",
              "4");
  expect_text(store, "PRAGMA user_version", "1");
  expect_text(store, "PRAGMA application_id", "1668048500"); /* "clft" */
  store_close(store);
}

/* Only who says so replaces a row. */
Test(store, rows_come_once)
{
  struct store *store = make_store(NULL);
  struct study_row row = make_row(3);
  EXPECT_OK(store_add(store, &row, &error));
  row.steps = 7;
  EXPECT_ERROR(store_add(store, &row, &error), CLFIT_ERROR_FILE, "UNIQUE");
  EXPECT_OK(store_replace(store, &row, &error));
  expect_text(store, "SELECT group_concat(id || ',' || steps) FROM networks", "3,7");
  store_close(store);
}

Test(store, meta)
{
  struct store *store = make_store(scratch_path("study"));
  char *value;
  EXPECT_OK(store_read_meta(store, "keep", &value, &error));
  cr_assert_str_eq(value, "best:3");
  free(value);
  EXPECT_OK(store_read_meta(store, "data", &value, &error));
  cr_assert_null(value);
  store_close(store);
}

/* The view results joins the rows of a preset to each network, so there must be no others. */
Test(store, preset)
{
  static const char *const changes[] = {
      "INSERT INTO preset_rows SELECT row + 100, hidden, samples, epochs, rate, rating "
      "FROM preset_rows WHERE row = 0",
      "DELETE FROM preset_rows WHERE row = 3", "UPDATE preset_rows SET hidden = 128"};
  static const char *const preset_keys[] = {"preset"};
  static char *const preset_values[] = {"tuning-study"};
  struct store *store;
  bool fresh;
  for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
    EXPECT_OK(store_open(scratch_path("study"), &store, &fresh, &error));
    EXPECT_OK(store_define(store, 1, preset_keys, preset_values, NULL, &error));
    store_close(store);
    EXPECT_OK(store_open(scratch_path("study"), &store, &fresh, &error));
    EXPECT_OK(store_run(store, changes[i], &error));
    store_close(store);
    EXPECT_ERROR(store_open_reading(scratch_path("study"), &store, &error), CLFIT_ERROR_FORMAT,
                 "the rows of its preset tuning-study are others");
    EXPECT_ERROR(store_open(scratch_path("study"), &store, &fresh, &error), CLFIT_ERROR_FORMAT,
                 "the rows of its preset tuning-study are others");
    remove(scratch_path("study"));
  }
}

Test(store, one_of_its_own)
{
  struct store *store = make_store(NULL);
  struct study_row row = make_row(0);
  EXPECT_OK(store_begin(store, &error));
  EXPECT_OK(store_add(store, &row, &error));
  EXPECT_OK(store_commit(store, &error));
  expect_text(store, "SELECT count(*) FROM results", "1");
  store_close(store);
  cr_assert_eq(scratch_count(), 0);
}

Test(store, nothing_half_done)
{
  struct store *store = make_store(scratch_path("study"));
  struct study_row row = make_row(1);
  EXPECT_OK(store_begin(store, &error));
  EXPECT_OK(store_add(store, &row, &error));
  store_close(store);
  bool fresh;
  EXPECT_OK(store_open(scratch_path("study"), &store, &fresh, &error));
  cr_assert(!fresh);
  expect_text(store, "SELECT count(*) FROM networks", "0");
  store_close(store);
  cr_assert_eq(scratch_count(), 1, "something is left beside the study");
}

Test(store, second_writer)
{
  struct store *store = make_store(scratch_path("study")), *other;
  bool fresh;
  symlink("study", scratch_path("link"));
  EXPECT_ERROR(store_open(scratch_path("study"), &other, &fresh, &error), CLFIT_ERROR_FILE,
               "is being written by another clfit");
  EXPECT_ERROR(store_open(scratch_path("link"), &other, &fresh, &error), CLFIT_ERROR_FILE,
               "is being written by another");
  EXPECT_OK(store_open_reading(scratch_path("study"), &other, &error)); /* readers may */
  expect_text(other, "SELECT count(*) FROM networks", "0");
  struct study_row row = make_row(1);
  EXPECT_OK(store_begin(store, &error)); /* and are in nobody's way */
  EXPECT_OK(store_add(store, &row, &error));
  EXPECT_OK(store_commit(store, &error));
  expect_text(other, "SELECT count(*) FROM networks", "1");
  store_close(other);
  store_close(store);
}

Test(store, lock_dies_with_its_process)
{
  struct store *store;
  bool fresh;
  int ready[2];
  char byte;
  cr_assert_eq(pipe(ready), 0);
  pid_t child = fork();
  if (child == 0) {
    store_open(scratch_path("study"), &store, &fresh, NULL);
    if (write(ready[1], "x", 1) == 1) pause();
    _exit(1);
  }
  cr_assert_eq(read(ready[0], &byte, 1), 1);
  EXPECT_ERROR(store_open(scratch_path("study"), &store, &fresh, &error), CLFIT_ERROR_FILE, "is being written");
  kill(child, SIGKILL);
  waitpid(child, NULL, 0);
  EXPECT_OK(store_open(scratch_path("study"), &store, &fresh, &error));
  store_close(store);
}

Test(store, what_is_no_study)
{
  struct store *store;
  bool fresh;
  scratch_write("text", "hello, hello, hello", 19);
  cr_assert(store_exists(scratch_path("text")));
  EXPECT_ERROR(store_open(scratch_path("text"), &store, &fresh, &error), CLFIT_ERROR_FORMAT,
               "is not a study written by clfit sweep");
  EXPECT_ERROR(store_open_reading(scratch_path("text"), &store, &error), CLFIT_ERROR_FORMAT,
               "is not a study written by clfit sweep");
  EXPECT_ERROR(store_open_reading(scratch_path("none"), &store, &error), CLFIT_ERROR_FILE, "none");
  EXPECT_ERROR(store_open(scratch_path("no/where"), &store, &fresh, &error), CLFIT_ERROR_FILE, "No such file");
  cr_assert(!store_exists(scratch_path("none")));
  scratch_write("empty", "", 0);
  cr_assert(!store_exists(scratch_path("empty")));
  EXPECT_ERROR(store_open_reading(scratch_path("empty"), &store, &error), CLFIT_ERROR_FORMAT,
               "is not a study written by clfit sweep");
  EXPECT_OK(store_open(scratch_path("empty"), &store, &fresh, &error));
  cr_assert(fresh);
  store_close(store);
  store = make_store(scratch_path("newer"));
  sqlite3_exec(store_handle(store), "PRAGMA user_version = 2", NULL, NULL, NULL);
  store_close(store);
  EXPECT_ERROR(store_open(scratch_path("newer"), &store, &fresh, &error), CLFIT_ERROR_FORMAT,
               "version 2; this clfit knows");
  sqlite3 *foreign;
  sqlite3_open(scratch_path("foreign"), &foreign);
  sqlite3_exec(foreign, "CREATE TABLE t (a)", NULL, NULL, NULL);
  sqlite3_close(foreign);
  EXPECT_ERROR(store_open(scratch_path("foreign"), &store, &fresh, &error), CLFIT_ERROR_FORMAT,
               "is not a study written by clfit sweep");
  cr_assert_eq(scratch_count(), 4, "a lock is left behind");
}

Test(store, full)
{
  struct store *store = make_store(scratch_path("study"));
  struct study_row row = make_row(0);
  EXPECT_OK(store_begin(store, &error));
  EXPECT_OK(store_add(store, &row, &error));
  EXPECT_OK(store_commit(store, &error));
  sqlite3_exec(store_handle(store), "PRAGMA max_page_count = 12", NULL, NULL, NULL);
  clfit_status status = CLFIT_OK;
  EXPECT_OK(store_begin(store, &error));
  for (row.id = 1; row.id < 10000 && !status; row.id++) status = store_add(store, &row, &error);
  cr_assert_eq(status, CLFIT_ERROR_FILE);
  cr_assert(strstr(error.message, "full; what was committed before is safe"), "%s", error.message);
  store_roll_back(store);
  expect_text(store, "SELECT count(*) FROM networks", "1");
  store_close(store);
}

/* Of a study without a file nothing is safe. */
Test(store, full_without_a_file)
{
  struct store *store = make_store(NULL);
  struct study_row row = make_row(0);
  sqlite3_exec(store_handle(store), "PRAGMA max_page_count = 12", NULL, NULL, NULL);
  clfit_status status = CLFIT_OK;
  EXPECT_OK(store_begin(store, &error));
  for (; row.id < 10000 && !status; row.id++) status = store_add(store, &row, &error);
  cr_assert_eq(status, CLFIT_ERROR_FILE);
  cr_assert(strstr(error.message, "full") && !strstr(error.message, "safe"), "%s", error.message);
  store_roll_back(store);
  store_close(store);
}

Test(store, names)
{
  static const char *const names[] = {"", ":memory:", ":", "file:study", "file:study?mode=memory"};
  struct store *store;
  bool fresh;
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    EXPECT_ERROR(store_open(names[i], &store, &fresh, &error), CLFIT_ERROR_ARGUMENT, "name");
    EXPECT_ERROR(store_open_reading(names[i], &store, &error), CLFIT_ERROR_ARGUMENT, "name");
  }
}

/* A reader of a study that nobody writes makes no file and takes no lock; it notices a writer that comes. */
Test(store, written_while_it_is_read)
{
  store_close(make_store(scratch_path("study")));
  struct database_mark mark;
  struct study_row row = make_row(1);
  struct store *store;
  sqlite3 *reader;
  bool fresh;
  EXPECT_OK(database_open_reading(scratch_path("study"), &reader, &mark, &error));
  cr_assert(mark.taken);
  cr_assert_eq(scratch_count(), 1, "a reader made a file");
  EXPECT_OK(store_open(scratch_path("study"), &store, &fresh, &error));
  EXPECT_OK(store_add(store, &row, &error)); /* to the log */
  EXPECT_OK(database_check_unchanged(&mark, &error));
  store_close(store); /* from the log to the file */
  EXPECT_ERROR(database_check_unchanged(&mark, &error), CLFIT_ERROR_FILE, "written while it was read");
  sqlite3_close(reader);
  database_mark_clear(&mark);
}

static int setting(struct store *store, int which)
{
  int on = -1;
  sqlite3_db_config(store_handle(store), which, -1, &on);
  return on;
}

Test(store, settings)
{
  struct store *store = make_store(scratch_path("study"));
  cr_assert_eq(setting(store, SQLITE_DBCONFIG_DEFENSIVE), 1);
  cr_assert_eq(setting(store, SQLITE_DBCONFIG_TRUSTED_SCHEMA), 0);
  cr_assert_eq(setting(store, SQLITE_DBCONFIG_ENABLE_TRIGGER), 0);
  cr_assert_eq(setting(store, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION), 0);
  expect_text(store, "PRAGMA cell_size_check", "1");
  cr_assert_eq(sqlite3_limit(store_handle(store), SQLITE_LIMIT_LENGTH, -1), DATABASE_LENGTH_MAX);
  store_close(store);
}

static void collect_id(void *context, uint64_t id)
{
  *(uint64_t *)context = 100 * *(uint64_t *)context + id;
}

static clfit_status collect_kept(void *context, uint64_t id, double value, clfit_error *reason)
{
  (void)reason;
  *(double *)context += (double)id + value;
  return CLFIT_OK;
}

Test(store, parameters_and_checkpoints)
{
  struct store *store = make_store(scratch_path("study"));
  struct study_row row = make_row(5);
  const float parameters[] = {1, -2};
  size_t size = 99;
  void *bytes;
  uint64_t ids = 0, networks, diverged;
  double kept = 0, work;
  EXPECT_OK(store_checkpoint(store, 5, 3, "abc", &error));
  EXPECT_OK(store_checkpoint(store, 6, 2, "de", &error));
  EXPECT_OK(store_checkpoint(store, 6, 4, "defg", &error));
  EXPECT_OK(store_add(store, &row, &error)); /* ends 5 */
  EXPECT_OK(store_keep(store, 5, 2, parameters, &error));
  EXPECT_OK(store_keep(store, 9, 2, parameters, &error));
  EXPECT_OK(store_forget(store, 9, &error));
  store_close(store);
  bool fresh;
  EXPECT_OK(store_open(scratch_path("study"), &store, &fresh, &error));
  cr_assert(store_has_checkpoints(store));
  EXPECT_OK(store_read_checkpoint(store, 5, &size, &bytes, &error));
  cr_assert_null(bytes);
  EXPECT_OK(store_read_checkpoint(store, 6, &size, &bytes, &error));
  cr_assert_eq(size, 4);
  cr_assert_eq(memcmp(bytes, "defg", 4), 0);
  free(bytes);
  expect_text(store, "SELECT group_concat(id || hex(data)) FROM parameters", "50000803F000000C0");
  EXPECT_OK(store_each_ended(store, 0, 5, collect_id, &ids, &error));
  cr_assert_eq(ids, 0);
  EXPECT_OK(store_each_ended(store, 5, 6, collect_id, &ids, &error));
  cr_assert_eq(ids, 5);
  EXPECT_OK(store_each_kept(store, "test_mse", collect_kept, &kept, &error));
  cr_assert_eq(kept, 5.125);
  EXPECT_OK(store_count(store, &networks, &diverged, &work, &error));
  cr_assert_eq(networks, 1);
  cr_assert_eq(diverged, 0);
  cr_assert_eq(work, 128e6);
  store_close(store);
}

/* A network that ended by its tol, with a pair of floats whose sum no double holds. */
static void make_ended(clfit_state *state, struct study_row *row)
{
  clfit_network network;
  clfit_network_default(&network);
  network.hidden = 3;
  network.samples = 7;
  network.tol = 1e-3;
  EXPECT_OK(clfit_state_init(state, &network, &error));
  state->progress = (clfit_progress){
      .status = CLFIT_TRAINING_STOPPED, .epoch = 3, .last_loss_high = 0.1f, .last_loss_low = 1.2345678e-12f};
  *row = make_row(5);
  row->configuration = network;
  row->status = state->progress.status;
  row->steps = 21;
  row->train_loss = clfit_progress_train_loss(&state->progress, network.samples);
  row->last_loss_high = state->progress.last_loss_high;
  row->last_loss_low = state->progress.last_loss_low;
  row->history_count = 0;
  clfit_state_digest(state, row->digest);
}

static void keep_ended(clfit_state *state)
{
  struct store *store = make_store(scratch_path("study"));
  struct study_row row;
  make_ended(state, &row);
  EXPECT_OK(store_add(store, &row, &error));
  EXPECT_OK(store_keep(store, 5, clfit_parameter_count(3), state->parameters, &error));
  store_close(store);
}

static void restore_ended(struct results_network *network, clfit_state *state)
{
  struct results results;
  EXPECT_OK(results_open(&results, scratch_path("study"), &error));
  EXPECT_OK(results_read_network(&results, 5, network, &error));
  EXPECT_OK(results_make_state(network, state, &error));
  results_close(&results);
}

/* A network that is kept comes back as the very state that ended. */
Test(store, state_of_a_kept_network)
{
  struct results_network network;
  clfit_state state, other;
  keep_ended(&state);
  restore_ended(&network, &other);
  cr_assert(results_is_whole(&network));
  cr_assert_eq(memcmp(&other.progress, &state.progress, sizeof state.progress), 0);
  cr_assert_eq(memcmp(other.parameters, state.parameters, 10 * sizeof(float)), 0);
  results_network_clear(&network);
  clfit_state_clear(&state);
  clfit_state_clear(&other);
}

/* Studies of clfit 0.1.0 do not have the pair: it is the train loss, split, and with a tol the state is not whole. */
Test(store, state_without_the_pair)
{
  struct results_network network;
  struct store *store;
  clfit_state state, other;
  bool fresh;
  keep_ended(&state);
  EXPECT_OK(store_open(scratch_path("study"), &store, &fresh, &error));
  EXPECT_OK(store_run(store, "ALTER TABLE networks DROP COLUMN last_loss_high", &error));
  EXPECT_OK(store_run(store, "ALTER TABLE networks DROP COLUMN last_loss_low", &error));
  store_close(store);
  restore_ended(&network, &other);
  cr_assert(!results_is_whole(&network));
  cr_assert_eq(other.progress.last_loss_high, 0.1f);
  cr_assert_neq(other.progress.last_loss_low, state.progress.last_loss_low);
  /* A sum, a quotient and a product of doubles, each rounded by at most 2^-53 of what is below 0.125. */
  cr_assert_float_eq(other.progress.last_loss_low, state.progress.last_loss_low, 3 * 0.125 * 0x1p-53);
  network.network.tol = 0;
  cr_assert(results_is_whole(&network));
  results_network_clear(&network);
  clfit_state_clear(&state);
  clfit_state_clear(&other);
}

/* With successive halving the work of a sweep is what was trained; epochs that a network did not need were not planned
 * for its rung. */
Test(store, work_of_rungs)
{
  static const char *const halving[] = {"halving"};
  static char *const eta[] = {"2"};
  struct store *store;
  struct study_row row = make_row(0);
  uint64_t networks, diverged;
  double work;
  bool fresh;
  EXPECT_OK(store_open(scratch_path("study"), &store, &fresh, &error));
  EXPECT_OK(store_define(store, 1, halving, eta, NULL, &error));
  row.steps = 3000;
  row.status = CLFIT_TRAINING_RUNNING;
  EXPECT_OK(store_add(store, &row, &error));
  row.id = 1;
  row.steps = 500;
  row.status = CLFIT_TRAINING_DIVERGED;
  row.diverged_epoch = 1;
  row.digest[0] = '\0';
  EXPECT_OK(store_add(store, &row, &error));
  EXPECT_OK(rungs_count(store, &networks, &diverged, &work, &error));
  cr_assert_eq(networks, 1);
  cr_assert_eq(diverged, 1);
  cr_assert_eq(work, 128.0 * 3500);
  store_close(store);
}

Test(store, histories)
{
  uint32_t epochs[STORE_HISTORY_MAX];
  static const uint32_t wanted[] = {1, 2, 3, 4, 6, 8, 12, 13};
  cr_assert_eq(store_history_epochs(0, epochs), 0);
  cr_assert_eq(store_history_epochs(1, epochs), 1);
  cr_assert_eq(store_history_epochs(12, epochs), 7);
  cr_assert_eq(store_history_epochs(13, epochs), 8);
  for (int i = 0; i < 8; i++) cr_assert_eq(epochs[i], wanted[i]);
  uint32_t most = store_history_epochs(CLFIT_EPOCHS_MAX, epochs);
  cr_assert_leq(most, STORE_HISTORY_MAX);
  cr_assert_eq(epochs[most - 1], CLFIT_EPOCHS_MAX);
  cr_assert_eq(epochs[most - 2], 3u << 29);
}

Test(store, jobs)
{
  struct training_job job = {.id = 8}, back = {.id = 8};
  clfit_state state, other;
  clfit_network network;
  clfit_milestones milestones = {.count = 2, .losses = {0.5, 0.25}}, more = {.count = 1, .losses = {NAN}};
  unsigned char bytes[4096];
  clfit_network_default(&network);
  network.hidden = 3;
  EXPECT_OK(clfit_state_init(&state, &network, &error));
  EXPECT_OK(clfit_state_init(&other, &network, &error));
  memset(other.parameters, 0, 10 * sizeof(float));
  state.progress = (clfit_progress){CLFIT_TRAINING_RUNNING, 3, 77, 1, 2, 3, 4, 5, CLFIT_STOP_TOL};
  EXPECT_OK(training_job_add_losses(&job, &milestones, &error));
  EXPECT_OK(training_job_add_losses(&job, &more, &error));
  job.seconds = 1.5;
  size_t size = checkpoint_size(&job, &state);
  cr_assert_eq(size, 8 + 44 + 24 + 40);
  checkpoint_write(&job, &state, bytes);
  EXPECT_OK(checkpoint_read(&back, &other, size, bytes, &error));
  cr_assert_eq(memcmp(&state.progress, &other.progress, sizeof state.progress), 0);
  cr_assert_eq(memcmp(state.parameters, other.parameters, 10 * sizeof(float)), 0);
  cr_assert_eq(back.loss_count, 3);
  cr_assert_eq(memcmp(back.losses, job.losses, 3 * sizeof(double)), 0);
  cr_assert_eq(back.steps, 3077);
  cr_assert_eq(back.seconds, 1.5);
  training_job_clear(&back);
  for (size_t cut = 0; cut < size; cut++) {
    EXPECT_ERROR(checkpoint_read(&back, &other, cut, bytes, &error), CLFIT_ERROR_FORMAT, "network 8 is damaged");
  }
  for (size_t i = 0; i < 20; i++) { /* mark, version, status, epoch, sample */
    bytes[i] ^= 0x80;
    if (i != 8 && i != 12 && i != 16) /* those may be in range still */
      EXPECT_ERROR(checkpoint_read(&back, &other, size, bytes, &error), CLFIT_ERROR_FORMAT,
                   i < 4 || i > 7 ? "damaged" : "version");
    bytes[i] ^= 0x80;
  }
  const double seconds[] = {NAN, INFINITY, -1};
  for (size_t i = 0; i < 3; i++) {
    job.seconds = seconds[i];
    checkpoint_write(&job, &state, bytes);
    EXPECT_ERROR(checkpoint_read(&back, &other, size, bytes, &error), CLFIT_ERROR_FORMAT, "network 8 is damaged");
  }
  job.seconds = 1.5;
  checkpoint_write(&job, &state, bytes);
  /* Checkpoints of before there were marks. */
  memset(other.parameters, 0, 10 * sizeof(float));
  EXPECT_OK(checkpoint_read(&back, &other, size - 8, bytes + 8, &error));
  cr_assert_eq(memcmp(state.parameters, other.parameters, 10 * sizeof(float)), 0);
  cr_assert_eq(back.steps, 3077);
  training_job_clear(&back);
  training_job_clear(&job);
  clfit_state_clear(&state);
  clfit_state_clear(&other);
}

/* ---- values that SQLite does not take -------------------------------------------------------------------------- */

static int binds_left = -1; /* calls that succeed before one fails; below 0: all do */

static bool refuses(void)
{
  return binds_left >= 0 && binds_left-- == 0;
}

int __real_sqlite3_bind_text(sqlite3_stmt *, int, const char *, int, void (*)(void *)),
    __wrap_sqlite3_bind_text(sqlite3_stmt *, int, const char *, int, void (*)(void *));
int __wrap_sqlite3_bind_text(sqlite3_stmt *statement, int parameter, const char *text, int size, void (*end)(void *))
{
  return refuses() ? SQLITE_NOMEM : __real_sqlite3_bind_text(statement, parameter, text, size, end);
}

int __real_sqlite3_bind_int64(sqlite3_stmt *, int, sqlite3_int64),
    __wrap_sqlite3_bind_int64(sqlite3_stmt *, int, sqlite3_int64);
int __wrap_sqlite3_bind_int64(sqlite3_stmt *statement, int parameter, sqlite3_int64 value)
{
  return refuses() ? SQLITE_NOMEM : __real_sqlite3_bind_int64(statement, parameter, value);
}

int __real_sqlite3_bind_double(sqlite3_stmt *, int, double), __wrap_sqlite3_bind_double(sqlite3_stmt *, int, double);
int __wrap_sqlite3_bind_double(sqlite3_stmt *statement, int parameter, double value)
{
  return refuses() ? SQLITE_NOMEM : __real_sqlite3_bind_double(statement, parameter, value);
}

int __real_sqlite3_bind_blob(sqlite3_stmt *, int, const void *, int, void (*)(void *)),
    __wrap_sqlite3_bind_blob(sqlite3_stmt *, int, const void *, int, void (*)(void *));
int __wrap_sqlite3_bind_blob(sqlite3_stmt *statement, int parameter, const void *bytes, int size, void (*end)(void *))
{
  return refuses() ? SQLITE_NOMEM : __real_sqlite3_bind_blob(statement, parameter, bytes, size, end);
}

/* A column that may be NULL would lose its value silently. */
Test(store, a_row_is_whole_or_refused)
{
  struct store *store = make_store(scratch_path("study"));
  const struct study_row row = make_row(3);
  int n = 0;
  EXPECT_OK(store_begin(store, &error));
  for (;; n++) {
    binds_left = n;
    const clfit_status status = store_add(store, &row, &error);
    const bool refused = binds_left < 0;
    binds_left = -1;
    if (!refused) {
      EXPECT_OK(status);
      break;
    }
    cr_assert(status, "value %d is lost", n + 1);
    expect_text(store, "SELECT count(*) FROM networks", "0");
  }
  cr_assert(n > 30, "%d", n);
  store_roll_back(store);
  store_close(store);
}
