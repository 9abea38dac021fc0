/* The file of a search: which options define it, and that a resumed one has the same. */
#include "cli/search/search_command.h"

#include "cli/io/message.h"

#include <stdlib.h>
#include <string.h>

/* The name under which the digest of the samples is stored. */
#define DIGEST "data_digest"

/* Options without which the rounds would be others. */
static bool defines(enum option_id id)
{
  const struct option_row row = option_row_of(COMMAND_SEARCH, id);
  return row.name && (row.of_sweep || id == OPTION_MAX_ERROR || id == OPTION_MAX_RMSE);
}

/* Options that say how far a search goes: it may be resumed with others, and its rounds stay what they are. */
static bool extends(enum option_id id)
{
  return id == OPTION_MAX_HIDDEN || id == OPTION_BUDGET;
}

/* Whether an option was given that says what to search for. */
static bool is_defined(const struct options *options)
{
  for (enum option_id id = 0; id < option_count(); id++)
    if (option_given(options, id) && defines(id)) return true;
  return false;
}

/* Takes an option over from the file, or checks that it is the same there. The file of the samples may lie elsewhere
 * now: their digest is compared later. */
static clfit_status restore(struct search_command *command, enum option_id id, bool defined, clfit_error *error)
{
  struct options *options = &command->options;
  const char *path = options->resume, *name = option_name(id);
  char *text;
  clfit_status status = rounds_text(command->rounds, name, &text, error);
  if (status) return status;
  if (id == OPTION_DATA && option_given(options, id) && text) goto out;
  if (extends(id) && option_given(options, id)) goto out;
  if ((!defined || extends(id)) && text) {
    status = options_set(options, id, text, error);
    if (status) status = fail_in(error, path);
  } else if (!text && option_given(options, id)) {
    status = refuse(error, "the search in %.200s has no --%s; leave it out, or begin another with --db", path, name);
  } else if (text && !option_given(options, id)) {
    status = refuse(error, "the search in %.200s has --%s %.120s; give the same, or --resume alone", path, name, text);
  } else if (text && strcmp(text, options->texts[id]) != 0) {
    status = refuse(error, "the search in %.200s has --%s %.120s, not %.120s", path, name, text, options->texts[id]);
  }
out:
  free(text);
  return status;
}

clfit_status search_open_store(struct search_command *command, clfit_error *error)
{
  struct options *options = &command->options;
  const char *path = options->resume ? options->resume : options->db;
  const bool defined = is_defined(options);
  if (!path) return CLFIT_OK;
  if (options->db && rounds_exist(path))
    return refuse(error, "%.300s exists already; use --resume instead of --db to continue it", path);
  if (options->resume && !rounds_exist(path) && !defined)
    return refuse(error, "there is no search in %.300s that could be resumed", path);
  clfit_status status = rounds_open(path, &command->rounds, error);
  if (status || rounds_are_fresh(command->rounds)) return status;
  for (enum option_id id = 0; id < option_count() && !status; id++)
    if (defines(id) || extends(id)) status = restore(command, id, defined, error);
  return status;
}

static clfit_status check_digest(const struct search_command *command, const char *digest, clfit_error *error)
{
  const char *path = command->options.resume;
  char *stored;
  clfit_status status = rounds_text(command->rounds, DIGEST, &stored, error);
  if (!status && !stored)
    status = clfit_fail(error, CLFIT_ERROR_FORMAT, "%.300s is damaged: it has no digest of its samples", path);
  else if (!status && strcmp(stored, digest) != 0)
    status = refuse(error, "the search in %.300s had other samples", path);
  free(stored);
  return status;
}

/* A search that is resumed with other limits has them from then on. */
static clfit_status extend(struct search_command *command, clfit_error *error)
{
  clfit_status status = CLFIT_OK;
  for (enum option_id id = 0; id < option_count() && !status; id++) {
    const char *text = command->options.texts[id];
    char *stored;
    if (!extends(id) || !option_given(&command->options, id)) continue;
    status = rounds_text(command->rounds, option_name(id), &stored, error);
    if (!status && !(stored && strcmp(stored, text) == 0)) /* a file that nothing changes in may be read-only */
      status = rounds_set_text(command->rounds, option_name(id), text, error);
    free(stored);
  }
  return status;
}

/* The first time: stores the options that were given, as typed, and the digest of the samples. */
static clfit_status define(struct search_command *command, const char *digest, clfit_error *error)
{
  const char *names[OPTION_MAX + 1], *texts[OPTION_MAX + 1];
  size_t count = 0;
  for (enum option_id id = 0; id < option_count(); id++) {
    if ((!defines(id) && !extends(id)) || !option_given(&command->options, id)) continue;
    names[count] = option_name(id);
    texts[count++] = command->options.texts[id];
  }
  names[count] = DIGEST;
  texts[count++] = digest;
  return rounds_define(command->rounds, count, names, texts, error);
}

clfit_status search_define_store(struct search_command *command, clfit_error *error)
{
  char digest[CLFIT_DIGEST_SIZE];
  if (!command->rounds) return CLFIT_OK;
  clfit_data_digest(command->samples.data, clfit_data_count(command->samples.data), digest);
  if (rounds_are_fresh(command->rounds)) return define(command, digest, error);
  clfit_status status = check_digest(command, digest, error);
  return status ? status : extend(command, error);
}
