#include "report/text.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

size_t clfit_utf8_length(const char *text)
{
  static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
  uint32_t first = (unsigned char)*text;
  if (first < 0x80) return first < ' ' || first == 0x7f ? 0 : 1;
  size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  uint32_t character = first & (0xffu >> (length + 1));
  for (size_t i = 1; i < length; i++) {
    if (((unsigned char)text[i] & 0xc0) != 0x80) return 0;
    character = character << 6 | ((unsigned char)text[i] & 0x3f);
  }
  bool surrogate = character >= 0xd800 && character <= 0xdfff;
  bool valid = first >= 0xc0 && character >= least[length] && character <= 0x10ffff && !surrogate;
  return valid && (character & 0xfffe) != 0xfffe ? length : 0;
}

size_t clfit_title_break(const char *title, size_t most)
{
  size_t at = 0;
  bool after_comma = false;
  if (strlen(title) <= most) return 0;
  for (size_t i = 1; i <= most; i++) {
    bool comma = title[i - 1] == ',' || title[i - 1] == ':';
    if (title[i] != ' ' || (after_comma && !comma)) continue;
    after_comma = comma;
    at = i;
  }
  return at;
}
