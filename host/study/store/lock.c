#define _XOPEN_SOURCE 700 /* realpath */

#include "study/store/lock.h"

#include "study/base/fail.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#ifdef __linux__
#include <sys/vfs.h>
#endif
#include <unistd.h>

void lock_init(struct lock *lock)
{
  *lock = (struct lock){.descriptor = -1};
}

/* Path of a study's lock file. Symbolic links are resolved, so that two links to one study use the same lock. */
static char *lock_path(const char *study)
{
  char *resolved = realpath(study, NULL); /* NULL: it does not exist yet */
  const char *name = resolved ? resolved : study;
  char *path = malloc(strlen(name) + sizeof "-lock");
  if (path) sprintf(path, "%s-lock", name);
  free(resolved);
  return path;
}

/* The owner of a lock removes the file before unlocking it. So after locking, check that the path still leads to the
 * locked file. */
static bool is_current(int descriptor, const char *path)
{
  struct stat open_file, named_file;
  return fstat(descriptor, &open_file) == 0 && stat(path, &named_file) == 0 && open_file.st_ino == named_file.st_ino &&
         open_file.st_dev == named_file.st_dev;
}

/* Locks are empty files; any other file of that name is the user's and stays. */
static bool is_lock(int descriptor)
{
  struct stat info;
  return fstat(descriptor, &info) == 0 && S_ISREG(info.st_mode) && info.st_size == 0;
}

/* made: whether the file was not there. NOFOLLOW and NONBLOCK: somebody may have put a symbolic link or a FIFO at its
 * name. */
static int open_lock(const char *path, bool *made)
{
  const int flags = O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;
  int descriptor = open(path, flags | O_EXCL, 0666);
  *made = descriptor >= 0;
  return *made || errno != EEXIST ? descriptor : open(path, flags, 0666);
}

/* Frees the path. */
static clfit_status fail_kind(char *path, clfit_error *error)
{
  clfit_status status =
      clfit_fail(error, CLFIT_ERROR_FORMAT,
                 "%.300s is no empty file, as clfit makes it to lock what it writes; move it away", path);
  free(path);
  return status;
}

clfit_status lock_take(struct lock *lock, const char *study, clfit_error *error)
{
  char *path = lock_path(study);
  if (!path) return clfit_fail_memory(error);
  for (;;) {
    bool made;
    int descriptor = open_lock(path, &made);
    int code = descriptor < 0 ? errno : 0;
    if (!code && !is_lock(descriptor)) {
      close(descriptor);
      return fail_kind(path, error);
    }
    if (!code && flock(descriptor, LOCK_EX | LOCK_NB) != 0) code = errno;
    if (!code && is_current(descriptor, path)) {
      *lock = (struct lock){descriptor, path};
      return CLFIT_OK;
    }
    if (descriptor >= 0) close(descriptor);
    if (!code) continue;
    if (made && code != EWOULDBLOCK) unlink(path); /* a file system without locks */
    free(path);
    if (code == EWOULDBLOCK)
      return clfit_fail(error, CLFIT_ERROR_FILE, "%.300s is being written by another clfit", study);
    return clfit_fail(error, CLFIT_ERROR_FILE, "cannot write beside %.300s: %s", study, strerror(code));
  }
}

void lock_release(struct lock *lock)
{
  if (lock->descriptor >= 0) {
    if (is_lock(lock->descriptor) && is_current(lock->descriptor, lock->path)) unlink(lock->path);
    close(lock->descriptor);
  }
  free(lock->path);
  lock_init(lock);
}

bool lock_is_remote(const char *path)
{
#ifdef __linux__
  /* NFS, SMB, CIFS, SMB2, AFS, Ceph, Lustre, GPFS, BeeGFS, 9P, and FUSE, which may be any of them (statfs(2)). */
  static const unsigned long kinds[] = {0x6969,     0x517b,     0xff534d42, 0xfe534d42, 0x5346414f, 0x00c36400,
                                        0x0bd00bd0, 0x47504653, 0x19830326, 0x01021997, 0x65735546};
  struct statfs info;
  if (statfs(path, &info) != 0) return false;
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
    if (((unsigned long)info.f_type & 0xffffffffu) == kinds[i]) return true;
#else
  (void)path;
#endif
  return false;
}
