/* Scaling of samples: the formulas, what it leaves alone, predictions in the samples' own units, models. */
#include "clfit.h"
#include "expect.h"
#include "scratch.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static clfit_data *make_data(size_t n, const double *x, const double *y, clfit_scale scale)
{
  clfit_data *data;
  EXPECT_OK(clfit_data_create(n, x, y, &data, &error));
  EXPECT_OK(clfit_data_scale(data, scale, &error));
  return data;
}

/* ---- the formulas --------------------------------------------------------------------------------------------- */

Test(scaling, range_maps_the_ends)
{
  static const double x[] = {300, 100, 260}, y[] = {-0.5, 7.5, 3.5};
  static const float x_float[] = {1, -1, 0.6f}, y_float[] = {-1, 1, 0};
  clfit_data *data = make_data(3, x, y, CLFIT_SCALE_RANGE);
  clfit_scaling scaling = clfit_data_scaling(data);
  cr_expect(scaling.x_factor == 100 && scaling.x_offset == 200 && scaling.y_factor == 4 && scaling.y_offset == 3.5);
  cr_expect_arr_eq(clfit_data_x_float(data), x_float, sizeof x_float);
  cr_expect_arr_eq(clfit_data_y_float(data), y_float, sizeof y_float);
  cr_expect_arr_eq(clfit_data_x(data), x, sizeof x);
  cr_expect_arr_eq(clfit_data_y(data), y, sizeof y);
  double low, high;
  clfit_data_range(data, &low, &high);
  cr_expect(low == -1 && high == 1, "%g to %g", low, high);
  clfit_data_free(data);
}

/* The deviation is that of the samples themselves, without n - 1: of -1, 1, 3, 5 it is sqrt(5). */
Test(scaling, standard)
{
  static const double x[] = {-1, 1, 3, 5}, y[] = {1e6 - 1, 1e6 + 1, 1e6 - 1, 1e6 + 1};
  static const float y_float[] = {-1, 1, -1, 1};
  clfit_data *data = make_data(4, x, y, CLFIT_SCALE_STANDARD);
  clfit_scaling scaling = clfit_data_scaling(data);
  cr_expect(scaling.x_factor == sqrt(5) && scaling.x_offset == 2 && scaling.y_factor == 1 && scaling.y_offset == 1e6);
  cr_expect_eq(clfit_data_x_float(data)[3], (float)(3 / sqrt(5)));
  cr_expect_arr_eq(clfit_data_y_float(data), y_float, sizeof y_float);
  double low, high;
  clfit_data_range(data, &low, &high);
  cr_expect(low == (double)(float)(-3 / sqrt(5)) && high == (double)(float)(3 / sqrt(5)), "%g to %g", low, high);
  clfit_data_free(data);
}

/* 0.1 + 0.1 + 0.1 is not 3 * 0.1: the mean of a constant column is not its value, and its deviation not 0. */
Test(scaling, constant_columns_have_factor_1)
{
  static const double x[] = {0.1, 0.1, 0.1}, y[] = {-7, -7, -7};
  for (clfit_scale scale = CLFIT_SCALE_RANGE; scale <= CLFIT_SCALE_STANDARD; scale++) {
    clfit_data *data = make_data(3, x, y, scale);
    clfit_scaling scaling = clfit_data_scaling(data);
    cr_expect(scaling.x_factor == 1 && scaling.x_offset == 0.1 && scaling.y_factor == 1 && scaling.y_offset == -7);
    for (size_t i = 0; i < 3; i++)
      cr_expect(clfit_data_x_float(data)[i] == 0 && clfit_data_y_float(data)[i] == 0, "sample %zu", i);
    clfit_data_free(data);
  }
}

/* Values so near each other, or so small, that half of their distance or its square is 0. */
Test(scaling, tiny_ranges_stay_finite)
{
  static const double x[] = {0, 4.9e-324, 0}, y[] = {1e-200, -1e-200, 0};
  for (clfit_scale scale = CLFIT_SCALE_NONE; scale <= CLFIT_SCALE_STANDARD; scale++) {
    clfit_data *data = make_data(3, x, y, scale);
    clfit_scaling scaling = clfit_data_scaling(data);
    cr_expect(scaling.x_factor > 0 && scaling.y_factor > 0, "scale %u", (unsigned)scale);
    for (size_t i = 0; i < 3; i++)
      cr_expect(isfinite(clfit_data_x_float(data)[i]) && isfinite(clfit_data_y_float(data)[i]));
    clfit_data_free(data);
  }
}

/* The ends of x are those of the domain, not of what happened to be drawn. */
Test(scaling, of_a_target)
{
  clfit_source source;
  clfit_network network;
  clfit_data *data;
  double low, high;
  clfit_source_default(&source);
  clfit_network_default(&network);
  network.samples = 50;
  EXPECT_OK(clfit_source_set(&source, "target", "x^2", &error));
  EXPECT_OK(clfit_source_set(&source, "domain", "-4:12", &error));
  EXPECT_OK(clfit_source_set(&source, "scale", "range", &error));
  EXPECT_OK(clfit_source_open(&source, &network, &data, &error));
  clfit_scaling scaling = clfit_data_scaling(data);
  cr_expect(scaling.x_factor == 8 && scaling.x_offset == 4);
  const double *y = clfit_data_y(data);
  double y_low = y[0], y_high = y[0];
  for (size_t i = 0; i < 50; i++) {
    y_low = fmin(y_low, y[i]);
    y_high = fmax(y_high, y[i]);
  }
  cr_expect(scaling.y_factor == (y_high - y_low) / 2 && scaling.y_offset == (y_high + y_low) / 2);
  clfit_data_range(data, &low, &high);
  cr_expect(low == -1 && high == 1);
  clfit_data_free(data);
  clfit_source_clear(&source);
}

Test(scaling, none_changes_nothing)
{
  static const double x[] = {0.1, -3, 2}, y[] = {-0.0, 1e30, 3};
  clfit_data *plain, *data = make_data(3, x, y, CLFIT_SCALE_NONE);
  char digest[2][CLFIT_DIGEST_SIZE];
  EXPECT_OK(clfit_data_create(3, x, y, &plain, &error));
  clfit_scaling scaling = clfit_data_scaling(data);
  cr_expect(clfit_scaling_is_identity(&scaling));
  cr_expect_arr_eq(clfit_data_x_float(data), clfit_data_x_float(plain), 3 * sizeof(float));
  cr_expect_arr_eq(clfit_data_y_float(data), clfit_data_y_float(plain), 3 * sizeof(float));
  clfit_data_digest(plain, 3, digest[0]);
  clfit_data_digest(data, 3, digest[1]);
  cr_expect_str_eq(digest[0], digest[1]);
  clfit_data_free(plain);
  clfit_data_free(data);
}

/* Samples in another unit have the same scaled values, and are others all the same. */
Test(scaling, digest_knows_the_unit)
{
  static const double x[] = {1, 2, 4}, y[] = {1, 2, 4}, inches[] = {2, 4, 8};
  clfit_data *one = make_data(3, x, y, CLFIT_SCALE_RANGE), *two = make_data(3, x, inches, CLFIT_SCALE_RANGE);
  char digest[2][CLFIT_DIGEST_SIZE];
  cr_expect_arr_eq(clfit_data_y_float(one), clfit_data_y_float(two), 3 * sizeof(float));
  clfit_data_digest(one, 3, digest[0]);
  clfit_data_digest(two, 3, digest[1]);
  cr_expect_str_neq(digest[0], digest[1]);
  clfit_data_free(one);
  clfit_data_free(two);
}

Test(scaling, names)
{
  clfit_scale scale = 99;
  clfit_source source;
  char text[CLFIT_SOURCE_TEXT_SIZE];
  const double zero = 0;
  clfit_source_default(&source);
  cr_expect_null(clfit_source_get(&source, "scale", text), "none is not written to files");
  EXPECT_OK(clfit_source_set(&source, "scale", "standard", &error));
  cr_expect_str_eq(clfit_source_get(&source, "scale", text), "standard");
  cr_expect(clfit_source_key_decides("scale"));
  EXPECT_ERROR(clfit_source_set(&source, "scale", "log", &error), CLFIT_ERROR_ARGUMENT,
               "unknown scale 'log'; there are none, range, standard");
  cr_expect_eq(source.scale, CLFIT_SCALE_STANDARD);
  EXPECT_OK(clfit_scale_find("Range", &scale, &error));
  cr_expect_eq(scale, CLFIT_SCALE_RANGE);
  cr_expect_null(clfit_scale_name(3));
  clfit_data *data = make_data(1, &zero, &zero, CLFIT_SCALE_NONE);
  EXPECT_ERROR(clfit_data_scale(data, 3, &error), CLFIT_ERROR_ARGUMENT, "there is no scale 3");
  clfit_data_free(data);
}

/* ---- predictions ----------------------------------------------------------------------------------------------- */

static const clfit_scaling odd = {0.3, 1000, 7e5, -0.125};

static clfit_state make_state(void)
{
  clfit_state state;
  clfit_network network;
  clfit_network_default(&network);
  network.hidden = 7;
  network.epochs = 1;
  network.samples = 3;
  network.init = CLFIT_INIT_SPREAD;
  EXPECT_OK(clfit_state_init(&state, &network, &error));
  state.progress = (clfit_progress){.status = CLFIT_TRAINING_DONE, .epoch = 1};
  return state;
}

/* More points than are taken at once. Device and reference agree to the last bit. */
Test(scaling, predictions_are_in_the_units_of_the_samples)
{
  enum { N = 600 };
  clfit_state state = make_state();
  const clfit_state *states = &state;
  double x[N], scaled[N], z[N], on_device[N];
  float answers[N];
  uint32_t index, slot;
  clfit_device *device;
  clfit_population *population;
  clfit_data *data = make_data(3, (double[]){1, 2, 3}, (double[]){1, 2, 3}, CLFIT_SCALE_NONE);
  clfit_grid(999, 1001, N, x);
  for (size_t i = 0; i < N; i++) scaled[i] = (x[i] - 1000) / 0.3;
  clfit_state_evaluate(&state, N, scaled, answers);
  clfit_state_predict(&state, &odd, N, x, z);
  EXPECT_OK(clfit_device_open("reference", &device, &error));
  EXPECT_OK(clfit_population_create(device, NULL, &population, &error));
  EXPECT_OK(clfit_population_add_data(population, data, &index, &error));
  EXPECT_OK(clfit_population_take(population, 1, &states, &index, &slot, &error));
  EXPECT_OK(clfit_population_predict(population, 1, &slot, &odd, N, x, on_device, &error));
  for (size_t i = 0; i < N; i++) {
    cr_expect_eq(z[i], fma((double)answers[i], 7e5, -0.125), "point %zu", i);
    cr_expect_eq(z[i], on_device[i], "point %zu", i);
  }
  clfit_state_predict(&state, NULL, N, x, z);
  clfit_state_evaluate(&state, N, x, answers);
  for (size_t i = 0; i < N; i++) cr_expect_eq(z[i], (double)answers[i], "without a scaling, point %zu", i);
  clfit_population_free(population);
  clfit_device_close(device);
  clfit_data_free(data);
  clfit_state_clear(&state);
}

/* fma(-0, 1, 0) would be +0. */
Test(scaling, identity_keeps_the_sign_of_zero)
{
  static const clfit_scaling zeroed;
  const float z[] = {-0.0f, 0.0f, NAN};
  double y[3];
  clfit_scaling_undo_y(&zeroed, 3, z, y);
  cr_expect(signbit(y[0]) && !signbit(y[1]) && isnan(y[2]));
  cr_expect(clfit_scaling_is_identity(&zeroed) && clfit_scaling_is_identity(NULL) && !clfit_scaling_is_identity(&odd));
}

/* ---- models ---------------------------------------------------------------------------------------------------- */

Test(scaling, models_keep_it)
{
  scratch_make();
  clfit_model model = {.size = sizeof model, .state = make_state(), .scaling = odd}, loaded;
  double x = 1000.1, before, after;
  clfit_source_default(&model.source);
  EXPECT_OK(clfit_model_save(&model, scratch_path("scaled"), &error));
  EXPECT_OK(clfit_model_load(scratch_path("scaled"), &loaded, &error));
  cr_expect_arr_eq(&loaded.scaling, &odd, sizeof odd);
  clfit_model_predict(&model, 1, &x, &before);
  clfit_model_predict(&loaded, 1, &x, &after);
  cr_expect_eq(before, after);
  clfit_model_clear(&loaded);
  model.scaling = (clfit_scaling){0};
  EXPECT_OK(clfit_model_save(&model, scratch_path("plain"), &error));
  EXPECT_OK(clfit_model_load(scratch_path("plain"), &loaded, &error));
  cr_expect(loaded.scaling.x_factor == 1 && clfit_scaling_is_identity(&loaded.scaling));
  clfit_model_clear(&loaded);
  static const clfit_scaling bad[] = {{-1, 0, 1, 0}, {1, NAN, 1, 0}, {1, 0, INFINITY, 0}, {1, 0, 1, -INFINITY}};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    model.scaling = bad[i];
    EXPECT_ERROR(clfit_model_save(&model, scratch_path("bad"), &error), CLFIT_ERROR_ARGUMENT, "scaling");
  }
  clfit_state_clear(&model.state);
  scratch_remove();
}

Test(scaling, models_keep_the_range_of_x)
{
  scratch_make();
  clfit_model model = {.size = sizeof model, .state = make_state(), .x_low = -0.1, .x_high = 1e9}, loaded;
  double low = 7, high = 8;
  clfit_source_default(&model.source);
  EXPECT_OK(clfit_model_save(&model, scratch_path("ranged"), &error));
  EXPECT_OK(clfit_model_load(scratch_path("ranged"), &loaded, &error));
  cr_expect(clfit_model_range(&loaded, &low, &high) && low == -0.1 && high == 1e9);
  clfit_model_clear(&loaded);
  model.x_low = model.x_high = 0;
  EXPECT_OK(clfit_model_save(&model, scratch_path("unknown"), &error));
  EXPECT_OK(clfit_model_load(scratch_path("unknown"), &loaded, &error));
  cr_expect(!clfit_model_range(&loaded, &low, &high) && low == -0.1 && high == 1e9);
  EXPECT_OK(clfit_source_set(&loaded.source, "target", "x", &error));
  EXPECT_OK(clfit_source_set(&loaded.source, "domain", "2:5", &error));
  cr_expect(clfit_model_range(&loaded, &low, &high) && low == 2 && high == 5, "a formula's domain");
  clfit_model_clear(&loaded);
  static const double bad[][2] = {{1, 0}, {NAN, 1}, {0, INFINITY}};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    model.x_low = bad[i][0];
    model.x_high = bad[i][1];
    EXPECT_ERROR(clfit_model_save(&model, scratch_path("bad"), &error), CLFIT_ERROR_ARGUMENT, "x_low");
  }
  clfit_state_clear(&model.state);
  scratch_remove();
}

Test(scaling, span_is_in_the_samples_units)
{
  static const double x[] = {3, 0.1, 2}, y[] = {1, 2, 4};
  clfit_data *data;
  double low, high;
  EXPECT_OK(clfit_data_create(3, x, y, &data, &error));
  EXPECT_OK(clfit_data_scale(data, CLFIT_SCALE_RANGE, &error));
  clfit_data_span(data, &low, &high);
  cr_expect(low == 0.1 && high == 3);
  clfit_data_free(data);
}
