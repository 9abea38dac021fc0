#include "cli/options/context.h"

#include "cli/io/message.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define LEAST_SQUARES "lm"

static enum option_id option_named(const char *name)
{
  enum option_id id = 0;
  while (id < option_count() && strcmp(option_name(id), name) != 0) id++;
  return id;
}

/* Whether a word of that length is in a list, separated by commas. */
static bool is_among(const char *word, size_t length, const char *list)
{
  for (const char *next = list; *next; next += *next == ',') {
    const size_t size = strcspn(next, ",");
    if (size == length && strncasecmp(word, next, length) == 0) return true;
    next += size;
  }
  return false;
}

/* Whether all networks have one of these optimizers; a sweep may have several. */
static bool all_optimizers(const struct options *options, const char *allowed)
{
  enum option_id id = option_named("optimizer");
  const char *text = option_given(options, id) ? options->texts[id] : option_field(id)->initial;
  for (; *text; text += *text == ',') {
    const size_t length = strcspn(text, ",");
    if (!is_among(text, length, allowed)) return false;
    text += length;
  }
  return true;
}

/* In a sweep over several optimizers those of the others decide. */
static bool has_least_squares(const struct options *options)
{
  return all_optimizers(options, LEAST_SQUARES);
}

static bool has_data(const struct options *options)
{
  return options->data != NULL;
}

static bool has_either(const struct options *options)
{
  return has_data(options) || has_least_squares(options);
}

static bool has_momentum(const struct options *options)
{
  return !has_data(options) && all_optimizers(options, "momentum,nesterov");
}

static bool has_adam(const struct options *options)
{
  return all_optimizers(options, "adam,adamw");
}

static bool has_adamw(const struct options *options)
{
  return all_optimizers(options, "adamw");
}

static bool has_rmsprop(const struct options *options)
{
  return all_optimizers(options, "rmsprop");
}

/* ---- the table ----------------------------------------------------------------------------------------------- */

static const struct row {
  const char *option, *value;
  bool (*applies)(const struct options *options);
  const char *words; /* for the help text */
} table[] = {
    {"scale", "range", has_data, "with --data: range"},
    {"init", "spread", has_either, "with --data or --optimizer lm: spread"},
    {"epochs", "200", has_least_squares, "with --optimizer lm: 200"},
    {"hidden", "8", has_least_squares, "with --optimizer lm: 8, at most 64"},
    {"rate", NULL, has_data,
     "with --data: half of the limit beyond which the initial weights are not stable (momentum, nesterov: 1 - momentum "
     "times that)"},
    {"rate", "0.001", has_adam, "with --optimizer adam or adamw: 0.001"},
    {"rate", "0.01", has_rmsprop, "with rmsprop: 0.01"},
    {"rate", "0.01", has_momentum, "with momentum or nesterov: 0.01"},
    {"beta2", "0.99", has_rmsprop, "with --optimizer rmsprop: 0.99"},
    {"weight-decay", "0.01", has_adamw, "with --optimizer adamw: 0.01"},
};

#define ROWS (sizeof table / sizeof *table)

/* Whether one of the names of a list is this one. */
static bool names_optimizer(const char *list, const char *name)
{
  return is_among(name, strlen(name), list);
}

/* Options of fields that mean nothing for any of the optimizers. */
static clfit_status check_meaning(const struct options *options, clfit_error *error)
{
  const enum option_id optimizer = option_named("optimizer");
  for (size_t i = 0; i < clfit_field_count(); i++) {
    const clfit_field *field = clfit_field_get(i);
    const enum option_id id = option_of_field(field);
    bool meant = false;
    if (!option_given(options, id)) continue;
    for (clfit_optimizer which = 0; which < clfit_optimizer_count() && !meant; which++) {
      clfit_network network = {.optimizer = which};
      const char *text =
          option_given(options, optimizer) ? options->texts[optimizer] : option_field(optimizer)->initial;
      meant = clfit_field_applies(field, &network, true) && names_optimizer(text, clfit_optimizer_name(which));
    }
    if (meant) continue;
    return refuse(error, "--%s does not go with --optimizer %.60s, which has none", option_name(id),
                  option_given(options, optimizer) ? options->texts[optimizer] : option_field(optimizer)->initial);
  }
  return CLFIT_OK;
}

clfit_status context_apply(struct options *options, clfit_error *error)
{
  clfit_status status = CLFIT_OK;
  if (options->preset) return CLFIT_OK; /* has its own values */
  status = check_meaning(options, error);
  for (size_t i = 0; i < ROWS && !status; i++) {
    enum option_id id = option_named(table[i].option);
    if (table[i].value && !option_given(options, id) && table[i].applies(options))
      status = options_set(options, id, table[i].value, error);
  }
  return status;
}

const char *context_words(enum option_id id)
{
  static _Thread_local char words[512];
  size_t used = 0;
  for (size_t i = 0; i < ROWS; i++)
    if (option_named(table[i].option) == id && used < sizeof words)
      used += (size_t)snprintf(words + used, sizeof words - used, "%s%s", used ? "; " : "", table[i].words);
  return used ? words : NULL;
}

/* ---- the rate ------------------------------------------------------------------------------------------------ */

bool context_chooses_rate(const struct options *options)
{
  return has_data(options) && !option_given(options, option_named("rate")) && !has_least_squares(options);
}

bool context_shares_rate(const struct options *options)
{
  return !options->preset && !has_data(options) && !option_given(options, option_named("rate")) &&
         !all_optimizers(options, "sgd," LEAST_SQUARES);
}

bool context_rate(double limit, double momentum, char text[CLFIT_NUMBER_SIZE])
{
  char digits[CLFIT_NUMBER_SIZE];
  double rate;
  if (!isfinite(limit)) return false;
  /* momentum makes steps 1/(1 - momentum) times as long */
  snprintf(digits, sizeof digits, "%.1e", (1 - momentum) * limit / 2);
  if (!clfit_number_parse(digits, &rate) || !(rate >= CLFIT_RATE_MIN && rate <= CLFIT_RATE_MAX)) return false;
  clfit_number_print(text, rate);
  return true;
}
