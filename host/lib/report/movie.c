/* Animations as GIF, by gnuplot alone, and as MP4, from gnuplot's pictures by ffmpeg. */
#include "report/animation.h"

#include "report/gnuplot.h"
#include "report/plot.h"
#include "report/program.h"

#include <errno.h>
#include <math.h>
#include <string.h>
#include <sys/wait.h>

/* Both formats show all frames equally long, so the last one comes several times. */
#define REPEATS ((size_t)(FRAME_PAUSE / FRAME_SECONDS) + 1)

#define GIF_TERMINAL                                                                                                   \
  "gif animate delay %d loop 0 optimize size 800,600 background rgb 'white' font 'sans,13' noenhanced"
#define HUNDREDTHS ((int)(100 * FRAME_SECONDS))

static size_t shown(const clfit_animation *animation)
{
  return animation->n_frames + REPEATS - 1;
}

static size_t frame_of(const clfit_animation *animation, size_t i)
{
  return i < animation->n_frames ? i : animation->n_frames - 1;
}

/* ---- GIF ------------------------------------------------------------------------------------------------------- */

/* gnuplot may have been built without libgd. */
clfit_status clfit_animation_check_gif(const char *path, clfit_error *error)
{
  clfit_status status = clfit_gnuplot_check(path, error);
  FILE *script = status ? NULL : tmpfile(), *answer = script ? tmpfile() : NULL;
  if (status) return status;
  if (answer) {
    fprintf(script, "set terminal " GIF_TERMINAL "\nset print '-'\nprint 1\n", HUNDREDTHS);
    if (clfit_gnuplot_run(script, path, answer, NULL))
      status = clfit_fail(error, CLFIT_ERROR_UNSUPPORTED,
                          "cannot draw %s: this gnuplot has no terminal gif; .svg needs none", path);
    fclose(answer);
  } else {
    status = clfit_fail_file(error, "make gnuplot's script for", path, errno);
  }
  if (script) fclose(script);
  return status;
}

clfit_status clfit_animation_write_gif(const clfit_animation *animation, const char *path, FILE *stream,
                                       clfit_error *error)
{
  char name[CLFIT_FRAME_NAME_SIZE];
  clfit_status status = CLFIT_OK;
  FILE *script = tmpfile();
  if (!script) return clfit_fail_file(error, "make gnuplot's script for", path, errno);
  fprintf(script, "set terminal " GIF_TERMINAL "\n", HUNDREDTHS);
  for (size_t i = 0; !status && i < shown(animation); i++) {
    clfit_plot plot = clfit_animation_frame(animation, frame_of(animation, i), name);
    status = clfit_plot_print(script, &plot, path, error);
  }
  if (!status) status = clfit_gnuplot_run(script, path, stream, error);
  fclose(script);
  return status;
}

/* ---- MP4 ------------------------------------------------------------------------------------------------------- */

clfit_status clfit_animation_check_mp4(const char *path, clfit_error *error)
{
  char program[PROGRAM_PATH_SIZE];
  clfit_status status = clfit_gnuplot_check(path, error);
  if (status || clfit_program_find("ffmpeg", program)) return status;
  return clfit_fail(error, CLFIT_ERROR_UNSUPPORTED,
                    "cannot draw %s: ffmpeg is not installed (apt install ffmpeg); .svg needs no other program", path);
}

/* All frames as PNG, one after the other, which ffmpeg takes for a stream of pictures. */
static clfit_status print_pictures(const clfit_animation *animation, const char *path, FILE *pictures,
                                   clfit_error *error)
{
  char name[CLFIT_FRAME_NAME_SIZE];
  clfit_status status = CLFIT_OK;
  for (size_t i = 0; !status && i < shown(animation); i++) {
    clfit_plot plot = clfit_animation_frame(animation, frame_of(animation, i), name);
    status = clfit_plot_write(&plot, "frame.png", pictures, error);
  }
  errno = 0;
  if (!status && (fflush(pictures) || ferror(pictures) || fseek(pictures, 0, SEEK_SET)))
    status = clfit_fail_file(error, "draw", path, errno ? errno : EIO);
  return status;
}

/* Runs ffmpeg between two files. Its format needs an output in which it can go back. */
static clfit_status run_ffmpeg(FILE *pictures, FILE *movie, FILE *messages, const char *path, clfit_error *error)
{
  char program[PROGRAM_PATH_SIZE], rate[32];
  snprintf(rate, sizeof rate, "100/%d", HUNDREDTHS);
  char *const arguments[] = {"ffmpeg",   "-hide_banner", "-loglevel",  "error",     "-f",        "image2pipe",
                             "-c:v",     "png",          "-framerate", rate,        "-i",        "pipe:0",
                             "-pix_fmt", "yuv420p",      "-r",         "25",        "-movflags", "faststart",
                             "-f",       "mp4",          "-y",         "/dev/fd/1", NULL};
  pid_t child;
  int end = 0;
  if (!clfit_program_find("ffmpeg", program)) return clfit_animation_check_mp4(path, error);
  int number =
      clfit_program_start(program, arguments, (const int[]){fileno(pictures), fileno(movie), fileno(messages)}, &child);
  if (number) return clfit_fail_file(error, "run ffmpeg to draw", path, number);
  while (waitpid(child, &end, 0) < 0)
    if (errno != EINTR) return clfit_fail_file(error, "wait for ffmpeg to draw", path, errno);
  if (WIFEXITED(end) && WEXITSTATUS(end) == 0) return CLFIT_OK;
  char reason[CLFIT_MESSAGE_SIZE / 2];
  rewind(messages);
  if (!fgets(reason, sizeof reason, messages)) strcpy(reason, "it does not say why");
  reason[strcspn(reason, "\n")] = '\0';
  return clfit_fail(error, CLFIT_ERROR_UNSUPPORTED, "cannot draw %s: ffmpeg failed: %s", path, reason);
}

static void copy(FILE *from, FILE *to)
{
  char bytes[4096];
  size_t n;
  rewind(from);
  while ((n = fread(bytes, 1, sizeof bytes, from)) > 0) fwrite(bytes, 1, n, to);
}

clfit_status clfit_animation_write_mp4(const clfit_animation *animation, const char *path, FILE *stream,
                                       clfit_error *error)
{
  clfit_status status;
  FILE *pictures = tmpfile(), *movie = tmpfile(), *messages = tmpfile();
  if (pictures && movie && messages) {
    status = print_pictures(animation, path, pictures, error);
    if (!status) status = run_ffmpeg(pictures, movie, messages, path, error);
    if (!status) copy(movie, stream);
  } else {
    status = clfit_fail_file(error, "make temporary files for", path, errno);
  }
  if (messages) fclose(messages);
  if (movie) fclose(movie);
  if (pictures) fclose(pictures);
  return status;
}
