/* clfit.h declares what fills a clfit_error. */
#include "clfit.h"
