/* Prints what the host's checks say: for tests/checks/unsafe_flags.sh, which compiles the library's arithmetic with
 * options that make it wrong. */
#include "clfit.h"

#include "engine/host_check.h"

#include <stdio.h>

int main(void)
{
  clfit_error error;
  if (!clfit_host_check(&error)) return puts("right") < 0;
  printf("refused: %s\n", error.message);
  return 1;
}
