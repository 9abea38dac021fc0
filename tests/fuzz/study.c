/* Studies, as readers open them. SQLite itself is not built with the sanitizers. */
#include "fuzz.h"
#include "study/store/read.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
  clfit_error error;
  struct results results = {.database = NULL};
  struct results_counts counts;
  struct results_network network;
  if (!results_open(&results, fuzz_file(bytes, size), &error)) {
    results_count(&results, NULL, &counts, &error);
    if (!results_read_network(&results, 0, &network, &error)) results_network_clear(&network);
  }
  results_close(&results);
  return 0;
}
