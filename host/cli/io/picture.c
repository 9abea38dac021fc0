#include "cli/io/picture.h"

#include "cli/io/output.h"

#include <string.h>
#include <strings.h>

#define NAME_SHOWN 40 /* bytes of a file's name or a formula in a title, whose line has room for about 90 */

clfit_status picture_draw(const clfit_plot *plot, const char *path, clfit_error *error)
{
  struct output output;
  clfit_status status = output_open(&output, path, error);
  return status ? status : output_end(&output, clfit_plot_write(plot, path, output.file.stream, error), error);
}

bool picture_ends_in(const char *path, const char *ending)
{
  const size_t length = strlen(path), end = strlen(ending);
  return length >= end && strcasecmp(path + length - end, ending) == 0;
}

bool picture_is_text(const char *path)
{
  return strcmp(path, "-") == 0 || picture_ends_in(path, ".txt");
}

void picture_begin(FILE *script, const struct picture_format *format, bool png)
{
  fprintf(script, "set terminal %s size 800,%u%s background rgb 'white' font 'sans,%u' noenhanced\n",
          png ? "pngcairo" : "svg", format->height, png ? "" : " dynamic", png ? format->png_font : format->svg_font);
}

/* ---- titles -------------------------------------------------------------------------------------------------- */

/* The chapter's words are cell, sample and iteration, and its pictures are to look like the chapter's. */
static bool is_chapter_curve(const clfit_source *source)
{
  return source->target && strcmp(source->target, CLFIT_TARGET_DEFAULT) == 0 && source->low == 0 && source->high == 1 &&
         source->scale == CLFIT_SCALE_NONE;
}

/* Whether nothing differs from the chapter's program but what its title says, and seeds. */
static bool is_chapter(const clfit_network *network, const clfit_source *source)
{
  static const char *const free_fields[] = {"hidden", "samples", "epochs", "rate", "seed", "sample_seed"};
  for (size_t i = 0; i < clfit_field_count(); i++) {
    const clfit_field *field = clfit_field_get(i);
    bool is_free = false;
    for (size_t k = 0; k < sizeof free_fields / sizeof *free_fields; k++)
      is_free = is_free || strcmp(field->name, free_fields[k]) == 0;
    if (!is_free && !clfit_field_is_default(field, network)) return false;
  }
  return is_chapter_curve(source);
}

/* Copies a text, cut where a character of UTF-8 begins. */
static void cut(const char *text, size_t most, char *copy)
{
  size_t length = strlen(text);
  bool whole = length <= most;
  if (!whole) length = most;
  while (!whole && length && ((unsigned char)text[length] & 0xc0) == 0x80) length--;
  sprintf(copy, "%.*s%s", (int)length, text, whole ? "" : "...");
}

/* What the samples are of: a file without its folders, or a formula. */
static void print_subject(const clfit_source *source, char subject[NAME_SHOWN + 4])
{
  const char *name = source->target ? source->target : source->path ? source->path : "samples";
  const char *slash = source->target ? NULL : strrchr(name, '/');
  if (slash) name = slash + 1;
  cut(!source->target && strcmp(name, "-") == 0 ? "standard input" : name, NAME_SHOWN, subject);
}

/* Four digits: the rates of a logarithmic axis have sixteen. Least squares has none. */
static void print_training(const clfit_network *network, char *text, size_t size)
{
  if (network->optimizer == CLFIT_LM)
    snprintf(text, size, "%s", clfit_optimizer_name(network->optimizer));
  else
    snprintf(text, size, "rate %.4g", network->rate);
}

void picture_title(const clfit_network *network, const clfit_source *source, char title[PICTURE_TITLE_SIZE])
{
  char subject[NAME_SHOWN + 4], training[40];
  if (is_chapter(network, source)) {
    snprintf(title, PICTURE_TITLE_SIZE, "cell:%u sample:%u iteration:%u rate:%.4g", network->hidden, network->samples,
             network->epochs, network->rate);
    return;
  }
  print_subject(source, subject);
  print_training(network, training, sizeof training);
  snprintf(title, PICTURE_TITLE_SIZE, "%s: hidden %u, %s, %u samples, %u epochs, %s", subject, network->hidden,
           clfit_activation_name(network->activation), network->samples, network->epochs, training);
}

void picture_samples_title(const clfit_network *network, const clfit_source *source, char title[PICTURE_TITLE_SIZE])
{
  char subject[NAME_SHOWN + 4];
  print_subject(source, subject);
  if (is_chapter_curve(source))
    snprintf(title, PICTURE_TITLE_SIZE, "sample:%u", network->samples);
  else
    snprintf(title, PICTURE_TITLE_SIZE, "%s: %u samples", subject, network->samples);
}

/* ---- labels -------------------------------------------------------------------------------------------------- */

/* A column's name; one that is stored as a number says nothing. */
static const char *label_of(const clfit_column *column, const char *stored, char label[PICTURE_LABEL_SIZE],
                            const char *otherwise)
{
  const char *name = column ? column->name : stored ? stored : "";
  bool number = !column && !name[strspn(name, "0123456789")];
  if (!*name || number) return otherwise;
  cut(name, PICTURE_LABEL_SIZE - 4, label);
  return label;
}

void picture_label(clfit_plot *plot, const clfit_data *data, const clfit_source *source, struct picture_labels *labels)
{
  const clfit_columns *columns = data ? clfit_data_columns(data) : NULL;
  bool file = !source->target;
  plot->x_label = label_of(columns ? &columns->x : NULL, file ? source->x_column : NULL, labels->x, "x");
  plot->y_label = label_of(columns ? &columns->y : NULL, file ? source->y_column : NULL, labels->y, "y");
}
