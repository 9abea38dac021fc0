/* --help, from the tables of commands and options, as wide as the terminal. */
#include "cli/commands.h"
#include "cli/options/context.h"
#include "study/base/numbers.h"
#include "study/store/schema.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define HELP_COLUMN   24  /* where the explanations begin */
#define WIDTH_DEFAULT 80  /* where there is no terminal */
#define WIDTH_MAX     100 /* longer lines are hard to read */
#define WIDTH_MIN     40

static const char *const group_titles[GROUP_COUNT] = {
    [GROUP_LEARN] = "What to learn",
    [GROUP_NETWORK] = "The network and its training",
    [GROUP_POINTS] = "Where to look",
    [GROUP_ROWS] = "Which networks",
    [GROUP_DEVICE] = "Where and how to compute",
    [GROUP_FILES] = "Files",
    [GROUP_HEADER] = "The C header (--format c) and the table (csv)",
    [GROUP_OTHER] = "Other",
};

/* ---- lines ---------------------------------------------------------------------------------------------------- */

/* Columns of a line: what COLUMNS says, else the terminal. */
static size_t line_width(void)
{
  struct winsize size;
  const char *columns = getenv("COLUMNS");
  uint32_t width = WIDTH_DEFAULT;
  if (!columns || !clfit_number_parse_count(columns, &width) || width == 0)
    width = isatty(STDOUT_FILENO) && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col
                                                                                                     : WIDTH_DEFAULT;
  return width > WIDTH_MAX ? WIDTH_MAX : width < WIDTH_MIN ? WIDTH_MIN : width;
}

/* Prints a text word by word from the column `left` on; column is where the line stands now. Ends the line. */
static void print_words(const char *text, size_t left, size_t column)
{
  const size_t width = line_width();
  bool first = true; /* in its line */
  printf("%*s", (int)(left - column), "");
  column = left;
  while (*text) {
    size_t length = strcspn(text, " ");
    if (!first && column + 1 + length > width) {
      printf("\n%*s", (int)left, "");
      column = left;
      first = true;
    }
    column += (size_t)printf("%s%.*s", first ? "" : " ", (int)length, text);
    first = false;
    text += length + (text[length] == ' ');
  }
  printf("\n");
}

static void print_paragraph(const char *text)
{
  print_words(text, 0, 0);
}

/* Prints the words of an explanation in its column, from the next line on if this one is longer already. */
static void print_explanation(const char *text, size_t column)
{
  if (column >= HELP_COLUMN) printf("\n");
  print_words(text, HELP_COLUMN, column >= HELP_COLUMN ? 0 : column);
}

/* ---- the program ---------------------------------------------------------------------------------------------- */

void help_program(void)
{
  printf("Usage: clfit COMMAND [OPTION...]\n\n");
  print_paragraph(
      "Trains networks with one input, one hidden layer and one output on OpenCL devices, with the same bits "
      "on every one of them.");
  printf("\nCommands\n");
  for (int i = 0; i < COMMAND_COUNT; i++) {
    size_t column = (size_t)printf("  %-10s ", commands[i].name);
    print_words(commands[i].summary, column, column);
  }
  printf("\n");
  print_paragraph("clfit COMMAND --help lists a command's options, clfit --version shows the version.");
  print_paragraph("Exit codes: 0 done; 1 a goal or a verification not met, or a training diverged; 2 bad usage or "
                  "input, trouble with files, no memory; 3 OpenCL trouble; 130 interrupted.");
}

/* ---- a command ------------------------------------------------------------------------------------------------ */

/* The names to choose from for an option; "" if its value is no name. */
static void print_names(const struct option_row *row, const char *between, char *text, size_t size)
{
  const clfit_field *field = row->kind == KIND_FIELD ? row->field : NULL;
  const char *name;
  text[0] = '\0';
  if (!row->choices && !(field && field->value_name)) return;
  for (uint32_t i = 0; (name = row->choices ? row->choices[i] : field->value_name(i)); i++) {
    size_t length = strlen(text);
    snprintf(text + length, size - length, "%s%s", i ? between : "", name);
  }
}

/* Names that are longer than this together stand in the explanation. */
#define NAMES_BESIDE 30

/* What may be typed for an option: its metavar, or the names to choose from; and what of that is left for the
 * explanation, "" or "sigmoid, tanh ...: ". */
static void print_value(const struct option_row *row, char *text, size_t size, char *rest, size_t rest_size)
{
  rest[0] = '\0';
  print_names(row, "|", text, size);
  if (*text && strlen(text) <= NAMES_BESIDE) return;
  if (*text) {
    print_names(row, ", ", rest, rest_size);
    snprintf(rest + strlen(rest), rest_size - strlen(rest), ": ");
  }
  snprintf(text, size, "%s", row->metavar ? row->metavar : *text ? "NAME" : "");
}

/* ", 1 to 4096", of a whole number whose limits are worth a word. */
static void print_limits(const struct option_row *row, char *text, size_t size)
{
  const clfit_field *field = row->kind == KIND_FIELD && row->field->kind == CLFIT_FIELD_COUNT ? row->field : NULL;
  double minimum = field ? field->minimum : row->minimum, maximum = field ? field->maximum : row->maximum;
  text[0] = '\0';
  if ((field || row->kind == KIND_COUNT) && minimum > 0 && maximum < UINT32_MAX)
    snprintf(text, size, ", %.0f to %.0f", minimum, maximum);
}

static void print_option(enum option_id id, const struct option_row *row)
{
  char value[256], names[256], text[1200], limits[64], initial[512] = "";
  const char *context = context_words(id);
  size_t column = 0;
  print_value(row, value, sizeof value, names, sizeof names);
  print_limits(row, limits, sizeof limits);
  if (row->letter) column += (size_t)printf("  -%c,", row->letter);
  column += (size_t)printf("%s--%s%s%s", column ? " " : "  ", row->name, *value ? " " : "", value);
  if (row->initial)
    snprintf(initial, sizeof initial, " (default: %s%s%s)", row->initial, context ? "; " : "", context ? context : "");
  snprintf(text, sizeof text, "%s%s%s%s", names, row->help, limits, initial);
  print_explanation(text, column);
}

/* The three parts of a group: what comes before the fields, the fields, the rest. */
static int part_of(const struct option_row *row)
{
  return row->before_fields ? 0 : row->field ? 1 : 2;
}

static void print_group(enum command_id command, enum option_group group)
{
  bool titled = false;
  for (int part = 0; part < 3; part++)
    for (enum option_id id = 0; id < option_count(); id++) {
      struct option_row row = option_row_of(command, id);
      if (!row.name || row.group != group || part_of(&row) != part) continue;
      if (!titled) printf("\n%s\n", group_titles[group]);
      titled = true;
      print_option(id, &row);
    }
}

/* What may be typed for the options that can have several values. */
static void print_axes(enum command_id command)
{
  static const char *const forms[][2] = {{"64,96,128", "a list"},
                                         {"0..9", "whole numbers, both ends included"},
                                         {"0.1:0.5:5", "5 points from 0.1 to 0.5, equally spaced"},
                                         {"0.001:1:log4", "4 points from 0.001 to 1, equal factors apart"}};
  char names[1024] = "";
  for (enum option_id id = 0; id < option_count(); id++) {
    size_t length = strlen(names);
    if (option_is_axis(command, id))
      snprintf(names + length, sizeof names - length, "%s--%s", length ? ", " : "", option_name(id));
  }
  if (!*names) return;
  char text[1200];
  snprintf(text, sizeof text, "Several values can be given for %s; every combination is trained.", names);
  printf("\n");
  print_paragraph(text);
  for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
    size_t column = (size_t)printf("  %-13s ", forms[i][0]);
    print_words(forms[i][1], column, column);
  }
}

static void print_formats(void)
{
  printf("\nFormats\n");
  for (size_t i = 0; i < clfit_format_count(); i++) {
    const clfit_format *format = clfit_format_get(i);
    char text[256];
    snprintf(text, sizeof text, "%s (%s)", format->description, format->ending);
    size_t column = (size_t)printf("  %-12s ", format->name);
    print_words(text, column, column);
  }
}

/* The columns that a study has besides if it is of a preset. */
static void print_preset_columns(const struct preset *preset)
{
  char text[400];
  int length = snprintf(text, sizeof text, "Studies of the preset %s also have row", preset->name);
  for (size_t i = 0; preset->published[i].name; i++)
    length += snprintf(text + length, sizeof text - (size_t)length, ", %s", preset->published[i].name);
  print_words(text, 2, 0);
}

/* The columns that conditions and rankings can name. */
static void print_columns(void)
{
  char *names = schema_print_results();
  if (!names) return;
  printf("\nColumns\n");
  print_words("For --where, --rank-by, --rows, --cols and --value:", 2, 0);
  print_words(names, 2, 0);
  const struct preset *preset;
  for (size_t i = 0; (preset = preset_get(i)); i++) print_preset_columns(preset);
  free(names);
}

void help_command(enum command_id command)
{
  const struct command *row = &commands[command];
  char text[200];
  printf("Usage: clfit %s%s%s [OPTION...]\n\n", row->name, row->operand ? " " : "", row->operand ? row->operand : "");
  snprintf(text, sizeof text, "%s.", row->summary);
  print_paragraph(text);
  printf("\nExample:\n  %s\n", row->example); /* never broken: to be copied */
  print_axes(command);
  for (int group = GROUP_LEARN; group < GROUP_COUNT; group++) print_group(command, (enum option_group)group);
  if (command == COMMAND_EXPORT) print_formats();
  if (command == COMMAND_RESULTS) print_columns();
}
