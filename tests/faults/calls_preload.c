/* A library for LD_PRELOAD that fails one call of the C library: see fault.h. Names: memory (malloc, calloc, realloc,
 * strdup, strndup), stream (fopen, fdopen, open_memstream, tmpfile), thread, and open, write, read, fsync, rename,
 * truncate, unlink, close, lock, map.
 *
 * Only calls from the program itself, SQLite, Jansson and GSL count; those of OpenCL, the compiler behind it and the C
 * library do not. Nor do those of json_loadb, which frees what it has not allocated where memory runs out (Jansson
 * 2.14). What the C library's streams write is no call of write() that can be replaced, so streams for writing are made
 * anew with fopencookie, and their writes count. */
#include "fault.h"

#include <dlfcn.h>
#include <errno.h>
#include <link.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <sys/file.h>
#include <sys/mman.h>

#define FAULT_POINTS(X)                                                                                                \
  X(memory)                                                                                                            \
  X(stream) X(thread) X(open) X(write) X(read) X(fsync) X(rename) X(truncate) X(unlink) X(close) X(lock) X(map)

#define POINT(entry) static struct fault_point point_##entry = {.name = #entry};
FAULT_POINTS(POINT)
#undef POINT

/* ---- whose calls count ------------------------------------------------------------------------------------------ */

#define RANGES_MAX 32
static struct {
  uintptr_t first, end;
} ranges[RANGES_MAX];
static size_t range_count;
static bool ready;
static _Thread_local bool paused;

static bool is_watched(const char *path)
{
  static const char *const libraries[] = {"libsqlite3.", "libjansson.", "libgsl.", "libclfit."};
  const char *name = strrchr(path, '/');
  if (!*path) return true; /* the program */
  for (size_t i = 0; i < sizeof libraries / sizeof *libraries; i++)
    if (strncmp(name ? name + 1 : path, libraries[i], strlen(libraries[i])) == 0) return true;
  return false;
}

static int note_ranges(struct dl_phdr_info *info, size_t size, void *unused)
{
  (void)size, (void)unused;
  if (!is_watched(info->dlpi_name)) return 0;
  for (int i = 0; i < info->dlpi_phnum && range_count < RANGES_MAX; i++) {
    const ElfW(Phdr) *part = &info->dlpi_phdr[i];
    if (part->p_type != PT_LOAD || !(part->p_flags & PF_X)) continue;
    ranges[range_count].first = info->dlpi_addr + part->p_vaddr;
    ranges[range_count++].end = info->dlpi_addr + part->p_vaddr + part->p_memsz;
  }
  return 0;
}

static bool counts(const void *caller)
{
  for (size_t i = 0; ready && !paused && i < range_count; i++)
    if ((uintptr_t)caller >= ranges[i].first && (uintptr_t)caller < ranges[i].end) return true;
  return false;
}

/* Programs that clfit starts, such as gnuplot, are not failed: they run without this library. */
__attribute__((constructor)) static void begin(void)
{
  fault_read_environment();
  unsetenv("LD_PRELOAD");
  dl_iterate_phdr(note_ranges, NULL);
  ready = true;
}

__attribute__((destructor)) static void end(void)
{
#define POINT(entry) &point_##entry,
  static struct fault_point *const points[] = {FAULT_POINTS(POINT)};
  ready = false;
  fault_write_log(points, sizeof points / sizeof *points);
}

/* NAME is the real function of that name. */
#define REAL(name)                                                                                                     \
  static __typeof__(&name) real;                                                                                       \
  if (!real) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

#define STRIKES(entry) (counts(__builtin_return_address(0)) && fault_strikes(&point_##entry))

static int failure(int otherwise)
{
  const int number = atoi(fault.how);
  return number ? number : otherwise;
}

/* return FAIL(value, errno value unless the environment has one) */
#define FAIL(value, number) (errno = failure(number), value)

/* ---- memory ----------------------------------------------------------------------------------------------------- */

void *malloc(size_t size)
{
  REAL(malloc);
  return STRIKES(memory) ? FAIL(NULL, ENOMEM) : real(size);
}

void *calloc(size_t count, size_t size)
{
  REAL(calloc);
  return STRIKES(memory) ? FAIL(NULL, ENOMEM) : real(count, size);
}

void *realloc(void *memory, size_t size)
{
  REAL(realloc);
  return STRIKES(memory) ? FAIL(NULL, ENOMEM) : real(memory, size);
}

char *strdup(const char *text)
{
  REAL(strdup);
  return STRIKES(memory) ? FAIL(NULL, ENOMEM) : real(text);
}

char *strndup(const char *text, size_t length)
{
  REAL(strndup);
  return STRIKES(memory) ? FAIL(NULL, ENOMEM) : real(text, length);
}

/* What Jansson declares, without its header. */
void *json_loadb(const char *text, size_t length, size_t flags, void *error);

void *json_loadb(const char *text, size_t length, size_t flags, void *error)
{
  REAL(json_loadb);
  paused = true;
  void *value = real(text, length, flags, error);
  paused = false;
  return value;
}

int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *), void *argument)
{
  REAL(pthread_create);
  return STRIKES(thread) ? failure(EAGAIN) : real(thread, attributes, run, argument);
}

/* ---- writing ---------------------------------------------------------------------------------------------------- */

/* Writes, fails or writes half, as the environment asks for. */
static ssize_t write_or_fail(int file, const void *bytes, size_t size, bool strikes)
{
  REAL(write);
  if (strikes && strcmp(fault.how, "short") != 0) return FAIL(-1, ENOSPC);
  return real(file, bytes, strikes && size > 1 ? size / 2 : size);
}

ssize_t write(int file, const void *bytes, size_t size)
{
  return write_or_fail(file, bytes, size, STRIKES(write));
}

ssize_t pwrite64(int file, const void *bytes, size_t size, off64_t at)
{
  REAL(pwrite64);
  const bool strikes = STRIKES(write), half = strikes && strcmp(fault.how, "short") == 0 && size > 1;
  if (strikes && strcmp(fault.how, "short") != 0) return FAIL(-1, ENOSPC);
  return real(file, bytes, half ? size / 2 : size, at);
}

int ftruncate64(int file, off64_t size)
{
  REAL(ftruncate64);
  return STRIKES(truncate) ? FAIL(-1, ENOSPC) : real(file, size);
}

int fsync(int file)
{
  REAL(fsync);
  return STRIKES(fsync) ? FAIL(-1, EIO) : real(file);
}

int fdatasync(int file)
{
  REAL(fdatasync);
  return STRIKES(fsync) ? FAIL(-1, EIO) : real(file);
}

/* ---- reading ---------------------------------------------------------------------------------------------------- */

ssize_t read(int file, void *bytes, size_t size)
{
  REAL(read);
  return STRIKES(read) ? FAIL(-1, EIO) : real(file, bytes, size);
}

ssize_t pread64(int file, void *bytes, size_t size, off64_t at)
{
  REAL(pread64);
  return STRIKES(read) ? FAIL(-1, EIO) : real(file, bytes, size, at);
}

void *mmap64(void *address, size_t size, int protection, int flags, int file, off64_t at)
{
  REAL(mmap64);
  return STRIKES(map) ? FAIL(MAP_FAILED, ENOMEM) : real(address, size, protection, flags, file, at);
}

/* ---- files ------------------------------------------------------------------------------------------------------ */

/* The mode of a file that is created, else 0. */
#define TAKE_MODE(mode)                                                                                                \
  mode_t mode = 0;                                                                                                     \
  va_list arguments;                                                                                                   \
  va_start(arguments, flags);                                                                                          \
  if (flags & (O_CREAT | __O_TMPFILE)) mode = va_arg(arguments, mode_t);                                               \
  va_end(arguments)

int open(const char *path, int flags, ...)
{
  REAL(open);
  TAKE_MODE(mode);
  return STRIKES(open) ? FAIL(-1, EMFILE) : real(path, flags, mode);
}

int open64(const char *path, int flags, ...)
{
  REAL(open64);
  TAKE_MODE(mode);
  return STRIKES(open) ? FAIL(-1, EMFILE) : real(path, flags, mode);
}

int close(int file)
{
  REAL(close);
  const bool strikes = STRIKES(close);
  int code = real(file);
  return strikes ? FAIL(-1, EIO) : code;
}

int rename(const char *from, const char *to)
{
  REAL(rename);
  return STRIKES(rename) ? FAIL(-1, EIO) : real(from, to);
}

int unlink(const char *path)
{
  REAL(unlink);
  return STRIKES(unlink) ? FAIL(-1, EIO) : real(path);
}

int flock(int file, int operation)
{
  REAL(flock);
  return STRIKES(lock) ? FAIL(-1, ENOLCK) : real(file, operation);
}

int fcntl64(int file, int command, ...)
{
  REAL(fcntl64);
  va_list arguments;
  va_start(arguments, command);
  void *argument = va_arg(arguments, void *);
  va_end(arguments);
  const bool locks = command == F_SETLK || command == F_SETLKW;
  return locks && STRIKES(lock) ? FAIL(-1, ENOLCK) : real(file, command, argument);
}

/* ---- streams ---------------------------------------------------------------------------------------------------- */

/* Streams of ours; fileno() of a stream of fopencookie fails. */
struct cookie {
  FILE *stream;
  int file; /* -1: free */
};
#define COOKIES_MAX 16
static struct cookie cookies[COOKIES_MAX] = {[0 ... COOKIES_MAX - 1] = {NULL, -1}};
static pthread_mutex_t guard = PTHREAD_MUTEX_INITIALIZER;

static ssize_t write_cookie(void *cookie, const char *bytes, size_t size)
{
  const ssize_t written = write_or_fail(((struct cookie *)cookie)->file, bytes, size, fault_strikes(&point_write));
  return written < 0 ? 0 : written; /* as fopencookie has it */
}

static int close_cookie(void *argument)
{
  struct cookie *cookie = argument;
  const bool strikes = fault_strikes(&point_close);
  pthread_mutex_lock(&guard);
  const int file = cookie->file;
  cookie->stream = NULL;
  cookie->file = -1;
  pthread_mutex_unlock(&guard);
  const int code = close(file);
  return strikes ? FAIL(-1, EIO) : code;
}

static FILE *open_cookie(int file)
{
  const cookie_io_functions_t functions = {.write = write_cookie, .close = close_cookie};
  pthread_mutex_lock(&guard);
  struct cookie *cookie = cookies;
  while (cookie < cookies + COOKIES_MAX && cookie->file >= 0) cookie++;
  if (cookie == cookies + COOKIES_MAX) abort();
  cookie->stream = fopencookie(cookie, "w", functions);
  if (cookie->stream) cookie->file = file;
  pthread_mutex_unlock(&guard);
  return cookie->stream;
}

FILE *fdopen(int file, const char *mode)
{
  REAL(fdopen);
  if (!counts(__builtin_return_address(0))) return real(file, mode);
  if (fault_strikes(&point_stream)) return FAIL(NULL, ENOMEM);
  return *mode == 'w' ? open_cookie(file) : real(file, mode);
}

int fileno(FILE *stream)
{
  REAL(fileno);
  for (size_t i = 0; i < COOKIES_MAX; i++)
    if (cookies[i].stream == stream && stream) return cookies[i].file;
  return real(stream);
}

FILE *fopen(const char *path, const char *mode)
{
  REAL(fopen);
  return STRIKES(stream) ? FAIL(NULL, EMFILE) : real(path, mode);
}

FILE *tmpfile(void)
{
  REAL(tmpfile);
  return STRIKES(stream) ? FAIL(NULL, EMFILE) : real();
}

FILE *open_memstream(char **text, size_t *size)
{
  REAL(open_memstream);
  return STRIKES(stream) ? FAIL(NULL, ENOMEM) : real(text, size);
}
