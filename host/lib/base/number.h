/* clfit.h declares what prints and reads numbers. */
#include "clfit.h"
