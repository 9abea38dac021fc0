/* One run of clfit search, from options to files. */
#ifndef CLFIT_CLI_SEARCH_H
#define CLFIT_CLI_SEARCH_H

#include "cli/io/progress.h"
#include "cli/io/samples.h"
#include "cli/options/options.h"
#include "study/store/rounds.h"

struct search_command {
  struct options options; /* with what was restored; shares the texts of the caller's */
  clfit_source source;
  struct samples samples;
  clfit_device *device;
  struct rounds *rounds; /* NULL without --db and --resume */
  struct progress_line line;
  clfit_search_result result;
  clfit_figures test; /* NaN without a target */
  double seconds;     /* of the search */

  clfit_alternative network, *alternatives; /* [alternative_count], 0 where there are none to compare with */
  size_t alternative_count;
  const clfit_alternative *verdict; /* one that dominates the network, or NULL */
  char verdict_text[CLFIT_VERDICT_SIZE];
};

/* Whether a network was found. */
bool search_has_network(const struct search_command *command);

/* Opens --db or --resume. A file that is there brings the options of its search; after samples are known, what is
 * stored of them is compared, or stored (search_store.c). */
clfit_status search_open_store(struct search_command *command, clfit_error *error);
clfit_status search_define_store(struct search_command *command, clfit_error *error);

/* Fits the alternatives and judges (search_alternatives.c). */
clfit_status search_compare(struct search_command *command, clfit_error *error);

/* Draws --plot (search_picture.c). */
clfit_status search_draw(const struct search_command *command, clfit_error *error);

/* Prints the results (search_report.c, search_json.c), and on stderr how it ended. */
void search_report(const struct search_command *command);
void search_report_json(const struct search_command *command);
void search_explain(const struct search_command *command);

/* The values that the network gives, in y's own unit: a clfit_curve whose context is the command. */
void search_curve(void *context, size_t n, const double *x, double *z);

#endif
