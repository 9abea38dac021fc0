/* Schedules: which jobs come, in what order, with what configuration; what a study holds already; rungs. */
#include "expect.h"
#include "scratch.h"
#include "study/plan/queue.h"
#include "study/plan/schedule.h"

#include <math.h>
#include <stdlib.h>

TestSuite(schedule, .init = scratch_make, .fini = scratch_remove);
TestSuite(queue);

struct fixture {
  struct axes axes;
  struct sweep sweep;
  struct store *store;
};

/* A sweep over an axis or two; NULL: no second one. */
static void set_up(struct fixture *fixture, const char *name, const char *points, const char *other,
                   const char *other_points)
{
  memset(fixture, 0, sizeof *fixture);
  EXPECT_OK(axes_add(&fixture->axes, clfit_field_find(name), points, &error));
  if (other) EXPECT_OK(axes_add(&fixture->axes, clfit_field_find(other), other_points, &error));
  fixture->sweep = (struct sweep){.axes = &fixture->axes, .shards = 1};
  clfit_network_default(&fixture->sweep.base);
  EXPECT_OK(ranking_find("train_loss", &fixture->sweep.ranking, &error));
}

static void open_store(struct fixture *fixture, const char *path)
{
  static const char *const keys[] = {"halving"};
  static char *const eta[] = {"2"};
  bool fresh;
  EXPECT_OK(store_open(path, &fixture->store, &fresh, &error));
  if (fresh) EXPECT_OK(store_define(fixture->store, fixture->sweep.halving.eta > 0, keys, eta, NULL, &error));
}

static void tear_down(struct fixture *fixture)
{
  axes_clear(&fixture->axes);
  store_close(fixture->store);
}

static struct schedule *begin(struct fixture *fixture, bool fresh)
{
  struct schedule *schedule;
  EXPECT_OK(schedule_create(&fixture->sweep, &schedule, &error));
  EXPECT_OK(schedule->kind->begin(schedule, fixture->store, fresh, &error));
  return schedule;
}

static enum schedule_answer ask(struct schedule *schedule, struct job *job)
{
  enum schedule_answer answer;
  memset(job, 0xa5, sizeof *job);
  EXPECT_OK(schedule->kind->next(schedule, job, &answer, &error));
  return answer;
}

/* The row of a job that came to its end for now; with a loss that is not finite it diverged. */
static struct study_row make_row(const struct job *job, double loss)
{
  struct study_row row = {.id = job->id, .configuration = job->configuration, .train_loss = loss};
  bool whole = job->epochs == job->configuration.epochs;
  row.status = !isfinite(loss) ? CLFIT_TRAINING_DIVERGED : whole ? CLFIT_TRAINING_DONE : CLFIT_TRAINING_RUNNING;
  row.diverged_epoch = isfinite(loss) ? 0 : 1;
  row.steps = isfinite(loss) ? (uint64_t)job->epochs * job->configuration.samples : 1;
  return row;
}

static void end_job(struct fixture *fixture, struct schedule *schedule, const struct job *job, double loss)
{
  struct study_row row = make_row(job, loss);
  bool in_stages = schedule->kind->in_stages;
  EXPECT_OK((in_stages ? store_replace : store_add)(fixture->store, &row, &error));
  EXPECT_OK(schedule->kind->ended(schedule, 1, &row, &error));
}

/* ---- a grid ------------------------------------------------------------------------------------------------------ */

Test(schedule, long_ones_first_each_once)
{
  struct fixture fixture;
  struct job job;
  uint64_t previous = 0;
  bool seen[400] = {false};
  uint32_t longest = UINT32_MAX, count = 0;
  set_up(&fixture, "seed", "0..99", "epochs", "10,1000,1,100");
  struct schedule *schedule = begin(&fixture, true);
  cr_assert_eq(schedule->total, 400);
  cr_assert_eq(schedule->work, 100 * 128e3 * 1111);
  cr_assert_eq(schedule->largest.epochs, 1000);
  cr_assert_eq(schedule->largest.seed, 99);
  cr_assert_eq(schedule->largest.samples, 1000);
  cr_assert(!schedule->kind->in_stages);
  for (; ask(schedule, &job) == SCHEDULE_JOB; count++) {
    cr_assert_leq(job.epochs, longest);
    cr_assert(job.epochs < longest || job.id > previous, "of equal ones the lower id first");
    cr_assert(!seen[job.id]);
    seen[job.id] = true;
    cr_assert_eq(job.configuration.epochs, job.epochs);
    cr_assert_eq(job.configuration.seed, job.id / 4);
    cr_assert_eq(job.configuration.samples, 1000);
    cr_assert_null(job.checkpoint);
    longest = job.epochs;
    previous = job.id;
  }
  cr_assert_eq(count, 400);
  cr_assert_eq(ask(schedule, &job), SCHEDULE_OVER);
  schedule_free(schedule);
  tear_down(&fixture);
}

Test(schedule, shards_and_what_has_ended)
{
  struct fixture fixture;
  struct job job;
  bool seen[100] = {false};
  uint64_t total = 0;
  set_up(&fixture, "seed", "0..99", NULL, NULL);
  open_store(&fixture, NULL);
  for (uint64_t id = 0; id < 50; id += 7) {
    struct study_row row = {.id = id, .configuration = fixture.sweep.base, .status = CLFIT_TRAINING_DONE};
    if (id == 14) row.status = CLFIT_TRAINING_DIVERGED, row.diverged_epoch = 1;
    EXPECT_OK(store_add(fixture.store, &row, &error));
    seen[id] = true;
  }
  fixture.sweep.shards = 3;
  for (fixture.sweep.shard = 0; fixture.sweep.shard < 3; fixture.sweep.shard++) {
    struct schedule *schedule = begin(&fixture, false);
    total += schedule->total;
    cr_assert_eq(schedule->work, (double)schedule->total * 128e6);
    cr_assert_eq(schedule->counts.ended, 8);
    cr_assert_eq(schedule->counts.diverged, 1);
    cr_assert_eq(schedule->counts.work, 8 * 128e6);
    cr_assert(!schedule->begun);
    while (ask(schedule, &job) == SCHEDULE_JOB) {
      cr_assert_eq(job.id % 3, fixture.sweep.shard);
      cr_assert(!seen[job.id]);
      seen[job.id] = true;
    }
    schedule_free(schedule);
  }
  cr_assert_eq(total, 100);
  for (int i = 0; i < 100; i++) cr_assert(seen[i], "%d", i);
  EXPECT_OK(store_checkpoint(fixture.store, 99, 1, "x", &error));
  fixture.sweep.shard = 0;
  struct schedule *schedule = begin(&fixture, false);
  cr_assert(schedule->begun);
  schedule_free(schedule);
  tear_down(&fixture);
}

Test(schedule, draws)
{
  struct fixture fixture;
  struct job job;
  uint32_t count = 0;
  set_up(&fixture, "hidden", "1..100", "rate", "0.1,0.2,0.3");
  axes_draw(&fixture.axes, 1000, 5);
  struct schedule *schedule = begin(&fixture, true);
  cr_assert_eq(schedule->total, 1000);
  for (; ask(schedule, &job) == SCHEDULE_JOB; count++) {
    clfit_network expected = fixture.sweep.base;
    axes_configuration(&fixture.axes, job.id, &expected);
    cr_assert_eq(job.configuration.hidden, expected.hidden);
    cr_assert_eq(job.configuration.rate, expected.rate);
  }
  cr_assert_eq(count, 1000);
  schedule_free(schedule);
  tear_down(&fixture);
}

Test(schedule, counts_what_ends)
{
  struct fixture fixture;
  struct job job;
  set_up(&fixture, "seed", "0..3", NULL, NULL);
  open_store(&fixture, NULL);
  struct schedule *schedule = begin(&fixture, true);
  while (ask(schedule, &job) == SCHEDULE_JOB) end_job(&fixture, schedule, &job, job.id == 2 ? NAN : 1.0);
  struct schedule_counts counts;
  EXPECT_OK(schedule->kind->count(schedule, fixture.store, &counts, &error));
  cr_assert_eq(counts.ended, 4);
  cr_assert_eq(counts.diverged, 1);
  cr_assert_eq(schedule->counts.ended, 4);
  cr_assert_eq(schedule->counts.diverged, 1);
  schedule_free(schedule);
  tear_down(&fixture);
}

/* Ids beyond one window of 2^24 come too. */
Test(schedule, many)
{
  struct fixture fixture;
  struct job job;
  uint64_t count = 0, sum = 0;
  set_up(&fixture, "seed", "0..16999999", NULL, NULL);
  struct schedule *schedule = begin(&fixture, true);
  for (;; count++, sum += job.id) {
    enum schedule_answer answer;
    if (schedule->kind->next(schedule, &job, &answer, NULL) || answer != SCHEDULE_JOB) break;
  }
  cr_assert_eq(count, 17000000);
  cr_assert_eq(sum, (uint64_t)17000000 * 16999999 / 2);
  schedule_free(schedule);
  tear_down(&fixture);
}

Test(schedule, samples_stand_for_all)
{
  struct fixture fixture;
  clfit_network network;
  char text[SCHEDULE_TEXT_SIZE] = "x";
  set_up(&fixture, "hidden", "1..100", NULL, NULL);
  struct schedule *schedule = begin(&fixture, true);
  for (uint32_t i = 0; i < 10; i++) {
    schedule->kind->sample(schedule, i, 10, &network);
    cr_assert_eq(network.hidden, 10 * i + 1);
    cr_assert_eq(network.epochs, 1000);
  }
  schedule->kind->describe(schedule, text, sizeof text);
  cr_assert_str_eq(text, "");
  schedule_free(schedule);
  tear_down(&fixture);
}

/* ---- halving ----------------------------------------------------------------------------------------------------- */

static void halve(struct fixture *fixture, uint32_t eta, uint32_t min_epochs)
{
  fixture->sweep.halving = (struct halving){eta, min_epochs};
}

/* Takes the jobs of a rung: their ids as bits. */
static unsigned take_rung(struct schedule *schedule, uint32_t epochs, struct job jobs[16], size_t *count)
{
  unsigned ids = 0;
  *count = 0;
  while (ask(schedule, &jobs[*count]) == SCHEDULE_JOB) {
    cr_assert_eq(jobs[*count].epochs,
                 jobs[*count].configuration.epochs < epochs ? jobs[*count].configuration.epochs : epochs);
    ids |= 1u << jobs[(*count)++].id;
  }
  return ids;
}

/* 16 networks, each with 10 or 1000 epochs in turn; the loss falls with the id, but 15 diverges. */
static double loss_of(uint64_t id)
{
  return id == 15 ? NAN : (double)(16 - id);
}

static void end_rung(struct fixture *fixture, struct schedule *schedule, const struct job *jobs, size_t count)
{
  struct job job;
  for (size_t i = 0; i < count; i++) {
    cr_assert_eq(ask(schedule, &job), SCHEDULE_WAIT, "a job before the rung has ended");
    end_job(fixture, schedule, &jobs[i], loss_of(jobs[i].id));
  }
}

static void set_up_halving(struct fixture *fixture)
{
  set_up(fixture, "seed", "0..7", "epochs", "10,1000");
  halve(fixture, 2, 100);
  open_store(fixture, scratch_path("study"));
}

/* Ids are 2 seed + (epochs == 1000). */
static const unsigned rung_0 = 0xffff, rung_1 = 0x2a80, rung_2 = 0x2800, rung_3 = 0x2000;

Test(schedule, rungs)
{
  struct fixture fixture;
  struct job jobs[17];
  char text[SCHEDULE_TEXT_SIZE];
  size_t count;
  set_up_halving(&fixture);
  struct schedule *schedule = begin(&fixture, true);
  cr_assert(schedule->kind->in_stages);
  cr_assert_eq(schedule->total, 16);
  schedule->kind->describe(schedule, text, sizeof text);
  cr_assert_str_eq(text, "rungs     16 to 100 epochs, 8 to 200 epochs, 4 to 400 epochs, 2 to 800 epochs, 1 to 1000 "
                         "epochs; by train_loss");
  /* The best 8 of 16 are 7 to 14; of them 7, 9, 11 and 13 have epochs left. */
  cr_assert_eq(take_rung(schedule, 100, jobs, &count), rung_0);
  end_rung(&fixture, schedule, jobs, count);
  cr_assert_eq(schedule->counts.ended, 12);
  cr_assert_eq(schedule->counts.diverged, 1);
  cr_assert(schedule->begun);
  cr_assert_eq(take_rung(schedule, 200, jobs, &count), rung_1);
  end_rung(&fixture, schedule, jobs, count);
  cr_assert_eq(take_rung(schedule, 400, jobs, &count), rung_2);
  end_rung(&fixture, schedule, jobs, count);
  cr_assert_eq(take_rung(schedule, 800, jobs, &count), rung_3);
  end_rung(&fixture, schedule, jobs, count);
  cr_assert_eq(take_rung(schedule, 1600, jobs, &count), rung_3);
  cr_assert_eq(schedule->counts.ended, 15);
  end_rung(&fixture, schedule, jobs, count);
  cr_assert_eq(ask(schedule, jobs), SCHEDULE_OVER);
  cr_assert_eq(schedule->counts.ended, 16);
  schedule_free(schedule);
  tear_down(&fixture);
}

/* Ends jobs as they come, forwards or backwards, up to a number of them; false when there are no more. */
static bool end_some(struct fixture *fixture, struct schedule *schedule, bool backwards, size_t most, size_t *ended,
                     unsigned trained[1001])
{
  struct job jobs[17];
  size_t count = 0;
  while (ask(schedule, &jobs[count]) == SCHEDULE_JOB) count++;
  for (size_t i = 0; i < count && *ended < most; i++, ++*ended) {
    const struct job *job = &jobs[backwards ? count - 1 - i : i];
    trained[job->epochs] |= 1u << job->id;
    end_job(fixture, schedule, job, loss_of(job->id));
  }
  return count > 0 && *ended < most;
}

/* Wherever a halving is cut, and in whatever order its networks end, it goes on with the same networks. */
Test(schedule, rungs_cut_anywhere)
{
  enum { ALL = 16 + 4 + 2 + 1 + 1 };
  for (size_t cut = 0; cut <= ALL; cut++) {
    struct fixture fixture;
    size_t ended = 0;
    unsigned trained[1001] = {0};
    set_up_halving(&fixture);
    struct schedule *schedule = begin(&fixture, true);
    while (end_some(&fixture, schedule, cut % 2, cut, &ended, trained))
      ;
    schedule_free(schedule);
    store_close(fixture.store);
    open_store(&fixture, scratch_path("study"));
    schedule = begin(&fixture, false);
    while (end_some(&fixture, schedule, cut % 2, SIZE_MAX, &ended, trained))
      ;
    cr_assert_eq(ended, ALL);
    cr_assert_eq(trained[10], rung_0 & 0x5555);
    cr_assert_eq(trained[100], rung_0 & 0xaaaa);
    cr_assert_eq(trained[200], rung_1);
    cr_assert_eq(trained[400], rung_2);
    cr_assert_eq(trained[800], rung_3);
    cr_assert_eq(trained[1000], rung_3);
    cr_assert_eq(schedule->counts.ended, 16);
    schedule_free(schedule);
    tear_down(&fixture);
    remove(scratch_path("study"));
  }
}

/* ---- the queue --------------------------------------------------------------------------------------------------- */

static clfit_status choose_beyond(void *context, struct queue_window *window, clfit_error *reason)
{
  (void)reason;
  queue_mark(window, *(uint64_t *)context, true);
  return CLFIT_OK;
}

/* What a study's pages say of an id need not be what they were asked for. */
Test(queue, ids_beyond_the_window)
{
  struct axes axes = {.n = 0};
  clfit_network base;
  struct queue queue;
  uint64_t id, marked = 99;
  bool found;
  clfit_network_default(&base);
  EXPECT_OK(axes_add(&axes, clfit_field_find("seed"), "0..99", &error));
  queue_init(&queue, &axes, &base, choose_beyond, &marked);
  EXPECT_OK(queue_next(&queue, &id, &found, &error));
  cr_assert(found && id == 99);
  queue_restart(&queue);
  marked = 100;
  EXPECT_ERROR(queue_next(&queue, &id, &found, &error), CLFIT_ERROR_FORMAT, "a network's id is not");
  queue_clear(&queue);
  axes_clear(&axes);
}
