/* clfit: the program. Chooses the command, prints its failure, checks that standard output arrived. */
#include "cli/commands.h"
#include "cli/device/compile_watch.h"
#include "cli/device/driver_end.h"
#include "cli/device/probe.h"
#include "cli/io/interrupt.h"
#include "cli/io/message.h"
#include "cli/options/nearest.h"
#include "cli/options/options.h"
#include "study/run/ranks.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

const struct command commands[COMMAND_COUNT] = {
    [COMMAND_TRAIN] = {"train", NULL, "Trains one network and shows how good the fit is",
                       "clfit train --hidden 64 --plot fit.svg --out fit.safetensors", train_run},
    [COMMAND_SWEEP] = {"sweep", NULL, "Trains every configuration of a grid at once",
                       "clfit sweep --hidden 4,8,16 --rate 0.01:1:log9 --seed 0..9 --db study.sqlite", sweep_command},
    [COMMAND_SEARCH] = {"search", NULL, "Finds the smallest network that keeps an error bound",
                        "clfit search --data curve.csv --max-error 0.1 --out curve.safetensors", search_run},
    [COMMAND_PREDICT] = {"predict", "MODEL", "Evaluates a saved model, or tests it against data",
                         "clfit predict fit.safetensors --grid 0:1:101", predict_run},
    [COMMAND_EXPORT] = {"export", "MODEL", "Writes a saved model for other programs",
                        "clfit export fit.safetensors --out fit.npz", export_run},
    [COMMAND_DEVICES] = {"devices", NULL, "Lists what OpenCL offers here", "clfit devices", devices_run},
    [COMMAND_VERIFY] = {"verify", NULL, "Compares a device with the reference, bit for bit", "clfit verify --all",
                        verify_run},
    [COMMAND_RESULTS] = {"results", "STUDY.sqlite", "Ranks, exports and draws what a sweep stored",
                         "clfit results study.sqlite --where 'hidden <= 32' --csv best.csv", results_run},
    [COMMAND_BENCH] = {"bench", NULL, "Measures a device's speed, and how far it is from the device's limit",
                       "clfit bench --hidden 8,128", bench_run},
};

clfit_status command_find(const char *name, enum command_id *id, clfit_error *error)
{
  struct nearest nearest;
  nearest_begin(&nearest, name);
  for (int i = 0; i < COMMAND_COUNT; i++) {
    if (strcmp(name, commands[i].name) == 0) {
      *id = (enum command_id)i;
      return CLFIT_OK;
    }
    nearest_offer(&nearest, commands[i].name);
  }
  if (nearest.name) return refuse(error, "unknown command \"%.120s\"; did you mean clfit %s?", name, nearest.name);
  return refuse(error, "unknown command \"%.120s\"; clfit --help lists the commands", name);
}

static bool is_help(const char *argument)
{
  return strcmp(argument, "--help") == 0 || strcmp(argument, "-h") == 0 || strcmp(argument, "help") == 0;
}

/* clfit help, clfit help COMMAND */
static clfit_status help(int count, const char **arguments, clfit_error *error)
{
  enum command_id id;
  if (count < 2 || is_help(arguments[1])) {
    help_program();
    return CLFIT_OK;
  }
  clfit_status status = command_find(arguments[1], &id, error);
  if (!status) help_command(id);
  return status;
}

static clfit_status run_command(int count, const char **arguments, int *exit_code, clfit_error *error)
{
  struct options options;
  enum command_id id;
  clfit_status status = command_find(arguments[0], &id, error);
  if (!status) status = options_parse(&options, id, count, arguments, error);
  if (status) return status;
  if (options.help)
    help_command(id);
  else
    status = commands[id].run(&options, exit_code, error);
  options_clear(&options);
  return status;
}

static clfit_status dispatch(int count, const char **arguments, int *exit_code, clfit_error *error)
{
  if (count < 1) return refuse(error, "there is no command; clfit --help lists them");
  if (is_help(arguments[0])) return help(count, arguments, error);
  if (strcmp(arguments[0], "--version") == 0) {
    printf("clfit %s, arithmetic %d\n", CLFIT_VERSION, CLFIT_ARITHMETIC);
    return CLFIT_OK;
  }
  if (strcmp(arguments[0], PROBE_COMMAND) == 0) {
    *exit_code = probe_run(count - 1, arguments + 1);
    return CLFIT_OK;
  }
  if (arguments[0][0] == '-')
    return refuse(error, "the command comes first, as in clfit train %.120s; clfit --help lists them", arguments[0]);
  return run_command(count, arguments, exit_code, error);
}

/* If a standard stream is closed, the next opened file would get its descriptor, and output for the stream would be
 * written into that file. So each closed one is opened on /dev/null, in the wrong direction, so that using it still
 * fails as on a closed stream. */
static void fill_standard_streams(void)
{
  for (int stream = STDIN_FILENO; stream <= STDERR_FILENO; stream++)
    if (fcntl(stream, F_GETFD) == -1) open("/dev/null", stream == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}

/* Checks that everything printed has been written: a full disk or a closed pipe is a failure. */
static int finish_output(int exit_code)
{
  int bad = ferror(stdout);
  errno = 0;
  if (fclose(stdout) == 0 && !bad) return exit_code;
  note("cannot write to standard output%s%s", errno ? ": " : "", errno ? strerror(errno) : "");
  return EXIT_USAGE;
}

/* Only clfit sweep can use several MPI ranks. */
static clfit_status begin_ranks(int argc, char **argv, clfit_error *error)
{
  bool sweep = argc > 1 && strcmp(argv[1], commands[COMMAND_SWEEP].name) == 0;
  return sweep ? ranks_begin(error) : CLFIT_OK;
}

int main(int argc, char **argv)
{
  static clfit_error error; /* 64 KiB, most of it for a build log */
  int exit_code = EXIT_DONE;
  fill_standard_streams();
  signal(SIGPIPE, SIG_IGN); /* seen as failed writes instead, as is a file beyond the limit of ulimit -f */
  signal(SIGXFSZ, SIG_IGN);
  signal(SIGCHLD, SIG_DFL); /* ignored, processes that were started could not be waited for */
  interrupt_install();
  driver_end_watch();
  clfit_status status = begin_ranks(argc, argv, &error);
  if (!status) status = dispatch(argc - 1, (const char **)argv + 1, &exit_code, &error);
  bool tells = ranks_get()->rank == 0;
  if (status && tells) exit_code = report_error(&error);
  ranks_end();
  driver_end_expected();
  if (!status) exit_code = finish_output(exit_code);
  if (compile_was_left()) {
    if (status) fflush(stdout);
    _exit(exit_code);
  }
  return exit_code;
}
