/* Which call a fault library fails, and how many calls there were: shared by the two libraries. From the environment:
 *
 *   CLFIT_FAULT=NAME:N[:HOW]   the N-th call of NAME fails (N from 1; "N+": that and all later ones); HOW is an errno
 *                              value, or "short" for a write that writes half of its bytes
 *   CLFIT_FAULT_LOG=FILE       at the end of the process a line "NAME CALLS FAILED" for each name that was called */
#ifndef CLFIT_TESTS_FAULT_H
#define CLFIT_TESTS_FAULT_H

#include <fcntl.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct fault_point {
  const char *name;
  atomic_ulong calls, failed;
};

static struct {
  char name[64], how[16], log[4096];
  unsigned long first, last;
} fault;

/* Once, before the program runs. Programs that it starts are not failed: what they do is not clfit's. */
static void fault_read_environment(void)
{
  const char *text = getenv("CLFIT_FAULT"), *log = getenv("CLFIT_FAULT_LOG");
  char all = 0;
  if (log) snprintf(fault.log, sizeof fault.log, "%s", log);
  if (!text || sscanf(text, "%63[^:]:%lu", fault.name, &fault.first) != 2) return;
  const char *rest = strchr(text, ':') + 1;
  rest += strspn(rest, "0123456789");
  if (*rest == '+') all = *rest++;
  fault.last = all ? ~0UL : fault.first;
  if (*rest == ':') snprintf(fault.how, sizeof fault.how, "%s", rest + 1);
}

static bool fault_strikes(struct fault_point *point)
{
  unsigned long call = atomic_fetch_add(&point->calls, 1) + 1;
  if (call < fault.first || call > fault.last || strcmp(point->name, fault.name) != 0) return false;
  atomic_fetch_add(&point->failed, 1);
  return true;
}

/* One write(), because both libraries append to the same file. */
static void fault_write_log(struct fault_point *const *points, size_t n)
{
  char text[8192];
  size_t length = 0;
  int file = fault.log[0] ? open(fault.log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666) : -1;
  if (file < 0) return;
  for (size_t i = 0; i < n; i++)
    if (points[i]->calls)
      length += (size_t)snprintf(text + length, sizeof text - length, "%s %lu %lu\n", points[i]->name,
                                 atomic_load(&points[i]->calls), atomic_load(&points[i]->failed));
  if (write(file, text, length) != (ssize_t)length) abort();
  close(file);
}

#endif
