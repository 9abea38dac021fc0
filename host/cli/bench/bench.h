/* What the parts of clfit bench share. */
#ifndef CLFIT_CLI_BENCH_H
#define CLFIT_CLI_BENCH_H

#include "cli/options/options.h"

/* Settings that all cells share. A cell is one measurement of the table. */
struct bench_setup {
  clfit_device *device;
  clfit_device *reference; /* what the device must agree with before it is timed */
  clfit_data *data;
  clfit_activation activation;
  double seconds, launch_seconds; /* of a measurement and of each launch in it, at least */
};

/* A way to train that is measured. */
struct bench_training {
  const char *name;
  clfit_optimizer optimizer;
  uint32_t batch;
  bool all_sizes; /* else only two sizes, unless sizes are asked for */
};

#define BENCH_SAMPLES 1000 /* of each epoch */

#define BENCH_TRAININGS 3
extern const struct bench_training bench_trainings[BENCH_TRAININGS];

/* One kind of network in one mapping and mode, a number of them at once. */
struct bench_cell {
  uint32_t hidden, networks;
  size_t training; /* in bench_trainings */
  const char *mapping;
  clfit_mode mode;
  bool chosen;                      /* the mapping is the one that such networks get unless another is asked for */
  double steps_per_second;          /* of all networks together, in the fastest launch; NAN if refused */
  char refusal[CLFIT_MESSAGE_SIZE]; /* why it is not timed; "" if it is */
};

/* The network and training of a cell. */
clfit_network bench_network(const struct bench_setup *setup, uint32_t hidden, size_t training);

/* Compares a cell's training with the reference's, then measures its speed. A difference is no failure of the call: the
 * cell is not timed, and cell->refusal says why. */
clfit_status bench_measure(const struct bench_setup *setup, struct bench_cell *cell, clfit_error *error);

/* Everything measured, a cell of one network and one of many after each other for each row of the table. */
struct bench {
  const struct options *options;
  struct bench_setup setup;
  struct bench_cell *cells; /* [cell_count] */
  size_t cell_count;
  clfit_ceiling *ceilings; /* [mode_count][BENCH_TRAININGS]; those that are not measured are 0 */
  uint32_t mode_count;
};

/* The ceiling of a mode and of a training, which is an index in bench_trainings. */
clfit_ceiling *bench_ceiling(const struct bench *bench, uint32_t mode, size_t training);

void bench_report_text(const struct bench *bench);
void bench_report_json(const struct bench *bench, bool passed);

#endif
