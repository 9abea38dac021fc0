/* Defaults that depend on other options. They apply where nothing is resumed: a model or a study keeps its own. */
#ifndef CLFIT_CLI_CONTEXT_H
#define CLFIT_CLI_CONTEXT_H

#include "cli/options/options.h"

/* Sets each option that was not given and has another default beside these options, as if it had been typed. Refuses an
 * option that means nothing beside them. */
clfit_status context_apply(struct options *options, clfit_error *error);

/* Whether the rate is to be chosen from the samples: there are some of a file, no rate was given, and one is needed. */
bool context_chooses_rate(const struct options *options);

/* Whether a sweep over several optimizers has the default of --rate, which is made for one of them. */
bool context_shares_rate(const struct options *options);

/* Half of a stability limit times 1 - momentum (0: the optimizer has none), rounded to two digits, as text that --rate
 * takes; false: there is no such limit. */
bool context_rate(double limit, double momentum, char text[CLFIT_NUMBER_SIZE]);

/* The further default of an option, for the help text: "with --data: range"; NULL: it has none. */
const char *context_words(enum option_id id);

#endif
