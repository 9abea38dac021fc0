/* The samples of a file that a study keeps, so that it needs the file no more: bytes of clfit_data_pack. */
#ifndef CLFIT_STUDY_KEPT_SAMPLES_H
#define CLFIT_STUDY_KEPT_SAMPLES_H

#include "study/store/store.h"

/* Makes the table and writes the samples. The study has none so far. */
clfit_status kept_samples_write(struct store *store, const clfit_data *data, clfit_error *error);

/* Reads them. *data is NULL if the study keeps none. path is what messages call the study. CLFIT_ERROR_FORMAT: they are
 * damaged. Release with clfit_data_free. */
clfit_status kept_samples_read(sqlite3 *database, const char *path, clfit_data **data, clfit_error *error);

#endif
