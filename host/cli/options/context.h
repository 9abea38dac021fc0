/* Defaults that depend on other options. They apply where nothing is resumed: a model or a study keeps its own. */
#ifndef CLFIT_CLI_CONTEXT_H
#define CLFIT_CLI_CONTEXT_H

#include "cli/options/options.h"

/* Sets each option that was not given and has another default beside these options, as if it had been typed. Refuses an
 * option that means nothing beside them. */
clfit_status context_apply(struct options *options, clfit_error *error);

/* Whether an option may have been set by context_apply, or its default depends on the context otherwise. */
bool context_knows(enum option_id id);

/* Whether the rate is to be chosen from the samples: there are some of a file, no rate was given, and one is needed. */
bool context_chooses_rate(const struct options *options);

/* Half of a stability limit, rounded to two digits, as text that --rate takes; false: there is no such limit. */
bool context_rate(double limit, char text[CLFIT_NUMBER_SIZE]);

/* The defaults of an option by context, for the help text: "with --data: range"; "" if there are none. */
void context_print(enum option_id id, char *text, size_t size);

#endif
