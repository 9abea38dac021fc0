#include "base/error.h"
#include "engine/opencl/opencl.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* CL1.2, because without it PoCL compiles as CL3.0. Nothing here may relax the arithmetic. */
#define BASE_OPTIONS "-cl-std=CL1.2"

static const char *base_options(const struct opencl_device *device)
{
  return device->native & NATIVE_DIVISION ? BASE_OPTIONS " -cl-fp32-correctly-rounded-divide-sqrt -DHARDWARE_DIVISION=1"
                                          : BASE_OPTIONS;
}

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
  size_t length;
  bool failed; /* out of memory */
};

static void append(struct text *text, const char *characters, size_t length)
{
  char *grown = text->failed ? NULL : realloc(text->characters, text->length + length + 1);
  if (!grown) {
    text->failed = true;
    return;
  }
  memcpy(grown + text->length, characters, length);
  text->characters = grown;
  text->length += length;
  text->characters[text->length] = '\0';
}

/* Appends a file with each `#include "name"` line replaced by the embedded file of that name, or, once it is there, by
 * nothing: every header of ours has a guard, and none is included twice where an #if leaves out the first. A compiler of a
 * device sees no folders. there: [number of embedded files]. */
static void append_file(struct text *text, const struct embedded_file *file, bool *there)
{
  static const char include[] = "#include \"";
  const size_t number = (size_t)(file - clfit_embedded_files);
  if (there[number]) return;
  there[number] = true;
  for (const char *line = file->text; *line;) {
    const char *end = strchr(line, '\n');
    size_t length = end ? (size_t)(end - line) + 1 : strlen(line);
    const char *name = line + strlen(include);
    if (!strncmp(line, include, strlen(include)) && find_file(name, strcspn(name, "\"")))
      append_file(text, find_file(name, strcspn(name, "\"")), there);
    else
      append(text, line, length);
    line += length;
  }
}

/* A file with all that it includes. */
static void assemble(struct text *text, const struct embedded_file *file)
{
  size_t count = 0;
  while (clfit_embedded_files[count].name) count++;
  bool *there = calloc(count, sizeof *there);
  text->failed = !there;
  if (there) append_file(text, file, there);
  free(there);
}

/* ---- what to show when a build fails ------------------------------------------------------------------------- */

static void append_numbered(struct text *text, const char *source)
{
  unsigned number = 1;
  for (const char *line = source; *line; number++) {
    size_t length = strcspn(line, "\n");
    char label[16];
    append(text, label, (size_t)snprintf(label, sizeof label, "%5u  ", number));
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

static clfit_status build(struct opencl_device *device, const struct embedded_file *file, const char *options,
                          cl_program *program, clfit_error *error)
{
  struct text source = {0};
  assemble(&source, file);
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
    code = clBuildProgram(made, 1, &device->id, options, NULL, NULL);
    if (code) {
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

/* The options that name the steps of an activation. Whole names, because "tanh" alone is a macro of some compilers
 * (PoCL's). A GPU has an exp of its own; PoCL's native functions for CPUs are slower than a polynomial. */
static void print_steps(char *text, size_t size, const struct opencl_device *device,
                        const struct specialisation *specialisation)
{
  const char *name = clfit_activation_name(specialisation->activation);
  if (specialisation->mode == CLFIT_STRICT)
    snprintf(text, size, "-DSTEPS=STEPS_%s -DACTIVATE=activate_%s -DSLOPE=slope_%s", name, name, name);
  else
    snprintf(text, size, "-DFAST%s -DSTEPS=STEPS_fast_%s -DACTIVATE=activate_fast_%s -DSLOPE=slope_%s",
             device->type & CL_DEVICE_TYPE_GPU ? " -DNATIVE" : "", name, name, name);
}

/* The options of everything that trains, or measures how fast training could be. Returns their length. */
static size_t print_training_options(char options[OPTIONS_SIZE], const struct opencl_device *device,
                                     const struct specialisation *specialisation)
{
  char steps[OPTIONS_SIZE / 2];
  print_steps(steps, sizeof steps, device, specialisation);
  return (size_t)snprintf(options, OPTIONS_SIZE, "%s -DLANES=%u -DHARDWARE_RECIPROCAL=%d %s", base_options(device),
                          specialisation->lanes, specialisation->lanes == 1 && device->native & NATIVE_RECIPROCAL,
                          steps);
}

/* As the device is now; see clfit_program_train. */
static clfit_status build_train(struct opencl_device *device, const struct specialisation *specialisation,
                                cl_program *program, clfit_error *error)
{
  const struct mapping *mapping = specialisation->mapping;
  char options[OPTIONS_SIZE];
  const size_t length = print_training_options(options, device, specialisation);
  snprintf(options + length, sizeof options - length,
           " -DVECTORS=%u -DUNROLL=%d -DPADDED_FROM=%u -DTOGETHER=%u -DGROUP=%u -DSHUFFLE=%d %s",
           specialisation->vectors, specialisation->vectors <= mapping->unrolled_most, specialisation->padded_from,
           specialisation->together, clfit_mapping_group(mapping, device), (device->native & NATIVE_SHUFFLE) != 0,
           device->acting ? device->acting : "");
  clfit_status status = clfit_program_get(device, mapping->file, options, program, error);
  bool *checked = &device->checked[specialisation->mode][mapping - clfit_mapping_table];
  if (status || *checked) return status;
  status = clfit_selftest_run(device, specialisation, *program, error);
  *checked = status == CLFIT_OK;
  return status;
}

/* Such instructions only make it faster: if they fail, whatever the reason, fewer are tried, and none at last (NVIDIA:
 * both, the shuffle, the reciprocal, neither). What runs already has passed. */
clfit_status clfit_program_train(struct opencl_device *device, const struct specialisation *specialisation,
                                 cl_program *program, clfit_error *error)
{
  for (;;) {
    const bool last = device->native == 0;
    clfit_status status = build_train(device, specialisation, program, last ? error : NULL);
    if (!status || last) return status;
    device->native = (device->native - 1) & device->offered; /* the next smaller choice of what it has */
    memset(device->checked, 0, sizeof device->checked);
  }
}

clfit_status clfit_program_evaluate(struct opencl_device *device, clfit_activation activation, cl_program *program,
                                    clfit_error *error)
{
  char options[OPTIONS_SIZE];
  const struct evaluation_size size = clfit_mapping_evaluation(device->type);
  snprintf(options, sizeof options, "%s -DLANES=%u -DBATCH=%u -DACTIVATE=activate_%s", base_options(device), size.lanes,
           size.batch, clfit_activation_name(activation));
  return clfit_program_get(device, "evaluate.cl", options, program, error);
}

clfit_status clfit_program_ceiling(struct opencl_device *device, const struct specialisation *specialisation,
                                   uint32_t chains, uint32_t block, cl_program *program, clfit_error *error)
{
  char options[OPTIONS_SIZE];
  /* Which instructions a device trains with is known once it has built a training program. One that fails the self-test
   * has a ceiling all the same. */
  (void)clfit_program_train(device, specialisation, program, NULL);
  const size_t length = print_training_options(options, device, specialisation);
  snprintf(options + length, sizeof options - length, " -DCHAINS=%u -DBLOCK=%u", chains, block);
  return clfit_program_get(device, "ceiling.cl", options, program, error);
}
