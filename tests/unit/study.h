/* The configurations of the chapter's tuning study with the test errors that float64 NumPy reached (data/golden), and
 * functions to train them. */
#ifndef CLFIT_TESTS_STUDY_H
#define CLFIT_TESTS_STUDY_H

#include "expect.h"

#include <stdio.h>

#define GOLDEN      CLFIT_TEST_DATA "/golden/"
#define TEST_POINTS 100u

static clfit_target *chapter_target(void)
{
  clfit_target *target;
  EXPECT_OK(clfit_target_parse(CLFIT_TARGET_DEFAULT, &target, &error));
  return target;
}

static clfit_data *chapter_samples(size_t count, uint32_t seed)
{
  clfit_target *target = chapter_target();
  clfit_data *data;
  EXPECT_OK(clfit_data_sample(target, 0.0, 1.0, count, seed, &data, &error));
  clfit_target_free(target);
  return data;
}

#define STUDY_LIMIT 64

/* A float64 row of study_float.csv. */
struct study_row {
  char row[16];
  clfit_network network;
  uint32_t sample_seed;
  double test_mse;
};

static inline size_t read_study(struct study_row *rows)
{
  FILE *file = fopen(GOLDEN "study_float.csv", "r");
  cr_assert(file);
  char line[512], precision[16];
  size_t count = 0;
  cr_assert(fgets(line, sizeof line, file));
  while (fgets(line, sizeof line, file)) {
    struct study_row *row = &rows[count];
    clfit_network_default(&row->network);
    int fields = sscanf(line, "%15[^,],%u,%u,%u,%lf,%*[^,],%u,%15[^,],%lf", row->row, &row->network.hidden,
                        &row->network.samples, &row->network.epochs, &row->network.rate, &row->sample_seed, precision,
                        &row->test_mse);
    if (fields != 8)
      fields =
          sscanf(line, "%15[^,],%u,%u,%u,%lf,,%u,%15[^,],%lf", row->row, &row->network.hidden, &row->network.samples,
                 &row->network.epochs, &row->network.rate, &row->sample_seed, precision, &row->test_mse);
    cr_assert(fields == 8, "%s", line);
    if (strcmp(precision, "float64")) continue;
    cr_assert(++count < STUDY_LIMIT);
  }
  fclose(file);
  return count;
}

struct study_result {
  clfit_state state;
  double test_mse;
};

/* Trains the rows as one population. */
static inline void train_study(const char *selector, const char *mapping, clfit_mode mode, size_t count,
                               const struct study_row *rows, struct study_result *results)
{
  clfit_device *device;
  clfit_population *population;
  clfit_population_options options;
  clfit_population_options_default(&options);
  options.mapping = mapping;
  options.mode = mode;
  EXPECT_OK(clfit_device_open(selector, &device, &error));
  EXPECT_OK(clfit_population_create(device, &options, &population, &error));
  clfit_state fresh[STUDY_LIMIT];
  const clfit_state *pointers[STUDY_LIMIT];
  uint32_t data[STUDY_LIMIT], slots[STUDY_LIMIT];
  for (uint32_t seed = 0; seed < 5; seed++) {
    clfit_data *samples = chapter_samples(1500, seed); /* the longest row's; for others a prefix */
    uint32_t index;
    EXPECT_OK(clfit_population_add_data(population, samples, &index, &error));
    clfit_data_free(samples);
  }
  for (size_t i = 0; i < count; i++) {
    EXPECT_OK(clfit_state_init(&fresh[i], &rows[i].network, &error));
    pointers[i] = &fresh[i];
    data[i] = rows[i].sample_seed;
  }
  EXPECT_OK(clfit_population_take(population, count, pointers, data, slots, &error));
  for (size_t running = 1; running > 0;) EXPECT_OK(clfit_population_advance(population, 0, &running, &error));

  double x[TEST_POINTS], y[TEST_POINTS], z[TEST_POINTS];
  clfit_grid(0.0, 1.0, TEST_POINTS, x);
  clfit_target *target = chapter_target();
  EXPECT_OK(clfit_target_evaluate(target, TEST_POINTS, x, y, &error));
  for (size_t i = 0; i < count; i++) {
    clfit_figures figures;
    EXPECT_OK(clfit_population_predict(population, 1, &slots[i], NULL, TEST_POINTS, x, z, &error));
    clfit_figures_compute(TEST_POINTS, z, y, &figures);
    EXPECT_OK(clfit_population_give(population, 1, &slots[i], &results[i].state, &error));
    results[i].test_mse = figures.mse;
    clfit_state_clear(&fresh[i]);
  }
  clfit_target_free(target);
  clfit_population_free(population);
  clfit_device_close(device);
}

static inline void clear_results(size_t count, struct study_result *results)
{
  for (size_t i = 0; i < count; i++) clfit_state_clear(&results[i].state);
}

#endif
