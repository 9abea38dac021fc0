/*
 * The table of options: parser, help, limits and messages all come from its rows, so that each is declared once. The
 * training options are the library's fields (clfit_field) and are not repeated here; the others are the rows of
 * option_table.c.
 */
#ifndef CLFIT_CLI_OPTIONS_H
#define CLFIT_CLI_OPTIONS_H

#include "cli/commands.h"

#include <stddef.h>
#include <stdint.h>

/* The rows of option_table.c, in the order of the help text. The options of the fields follow: OPTION_FIELDS + i is
 * that of clfit_field_get(i). */
enum option_id {
  OPTION_TARGET,
  OPTION_DOMAIN,
  OPTION_STUDY,
  OPTION_BEST,
  OPTION_GRID,
  OPTION_X,
  OPTION_DATA,
  OPTION_X_COLUMN,
  OPTION_Y_COLUMN,
  OPTION_WEIGHT_COLUMN,
  OPTION_VALIDATION,
  OPTION_SCALE,
  OPTION_MAX_ERROR,
  OPTION_MAX_RMSE,
  OPTION_MAX_HIDDEN,
  OPTION_BUDGET,
  OPTION_TIME_LIMIT,
  OPTION_RANDOM,
  OPTION_RANDOM_SEED,
  OPTION_SHARD,
  OPTION_HALVING,
  OPTION_MIN_EPOCHS,
  OPTION_PRESET,
  OPTION_DEVICE,
  OPTION_ALL,
  OPTION_MAPPING,
  OPTION_MODE,
  OPTION_LAUNCH_STEPS,
  OPTION_QUICK,
  OPTION_SECONDS,
  OPTION_OUT,
  OPTION_FORMAT,
  OPTION_NAME,
  OPTION_CLAMP,
  OPTION_SELF_TEST,
  OPTION_FIXED,
  OPTION_POINTS,
  OPTION_PLOT,
  OPTION_SAMPLES_PLOT,
  OPTION_FRAMES,
  OPTION_EXPLAIN,
  OPTION_REPORT,
  OPTION_MERGE,
  OPTION_KIND,
  OPTION_ROWS,
  OPTION_COLS,
  OPTION_VALUE,
  OPTION_REDUCE,
  OPTION_HISTORY,
  OPTION_DB,
  OPTION_RESUME,
  OPTION_KEEP,
  OPTION_KEEP_SAMPLES,
  OPTION_WHERE,
  OPTION_RANK_BY,
  OPTION_MODEL,
  OPTION_LIMIT,
  OPTION_CSV,
  OPTION_DRY_RUN,
  OPTION_JSON,
  OPTION_QUIET,
  OPTION_HELP,
  OPTION_FIELDS,
  OPTION_MAX = OPTION_FIELDS + 64 /* options_parse fails if there are more fields */
};

/* Returned where there is no such option. */
#define OPTION_NONE OPTION_MAX

enum option_kind {
  KIND_FIELD = 1, /* a member of network, read and printed by its clfit_field */
  KIND_COUNT,     /* uint32_t, minimum .. maximum */
  KIND_REAL,      /* double, minimum .. maximum */
  KIND_TEXT,      /* const char *, not empty */
  KIND_CHOICE,    /* uint32_t, an index into choices */
  KIND_FLAG,      /* bool, takes no value */
  KIND_LIST,      /* struct text_list, separated by commas or given several times */
  KIND_RANGE,     /* struct range, A:B */
  KIND_GRID       /* struct grid, A:B:N */
};

enum option_group {
  GROUP_LEARN = 1,
  GROUP_NETWORK,
  GROUP_POINTS,
  GROUP_ROWS,
  GROUP_DEVICE,
  GROUP_FILES,
  GROUP_HEADER,
  GROUP_OTHER,
  GROUP_COUNT
};

/* Members of an option's row that differ for some commands. Members that are 0 or NULL do not differ. */
struct option_words {
  unsigned commands;
  enum option_group group;
  enum option_kind kind;
  size_t offset; /* of its value; used if kind is not 0 */
  bool optional; /* the option has no default with these commands */
  const char *metavar, *help;
};

#define OPTION_WORDS_MAX 4

struct option_row {
  const char *name; /* NULL: there is no such option */
  const char *aliases[2];
  char letter; /* short option, or 0 */
  enum option_kind kind;
  enum option_group group;
  unsigned commands;          /* bit 1 << command_id for each command that has it */
  bool before_fields;         /* the help text has it before the fields of its group */
  bool of_target, of_file;    /* it needs samples that are drawn from a target, or read from a file */
  bool of_source;             /* it is part of the source of samples, which --resume takes from the model */
  bool of_sweep;              /* it defines a sweep: studies store it, and a resumed sweep must have the same */
  size_t offset;              /* of its value in struct options */
  const clfit_field *field;   /* of a KIND_FIELD; else NULL */
  double minimum, maximum;    /* of counts and reals */
  const char *limits;         /* a real's limits in words */
  const char *const *choices; /* names of a choice, NULL after the last */
  const char *initial;        /* default, as it would be typed; NULL: 0, false or nothing */
  const char *metavar;
  const char *help;
  struct option_words words[OPTION_WORDS_MAX]; /* up to the first without commands */
};

extern const struct option_row option_table[OPTION_FIELDS];

/* Words for options of fields, for commands other than train and sweep that have them. */
struct field_words {
  const char *field;
  struct option_words words;
};
extern const struct field_words option_field_words[];
extern const size_t option_field_words_count;

/* The row of an option for a command; its name is NULL if the command does not have the option. */
struct option_row option_row_of(enum command_id command, enum option_id id);

/* The name of an option, whatever the command; NULL beyond the last one. */
const char *option_name(enum option_id id);

/* The default of an option as text, and the names of a KIND_CHOICE. */
const char *option_initial(enum option_id id);
const char *const *option_choices(enum option_id id);

/* The option of a field, and the field of an option (NULL: it has none). */
enum option_id option_of_field(const clfit_field *field);
const clfit_field *option_field(enum option_id id);

/* The number of options: ids from 0 on. */
enum option_id option_count(void);

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
  bool given[OPTION_MAX]; /* on the command line */
  bool help;

  clfit_network network; /* the fields; for sweep only those that are no axes */
  const char *target, *data, *x_column, *y_column, *weight_column, *validation;
  struct range domain;
  clfit_scale scale;

  const char *model; /* the operand of predict (NULL: there is none, with --study) and export */
  const char *study;
  uint32_t best;
  const char *format; /* name of an export format; NULL: chosen by the ending of `out` */
  const char *name;   /* of an exported function */
  const char *fixed;  /* IN:OUT, bits of codes */
  uint32_t points;    /* of a table */
  bool clamp, self_test;
  struct grid grid;
  const char *x;
  double max_error, max_rmse, time_limit;
  uint32_t max_hidden, budget;

  struct text_list devices, hidden;
  const char *mapping;
  uint32_t mode, launch_steps;
  bool all, quick;
  double seconds;

  const char *out, *plot, *samples_plot, *frames, *explain, *history, *resume;
  bool json, quiet;

  const char *where, *rank_by, *csv, *model_id, *rows, *cols, *value, *report;
  struct text_list merge;
  uint32_t kind, reduce; /* enum picture_kind, enum picture_reduce */
  uint32_t random, random_seed, halving, min_epochs, keep_samples;
  const char *shard, *preset, *db, *keep;
  bool dry_run;
  uint32_t limit; /* 0: as many as there are */

  char *texts[OPTION_MAX]; /* as typed, NULL where not given */
  char *operand;
};

/* Reads the command line of a command, arguments[0] being its name. *options gets every default and what was given;
 * after --help nothing more is read. Release with options_clear. */
clfit_status options_parse(struct options *options, enum command_id command, int count, const char **arguments,
                           clfit_error *error);
void options_clear(struct options *options);

/* Sets an option as if it were on the command line. */
clfit_status options_set(struct options *options, enum option_id id, const char *text, clfit_error *error);

/* Whether an option may have several values with this command; options_parse then stores only its text. */
bool option_is_axis(enum command_id command, enum option_id id);

/* Reads one value by its row into the options. */
clfit_status option_read(const struct option_row *row, const char *text, struct options *options, clfit_error *error);

/* Appends a copy of a text. */
clfit_status text_list_append(struct text_list *list, const char *text, size_t length, clfit_error *error);
void text_list_clear(struct text_list *list);

bool option_given(const struct options *options, enum option_id id);

/* Prints the program's help text, or a command's, on stdout. */
void help_program(void);
void help_command(enum command_id command);

#endif
