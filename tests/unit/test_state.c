/* Configurations, states, progress, the table of activations. */
#include "clfit.h"
#include "config/activation.h"
#include "config/optimizer.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define POISON 0xA5

static clfit_error failure;

static void expect_failure(clfit_status status, const char *words)
{
  cr_assert_eq(status, CLFIT_ERROR_ARGUMENT, "%s: %s", words, clfit_status_name(status));
  cr_expect_eq(failure.code, CLFIT_ERROR_ARGUMENT);
  cr_expect_eq(failure.cl_code, 0);
  cr_expect_eq(failure.position, 0);
  cr_expect_eq(failure.log[0], '\0');
  cr_expect(strstr(failure.message, words), "\"%s\" lacks \"%s\"", failure.message, words);
  memset(&failure, POISON, sizeof failure);
}

static uint32_t bits_of(float value)
{
  uint32_t bits;
  memcpy(&bits, &value, sizeof bits);
  return bits;
}

static clfit_network network_of(uint32_t hidden)
{
  clfit_network network;
  clfit_network_default(&network);
  network.hidden = hidden;
  return network;
}

/* ---- activations --------------------------------------------------------------------------------------------- */

Test(activation, table)
{
  cr_assert_eq(clfit_activation_count(), 10);
  cr_expect_str_eq(clfit_activation_name(CLFIT_SIGMOID), "sigmoid");
  cr_expect_str_eq(clfit_activation_name(CLFIT_TANH), "tanh");
  cr_expect_str_eq(clfit_activation_name(CLFIT_RELU), "relu");
  cr_expect_null(clfit_activation_name(10));
  cr_expect_null(clfit_activation_name(UINT32_MAX));
  cr_expect_eq(clfit_activation_get(CLFIT_SIGMOID)->value(0), 0.5f);
  cr_expect_eq(clfit_activation_get(CLFIT_SIGMOID)->slope(0.5f, 0), 0.25f);
  cr_expect_eq(clfit_activation_get(CLFIT_TANH)->value(-20), -1);
  cr_expect_eq(clfit_activation_get(CLFIT_TANH)->slope(0.5f, 0), 0.75f);
  cr_expect_eq(clfit_activation_get(CLFIT_RELU)->value(-20), 0);
  cr_expect_eq(clfit_activation_get(CLFIT_RELU)->slope(20, 20), 1);
}

Test(activation, names)
{
  static const struct {
    const char *name;
    clfit_activation activation;
  } rows[] = {{"sigmoid", CLFIT_SIGMOID},
              {"logistic", CLFIT_SIGMOID},
              {"tanh", CLFIT_TANH},
              {"relu", CLFIT_RELU},
              {"ReLU", CLFIT_RELU},
              {"Logistic", CLFIT_SIGMOID},
              {"softsign", CLFIT_SOFTSIGN},
              {"softplus", CLFIT_SOFTPLUS},
              {"leakyrelu", CLFIT_LEAKYRELU},
              {"leaky_relu", CLFIT_LEAKYRELU},
              {"elu", CLFIT_ELU},
              {"silu", CLFIT_SILU},
              {"swish", CLFIT_SILU},
              {"gelu", CLFIT_GELU},
              {"sine", CLFIT_SINE},
              {"sin", CLFIT_SINE}};
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    clfit_activation found = 99;
    cr_expect_eq(clfit_activation_find(rows[i].name, &found, &failure), CLFIT_OK);
    cr_expect_eq(found, rows[i].activation, "%s", rows[i].name);
  }
}

Test(activation, unknown_names)
{
  static const char *const names[] = {"", "mish", "sigmoid ", " tanh", "sig", "logistics", "sigmoid logistic"};
  char words[256];
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    clfit_activation found = 99;
    snprintf(words, sizeof words,
             "unknown activation '%s'; there are sigmoid (logistic), tanh, relu, "
             "softsign, softplus, leakyrelu (leaky_relu), elu, silu (swish), gelu, sine (sin)",
             names[i]);
    expect_failure(clfit_activation_find(names[i], &found, &failure), words);
    cr_expect_eq(found, 99);
    cr_expect_eq(clfit_activation_find(names[i], &found, NULL), CLFIT_ERROR_ARGUMENT);
  }
}

/* ---- configurations ------------------------------------------------------------------------------------------ */

Test(network, defaults)
{
  clfit_network network;
  memset(&network, POISON, sizeof network);
  clfit_network_default(&network);
  cr_expect_eq(network.size, sizeof network);
  cr_expect_eq(network.hidden, 128);
  cr_expect_eq(network.samples, 1000);
  cr_expect_eq(network.epochs, 1000);
  cr_expect_eq(network.seed, 2);
  cr_expect_eq(network.activation, CLFIT_SIGMOID);
  cr_expect_eq(network.rate, 0.1);
  cr_expect_eq(network.tol, 0);
  cr_expect_eq(clfit_network_check(&network, &failure), CLFIT_OK);
}

Test(network, ends_of_the_ranges)
{
  clfit_network network;
  clfit_network_default(&network);
  network.holdout = 0.5; /* what waits for the loss of samples held out needs some */
  for (size_t i = 0; i < clfit_field_count(); i++) {
    const clfit_field *field = clfit_field_get(i);
    bool named = field->kind == CLFIT_FIELD_NAME;
    if (field->offset == offsetof(clfit_network, holdout)) network.stop_on = network.patience_on = CLFIT_FIGURE_OF_ALL;
    if (field->offset == offsetof(clfit_network, samples)) network.holdout = 0; /* of one sample none can be held out */
    clfit_field_set(field, named ? 0 : field->minimum, &network);
    cr_expect_eq(clfit_network_check(&network, &failure), CLFIT_OK, "%s: %s", field->name, failure.message);
    uint32_t names = 0;
    while (named && field->value_name(names + 1)) names++;
    clfit_field_set(field, named ? names : field->maximum, &network);
    const uint32_t hidden = network.hidden;
    if (network.optimizer == CLFIT_LM) network.hidden = CLFIT_LM_HIDDEN_MAX;
    cr_expect_eq(clfit_network_check(&network, &failure), CLFIT_OK, "%s: %s", field->name, failure.message);
    network.hidden = hidden;
    if (field->offset == offsetof(clfit_network, samples)) network.holdout = 0.5;
    if (network.optimizer == CLFIT_LM) network.optimizer = CLFIT_SGD;
  }
  network.optimizer = CLFIT_LM;
  network.hidden = CLFIT_LM_HIDDEN_MAX + 1;
  cr_expect_eq(clfit_network_check(&network, &failure), CLFIT_ERROR_ARGUMENT);
  network.hidden = CLFIT_HIDDEN_MAX;
  cr_expect_eq(network.rate, CLFIT_RATE_MAX);
}

/* A study that was made before a field existed is compared with the field's initial text. */
Test(network, initial_texts_are_printed_ones)
{
  clfit_network network;
  char text[CLFIT_FIELD_TEXT_SIZE];
  clfit_network_default(&network);
  for (size_t i = 0; i < clfit_field_count(); i++) {
    clfit_field_print(clfit_field_get(i), &network, text);
    cr_expect_str_eq(text, clfit_field_get(i)->initial);
  }
}

Test(network, fields_are_found_read_and_printed)
{
  clfit_network network, copy;
  clfit_network_default(&network);
  clfit_network_default(&copy);
  cr_expect_eq(clfit_field_find("sample-seed"), clfit_field_find("sample_seed"));
  cr_expect_eq(clfit_field_find("lr"), clfit_field_find("rate"));
  cr_expect_null(clfit_field_find("no-such-field"));
  cr_expect_null(clfit_field_get(clfit_field_count()));
  cr_expect_eq(clfit_field_read(clfit_field_find("hidden"), "1.5e1", NULL, &network, &failure), CLFIT_OK);
  cr_expect_eq(clfit_field_read(clfit_field_find("rate"), "0.25", NULL, &network, &failure), CLFIT_OK);
  cr_expect_eq(clfit_field_read(clfit_field_find("activation"), "TanH", NULL, &network, &failure), CLFIT_OK);
  cr_expect(network.hidden == 15 && network.rate == 0.25 && network.activation == CLFIT_TANH);
  for (size_t i = 0; i < clfit_field_count(); i++) {
    char text[CLFIT_FIELD_TEXT_SIZE];
    clfit_field_print(clfit_field_get(i), &network, text);
    cr_expect_eq(clfit_field_read(clfit_field_get(i), text, NULL, &copy, &failure), CLFIT_OK, "%s", failure.message);
    cr_expect_eq(clfit_field_value(clfit_field_get(i), &copy), clfit_field_value(clfit_field_get(i), &network));
  }
  expect_failure(clfit_field_read(clfit_field_find("hidden"), "1.5", "--hidden", &network, &failure),
                 "--hidden must be a whole number from 1 to 4096, not \"1.5\"");
  expect_failure(clfit_field_read(clfit_field_find("rate"), "nan", NULL, &network, &failure), "rate must be a number");
  expect_failure(clfit_field_read(clfit_field_find("activation"), "mish", "--activation", &network, &failure),
                 "--activation: unknown activation 'mish'");
  cr_expect_eq(network.hidden, 15);
}

/* The text of a code in its shortest form gives the code back, and what is no code is refused with what it must be. */
Test(network, codes_are_texts)
{
  static const struct {
    const char *typed, *printed;
    double code;
  } cases[] = {{"0", "0", 0},       {"0.05", "0.05", 0.05}, {"uniform:0.50", "0.5", 0.5},
               {"gauss:0", "0", 0}, {"-0", "0", 0},         {"Gauss:1e-1", "gauss:0.1", -0.1}};
  const clfit_field *noise = clfit_field_find("noise");
  clfit_network network;
  char text[CLFIT_FIELD_TEXT_SIZE];
  clfit_network_default(&network);
  cr_assert_eq(noise->kind, CLFIT_FIELD_CODE);
  cr_expect(clfit_field_is_text(noise) && clfit_field_is_text(clfit_field_find("init")) &&
            !clfit_field_is_text(clfit_field_find("rate")) && !clfit_field_is_text(clfit_field_find("hidden")));
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    cr_expect_eq(clfit_field_read(noise, cases[i].typed, NULL, &network, &failure), CLFIT_OK, "%s", failure.message);
    clfit_field_print(noise, &network, text);
    cr_expect(network.noise == cases[i].code && !(network.noise == 0 && signbit(network.noise)), "%s", cases[i].typed);
    cr_expect_str_eq(text, cases[i].printed);
    cr_expect_eq(clfit_network_check(&network, &failure), CLFIT_OK);
  }
  static const char *const wrong[] = {"",    "-0.1",      "gauss",     "gauss:", "gauss:-1",
                                      "nan", "gauss:inf", "0.1:0.2:3", "0,1"};
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
    expect_failure(clfit_field_read(noise, wrong[i], "--noise", &network, &failure), "--noise: '");
  expect_failure(clfit_field_read(noise, "x", NULL, &network, &failure), "noise: 'x' is neither U");
  cr_expect_eq(network.noise, -0.1);
  network.noise = NAN;
  cr_expect_eq(clfit_network_check(&network, &failure), CLFIT_ERROR_ARGUMENT);
}

#define EXPECT_REFUSED(field, bad, words)                                                                              \
  do {                                                                                                                 \
    clfit_network network = network_of(4);                                                                             \
    network.field = bad;                                                                                               \
    expect_failure(clfit_network_check(&network, &failure), words);                                                    \
    cr_expect_eq(clfit_network_check(&network, NULL), CLFIT_ERROR_ARGUMENT);                                           \
  } while (0)

Test(network, values_out_of_range)
{
  EXPECT_REFUSED(size, 0, "the size of a clfit_network is 0");
  EXPECT_REFUSED(size, sizeof network - 8, "the size of a clfit_network is ");
  EXPECT_REFUSED(size, sizeof network + 8, "the size of a clfit_network is ");
  EXPECT_REFUSED(hidden, 0, "hidden is 0; it must be 1 to 4096");
  EXPECT_REFUSED(hidden, 4097, "hidden is 4097; it must be 1 to 4096");
  EXPECT_REFUSED(samples, 0, "samples is 0; it must be 1 to 134217728");
  EXPECT_REFUSED(samples, 134217729, "samples is 134217729; it must be 1 to 134217728");
  EXPECT_REFUSED(epochs, 0, "epochs is 0; it must be 1 to 2147483647");
  EXPECT_REFUSED(epochs, 2147483648u, "epochs is 2147483648; it must be 1 to 2147483647");
  EXPECT_REFUSED(activation, 10, "activation is 10, which has no name");
  EXPECT_REFUSED(rate, 0, "rate is 0; it must be finite and from 2^-64 to 2^64");
  EXPECT_REFUSED(rate, -0.1, "rate is -0.1; it must be");
  EXPECT_REFUSED(rate, NAN, "rate is nan; it must be");
  EXPECT_REFUSED(rate, INFINITY, "rate is inf; it must be");
  EXPECT_REFUSED(rate, nextafter(CLFIT_RATE_MIN, 0), "rate is 5.42101e-20; it must be");
  EXPECT_REFUSED(rate, nextafter(CLFIT_RATE_MAX, INFINITY), "rate is 1.84467e+19; it must be");
  EXPECT_REFUSED(tol, -1e-9, "tol is -1e-09; it must be finite and from 0");
  EXPECT_REFUSED(tol, NAN, "tol is nan; it must be");
  EXPECT_REFUSED(tol, INFINITY, "tol is inf; it must be");
  EXPECT_REFUSED(optimizer, 99, "optimizer is 99, which has no name");
}

/* ---- states -------------------------------------------------------------------------------------------------- */

/* Each optimizer keeps whole sets of the parameters' layout, and can be found by its name. */
Test(state, optimizers)
{
  clfit_optimizer found;
  for (clfit_optimizer optimizer = 0; optimizer < clfit_optimizer_count(); optimizer++) {
    clfit_network network = network_of(5);
    network.optimizer = optimizer;
    const bool counts = optimizer != CLFIT_SGD && optimizer != CLFIT_LM;
    cr_expect_eq(clfit_record_count(&network),
                 clfit_optimizer_get(optimizer)->sets * clfit_parameter_count(5) + (counts ? CLFIT_COUNTER_COUNT : 0));
    cr_expect_str_eq(clfit_optimizer_get(optimizer)->set_names[0], "value");
    cr_expect_eq(clfit_optimizer_find(clfit_optimizer_name(optimizer), &found, &failure), CLFIT_OK);
    cr_expect_eq(found, optimizer);
  }
  clfit_network plain = network_of(5);
  cr_expect_eq(clfit_record_count(&plain), 16);
  cr_expect_eq(clfit_optimizer_find("SGD", &found, &failure), CLFIT_OK);
  cr_expect_null(clfit_optimizer_name(clfit_optimizer_count()));
  expect_failure(clfit_optimizer_find("adamant", &found, &failure), "unknown optimizer 'adamant'; there are sgd");
}

Test(state, parameter_count)
{
  cr_expect_eq(clfit_parameter_count(1), 4);
  cr_expect_eq(clfit_parameter_count(128), 385);
  cr_expect_eq(clfit_parameter_count(CLFIT_HIDDEN_MAX), 12289);
}

/* A golden file lists W1, B1, W2, B2 in that order, as a state does. */
static void compare_with_golden(uint32_t hidden)
{
  char path[1024];
  snprintf(path, sizeof path, "%s/golden/init_H%u.csv", CLFIT_TEST_DATA, hidden);
  FILE *stream = fopen(path, "r");
  cr_assert(stream, "%s is missing", path);
  cr_assert_eq(fscanf(stream, "name,index,value\n"), 0);
  clfit_network network = network_of(hidden);
  clfit_state state;
  memset(&state, POISON, sizeof state);
  cr_assert_eq(clfit_state_init(&state, &network, &failure), CLFIT_OK);
  double golden;
  size_t n = 0;
  for (; fscanf(stream, "%*2s,%*d,%lf\n", &golden) == 1; n++)
    cr_expect_eq(bits_of(state.parameters[n]), bits_of((float)golden), "H=%u: parameter %zu is %.9g, not %.9g", hidden,
                 n, state.parameters[n], golden);
  cr_expect_eq(n, clfit_parameter_count(hidden));
  fclose(stream);
  clfit_state_clear(&state);
}

Test(state, initial_weights_are_numpy)
{
  static const uint32_t sizes[] = {1, 4, 64, 96, 128, 256};
  for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) compare_with_golden(sizes[i]);
}

Test(state, fresh)
{
  static const clfit_progress fresh; /* all zero: running, nothing trained */
  clfit_network network = network_of(5);
  clfit_state state;
  memset(&state, POISON, sizeof state);
  cr_assert_eq(clfit_state_init(&state, &network, &failure), CLFIT_OK);
  cr_expect_eq(state.size, sizeof state);
  cr_expect_eq(state.network.hidden, 5);
  cr_expect_eq(state.network.rate, 0.1);
  cr_expect_eq(state.progress.status, CLFIT_TRAINING_RUNNING);
  cr_expect_eq(state.progress.epoch, fresh.epoch);
  cr_expect_eq(state.progress.sample, fresh.sample);
  cr_expect_eq(bits_of(state.progress.block_loss), 0);
  cr_expect_eq(bits_of(state.progress.loss_high), 0);
  cr_expect_eq(bits_of(state.progress.loss_low), 0);
  cr_expect_eq(bits_of(state.progress.last_loss_high), 0);
  cr_expect_eq(bits_of(state.progress.last_loss_low), 0);
  for (size_t j = 5; j < 10; j++) cr_expect_eq(bits_of(state.parameters[j]), 0, "B1[%zu]", j - 5);
  cr_expect_eq(bits_of(state.parameters[15]), 0, "B2");
  clfit_state_clear(&state);
}

Test(state, seeds_differ)
{
  clfit_network network = network_of(31);
  clfit_state one, two;
  network.seed = 0;
  cr_assert_eq(clfit_state_init(&one, &network, NULL), CLFIT_OK);
  network.seed = CLFIT_SEED_MAX;
  cr_assert_eq(clfit_state_init(&two, &network, NULL), CLFIT_OK);
  double b = sqrt(6) / sqrt(32);
  for (size_t j = 0; j < clfit_parameter_count(31); j++) {
    cr_expect(fabsf(one.parameters[j]) <= (float)b && fabsf(two.parameters[j]) <= (float)b);
    if (j < 31 || (j >= 62 && j < 93)) cr_expect_neq(one.parameters[j], two.parameters[j]);
  }
  clfit_state_clear(&one);
  clfit_state_clear(&two);
}

/* network may be the one inside the state. */
Test(state, init_in_place)
{
  clfit_state state;
  clfit_network_default(&state.network);
  state.network.hidden = 3;
  cr_assert_eq(clfit_state_init(&state, &state.network, NULL), CLFIT_OK);
  cr_expect_eq(state.network.hidden, 3);
  clfit_state_clear(&state);
}

static void expect_zeroed(const clfit_state *state)
{
  static const char zeros[sizeof *state];
  cr_expect_arr_eq((const char *)state, zeros, sizeof *state);
}

Test(state, failed_init_leaves_nothing)
{
  clfit_network network = network_of(0);
  clfit_state state;
  memset(&state, POISON, sizeof state);
  expect_failure(clfit_state_init(&state, &network, &failure), "hidden is 0");
  expect_zeroed(&state);
  cr_expect_eq(clfit_state_init(&state, &network, NULL), CLFIT_ERROR_ARGUMENT);
  clfit_state_clear(&state);
}

Test(state, copy_is_deep)
{
  clfit_network network = network_of(33);
  clfit_state state, copy;
  cr_assert_eq(clfit_state_init(&state, &network, NULL), CLFIT_OK);
  state.progress = (clfit_progress){CLFIT_TRAINING_STOPPED, 7, 8, 1, 2, 3, 4, 5, CLFIT_STOP_TOL};
  memset(&copy, POISON, sizeof copy);
  cr_assert_eq(clfit_state_copy(&copy, &state, &failure), CLFIT_OK);
  cr_expect_neq(copy.parameters, state.parameters);
  cr_expect_eq(copy.size, sizeof copy);
  cr_expect_eq(copy.network.hidden, 33);
  cr_expect_arr_eq((char *)&copy.progress, (char *)&state.progress, sizeof copy.progress);
  cr_expect_arr_eq(copy.parameters, state.parameters, 100 * sizeof *copy.parameters);
  float before = copy.parameters[99];
  memset(state.parameters, POISON, 100 * sizeof *state.parameters);
  clfit_state_clear(&state);
  cr_expect_eq(copy.parameters[99], before);
  clfit_state_clear(&copy);
}

Test(state, copy_errors)
{
  clfit_network network = network_of(2);
  clfit_state state, copy;
  cr_assert_eq(clfit_state_init(&state, &network, NULL), CLFIT_OK);
  state.size--;
  memset(&copy, POISON, sizeof copy);
  expect_failure(clfit_state_copy(&copy, &state, &failure), "the size of a clfit_state is ");
  expect_zeroed(&copy);
  state.size++;
  state.network.epochs = 0;
  memset(&copy, POISON, sizeof copy);
  expect_failure(clfit_state_copy(&copy, &state, &failure), "epochs is 0");
  expect_zeroed(&copy);
  clfit_state_clear(&state);
  expect_failure(clfit_state_copy(&copy, &state, &failure), "the size of a clfit_state is 0");
}

Test(state, clear)
{
  clfit_network network = network_of(2);
  clfit_state state;
  clfit_state_clear(NULL);
  cr_assert_eq(clfit_state_init(&state, &network, NULL), CLFIT_OK);
  clfit_state_clear(&state);
  expect_zeroed(&state);
  clfit_state_clear(&state);
}

/* ---- progress ------------------------------------------------------------------------------------------------ */

Test(progress, steps)
{
  clfit_progress progress = {.epoch = 3, .sample = 5};
  cr_expect_eq(clfit_progress_steps(&progress, 1000), 3005);
  progress.epoch = CLFIT_EPOCHS_MAX;
  progress.sample = 0;
  cr_expect_eq(clfit_progress_steps(&progress, CLFIT_SAMPLES_MAX), (uint64_t)0x7fffffff << 27);
}

Test(progress, train_loss)
{
  clfit_progress progress = {.last_loss_high = 3, .last_loss_low = 0x1p-30f};
  cr_expect(isnan(clfit_progress_train_loss(&progress, 10)), "before the first epoch");
  progress.epoch = 1;
  progress.loss_high = 77; /* of the epoch under way */
  cr_expect_eq(clfit_progress_train_loss(&progress, 10), 0.5 * (3 + 0x1p-30) / 10);
  progress.status = CLFIT_TRAINING_STOPPED;
  cr_expect_eq(clfit_progress_train_loss(&progress, 10), 0.5 * (3 + 0x1p-30) / 10);
  progress.status = CLFIT_TRAINING_DIVERGED;
  cr_expect(isnan(clfit_progress_train_loss(&progress, 10)), "after a divergence");
}

/* ---- digest -------------------------------------------------------------------------------------------------- */

/* python3 -c "import hashlib, struct; print(hashlib.sha256(struct.pack('<4f', 1, -2.5, 0.1, -0.0)).hexdigest())" */
Test(state, digest)
{
  float parameters[] = {1, -2.5f, 0.1f, -0.0f};
  clfit_state state = {.size = sizeof state, .network = network_of(1), .parameters = parameters};
  char digest[CLFIT_DIGEST_SIZE];
  memset(digest, POISON, sizeof digest);
  clfit_state_digest(&state, digest);
  cr_expect_str_eq(digest, "c79cbd1fe684f1e9df58da69ea51af5da995706712dd89796d6660385e6919e5");
  parameters[3] = 0;
  char other[CLFIT_DIGEST_SIZE];
  clfit_state_digest(&state, other);
  cr_expect_str_neq(digest, other, "the sign of a zero counts");
}
