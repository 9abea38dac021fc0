#include "report/svg.h"

#include "report/text.h"

#include <math.h>
#include <stdlib.h>

void clfit_svg_coordinate(FILE *stream, double value)
{
  long tenths = lround(10 * value), size = labs(tenths);
  fprintf(stream, "%s%ld", tenths < 0 ? "-" : "", size / 10);
  if (size % 10) fprintf(stream, ".%ld", size % 10);
}

double clfit_svg_place(const struct svg_axis *axis, double value)
{
  double part = axis->logarithmic ? log(value / axis->low) / log(axis->high / axis->low)
                                  : (value - axis->low) / (axis->high - axis->low);
  return axis->from + fmin(fmax(part, -1), 2) * (axis->to - axis->from);
}

bool clfit_svg_has_place(const struct svg_axis *axis, double value)
{
  return isfinite(value) && (!axis->logarithmic || value > 0);
}

void clfit_svg_text(FILE *stream, const char *text)
{
  while (*text) {
    size_t length = clfit_utf8_length(text);
    switch (*text) {
    case '<': fputs("&lt;", stream); break;
    case '>': fputs("&gt;", stream); break;
    case '&': fputs("&amp;", stream); break;
    case '"': fputs("&quot;", stream); break;
    default:
      if (length == 0 && (unsigned char)*text >= 0x80) fputc('?', stream);
      fwrite(text, 1, length, stream);
    }
    text += length ? length : 1;
  }
}

/* ---- ticks ----------------------------------------------------------------------------------------------------- */

/* 1, 2 or 5 times a power of ten, so that a range of that size has at most so many ticks. */
static double tick_distance(double range, unsigned most)
{
  double power = pow(10, floor(log10(range / most)));
  double wanted = range / most / power;
  return power * (wanted <= 1 ? 1 : wanted <= 2 ? 2 : wanted <= 5 ? 5 : 10);
}

static void print_number(FILE *stream, double value)
{
  char text[32];
  snprintf(text, sizeof text, "%.10g", value);
  for (char *c = text; *c; c++) fputc(*c == ',' ? '.' : *c, stream);
}

/* A grid line and its number. */
static void print_tick(FILE *stream, const struct svg_panel *panel, bool is_x, double value, double step)
{
  const struct svg_axis *axis = is_x ? &panel->x : &panel->y, *other = is_x ? &panel->y : &panel->x;
  double place = clfit_svg_place(axis, value);
  if (fabs(value) < 1e-6 * step) value = 0;
  fputs("<path class='grid' d='M", stream);
  clfit_svg_coordinate(stream, is_x ? place : other->from);
  fputc(' ', stream);
  clfit_svg_coordinate(stream, is_x ? other->from : place);
  fputc(is_x ? 'V' : 'H', stream);
  clfit_svg_coordinate(stream, other->to);
  fprintf(stream, "'/><text class='tick %s' x='", is_x ? "x" : "y");
  clfit_svg_coordinate(stream, is_x ? place : other->from - 7);
  fputs("' y='", stream);
  clfit_svg_coordinate(stream, is_x ? other->from + 19 : place + 5.5);
  fputs("'>", stream);
  print_number(stream, value);
  fputs("</text>\n", stream);
}

static void print_linear_ticks(FILE *stream, const struct svg_panel *panel, bool is_x, unsigned most)
{
  const struct svg_axis *axis = is_x ? &panel->x : &panel->y;
  double step = tick_distance(axis->high - axis->low, most);
  double slack = 1e-9 * (axis->high - axis->low);
  for (double i = ceil((axis->low - slack) / step); i * step <= axis->high + slack; i++)
    print_tick(stream, panel, is_x, i * step, step);
}

/* Powers of ten, every second or third of them if there are many; with few of them 2 and 5 times as well. */
static void print_logarithmic_ticks(FILE *stream, const struct svg_panel *panel, bool is_x, unsigned most)
{
  const struct svg_axis *axis = is_x ? &panel->x : &panel->y;
  int first = (int)floor(log10(axis->low)), last = (int)ceil(log10(axis->high));
  int every = (last - first) / (int)most + 1;
  for (int power = first; power <= last; power += every) {
    static const double factors[] = {1, 2, 5};
    for (int i = 0; i < (last - first <= 2 ? 3 : 1); i++) {
      double value = factors[i] * pow(10, power);
      if (value >= axis->low * (1 - 1e-9) && value <= axis->high * (1 + 1e-9))
        print_tick(stream, panel, is_x, value, value);
    }
  }
}

static void print_ticks(FILE *stream, const struct svg_panel *panel, bool is_x, unsigned most)
{
  if ((is_x ? &panel->x : &panel->y)->logarithmic)
    print_logarithmic_ticks(stream, panel, is_x, most);
  else
    print_linear_ticks(stream, panel, is_x, most);
}

void clfit_svg_axes(FILE *stream, const struct svg_panel *panel, const char *x_label, const char *y_label,
                    unsigned x_ticks, unsigned y_ticks)
{
  double left = panel->x.from, right = panel->x.to, bottom = panel->y.from, top = panel->y.to;
  print_ticks(stream, panel, true, x_ticks);
  print_ticks(stream, panel, false, y_ticks);
  fprintf(stream, "<path class='border' d='M%.0f %.0fV%.0fH%.0f'/>\n", left, top, bottom, right);
  fprintf(stream, "<text class='label' x='%.0f' y='%.0f'>", (left + right) / 2, bottom + 39);
  clfit_svg_text(stream, x_label);
  fprintf(stream, "</text>\n<text class='label' transform='translate(17 %.0f) rotate(-90)'>", (top + bottom) / 2);
  clfit_svg_text(stream, y_label);
  fputs("</text>\n", stream);
}

/* ---- curves ---------------------------------------------------------------------------------------------------- */

void clfit_svg_curve_point(struct svg_curve *curve, double x, double y)
{
  if (!clfit_svg_has_place(&curve->panel->x, x) || !clfit_svg_has_place(&curve->panel->y, y)) {
    curve->drawing = false;
    return;
  }
  fputc(curve->drawing ? 'L' : 'M', curve->stream);
  clfit_svg_coordinate(curve->stream, clfit_svg_place(&curve->panel->x, x));
  fputc(' ', curve->stream);
  clfit_svg_coordinate(curve->stream, clfit_svg_place(&curve->panel->y, y));
  curve->drawing = true;
}
