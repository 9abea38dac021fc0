/* Running gnuplot: a script on its standard input, the picture from its standard output. Texts of the caller are passed
 * neither to a shell nor to gnuplot as commands. */
#include "report/gnuplot.h"

#include "report/program.h"
#include "report/text.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* Longest text, in characters: a picture is about 90 characters wide. */
#define TEXT_MAX 400

/* ---- finding it ----------------------------------------------------------------------------------------------- */

clfit_status clfit_gnuplot_check(const char *name, clfit_error *error)
{
  char path[PROGRAM_PATH_SIZE];
  if (clfit_program_find("gnuplot", path)) return CLFIT_OK;
  return clfit_fail(error, CLFIT_ERROR_UNSUPPORTED,
                    "cannot draw %s: gnuplot is not installed (apt install gnuplot-nox)", name);
}

/* ---- parts of a script ----------------------------------------------------------------------------------------- */

/* All but letters and blanks are octal: digits, too, as gnuplot takes more than three as one number; and doubling
 * single quotes would not be enough: two in a row end the string. */
void clfit_gnuplot_text(FILE *script, const char *text)
{
  static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ ";
  fputc('"', script);
  for (size_t total = 0; *text && total < TEXT_MAX; total++) {
    size_t length = clfit_utf8_length(text);
    bool control = length == 0 && (unsigned char)*text < 0x80;
    if (length == 0 && !control) fputc('?', script);
    if (length == 0) text++;
    for (; length > 0; length--, text++) fprintf(script, strchr(plain, *text) ? "%c" : "\\%03o", (unsigned char)*text);
  }
  fputc('"', script);
}

void clfit_gnuplot_style(FILE *script, const char *samples, const char *network)
{
  fprintf(script,
          "set encoding utf8\n"
          "set grid lt 1 lw 1 lc rgb '#e8e8e8'\n"
          "set border lw 1 lc rgb '#808080'\n"
          "set tics nomirror textcolor rgb '#202020'\n"
          "set style line 1 pt 7 ps %s lc rgb '#4a7ab5'\n"
          "set style line 2 lw 2 pt 7 ps %s lc rgb '#d62728'\n",
          samples, network);
}

bool clfit_gnuplot_point(FILE *script, double x, double y)
{
  char number[CLFIT_NUMBER_SIZE];
  bool drawable = fabs(x) <= CLFIT_GNUPLOT_MAX && fabs(y) <= CLFIT_GNUPLOT_MAX;
  if (drawable) {
    clfit_number_print(number, x);
    fprintf(script, "%s ", number);
    clfit_number_print(number, y);
    fputs(number, script);
  }
  fputc('\n', script);
  return drawable;
}

/* ---- running it ---------------------------------------------------------------------------------------------- */

/* Copies gnuplot's output to `picture` until gnuplot closes it. It always reads to the end, because gnuplot would block
 * on a full pipe; errors of writing are found when `picture` is closed. Returns the number of bytes read. */
static size_t copy_output(int output, FILE *picture)
{
  char bytes[4096];
  size_t total = 0;
  for (;;) {
    ssize_t n = read(output, bytes, sizeof bytes);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return total;
    total += (size_t)n;
    fwrite(bytes, 1, (size_t)n, picture);
  }
}

/* "line 7: unknown terminal type" */
static bool is_mistake(const char *line)
{
  unsigned number;
  int colon = 0;
  return sscanf(line, "line %u%n", &number, &colon) == 1 && line[colon] == ':' && !strstr(line, ": warning:");
}

/* Finds the one line among gnuplot's messages that says what is wrong, between lines that show where and warnings; or
 * else the first one. */
static void find_reason(FILE *messages, char reason[CLFIT_MESSAGE_SIZE])
{
  char line[CLFIT_MESSAGE_SIZE];
  strcpy(reason, "it does not say why");
  rewind(messages);
  for (bool found = false, first = true; !found && fgets(line, sizeof line, messages);) {
    char *text = line + strspn(line, " \t\n");
    text[strcspn(text, "\n")] = '\0';
    found = is_mistake(text);
    if (found || (first && *text)) strcpy(reason, text);
    first = first && !*text;
  }
}

/* Waits for gnuplot's end. */
static clfit_status check_end(pid_t child, size_t drawn, const char *name, FILE *messages, clfit_error *error)
{
  char reason[CLFIT_MESSAGE_SIZE];
  int end = 0;
  while (waitpid(child, &end, 0) < 0)
    if (errno != EINTR) return clfit_fail_file(error, "wait for gnuplot to draw", name, errno);
  find_reason(messages, reason);
  if (WIFSIGNALED(end))
    return clfit_fail(error, CLFIT_ERROR_UNSUPPORTED, "cannot draw %s: gnuplot was ended by signal %d", name,
                      WTERMSIG(end));
  if (WEXITSTATUS(end) != 0)
    return clfit_fail(error, CLFIT_ERROR_UNSUPPORTED, "cannot draw %s: gnuplot failed (exit %d): %s", name,
                      WEXITSTATUS(end), reason);
  if (drawn == 0)
    return clfit_fail(error, CLFIT_ERROR_UNSUPPORTED, "cannot draw %s: gnuplot drew nothing: %s", name, reason);
  return CLFIT_OK;
}

clfit_status clfit_gnuplot_run(FILE *script, const char *name, FILE *picture, clfit_error *error)
{
  char gnuplot[PROGRAM_PATH_SIZE];
  clfit_status status = CLFIT_OK;
  pid_t child;
  int ends[2] = {-1, -1};
  if (!clfit_program_find("gnuplot", gnuplot)) return clfit_gnuplot_check(name, error);
  errno = 0;
  if (fflush(script) || ferror(script) || fseek(script, 0, SEEK_SET))
    return clfit_fail_file(error, "make gnuplot's script for", name, errno ? errno : EIO);
  FILE *messages = tmpfile();
  if (!messages || pipe(ends)) {
    status = clfit_fail_file(error, "run gnuplot to draw", name, errno);
    goto out;
  }
  fcntl(ends[0], F_SETFD, FD_CLOEXEC);
  fcntl(ends[1], F_SETFD, FD_CLOEXEC);               /* the duplicate that gnuplot gets does not have this flag */
  char *const arguments[] = {"gnuplot", "-d", NULL}; /* without the user's settings */
  int number =
      clfit_program_start(gnuplot, arguments, (const int[]){fileno(script), ends[1], fileno(messages)}, &child);
  close(ends[1]); /* only gnuplot may hold the writing end, otherwise reading would never reach end-of-file */
  ends[1] = -1;
  if (number) {
    status = clfit_fail_file(error, "run gnuplot to draw", name, number);
    goto out;
  }
  size_t drawn = copy_output(ends[0], picture);
  status = check_end(child, drawn, name, messages, error);
out:
  if (ends[0] >= 0) close(ends[0]);
  if (ends[1] >= 0) close(ends[1]);
  if (messages) fclose(messages);
  return status;
}
