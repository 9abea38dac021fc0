#include "cli/device/probe_process.h"

#include "cli/device/compile_watch.h"
#include "cli/io/interrupt.h"
#include "cli/io/message.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/* The program itself. Without /proc nothing is probed. */
#define PROGRAM "/proc/self/exe"

#define WAIT_MILLISECONDS 5
#define ROUND_MOST        0.1  /* seconds: longer ones, while both processes are stopped, do not count */
#define SAID_SIZE         2048 /* of what the process writes on standard error; the rest is dropped */

extern char **environ;

struct child {
  pid_t id;
  int said_from; /* the end of the pipe to read from; -1 after the other end was closed */
  char said[SAID_SIZE];
  size_t said_length;
};

/* ---- starting ---------------------------------------------------------------------------------------------------- */

static bool spawn(const struct probe_process *process, struct child *child, int said_to)
{
  char command[] = "clfit", probe[] = PROBE_COMMAND, id[sizeof process->info->id], kind[32];
  char *arguments[] = {command, probe, id, kind, NULL};
  posix_spawn_file_actions_t actions;
  snprintf(id, sizeof id, "%s", process->info->id);
  snprintf(kind, sizeof kind, "%s", process->kind);
  if (posix_spawn_file_actions_init(&actions) != 0) return false;
  int code = posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  if (!code) code = posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  if (!code) code = posix_spawn_file_actions_adddup2(&actions, said_to, STDERR_FILENO);
  if (!code) code = posix_spawn(&child->id, PROGRAM, &actions, NULL, arguments, environ);
  posix_spawn_file_actions_destroy(&actions);
  return code == 0;
}

static bool start(const struct probe_process *process, struct child *child)
{
  int ends[2];
  if (pipe(ends) != 0) return false;
  for (int i = 0; i < 2; i++) fcntl(ends[i], F_SETFD, FD_CLOEXEC);
  fcntl(ends[0], F_SETFL, O_NONBLOCK);
  const bool started = spawn(process, child, ends[1]);
  close(ends[1]);
  child->said_from = ends[0];
  if (!started) close(ends[0]);
  return started;
}

/* ---- waiting ----------------------------------------------------------------------------------------------------- */

/* Reads what there is. A full pipe would make the process wait. */
static void listen_to(struct child *child)
{
  char dropped[1024];
  while (child->said_from >= 0) {
    const size_t room = sizeof child->said - 1 - child->said_length;
    const ssize_t got =
        read(child->said_from, room ? child->said + child->said_length : dropped, room ? room : sizeof dropped);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && errno == EAGAIN) return;
    if (got > 0 && room) child->said_length += (size_t)got;
    if (got > 0) continue;
    close(child->said_from);
    child->said_from = -1;
  }
}

/* Waits for the process, or kills it when the time is over. It is not waited for any longer then: a driver may hang in
 * a call of the system that cannot be ended. */
static enum probe_end wait_for(const struct probe_process *process, struct child *child, int *status)
{
  double before = clfit_clock(), seconds = 0;
  pid_t ended;
  while (listen_to(child), ended = waitpid(child->id, status, WNOHANG), ended == 0) {
    struct pollfd said = {.fd = child->said_from, .events = POLLIN};
    const double now = clfit_clock();
    seconds += fmin(now - before, ROUND_MOST);
    before = now;
    const bool goes_on = compile_goes_on(process->info, seconds, process->quiet);
    if (!goes_on || seconds > process->limit) {
      kill(child->id, SIGKILL);
      return goes_on ? PROBE_DIED : PROBE_LEFT;
    }
    poll(&said, 1, WAIT_MILLISECONDS);
  }
  listen_to(child);
  return ended == child->id ? PROBE_SURVIVED : PROBE_NOT_RUN;
}

/* ---- the result -------------------------------------------------------------------------------------------------- */

/* Whether the process has begun to probe. */
static bool has_begun(const struct child *child)
{
  return child->said_length >= strlen(PROBE_MARK) && memcmp(child->said, PROBE_MARK, strlen(PROBE_MARK)) == 0;
}

/* The first line that is not empty of what the driver said, as ": LINE"; a compiler's reason to abort is there. */
static void append_said(struct child *child, char reason[PROBE_REASON_SIZE])
{
  const size_t length = strlen(reason);
  child->said[child->said_length] = '\0';
  const char *line = child->said + strlen(PROBE_MARK);
  line += strspn(line, " \t\r\n");
  if (!*line) return;
  snprintf(reason + length, PROBE_REASON_SIZE - length, ": %.*s", (int)strcspn(line, "\r\n"), line);
  clfit_blank_controls(reason);
}

/* A user may end the process, a limit of its time, or a system that is short of memory; a driver that gets no more
 * memory, because that is limited, aborts. */
static bool is_ended_by_driver(int status)
{
  struct rlimit memory = {RLIM_INFINITY, RLIM_INFINITY};
  if (WIFEXITED(status)) return true;
  switch (WTERMSIG(status)) {
  case SIGABRT: getrlimit(RLIMIT_AS, &memory); return memory.rlim_cur == RLIM_INFINITY;
  case SIGSEGV:
  case SIGBUS:
  case SIGILL:
  case SIGFPE:
  case SIGTRAP: return true;
  default: return false;
  }
}

static enum probe_end judge(struct child *child, int status, char reason[PROBE_REASON_SIZE])
{
  if (WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SURVIVED) return PROBE_SURVIVED;
  if (!has_begun(child)) return PROBE_NOT_RUN;
  if (interrupt_pending() || (WIFEXITED(status) && WEXITSTATUS(status) == EXIT_INTERRUPTED)) return PROBE_LEFT;
  const bool by_driver = is_ended_by_driver(status);
  if (WIFSIGNALED(status))
    snprintf(reason, PROBE_REASON_SIZE, "%s by signal %d (%s)",
             by_driver ? "its driver ended the trial" : "the trial was ended", WTERMSIG(status),
             strsignal(WTERMSIG(status)));
  else
    snprintf(reason, PROBE_REASON_SIZE, "its driver ended the trial with exit code %d", WEXITSTATUS(status));
  append_said(child, reason);
  return by_driver ? PROBE_DIED : PROBE_ENDED_ELSE;
}

enum probe_end probe_process_run(const struct probe_process *process, char reason[PROBE_REASON_SIZE])
{
  struct child child = {.said_length = 0};
  int status;
  if (!start(process, &child)) return PROBE_NOT_RUN;
  enum probe_end end = wait_for(process, &child, &status);
  if (end == PROBE_SURVIVED)
    end = judge(&child, status, reason);
  else if (end == PROBE_DIED)
    snprintf(reason, PROBE_REASON_SIZE, "the trial did not end within %lu s", (unsigned long)process->limit);
  if (child.said_from >= 0) close(child.said_from);
  return end;
}
