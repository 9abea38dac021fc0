#include "cli/device/open_device.h"

#include "cli/device/compile_watch.h"
#include "cli/io/message.h"

#include <string.h>
#include <strings.h>

struct device_choice device_choice_of(const struct options *options, enum probe_kind kind)
{
  return (struct device_choice){.selector = options->devices.count ? options->devices.items[0] : NULL,
                                .networks = 1,
                                .probe = {.kind = options->mapping ? PROBE_ALL : kind, .quiet = options->quiet}};
}

static clfit_status refuse_dead(const clfit_device_info *info, const char *reason, clfit_error *error)
{
  return clfit_fail(error, CLFIT_ERROR_OPENCL,
                    "device %s (%s) cannot be used: %s; clfit devices tries it again, --device reference needs no "
                    "driver",
                    info->id, info->name, reason);
}

static void note_left_out(const clfit_device_info *info, const char *reason)
{
  note("device %s (%s) is left out: %s", info->id, info->name, reason);
}

bool device_survives(const struct probe *probe, const clfit_device_info *info)
{
  char reason[PROBE_REASON_SIZE];
  const clfit_status status = probe_device(probe, info, reason);
  if (status == CLFIT_ERROR_OPENCL && !probe->quiet) note_left_out(info, reason);
  return status == CLFIT_OK;
}

/* ---- choosing ---------------------------------------------------------------------------------------------------- */

/* The devices that have not been passed over, and the last one that did not survive. */
struct candidates {
  clfit_device_info *infos; /* [count] */
  size_t count;
  clfit_device_info dead; /* zeroed: all survived */
  char reason[PROBE_REASON_SIZE];
};

static void pass_over(struct candidates *candidates, const clfit_device_info *info)
{
  const size_t index = (size_t)(info - candidates->infos);
  memmove(candidates->infos + index, candidates->infos + index + 1,
          (--candidates->count - index) * sizeof *candidates->infos);
}

/* A device that nobody has asked for, and that is not the one for a single network, must pass its self-test, as in
 * clfit_device_open_for. */
static bool must_pass(const struct candidates *candidates, const struct device_choice *choice,
                      const clfit_device_info *chosen)
{
  const clfit_device_info *few = NULL;
  if (choice->selector || clfit_device_choose(candidates->infos, candidates->count, NULL, 1, &few, NULL)) return false;
  return chosen != few;
}

/* Opens the chosen one, or passes over it: *device is NULL then. */
static clfit_status try_to_open(struct candidates *candidates, const struct device_choice *choice,
                                const clfit_device_info *chosen, clfit_device **device, clfit_error *error)
{
  char reason[PROBE_REASON_SIZE];
  clfit_status status = probe_device(&choice->probe, chosen, reason);
  if (status == CLFIT_ERROR_INTERRUPTED) return clfit_fail(error, status, "interrupted");
  if (status) {
    candidates->dead = *chosen;
    memcpy(candidates->reason, reason, sizeof reason);
    pass_over(candidates, chosen);
    return CLFIT_OK;
  }
  const bool strictly = must_pass(candidates, choice, chosen);
  status = clfit_device_open(chosen->id, device, error);
  if (!status) compile_watch(*device, choice->probe.quiet);
  if (!strictly || (!status && clfit_device_check(*device, NULL) == CLFIT_OK)) return status;
  clfit_device_close(*device);
  *device = NULL;
  pass_over(candidates, chosen);
  return CLFIT_OK;
}

static clfit_status open_first(struct candidates *candidates, const struct device_choice *choice, clfit_device **device,
                               clfit_error *error)
{
  clfit_status status = CLFIT_OK;
  while (!status && !*device) {
    const clfit_device_info *chosen;
    status =
        clfit_device_choose(candidates->infos, candidates->count, choice->selector, choice->networks, &chosen, error);
    if (status && *candidates->dead.id) return refuse_dead(&candidates->dead, candidates->reason, error);
    if (!status) status = try_to_open(candidates, choice, chosen, device, error);
  }
  if (!status && *candidates->dead.id && !choice->probe.quiet) note_left_out(&candidates->dead, candidates->reason);
  return status;
}

clfit_status device_open(const struct device_choice *choice, clfit_device **device, clfit_error *error)
{
  struct candidates candidates = {.count = 0};
  if (choice->selector && strcasecmp(choice->selector, "reference") == 0)
    return clfit_device_open(choice->selector, device, error);
  clfit_status status = clfit_device_list(&candidates.infos, &candidates.count, error);
  *device = NULL;
  if (!status) status = open_first(&candidates, choice, device, error);
  clfit_free(candidates.infos);
  return status;
}
