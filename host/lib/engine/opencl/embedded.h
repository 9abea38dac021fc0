/* The kernel files as the library carries them. */
#ifndef CLFIT_OPENCL_EMBEDDED_H
#define CLFIT_OPENCL_EMBEDDED_H

#include "base/embedded.h"

/* A row with name NULL ends the table. */
extern const struct embedded_file clfit_embedded_files[];

#endif
