#define _XOPEN_SOURCE 700 /* realpath */
#include "cli/io/output.h"

#include "cli/io/interrupt.h"
#include "cli/io/message.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static clfit_status fail_to_write(const char *path, int reason, clfit_error *error)
{
  return fail(error, CLFIT_ERROR_FILE, "cannot write %.200s: %s", path, strerror(reason));
}

/* Where a file's last name begins. */
static size_t directory_length(const char *path)
{
  const char *slash = strrchr(path, '/');
  return slash ? (size_t)(slash - path) + 1 : 0;
}

/* A name beside a place, short enough for any file system. Free it. */
static char *name_beside(const char *place)
{
  size_t directory = directory_length(place), size = directory + 32;
  char *name = malloc(size);
  if (!name) return NULL;
  memcpy(name, place, directory);
  snprintf(name + directory, size - directory, ".clfit-%ld.new", (long)getpid());
  return name;
}

static clfit_status open_beside(struct output *output, mode_t mode, clfit_error *error)
{
  output->temporary = name_beside(output->place);
  if (!output->temporary) return fail(error, CLFIT_ERROR_MEMORY, "out of memory");
  int file = open(output->temporary, O_WRONLY | O_CREAT | O_EXCL, mode);
  if (file >= 0) output->stream = fdopen(file, "w");
  if (output->stream) return CLFIT_OK;
  int reason = errno;
  if (file >= 0) {
    close(file);
    unlink(output->temporary);
  }
  return fail_to_write(output->path, reason, error);
}

static void release(struct output *output)
{
  if (output->place) interrupt_unblock();
  free(output->place);
  free(output->temporary);
  memset(output, 0, sizeof *output);
}

clfit_status output_open(struct output *output, const char *path, clfit_error *error)
{
  struct stat there;
  memset(output, 0, sizeof *output);
  if (!path || strcmp(path, "-") == 0) {
    output->stream = stdout;
    return CLFIT_OK;
  }
  output->path = path;
  bool exists = stat(path, &there) == 0;
  if (exists && !S_ISREG(there.st_mode)) {
    output->stream = fopen(path, "w");
    return output->stream ? CLFIT_OK : fail_to_write(path, errno, error);
  }
  output->place = exists ? realpath(path, NULL) : strdup(path); /* a link stays a link */
  if (!output->place) return fail_to_write(path, errno, error);
  interrupt_block();
  clfit_status status = open_beside(output, exists ? there.st_mode & 0777 : 0666, error);
  if (status) release(output);
  return status;
}

/* 0, or the errno that says why not everything got there. What failed before has left its reason in errno, as writers
 * stop at their first failure. */
static int close_stream(FILE *stream)
{
  int reason = !ferror(stream) ? 0 : errno ? errno : EIO;
  if (!reason && fflush(stream) != 0) reason = errno;
  if (stream != stdout && fclose(stream) != 0 && !reason) reason = errno;
  return reason;
}

clfit_status output_commit(struct output *output, clfit_error *error)
{
  int reason = close_stream(output->stream);
  if (!reason && output->temporary && rename(output->temporary, output->place) != 0) reason = errno;
  if (reason && output->temporary) unlink(output->temporary);
  clfit_status status = CLFIT_OK;
  if (reason) status = fail_to_write(output->path ? output->path : "to standard output", reason, error);
  release(output);
  return status;
}

void output_abandon(struct output *output)
{
  if (output->stream && output->stream != stdout) fclose(output->stream);
  if (output->temporary) unlink(output->temporary);
  release(output);
}

/* The directory of a path, and its last part, which is where it points into the path. */
static const char *split(const char *path, char *directory, size_t size)
{
  size_t length = directory_length(path);
  snprintf(directory, size, "%.*s", length ? (int)length : 1, length ? path : ".");
  return path + length;
}

static bool same_inode(const char *a, const char *b)
{
  struct stat first, second;
  return stat(a, &first) == 0 && stat(b, &second) == 0 && first.st_dev == second.st_dev &&
         first.st_ino == second.st_ino;
}

bool output_same_file(const char *a, const char *b)
{
  char first[4096], second[4096];
  struct stat there;
  if (stat(a, &there) == 0 && !S_ISREG(there.st_mode)) return false; /* /dev/null may be named twice */
  if (strcmp(a, b) == 0 || same_inode(a, b)) return true;
  const char *first_name = split(a, first, sizeof first), *second_name = split(b, second, sizeof second);
  return strcmp(first_name, second_name) == 0 && same_inode(first, second);
}
