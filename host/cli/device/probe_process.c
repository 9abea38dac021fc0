#include "cli/device/probe_process.h"

#include "cli/device/compile_watch.h"
#include "cli/io/message.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* The program itself. Without /proc nothing is probed. */
#define PROGRAM "/proc/self/exe"

#define WAIT_MILLISECONDS 5
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
  const double start = clfit_clock();
  pid_t ended;
  while (listen_to(child), ended = waitpid(child->id, status, WNOHANG), ended == 0) {
    struct pollfd said = {.fd = child->said_from, .events = POLLIN};
    const double seconds = clfit_clock() - start;
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

/* The first line that is not empty of what the process said, as ": LINE"; a compiler's reason to abort is there. */
static void append_said(struct child *child, char reason[PROBE_REASON_SIZE])
{
  const size_t length = strlen(reason);
  child->said[child->said_length] = '\0';
  const char *line = child->said + strspn(child->said, " \t\r\n");
  if (!*line) return;
  snprintf(reason + length, PROBE_REASON_SIZE - length, ": %.*s", (int)strcspn(line, "\r\n"), line);
  clfit_blank_controls(reason);
}

/* A user may end the process, or a system that is short of memory. */
static bool is_ended_by_others(int status)
{
  return WIFSIGNALED(status) ? WTERMSIG(status) == SIGKILL : WEXITSTATUS(status) == EXIT_INTERRUPTED;
}

static enum probe_end judge(struct child *child, int status, char reason[PROBE_REASON_SIZE])
{
  if (WIFEXITED(status) && WEXITSTATUS(status) == EXIT_DONE) return PROBE_SURVIVED;
  if (WIFSIGNALED(status))
    snprintf(reason, PROBE_REASON_SIZE, "its driver ended the trial by signal %d (%s)", WTERMSIG(status),
             strsignal(WTERMSIG(status)));
  else
    snprintf(reason, PROBE_REASON_SIZE, "its driver ended the trial with exit code %d", WEXITSTATUS(status));
  append_said(child, reason);
  return is_ended_by_others(status) ? PROBE_ENDED_ELSE : PROBE_DIED;
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
