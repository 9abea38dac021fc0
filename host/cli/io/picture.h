/* Pictures of a training. */
#ifndef CLFIT_CLI_PICTURE_H
#define CLFIT_CLI_PICTURE_H

#include "clfit.h"

#define PICTURE_TITLE_SIZE 200
#define PICTURE_LABEL_SIZE 64

/* Draws to a file, or, for path "-", as a text picture on standard output. */
clfit_status picture_draw(const clfit_plot *plot, const char *path, clfit_error *error);

/* Whether a path ends so, in small letters or capitals; whether a picture of that name is text, "-" or .txt. */
bool picture_ends_in(const char *path, const char *ending);
bool picture_is_text(const char *path);

/* How a picture begins whose panels are gnuplot's: 800 wide. Fonts of the same number are larger in a .png than in an
 * .svg. */
struct picture_format {
  unsigned height, svg_font, png_font;
};

/* Prints the terminal to a script. */
void picture_begin(FILE *script, const struct picture_format *format, bool png);

/* The title of a network's picture: that of the chapter's training as the chapter has it, else the file or formula, and
 * the network in the words of the options. */
void picture_title(const clfit_network *network, const clfit_source *source, char title[PICTURE_TITLE_SIZE]);

/* The title of a picture of samples alone. */
void picture_samples_title(const clfit_network *network, const clfit_source *source, char title[PICTURE_TITLE_SIZE]);

struct picture_labels {
  char x[PICTURE_LABEL_SIZE], y[PICTURE_LABEL_SIZE];
};

/* Labels the axes by the names of the file's columns: those of data (NULL: not at hand), else those that the source
 * stores; where they have none the labels stay x and y. The labels must outlive the plot. */
void picture_label(clfit_plot *plot, const clfit_data *data, const clfit_source *source, struct picture_labels *labels);

#endif
