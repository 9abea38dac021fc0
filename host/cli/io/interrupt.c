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
#include <unistd.h>

/* Seconds within which a second signal counts as the same interruption: timeout(1) sends one signal to the process and
 * one to its process group. */
#define SAME_SIGNAL 0.3

static atomic_bool pending, deferred;
static sigset_t signals; /* that end the program; set before the thread starts */

static void choose_signals(void)
{
  struct sigaction action;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  bool ignored = sigaction(SIGHUP, NULL, &action) == 0 && action.sa_handler == SIG_IGN;
  if (!ignored) sigaddset(&signals, SIGHUP); /* nohup has it ignored, so that the program outlives its terminal */
}

static void *wait_for_signals(void *unused)
{
  int signal_number;
  double first = -SAME_SIGNAL;
  while (sigwait(&signals, &signal_number) == 0) {
    double now = clfit_clock();
    if (deferred && !pending) first = now;
    if (now - first < SAME_SIGNAL) {
      pending = true;
      continue;
    }
    output_discard_all();
    _exit(EXIT_INTERRUPTED);
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
  deferred = true;
}

bool interrupt_pending(void)
{
  return pending;
}
