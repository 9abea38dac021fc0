/* The best networks of a sweep, whose parameters are kept. */
#include "expect.h"
#include "study/store/keep.h"

#include <math.h>

TestSuite(keep);

/* The best of many are the same in whatever order they come. */
Test(keep, order_does_not_matter)
{
  enum { N = 1000, BEST = 37 };
  for (unsigned step = 1; step < N; step += 2) {
    if (step % 5 == 0) continue; /* steps without common factors with N go through all */
    struct keep keep = {.limit = BEST};
    bool stored[N] = {false};
    for (unsigned i = 0; i < N; i++) {
      uint64_t id = i * step % N, out = 0;
      bool kept, evicted;
      EXPECT_OK(keep_offer(&keep, id, (double)(id * 7919 % 10), &kept, &evicted, &out, &error)); /* many are equal */
      stored[id] = kept;
      if (evicted) stored[out] = false;
    }
    unsigned best = 0;
    for (unsigned id = 0; id < N; id++) {
      if (!stored[id]) continue;
      best++;
      cr_assert_eq(id * 7919 % 10, 0, "%u is not among the best", id); /* 100 of them are 0 */
      cr_assert_lt(id, 10 * BEST, "of equal ones the lower ids");
    }
    cr_assert_eq(best, BEST);
    keep_clear(&keep);
  }
}

Test(keep, all_and_none)
{
  struct keep all = {.limit = KEEP_ALL}, none = {.limit = 0};
  bool kept, evicted;
  uint64_t out;
  EXPECT_OK(keep_offer(&all, 1, NAN, &kept, &evicted, &out, &error));
  cr_assert(kept && !evicted);
  EXPECT_OK(keep_offer(&none, 1, 0, &kept, &evicted, &out, &error));
  cr_assert(!kept && !evicted);
}
