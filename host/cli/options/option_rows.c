/* Makes the row of an option for a command, from the tables of options and fields. */
#include "cli/options/options.h"

#include <stdio.h>
#include <string.h>

enum option_id option_count(void)
{
  return (enum option_id)(OPTION_FIELDS + clfit_field_count());
}

const clfit_field *option_field(enum option_id id)
{
  return id < OPTION_FIELDS ? NULL : clfit_field_get((size_t)(id - OPTION_FIELDS));
}

enum option_id option_of_field(const clfit_field *field)
{
  for (size_t i = 0; i < clfit_field_count(); i++)
    if (clfit_field_get(i) == field) return (enum option_id)(OPTION_FIELDS + i);
  return OPTION_NONE;
}

#define NAME_SIZE 40

/* "sample-seed" of "sample_seed". */
static const char *name_of_field(enum option_id id, const clfit_field *field)
{
  static char names[OPTION_MAX - OPTION_FIELDS][NAME_SIZE];
  char *name = names[id - OPTION_FIELDS];
  if (*name) return name;
  snprintf(name, NAME_SIZE, "%s", field->name);
  for (char *c = name; *c; c++)
    if (*c == '_') *c = '-';
  return name;
}

const char *option_name(enum option_id id)
{
  if (id < OPTION_FIELDS) return option_table[id].name;
  const clfit_field *field = option_field(id);
  return field && id < OPTION_MAX ? name_of_field(id, field) : NULL;
}

const char *option_initial(enum option_id id)
{
  return id < OPTION_FIELDS ? option_table[id].initial : option_field(id)->initial;
}

const char *const *option_choices(enum option_id id)
{
  return option_table[id].choices;
}

static void add_words(struct option_row *row, const struct option_words *words)
{
  if (words->group) row->group = words->group;
  if (words->metavar) row->metavar = words->metavar;
  if (words->help) row->help = words->help;
  if (words->optional) row->initial = NULL;
  if (!words->kind) return;
  row->kind = words->kind;
  row->offset = words->offset;
  row->initial = NULL;
}

/* A training option: train and sweep have it, and the commands that have words for it. */
static struct option_row row_of_field(enum command_id command, enum option_id id)
{
  const clfit_field *field = option_field(id);
  struct option_row row = {.name = option_name(id),
                           .aliases = {field->aliases[0], field->aliases[1]},
                           .kind = KIND_FIELD,
                           .group = field->of_samples ? GROUP_LEARN : GROUP_NETWORK,
                           .commands = 1u << COMMAND_TRAIN | 1u << COMMAND_SWEEP,
                           .of_target = field->of_samples,
                           .of_sweep = true,
                           .field = field,
                           .initial = field->initial,
                           .metavar = field->metavar,
                           .help = field->help};
  for (size_t i = 0; i < option_field_words_count; i++) {
    const struct option_words *words = &option_field_words[i].words;
    if (strcmp(option_field_words[i].field, field->name) != 0) continue;
    row.commands |= words->commands;
    if (words->commands >> command & 1) add_words(&row, words);
  }
  return row;
}

struct option_row option_row_of(enum command_id command, enum option_id id)
{
  struct option_row row = id < OPTION_FIELDS ? option_table[id] : row_of_field(command, id);
  for (size_t i = 0; i < OPTION_WORDS_MAX && row.words[i].commands; i++)
    if (row.words[i].commands >> command & 1) add_words(&row, &row.words[i]);
  if (!(row.commands >> command & 1)) row.name = NULL;
  return row;
}
