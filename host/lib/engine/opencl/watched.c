/* Calls in which a driver may compile: in a thread of their own if the device's builds are watched, so that the caller
 * can leave them. */
#include "base/error.h"
#include "engine/opencl/opencl.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define ASK_NANOSECONDS 50000000 /* between two calls of the watch */

/* A call, and what its thread and the one that waits for it tell each other. The last of them frees it. */
struct call {
  cl_program program; /* to be built; NULL: the queue is to be finished */
  cl_device_id id;
  char options[BUILD_OPTIONS_SIZE];
  cl_command_queue queue;
  cl_int code; /* its result */
  pthread_mutex_t mutex;
  pthread_cond_t over;
  bool ended, left;
};

static cl_int do_call(const struct call *call)
{
  return call->program ? clBuildProgram(call->program, 1, &call->id, call->options, NULL, NULL) : clFinish(call->queue);
}

static void free_call(struct call *call)
{
  pthread_cond_destroy(&call->over);
  pthread_mutex_destroy(&call->mutex);
  free(call);
}

static void *run_thread(void *argument)
{
  struct call *call = argument;
  const cl_int code = do_call(call);
  pthread_mutex_lock(&call->mutex);
  call->code = code;
  call->ended = true;
  const bool left = call->left;
  pthread_cond_signal(&call->over);
  pthread_mutex_unlock(&call->mutex);
  if (left) free_call(call);
  return NULL;
}

/* True: the call has ended; false: the time is over. */
static bool wait_a_little(struct call *call)
{
  struct timespec latest;
  clock_gettime(CLOCK_MONOTONIC, &latest);
  latest.tv_nsec += ASK_NANOSECONDS;
  latest.tv_sec += latest.tv_nsec / 1000000000;
  latest.tv_nsec %= 1000000000;
  int code = 0;
  while (!call->ended && code == 0) code = pthread_cond_timedwait(&call->over, &call->mutex, &latest);
  return call->ended;
}

/* Waits until the call has ended or is left. False: it is left, and its thread owns it. */
static bool wait_for(const struct opencl_device *device, struct call *call)
{
  struct build_watch *watch = device->watch;
  const double start = clfit_clock();
  pthread_mutex_lock(&call->mutex);
  while (!watch->left && !wait_a_little(call)) {
    pthread_mutex_unlock(&call->mutex);
    watch->left = !watch->ask(watch->context, &device->info, clfit_clock() - start);
    pthread_mutex_lock(&call->mutex);
  }
  const bool ended = call->ended;
  watch->left = call->left = !ended;
  pthread_mutex_unlock(&call->mutex);
  return ended;
}

clfit_status clfit_fail_left(const struct opencl_device *device, clfit_error *error)
{
  return clfit_fail(error, CLFIT_ERROR_INTERRUPTED, "interrupted while programs were compiled for device %s (%s)",
                    device->info.id, device->info.name);
}

static clfit_status call_watched(const struct opencl_device *device, const struct call *what, cl_int *code,
                                 clfit_error *error)
{
  pthread_t thread;
  struct call *call = malloc(sizeof *call);
  if (!call) return clfit_fail_memory(error);
  *call = *what;
  pthread_condattr_t monotonic;
  pthread_mutex_init(&call->mutex, NULL);
  pthread_condattr_init(&monotonic);
  pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
  pthread_cond_init(&call->over, &monotonic);
  pthread_condattr_destroy(&monotonic);
  if (pthread_create(&thread, NULL, run_thread, call) != 0) {
    call->code = do_call(call);
  } else {
    pthread_detach(thread);
    if (!wait_for(device, call)) return clfit_fail_left(device, error);
  }
  *code = call->code;
  free_call(call);
  return CLFIT_OK;
}

static clfit_status make_call(const struct opencl_device *device, const struct call *what, cl_int *code,
                              clfit_error *error)
{
  if (device->watch->left) return clfit_fail_left(device, error);
  if (device->watch->ask) return call_watched(device, what, code, error);
  *code = do_call(what);
  return CLFIT_OK;
}

void clfit_opencl_watch_builds(struct opencl_device *device, clfit_build_watch *watch, void *context)
{
  device->watch->ask = watch;
  device->watch->context = context;
}

clfit_status clfit_watched_build(const struct opencl_device *device, cl_program program, const char *options,
                                 cl_int *code, clfit_error *error)
{
  struct call call = {.program = program, .id = device->id};
  snprintf(call.options, sizeof call.options, "%s", options);
  return make_call(device, &call, code, error);
}

clfit_status clfit_watched_finish(const struct opencl_device *device, const char *what, clfit_error *error)
{
  const struct call call = {.queue = device->first_queue};
  cl_int code = CL_SUCCESS;
  clfit_status status = make_call(device, &call, &code, error);
  return code && !status ? clfit_fail_cl(error, code, what) : status;
}
