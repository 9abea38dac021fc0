#include "study/store/presence.h"

#include "study/base/fail.h"

void presence_note(struct presence *presence, const char *path)
{
  struct stat info;
  if (stat(path, &info) != 0) return;
  *presence = (struct presence){.known = true, .device = info.st_dev, .file = info.st_ino};
}

clfit_status presence_check(const struct presence *presence, const char *path, clfit_error *error)
{
  struct stat now;
  if (!presence->known) return CLFIT_OK;
  if (stat(path, &now) == 0 && now.st_ino == presence->file && now.st_dev == presence->device) return CLFIT_OK;
  return clfit_fail(error, CLFIT_ERROR_FILE,
                    "%.300s was removed, renamed or replaced while it was written: what is computed from here on would "
                    "be lost",
                    path);
}
