/* --help, from the tables of commands and options. */
#include "cli/commands.h"
#include "cli/options/options.h"

#include <stdio.h>
#include <string.h>

#define HELP_COLUMN 24 /* where the explanations begin */
#define HELP_WIDTH  88

static const char *const group_titles[GROUP_COUNT] = {
    [GROUP_LEARN] = "What to learn", [GROUP_NETWORK] = "The network and its training", [GROUP_POINTS] = "Where to look",
    [GROUP_ROWS] = "Which networks", [GROUP_DEVICE] = "Where and how to compute",      [GROUP_FILES] = "Files",
    [GROUP_OTHER] = "Other",
};

void help_program(void)
{
  printf("Usage: clfit COMMAND [OPTION...]\n\n"
         "Trains networks with one input, one hidden layer and one output on OpenCL devices, with the\n"
         "same bits on every one of them.\n\nCommands\n");
  for (int i = 0; i < COMMAND_COUNT; i++) printf("  %-10s %s\n", commands[i].name, commands[i].summary);
  printf("\nclfit COMMAND --help lists a command's options, clfit --version shows the version.\n"
         "Exit codes: 0 done; 1 a goal or a verification not met, or a training diverged; 2 bad usage or\n"
         "input; 3 OpenCL trouble; 130 interrupted.\n");
}

/* Prints a text in words from HELP_COLUMN to HELP_WIDTH; column is where the line stands now. */
static void print_wrapped(const char *text, size_t column)
{
  if (column >= HELP_COLUMN) {
    printf("\n");
    column = 0;
  }
  printf("%*s", (int)(HELP_COLUMN - column), "");
  column = HELP_COLUMN;
  while (*text) {
    size_t length = strcspn(text, " ");
    if (column > HELP_COLUMN && column + 1 + length > HELP_WIDTH) {
      printf("\n%*s", HELP_COLUMN, "");
      column = HELP_COLUMN;
    }
    column += (size_t)printf("%s%.*s", column > HELP_COLUMN ? " " : "", (int)length, text);
    text += length + (text[length] == ' ');
  }
  printf("\n");
}

/* What may be typed for an option: its metavar, or the names to choose from. */
static void print_value(const struct option_row *row, char *text, size_t size)
{
  const char *name;
  snprintf(text, size, "%s", row->metavar ? row->metavar : "");
  if (row->kind != KIND_ACTIVATION && row->kind != KIND_CHOICE) return;
  text[0] = '\0';
  for (uint32_t i = 0; (name = row->choices ? row->choices[i] : clfit_activation_name(i)); i++) {
    size_t length = strlen(text);
    snprintf(text + length, size - length, "%s%s", i ? "|" : "", name);
  }
}

static void print_option(const struct option_row *row)
{
  char value[128], text[512], limits[64] = "", initial[128] = "";
  size_t column = 0;
  print_value(row, value, sizeof value);
  if (row->letter) column += (size_t)printf("  -%c,", row->letter);
  column += (size_t)printf("%s--%s%s%s", column ? " " : "  ", row->name, *value ? " " : "", value);
  if (row->kind == KIND_COUNT && row->minimum > 0 && row->maximum < UINT32_MAX)
    snprintf(limits, sizeof limits, ", %.0f to %.0f", row->minimum, row->maximum);
  if (row->initial) snprintf(initial, sizeof initial, " (default: %s)", row->initial);
  snprintf(text, sizeof text, "%s%s%s", row->help, limits, initial);
  print_wrapped(text, column + 1);
}

static void print_group(enum command_id command, enum option_group group)
{
  bool titled = false;
  for (int id = 0; id < OPTION_COUNT; id++) {
    const struct option_row *row = &option_rows[id];
    if (row->group != group || !(row->commands >> command & 1)) continue;
    if (!titled) printf("\n%s\n", group_titles[group]);
    titled = true;
    print_option(row);
  }
}

/* What may be typed for the options that can have several values. */
static void print_axes(enum command_id command)
{
  const char *before = "\nSeveral values can be given for --";
  for (int id = 0; id < OPTION_COUNT; id++) {
    if (!option_is_axis(command, (enum option_id)id)) continue;
    printf("%s%s", before, option_rows[id].name);
    before = ", --";
  }
  if (*before == '\n') return;
  printf(";\nevery combination is trained.\n"
         "  64,96,128     a list\n"
         "  0..9          whole numbers, both ends included\n"
         "  0.1:0.5:5     5 points from 0.1 to 0.5, equally spaced\n"
         "  0.001:1:log4  4 points from 0.001 to 1, equal factors apart\n");
}

static void print_formats(void)
{
  printf("\nFormats\n");
  for (size_t i = 0; i < clfit_format_count(); i++) {
    const clfit_format *format = clfit_format_get(i);
    char text[256];
    snprintf(text, sizeof text, "%s (%s)", format->description, format->ending);
    print_wrapped(text, (size_t)printf("  %s", format->name));
  }
}

void help_command(enum command_id command)
{
  const struct command *row = &commands[command];
  printf("Usage: clfit %s%s%s [OPTION...]\n\n%s.\n\nExample: %s\n", row->name, row->operand ? " " : "",
         row->operand ? row->operand : "", row->summary, row->example);
  print_axes(command);
  for (int group = 0; group < GROUP_COUNT; group++) print_group(command, group);
  if (command == COMMAND_EXPORT) print_formats();
}
