#include "study/plan/schedule.h"

#include "study/plan/grid.h"

clfit_status schedule_create(const struct sweep *sweep, struct schedule **schedule, clfit_error *error)
{
  return sweep->halving.eta > 0 ? halving_create(sweep, schedule, error) : grid_create(sweep, schedule, error);
}

void schedule_free(struct schedule *schedule)
{
  if (schedule) schedule->kind->free(schedule);
}
