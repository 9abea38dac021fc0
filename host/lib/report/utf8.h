/* Texts of the caller in pictures. */
#ifndef CLFIT_HOST_UTF8_H
#define CLFIT_HOST_UTF8_H

#include <stddef.h>

/* Length of the UTF-8 sequence that text starts with; 0 if it is none, or of a character that no XML may have. */
size_t clfit_utf8_length(const char *text);

#endif
