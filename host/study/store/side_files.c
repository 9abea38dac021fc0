#include "study/store/side_files.h"

#include "study/base/fail.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The first bytes of a journal, and the last of one that names a super-journal: readJournalHdr and readSuperJournal of
 * SQLite's pager.c. */
static const unsigned char magic[8] = {0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7};

enum { JOURNAL_HEADER = 28, STUDY_HEADER = 18, NAME_SIZE = PATH_MAX + 16 };

static bool name_of(const char *path, const char *ending, char name[NAME_SIZE])
{
  int length = snprintf(name, NAME_SIZE, "%s%s", path, ending);
  return length > 0 && length < NAME_SIZE;
}

bool side_file_exists(const char *path, const char *ending)
{
  char name[NAME_SIZE];
  struct stat info;
  return name_of(path, ending, name) && lstat(name, &info) == 0;
}

/* Reads `size` bytes at an offset of a file; a negative offset counts from the end. */
static bool read_at(const char *name, off_t offset, size_t size, unsigned char *bytes)
{
  int file = open(name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  if (file < 0) return false;
  if (offset < 0) offset += lseek(file, 0, SEEK_END);
  bool whole = offset >= 0 && pread(file, bytes, size, offset) == (ssize_t)size;
  close(file);
  return whole;
}

bool side_files_have_hot_journal(const char *path)
{
  char name[NAME_SIZE];
  unsigned char first;
  return name_of(path, "-journal", name) && read_at(name, 0, 1, &first) && first != 0;
}

clfit_status side_files_check(const char *path, clfit_error *error)
{
  static const char *const endings[] = {"-journal", "-wal", "-shm"};
  char name[NAME_SIZE];
  struct stat info;
  for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
    if (!name_of(path, endings[i], name))
      return clfit_fail(error, CLFIT_ERROR_FILE, "the name %.300s is too long", path);
    if (lstat(name, &info) != 0 || (S_ISREG(info.st_mode) && info.st_nlink == 1)) continue;
    return clfit_fail(error, CLFIT_ERROR_FORMAT, "%.300s is a link or no file, as no sweep leaves it; move it away",
                      name);
  }
  return CLFIT_OK;
}

/* Numbers in SQLite's files are big-endian. */
static uint32_t number_at(const unsigned char *bytes)
{
  return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

/* The page size of the study; 0 if the file is empty. */
static uint32_t page_size_of(const char *path)
{
  unsigned char bytes[STUDY_HEADER];
  if (!read_at(path, 0, sizeof bytes, bytes)) return 0;
  uint32_t size = (uint32_t)bytes[16] << 8 | bytes[17];
  return size == 1 ? 65536 : size;
}

/* The reason why a journal was not made for this study, or NULL. */
static const char *doubt(const char *path, const char *name, const struct stat *journal)
{
  unsigned char header[JOURNAL_HEADER], end[sizeof magic];
  struct stat study;
  if (read_at(name, -(off_t)sizeof end, sizeof end, end) && memcmp(end, magic, sizeof magic) == 0)
    return "it names another file that SQLite would remove";
  if (!side_files_have_hot_journal(path)) return NULL; /* empty, or begins with a zero: SQLite ignores it */
  if (!read_at(name, 0, sizeof header, header) || memcmp(header, magic, sizeof magic) != 0)
    return "it is no journal of SQLite";
  if (stat(path, &study) != 0 || study.st_uid != journal->st_uid) return "it has another owner";
  uint32_t size = page_size_of(path), pages = number_at(header + 16);
  if (size == 0) return pages == 0 ? NULL : "the study that it belonged to is gone";
  if (number_at(header + 24) != size) return "its pages have another size";
  return pages <= (uint64_t)study.st_size / size ? NULL : "it is of a larger file";
}

clfit_status side_files_check_writing(const char *path, clfit_error *error)
{
  char name[NAME_SIZE];
  struct stat info;
  clfit_status status = side_files_check(path, error);
  if (status || !name_of(path, "-journal", name) || lstat(name, &info) != 0) return status;
  const char *reason = doubt(path, name, &info);
  if (!reason) return CLFIT_OK;
  return clfit_fail(error, CLFIT_ERROR_FORMAT, "%.300s is not this study's own journal, %s: move it away", name,
                    reason);
}
