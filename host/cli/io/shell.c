#include "cli/io/shell.h"

#include <stdio.h>
#include <string.h>

void shell_append(char *command, size_t size, const char *name, const char *text)
{
  static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+./:,%@";
  size_t length = strlen(command);
  length += (size_t)snprintf(command + length, size - length, " --%s", name);
  if (!text || length + 4 * strlen(text) + 4 > size) return;
  if (strspn(text, plain) == strlen(text)) {
    snprintf(command + length, size - length, " %s", text);
    return;
  }
  command[length++] = ' ';
  command[length++] = '\'';
  for (; *text; text++) {
    if (*text == '\'') {
      memcpy(command + length, "'\\''", 4);
      length += 4;
    } else {
      command[length++] = *text;
    }
  }
  command[length++] = '\'';
  command[length] = '\0';
}
