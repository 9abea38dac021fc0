/*
 * A separate thread waits for the signals, which are blocked in all other threads. A signal handler would not work:
 * LLVM, PoCL's compiler, installs its own handler, which deletes the files of a running compilation, so that after
 * Ctrl-C a kernel would seem not to build.
 */
#include "cli/io/interrupt.h"

#include "cli/io/message.h"
#include "cli/io/output.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <time.h>
#include <unistd.h>

/* Seconds within which a second signal counts as the same interruption: timeout(1) sends one signal to the process and
 * one to its process group. */
#define SAME_SIGNAL 0.3

/* Seconds that the program has left to write what can be done without (interrupt_limit). */
#define WRITING_SECONDS 0.9

enum phase {
  PHASE_AT_ONCE, /* a signal ends the program */
  PHASE_DEFERRED,
  PHASE_LIMITED
};

static atomic_bool pending;
static sigset_t signals;                                  /* that end the program; set before the thread starts */
static pthread_mutex_t guard = PTHREAD_MUTEX_INITIALIZER; /* protects what follows */
static enum phase phase;
static double first; /* time of the first signal, with pending */

static void choose_signals(void)
{
  struct sigaction action;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  bool ignored = sigaction(SIGHUP, NULL, &action) == 0 && action.sa_handler == SIG_IGN;
  if (!ignored) sigaddset(&signals, SIGHUP); /* nohup has it ignored, so that the program outlives its terminal */
}

static void end(void)
{
  output_discard_all();
  _exit(EXIT_INTERRUPTED);
}

static void *end_later(void *unused)
{
  const struct timespec left = {0, (long)(WRITING_SECONDS * 1e9)};
  nanosleep(&left, NULL);
  note("interrupted before everything was written");
  end();
  return unused;
}

/* If there is no memory for a thread, a second signal still ends the program. */
static void begin_limit(void)
{
  pthread_t thread;
  if (pthread_create(&thread, NULL, end_later, NULL) == 0) pthread_detach(thread);
}

/* Whether the signal ends the program now. */
static bool take_signal(void)
{
  const double now = clfit_clock();
  if (phase == PHASE_AT_ONCE) return true;
  if (pending) return now - first >= SAME_SIGNAL;
  first = now;
  pending = true;
  if (phase == PHASE_LIMITED) begin_limit();
  return false;
}

static void *wait_for_signals(void *unused)
{
  int signal_number;
  while (sigwait(&signals, &signal_number) == 0) {
    pthread_mutex_lock(&guard);
    const bool ends = take_signal();
    pthread_mutex_unlock(&guard);
    if (ends) end();
  }
  return unused;
}

void interrupt_install(void)
{
  pthread_t thread;
  choose_signals();
  signal(SIGINT, SIG_DFL); /* shells start background jobs with SIGINT ignored */
  pthread_sigmask(SIG_BLOCK, &signals, NULL);
  /* If the thread cannot be created, unblock the signals: Ctrl-C then ends the program at once, without saving. */
  if (pthread_create(&thread, NULL, wait_for_signals, NULL) != 0)
    pthread_sigmask(SIG_UNBLOCK, &signals, NULL);
  else
    pthread_detach(thread);
}

void interrupt_defer(void)
{
  pthread_mutex_lock(&guard);
  phase = PHASE_DEFERRED;
  pthread_mutex_unlock(&guard);
}

void interrupt_limit(void)
{
  pthread_mutex_lock(&guard);
  if (phase == PHASE_DEFERRED) {
    phase = PHASE_LIMITED;
    if (pending) begin_limit();
  }
  pthread_mutex_unlock(&guard);
}

bool interrupt_pending(void)
{
  return pending;
}
