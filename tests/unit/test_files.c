#include "clfit.h"

#include "scratch.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

static clfit_error error;

static void prepare(void)
{
  scratch_make();
  memset(&error, 0xA5, sizeof error);
}

TestSuite(files, .init = prepare, .fini = scratch_remove);

static clfit_status write_text(const char *path, const char *text)
{
  clfit_output file;
  memset(&file, 0xA5, sizeof file);
  clfit_status status = clfit_output_open(&file, path, &error);
  if (status) {
    cr_expect_null(file.stream);
    clfit_output_abandon(&file); /* does nothing */
    return status;
  }
  fputs(text, file.stream);
  status = clfit_output_commit(&file, &error);
  cr_expect_null(file.stream);
  clfit_output_abandon(&file); /* does nothing */
  return status;
}

static void expect_error(clfit_status status, const char *name, const char *reason)
{
  cr_expect_eq(status, CLFIT_ERROR_FILE);
  cr_expect_eq(error.code, CLFIT_ERROR_FILE);
  cr_expect(strstr(error.message, name), "'%s' names %s", error.message, name);
  cr_expect(strstr(error.message, reason), "'%s' says %s", error.message, reason);
}

/* Both ways to learn that a path cannot be written say the same, and leave nothing behind. */
static void expect_refusal(const char *path, const char *reason)
{
  int count = scratch_count();
  expect_error(clfit_output_check(path, &error), path, reason);
  memset(&error, 0xA5, sizeof error);
  expect_error(write_text(path, "new"), path, reason);
  cr_expect_neq(clfit_output_check(path, NULL), CLFIT_OK);
  cr_expect_neq(write_text(path, "new"), CLFIT_OK);
  cr_expect_eq(scratch_count(), count);
}

static mode_t mode_of(const char *name)
{
  struct stat status;
  cr_assert_eq(lstat(scratch_path(name), &status), 0);
  return status.st_mode & 07777;
}

Test(files, new_file_appears_only_when_committed)
{
  clfit_output file;
  cr_assert_eq(clfit_output_open(&file, scratch_path("a"), &error), CLFIT_OK);
  fputs("text", file.stream);
  cr_expect_neq(access(scratch_path("a"), F_OK), 0);
  cr_expect_eq(scratch_count(), 1, "the new file stands in the same directory");
  cr_assert_eq(clfit_output_commit(&file, &error), CLFIT_OK);
  cr_expect(scratch_holds("a", "text"));
  cr_expect_eq(scratch_count(), 1);
}

Test(files, abandoned_file_leaves_what_was_there)
{
  clfit_output file;
  scratch_write("a", "old", 3);
  cr_assert_eq(clfit_output_open(&file, scratch_path("a"), &error), CLFIT_OK);
  fputs("new", file.stream);
  clfit_output_abandon(&file);
  clfit_output_abandon(&file); /* twice is fine */
  cr_expect(scratch_holds("a", "old"));
  cr_expect_eq(scratch_count(), 1);
}

Test(files, abandoning_a_zeroed_file_does_nothing)
{
  clfit_output file = {0};
  clfit_output_abandon(&file);
}

Test(files, existing_file_is_replaced)
{
  scratch_write("a", "a longer old text", 17);
  cr_assert_eq(write_text(scratch_path("a"), "new"), CLFIT_OK);
  cr_expect(scratch_holds("a", "new"));
  cr_expect_eq(scratch_count(), 1);
}

Test(files, two_files_at_once_beside_each_other)
{
  clfit_output files[2];
  cr_assert_eq(clfit_output_open(&files[0], scratch_path("a"), &error), CLFIT_OK);
  cr_assert_eq(clfit_output_open(&files[1], scratch_path("a"), &error), CLFIT_OK);
  fputs("first", files[0].stream);
  fputs("second", files[1].stream);
  cr_assert_eq(clfit_output_commit(&files[1], &error), CLFIT_OK);
  cr_assert_eq(clfit_output_commit(&files[0], &error), CLFIT_OK);
  cr_expect(scratch_holds("a", "first"));
  cr_expect_eq(scratch_count(), 1);
}

Test(files, new_file_has_the_permissions_of_the_umask)
{
  umask(0027);
  cr_assert_eq(write_text(scratch_path("a"), "new"), CLFIT_OK);
  cr_expect_eq(mode_of("a"), 0640);
  umask(0022);
  cr_assert_eq(write_text(scratch_path("b"), "new"), CLFIT_OK);
  cr_expect_eq(mode_of("b"), 0644);
}

Test(files, existing_file_keeps_its_permissions)
{
  umask(0022);
  scratch_write("a", "old", 3);
  cr_assert_eq(chmod(scratch_path("a"), 0626), 0);
  cr_assert_eq(write_text(scratch_path("a"), "new"), CLFIT_OK);
  cr_expect_eq(mode_of("a"), 0626);
  cr_expect(scratch_holds("a", "new"));
}

Test(files, path_without_a_directory)
{
  cr_assert_eq(chdir(scratch), 0);
  cr_assert_eq(write_text("a", "new"), CLFIT_OK);
  cr_expect_eq(clfit_output_check("a", &error), CLFIT_OK);
  cr_expect(scratch_holds("a", "new"));
  cr_expect_eq(scratch_count(), 1);
}

Test(files, longest_name)
{
  char name[256];
  memset(name, 'n', 255);
  name[255] = '\0';
  cr_assert_eq(write_text(scratch_path(name), "new"), CLFIT_OK);
  cr_expect(scratch_holds(name, "new"));
}

Test(files, too_long_a_name)
{
  char name[257];
  memset(name, 'n', 256);
  name[256] = '\0';
  expect_refusal(scratch_path(name), strerror(ENAMETOOLONG));
}

Test(files, link_stays_a_link)
{
  scratch_write("a", "old", 3);
  cr_assert_eq(symlink("a", scratch_path("link")), 0);
  cr_assert_eq(symlink(scratch_path("link"), scratch_path("second")), 0);
  cr_expect_eq(clfit_output_check(scratch_path("second"), &error), CLFIT_OK);
  cr_assert_eq(write_text(scratch_path("second"), "new"), CLFIT_OK);
  cr_expect(scratch_holds("a", "new"));
  struct stat status;
  cr_expect(lstat(scratch_path("link"), &status) == 0 && S_ISLNK(status.st_mode));
  cr_expect(lstat(scratch_path("second"), &status) == 0 && S_ISLNK(status.st_mode));
  cr_expect_eq(scratch_count(), 3);
}

Test(files, link_to_what_is_not_there_yet)
{
  cr_assert_eq(symlink("a", scratch_path("link")), 0);
  cr_assert_eq(write_text(scratch_path("link"), "new"), CLFIT_OK);
  cr_expect(scratch_holds("a", "new"));
  struct stat status;
  cr_expect(lstat(scratch_path("link"), &status) == 0 && S_ISLNK(status.st_mode));
}

Test(files, link_in_a_circle)
{
  cr_assert_eq(symlink("b", scratch_path("a")), 0);
  cr_assert_eq(symlink("a", scratch_path("b")), 0);
  expect_refusal(scratch_path("a"), strerror(ELOOP));
}

/* Below /proc a link may name what has no name any more; writing to the name that it shows would make another file. */
Test(files, link_to_a_removed_file)
{
  char link[64];
  int descriptor = open(scratch_path("gone"), O_RDWR | O_CREAT, 0600);
  cr_assert_geq(descriptor, 0);
  cr_assert_eq(unlink(scratch_path("gone")), 0);
  snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
  if (access(link, F_OK)) scratch_skip("no /proc here");
  cr_expect_eq(clfit_output_check(link, &error), CLFIT_OK);
  cr_assert_eq(write_text(link, "new"), CLFIT_OK);
  cr_expect_eq(scratch_count(), 0);
  char text[8] = "";
  cr_expect_eq(pread(descriptor, text, sizeof text, 0), 3);
  cr_expect_str_eq(text, "new");
  close(descriptor);
}

Test(files, directory)
{
  expect_refusal(scratch, strerror(EISDIR));
}

Test(files, no_directory)
{
  expect_refusal(scratch_path("no/a"), strerror(ENOENT));
  expect_refusal(scratch_path("no/"), strerror(ENOENT));
  scratch_write("file", "", 0);
  expect_refusal(scratch_path("file/a"), strerror(ENOTDIR));
}

Test(files, empty_path)
{
  clfit_status status = clfit_output_check("", &error);
  expect_error(status, "\"\"", strerror(ENOENT));
  expect_error(write_text("", "new"), "\"\"", strerror(ENOENT));
}

Test(files, directory_without_permission)
{
  scratch_without_rights();
  scratch_write("a", "old", 3);
  cr_assert_eq(chmod(scratch, 0500), 0);
  expect_refusal(scratch_path("b"), strerror(EACCES));
  expect_refusal(scratch_path("a"), strerror(EACCES));
  cr_expect(strstr(error.message, "beside"), "'%s' tells the file from its directory", error.message);
  cr_assert_eq(chmod(scratch, 0700), 0);
  cr_expect(scratch_holds("a", "old"));
}

Test(files, file_without_permission)
{
  scratch_without_rights();
  scratch_write("a", "old", 3);
  cr_assert_eq(chmod(scratch_path("a"), 0400), 0);
  expect_refusal(scratch_path("a"), strerror(EACCES));
  cr_expect(scratch_holds("a", "old"));
}

Test(files, socket)
{
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  snprintf(address.sun_path, sizeof address.sun_path, "%s/socket", scratch);
  int descriptor = socket(AF_UNIX, SOCK_STREAM, 0);
  cr_assert_eq(bind(descriptor, (struct sockaddr *)&address, sizeof address), 0);
  expect_refusal(address.sun_path, strerror(ENXIO));
  close(descriptor);
}

Test(files, device_is_written_directly)
{
  scratch_without_rights();
  cr_expect_eq(clfit_output_check("/dev/null", &error), CLFIT_OK);
  cr_expect_eq(write_text("/dev/null", "new"), CLFIT_OK);
  struct stat status;
  cr_expect(stat("/dev/null", &status) == 0 && S_ISCHR(status.st_mode), "it is still a device");
  cr_assert_eq(symlink("/dev/null", scratch_path("link")), 0);
  cr_expect_eq(write_text(scratch_path("link"), "new"), CLFIT_OK);
  cr_expect_eq(scratch_count(), 1);
}

Test(files, full_device)
{
  scratch_without_rights();
  if (access("/dev/full", W_OK)) scratch_skip("no /dev/full here");
  expect_error(write_text("/dev/full", "short"), "/dev/full", strerror(ENOSPC));
  clfit_output file;
  cr_assert_eq(clfit_output_open(&file, "/dev/full", &error), CLFIT_OK);
  for (int i = 0; i < 100000; i++) fputs("longer than any buffer", file.stream);
  memset(&error, 0xA5, sizeof error);
  expect_error(clfit_output_commit(&file, &error), "/dev/full", strerror(ENOSPC));
}

/* A limit on the size of files stands in for a full disk. */
static void write_too_much(size_t size)
{
  static char bytes[1 << 20];
  struct rlimit limit, before;
  scratch_write("a", "old", 3);
  signal(SIGXFSZ, SIG_IGN);
  cr_assert_eq(getrlimit(RLIMIT_FSIZE, &before), 0);
  limit = before;
  limit.rlim_cur = 100;
  cr_assert_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
  clfit_output file;
  clfit_status status = clfit_output_open(&file, scratch_path("a"), &error);
  if (!status) fwrite(bytes, 1, size, file.stream);
  if (!status) status = clfit_output_commit(&file, &error);
  setrlimit(RLIMIT_FSIZE, &before);
  expect_error(status, scratch_path("a"), strerror(EFBIG));
  cr_expect(scratch_holds("a", "old"));
  cr_expect_eq(scratch_count(), 1);
}

Test(files, disk_is_full_when_the_file_is_closed)
{
  write_too_much(200);
}

Test(files, disk_is_full_while_the_file_is_written)
{
  write_too_much(1 << 20); /* past the buffer: nothing is left to fail when it is closed */
}

Test(files, place_becomes_a_directory_meanwhile)
{
  clfit_output file;
  cr_assert_eq(clfit_output_open(&file, scratch_path("a"), &error), CLFIT_OK);
  cr_assert_eq(mkdir(scratch_path("a"), 0700), 0);
  expect_error(clfit_output_commit(&file, &error), scratch_path("a"), strerror(EISDIR));
  cr_expect_eq(scratch_count(), 1);
}

Test(files, pipe_gets_the_text)
{
  char text[8] = "";
  cr_assert_eq(mkfifo(scratch_path("pipe"), 0600), 0);
  int reader = open(scratch_path("pipe"), O_RDONLY | O_NONBLOCK);
  cr_expect_eq(clfit_output_check(scratch_path("pipe"), &error), CLFIT_OK);
  cr_assert_eq(write_text(scratch_path("pipe"), "new"), CLFIT_OK);
  cr_expect_eq(read(reader, text, sizeof text), 3);
  cr_expect_str_eq(text, "new");
  cr_expect_eq(scratch_count(), 1);
  close(reader);
}

/* Opening it would wait for a reader for ever. */
Test(files, check_of_a_pipe_without_a_reader_returns, .timeout = 10)
{
  cr_assert_eq(mkfifo(scratch_path("pipe"), 0600), 0);
  cr_expect_eq(clfit_output_check(scratch_path("pipe"), &error), CLFIT_OK);
  cr_expect_eq(scratch_count(), 1);
}

Test(files, check_leaves_nothing_behind_and_nothing_changed)
{
  cr_expect_eq(clfit_output_check(scratch_path("a"), &error), CLFIT_OK);
  cr_expect_eq(scratch_count(), 0);
  scratch_write("a", "old", 3);
  cr_assert_eq(chmod(scratch_path("a"), 0604), 0);
  cr_expect_eq(clfit_output_check(scratch_path("a"), &error), CLFIT_OK);
  cr_expect(scratch_holds("a", "old"));
  cr_expect_eq(mode_of("a"), 0604);
  cr_expect_eq(scratch_count(), 1);
}

Test(files, dash_is_standard_output)
{
  int descriptor = open(scratch_path("out"), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  int before = dup(STDOUT_FILENO);
  fflush(stdout);
  cr_assert_eq(dup2(descriptor, STDOUT_FILENO), STDOUT_FILENO);
  printf("first ");
  clfit_status check = clfit_output_check("-", &error);
  clfit_status status = write_text("-", "second ");
  printf("third");
  fflush(stdout);
  dup2(before, STDOUT_FILENO);
  cr_expect_eq(check, CLFIT_OK);
  cr_expect_eq(status, CLFIT_OK);
  cr_expect(scratch_holds("out", "first second third"));
  cr_expect_neq(access("-", F_OK), 0);
  close(descriptor);
}

Test(files, closed_standard_output)
{
  int before = dup(STDOUT_FILENO);
  fflush(stdout);
  close(STDOUT_FILENO);
  clfit_status status = write_text("-", "new");
  dup2(before, STDOUT_FILENO);
  expect_error(status, "standard output", strerror(EBADF));
}

Test(files, failure_names_the_reason)
{
  cr_expect_eq(clfit_fail_file(&error, "read", "a", EACCES), CLFIT_ERROR_FILE);
  cr_expect(strstr(error.message, "cannot read a: "));
  cr_expect(strstr(error.message, strerror(EACCES)));
  cr_expect_eq(clfit_fail_file(&error, "read", "a", ENOMEM), CLFIT_ERROR_MEMORY);
  cr_expect_eq(error.code, CLFIT_ERROR_MEMORY);
}

/* ---- what is written to the disk, and when
 * ------------------------------------------------------------------------ */

static mode_t synced[8]; /* types of what fsync was called for */
static int sync_count;
static int sync_errno; /* of the next call */

int __real_fsync(int descriptor);
int __wrap_fsync(int descriptor);

int __wrap_fsync(int descriptor)
{
  struct stat status;
  cr_assert_eq(fstat(descriptor, &status), 0);
  if (sync_count < 8) synced[sync_count++] = status.st_mode & S_IFMT;
  if (!sync_errno) return __real_fsync(descriptor);
  errno = sync_errno;
  sync_errno = 0;
  return -1;
}

Test(files, the_disk_has_the_file_and_then_its_name)
{
  cr_assert_eq(write_text(scratch_path("a"), "new"), CLFIT_OK);
  cr_expect_eq(sync_count, 2);
  cr_expect_eq(synced[0], S_IFREG);
  cr_expect_eq(synced[1], S_IFDIR);
}

/* Of files that get their names one after the other all are on the disk before the first. */
Test(files, the_disk_has_a_prepared_file)
{
  clfit_output file;
  cr_assert_eq(clfit_output_open(&file, scratch_path("a"), &error), CLFIT_OK);
  fputs("new", file.stream);
  cr_assert_eq(clfit_output_prepare(&file, &error), CLFIT_OK);
  cr_expect_eq(sync_count, 1);
  cr_expect_eq(synced[0], S_IFREG);
  clfit_output_abandon(&file);
}

Test(files, what_is_no_regular_file_needs_no_disk)
{
  cr_assert_eq(write_text("/dev/null", "new"), CLFIT_OK);
  cr_expect_eq(sync_count, 0);
}

Test(files, disk_that_fails)
{
  scratch_write("a", "old", 3);
  sync_errno = EIO;
  expect_error(write_text(scratch_path("a"), "new"), scratch_path("a"), strerror(EIO));
  cr_expect(scratch_holds("a", "old"));
  cr_expect_eq(scratch_count(), 1);
}

Test(files, file_system_that_cannot_sync)
{
  sync_errno = EINVAL;
  cr_assert_eq(write_text(scratch_path("a"), "new"), CLFIT_OK);
  cr_expect(scratch_holds("a", "new"));
}

Test(files, temporary_names_are_random)
{
  char name[SCRATCH_PATH_SIZE] = "";
  for (int i = 0; i < 2; i++) {
    clfit_output file;
    cr_assert_eq(clfit_output_open(&file, scratch_path("a"), &error), CLFIT_OK);
    cr_expect_str_neq(file.temporary, name);
    cr_expect_eq(strlen(file.temporary), strlen(scratch) + strlen("/.clfit-0123456789abcdef"));
    snprintf(name, sizeof name, "%s", file.temporary);
    clfit_output_abandon(&file);
  }
}

/* ---- two paths to one file
 * ----------------------------------------------------------------------------------------- */

Test(files, paths_to_the_same_file)
{
  scratch_write("a", "", 0);
  cr_assert_eq(chdir(scratch), 0);
  cr_assert_eq(link("a", "hard"), 0);
  cr_assert_eq(symlink("a", "soft"), 0);
  cr_assert_eq(symlink("b", "dangling"), 0);
  cr_assert_eq(symlink(".", "folder"), 0);
  static const char *const same[][2] = {{"a", "a"},    {"a", "./a"},      {"a", "hard"},         {"soft", "hard"},
                                        {"b", "./b"},  {"b", "folder/b"}, {"dangling", "./b"},   {"b", "dangling"},
                                        {"a", "../a"}, {"a", "b"},        {"dangling", "other"}, {"no/a", "no/a"}};
  for (size_t i = 0; i < sizeof same / sizeof *same; i++)
    cr_expect_eq(clfit_output_same_file(same[i][0], same[i][1]), i < 8 || i == 11, "%s, %s", same[i][0], same[i][1]);
  cr_expect_not(clfit_output_same_file("/dev/null", "/dev/null"));
}
