/* Programs of the embedded kernel files: includes, building, and keeping what has been built. */
#include "base/error.h"
#include "engine/opencl/opencl.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct embedded_file *find_file(const char *name, size_t length)
{
  for (const struct embedded_file *file = clfit_embedded_files; file->name; file++)
    if (strlen(file->name) == length && !strncmp(file->name, name, length)) return file;
  return NULL;
}

/* ---- includes ------------------------------------------------------------------------------------------------ */

/* Text being put together. */
struct text {
  char *characters; /* NUL-terminated; NULL while empty */
  size_t length, capacity;
  bool failed; /* out of memory */
};

/* Makes room for more characters and a NUL. */
static bool reserve(struct text *text, size_t more)
{
  if (more < text->capacity - text->length) return true;
  if (more >= SIZE_MAX / 2 - text->length) return false;
  const size_t wanted = text->length + more + 1;
  const size_t capacity = wanted > 2 * text->capacity ? wanted : 2 * text->capacity;
  char *grown = realloc(text->characters, capacity);
  if (!grown) return false;
  text->characters = grown;
  text->capacity = capacity;
  return true;
}

static void append(struct text *text, const char *characters, size_t length)
{
  text->failed = text->failed || !reserve(text, length);
  if (text->failed) return;
  memcpy(text->characters + text->length, characters, length);
  text->length += length;
  text->characters[text->length] = '\0';
}

/* Appends a file, with each line #include "name" of an embedded file replaced by that file's text, because a
 * device's compiler cannot read our folders. A file that has been appended already is left out: every header has an
 * include guard, and none is first included within an #if that might be false. appended: [number of embedded files]. */
static void append_file(struct text *text, const struct embedded_file *file, bool *appended)
{
  static const char include[] = "#include \"";
  const size_t number = (size_t)(file - clfit_embedded_files);
  if (appended[number]) return;
  appended[number] = true;
  for (const char *line = file->text; *line;) {
    const char *end = strchr(line, '\n');
    size_t length = end ? (size_t)(end - line) + 1 : strlen(line);
    const char *name = line + strlen(include);
    if (!strncmp(line, include, strlen(include)) && find_file(name, strcspn(name, "\"")))
      append_file(text, find_file(name, strcspn(name, "\"")), appended);
    else
      append(text, line, length);
    line += length;
  }
}

/* The complete source of a program: a file and all its includes; before it those of `first`, unless it is NULL. */
static void assemble(struct text *text, const struct embedded_file *first, const struct embedded_file *file)
{
  size_t count = 0;
  while (clfit_embedded_files[count].name) count++;
  bool *appended = calloc(count + 1, sizeof *appended); /* + 1: the size is never 0 */
  text->failed = !appended;
  if (appended && first) append_file(text, first, appended);
  if (appended) append_file(text, file, appended);
  free(appended);
}

/* ---- messages of failed builds ------------------------------------------------------------------------------- */

static void append_numbered(struct text *text, const char *source)
{
  unsigned number = 1;
  for (const char *line = source; *line; number++) {
    size_t length = strcspn(line, "\n");
    char label[16];
    snprintf(label, sizeof label, "%5u  ", number);
    append(text, label, strlen(label));
    append(text, line, length);
    append(text, "\n", 1);
    line += length + (line[length] == '\n');
  }
}

static clfit_status fail_build(const struct opencl_device *device, cl_program program, cl_int code, const char *file,
                               const char *options, const char *source, clfit_error *error)
{
  clfit_fail(error, CLFIT_ERROR_BUILD, "kernel %s does not build on device %s (%s): %s (%d); options: %s", file,
             device->info.id, device->info.name, clfit_cl_name(code), code, options);
  if (!error) return CLFIT_ERROR_BUILD;
  error->cl_code = code;
  struct text text = {0};
  size_t size = 0;
  if (clGetProgramBuildInfo(program, device->id, CL_PROGRAM_BUILD_LOG, 0, NULL, &size) == CL_SUCCESS && size > 1) {
    char *log = malloc(size);
    if (log && clGetProgramBuildInfo(program, device->id, CL_PROGRAM_BUILD_LOG, size, log, NULL) == CL_SUCCESS)
      append(&text, log, strnlen(log, size));
    free(log);
  }
  if (!text.length) append(&text, "(the build log is empty)", 24);
  append(&text, "\n", 1);
  append_numbered(&text, source);
  if (text.characters) snprintf(error->log, sizeof error->log, "%s", text.characters);
  free(text.characters);
  return CLFIT_ERROR_BUILD;
}

/* ---- building ------------------------------------------------------------------------------------------------ */

/* The include guard of clang's opencl-c.h, the declarations of all of OpenCL C's functions, and separate.h's option. */
#define POCL_31_OPTIONS " -D_OPENCL_H_ -DSEPARATE=1"
_Static_assert(sizeof POCL_31_OPTIONS <= BUILD_OPTIONS_SIZE - OPTIONS_SIZE, "there is room for a device's options");

static clfit_status build(struct opencl_device *device, const struct embedded_file *file, const char *wanted,
                          cl_program *program, clfit_error *error)
{
  static const char declarations[] = "builtins.h";
  char options[BUILD_OPTIONS_SIZE];
  snprintf(options, sizeof options, "%s%s", wanted, device->is_pocl_31 ? POCL_31_OPTIONS : "");
  struct text source = {0};
  assemble(&source, device->is_pocl_31 ? find_file(declarations, strlen(declarations)) : NULL, file);
  if (source.failed) {
    free(source.characters);
    return clfit_fail_memory(error);
  }
  cl_int code;
  clfit_status status = CLFIT_OK;
  const char *text = source.characters;
  cl_program made = clCreateProgramWithSource(device->context, 1, &text, NULL, &code);
  if (code) {
    status = clfit_fail_cl(error, code, "create a program");
  } else {
    status = clfit_watched_build(device, made, options, &code, error);
    if (!status && code) {
      status = fail_build(device, made, code, file->name, options, text, error);
      clReleaseProgram(made);
    }
  }
  free(source.characters);
  if (!status) *program = made;
  return status;
}

clfit_status clfit_program_get(struct opencl_device *device, const char *file, const char *options, cl_program *program,
                               clfit_error *error)
{
  const struct embedded_file *found = find_file(file, strlen(file));
  assert(found);
  for (size_t i = 0; i < device->program_count; i++)
    if (device->programs[i].file == found && !strcmp(device->programs[i].options, options)) {
      *program = device->programs[i].handle;
      return CLFIT_OK;
    }
  struct program *grown = realloc(device->programs, (device->program_count + 1) * sizeof *grown);
  if (!grown) return clfit_fail_memory(error);
  device->programs = grown;
  struct program *entry = &grown[device->program_count];
  entry->file = found;
  snprintf(entry->options, sizeof entry->options, "%s", options);
  clfit_status status = build(device, found, options, &entry->handle, error);
  if (status) return status;
  device->program_count++;
  *program = entry->handle;
  return CLFIT_OK;
}
