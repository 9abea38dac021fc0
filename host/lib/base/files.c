#include "base/files.h"

#include "base/error.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define LINKS_MAX       40   /* as Linux has it */
#define LINK_TARGET_MAX 4096 /* PATH_MAX of Linux */
#define NAME_ATTEMPTS   100

/* Where a file goes. */
struct place {
  char *path;  /* with symbolic links followed; NULL: written directly */
  mode_t mode; /* of the file that is there, else 0666, which the umask then limits */
  bool exists;
};

clfit_status clfit_fail_file(clfit_error *error, const char *verb, const char *path, int number)
{
  if (number == ENOMEM) return clfit_fail_memory(error);
  char reason[128] = "";
  if (strerror_r(number, reason, sizeof reason)) snprintf(reason, sizeof reason, "error %d", number);
  return clfit_fail(error, CLFIT_ERROR_FILE, "cannot %s %s: %s", verb, *path ? path : "\"\"", reason);
}

static size_t directory_length(const char *path)
{
  const char *slash = strrchr(path, '/');
  return slash ? (size_t)(slash - path) + 1 : 0;
}

/* The name that a symbolic link holds, as seen from where path starts; NULL and errno. */
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

/* path, or what it is a link to, which need not exist (realpath would insist); NULL and errno. */
static char *follow_links(const char *path)
{
  char *place = strdup(path);
  for (int links = 0; place && links < LINKS_MAX; links++) {
    struct stat status;
    if (lstat(place, &status) || !S_ISLNK(status.st_mode)) return place;
    char *target = read_link(place);
    int number = errno;
    free(place);
    errno = number;
    place = target;
  }
  if (place) errno = ELOOP;
  free(place);
  return NULL;
}

/* 0, or the errno that says why what is there cannot be written. */
static int refusal(const char *path, const struct stat *status)
{
  if (S_ISDIR(status->st_mode)) return EISDIR;
  if (S_ISSOCK(status->st_mode)) return ENXIO;
  return faccessat(AT_FDCWD, path, W_OK, AT_EACCESS) ? errno : 0;
}

/* A link below /proc may name what no path leads to any more: then the name it shows is somebody else's. */
static bool is_same_file(const char *place, const struct stat *status)
{
  struct stat found;
  return stat(place, &found) == 0 && found.st_dev == status->st_dev && found.st_ino == status->st_ino;
}

static clfit_status find_place(struct place *place, const char *path, clfit_error *error)
{
  struct stat status;
  *place = (struct place){.mode = 0666};
  place->exists = stat(path, &status) == 0;
  if (!place->exists && (errno != ENOENT || !*path)) return clfit_fail_file(error, "write", path, errno);
  int number = place->exists ? refusal(path, &status) : 0;
  if (number) return clfit_fail_file(error, "write", path, number);
  if (place->exists && !S_ISREG(status.st_mode)) return CLFIT_OK;

  place->path = follow_links(path);
  if (!place->path) return clfit_fail_file(error, "write", path, errno);
  if (!place->exists) return CLFIT_OK;
  place->mode = status.st_mode & 0777;
  if (!is_same_file(place->path, &status)) {
    free(place->path);
    place->path = NULL;
  }
  return CLFIT_OK;
}

/* Not mkstemp: its files are private, and the umask that others should have cannot be read without changing it. */
static int open_beside(const struct place *place, char **name)
{
  size_t directory = directory_length(place->path);
  size_t size = directory + 64;
  *name = malloc(size);
  if (!*name) return -1;
  memcpy(*name, place->path, directory);
  int descriptor = -1;
  for (int attempt = 0; attempt < NAME_ATTEMPTS; attempt++) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    snprintf(*name + directory, size - directory, ".clfit-%ld-%09ld-%d", (long)getpid(), now.tv_nsec, attempt);
    descriptor = open(*name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, place->mode);
    if (descriptor >= 0 || errno != EEXIST) break;
  }
  if (descriptor >= 0 && place->exists) fchmod(descriptor, place->mode); /* fails where files have no permissions */
  return descriptor;
}

/* A file that is there may be writable in a directory that is not. */
static const char *verb_of(const struct place *place)
{
  return place->path && place->exists ? "make a new file beside" : "write";
}

static int open_place(const struct place *place, const char *path, char **temporary)
{
  if (place->path) return open_beside(place, temporary);
  return open(path, O_WRONLY | O_TRUNC | O_CLOEXEC | O_NOCTTY);
}

/* Standard output under a descriptor of its own, so that closing it tells of a full disk and leaves the original. */
static int open_standard_output(void)
{
  fflush(stdout);
  return dup(STDOUT_FILENO);
}

clfit_status clfit_new_file_open(struct new_file *file, const char *path, clfit_error *error)
{
  struct place place = {0};
  *file = (struct new_file){0};
  bool standard = strcmp(path, "-") == 0;
  clfit_status status = standard ? CLFIT_OK : find_place(&place, path, error);
  if (status) return status;

  file->path = strdup(path);
  file->place = place.path;
  int descriptor = -1;
  if (file->path) descriptor = standard ? open_standard_output() : open_place(&place, path, &file->temporary);
  if (descriptor >= 0) file->stream = fdopen(descriptor, "wb");
  if (file->stream) return CLFIT_OK;

  status = clfit_fail_file(error, verb_of(&place), path, errno);
  if (descriptor >= 0) close(descriptor);
  if (descriptor < 0) {
    free(file->temporary); /* a name that was never made, or is another's */
    file->temporary = NULL;
  }
  clfit_new_file_abandon(file);
  return status;
}

/* 0, or the errno of what went wrong since the stream was opened. A write that failed then and there has left only a
 * mark, and one more finds out why (the disk is full): what was written is of no use any more. */
static int close_stream(FILE *stream)
{
  errno = 0;
  bool marked = ferror(stream) != 0;
  if (marked) fputc('\n', stream);
  bool failed = fflush(stream) != 0 || marked;
  int number = failed ? errno : 0;
  if (fclose(stream) && !failed) return errno;
  return failed && number == 0 ? EIO : number;
}

clfit_status clfit_new_file_commit(struct new_file *file, clfit_error *error)
{
  assert(file->stream);
  int number = close_stream(file->stream);
  file->stream = NULL;
  if (!number && file->temporary && rename(file->temporary, file->place)) number = errno;
  clfit_status status = CLFIT_OK;
  if (number) {
    status = clfit_fail_file(error, "write", file->path, number);
  } else {
    free(file->temporary); /* it has its name: nothing to remove */
    file->temporary = NULL;
  }
  clfit_new_file_abandon(file);
  return status;
}

void clfit_new_file_abandon(struct new_file *file)
{
  if (file->stream) fclose(file->stream);
  if (file->temporary) unlink(file->temporary);
  free(file->temporary);
  free(file->place);
  free(file->path);
  *file = (struct new_file){0};
}

clfit_status clfit_output_check(const char *path, clfit_error *error)
{
  struct place place = {0};
  if (strcmp(path, "-") == 0) return CLFIT_OK;
  clfit_status status = find_place(&place, path, error);
  if (status || !place.path) return status;

  char *temporary = NULL;
  int descriptor = open_beside(&place, &temporary);
  if (descriptor < 0) status = clfit_fail_file(error, verb_of(&place), path, errno);
  if (descriptor >= 0) {
    close(descriptor);
    unlink(temporary);
  }
  free(temporary);
  free(place.path);
  return status;
}
