#include "cli/options/options.h"

#include "cli/io/message.h"
#include "cli/options/context.h"
#include "cli/options/nearest.h"

#include <popt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Options with their aliases, and popt's terminator. */
#define POPT_ROWS (3 * OPTION_MAX + 1)

bool option_given(const struct options *options, enum option_id id)
{
  return options->given[id];
}

bool option_is_axis(enum command_id command, enum option_id id)
{
  const clfit_field *field = option_field(id);
  return command == COMMAND_SWEEP && field && field->axis > 0;
}

/* What popt reads of a command: every name and alias gives back its option's id + 1. The one letter, -h, is kept from
 * it: popt would take -hidden for -h and more letters. */
static void make_popt_table(enum command_id command, struct poptOption table[POPT_ROWS])
{
  size_t n = 0;
  for (enum option_id id = 0; id < option_count(); id++) {
    struct option_row row = option_row_of(command, id);
    unsigned kind = row.kind == KIND_FLAG ? POPT_ARG_NONE : POPT_ARG_STRING;
    if (!row.name) continue;
    table[n++] = (struct poptOption){row.name, 0, kind, NULL, (int)id + 1, NULL, NULL};
    for (size_t i = 0; i < sizeof row.aliases / sizeof *row.aliases && row.aliases[i]; i++)
      table[n++] =
          (struct poptOption){row.aliases[i], 0, kind | POPT_ARGFLAG_DOC_HIDDEN, NULL, (int)id + 1, NULL, NULL};
  }
  table[n] = (struct poptOption)POPT_TABLEEND;
}

static clfit_status set_defaults(struct options *options, enum command_id command, clfit_error *error)
{
  memset(options, 0, sizeof *options);
  options->command = command;
  clfit_network_default(&options->network);
  for (enum option_id id = 0; id < OPTION_FIELDS; id++) {
    struct option_row row = option_row_of(command, id);
    if (!row.name || !row.initial) continue;
    clfit_status status = option_read(&row, row.initial, options, error);
    if (status) return status;
  }
  return CLFIT_OK;
}

/* If a value starts with --, it is probably the next option and the value was forgotten: refuse it. */
static clfit_status check_forgotten(const struct option_row *row, const char *text, clfit_error *error)
{
  if (strncmp(text, "--", 2) != 0) return CLFIT_OK;
  return refuse(error, "--%s needs a value, and %.120s is an option", row->name, text);
}

/* Sets one option; takes over the text (NULL for a flag). An option that is given twice with different values is
 * refused, because one of them would be ignored. */
static clfit_status set(struct options *options, enum option_id id, char *text, clfit_error *error)
{
  struct option_row row = option_row_of(options->command, id);
  char *before = options->texts[id];
  bool again = option_given(options, id);
  clfit_status status = CLFIT_OK;

  options->given[id] = true;
  if (!text) return option_read(&row, "", options, error);
  if ((status = check_forgotten(&row, text, error))) goto out;
  if (again && row.kind != KIND_LIST) {
    if (strcmp(before, text) != 0)
      status = refuse(error, "--%s is given twice, \"%.120s\" and \"%.120s\"", row.name, before, text);
    goto out;
  }
  if (option_is_axis(options->command, id))
    status = *text ? CLFIT_OK : refuse(error, "--%s must not be empty", row.name);
  else
    status = option_read(&row, text, options, error);
  if (again) goto out; /* a list holds copies of its items */
  options->texts[id] = text;
  return status;
out:
  free(text);
  return status;
}

clfit_status options_set(struct options *options, enum option_id id, const char *text, clfit_error *error)
{
  char *copy = strdup(text);
  return copy ? set(options, id, copy, error) : clfit_fail_memory(error);
}

/* Names of the commands that have an option, "train, verify", or "" if none has. */
static void list_commands_with(const char *name, char *names, size_t size)
{
  names[0] = '\0';
  for (int command = 0; command < COMMAND_COUNT; command++)
    for (enum option_id id = 0; id < option_count(); id++) {
      struct option_row row = option_row_of((enum command_id)command, id);
      if (!row.name || strcmp(row.name, name) != 0) continue;
      size_t length = strlen(names);
      snprintf(names + length, size - length, "%s%s", length ? ", " : "", commands[command].name);
    }
}

static const char *nearest_option(enum command_id command, const char *typed)
{
  struct nearest nearest;
  nearest_begin(&nearest, typed);
  for (enum option_id id = 0; id < option_count(); id++) {
    struct option_row row = option_row_of(command, id);
    if (!row.name) continue;
    nearest_offer(&nearest, row.name);
    for (size_t i = 0; i < sizeof row.aliases / sizeof *row.aliases; i++)
      if (row.aliases[i]) nearest_offer(&nearest, row.aliases[i]);
  }
  return nearest.name;
}

/* How much of an argument names an option, cut to what a message can show. */
static int option_length(const char *typed)
{
  size_t length = strcspn(typed, "=");
  return length > 120 ? 120 : (int)length;
}

static clfit_status refuse_unknown(enum command_id command, const char *typed, clfit_error *error)
{
  const char *command_name = commands[command].name;
  char name[64], others[128];
  const char *bare = typed + strspn(typed, "-");
  int length = option_length(typed);
  snprintf(name, sizeof name, "%.*s", (int)strcspn(bare, "="), bare);
  const char *near = nearest_option(command, name);
  list_commands_with(name, others, sizeof others);
  if (others[0] && !(near && strcmp(near, name) == 0))
    return refuse(error, "clfit %s has no option %.*s (%s has)", command_name, length, typed, others);
  if (near) return refuse(error, "unknown option %.*s; did you mean --%s?", length, typed, near);
  return refuse(error, "unknown option %.*s; clfit %s --help lists what there is", length, typed, command_name);
}

static clfit_status refuse_popt(enum command_id command, poptContext context, int code, clfit_error *error)
{
  const char *typed = poptBadOption(context, POPT_BADOPTION_NOALIAS);
  int length = option_length(typed);
  switch (code) {
  case POPT_ERROR_BADOPT: return refuse_unknown(command, typed, error);
  case POPT_ERROR_NOARG: return refuse(error, "%.*s needs a value", length, typed);
  case POPT_ERROR_UNWANTEDARG: return refuse(error, "%.*s takes no value", length, typed);
  default: return refuse(error, "%.120s: %s", typed, poptStrerror(code));
  }
}

static clfit_status read_operands(struct options *options, poptContext context, clfit_error *error)
{
  const struct command *command = &commands[options->command];
  const char **operands = poptGetArgs(context);
  if (operands && !operands[0]) operands = NULL;
  bool replaced = option_given(options, OPTION_STUDY); /* --study stands for predict's MODEL */
  if (command->operand && !operands && !replaced)
    return refuse(error, "clfit %s needs a %s: clfit %s %s ...", command->name, command->operand, command->name,
                  command->operand);
  if (!operands) return CLFIT_OK;
  /* After --merge a shell expands shard-*.sqlite to several words: the first is the option's value, the others arrive
   * here as operands. */
  bool merge = option_given(options, OPTION_MERGE);
  for (size_t i = 1; merge && operands[i]; i++) {
    clfit_status status = text_list_append(&options->merge, operands[i], strlen(operands[i]), error);
    if (status) return status;
  }
  const char *surplus = merge ? NULL : command->operand ? operands[1] : operands[0];
  if (surplus)
    return refuse(error, "clfit %s: unexpected argument \"%.120s\" (options start with --)", command->name, surplus);
  if (!*operands[0]) return refuse(error, "the name of the %s is empty", command->operand);
  options->operand = strdup(operands[0]);
  options->model = options->operand;
  return options->operand ? CLFIT_OK : clfit_fail_memory(error);
}

clfit_status options_parse(struct options *options, enum command_id command, int count, const char **arguments,
                           clfit_error *error)
{
  struct poptOption table[POPT_ROWS];
  poptContext context = NULL;
  int code;
  if (option_count() > OPTION_MAX)
    return clfit_fail(error, CLFIT_ERROR_UNSUPPORTED,
                      "the library has more training options than this program supports");
  clfit_status status = set_defaults(options, command, error);
  if (status) return status;
  make_popt_table(command, table);
  context = poptGetContext(NULL, count, arguments, table, 0);
  while (!status && !options->help && (code = poptGetNextOpt(context)) != -1) {
    if (code > 0)
      status = set(options, (enum option_id)(code - 1), poptGetOptArg(context), error);
    else if (strcmp(poptBadOption(context, POPT_BADOPTION_NOALIAS), "-h") == 0)
      options->help = true;
    else
      status = refuse_popt(command, context, code, error);
  }
  if (!status && !options->help) status = read_operands(options, context, error);
  bool trains = command == COMMAND_TRAIN || command == COMMAND_SWEEP;
  if (!status && trains && !options->help && !options->resume) status = context_apply(options, error);
  poptFreeContext(context);
  if (status) options_clear(options);
  return status;
}

void options_clear(struct options *options)
{
  for (int id = 0; id < OPTION_MAX; id++) free(options->texts[id]);
  text_list_clear(&options->devices);
  text_list_clear(&options->hidden);
  text_list_clear(&options->merge);
  free(options->operand);
  memset(options, 0, sizeof *options);
}
