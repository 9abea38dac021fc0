/* The keys of a training in the JSON of train and search. */
#ifndef CLFIT_CLI_TRAINING_JSON_H
#define CLFIT_CLI_TRAINING_JSON_H

#include "clfit.h"
#include "cli/io/json.h"

/* arithmetic, device, mapping, mode ("strict") and all fields; drawn: the samples are of a target. */
void training_json_configuration(struct json_writer *writer, const clfit_device *device, const char *mapping,
                                 const char *mode, const clfit_network *network, bool drawn);

/* status, why it stopped, and what it took; steps_per_second NaN: the network was not trained alone. */
void training_json_outcome(struct json_writer *writer, const clfit_state *state, const char *status, double seconds,
                           double steps_per_second);

/* train_loss, test and fit figures, the fit's defect, and the figures at samples held out, NaN where they do not apply.
 */
void training_json_figures(struct json_writer *writer, const clfit_state *state, const clfit_data *data,
                           const clfit_figures *test, const clfit_figures *fit, const clfit_figures *held);

/* digest, null after a divergence, and the digest of the samples. */
void training_json_digest(struct json_writer *writer, const clfit_state *state, const clfit_data *data);

#endif
