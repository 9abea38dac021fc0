/* Shared by the fuzz targets. Each has LLVMFuzzerTestOneInput (libFuzzer, LLVM's documentation), which must neither
 * crash nor leak for any bytes. */
#ifndef CLFIT_TESTS_FUZZ_H
#define CLFIT_TESTS_FUZZ_H

#include "clfit.h"

#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/* What must hold. */
#define FUZZ_EXPECT(condition)                                                                                         \
  do {                                                                                                                 \
    if (!(condition)) {                                                                                                \
      fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);                                                  \
      abort();                                                                                                         \
    }                                                                                                                  \
  } while (0)

/* The path of a file in the current folder (run.sh makes one in memory) with these bytes; the next call overwrites
 * it. */
static inline const char *fuzz_file(const uint8_t *bytes, size_t size)
{
  static int descriptor = -1;
  static char path[32];
  if (descriptor < 0) {
    snprintf(path, sizeof path, "fuzz-%ld", (long)getpid());
    descriptor = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
  }
  FUZZ_EXPECT(descriptor >= 0 && ftruncate(descriptor, 0) == 0);
  FUZZ_EXPECT(pwrite(descriptor, bytes, size, 0) == (ssize_t)size);
  return path;
}

/* The bytes as a text of their own, which ends at the first NUL. Free it. */
static inline char *fuzz_text(const uint8_t *bytes, size_t size)
{
  char *text = malloc(size + 1);
  FUZZ_EXPECT(text);
  if (size) memcpy(text, bytes, size);
  text[size] = '\0';
  return text;
}

#endif
