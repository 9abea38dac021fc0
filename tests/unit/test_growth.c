/* Studies that get more values of their axes: new ids, and that a killed process leaves either all of it or nothing. */
#include "expect.h"
#include "scratch.h"
#include "study/plan/growth.h"
#include "study/store/store.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>

TestSuite(growth, .init = scratch_make, .fini = scratch_remove);

#define AXES 4

static const char *const fields[AXES] = {"hidden", "activation", "seed", "rate"};

static struct axes make_axes(const char *const texts[AXES])
{
  struct axes axes = {.n = 0};
  for (int i = 0; i < AXES; i++) EXPECT_OK(axes_add(&axes, clfit_field_find(fields[i]), texts[i], &error));
  return axes;
}

static void expect_contained(const struct growth *growth, unsigned missing)
{
  for (size_t i = 0; i < AXES; i++) cr_assert_eq(growth->axis[i].contained, !(missing >> i & 1), "axis %zu", i);
}

/* The configuration of every id is that of its new id; whether ids move is as growth says. */
static void expect_ids(const struct growth *growth, const struct axes *before, const struct axes *after)
{
  bool moves = false;
  for (uint64_t id = 0; id < before->count; id++) {
    const uint64_t now = growth_id(growth, id);
    clfit_network old, new;
    clfit_network_default(&old);
    clfit_network_default(&new);
    cr_assert_lt(now, after->count);
    axes_configuration(before, id, &old);
    axes_configuration(after, now, &new);
    cr_assert_arr_eq(&old, &new, sizeof old, "id %u", (unsigned)id);
    moves = moves || now != id;
  }
  cr_assert_eq(growth->moves, moves);
}

struct change {
  const char *before[AXES], *after[AXES];
  unsigned missing; /* a bit for each axis that lacks a point */
  bool longer;
};

Test(growth, ids)
{
  static const struct change changes[] = {
      {{"4", "tanh", "0..9", "0.1"}, {"4", "tanh", "0..19", "0.1"}, 0, true},
      {{"4", "tanh", "0..9", "0.1"}, {"4", "tanh", "0..19", "0.1,0.2"}, 0, true},
      {{"4", "tanh", "5..9", "0.1"}, {"4", "tanh", "0..9", "0.1"}, 0, true},
      {{"4", "tanh", "5..9", "0.1"}, {"3,4", "sigmoid,tanh", "0..9", "0.2,0.1"}, 0, true},
      {{"4,8", "tanh,relu", "2,1", "0.1,0.3"}, {"4,8", "relu,tanh,sine", "2..4,1", "0.1:0.5:5"}, 0, true},
      {{"4,8", "tanh", "1..3", "0.1"}, {"4,8,16", "tanh", "3,1,7,2", "0.1"}, 0, true},
      {{"4,8", "tanh", "2,3,4", "0.1"}, {"4,8,2", "tanh", "0..5", "0.1"}, 0, true},
      {{"4,8", "tanh", "0..3", "0.1"}, {"4,8,2,5", "tanh", "0,1,2,3", "0.1"}, 0, true},
      {{"4", "tanh,relu", "0..3", "0.1"}, {"4,2", "tanh,relu", "0..3", "0.1"}, 0, true},
      {{"4,8", "tanh", "0..3", "0.1"}, {"4,8", "tanh", "0,1,2,3", "0.1"}, 0, false},
      {{"4,8", "tanh", "0..3", "0.1"}, {"8,4", "tanh", "0..3", "0.1"}, 0, false},
      {{"4,8", "tanh", "0..3", "0.1"}, {"4,9", "tanh", "1..7", "0.2"}, 1 | 4 | 8, true},
      {{"4,8", "tanh", "3..9", "0.1"}, {"4", "relu,elu", "5..7,3", "0.1"}, 1 | 2 | 4, true},
  };
  for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
    const struct change *change = &changes[i];
    struct axes before = make_axes(change->before), after = make_axes(change->after);
    struct growth growth;
    EXPECT_OK(growth_make(&growth, &before, &after, &error));
    cr_assert_eq(growth.longer, change->longer, "%zu", i);
    expect_contained(&growth, change->missing);
    if (!change->missing) expect_ids(&growth, &before, &after);
    growth_clear(&growth);
    axes_clear(&before);
    axes_clear(&after);
  }
}

/* Ranges are not stored one by one. */
Test(growth, long_ranges)
{
  static const char *const before_texts[] = {"4", "tanh", "7..4294967290", "0.1"};
  static const char *const after_texts[] = {"2,4", "tanh", "0..4294967295", "0.1"};
  struct axes before = make_axes(before_texts), after = make_axes(after_texts);
  struct growth growth;
  EXPECT_OK(growth_make(&growth, &before, &after, &error));
  expect_contained(&growth, 0);
  cr_assert_eq(growth_id(&growth, 0), (1ull << 32) + 7);
  cr_assert_eq(growth_id(&growth, before.count - 1), (2ull << 32) - 6);
  growth_clear(&growth);
  axes_clear(&before);
  axes_clear(&after);
}

/* The rows of a preset are the slowest axis. */
Test(growth, presets)
{
  const struct preset *preset = preset_find("tuning-study");
  struct axes before = {.n = 0}, after = {.n = 0};
  struct growth growth;
  axes_preset(&before, preset);
  axes_preset(&after, preset);
  EXPECT_OK(axes_add(&before, clfit_field_find("seed"), "2", &error));
  EXPECT_OK(axes_add(&after, clfit_field_find("seed"), "1..3", &error));
  EXPECT_OK(growth_make(&growth, &before, &after, &error));
  expect_ids(&growth, &before, &after);
  cr_assert(growth.moves);
  growth_clear(&growth);
  axes_clear(&before);
  axes_clear(&after);
}

/* ---- in a study -------------------------------------------------------------------------------------------------- */

#define NETWORKS 12u

static void add_network(struct store *store, uint64_t id)
{
  struct study_row row = {.id = id, .status = CLFIT_TRAINING_DONE, .steps = 1000};
  const float parameters[] = {(float)id};
  clfit_network_default(&row.configuration);
  row.configuration.seed = (uint32_t)id;
  EXPECT_OK(store_add(store, &row, &error));
  EXPECT_OK(store_keep(store, id, 1, parameters, &error));
}

/* Every other network has a row and parameters; the others have checkpoints. */
static void make_study(const char *path)
{
  static const char *const keys[] = {"count", "finished"};
  static char *const values[] = {"12", "1"};
  struct store *store;
  bool fresh;
  EXPECT_OK(store_open(path, &store, &fresh, &error));
  EXPECT_OK(store_define(store, 2, keys, values, NULL, &error));
  for (uint64_t id = 0; id < NETWORKS; id += 2) {
    add_network(store, id);
    EXPECT_OK(store_checkpoint(store, id + 1, 1, &(char){(char)id}, &error));
  }
  store_close(store);
}

static uint64_t backwards(const void *context, uint64_t id)
{
  (void)context;
  return 2 * (NETWORKS - 1 - id);
}

static clfit_status grow(struct store *store, clfit_error *reason)
{
  static const char *const keys[] = {"count", "finished"};
  static char *const values[] = {"24", NULL};
  return store_grow(store,
                    &(struct store_growth){
                        .count = NETWORKS, .shards = 1, .place = backwards, .n = 2, .keys = keys, .values = values},
                    reason);
}

static uint64_t ask(struct store *store, const char *text)
{
  uint64_t number = 0;
  EXPECT_OK(store_read_number(store, text, NULL, &number, &error));
  return number;
}

static bool has_grown(const char *path)
{
  struct store *store;
  bool fresh;
  EXPECT_OK(store_open(path, &store, &fresh, &error));
  const bool grown = ask(store, "SELECT value = '24' FROM meta WHERE key = 'count'");
  const char *id = grown ? "2 * (11 - seed)" : "seed", *other = grown ? "2 * (10 - k)" : "k + 1";
  char text[600]; /* the state of a checkpoint is one byte, the id of the network before its own */
  snprintf(text, sizeof text,
           "SELECT (SELECT count(*) FROM networks WHERE id = %s) = 6 AND (SELECT count(*) FROM networks) = 6 AND"
           " (SELECT count(*) FROM networks JOIN parameters USING (id)) = 6 AND"
           " (WITH k (k) AS (VALUES (0), (2), (4), (6), (8), (10)) SELECT count(*) FROM k JOIN checkpoints ON id = %s"
           " WHERE hex(state) = printf('%%02X', k)) = 6",
           id, other);
  cr_assert(ask(store, text), "the study is neither as before nor as after");
  cr_assert_eq(ask(store, "SELECT count(*) FROM meta WHERE key = 'finished'"), !grown);
  store_close(store);
  return grown;
}

Test(growth, rows_parameters_and_checkpoints)
{
  struct store *store;
  bool fresh;
  make_study(scratch_path("study"));
  cr_assert(!has_grown(scratch_path("study")));
  EXPECT_OK(store_open(scratch_path("study"), &store, &fresh, &error));
  EXPECT_OK(grow(store, &error));
  store_close(store);
  cr_assert(has_grown(scratch_path("study")));
}

Test(growth, what_is_none_of_the_sweep)
{
  static const char *const damages[] = {"UPDATE networks SET id = 12 WHERE id = 10",
                                        "UPDATE parameters SET id = 99 WHERE id = 10",
                                        "UPDATE checkpoints SET id = -3 WHERE id = 11"};
  for (size_t i = 0; i < sizeof damages / sizeof *damages; i++) {
    struct store *store;
    bool fresh;
    const char *path = scratch_path((const char[]){'s', (char)('0' + i), '\0'});
    make_study(path);
    EXPECT_OK(store_open(path, &store, &fresh, &error));
    EXPECT_OK(store_run(store, damages[i], &error));
    EXPECT_ERROR(grow(store, &error), CLFIT_ERROR_FORMAT, "is damaged");
    cr_assert_eq(ask(store, "SELECT value FROM meta WHERE key = 'count'"), 12);
    store_close(store);
  }
}

static int count_down(void *left)
{
  if (--*(int *)left < 0) raise(SIGKILL);
  return 0;
}

/* Grows a study in a process of its own that is killed when SQLite has run so many times 40 instructions; whether it
 * came to its end. */
static bool grow_killed(const char *path, int after)
{
  int outcome;
  pid_t child = fork();
  if (child == 0) {
    struct store *store;
    bool fresh;
    if (store_open(path, &store, &fresh, NULL)) _exit(1);
    sqlite3_progress_handler(store_handle(store), 40, count_down, &after);
    _exit(grow(store, NULL) ? 1 : 0);
  }
  cr_assert_eq(waitpid(child, &outcome, 0), child);
  cr_assert(WIFSIGNALED(outcome) ? WTERMSIG(outcome) == SIGKILL : WEXITSTATUS(outcome) == 0, "%d", outcome);
  return !WIFSIGNALED(outcome);
}

Test(growth, killed_at_any_time)
{
  bool ended = false;
  int kills = 0;
  for (; !ended; kills++) {
    const char *path = scratch_path("study");
    make_study(path);
    ended = grow_killed(path, kills);
    const bool grown = has_grown(scratch_path("study"));
    cr_assert(grown || !ended);
    remove(scratch_path("study"));
  }
  cr_assert_gt(kills, 20); /* so that it was killed within each of its statements: there are nine */
}
