#include "cli/device/probe_memory.h"

#include "cli/io/output.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define SURVIVED "survived\n" /* the first line of a file; else it is DIED, and the second line is the reason */
#define DIED     "died\n"

#define DIGITS 32 /* of the digest in a file's name: 128 bits */

/* The folder that is named by an environment variable, with something appended; NULL: the variable is not set. */
static char *folder_of(const char *variable, const char *rest)
{
  const char *value = getenv(variable);
  if (!value || !*value) return NULL;
  char *folder = malloc(strlen(value) + strlen(rest) + 1);
  if (folder) sprintf(folder, "%s%s", value, rest);
  return folder;
}

/* Creates a folder in an existing one; a failure shows when the file is written. */
static char *make_folder(char *folder)
{
  if (folder) mkdir(folder, 0700);
  return folder;
}

static char *find_folder(void)
{
  char *folder = folder_of("POCL_CACHE_DIR", "");
  if (folder) return folder;
  folder = make_folder(folder_of("XDG_CACHE_HOME", "/clfit"));
  if (folder) return folder;
  free(make_folder(folder_of("HOME", "/.cache")));
  return make_folder(folder_of("HOME", "/.cache/clfit"));
}

char *probe_memory_path(const clfit_device_info *info, const char *kind)
{
  static const char name[] = "/clfit-probe-";
  char digest[CLFIT_DIGEST_SIZE];
  char *folder = find_folder();
  if (!folder) return NULL;
  clfit_device_digest(info, digest);
  char *path = malloc(strlen(folder) + strlen(name) + DIGITS + strlen(kind) + 2);
  if (path) sprintf(path, "%s%s%.*s-%s", folder, name, DIGITS, digest, kind);
  free(folder);
  return path;
}

bool probe_memory_read(const char *path, bool *survived, char reason[PROBE_REASON_SIZE])
{
  char first[sizeof SURVIVED] = "";
  FILE *stream = path ? fopen(path, "r") : NULL;
  if (!stream) return false;
  bool known = fgets(first, sizeof first, stream) != NULL;
  *survived = strcmp(first, SURVIVED) == 0;
  if (!*survived) known = strcmp(first, DIED) == 0 && fgets(reason, PROBE_REASON_SIZE, stream);
  reason[strcspn(reason, "\n")] = '\0';
  clfit_blank_controls(reason); /* others may write into the folder */
  fclose(stream);
  return known;
}

void probe_memory_write(const char *path, bool survived, const char *reason)
{
  struct output output;
  if (!path || output_open(&output, path, NULL)) return;
  fprintf(output.file.stream, "%s%s%s", survived ? SURVIVED : DIED, reason, *reason ? "\n" : "");
  output_end(&output, CLFIT_OK, NULL);
}
