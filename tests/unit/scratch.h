/* A directory of its own for a test, and what is in it. Tests run in processes of their own, so that globals do. */
#ifndef CLFIT_TESTS_SCRATCH_H
#define CLFIT_TESTS_SCRATCH_H

#include <criterion/criterion.h>

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SCRATCH_PATH_SIZE 4096

static char scratch[64];

static inline void scratch_make(void)
{
  strcpy(scratch, "/tmp/clfit-test-XXXXXX");
  cr_assert(mkdtemp(scratch));
}

/* A name in the directory. Four may be in use at a time. */
static inline const char *scratch_path(const char *name)
{
  static char paths[4][SCRATCH_PATH_SIZE];
  static int next;
  char *path = paths[next++ % 4];
  snprintf(path, SCRATCH_PATH_SIZE, "%s/%s", scratch, name);
  return path;
}

/* Number of files in the directory, hidden ones too. */
static inline int scratch_count(void)
{
  int count = 0;
  DIR *directory = opendir(scratch);
  cr_assert(directory);
  for (struct dirent *entry; (entry = readdir(directory));)
    count += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
  closedir(directory);
  return count;
}

#define SCRATCH_NOBODY 65534

static inline void scratch_remove(void)
{
  if (getuid() == 0 && seteuid(0)) return;
  DIR *directory = opendir(scratch);
  if (!directory) return;
  for (struct dirent *entry; (entry = readdir(directory));)
    if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) remove(scratch_path(entry->d_name));
  closedir(directory);
  rmdir(scratch);
}

/* Skips the test; Criterion leaves out the clean-up of one that is skipped within. */
static inline void scratch_skip(const char *reason)
{
  scratch_remove();
  cr_skip_test("%s", reason);
}

/* Gives up root's rights for the rest of the test: file permissions take effect, and a bug in the tested code cannot
 * replace a device file such as /dev/null. */
static inline void scratch_without_rights(void)
{
  if (geteuid() != 0) return;
  if (chown(scratch, SCRATCH_NOBODY, (gid_t)-1) || seteuid(SCRATCH_NOBODY))
    scratch_skip("this must not run as root, and cannot become another user");
}

static inline void scratch_write(const char *name, const void *bytes, size_t size)
{
  FILE *file = fopen(scratch_path(name), "wb");
  cr_assert(file);
  cr_assert_eq(fwrite(bytes, 1, size, file), size);
  cr_assert_eq(fclose(file), 0);
}

/* All bytes of a file and a NUL; free them. */
static inline char *scratch_read(const char *name, size_t *size)
{
  static const size_t most = 1u << 24;
  FILE *file = fopen(scratch_path(name), "rb");
  cr_assert(file, "there is no %s", name);
  char *bytes = malloc(most + 1);
  cr_assert(bytes);
  size_t got = fread(bytes, 1, most, file);
  cr_assert_eq(fclose(file), 0);
  bytes[got] = '\0';
  if (size) *size = got;
  return bytes;
}

/* Whether a file holds this text and nothing else. */
static inline int scratch_holds(const char *name, const char *text)
{
  char *bytes = scratch_read(name, NULL);
  int equal = strcmp(bytes, text) == 0;
  free(bytes);
  return equal;
}

#endif
