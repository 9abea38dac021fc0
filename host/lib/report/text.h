/* Texts of the caller in pictures. */
#ifndef CLFIT_HOST_REPORT_TEXT_H
#define CLFIT_HOST_REPORT_TEXT_H

#include <stddef.h>

/* Length of the UTF-8 sequence that text starts with; 0 if it is none, or of a character that no XML may have. */
size_t clfit_utf8_length(const char *text);

/* Where a title is broken that has more bytes than a line: the index of the last blank in it that follows a comma or a
 * colon, else of the last one; 0: it fits, or has no blank. */
size_t clfit_title_break(const char *title, size_t most);

#endif
