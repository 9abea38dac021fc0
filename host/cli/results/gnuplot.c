#include "cli/results/gnuplot.h"

#include "study/base/fail.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

/* gnuplot needs room to round its scales. */
#define DRAWABLE_MAX 1e300

FILE *gnuplot_script(void)
{
  return tmpfile();
}

void gnuplot_print_text(FILE *script, const char *text)
{
  putc('"', script);
  for (; *text; text++) {
    unsigned char c = (unsigned char)*text;
    if (isalpha(c) || c == ' ')
      putc(c, script);
    else if (c == '\n')
      fputs("\\n", script);
    else if (c > ' ' && c < 0x7f)
      fprintf(script, "\\%03o", c); /* digits, too: after another octal one they would be read as part of it */
    else
      putc('?', script);
  }
  putc('"', script);
}

bool gnuplot_can_draw(double value)
{
  return fabs(value) <= DRAWABLE_MAX;
}

void gnuplot_print_point(FILE *script, double x, double y)
{
  char number[CLFIT_NUMBER_SIZE];
  if (!gnuplot_can_draw(x) || !gnuplot_can_draw(y)) {
    putc('\n', script);
    return;
  }
  clfit_number_print(number, x);
  fprintf(script, "%s ", number);
  clfit_number_print(number, y);
  fprintf(script, "%s\n", number);
}

static clfit_status fail_errno(const char *name, int reason, clfit_error *error)
{
  if (reason == ENOENT)
    return fail(error, CLFIT_ERROR_UNSUPPORTED,
                "cannot draw %.200s: gnuplot is not installed (apt install gnuplot-nox)", name);
  return fail(error, CLFIT_ERROR_FILE, "cannot run gnuplot to draw %.200s: %s", name, strerror(reason));
}

/* Returns 0 or an errno. -d leaves out the user's settings. */
static int start(int input, int output, int messages, pid_t *child)
{
  char *const arguments[] = {"gnuplot", "-d", NULL};
  posix_spawn_file_actions_t actions;
  int number = posix_spawn_file_actions_init(&actions);
  if (number) return number;
  number = posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
  if (!number) number = posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
  if (!number) number = posix_spawn_file_actions_adddup2(&actions, messages, STDERR_FILENO);
  if (!number) number = posix_spawnp(child, "gnuplot", &actions, NULL, arguments, environ);
  posix_spawn_file_actions_destroy(&actions);
  return number;
}

/* All that gnuplot writes, so that it never waits for us. What cannot be written shows when picture is closed. */
static size_t copy(int output, FILE *picture)
{
  char bytes[4096];
  size_t total = 0;
  for (;;) {
    ssize_t n = read(output, bytes, sizeof bytes);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return total;
    fwrite(bytes, 1, (size_t)n, picture);
    total += (size_t)n;
  }
}

/* The first of gnuplot's lines that says something. */
static void read_reason(FILE *messages, char *reason, int size)
{
  rewind(messages);
  while (fgets(reason, size, messages)) {
    reason[strcspn(reason, "\n")] = '\0';
    if (strstr(reason, "line ") || (reason[0] && !isspace((unsigned char)reason[0]))) return;
  }
  snprintf(reason, (size_t)size, "it does not say why");
}

static clfit_status finish(pid_t child, size_t drawn, const char *name, FILE *messages, clfit_error *error)
{
  char reason[200];
  int end = 0;
  while (waitpid(child, &end, 0) < 0)
    if (errno != EINTR) return fail_errno(name, errno, error);
  if (WIFEXITED(end) && WEXITSTATUS(end) == 0 && drawn) return CLFIT_OK;
  read_reason(messages, reason, sizeof reason);
  return fail(error, CLFIT_ERROR_UNSUPPORTED, "cannot draw %.200s: gnuplot failed: %s", name, reason);
}

clfit_status gnuplot_run(FILE *script, FILE *picture, const char *name, clfit_error *error)
{
  int ends[2] = {-1, -1};
  pid_t child;
  clfit_status status = CLFIT_OK;
  FILE *messages = tmpfile();
  if (!messages || pipe(ends) || fflush(script) || ferror(script) || fseek(script, 0, SEEK_SET)) {
    status = fail_errno(name, errno ? errno : EIO, error);
    goto out;
  }
  fcntl(ends[0], F_SETFD, FD_CLOEXEC);
  fcntl(ends[1], F_SETFD, FD_CLOEXEC); /* its copy in gnuplot is without */
  int number = start(fileno(script), ends[1], fileno(messages), &child);
  close(ends[1]); /* so that the other end sees gnuplot close its copy */
  ends[1] = -1;
  status = number ? fail_errno(name, number, error) : finish(child, copy(ends[0], picture), name, messages, error);
out:
  if (ends[0] >= 0) close(ends[0]);
  if (ends[1] >= 0) close(ends[1]);
  if (messages) fclose(messages);
  return status;
}
