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

enum { JOURNAL_HEADER = 28, STUDY_HEADER = 28, NAME_SIZE = PATH_MAX + 16 };

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
    return clfit_fail(error, CLFIT_ERROR_FORMAT, "%.300s is a link or no file, as clfit leaves none; move it away",
                      name);
  }
  return CLFIT_OK;
}

/* Numbers in SQLite's files are big-endian. */
static uint32_t number_at(const unsigned char *bytes)
{
  return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

/* What the header of a study says, and how many pages the file has. */
struct study_header {
  bool empty; /* the file is, or its first page was not written */
  uint32_t page_size;
  uint64_t pages;
  bool has_log;     /* it is written with a write-ahead log */
  uint32_t changes; /* transactions with a rollback journal */
};

static struct study_header read_study(const char *path, off_t size)
{
  static const unsigned char blank[STUDY_HEADER];
  unsigned char bytes[STUDY_HEADER];
  if (!read_at(path, 0, sizeof bytes, bytes)) return (struct study_header){.empty = size == 0};
  uint32_t page_size = (uint32_t)bytes[16] << 8 | bytes[17];
  if (page_size == 1) page_size = 65536;
  return (struct study_header){.empty = memcmp(bytes, blank, sizeof blank) == 0,
                               .page_size = page_size,
                               .pages = page_size ? (uint64_t)size / page_size : 0,
                               .has_log = bytes[HEADER_WRITE_VERSION] == HEADER_LOG ||
                                          bytes[HEADER_READ_VERSION] == HEADER_LOG,
                               .changes = number_at(bytes + 24)};
}

/*
 * Whether a transaction of clfit's can have begun when the study had so many pages. A study with a write-ahead log has
 * a rollback journal only while it changes to the log: of a new file, whose header is all that is there, or of a whole
 * study. Without a log the first transaction, which makes the tables, is the only one that begins with no page.
 */
static bool can_begin_with(uint32_t pages, const struct study_header *study, const char *path)
{
  if (!study->has_log) return pages > 0 ? pages <= study->pages : study->changes <= 1;
  return pages > 0 ? pages == study->pages : study->pages <= 1 && !side_file_exists(path, "-wal");
}

/* The reason why a journal was not made for this study, or NULL. */
static const char *doubt(const char *path, const char *name, const struct stat *journal)
{
  unsigned char header[JOURNAL_HEADER], end[sizeof magic];
  struct stat info;
  if (read_at(name, -(off_t)sizeof end, sizeof end, end) && memcmp(end, magic, sizeof magic) == 0)
    return "it names another file that SQLite would remove";
  if (!side_files_have_hot_journal(path)) return NULL; /* empty, or begins with a zero: SQLite ignores it */
  if (!read_at(name, 0, sizeof header, header) || memcmp(header, magic, sizeof magic) != 0)
    return "it is no journal of SQLite";
  if (stat(path, &info) != 0 || info.st_uid != journal->st_uid) return "it has another owner";
  const struct study_header study = read_study(path, info.st_size);
  uint32_t pages = number_at(header + 16);
  if (study.empty) return pages == 0 ? NULL : "what it belonged to is gone";
  if (number_at(header + 24) != study.page_size) return "its pages have another size";
  if (pages > study.pages) return "it is of a larger file";
  return can_begin_with(pages, &study, path) ? NULL : "it is of a smaller file";
}

clfit_status side_files_check_writing(const char *path, clfit_error *error)
{
  char name[NAME_SIZE];
  struct stat info;
  clfit_status status = side_files_check(path, error);
  if (status || !name_of(path, "-journal", name) || lstat(name, &info) != 0) return status;
  const char *reason = doubt(path, name, &info);
  if (!reason) return CLFIT_OK;
  return clfit_fail(error, CLFIT_ERROR_FORMAT, "%.300s is not this file's own journal, %s: move it away", name, reason);
}
