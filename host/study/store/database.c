#define _XOPEN_SOURCE 700 /* realpath */

#include "study/store/database.h"

#include "study/base/fail.h"
#include "study/store/schema.h"
#include "study/store/side_files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* How long to wait for a transaction of another process. Only with a rollback journal do readers and writers wait for
 * each other. */
#define BUSY_MILLISECONDS 60000

/* Commands that only read check all pages of a study up to this size in bytes (3 million networks). The check takes 1 s
 * for a million networks (measured), as long as sorting them. A sweep checks studies of any size, because training
 * takes far longer. */
#define READERS_CHECK_MAX ((off_t)1 << 30)

/* ---- kinds of files ---------------------------------------------------------------------------------------------- */

struct kind {
  int64_t application, version;
  const char *name, *description; /* for messages */
  /* compares the schema, and checks pages and values if `content` */
  clfit_status (*check)(sqlite3 *database, const char *path, bool content, clfit_error *error);
};

static clfit_status check_study(sqlite3 *database, const char *path, bool content, clfit_error *error);
static clfit_status check_search(sqlite3 *database, const char *path, bool content, clfit_error *error);

static const struct kind study = {.application = STORE_APPLICATION,
                                  .version = STORE_VERSION,
                                  .name = "study",
                                  .description = "study written by clfit sweep",
                                  .check = check_study};

static const struct kind search = {.application = SEARCH_APPLICATION,
                                   .version = SEARCH_VERSION,
                                   .name = "search",
                                   .description = "search written by clfit search",
                                   .check = check_search};

/* ---- failures ---------------------------------------------------------------------------------------------------- */

static clfit_status fail_reading(sqlite3 *database, const char *path, clfit_error *error)
{
  if (sqlite3_extended_errcode(database) == SQLITE_READONLY_ROLLBACK)
    return clfit_fail(error, CLFIT_ERROR_FILE,
                      "a write to %.300s was not finished and must be rolled back: clfit sweep --resume, or search "
                      "--resume, does that",
                      path);
  if (sqlite3_errcode(database) == SQLITE_CANTOPEN && side_file_exists(path, "-wal"))
    return clfit_fail(error, CLFIT_ERROR_FILE,
                      "cannot read %.300s: copy it and its -wal to a folder that can be written", path);
  return clfit_fail(error, CLFIT_ERROR_FILE, "cannot read %.200s: %.200s", path, sqlite3_errmsg(database));
}

clfit_status database_fail(sqlite3 *database, const char *path, clfit_error *error)
{
  const char *name = path ? path : "the sweep's temporary database";
  int code = database ? sqlite3_errcode(database) : SQLITE_NOMEM;
  bool full = path && (code == SQLITE_FULL || code == SQLITE_IOERR);
  switch (code) {
  case SQLITE_NOMEM: return clfit_fail_memory(error);
  case SQLITE_NOTADB:
    return clfit_fail(error, CLFIT_ERROR_FORMAT, "%.300s is not a study written by clfit sweep", name);
  case SQLITE_CORRUPT:
    return clfit_fail(error, CLFIT_ERROR_FORMAT, "%.300s is damaged: %.200s", name, sqlite3_errmsg(database));
  case SQLITE_TOOBIG:
    return clfit_fail(error, CLFIT_ERROR_FORMAT, "%.300s is damaged: it holds a text or blob of more than %d MiB", name,
                      DATABASE_LENGTH_MAX >> 20);
  default: break;
  }
  if (path && sqlite3_db_readonly(database, "main") == 1) return fail_reading(database, name, error);
  return clfit_fail(error, CLFIT_ERROR_FILE, "%.300s: %.120s%s", name, sqlite3_errmsg(database),
                    full ? "; what was committed before is safe" : "");
}

static clfit_status fail_kind(const struct kind *kind, const char *path, clfit_error *error)
{
  return clfit_fail(error, CLFIT_ERROR_FORMAT, "%.300s is not a %s", path, kind->description);
}

/* ---- names ------------------------------------------------------------------------------------------------------- */

clfit_status database_check_name(const char *path, clfit_error *error)
{
  if (!*path) return refuse(error, "the name of a study must not be empty");
  if (*path != ':' && strncmp(path, "file:", 5) != 0) return CLFIT_OK;
  return refuse(error,
                "%.200s cannot be the name of a study, because SQLite gives it a special meaning; write ./%.200s", path,
                path);
}

/* The absolute path of an existing file, without symbolic links, because SQLite creates its journal files beside the
 * file that a link leads to. */
static clfit_status locate(const struct kind *kind, const char *path, char **located, struct stat *info,
                           clfit_error *error)
{
  *located = realpath(path, NULL);
  if (!*located || stat(*located, info) != 0) {
    int code = errno;
    free(*located);
    *located = NULL;
    return clfit_fail(error, CLFIT_ERROR_FILE, "cannot read %.200s: %s", path, strerror(code));
  }
  if (S_ISREG(info->st_mode)) return CLFIT_OK;
  free(*located);
  *located = NULL;
  return fail_kind(kind, path, error);
}

/* Creates an empty file unless the file exists. */
static clfit_status make_file(const char *path, clfit_error *error)
{
  int file = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0644);
  if (file < 0) return clfit_fail(error, CLFIT_ERROR_FILE, "cannot write %.300s: %s", path, strerror(errno));
  close(file);
  return CLFIT_OK;
}

/* ---- connections ------------------------------------------------------------------------------------------------- */

int database_harden(sqlite3 *database)
{
  static const int settings[][2] = {{SQLITE_DBCONFIG_DEFENSIVE, 1},
                                    {SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0},
                                    {SQLITE_DBCONFIG_ENABLE_TRIGGER, 0},
                                    {SQLITE_DBCONFIG_ENABLE_FTS3_TOKENIZER, 0},
                                    {SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0}};
  static const int limits[][2] = {{SQLITE_LIMIT_LENGTH, DATABASE_LENGTH_MAX},
                                  {SQLITE_LIMIT_SQL_LENGTH, 1 << 20},
                                  {SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 1000},
                                  {SQLITE_LIMIT_ATTACHED, 0},
                                  {SQLITE_LIMIT_WORKER_THREADS, 0}};
  for (size_t i = 0; i < sizeof settings / sizeof *settings; i++)
    sqlite3_db_config(database, settings[i][0], settings[i][1], NULL);
  for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) sqlite3_limit(database, limits[i][0], limits[i][1]);
  sqlite3_busy_timeout(database, BUSY_MILLISECONDS);
  return sqlite3_exec(database, "PRAGMA cell_size_check = ON; PRAGMA mmap_size = 0", NULL, NULL, NULL);
}

/* name is the name for SQLite, path the one for messages. */
static clfit_status connect_to(const char *name, const char *path, int flags, sqlite3 **database, clfit_error *error)
{
  /* NOMUTEX is faster, and only one thread at a time uses a connection. */
  int code = sqlite3_open_v2(name, database, flags | SQLITE_OPEN_NOMUTEX, NULL);
  if (!code) code = database_harden(*database);
  return code ? database_fail(*database, path, error) : CLFIT_OK;
}

clfit_status database_open_temporary(sqlite3 **database, clfit_error *error)
{
  static const char settings[] = "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -65536";
  clfit_status status = connect_to("", NULL, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, database, error);
  /* SQLITE_DBCONFIG_DEFENSIVE forbids turning the journal off. */
  if (!status) sqlite3_db_config(*database, SQLITE_DBCONFIG_DEFENSIVE, 0, NULL);
  if (!status && sqlite3_exec(*database, settings, NULL, NULL, NULL)) status = database_fail(*database, NULL, error);
  if (!status) sqlite3_db_config(*database, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
  return status;
}

/* ---- content ----------------------------------------------------------------------------------------------------- */

static clfit_status read_number(sqlite3 *database, const char *path, const char *text, int64_t *number,
                                clfit_error *error)
{
  sqlite3_stmt *query = NULL;
  clfit_status status = CLFIT_OK;
  if (sqlite3_prepare_v2(database, text, -1, &query, NULL) || sqlite3_step(query) != SQLITE_ROW)
    status = database_fail(database, path, error);
  else
    *number = sqlite3_column_int64(query, 0);
  sqlite3_finalize(query);
  return status;
}

/* SQLite would convert texts of another encoding at each reading, for which memory can run out. The pragma's name
 * cannot be that of a view, as its function's (pragma_encoding) can. */
static clfit_status check_encoding(const struct kind *kind, sqlite3 *database, const char *path, clfit_error *error)
{
  sqlite3_stmt *query = NULL;
  clfit_status status = CLFIT_OK;
  if (sqlite3_prepare_v2(database, "PRAGMA encoding", -1, &query, NULL) || sqlite3_step(query) != SQLITE_ROW)
    status = database_fail(database, path, error);
  const char *encoding = status ? NULL : (const char *)sqlite3_column_text(query, 0);
  if (!status && (!encoding || strcmp(encoding, "UTF-8") != 0)) status = fail_kind(kind, path, error);
  sqlite3_finalize(query);
  return status;
}

/* A file is recognised by its application_id; a database without tables is a new file. */
static clfit_status check_kind(const struct kind *kind, sqlite3 *database, const char *path, bool *fresh,
                               clfit_error *error)
{
  int64_t application = 0, version = 0, objects = 0;
  clfit_status status = read_number(database, path, "PRAGMA application_id", &application, error);
  if (!status) status = read_number(database, path, "PRAGMA user_version", &version, error);
  if (!status) status = read_number(database, path, "SELECT count(*) FROM sqlite_schema", &objects, error);
  if (!status) status = check_encoding(kind, database, path, error);
  if (status) return status;
  *fresh = objects == 0 && (application == 0 || application == kind->application);
  if (*fresh) return CLFIT_OK;
  if (application != kind->application) return fail_kind(kind, path, error);
  if (version != kind->version)
    return clfit_fail(error, CLFIT_ERROR_FORMAT, "%.300s is a %s of version %lld; this clfit knows version %lld", path,
                      kind->name, (long long)version, (long long)kind->version);
  return CLFIT_OK;
}

/* Checks pages, order of rows, types of STRICT tables, and NOT NULL. */
static clfit_status check_pages(sqlite3 *database, const char *path, const char *text, clfit_error *error)
{
  sqlite3_stmt *query = NULL;
  clfit_status status = CLFIT_OK;
  if (sqlite3_prepare_v2(database, text, -1, &query, NULL) || sqlite3_step(query) != SQLITE_ROW)
    status = database_fail(database, path, error);
  const char *answer = status ? NULL : (const char *)sqlite3_column_text(query, 0);
  if (!status && (!answer || strcmp(answer, "ok") != 0))
    status = clfit_fail(error, CLFIT_ERROR_FORMAT, "%.300s is damaged: %.200s", path, answer ? answer : "no answer");
  sqlite3_finalize(query);
  return status;
}

/*
 * The check of a whole file computes the CHECK constraints and generated columns of all tables, and those of a user's
 * tables can take any time in a single step. In a study with such tables only clfit's are checked, each by itself,
 * which leaves out the list of free pages.
 */
static clfit_status check_content(sqlite3 *database, const char *path, struct schema_parts parts, clfit_error *error)
{
  char text[64];
  const char *table;
  int place = 0;
  if (!parts.others) return check_pages(database, path, "PRAGMA quick_check(1)", error);
  clfit_status status = check_pages(database, path, "PRAGMA quick_check(sqlite_schema)", error);
  while (!status && (table = schema_next_table(parts, &place))) {
    snprintf(text, sizeof text, "PRAGMA quick_check(%s)", table);
    status = check_pages(database, path, text, error);
  }
  return status;
}

/* The schema, the content if it is asked for, and the rows of a preset. */
static clfit_status check_study(sqlite3 *database, const char *path, bool content, clfit_error *error)
{
  struct schema_parts parts;
  clfit_status status = schema_check(database, path, &parts, error);
  if (!status && content) status = check_content(database, path, parts, error);
  return status ? status : schema_check_preset(database, path, parts, error);
}

static clfit_status check_search(sqlite3 *database, const char *path, bool content, clfit_error *error)
{
  clfit_status status = schema_check_search(database, path, error);
  return status || !content ? status : check_pages(database, path, "PRAGMA quick_check(1)", error);
}

/* ---- writing ----------------------------------------------------------------------------------------------------- */

/* Opens a file that is there. */
static clfit_status open_writing(const struct kind *kind, const char *path, sqlite3 **database, bool *fresh,
                                 clfit_error *error)
{
  struct stat info;
  char *located = NULL;
  clfit_status status = locate(kind, path, &located, &info, error);
  if (!status) status = side_files_check_writing(located, error);
  if (!status) status = connect_to(located, path, SQLITE_OPEN_READWRITE, database, error);
  if (!status) status = check_kind(kind, *database, path, fresh, error);
  if (!status && !*fresh) status = kind->check(*database, path, true, error);
  free(located);
  if (!status) return CLFIT_OK;
  if (*database && sqlite3_errcode(*database) == SQLITE_NOTADB) status = fail_kind(kind, path, error);
  sqlite3_close(*database);
  *database = NULL;
  return status;
}

clfit_status database_open_writing(const char *path, sqlite3 **database, bool *fresh, clfit_error *error)
{
  *database = NULL;
  *fresh = false;
  clfit_status status = database_check_name(path, error);
  if (!status) status = make_file(path, error);
  return status ? status : open_writing(&study, path, database, fresh, error);
}

clfit_status database_open_search(const char *path, sqlite3 **database, bool *fresh, clfit_error *error)
{
  *database = NULL;
  *fresh = false;
  clfit_status status = database_check_name(path, error);
  if (!status && access(path, F_OK) != 0) status = make_file(path, error);
  return status ? status : open_writing(&search, path, database, fresh, error);
}

/* ---- reading ----------------------------------------------------------------------------------------------------- */

enum { HEADER = 20 };

static bool read_header(const char *path, unsigned char header[HEADER])
{
  int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  bool whole = file >= 0 && read(file, header, HEADER) == HEADER;
  if (file >= 0) close(file);
  return whole && memcmp(header, "SQLite format 3", 16) == 0;
}

/* A URI that tells SQLite that the file does not change (immutable=1). The path is absolute. */
static char *immutable_name(const char *path)
{
  static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-";
  char *name = malloc(3 * strlen(path) + 32), *end = name;
  if (!name) return NULL;
  end += sprintf(end, "file:");
  for (; *path; path++) end += sprintf(end, strchr(plain, *path) ? "%c" : "%%%02X", (unsigned char)*path);
  strcpy(end, "?immutable=1");
  return name;
}

/*
 * With a write-ahead log beside the study, or if the study does not use one, the connection uses SQLite's locks: a
 * sweep may be running, here or on another machine. If the study uses a write-ahead log and none exists, no sweep is
 * writing and the file is complete. SQLite would create a log and shared memory to read it and leave both behind, so
 * the file is opened as immutable.
 */
static clfit_status connect_reading(char *located, const char *path, const unsigned char *header, sqlite3 **database,
                                    struct database_mark *mark, clfit_error *error)
{
  mark->taken = header[HEADER_READ_VERSION] == HEADER_LOG && !side_file_exists(located, "-wal");
  if (!mark->taken) return connect_to(located, path, SQLITE_OPEN_READONLY, database, error);
  if (side_files_have_hot_journal(located))
    return clfit_fail(error, CLFIT_ERROR_FILE,
                      "%.300s has a -journal beside it that SQLite would roll back: clfit sweep --resume checks it",
                      path);
  mark->path = strdup(located);
  char *name = mark->path ? immutable_name(located) : NULL;
  if (!name) return clfit_fail_memory(error);
  clfit_status status = connect_to(name, path, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, database, error);
  free(name);
  return status;
}

static clfit_status check_reading(sqlite3 *database, const char *path, off_t size, clfit_error *error)
{
  bool fresh;
  clfit_status status = check_kind(&study, database, path, &fresh, error);
  if (!status && fresh) status = fail_kind(&study, path, error);
  return status ? status : check_study(database, path, size <= READERS_CHECK_MAX, error);
}

clfit_status database_open_reading(const char *path, sqlite3 **database, struct database_mark *mark, clfit_error *error)
{
  unsigned char header[HEADER];
  char *located = NULL;
  *database = NULL;
  *mark = (struct database_mark){.taken = false};
  clfit_status status = database_check_name(path, error);
  if (!status && access(path, R_OK) != 0)
    status = clfit_fail(error, CLFIT_ERROR_FILE, "cannot read %.200s: %s", path, strerror(errno));
  if (!status) status = locate(&study, path, &located, &mark->info, error);
  if (!status) status = side_files_check(located, error);
  /* SQLite removes journals beside an empty file, so the header is checked before it opens the file. */
  if (!status && !read_header(located, header)) status = fail_kind(&study, path, error);
  if (!status) status = connect_reading(located, path, header, database, mark, error);
  if (!status) status = check_reading(*database, path, mark->info.st_size, error);
  free(located);
  if (!status) return CLFIT_OK;
  sqlite3_close(*database);
  *database = NULL;
  database_mark_clear(mark);
  return status;
}

clfit_status database_check_unchanged(const struct database_mark *mark, clfit_error *error)
{
  const struct stat *before = &mark->info;
  struct stat now;
  /* If the file has been removed or replaced, the old one is still open and unchanged. */
  if (!mark->taken || stat(mark->path, &now) != 0 || now.st_ino != before->st_ino || now.st_dev != before->st_dev)
    return CLFIT_OK;
  if (now.st_size == before->st_size && now.st_mtim.tv_sec == before->st_mtim.tv_sec &&
      now.st_mtim.tv_nsec == before->st_mtim.tv_nsec)
    return CLFIT_OK;
  return clfit_fail(error, CLFIT_ERROR_FILE, "%.300s was written while it was read; try again", mark->path);
}

void database_mark_clear(struct database_mark *mark)
{
  free(mark->path);
  *mark = (struct database_mark){.taken = false};
}
