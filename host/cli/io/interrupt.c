/*
 * A thread waits for the signals, which are blocked in all others. A handler would not do: PoCL's compiler, LLVM, puts
 * its own in front of ours, and that one removes the files of a build under way, so that Ctrl-C would look like a kernel
 * that does not build.
 */
#include "cli/io/interrupt.h"

#include "cli/io/message.h"
#include "cli/io/progress.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <unistd.h>

/* Seconds within which a second signal is the first one's echo: timeout(1) sends one to the process and another to its
 * group. */
#define SAME_SIGNAL 0.3

static atomic_bool pending, deferred;
static pthread_mutex_t writing = PTHREAD_MUTEX_INITIALIZER; /* held while a file is being written */

static void fill_set(sigset_t *signals)
{
  sigemptyset(signals);
  sigaddset(signals, SIGINT);
  sigaddset(signals, SIGTERM);
}

static void *wait_for_signals(void *unused)
{
  sigset_t signals;
  int signal_number;
  double first = -SAME_SIGNAL;
  fill_set(&signals);
  while (sigwait(&signals, &signal_number) == 0) {
    double now = progress_clock();
    if (deferred && !pending) first = now;
    if (now - first < SAME_SIGNAL) {
      pending = true;
      continue;
    }
    pthread_mutex_lock(&writing);
    _exit(EXIT_INTERRUPTED);
  }
  return unused;
}

void interrupt_install(void)
{
  sigset_t signals;
  pthread_t thread;
  fill_set(&signals);
  signal(SIGINT, SIG_DFL); /* a shell's background job starts with it ignored */
  pthread_sigmask(SIG_BLOCK, &signals, NULL);
  /* Without the thread nobody can save anything at Ctrl-C, but it must still end the program. */
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

void interrupt_block(void)
{
  pthread_mutex_lock(&writing);
}

void interrupt_unblock(void)
{
  pthread_mutex_unlock(&writing);
}
