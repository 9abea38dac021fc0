/* What a learner looks at: animations of a fit, held-out losses, neurons. */
#include "clfit.h"

#include "scratch.h"

#include <math.h>
#include <string.h>

static clfit_error error;

TestSuite(view, .init = scratch_make, .fini = scratch_remove);

#define N 50
static double x[N], y[N], answers[3][N];

/* A parabola, and answers that come nearer: 0, half of it, all of it. */
static clfit_animation make_animation(clfit_frame frames[3])
{
  clfit_animation animation;
  memset(&animation, 0xA5, sizeof animation);
  clfit_animation_default(&animation);
  for (int i = 0; i < N; i++) {
    x[i] = i / (N - 1.0);
    y[i] = x[i] * x[i];
    for (int k = 0; k < 3; k++) answers[k][i] = 0.5 * k * y[i];
  }
  for (uint32_t k = 0; k < 3; k++)
    frames[k] = (clfit_frame){.epoch = k, .loss = k ? 0.1 / k : NAN, .held_loss = NAN, .z = answers[k]};
  animation.plot.n_points = animation.plot.n_line = N;
  animation.plot.x = animation.plot.line_x = x;
  animation.plot.y = y;
  animation.n_frames = 3;
  animation.frames = frames;
  return animation;
}

/* The text of an SVG; free it. */
static char *draw(const clfit_animation *animation)
{
  char *text = NULL;
  size_t size;
  FILE *stream = open_memstream(&text, &size);
  cr_assert_eq(clfit_animation_write(animation, "a.svg", stream, &error), CLFIT_OK, "%s", error.message);
  fclose(stream);
  return text;
}

static int count_of(const char *text, const char *part)
{
  int count = 0;
  for (; (text = strstr(text, part)); text += strlen(part)) count++;
  return count;
}

/* ---- animations ------------------------------------------------------------------------------------------------ */

Test(view, animation_of_a_fit)
{
  clfit_frame frames[3];
  clfit_animation animation = make_animation(frames);
  char *text = draw(&animation);
  cr_expect_eq(count_of(text, "<g class='frame'"), 3);
  cr_expect_eq(count_of(text, "@keyframes"), 3);
  cr_expect_eq(count_of(text, "h0"), N + 1, "every point once, and one in the key");
  cr_expect_eq(count_of(text, "<circle class='at'"), 2, "no loss before the first epoch");
  cr_expect(strstr(text, ">epoch 2, train loss 0.05<"));
  cr_expect_null(strstr(text, "class='held'"));
  free(text);
}

Test(view, animation_with_held_out_losses)
{
  static const double losses[] = {0.1, 0.05}, held[] = {0.2, 0.15};
  clfit_frame frames[3];
  clfit_animation animation = make_animation(frames);
  frames[1].held_loss = held[0];
  frames[2].held_loss = held[1];
  char *text = draw(&animation);
  cr_expect(strstr(text, ">epoch 2, train loss 0.05, held-out loss 0.15<"));
  cr_expect_eq(count_of(text, "<path class='held' d='M"), 2, "the curve, and its key");
  cr_expect_eq(count_of(text, "<circle class='held-at'"), 2);
  char *frames_alone = text;
  animation.plot.losses = losses;
  animation.plot.held_losses = held;
  animation.plot.n_losses = 2;
  text = draw(&animation);
  cr_expect_str_eq(text, frames_alone, "a history of the same losses is the same picture");
  free(frames_alone);
  free(text);
}

Test(view, animation_range)
{
  clfit_frame frames[3];
  clfit_animation animation = make_animation(frames);
  clfit_animation_set_range(&animation);
  cr_expect_float_eq(animation.plot.y_low, -0.04, 1e-12);
  cr_expect_float_eq(animation.plot.y_high, 1.04, 1e-12);
  answers[0][7] = -1e30; /* a wild start must not flatten the rest */
  answers[1][7] = NAN;
  clfit_animation_set_range(&animation);
  cr_expect_float_eq(animation.plot.y_low, -0.54, 1e-12);
  char *text = draw(&animation);
  cr_expect_null(strstr(text, "nan"));
  cr_expect_eq(count_of(text, "inf"), 1, "the loop, and no number");
  cr_expect_null(strstr(text, "e+"));
  free(text);
}

Test(view, animation_that_cannot_be)
{
  clfit_frame frames[3];
  clfit_animation animation = make_animation(frames);
  FILE *stream = tmpfile();
  cr_expect_eq(clfit_animation_write(&animation, "a.png", stream, &error), CLFIT_ERROR_ARGUMENT);
  cr_expect(strstr(error.message, "a.png") && strstr(error.message, ".svg, .gif or .mp4"));
  animation.n_frames = 0;
  cr_expect_eq(clfit_animation_write(&animation, "a.svg", stream, &error), CLFIT_ERROR_ARGUMENT);
  animation.n_frames = CLFIT_FRAMES_MAX + 1;
  cr_expect_eq(clfit_animation_write(&animation, "a.svg", stream, &error), CLFIT_ERROR_ARGUMENT);
  animation.size = 0;
  cr_expect_eq(clfit_animation_write(&animation, "a.svg", stream, &error), CLFIT_ERROR_ARGUMENT);
  fclose(stream);
  cr_expect(clfit_animation_is_path("a.SVG") && clfit_animation_is_path("b.gif") && clfit_animation_is_path("c.mp4"));
  cr_expect_not(clfit_animation_is_path("a.png") || clfit_animation_is_path("-") || clfit_animation_is_path("svg"));
}

/* ---- still pictures -------------------------------------------------------------------------------------------- */

static char *draw_plot(const clfit_plot *plot)
{
  char *text = NULL;
  size_t size;
  if (clfit_plot_check("a.svg", NULL)) scratch_skip("gnuplot is not installed");
  FILE *stream = open_memstream(&text, &size);
  cr_assert_eq(clfit_plot_write(plot, "a.svg", stream, &error), CLFIT_OK, "%s", error.message);
  fclose(stream);
  return text;
}

Test(view, held_out_losses_beside_train_losses)
{
  static const double losses[] = {0.1, 0.05, 0.02}, held[] = {0.2, 0.15, 0.2};
  clfit_plot plot;
  clfit_plot_default(&plot);
  plot.losses = losses;
  plot.n_losses = 3;
  char *text = draw_plot(&plot);
  cr_expect_null(strstr(text, "held-out"));
  free(text);
  plot.held_losses = held;
  text = draw_plot(&plot);
  cr_expect_eq(count_of(text, ">train loss<"), 1, "in the key");
  cr_expect_eq(count_of(text, ">held-out loss<"), 1);
  cr_expect_eq(count_of(text, ">loss<"), 1, "the axis is of both");
  free(text);
}

Test(view, long_titles_are_broken)
{
  clfit_frame frames[3];
  clfit_animation animation = make_animation(frames);
  clfit_plot plot = animation.plot;
  plot.line_z = answers[1];
  plot.title = "0.4*x^2 + 0.3*x*sin(15*x) + 0.01*cos(50*...: hidden 128, sigmoid, 1000 samples, 1000 epochs, rate 0.1";
  plot.subtitle = "below";
  char *text = draw_plot(&plot);
  cr_expect(strstr(text, ": hidden 128, sigmoid,<"), "at the last comma of the first line");
  cr_expect(strstr(text, ">1000 samples, 1000 epochs, rate 0.1<"));
  cr_expect(strstr(text, ">below<"));
  free(text);
}

/* ---- neurons --------------------------------------------------------------------------------------------------- */

/* Two neurons: w1 (2, -0.5), b1 (-1, 1), w2 (3, -4), b2 0.25. */
static clfit_state make_state(clfit_activation activation)
{
  static float parameters[] = {2, -0.5F, -1, 1, 3, -4, 0.25F};
  clfit_state state = {.size = sizeof state, .parameters = parameters};
  clfit_network_default(&state.network);
  state.network.hidden = 2;
  state.network.activation = activation;
  return state;
}

/* Slopes are differences of float32 at 2^-10: within 2^-11 of the derivative. */
static void expect_near(double value, double expected)
{
  cr_expect(fabs(value - expected) <= 0x1p-11 * fabs(expected), "%.17g is not near %.17g", value, expected);
}

Test(view, neurons_of_each_activation)
{
  static const struct {
    clfit_activation activation;
    double slope; /* at 0 */
  } rows[] = {{CLFIT_SIGMOID, 0.25}, {CLFIT_TANH, 1}, {CLFIT_RELU, 1}};
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    clfit_state state = make_state(rows[i].activation);
    clfit_neuron neurons[2];
    memset(neurons, 0xA5, sizeof neurons);
    clfit_state_neurons(&state, NULL, 0, 1, neurons);
    cr_expect_eq(neurons[0].index, 0);
    cr_expect_eq(neurons[1].index, 1);
    cr_expect_eq(neurons[0].x, 0.5);
    cr_expect_eq(neurons[1].x, 2);
    cr_expect(neurons[0].inside && !neurons[1].inside);
    expect_near(neurons[0].slope, 3 * 2 * rows[i].slope);
    expect_near(neurons[1].slope, -4 * -0.5 * rows[i].slope);
  }
}

/* They add up to the answer, whatever the activation. */
Test(view, contributions_add_up)
{
  static const clfit_scaling scaling = {10, 3, 100, -7};
  static const double at[] = {-4, 3, 8.5};
  for (clfit_activation activation = 0; activation < clfit_activation_count(); activation++) {
    clfit_state state = make_state(activation);
    double z[3], first[3], second[3];
    clfit_state_predict(&state, &scaling, 3, at, z);
    clfit_state_contribution(&state, &scaling, 0, 3, at, first);
    clfit_state_contribution(&state, &scaling, 1, 3, at, second);
    for (int i = 0; i < 3; i++) {
      double sum = first[i] + second[i] + clfit_state_constant(&state, &scaling);
      /* z was summed in float32: three roundings of values below 16, times y's factor */
      cr_expect(fabs(sum - z[i]) <= 3 * 0x1p-21 * 100, "%s: %.17g, not %.17g", clfit_activation_name(activation), sum,
                z[i]);
    }
  }
}

Test(view, neurons_in_the_units_of_the_samples)
{
  static const clfit_scaling scaling = {10, 3, 100, -7};
  clfit_state state = make_state(CLFIT_RELU);
  clfit_neuron neurons[2];
  clfit_state_neurons(&state, &scaling, 3, 13, neurons); /* scaled: 0 to 1 */
  cr_expect_eq(neurons[0].x, 8);
  cr_expect_eq(neurons[1].x, 23);
  expect_near(neurons[0].slope, 3 * 2 * 100.0 / 10);
  cr_expect_float_eq(neurons[0].span, 300, 1e-4, "3 relu(2 x - 1) from 0 to 1");
  cr_expect_float_eq(neurons[1].span, 200, 1e-4, "-4 relu(1 - x/2) from 0 to 1");
  cr_expect_eq(clfit_state_constant(&state, &scaling), 100 * 0.25 - 7);
}

Test(view, neurons_without_a_bend_come_last)
{
  float parameters[] = {0, 1, INFINITY, 5, -0.25F, 1, 1, 1, NAN, 0};
  clfit_state state = make_state(CLFIT_TANH);
  clfit_neuron neurons[3];
  state.network.hidden = 3;
  state.parameters = parameters;
  clfit_state_neurons(&state, NULL, 0, 1, neurons);
  /* -1/inf is a bend at 0, of a neuron that adds no number; w1 = 0 has none */
  cr_expect_eq(neurons[0].index, 2);
  cr_expect(isnan(neurons[0].slope) && isnan(neurons[0].span));
  cr_expect_eq(neurons[1].index, 1);
  cr_expect_eq(neurons[2].index, 0);
  cr_expect(isnan(neurons[2].x) && !neurons[2].inside);
  cr_expect_eq(neurons[2].span, 0);
}
