/*
 * The one table of options: parser, help, limits and messages all come from its rows, so that a knob is declared once.
 */
#ifndef CLFIT_CLI_OPTIONS_H
#define CLFIT_CLI_OPTIONS_H

#include "cli/commands.h"

#include <stddef.h>
#include <stdint.h>

/* One a row of the table, in the order of the help text. */
enum option_id {
  OPTION_TARGET,
  OPTION_DOMAIN,
  OPTION_SAMPLES,
  OPTION_SAMPLE_SEED,
  OPTION_DATA,
  OPTION_X_COLUMN,
  OPTION_Y_COLUMN,
  OPTION_HIDDEN,
  OPTION_BENCH_HIDDEN,
  OPTION_ACTIVATION,
  OPTION_SEED,
  OPTION_EPOCHS,
  OPTION_RATE,
  OPTION_TOL,
  OPTION_RANDOM,
  OPTION_RANDOM_SEED,
  OPTION_SHARD,
  OPTION_HALVING,
  OPTION_MIN_EPOCHS,
  OPTION_PRESET,
  OPTION_GRID,
  OPTION_X,
  OPTION_TEST_DATA,
  OPTION_TEST_X_COLUMN,
  OPTION_TEST_Y_COLUMN,
  OPTION_MAX_ERROR,
  OPTION_WHERE,
  OPTION_RESULTS_RANK_BY,
  OPTION_MODEL,
  OPTION_LIMIT,
  OPTION_DEVICE,
  OPTION_SWEEP_DEVICE,
  OPTION_PREDICT_DEVICE,
  OPTION_VERIFY_DEVICE,
  OPTION_BENCH_DEVICE,
  OPTION_ALL,
  OPTION_MAPPING,
  OPTION_VERIFY_MAPPING,
  OPTION_MODE,
  OPTION_BENCH_MODE,
  OPTION_LAUNCH_STEPS,
  OPTION_QUICK,
  OPTION_SECONDS,
  OPTION_OUT,
  OPTION_PREDICT_OUT,
  OPTION_EXPORT_OUT,
  OPTION_FORMAT,
  OPTION_RESULTS_OUT,
  OPTION_PLOT,
  OPTION_SAMPLES_PLOT,
  OPTION_RESULTS_PLOT,
  OPTION_REPORT,
  OPTION_MERGE,
  OPTION_KIND,
  OPTION_ROWS,
  OPTION_COLS,
  OPTION_VALUE,
  OPTION_REDUCE,
  OPTION_HISTORY,
  OPTION_RESUME,
  OPTION_DB,
  OPTION_SWEEP_RESUME,
  OPTION_KEEP,
  OPTION_SWEEP_RANK_BY,
  OPTION_CSV,
  OPTION_DRY_RUN,
  OPTION_JSON,
  OPTION_QUIET,
  OPTION_HELP,
  OPTION_COUNT
};

enum option_kind {
  KIND_COUNT,      /* uint32_t, minimum .. maximum */
  KIND_REAL,       /* double, minimum .. maximum */
  KIND_TEXT,       /* const char *, not empty */
  KIND_CHOICE,     /* uint32_t, an index into choices */
  KIND_ACTIVATION, /* clfit_activation, by the library's table */
  KIND_FLAG,       /* bool, takes no value */
  KIND_LIST,       /* struct text_list, separated by commas or given several times */
  KIND_RANGE,      /* struct range, A:B */
  KIND_GRID        /* struct grid, A:B:N */
};

enum option_group {
  GROUP_LEARN,
  GROUP_NETWORK,
  GROUP_POINTS,
  GROUP_ROWS,
  GROUP_DEVICE,
  GROUP_FILES,
  GROUP_OTHER,
  GROUP_COUNT
};

struct option_row {
  const char *name;
  const char *aliases[2];
  char letter; /* short option, or 0 */
  enum option_kind kind;
  enum option_group group;
  bool axis;                  /* clfit sweep takes several values of it */
  unsigned commands;          /* bit 1 << command_id for each command that has it */
  size_t offset;              /* of its value in struct options */
  double minimum, maximum;    /* of counts and reals */
  const char *limits;         /* a real's limits in words */
  const char *const *choices; /* names of a choice, NULL after the last */
  const char *initial;        /* default, as it would be typed; NULL: 0, false or nothing */
  const char *metavar;
  const char *help;
};

extern const struct option_row option_rows[OPTION_COUNT];

struct text_list {
  char **items; /* [count] */
  size_t count;
};

struct range {
  double low, high; /* low < high, both finite in float32 */
};

struct grid {
  struct range range; /* low <= high */
  uint32_t count;
};

/* Every option's value. Texts belong to it. */
struct options {
  enum command_id command;
  bool given[OPTION_COUNT]; /* on the command line */
  bool help;

  clfit_network network; /* hidden, samples, epochs, seed, activation, rate, tol */
  const char *target, *data, *x_column, *y_column;
  struct range domain;
  uint32_t sample_seed;

  const char *model;  /* the operand of predict and export */
  const char *format; /* its name; NULL: by the ending of out */
  struct grid grid;
  const char *x;
  double max_error;

  struct text_list devices, hidden;
  const char *mapping;
  uint32_t mode, launch_steps;
  bool all, quick;
  double seconds;

  const char *out, *plot, *samples_plot, *history, *resume;
  bool json, quiet;

  const char *where, *rank_by, *csv, *model_id, *rows, *cols, *value, *report;
  struct text_list merge;
  uint32_t kind, reduce; /* enum picture_kind, enum picture_reduce */
  uint32_t random, random_seed, halving, min_epochs;
  const char *shard, *preset, *db, *keep;
  bool dry_run;
  uint32_t limit; /* 0: as many as there are */

  char *texts[OPTION_COUNT]; /* as typed, [OPTION_COUNT], NULL where not given */
  char *operand;
};

/* Reads the command line of a command, arguments[0] being its name. *options gets every default and what was given;
 * after --help nothing more is read. Release with options_clear. */
clfit_status options_parse(struct options *options, enum command_id command, int count, const char **arguments,
                           clfit_error *error);
void options_clear(struct options *options);

/* Sets an option as if it were on the command line. */
clfit_status options_set(struct options *options, enum option_id id, const char *text, clfit_error *error);

/* Whether an option may have several values with this command: only its text is taken then. */
bool option_is_axis(enum command_id command, enum option_id id);

/* Reads one value by its row, `text -> *value`, value being where row->offset points to. */
clfit_status option_read(const struct option_row *row, const char *text, void *value, clfit_error *error);

/* Appends a copy of a text. */
clfit_status text_list_append(struct text_list *list, const char *text, size_t length, clfit_error *error);
void text_list_clear(struct text_list *list);

bool option_given(const struct options *options, enum option_id id);

/* Prints the program's help text, or a command's, on stdout. */
void help_program(void);
void help_command(enum command_id command);

#endif
