/* Steps of a launch, from the number of networks, what a step of them is, and the speed of the launch before. */
#include "engine/pace.h"
#include "expect.h"

/* Networks of one neuron and plain gradient descent: a step of each is one neuron update. */
static struct pace make_pace(size_t count, double updates_per_second)
{
  struct pace pace;
  clfit_network network;
  clfit_network_default(&network);
  network.hidden = 1;
  clfit_pace_begin(&pace);
  clfit_pace_count_none(&pace);
  for (size_t i = 0; i < count; i++) clfit_pace_count(&pace, &network);
  for (int launch = 0; launch < 20; launch++) clfit_pace_measured(&pace, updates_per_second, 1);
  return pace;
}

static double launch_seconds(const struct pace *pace)
{
  return clfit_pace_steps(pace) * pace->work / pace->speed;
}

static void expect_seconds(const struct pace *pace, double want)
{
  const double got = launch_seconds(pace);
  cr_assert(got > 0.99 * want && got <= want, "%g s, not %g", got, want); /* a step is a thousandth of it at most */
}

Test(pace, few_networks_take_50_ms)
{
  const struct pace one = make_pace(1, 1e9), many = make_pace(1000, 1e9);
  expect_seconds(&one, 0.05);
  expect_seconds(&many, 0.05);
}

/* The host's pass over the networks, 50 ns each, is about a hundredth of it. */
Test(pace, very_many_networks_take_longer)
{
  const struct pace some = make_pace(50000, 1e12), more = make_pace(1000000, 1e12);
  expect_seconds(&some, 0.2);
  expect_seconds(&more, 0.5);
}

/* The speed of new networks may be far lower than that of those before. */
Test(pace, new_networks_begin_with_a_short_launch)
{
  struct pace pace = make_pace(50000, 1e12);
  pace.taken_since = 25001;
  expect_seconds(&pace, 0.05);
  pace.taken_since = 25000;
  expect_seconds(&pace, 0.2);
  pace.taken_since = 50000;
  clfit_pace_measured(&pace, 1e12, 1);
  expect_seconds(&pace, 0.2);
}

Test(pace, least_squares_takes_200_ms)
{
  struct pace pace = make_pace(10, 1e9);
  clfit_network network;
  clfit_network_default(&network);
  network.hidden = 1;
  network.samples = 7;
  const double before = pace.work, gradient = clfit_pace_work(&network);
  network.optimizer = CLFIT_LM;
  clfit_pace_count(&pace, &network);
  cr_assert(pace.work - before == 7 * clfit_network_work(&network), "all samples of an iteration");
  cr_assert(gradient == 1, "one sample of a step");
  expect_seconds(&pace, 0.2);
}

/* A launch in which nearly all networks ended must not make the next one last for minutes; nor a slow one stop it. */
Test(pace, the_speed_changes_by_a_bounded_factor)
{
  struct pace pace = make_pace(1, 1e9);
  clfit_pace_measured(&pace, 1e15, 1);
  cr_assert(pace.speed == 4e9);
  clfit_pace_measured(&pace, 0, 1);
  cr_assert(pace.speed > 0 && clfit_pace_steps(&pace) >= 1);
}
