/* Parts of an SVG that is written without another program: axes, texts, curves. */
#ifndef CLFIT_HOST_SVG_H
#define CLFIT_HOST_SVG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* Values from low to high lie at places from `from` to `to`, in units of the picture. */
struct svg_axis {
  double low, high; /* low < high */
  double from, to;
  bool logarithmic; /* then low > 0 */
};

/* A rectangle with two axes. */
struct svg_panel {
  struct svg_axis x, y; /* y.from is its lower end */
};

/* A coordinate, a tenth of a unit exact. Numbers are printed without the locale's decimal point. */
void clfit_svg_coordinate(FILE *stream, double value);

/* Where a value lies; one that lies outside the panel by more than its size is moved there. */
double clfit_svg_place(const struct svg_axis *axis, double value);

/* A text in which no character means anything to XML. Bytes that are no UTF-8 become '?', control characters
 * nothing. */
void clfit_svg_text(FILE *stream, const char *text);

/* The panel's border, grid, ticks and labels, of the classes border, grid, tick and label. At most so many ticks. */
void clfit_svg_axes(FILE *stream, const struct svg_panel *panel, const char *x_label, const char *y_label,
                    unsigned x_ticks, unsigned y_ticks);

/* The attribute d of a path through points; one that is not finite, or not positive on a logarithmic axis, breaks
 * it. */
struct svg_curve {
  FILE *stream;
  const struct svg_panel *panel;
  bool drawing;
};

void clfit_svg_curve_point(struct svg_curve *curve, double x, double y);

/* Whether a value has a place on an axis. */
bool clfit_svg_has_place(const struct svg_axis *axis, double value);

#endif
