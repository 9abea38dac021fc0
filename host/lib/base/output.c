/* Writing a file beside the one that it replaces. */
#define _DEFAULT_SOURCE /* getentropy; NOLINT(clang-diagnostic-reserved-macro-identifier): defined by the C library */
#include "clfit.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define LINKS_MAX       40   /* as Linux has it */
#define LINK_TARGET_MAX 4096 /* PATH_MAX of Linux */
#define NAME_ATTEMPTS   100

/* Where a new file is to be written. */
struct destination {
  char *path;  /* with symbolic links followed; NULL: written directly */
  mode_t mode; /* of the file that is there, else 0666, which the umask then limits */
  bool exists;
};

static size_t directory_length(const char *path)
{
  const char *slash = strrchr(path, '/');
  return slash ? (size_t)(slash - path) + 1 : 0;
}

/* The target of a symbolic link, relative to the same folder as path. NULL: failed, see errno. */
static char *read_link(const char *path)
{
  char target[LINK_TARGET_MAX];
  ssize_t length = readlink(path, target, sizeof target);
  if (length < 0) return NULL;
  if ((size_t)length == sizeof target) {
    errno = ENAMETOOLONG;
    return NULL;
  }
  size_t directory = length > 0 && target[0] == '/' ? 0 : directory_length(path);
  char *joined = malloc(directory + (size_t)length + 1);
  if (!joined) return NULL;
  memcpy(joined, path, directory);
  memcpy(joined + directory, target, (size_t)length);
  joined[directory + (size_t)length] = '\0';
  return joined;
}

/* Follows symbolic links; the file at their end need not exist (realpath would fail then). NULL: failed, see errno. */
static char *follow_links(const char *path)
{
  char *destination = strdup(path);
  for (int links = 0; destination && links < LINKS_MAX; links++) {
    struct stat status;
    if (lstat(destination, &status) || !S_ISLNK(status.st_mode)) return destination;
    char *target = read_link(destination);
    int number = errno;
    free(destination);
    errno = number;
    destination = target;
  }
  if (destination) errno = ELOOP;
  free(destination);
  return NULL;
}

/* 0 if the existing file can be written, else an errno value with the reason. */
static int refusal(const char *path, const struct stat *status)
{
  if (S_ISDIR(status->st_mode)) return EISDIR;
  if (S_ISSOCK(status->st_mode)) return ENXIO;
  return faccessat(AT_FDCWD, path, W_OK, AT_EACCESS) ? errno : 0;
}

/* A link below /proc (such as /proc/self/fd/3) may refer to a file that has no path any more; the path that the link
 * shows may then be another file's. */
static bool is_same_file(const char *destination, const struct stat *status)
{
  struct stat found;
  return stat(destination, &found) == 0 && found.st_dev == status->st_dev && found.st_ino == status->st_ino;
}

static clfit_status find_destination(struct destination *destination, const char *path, clfit_error *error)
{
  struct stat status;
  *destination = (struct destination){.mode = 0666};
  destination->exists = stat(path, &status) == 0;
  if (!destination->exists && (errno != ENOENT || !*path)) return clfit_fail_file(error, "write", path, errno);
  int number = destination->exists ? refusal(path, &status) : 0;
  if (number) return clfit_fail_file(error, "write", path, number);
  if (destination->exists && !S_ISREG(status.st_mode)) return CLFIT_OK;

  destination->path = follow_links(path);
  if (!destination->path) return clfit_fail_file(error, "write", path, errno);
  if (!destination->exists) return CLFIT_OK;
  destination->mode = status.st_mode & 0777;
  if (!is_same_file(destination->path, &status)) {
    free(destination->path);
    destination->path = NULL;
  }
  return CLFIT_OK;
}

/* 64 random bits: equal process ids (of containers that share a folder, of a process that was killed) do not matter.
 * The clock stands in where there is no source of random bits; O_EXCL then sees to it that no two files have one
 * name. */
static uint64_t draw_name(void)
{
  uint64_t bits;
  struct timespec now;
  if (getentropy(&bits, sizeof bits) == 0) return bits;
  clock_gettime(CLOCK_REALTIME, &now);
  return (uint64_t)now.tv_sec << 30 ^ (uint64_t)now.tv_nsec;
}

/* Not mkstemp: it creates files with mode 0600, and the umask, which the mode should follow, cannot be read without
 * changing it (umask() sets it, for all threads). */
static int open_beside(const struct destination *destination, char **name)
{
  size_t directory = directory_length(destination->path);
  size_t size = directory + 64;
  *name = malloc(size);
  if (!*name) return -1;
  memcpy(*name, destination->path, directory);
  int descriptor = -1;
  for (int attempt = 0; attempt < NAME_ATTEMPTS; attempt++) {
    snprintf(*name + directory, size - directory, ".clfit-%016" PRIx64, draw_name());
    descriptor = open(*name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, destination->mode);
    if (descriptor >= 0 || errno != EEXIST) break;
  }
  /* a failure is ignored: some file systems have no permissions */
  if (descriptor >= 0 && destination->exists) fchmod(descriptor, destination->mode);
  return descriptor;
}

/* The existing file may be writable although its folder is not; the message must then name the new file as the problem.
 * */
static const char *verb_of(const struct destination *destination)
{
  return destination->path && destination->exists ? "make a new file beside" : "write";
}

static int open_destination(const struct destination *destination, const char *path, char **temporary)
{
  if (destination->path) return open_beside(destination, temporary);
  return open(path, O_WRONLY | O_TRUNC | O_CLOEXEC | O_NOCTTY);
}

/* A duplicate descriptor of standard output: closing it reports a full disk, and standard output itself stays open. */
static int open_standard_output(void)
{
  fflush(stdout);
  return dup(STDOUT_FILENO);
}

static bool is_standard_output(const char *path)
{
  return strcmp(path, "-") == 0;
}

static clfit_status fail_to_write(const char *verb, const char *path, int number, clfit_error *error)
{
  if (is_standard_output(path)) return clfit_fail_file(error, "write to", "standard output", number);
  return clfit_fail_file(error, verb, path, number);
}

clfit_status clfit_output_open(clfit_output *output, const char *path, clfit_error *error)
{
  struct destination destination = {0};
  *output = (clfit_output){0};
  bool standard = is_standard_output(path);
  clfit_status status = standard ? CLFIT_OK : find_destination(&destination, path, error);
  if (status) return status;

  output->path = strdup(path);
  output->destination = destination.path;
  int descriptor = -1;
  if (output->path)
    descriptor = standard ? open_standard_output() : open_destination(&destination, path, &output->temporary);
  if (descriptor >= 0) output->stream = fdopen(descriptor, "wb");
  if (output->stream) return CLFIT_OK;

  status = fail_to_write(verb_of(&destination), path, errno, error);
  if (descriptor >= 0) close(descriptor);
  if (descriptor < 0) {
    free(output->temporary); /* no file was created under this name, so there is nothing to remove */
    output->temporary = NULL;
  }
  clfit_output_abandon(output);
  return status;
}

/* Closes the stream. Returns 0, or the errno of a write that failed since it was opened. An earlier failed write has
 * only set the stream's error flag, without its reason; one more character is written to get errno (the disk is full,
 * for instance). The file is useless then anyway. */
static int flush_stream(FILE *stream)
{
  errno = 0;
  bool marked = ferror(stream) != 0;
  if (marked) fputc('\n', stream);
  bool failed = fflush(stream) != 0 || marked;
  return !failed ? 0 : errno ? errno : EIO;
}

/* Waits until the disk has it all: a crash after the rename must not leave an empty file under the old one's name. File
 * systems that cannot do it say so with one of three codes; 0, or another errno. */
static int sync_file(int descriptor)
{
  if (fsync(descriptor) == 0 || errno == EINVAL || errno == ENOSYS || errno == ENOTSUP) return 0;
  return errno;
}

/* The new name, too. What fails here is no failure of the file, which is complete under one name or the other. */
static void sync_directory(const char *destination)
{
  size_t length = directory_length(destination);
  char *directory = length ? strndup(destination, length) : strdup(".");
  int descriptor = directory ? open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
  if (descriptor >= 0) {
    fsync(descriptor);
    close(descriptor);
  }
  free(directory);
}

/* 0 or an errno. Closes the stream in any case. */
static int finish(clfit_output *output)
{
  int number = flush_stream(output->stream);
  if (!number && output->temporary) number = sync_file(fileno(output->stream));
  if (fclose(output->stream) && !number) number = errno;
  output->stream = NULL;
  if (!number && output->temporary && rename(output->temporary, output->destination)) number = errno;
  return number;
}

clfit_status clfit_output_prepare(clfit_output *output, clfit_error *error)
{
  assert(output->stream);
  int number = flush_stream(output->stream);
  if (!number && output->temporary) number = sync_file(fileno(output->stream));
  return number ? fail_to_write("write", output->path, number, error) : CLFIT_OK;
}

clfit_status clfit_output_commit(clfit_output *output, clfit_error *error)
{
  assert(output->stream);
  clfit_status status = CLFIT_OK;
  int number = finish(output);
  if (number) status = fail_to_write("write", output->path, number, error);
  if (!number && output->temporary) {
    sync_directory(output->destination);
    free(output->temporary); /* the file has been renamed, so there is nothing to remove */
    output->temporary = NULL;
  }
  clfit_output_abandon(output);
  return status;
}

void clfit_output_abandon(clfit_output *output)
{
  if (output->stream) fclose(output->stream);
  if (output->temporary) unlink(output->temporary);
  free(output->temporary);
  free(output->destination);
  free(output->path);
  *output = (clfit_output){0};
}

clfit_status clfit_output_check(const char *path, clfit_error *error)
{
  struct destination destination = {0};
  if (is_standard_output(path)) return CLFIT_OK;
  clfit_status status = find_destination(&destination, path, error);
  if (status || !destination.path) return status;

  char *temporary = NULL;
  int descriptor = open_beside(&destination, &temporary);
  if (descriptor < 0) status = clfit_fail_file(error, verb_of(&destination), path, errno);
  if (descriptor >= 0) {
    close(descriptor);
    unlink(temporary);
  }
  free(temporary);
  free(destination.path);
  return status;
}

/* ---- two paths to one file ------------------------------------------------------------------------------------- */

static bool have_same_inode(const char *a, const char *b)
{
  struct stat first, second;
  return stat(a, &first) == 0 && stat(b, &second) == 0 && first.st_dev == second.st_dev &&
         first.st_ino == second.st_ino;
}

/* The same name in the same directory, for files that need not exist. */
static bool have_same_name(const char *a, const char *b)
{
  size_t first = directory_length(a), second = directory_length(b);
  if (strcmp(a + first, b + second) != 0) return false;
  char *one = first ? strndup(a, first) : strdup("."), *other = second ? strndup(b, second) : strdup(".");
  bool same = one && other && have_same_inode(one, other);
  free(one);
  free(other);
  return same;
}

bool clfit_output_same_file(const char *a, const char *b)
{
  struct stat status;
  if (stat(a, &status) == 0 && !S_ISREG(status.st_mode)) return false;
  if (strcmp(a, b) == 0 || have_same_inode(a, b)) return true;
  char *one = follow_links(a), *other = follow_links(b);
  bool same = one && other && have_same_name(one, other);
  free(one);
  free(other);
  return same;
}
