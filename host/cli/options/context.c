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

/* Whether all networks are trained by least squares. In a sweep over several optimizers those of the others decide. */
static bool has_least_squares(const struct options *options)
{
  enum option_id id = option_named("optimizer");
  return option_given(options, id) && strcasecmp(options->texts[id], LEAST_SQUARES) == 0;
}

static bool has_data(const struct options *options)
{
  return options->data != NULL;
}

static bool has_either(const struct options *options)
{
  return has_data(options) || has_least_squares(options);
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
    {"rate", NULL, has_data, "with --data: half of the limit beyond which the initial weights are not stable"},
};

#define ROWS (sizeof table / sizeof *table)

clfit_status context_apply(struct options *options, clfit_error *error)
{
  clfit_status status = CLFIT_OK;
  if (options->preset) return CLFIT_OK; /* has its own values */
  if (has_least_squares(options) && option_given(options, option_named("rate")))
    return refuse(error, "--rate does not go with --optimizer " LEAST_SQUARES ", which has none");
  for (size_t i = 0; i < ROWS && !status; i++) {
    enum option_id id = option_named(table[i].option);
    if (table[i].value && !option_given(options, id) && table[i].applies(options))
      status = options_set(options, id, table[i].value, error);
  }
  return status;
}

const char *context_words(enum option_id id)
{
  for (size_t i = 0; i < ROWS; i++)
    if (option_named(table[i].option) == id) return table[i].words;
  return NULL;
}

/* ---- the rate ------------------------------------------------------------------------------------------------ */

bool context_chooses_rate(const struct options *options)
{
  return has_data(options) && !option_given(options, option_named("rate")) && !has_least_squares(options);
}

bool context_rate(double limit, char text[CLFIT_NUMBER_SIZE])
{
  char digits[CLFIT_NUMBER_SIZE];
  double rate;
  if (!isfinite(limit)) return false;
  snprintf(digits, sizeof digits, "%.1e", limit / 2);
  if (!clfit_number_parse(digits, &rate) || !(rate >= CLFIT_RATE_MIN && rate <= CLFIT_RATE_MAX)) return false;
  clfit_number_print(text, rate);
  return true;
}
