/* The commands of the program. */
#ifndef CLFIT_CLI_COMMANDS_H
#define CLFIT_CLI_COMMANDS_H

#include "clfit.h"

#include <stdbool.h>

struct options;

enum command_id {
  COMMAND_TRAIN,
  COMMAND_SWEEP,
  COMMAND_SEARCH,
  COMMAND_PREDICT,
  COMMAND_EXPORT,
  COMMAND_DEVICES,
  COMMAND_VERIFY,
  COMMAND_RESULTS,
  COMMAND_BENCH,
  COMMAND_COUNT
};

struct command {
  const char *name;
  const char *operand; /* what it takes besides options, "MODEL", or NULL */
  const char *summary; /* one line */
  const char *example;
  /* Does the work. *exit_code comes in as EXIT_DONE; a failure is printed by main. */
  clfit_status (*run)(const struct options *options, int *exit_code, clfit_error *error);
};

extern const struct command commands[COMMAND_COUNT];

/* Finds a command by its name; the error for an unknown name suggests the most similar one. */
clfit_status command_find(const char *name, enum command_id *id, clfit_error *error);

clfit_status train_run(const struct options *options, int *exit_code, clfit_error *error);
clfit_status sweep_command(const struct options *options, int *exit_code, clfit_error *error);
clfit_status search_run(const struct options *options, int *exit_code, clfit_error *error);
clfit_status predict_run(const struct options *options, int *exit_code, clfit_error *error);
clfit_status export_run(const struct options *options, int *exit_code, clfit_error *error);
clfit_status devices_run(const struct options *options, int *exit_code, clfit_error *error);
clfit_status verify_run(const struct options *options, int *exit_code, clfit_error *error);
clfit_status results_run(const struct options *options, int *exit_code, clfit_error *error);
clfit_status bench_run(const struct options *options, int *exit_code, clfit_error *error);

#endif
