/*
 * An OpenCL layer (OPENCL_LAYERS) in which building a program goes wrong. Environment:
 *
 *   FAULTY_DEVICE  a piece of the name of the device whose builds go wrong; none: no build does
 *   FAULTY_BUILD   abort, exit or exit0 (exit codes 7 and 0), hang, or the seconds that a build takes longer
 *   FAULTY_LOAD    the same for the time when the driver is loaded; none: nothing goes wrong then
 *   FAULTY_SKIP    so many builds of the device go as they should, before one goes wrong; none: 0
 *   FAULTY_MOST    so many builds of a process go wrong, at most; none: all
 *   FAULTY_LOG     a file that gets a line for each build: the process, and "faulty" or "plain"
 */
#define CL_TARGET_OPENCL_VERSION 120

#include "../../faults/layer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define EXIT_FAULTY 7

static struct _cl_icd_dispatch layer;
static const struct _cl_icd_dispatch *target;

static int is_faulty(cl_device_id device)
{
  static int builds;
  const char *piece = getenv("FAULTY_DEVICE");
  char name[256] = "";
  target->clGetDeviceInfo(device, CL_DEVICE_NAME, sizeof name - 1, name, NULL);
  const char *skip = getenv("FAULTY_SKIP"), *most = getenv("FAULTY_MOST");
  const int first = skip ? atoi(skip) : 0;
  if (!piece || !strstr(name, piece)) return 0;
  builds++;
  return builds > first && (!most || builds <= first + atoi(most));
}

static void note_build(int faulty)
{
  FILE *log = getenv("FAULTY_LOG") ? fopen(getenv("FAULTY_LOG"), "a") : NULL;
  if (!log) return;
  fprintf(log, "%ld %s\n", (long)getpid(), faulty ? "faulty" : "plain");
  fclose(log);
}

static void go_wrong(const char *how)
{
  if (strcmp(how, "abort") == 0) {
    fprintf(stderr, "\nLLVM ERROR: cannot select\033something\nand more of it\n"); /* a terminal would obey */
    abort();
  }
  if (strcmp(how, "exit") == 0) exit(EXIT_FAULTY);
  if (strcmp(how, "exit0") == 0) exit(0);
  for (int second = 0; strcmp(how, "hang") == 0 || second < atoi(how); second++) sleep(1);
}

static CL_API_ENTRY cl_int CL_API_CALL build(cl_program program, cl_uint count, const cl_device_id *devices,
                                             const char *options,
                                             void(CL_CALLBACK *notify)(cl_program program, void *data), void *data)
{
  const int faulty = count > 0 && is_faulty(devices[0]);
  note_build(faulty);
  if (faulty) go_wrong(getenv("FAULTY_BUILD"));
  return target->clBuildProgram(program, count, devices, options, notify, data);
}

CL_API_ENTRY cl_int CL_API_CALL clInitLayer(cl_uint count, const cl_icd_dispatch *next, cl_uint *used,
                                            const cl_icd_dispatch **made)
{
  const cl_uint entries = sizeof layer / sizeof layer.clGetPlatformIDs;
  if (count < entries) return CL_INVALID_VALUE;
  if (getenv("FAULTY_LOAD")) go_wrong(getenv("FAULTY_LOAD"));
  target = next;
  layer = *next;
  layer.clBuildProgram = build;
  *used = entries;
  *made = &layer;
  return CL_SUCCESS;
}
