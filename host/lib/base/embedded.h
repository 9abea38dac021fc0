/* Text files that the library carries (cmake/Embed.cmake). */
#ifndef CLFIT_HOST_EMBEDDED_H
#define CLFIT_HOST_EMBEDDED_H

struct embedded_file {
  const char *name; /* "wide.cl" */
  const char *text;
};

#endif
