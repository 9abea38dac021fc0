#include "cli/device/probe.h"

#include "cli/device/probe_memory.h"
#include "cli/device/probe_process.h"

#include <stdlib.h>

/* `clfit devices` with an empty kernel cache takes 4 s on two cores of an AMD EPYC (Zen 3), most of it in the probe.
 * Slow boards and slow compilers take some ten times as long. */
#define LIMIT_DEFAULT 180u /* seconds */

static const char *const kind_names[PROBE_COUNT] = {[PROBE_DEFAULT] = "default",
                                                    [PROBE_ALL] = "all",
                                                    [PROBE_LEAST_SQUARES] = "lm",
                                                    [PROBE_ALL_AND_LEAST_SQUARES] = "all-lm"};

uint32_t probe_limit(void)
{
  const char *text = getenv(PROBE_LIMIT_VARIABLE);
  uint32_t seconds;
  return text && clfit_number_parse_count(text, &seconds) ? seconds : LIMIT_DEFAULT;
}

const char *probe_kind_name(enum probe_kind kind)
{
  return kind_names[kind];
}

clfit_status probe_device(const struct probe *probe, const clfit_device_info *info, char reason[PROBE_REASON_SIZE])
{
  const struct probe_process process = {
      .info = info, .kind = kind_names[probe->kind], .limit = probe_limit(), .quiet = probe->quiet};
  enum probe_end end = PROBE_SURVIVED;
  bool survived;
  reason[0] = '\0';
  if (process.limit == 0) return CLFIT_OK;
  char *path = probe_memory_path(info, process.kind);
  if (!probe_memory_read(path, &survived, reason) || (!survived && probe->again)) {
    end = probe_process_run(&process, reason);
    survived = end == PROBE_SURVIVED || end == PROBE_NOT_RUN;
    if (end == PROBE_SURVIVED || end == PROBE_DIED) probe_memory_write(path, survived, reason);
  }
  free(path);
  if (end == PROBE_LEFT) return CLFIT_ERROR_INTERRUPTED;
  return survived ? CLFIT_OK : CLFIT_ERROR_OPENCL;
}
