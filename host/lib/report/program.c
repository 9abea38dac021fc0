#include "report/program.h"

#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

extern char **environ;

static bool is_program(const char *path)
{
  struct stat status;
  return stat(path, &status) == 0 && S_ISREG(status.st_mode) && access(path, X_OK) == 0;
}

bool clfit_program_find(const char *name, char path[PROGRAM_PATH_SIZE])
{
  const char *directories = getenv("PATH");
  while (directories) {
    size_t length = strcspn(directories, ":");
    int size = snprintf(path, PROGRAM_PATH_SIZE, "%.*s%s/%s", (int)length, directories, length ? "" : ".", name);
    if (size > 0 && size < PROGRAM_PATH_SIZE && is_program(path)) return true;
    directories = directories[length] ? directories + length + 1 : NULL;
  }
  return false;
}

/* Should this process end, the program's next write ends it, too: it takes the default action at SIGPIPE, which the
 * caller may have set otherwise. */
int clfit_program_start(const char *path, char *const arguments[], const int descriptors[3], pid_t *child)
{
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  sigset_t defaults;
  int number = posix_spawn_file_actions_init(&actions);
  if (number) return number;
  number = posix_spawnattr_init(&attributes);
  if (number) goto out;
  sigemptyset(&defaults);
  sigaddset(&defaults, SIGPIPE);
  posix_spawnattr_setsigdefault(&attributes, &defaults);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
  for (int i = 0; i < 3 && !number; i++) number = posix_spawn_file_actions_adddup2(&actions, descriptors[i], i);
  if (!number) number = posix_spawn(child, path, &actions, &attributes, arguments, environ);
  posix_spawnattr_destroy(&attributes);
out:
  posix_spawn_file_actions_destroy(&actions);
  return number;
}
