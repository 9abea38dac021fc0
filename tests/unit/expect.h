/* Shared by all unit tests: checks that print the library's error message, and access to the golden files. */
#ifndef CLFIT_TESTS_EXPECT_H
#define CLFIT_TESTS_EXPECT_H

#include "clfit.h"

#include <criterion/criterion.h>
#include <string.h>

/* The error that the calls of a test fill. */
static clfit_error error __attribute__((unused));

#define EXPECT_OK(call)                                                                                                \
  do {                                                                                                                 \
    memset(&error, 0, sizeof error);                                                                                   \
    clfit_status status_ = (call);                                                                                     \
    cr_assert(status_ == CLFIT_OK, "%s: %s: %s", #call, clfit_status_name(status_), error.message);                    \
  } while (0)

/* The call fails with that code and a message that contains the piece. */
#define EXPECT_ERROR(call, wanted, piece)                                                                              \
  do {                                                                                                                 \
    memset(&error, 0xa5, sizeof error);                                                                                \
    clfit_status status_ = (call);                                                                                     \
    cr_assert(status_ == (wanted), "%s is %s, not %s", #call, clfit_status_name(status_), clfit_status_name(wanted));  \
    cr_assert(error.code == (wanted), "error.code is %d", (int)error.code);                                            \
    cr_assert(strstr(error.message, (piece)), "\"%s\" does not say \"%s\"", error.message, (piece));                   \
    cr_assert(!strchr(error.message, '\n'), "more than one line: %s", error.message);                                  \
  } while (0)

#endif
