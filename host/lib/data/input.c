#include "data/input.h"

#include "base/error.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Opens nothing but a regular file. A name may come to mean another file between a look at it and its opening, so what
 * was opened is looked at again; O_NONBLOCK keeps a FIFO that slipped in from waiting for a writer. */
static FILE *open_regular(const char *path)
{
  struct stat status;
  if (stat(path, &status)) return NULL;
  int descriptor = S_ISREG(status.st_mode) ? open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC) : -1;
  if (descriptor >= 0 && fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode)) {
    FILE *stream = fdopen(descriptor, "rb");
    if (stream) return stream;
  }
  int reason = S_ISREG(status.st_mode) ? errno : S_ISDIR(status.st_mode) ? EISDIR : EINVAL;
  if (descriptor >= 0) close(descriptor);
  errno = reason;
  return NULL;
}

clfit_status clfit_input_open(struct input *input, const char *path, const char *name, bool regular, clfit_error *error)
{
  bool standard = strcmp(path, "-") == 0;
  *input = (struct input){0};
  if (standard && regular) return clfit_fail(error, CLFIT_ERROR_FILE, "cannot read standard input again");
  input->bytes = malloc(CLFIT_INPUT_SIZE);
  if (!input->bytes) return clfit_fail_memory(error);
  errno = 0;
  input->stream = standard ? stdin : regular ? open_regular(path) : fopen(path, "rb");
  if (!input->stream && errno == EINVAL) return clfit_fail(error, CLFIT_ERROR_FILE, "%s is not a regular file", name);
  if (!input->stream) return clfit_fail_file(error, "read", name, errno);
  clfit_input_fill(input);
  return ferror(input->stream) ? clfit_fail_file(error, "read", name, errno) : CLFIT_OK;
}

void clfit_input_close(struct input *input)
{
  if (input->stream && input->stream != stdin) fclose(input->stream);
  free(input->bytes);
  *input = (struct input){0};
}

bool clfit_input_fill(struct input *input)
{
  input->at = 0;
  input->count = input->stream ? fread(input->bytes, 1, CLFIT_INPUT_SIZE, input->stream) : 0;
  return input->count > 0;
}
