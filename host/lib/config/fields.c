/* The table of fields: name, range, default and properties of each member of clfit_network. */
#include "base/error.h"
#include "base/number.h"
#include "config/batches.h"
#include "config/noise.h"
#include "config/optimizer.h"
#include "config/schedule.h"

#include <assert.h>
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

/* Format of a value in a message: at most this many characters of it are shown. */
#define SHOWN "%.120s"

#define HOLDOUT_MAX (1 - DBL_EPSILON / 2) /* the largest double below 1 */

#define MEMBER(name)             #name, .offset = offsetof(clfit_network, name)
#define WHOLE(least, most)       .kind = CLFIT_FIELD_COUNT, .minimum = (least), .maximum = (most)
#define REAL(least, most, words) .kind = CLFIT_FIELD_REAL, .minimum = (least), .maximum = (most), .range = (words)
#define NAMED(names, finder)     .kind = CLFIT_FIELD_NAME, .value_name = (names), .value_find = (finder)
#define CODED(print, find)       .kind = CLFIT_FIELD_CODE, .code_print = (print), .code_find = (find)

#define OF(name) (1u << CLFIT_##name)

/* The largest beta: rounded to float32, 1 - beta is not 0. */
#define BETA_MAX   0.9999999
#define BETA_RANGE "from 0 to 0.9999999"

static const clfit_field table[] = {
    {MEMBER(hidden), WHOLE(1, CLFIT_HIDDEN_MAX), .initial = "128", .axis = 3, .always = true, .metavar = "N",
     .help = "neurons in the hidden layer"},
    {MEMBER(samples), WHOLE(1, CLFIT_SAMPLES_MAX), .initial = "1000", .axis = 1, .of_samples = true, .always = true,
     .metavar = "N", .help = "samples in an epoch"},
    {MEMBER(epochs), WHOLE(1, CLFIT_EPOCHS_MAX), .initial = "1000", .axis = 6, .resumable = true, .always = true,
     .metavar = "N", .help = "times that all samples are gone through; more of them with --resume train on"},
    {MEMBER(rate), .aliases = {"lr", "learning-rate"}, REAL(CLFIT_RATE_MIN, CLFIT_RATE_MAX, "from 2^-64 to 2^64"),
     .initial = "0.1", .axis = 7, .gradient_only = true, .always = true, .metavar = "R",
     .help = "learning rate; also --lr, --learning-rate"},
    {MEMBER(activation), NAMED(clfit_activation_name, clfit_activation_find), .initial = "sigmoid", .axis = 4,
     .always = true, .metavar = "NAME", .help = "of the hidden layer"},
    {MEMBER(seed), WHOLE(0, CLFIT_SEED_MAX), .initial = "2", .axis = 5, .always = true, .metavar = "S",
     .help = "draws the initial weights as NumPy's seed(S) does"},
    {MEMBER(sample_seed), WHOLE(0, CLFIT_SEED_MAX), .initial = "0", .axis = 2, .of_samples = true, .drawn_only = true,
     .always = true, .metavar = "K", .help = "draws the samples as NumPy's RandomState(K) does"},
    {MEMBER(tol), REAL(0, DBL_MAX, "from 0"), .initial = "0", .axis = 8, .always = true, .metavar = "EPS",
     .help = "stop when an epoch changes the train loss by less; 0: never"},
    {MEMBER(optimizer), NAMED(clfit_optimizer_name, clfit_optimizer_find), .initial = "sgd", .axis = 9,
     .metavar = "NAME", .help = "what an update does with the gradient"},
    {MEMBER(init), NAMED(clfit_init_name, clfit_init_find), .initial = "xavier", .axis = 10, .metavar = "NAME",
     .help = "how the initial weights are drawn; spread: slopes in [-s, s) per half of the range of x, break points "
             "over all of it; normal: near zero; zero: all 0"},
    {MEMBER(init_scale), REAL(0, CLFIT_RATE_MAX, "from 0 to 2^64"), .initial = "0", .axis = 11, .metavar = "S",
     .help =
         "of --init: a factor for xavier and he (own: 1), the deviation of normal (own: 0.01), the largest slope of "
         "spread (own: 6); 0: its own"},
    {MEMBER(batch), WHOLE(0, CLFIT_SAMPLES_MAX), .zero = "all", .initial = "1", .axis = 12, .gradient_only = true,
     .metavar = "B", .help = "samples whose mean gradient makes an update; all: those of an epoch"},
    {MEMBER(shuffle), NAMED(clfit_shuffle_name, clfit_shuffle_find), .initial = "none", .axis = 13,
     .gradient_only = true, .metavar = "WHEN",
     .help = "order of the samples: none: as they are; epoch: another one in every epoch; once: the same one in all; "
             "it follows from --seed"},
    {MEMBER(momentum), REAL(0, 1, "from 0 to 1"), .initial = "0.9", .axis = 14, .gradient_only = true,
     .optimizers = OF(MOMENTUM) | OF(NESTEROV), .metavar = "M", .help = "of momentum and nesterov"},
    {MEMBER(beta1), REAL(0, BETA_MAX, BETA_RANGE), .initial = "0.9", .axis = 15, .gradient_only = true,
     .optimizers = OF(ADAM) | OF(ADAMW), .metavar = "B", .help = "of adam and adamw: decay of the mean gradient"},
    {MEMBER(beta2), REAL(0, BETA_MAX, BETA_RANGE), .initial = "0.999", .axis = 16, .gradient_only = true,
     .optimizers = OF(ADAM) | OF(ADAMW) | OF(RMSPROP), .metavar = "B",
     .help = "of adam and adamw: decay of the mean squared gradient; of rmsprop its alpha"},
    {MEMBER(eps), REAL(0x1p-60, 1, "from 2^-60 to 1"), .initial = "1e-08", .axis = 17, .gradient_only = true,
     .optimizers = OF(ADAM) | OF(ADAMW) | OF(RMSPROP), .metavar = "E",
     .help = "of adam, adamw and rmsprop: added to the root of the mean squared gradient"},
    {MEMBER(weight_decay), REAL(0, CLFIT_RATE_MAX, "from 0 to 2^64"), .initial = "0", .axis = 18, .gradient_only = true,
     .metavar = "D",
     .help = "D times the parameter is added to the gradient; in adamw the parameter is multiplied by 1 - rate * D"},
    {MEMBER(clip), REAL(0, CLFIT_RATE_MAX, "from 0 to 2^64"), .initial = "0", .axis = 19, .gradient_only = true,
     .metavar = "C", .help = "largest norm of a batch's gradient over all parameters; 0: any"},
    {MEMBER(schedule), CODED(clfit_schedule_print, clfit_schedule_find), .initial = "constant", .axis = 20,
     .gradient_only = true, .metavar = "S",
     .help = "factor of the rate in epoch t = 0, 1 ... of E: constant; geometric:G (G^t); step:N:G (G^(t/N)); cosine "
             "((1 + cos(pi t/E))/2); warmup:N ((t+1)/N, at most 1)"},
    {MEMBER(stop_loss), REAL(0, CLFIT_RATE_MAX, "from 0 to 2^64"), .initial = "0", .axis = 21, .gradient_only = true,
     .metavar = "L", .help = "stop when the loss that --stop-on names is below L; 0: never"},
    {MEMBER(stop_on), NAMED(clfit_figure_name, clfit_figure_find), .initial = "train", .axis = 22,
     .gradient_only = true, .metavar = "LOSS",
     .help = "train: the train loss of an epoch; all: of all samples after it; held: of the samples held out"},
    {MEMBER(patience), WHOLE(0, CLFIT_EPOCHS_MAX), .initial = "0", .axis = 23, .gradient_only = true, .metavar = "N",
     .help =
         "stop after N epochs without a new smallest loss, the one that --patience-on names; at the end, also after "
         "all epochs, go back to the parameters that had it; 0: never"},
    {MEMBER(patience_on), NAMED(clfit_figure_name, clfit_figure_find), .initial = "held", .axis = 26,
     .gradient_only = true, .metavar = "LOSS", .help = "held, train or all, as --stop-on has them"},
    {MEMBER(noise), CODED(clfit_noise_print, clfit_noise_find), .initial = "0", .axis = 25, .of_samples = true,
     .drawn_only = true, .metavar = "U|gauss:S",
     .help = "noise on y of samples of --target: uniform from -U to U, or normal with deviation S"},
    {MEMBER(holdout), REAL(0, HOLDOUT_MAX, "from 0 to below 1"), .initial = "0", .axis = 24, .metavar = "F",
     .help = "the part of the samples that is held out: not trained on, but evaluated at the end"},
};

#define FIELDS (sizeof table / sizeof *table)

/* ---- rows ---------------------------------------------------------------------------------------------------- */

size_t clfit_field_count(void)
{
  return FIELDS;
}

const clfit_field *clfit_field_get(size_t index)
{
  return index < FIELDS ? &table[index] : NULL;
}

bool clfit_field_applies(const clfit_field *field, const clfit_network *network, bool drawn)
{
  const bool gradient = clfit_optimizer_get(network->optimizer)->trainer == TRAINER_GRADIENT;
  const bool of_optimizer = !field->optimizers || (field->optimizers & 1u << network->optimizer);
  return (drawn || !field->drawn_only) && (gradient || !field->gradient_only) && of_optimizer;
}

/* Whether two names are equal, '-' and '_' being one character. */
static bool is_same_name(const char *a, const char *b)
{
  for (; *a && *b; a++, b++)
    if (*a != *b && !((*a == '-' || *a == '_') && (*b == '-' || *b == '_'))) return false;
  return *a == *b;
}

const clfit_field *clfit_field_find(const char *name)
{
  for (const clfit_field *field = table; field < table + FIELDS; field++) {
    if (is_same_name(field->name, name)) return field;
    for (size_t i = 0; i < sizeof field->aliases / sizeof *field->aliases; i++)
      if (field->aliases[i] && is_same_name(field->aliases[i], name)) return field;
  }
  return NULL;
}

/* ---- values -------------------------------------------------------------------------------------------------- */

/* Whether the member is a double. */
static bool is_double(const clfit_field *field)
{
  return field->kind == CLFIT_FIELD_REAL || field->kind == CLFIT_FIELD_CODE;
}

bool clfit_field_is_text(const clfit_field *field)
{
  return field->kind == CLFIT_FIELD_NAME || field->kind == CLFIT_FIELD_CODE;
}

double clfit_field_value(const clfit_field *field, const clfit_network *network)
{
  const char *member = (const char *)network + field->offset;
  return is_double(field) ? *(const double *)member : *(const uint32_t *)member;
}

void clfit_field_set(const clfit_field *field, double value, clfit_network *network)
{
  char *member = (char *)network + field->offset;
  if (is_double(field))
    *(double *)member = value;
  else
    *(uint32_t *)member = value >= 0 ? (value < UINT32_MAX ? (uint32_t)value : UINT32_MAX) : 0;
}

bool clfit_field_is_default(const clfit_field *field, const clfit_network *network)
{
  clfit_network initial = {.size = sizeof initial};
  return clfit_field_read(field, field->initial, NULL, &initial, NULL) == CLFIT_OK &&
         clfit_field_value(field, network) == clfit_field_value(field, &initial);
}

void clfit_field_print(const clfit_field *field, const clfit_network *network, char text[CLFIT_FIELD_TEXT_SIZE])
{
  double value = clfit_field_value(field, network);
  const char *name = field->kind == CLFIT_FIELD_NAME ? field->value_name((uint32_t)value) : NULL;
  if (field->zero && value == 0) name = field->zero;
  if (field->kind == CLFIT_FIELD_CODE)
    field->code_print(value, text);
  else if (name)
    snprintf(text, CLFIT_FIELD_TEXT_SIZE, "%s", name);
  else
    clfit_number_print(text, value);
}

/* ---- from text ----------------------------------------------------------------------------------------------- */

static clfit_status refuse(const clfit_field *field, const char *text, const char *label, clfit_error *error)
{
  if (!label) label = field->name;
  if (field->kind == CLFIT_FIELD_COUNT)
    return clfit_fail(error, CLFIT_ERROR_ARGUMENT, "%s must be %s%sa whole number from %.0f to %.0f, not \"" SHOWN "\"",
                      label, field->zero ? field->zero : "", field->zero ? " or " : "",
                      field->zero ? 1.0 : field->minimum, field->maximum, text);
  return clfit_fail(error, CLFIT_ERROR_ARGUMENT, "%s must be a number %s, not \"" SHOWN "\"", label, field->range,
                    text);
}

/* "LABEL: " before a message about a name or a code. */
static clfit_status find_text(const clfit_field *field, const char *text, const char *label, double *value,
                              clfit_error *error)
{
  char reason[CLFIT_MESSAGE_SIZE] = "";
  uint32_t name = 0;
  const bool coded = field->kind == CLFIT_FIELD_CODE;
  clfit_status status = coded ? field->code_find(text, value, error) : field->value_find(text, &name, error);
  if (!status && !coded) *value = name;
  if (coded && !label) label = field->name;
  if (!status || !error || !label) return status;
  snprintf(reason, sizeof reason, "%s", error->message);
  return clfit_fail(error, status, "%s: %s", label, reason);
}

static bool is_in_range(const clfit_field *field, double value)
{
  return value >= field->minimum && value <= field->maximum;
}

clfit_status clfit_field_read(const clfit_field *field, const char *text, const char *label, clfit_network *network,
                              clfit_error *error)
{
  uint32_t whole = 0;
  double real = 0;
  clfit_status status;
  switch (field->kind) {
  case CLFIT_FIELD_NAME:
  case CLFIT_FIELD_CODE:
    status = find_text(field, text, label, &real, error);
    if (status) return status;
    break;
  case CLFIT_FIELD_COUNT:
    if (field->zero && strcasecmp(text, field->zero) == 0) break;
    if (!clfit_number_parse_count(text, &whole) || !is_in_range(field, whole)) return refuse(field, text, label, error);
    real = whole;
    break;
  case CLFIT_FIELD_REAL:
    if (!clfit_number_parse_real(text, &real) || !is_in_range(field, real)) return refuse(field, text, label, error);
    break;
  }
  clfit_field_set(field, real, network);
  return CLFIT_OK;
}

/* ---- a whole configuration ------------------------------------------------------------------------------------ */

void clfit_network_default(clfit_network *network)
{
  *network = (clfit_network){.size = sizeof *network};
  for (const clfit_field *field = table; field < table + FIELDS; field++) {
    clfit_status status = clfit_field_read(field, field->initial, NULL, network, NULL);
    assert(!status);
    (void)status;
  }
}

/* Of a code that the field's functions did not make, the text is that of another code, or of none. */
static bool is_code(const clfit_field *field, double code)
{
  char text[CLFIT_FIELD_TEXT_SIZE];
  double again;
  field->code_print(code, text);
  return field->code_find(text, &again, NULL) == CLFIT_OK && again == code;
}

static clfit_status check_field(const clfit_field *field, const clfit_network *network, clfit_error *error)
{
  double value = clfit_field_value(field, network);
  switch (field->kind) {
  case CLFIT_FIELD_NAME:
    if (field->value_name((uint32_t)value)) return CLFIT_OK;
    return clfit_fail(error, CLFIT_ERROR_ARGUMENT, "%s is %.0f, which has no name", field->name, value);
  case CLFIT_FIELD_COUNT:
    if (is_in_range(field, value)) return CLFIT_OK;
    return clfit_fail(error, CLFIT_ERROR_ARGUMENT, "%s is %.0f; it must be %.0f to %.0f", field->name, value,
                      field->minimum, field->maximum);
  case CLFIT_FIELD_CODE:
    if (is_code(field, value)) return CLFIT_OK;
    return clfit_fail(error, CLFIT_ERROR_ARGUMENT, "%s is %g, which stands for nothing", field->name, value);
  case CLFIT_FIELD_REAL: break;
  }
  if (is_in_range(field, value)) return CLFIT_OK; /* a NaN is in no range */
  return clfit_fail(error, CLFIT_ERROR_ARGUMENT, "%s is %g; it must be finite and %s", field->name, value,
                    field->range);
}

/* What no row alone can say. */
static clfit_status check_combination(const clfit_network *network, clfit_error *error)
{
  const bool held_out = clfit_network_trained(network) < network->samples;
  const bool stops = network->stop_loss > 0 && network->stop_on == CLFIT_FIGURE_OF_HELD;
  const bool waits = network->patience > 0 && network->patience_on == CLFIT_FIGURE_OF_HELD;
  if (network->optimizer == CLFIT_LM && network->hidden > CLFIT_LM_HIDDEN_MAX)
    return clfit_fail(error, CLFIT_ERROR_ARGUMENT, "the optimizer lm trains at most %d hidden neurons, not %u",
                      CLFIT_LM_HIDDEN_MAX, network->hidden);
  if (network->holdout > 0 && network->samples < 2)
    return clfit_fail(error, CLFIT_ERROR_ARGUMENT, "holdout is %g, but of 1 sample none can be held out",
                      network->holdout);
  if ((stops || waits) && !held_out && network->optimizer != CLFIT_LM)
    return clfit_fail(error, CLFIT_ERROR_ARGUMENT,
                      "%s is held, but no samples are held out: hold some out, or choose train or all",
                      stops ? "stop_on" : "patience_on");
  return CLFIT_OK;
}

clfit_status clfit_network_check(const clfit_network *network, clfit_error *error)
{
  assert(network);
  if (network->size != sizeof *network)
    return clfit_fail(error, CLFIT_ERROR_ARGUMENT, "the size of a clfit_network is %zu; this library has %zu",
                      network->size, sizeof *network);
  for (const clfit_field *field = table; field < table + FIELDS; field++) {
    clfit_status status = check_field(field, network, error);
    if (status) return status;
  }
  return check_combination(network, error);
}
