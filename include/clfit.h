/*
 * clfit: trains networks with one input, one hidden layer and one linear output,
 *
 *     y = W2 . activation(W1 x + B1) + B2,
 *
 * by stochastic gradient descent on any OpenCL device, with the same bits on every one of them.
 *
 *     clfit_target  -> a formula y(x)                        clfit_device     -> where to compute
 *     clfit_data    -> samples (x, y)                        clfit_population -> networks in training on a device
 *     clfit_source  -> where samples come from               clfit_model      -> what a model file holds
 *     clfit_network -> one configuration
 *     clfit_state   -> one network in training
 * "The chapter" in the comments below is the course chapter that README.md describes; its settings are the defaults.
 * Words such as slot, mapping and milestone are defined in docs/glossary.md.
 *
 * Rules that hold everywhere:
 *  - A function that can fail returns a clfit_status, CLFIT_OK (0) or why not, and takes a clfit_error * as its last
 *    argument, which may be NULL. After a failure the outputs hold nothing to free and no handle or file has changed;
 *    arrays that the caller lent for results may be half written.
 *  - The library never prints, never exits and keeps no global state. It copies what the caller passes in.
 *  - Handles (pointers to types without a definition here) and whatever else a function hands out are released with
 *    the function that its comment names; releasing NULL does nothing.
 *  - One thread at a time uses a handle; different handles may be used at once. A device and its populations count as
 *    one handle: several devices are one thread each. A clfit_data and a clfit_target do not
 *    change after their creation and may be shared by threads, but only one thread at a time may evaluate a target.
 *  - Structs that the caller fills start with their size and are filled with defaults by a function of their own.
 *  - Matrices are float32, row by row; x and y are float64 and rounded once to float32 where training uses them.
 */
#ifndef CLFIT_H
#define CLFIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define CLFIT_API                 __attribute__((visibility("default")))
#define CLFIT_PRINTF(text, first) __attribute__((format(printf, text, first)))
#else
#define CLFIT_API
#define CLFIT_PRINTF(text, first)
#endif

/* ---- versions and limits ------------------------------------------------------------------------------------- */

#define CLFIT_VERSION "0.1.0"

/* Number of the strict arithmetic. Two builds with the same number train to the same bits; any change of any bit
 * raises it. It stands in every model file. */
#define CLFIT_ARITHMETIC 1

#define CLFIT_HIDDEN_MAX  4096
#define CLFIT_SAMPLES_MAX (1u << 27)
#define CLFIT_EPOCHS_MAX  0x7fffffffu
#define CLFIT_RATE_MIN    0x1p-64
#define CLFIT_RATE_MAX    0x1p+64
#define CLFIT_SEED_MAX    0xffffffffu

/* ---- errors -------------------------------------------------------------------------------------------------- */

typedef enum clfit_status {
  CLFIT_OK = 0,
  CLFIT_ERROR_ARGUMENT,    /* a value out of its range, or values that contradict each other */
  CLFIT_ERROR_MEMORY,      /* the host has no memory left */
  CLFIT_ERROR_FILE,        /* a file cannot be read or written */
  CLFIT_ERROR_FORMAT,      /* the content of a file, a formula or a number is malformed */
  CLFIT_ERROR_UNSUPPORTED, /* this build or this machine lacks something that is needed, such as gnuplot */
  CLFIT_ERROR_NO_DEVICE,   /* no OpenCL platform, or none that has the device asked for */
  CLFIT_ERROR_BUILD,       /* a kernel does not build; the log holds device, options, log and numbered source */
  CLFIT_ERROR_OPENCL,      /* any other OpenCL call failed; cl_code is its error code */
  CLFIT_ERROR_INEXACT,     /* the device, or this machine itself, does not compute the strict arithmetic */
  CLFIT_ERROR_INTERRUPTED  /* a compilation was left, as a function of the caller has asked for */
} clfit_status;

#define CLFIT_MESSAGE_SIZE 512
#define CLFIT_LOG_SIZE     131072

/* What went wrong. Filled only when a function fails. */
typedef struct clfit_error {
  clfit_status code;
  int cl_code;     /* OpenCL's error code, 0 where none is involved */
  size_t position; /* in a formula: the column of the mistake; in a CSV file: the line, from 1; else 0 */
  char message[CLFIT_MESSAGE_SIZE]; /* one line without a line feed, for a person */
  char log[CLFIT_LOG_SIZE];         /* CLFIT_ERROR_BUILD: the build log and the numbered source; else empty */
} clfit_error;

/* Name of a status ("CLFIT_ERROR_FILE"), never NULL. */
CLFIT_API const char *clfit_status_name(clfit_status status);

/* For functions in the library's manner, here and in programs: each fills *error, if it is not NULL, and returns its
 * code. The message is one printf-like line, cut to fit and freed of control characters (clfit_blank_controls). */
CLFIT_API clfit_status clfit_fail(clfit_error *error, clfit_status code, const char *format, ...) CLFIT_PRINTF(3, 4);

/* The same for a mistake at a position in a formula or a file. */
CLFIT_API clfit_status clfit_fail_at(clfit_error *error, clfit_status code, size_t position, const char *format, ...)
    CLFIT_PRINTF(4, 5);

/* "out of memory". */
CLFIT_API clfit_status clfit_fail_memory(clfit_error *error);

/* Fails with CLFIT_ERROR_FILE and "cannot VERB PATH: " and the system's text for the errno value `number`; with
 * CLFIT_ERROR_MEMORY for ENOMEM. */
CLFIT_API clfit_status clfit_fail_file(clfit_error *error, const char *verb, const char *path, int number);

/* Replaces control characters by '?', line feeds too: a hostile file name must not forge a second line. */
CLFIT_API void clfit_blank_controls(char *text);

/* ---- arithmetic ---------------------------------------------------------------------------------------------- */

/*
 * Which arithmetic trains a network.
 *
 * CLFIT_STRICT: the same bits on every device, in every mapping, alone or among others.
 *
 * CLFIT_FAST: hardware instructions for exp and 1/d where the device has them, shorter polynomials elsewhere. The
 * absolute error of a sigmoid is at most 2^-19, that of a tanh 2^-18; over the trainings of the chapter's study the
 * median difference of the test MSE from float64's is below 1 %. A single training whose weights become very large in
 * between may differ by more. The same device, driver, clfit version and mapping give the same bits again, however the
 * training is divided into launches, also when a network is given back and taken again in between. Another device or
 * another mapping may give other bits, except that on one device the mappings that the population chooses among by
 * itself (mapping NULL) agree. The predictions of a trained network are computed in the strict arithmetic. A device
 * that fails the self-test of the strict arithmetic may still train in this mode. On a GPU a NaN weight ends a training
 * as diverged; in strict mode the clamp before the activation turns the NaN into a number.
 */
typedef enum clfit_mode { CLFIT_STRICT = 0, CLFIT_FAST = 1 } clfit_mode;

/* ---- activations --------------------------------------------------------------------------------------------- */

/* An index into the table of activations, 0 .. clfit_activation_count() - 1. */
typedef uint32_t clfit_activation;

#define CLFIT_SIGMOID   0u
#define CLFIT_TANH      1u
#define CLFIT_RELU      2u
#define CLFIT_SOFTSIGN  3u /* z / (1 + |z|) */
#define CLFIT_SOFTPLUS  4u /* log(1 + exp(z)) */
#define CLFIT_LEAKYRELU 5u /* z, or 0.01 z for negative z */
#define CLFIT_ELU       6u /* z, or exp(z) - 1 for negative z */
#define CLFIT_SILU      7u /* z sigmoid(z) */
#define CLFIT_GELU      8u /* z/2 (1 + tanh(sqrt(2/pi) (z + 0.044715 z^3))) */
#define CLFIT_SINE      9u

CLFIT_API clfit_activation clfit_activation_count(void);

/* The name that the command line takes ("sigmoid"); NULL if there is no such activation. */
CLFIT_API const char *clfit_activation_name(clfit_activation activation);

/* Finds an activation by its name or alias ("logistic"). CLFIT_ERROR_ARGUMENT lists the names. */
CLFIT_API clfit_status clfit_activation_find(const char *name, clfit_activation *activation, clfit_error *error);

/* ---- optimizers ---------------------------------------------------------------------------------------------- */

/* What a training step does with the gradient: an index into the table of optimizers,
 * 0 .. clfit_optimizer_count() - 1. */
typedef uint32_t clfit_optimizer;

#define CLFIT_SGD 0u /* gradient descent: parameter - rate * gradient */
/* Least squares by Levenberg-Marquardt: a step is an iteration over all samples, in float64; docs/least-squares.md. An
 * epoch is an iteration; rate means nothing. At most CLFIT_LM_HIDDEN_MAX neurons. */
#define CLFIT_LM 1u
/* The others as torch.optim defines them (dampening 0, eps outside the root, bias correction; weight decay is added to
 * the gradient, in adamw it multiplies the parameter); docs/arithmetic.md has the formulas. */
#define CLFIT_MOMENTUM 2u
#define CLFIT_NESTEROV 3u
#define CLFIT_ADAM     4u
#define CLFIT_ADAMW    5u
#define CLFIT_RMSPROP  6u

#define CLFIT_LM_HIDDEN_MAX 64

CLFIT_API clfit_optimizer clfit_optimizer_count(void);

/* Name as the command line has it ("sgd"), or NULL beyond the table. */
CLFIT_API const char *clfit_optimizer_name(clfit_optimizer optimizer);

/* Finds an optimizer by its name. CLFIT_ERROR_ARGUMENT lists the names. */
CLFIT_API clfit_status clfit_optimizer_find(const char *name, clfit_optimizer *optimizer, clfit_error *error);

/* ---- initialisations ------------------------------------------------------------------------------------------ */

/* How the parameters are drawn before the first step: an index into the table of initialisations,
 * 0 .. clfit_init_count() - 1. clfit_state_init_over has the formulas. */
typedef uint32_t clfit_init;

#define CLFIT_INIT_XAVIER 0u
#define CLFIT_INIT_HE     1u
#define CLFIT_INIT_NORMAL 2u
#define CLFIT_INIT_ZERO   3u
#define CLFIT_INIT_SPREAD 4u

CLFIT_API clfit_init clfit_init_count(void);

/* Name as the command line has it ("xavier"), or NULL beyond the table. */
CLFIT_API const char *clfit_init_name(clfit_init init);

/* Finds an initialisation by its name or alias ("glorot"). CLFIT_ERROR_ARGUMENT lists the names. */
CLFIT_API clfit_status clfit_init_find(const char *name, clfit_init *init, clfit_error *error);

/* ---- orders, schedules, figures ------------------------------------------------------------------------------- */

/* The order of the samples in an epoch: as they are ("none"), another permutation in every epoch ("epoch"), or the same
 * one in all epochs ("once"). A permutation follows from the seed of the network and the number of the epoch. */
typedef uint32_t clfit_shuffle;

#define CLFIT_SHUFFLED_NONE  0u
#define CLFIT_SHUFFLED_EPOCH 1u
#define CLFIT_SHUFFLED_ONCE  2u

/* Name as the command line has it, or NULL; and the way back. CLFIT_ERROR_ARGUMENT lists the names. */
CLFIT_API const char *clfit_shuffle_name(clfit_shuffle shuffle);
CLFIT_API clfit_status clfit_shuffle_find(const char *name, clfit_shuffle *shuffle, clfit_error *error);

/* A loss that decides when a training stops: "train", the train loss of an epoch, while the parameters change; "all",
 * the loss of the same samples after the epoch; "held", that of the samples held out. */
typedef uint32_t clfit_figure;

#define CLFIT_FIGURE_OF_TRAIN 0u
#define CLFIT_FIGURE_OF_ALL   1u
#define CLFIT_FIGURE_OF_HELD  2u

CLFIT_API const char *clfit_figure_name(clfit_figure figure);
CLFIT_API clfit_status clfit_figure_find(const char *name, clfit_figure *figure, clfit_error *error);

/* How the rate changes from epoch to epoch: its factor in epoch t = 0, 1 ... of E.
 *
 *     constant       1
 *     geometric:G    G^t, 0 < G <= 1
 *     step:N:G       G^(t/N), t/N rounded down
 *     cosine         (1 + cos(pi t / E)) / 2
 *     warmup:N       (t + 1) / N, at most 1
 */
#define CLFIT_SCHEDULED_CONSTANT  0u
#define CLFIT_SCHEDULED_GEOMETRIC 1u
#define CLFIT_SCHEDULED_STEP      2u
#define CLFIT_SCHEDULED_COSINE    3u
#define CLFIT_SCHEDULED_WARMUP    4u
#define CLFIT_SCHEDULE_COUNT      5u

typedef struct clfit_schedule {
  uint32_t kind;   /* CLFIT_SCHEDULED_... */
  uint32_t epochs; /* N, 1 .. CLFIT_SCHEDULE_EPOCHS_MAX; else 0 */
  float factor;    /* G; else 0 */
} clfit_schedule;

#define CLFIT_SCHEDULE_EPOCHS_MAX 0x3ffffu

/* A schedule as one number, clfit_network.schedule, which is exact; 0 is constant. */
CLFIT_API double clfit_schedule_encode(const clfit_schedule *schedule);
CLFIT_API clfit_schedule clfit_schedule_decode(double code);

/* ---- one configuration --------------------------------------------------------------------------------------- */

/* What one network is and how it is trained. Ranges and defaults of the members stand in the table of fields below. */
typedef struct clfit_network {
  size_t size;                 /* sizeof(clfit_network) */
  uint32_t hidden;             /* neurons in the hidden layer */
  uint32_t samples;            /* all of them, also those held out; the others are an epoch */
  uint32_t epochs;             /* times that all samples that are trained on are gone through */
  uint32_t seed;               /* of the initial weights */
  clfit_activation activation; /* of the hidden layer */
  double rate;                 /* step size; rounded once to float32 */
  double tol;                  /* stop when an epoch changes the train loss by less; 0: never */
  uint32_t sample_seed;        /* with which a target's samples are drawn; says nothing of samples from a file. Training
                                  itself looks at the samples that it is given and not at this number. */
  clfit_optimizer optimizer;   /* what a step does with the gradient */
  clfit_init init;             /* how the parameters are drawn */
  double init_scale;           /* s in the formulas of clfit_state_init_over; 0: the initialisation's own */
  uint32_t batch;              /* samples whose mean gradient makes an update; 0: all of an epoch */
  clfit_shuffle shuffle;       /* order of the samples in an epoch */
  double momentum;             /* of momentum and nesterov */
  double beta1, beta2;         /* of adam and adamw; beta2 also of rmsprop, whose alpha it is */
  double eps;                  /* added to the root in adam, adamw and rmsprop */
  double weight_decay;         /* 0: none */
  double clip;                 /* largest Euclidean norm of a batch's gradient; 0: any */
  double schedule;             /* of the rate: a code (clfit_schedule_encode) */
  double stop_loss;            /* stop when the loss that stop_on names is below this; 0: never */
  clfit_figure stop_on;
  uint32_t patience; /* stop after so many epochs without a new smallest loss, the one that patience_on
                                  names, and go back to the parameters that had it, which a training does
                                  also when its epochs end; 0: never */
  clfit_figure patience_on;
  double noise;   /* added to y of a target's samples (clfit_data_add_noise): u > 0 uniform from -u to u,
                                  -s < 0 normal with deviation s, 0 none; says nothing of samples from a file */
  double holdout; /* the part of the samples that is held out, 0 (none) to below 1 */
} clfit_network;

CLFIT_API void clfit_network_default(clfit_network *network);

/* CLFIT_ERROR_ARGUMENT names the first value that is out of its range. */
CLFIT_API clfit_status clfit_network_check(const clfit_network *network, clfit_error *error);

/* Of the samples of a network how many are held out, the last ones of its data set (clfit_data_split): the whole
 * part of holdout * samples, but at least 1 and at most samples - 1; none if holdout is 0. They are not trained on,
 * and not part of any loss. And how many are trained on, the others. */
CLFIT_API uint32_t clfit_network_held_out(const clfit_network *network);
CLFIT_API uint32_t clfit_network_trained(const clfit_network *network);

/* Sets holdout so that of network->samples that many are held out, 0 .. samples - 1. */
CLFIT_API void clfit_network_hold_out(clfit_network *network, uint32_t held);

/* CLFIT_ERROR_ARGUMENT: the network's optimizer takes no account of weights of samples, so it cannot be trained on
 * samples with weights. Those of least squares do. */
CLFIT_API clfit_status clfit_network_check_weights(const clfit_network *network, clfit_error *error);

/* ---- the table of fields ------------------------------------------------------------------------------------- */

/* Room for the text of any field's value. */
#define CLFIT_FIELD_TEXT_SIZE 64

typedef enum clfit_field_kind {
  CLFIT_FIELD_COUNT, /* uint32_t, a whole number */
  CLFIT_FIELD_REAL,  /* double */
  CLFIT_FIELD_NAME,  /* uint32_t, one of several values that have names */
  CLFIT_FIELD_CODE   /* double, in which a text such as "gauss:0.1" is coded */
} clfit_field_kind;

/*
 * One member of clfit_network and all that is known of it. The command line's options, the checks, model files, JSON,
 * the columns of a study and the axes of a sweep are made of these rows: a training option is one row of the table in
 * host/lib/config/fields.c and one member of clfit_network.
 */
typedef struct clfit_field {
  const char *name; /* "sample_seed": key in model files and JSON, column of a study; as an option "--sample-seed" */
  const char *aliases[2]; /* further names of the option; NULL: none */
  clfit_field_kind kind;
  size_t offset;           /* of the member in clfit_network */
  double minimum, maximum; /* smallest and largest value, both allowed; 0 for a CLFIT_FIELD_NAME or _CODE */
  const char *range;       /* the range of a CLFIT_FIELD_REAL in words: "from 0"; else NULL */
  const char *initial;     /* the default as text */
  unsigned axis;       /* place among the axes of a sweep, from 1, the last one fastest; 0: it cannot be an axis. The
                              ids of a study's networks follow from it: a new axis takes the next number. */
  bool of_samples;     /* it says which samples a target gives: samples from a file leave no choice */
  bool drawn_only;     /* it means nothing for samples from a file, and is no value (NULL, null) there */
  bool gradient_only;  /* it means nothing for least squares (CLFIT_LM), and is no value there */
  unsigned optimizers; /* bits 1 << CLFIT_ADAM ... of the optimizers for which it means something; 0: all */
  const char *zero;    /* of a CLFIT_FIELD_COUNT: the word for 0 ("all"); else NULL */
  bool resumable;      /* a training that goes on may have another value than it began with */
  bool always;         /* written to files also when it has its default */
  const char *metavar; /* what stands for the value in a help text: "N" */
  const char *help;    /* one line for a help text */
  /* CLFIT_FIELD_NAME: the name of a value, NULL beyond the last; and the value of a name or an alias. Else NULL. */
  const char *(*value_name)(uint32_t value);
  clfit_status (*value_find)(const char *name, uint32_t *value, clfit_error *error);
  /* CLFIT_FIELD_CODE: the text of any code, and the code of a text; a code is valid if its text gives it back. Else
   * NULL. code_find leaves *code as it was where it fails, with CLFIT_ERROR_ARGUMENT, whose message says what the text
   * must be, without the field's name: "'x' is neither U nor gauss:S". */
  void (*code_print)(double code, char text[CLFIT_FIELD_TEXT_SIZE]);
  clfit_status (*code_find)(const char *text, double *code, clfit_error *error);
} clfit_field;

/* The rows of the table, in the order of the columns of a study. Owned by the library; NULL from
 * clfit_field_count() on. */
CLFIT_API size_t clfit_field_count(void);
CLFIT_API const clfit_field *clfit_field_get(size_t index);

/* Whether a field means something for a network: it is not drawn_only or the samples are drawn, and it is not
 * gradient_only or the optimizer descends along a gradient. */
CLFIT_API bool clfit_field_applies(const clfit_field *field, const clfit_network *network, bool drawn);

/* The row with this name, as a key ("sample_seed") or as an option ("sample-seed"), or with this alias; NULL: there is
 * none. */
CLFIT_API const clfit_field *clfit_field_find(const char *name);

/* Reads a value into network's member: a whole number ("1000", "1e3"), a decimal number, a name in any case, or the
 * text of a code.
 * CLFIT_ERROR_ARGUMENT: text is something else or out of range; network is then as it was. label is what the message
 * calls the field ("--rate"); NULL: its name. */
CLFIT_API clfit_status clfit_field_read(const clfit_field *field, const char *text, const char *label,
                                        clfit_network *network, clfit_error *error);

/* The member's value as text that clfit_field_read takes; a number in its shortest form. */
CLFIT_API void clfit_field_print(const clfit_field *field, const clfit_network *network,
                                 char text[CLFIT_FIELD_TEXT_SIZE]);

/* The member's value as a number (of a CLFIT_FIELD_NAME its index), and the way back. A value that is out of range is
 * stored as it is, cut to a uint32_t where the member is one, and found by clfit_network_check. */
CLFIT_API double clfit_field_value(const clfit_field *field, const clfit_network *network);
CLFIT_API void clfit_field_set(const clfit_field *field, double value, clfit_network *network);

/* Whether files hold the member as a text, not as a number: a CLFIT_FIELD_NAME or a CLFIT_FIELD_CODE. */
CLFIT_API bool clfit_field_is_text(const clfit_field *field);

/* Whether the member has its default. */
CLFIT_API bool clfit_field_is_default(const clfit_field *field, const clfit_network *network);

/* ---- one network in training --------------------------------------------------------------------------------- */

typedef enum clfit_training {
  CLFIT_TRAINING_RUNNING = 0,
  CLFIT_TRAINING_DONE = 1,    /* all epochs are trained */
  CLFIT_TRAINING_STOPPED = 2, /* before its last epoch: an epoch changed the loss by less than tol, or clfit_stop */
  /* the error (prediction - y) of a sample was infinite or NaN, or the training ended with such a parameter */
  CLFIT_TRAINING_DIVERGED = 3
} clfit_training;

/* Why a training has the status CLFIT_TRAINING_STOPPED. Reasons 1 to 3 are those of CLFIT_LM. */
typedef enum clfit_stop {
  CLFIT_STOP_TOL = 0,       /* an epoch changed the train loss by less than tol */
  CLFIT_STOP_CONVERGED = 1, /* an accepted step lowered the loss by no more than its rounding errors matter */
  CLFIT_STOP_FLAT = 2,      /* the gradient is zero within rounding: a minimum, or no parameter has an effect */
  CLFIT_STOP_DAMPED = 3,    /* no step, however short, lowered the loss */
  CLFIT_STOP_LOSS = 4,      /* the loss was below stop_loss */
  CLFIT_STOP_PATIENCE = 5   /* patience epochs had passed without a new smallest loss */
} clfit_stop;

/* "tol", "converged", "flat", "damped", "loss", "patience"; NULL beyond. */
CLFIT_API const char *clfit_stop_name(clfit_stop stop);

/* How far a training has come, with the exact loss sums, so that it can be continued without changing a bit. */
typedef struct clfit_progress {
  clfit_training status;
  uint32_t epoch; /* epochs completed */
  /* samples trained in the current epoch; after a divergence: the index (from 0) of the sample whose error was not
   * finite, or of the last sample (of least squares: 0) if it shows in the parameters alone */
  uint32_t sample;
  float block_loss, loss_high, loss_low; /* sum of squared errors of the current epoch: high + low + block */
  float last_loss_high, last_loss_low;   /* of the last completed epoch: high + low */
  clfit_stop stopped_by;                 /* if the status is CLFIT_TRAINING_STOPPED; else 0 */
} clfit_progress;

/* A network in training. Its form is the same on every device and in every file. */
typedef struct clfit_state {
  size_t size; /* sizeof(clfit_state) */
  clfit_network network;
  clfit_progress progress;
  /* clfit_record_count(&network) values: W1 [hidden] B1 [hidden] W2 [hidden] B2 [1]; another set in the same order for
   * each value that the optimizer keeps of a parameter ("momentum", "square"); with batches of several samples one with
   * the sums of the batch's gradient ("gradient"); with patience one with the parameters of the best epoch or, when the
   * training has ended and its parameters are those of the best epoch, of the last one ("kept"); and, unless the
   * training is plain gradient descent (clfit_network_is_plain), CLFIT_COUNTER_COUNT numbers (clfit_counter_name). All
   * NaN after a divergence. Some may be infinite or NaN while the training runs, because the activation's argument is
   * clamped and the prediction stays finite. */
  float *parameters;
  /* clfit_precise_count(&network) values of a training by least squares that has begun and not ended: three sets in the
   * order above and three numbers: the parameters in float64; the same before W2 and B2 were solved for; the scale of
   * each (the largest diagonal of J'WJ so far); the damping of the next step, that of the last accepted one, and the
   * number of accepted steps in a row that changed little. `parameters` are then rounded from the first set. Else NULL.
   */
  double *precise;
  /* The training by least squares is to go on beyond network.epochs, which is only where it pauses: having reached them
   * it is CLFIT_TRAINING_DONE, but keeps its float64 values. Then network.epochs may be set to more and the status to
   * CLFIT_TRAINING_RUNNING, and the training goes on as if it had not paused. Of no effect for other optimizers, whose
   * trainings can always go on. Not part of a file; false in states that a population gives. */
  bool pauses;
} clfit_state;

/* Number of parameters of a network with that many hidden neurons: 3*hidden + 1. */
CLFIT_API size_t clfit_parameter_count(uint32_t hidden);

/* Whether a network is trained by plain gradient descent: sgd with batches of one sample, in the order of the data set,
 * without decay, clip, schedule, samples held out, stop_loss and patience. */
CLFIT_API bool clfit_network_is_plain(const clfit_network *network);

/* What a training that is not plain counts beside its progress, at the end of clfit_state.parameters, all 0 at first:
 * "bias1", "bias2" (adam: 1 - beta^t after t steps), "rate_factor" (of schedules that multiply), the sums of squared
 * errors "all_high", "all_low", "held_high", "held_low" (after the last epoch, of the samples trained on and of those
 * held out, as far as the training needs them; high + low), "best_high", "best_low" (the smallest that patience has
 * seen), "best_epoch_high", "best_epoch_low" (when, 65536 * high + low; 0: never). NULL from CLFIT_COUNTER_COUNT on. */
#define CLFIT_COUNTER_COUNT 11
CLFIT_API const char *clfit_counter_name(size_t index);

/* Loss of the samples held out after the last completed epoch: half the mean squared error, in scaled units. NaN: there
 * are none, or no epoch is complete, or the training has diverged. */
CLFIT_API double clfit_state_held_loss(const clfit_state *state);

/* The epoch, from 1, whose parameters a training with patience has found best so far; 0: none. */
CLFIT_API uint32_t clfit_state_best_epoch(const clfit_state *state);

/* Number of values in clfit_state.parameters. The network must pass clfit_network_check. */
CLFIT_API size_t clfit_record_count(const clfit_network *network);

/* Number of values in clfit_state.precise where it is not NULL; 0 for optimizers that have no such values. */
CLFIT_API size_t clfit_precise_count(const clfit_network *network);

/* What going through one sample costs, in neuron updates of gradient descent: hidden there, (3*hidden + 1)^2 / 16 with
 * least squares, which adds each sample to a matrix. For estimates. */
CLFIT_API double clfit_network_work(const clfit_network *network);

/* Bytes that a network in training takes on a device, and on the host about as many, losses not counted. */
CLFIT_API size_t clfit_network_bytes(const clfit_network *network);

/*
 * A network before its first step, for samples whose x lie in [low, high]. What is drawn is drawn in float64 as NumPy
 * draws it after np.random.seed(network->seed), in the order in which it stands here, and then rounded to float32; what
 * is not mentioned is 0, and so is what an optimizer keeps. H is network->hidden; s is network->init_scale or, if that
 * is 0, the initialisation's own:
 *
 *  - xavier (s = 1): b = s * (sqrt(6) / sqrt(1 + H)); W1 = uniform(-b, b, H), W2 = uniform(-b, b, H).
 *  - he (s = 1): W1 = s * sqrt(2) * randn(H), W2 = s * sqrt(2/H) * randn(H).
 *  - normal (s = 0.01): W1 = s * randn(H), W2 = s * randn(H).
 *  - zero: nothing is drawn. All neurons stay equal, whatever the training.
 *  - spread (s = 6): b = 2 * s / (high - low), or s if low = high; W1 = uniform(-b, b, H), c = uniform(low, high, H),
 *    B1 = -W1 * c, W2 = 0.3 * randn(H). The neurons' break points c are spread over the samples; the slopes are in
 *    units of half of the range, so that the unit of x does not matter.
 *
 * The logarithm in randn is clfit's own, so that no C library decides a bit. Source of xavier: Glorot and Bengio 2010;
 * of he: He et al. 2015. CLFIT_ERROR_ARGUMENT: the configuration is none, or low and high are not finite or low > high.
 * Release with clfit_state_clear.
 */
CLFIT_API clfit_status clfit_state_init_over(clfit_state *state, const clfit_network *network, double low, double high,
                                             clfit_error *error);

/* clfit_state_init_over from -1 to 1. Only spread looks at the range. */
CLFIT_API clfit_status clfit_state_init(clfit_state *state, const clfit_network *network, clfit_error *error);

/* A copy with a record of its own. Release with clfit_state_clear. */
CLFIT_API clfit_status clfit_state_copy(clfit_state *copy, const clfit_state *state, clfit_error *error);

/* Frees the parameters and sets everything to 0. NULL and a zeroed state are fine. */
CLFIT_API void clfit_state_clear(clfit_state *state);

/* Gives a training another number of epochs, at least those that it has completed (asserted). One that was done goes on
 * if there are more of them: it is CLFIT_TRAINING_RUNNING then, with patience from the parameters of its last epoch.
 * One that was running and has no more is done. */
CLFIT_API void clfit_state_extend(clfit_state *state, uint32_t epochs);

/* Samples gone through: epoch*samples + sample. Here and below samples is the number of those that are trained on,
 * clfit_network_trained. */
CLFIT_API uint64_t clfit_progress_steps(const clfit_progress *progress, uint32_t samples);

/* Mean of 1/2 (z - y)^2 over the last completed epoch, each taken before its step; NaN before the first and after a
 * divergence. */
CLFIT_API double clfit_progress_train_loss(const clfit_progress *progress, uint32_t samples);

#define CLFIT_DIGEST_SIZE 65 /* 64 hexadecimal digits and the NUL */

/* SHA-256 of the parameters, without what the optimizer keeps, as little-endian float32 (every NaN as 0x7fc00000), in
 * hexadecimal. */
CLFIT_API void clfit_state_digest(const clfit_state *state, char digest[CLFIT_DIGEST_SIZE]);

/* ---- what to learn ------------------------------------------------------------------------------------------- */

/* The curve that the chapter fits; the default target of the program's commands. */
#define CLFIT_TARGET_DEFAULT "0.4*x^2 + 0.3*x*sin(15*x) + 0.01*cos(50*x) - 0.3"

typedef struct clfit_target clfit_target;

/* Parses a formula in x (muParser's syntax: + - * / ^, sin, exp, sqrt ..., and the constants pi and e).
 * CLFIT_ERROR_FORMAT: what is wrong and where. Release with clfit_target_free. */
CLFIT_API clfit_status clfit_target_parse(const char *text, clfit_target **target, clfit_error *error);
CLFIT_API void clfit_target_free(clfit_target *target);

/* y[i] = target(x[i]) in float64, i < n. CLFIT_ERROR_ARGUMENT: a value is not finite; the message names the x. */
CLFIT_API clfit_status clfit_target_evaluate(clfit_target *target, size_t n, const double *x, double *y,
                                             clfit_error *error);

typedef struct clfit_data clfit_data;

/* Copies n samples, 1 .. CLFIT_SAMPLES_MAX; each x and y must be finite, and stay so in float32. Release with
 * clfit_data_free. */
CLFIT_API clfit_status clfit_data_create(size_t n, const double *x, const double *y, clfit_data **data,
                                         clfit_error *error);

/* The same with a weight for each sample, which must be 0 or more and finite, also in float32, and not 0 for all;
 * weights NULL: all 1. Weights count in the fit of an optimizer of least squares; a population refuses them for the
 * others. */
CLFIT_API clfit_status clfit_data_create_weighted(size_t n, const double *x, const double *y, const double *weights,
                                                  clfit_data **data, clfit_error *error);

/* n samples of a target: x = low + (high - low) u, with the u that np.random.RandomState(seed).random_sample((n, 2))
 * has in column 0. For one seed fewer samples are a prefix of more. low < high, both finite. */
CLFIT_API clfit_status clfit_data_sample(clfit_target *target, double low, double high, size_t n, uint32_t seed,
                                         clfit_data **data, clfit_error *error);

/*
 * Reads two columns of a text file, and a third one with weights if weight_column is not NULL. path "-" is standard
 * input. CLFIT_ERROR_FORMAT: the file, the line and what is wrong there, with the column's name or number.
 *
 * What the file looks like is guessed from its first 64 KiB: cells are separated by commas, semicolons, tabs or blanks,
 * whichever of these gives the most lines as many cells as the first line and the most numbers. Where it is not commas,
 * numbers may have a decimal comma, all of them or none. A number may be written as Fortran does, 1.5D+03. The first
 * line is a header if it has a text in a column that has numbers below, or no number at all; "", NA and the like are no
 * such texts. Cells may be quoted (RFC 4180). Skipped are a byte order mark, blank lines, and lines of comment, which
 * begin with # (unless a , or ; follows) or with % and a blank.
 *
 * A column is named by its header or, where no header is so named, by its number from 1; letter case counts only where
 * two headers differ in nothing else. NULL means the header x or y; without those, of two columns the one that is not
 * the other, in a file that names neither the first as x and the second as y. More columns than two without x or y are
 * an error that lists them. If x_column and y_column are the same text, that column is read as both; two different
 * texts that name one column are an error.
 *
 * Reading takes no more memory than the samples, 24 bytes each (36 with weights), and a few hundred KiB: the file is
 * read once, and not kept. While an array grows, realloc may hold it twice where the C library cannot move pages.
 */
CLFIT_API clfit_status clfit_data_read_weighted(const char *path, const char *x_column, const char *y_column,
                                                const char *weight_column, clfit_data **data, clfit_error *error);

/* The same without weights. */
CLFIT_API clfit_status clfit_data_read_csv(const char *path, const char *x_column, const char *y_column,
                                           clfit_data **data, clfit_error *error);

/* Reads x alone, from a list of one number a line or a column of a file like those above; y is the same as x. NULL
 * means the column that is named x, else the only one. */
CLFIT_API clfit_status clfit_data_read_x(const char *path, const char *x_column, clfit_data **data, clfit_error *error);
CLFIT_API void clfit_data_free(clfit_data *data);

CLFIT_API size_t clfit_data_count(const clfit_data *data);
CLFIT_API const double *clfit_data_x(const clfit_data *data);      /* [count], owned by the data */
CLFIT_API const double *clfit_data_y(const clfit_data *data);      /* [count], owned by the data */
CLFIT_API const float *clfit_data_x_float(const clfit_data *data); /* [count], x scaled and rounded to float32 */
CLFIT_API const float *clfit_data_y_float(const clfit_data *data); /* [count], y scaled and rounded to float32 */

/*
 * Scaling. Networks learn best where x and y are about 1, so samples may be scaled: a network then sees
 * (x - x_offset) / x_factor and is to give (y - y_offset) / y_factor, computed in float64 and rounded once to float32.
 * An answer z is undone by fma(z, y_factor, y_offset) in float64. rate, tol and train loss are in scaled units; test
 * and fit figures are in the unit of y.
 */
typedef struct clfit_scaling {
  double x_factor, x_offset; /* a factor of 0 stands for 1, so that a zeroed struct is no scaling at all */
  double y_factor, y_offset;
} clfit_scaling;

/* How a scaling follows from samples. */
typedef uint32_t clfit_scale;

#define CLFIT_SCALE_NONE     0u /* factor 1, offset 0 */
#define CLFIT_SCALE_RANGE    1u /* smallest and largest value become -1 and 1: factor half of their distance */
#define CLFIT_SCALE_STANDARD 2u /* mean 0, deviation 1: sums in index order, divided by their number, in float64 */

/* Name as the command line has it ("range"), or NULL. */
CLFIT_API const char *clfit_scale_name(clfit_scale scale);

/* Finds a scale by its name. CLFIT_ERROR_ARGUMENT lists the names. */
CLFIT_API clfit_status clfit_scale_find(const char *name, clfit_scale *scale, clfit_error *error);

/* Scales samples, all of them: x_float and y_float become scaled ones, x and y stay. Smallest and largest x of a
 * target's samples are the ends of its domain. A column whose values are equal has factor 1, and that value as offset.
 * To be called before anything else uses the samples: a clfit_data does not change afterwards. CLFIT_ERROR_ARGUMENT:
 * there is no such scale. */
CLFIT_API clfit_status clfit_data_scale(clfit_data *data, clfit_scale scale, clfit_error *error);

/* The scaling of samples, {1, 0, 1, 0} if there is none. */
CLFIT_API clfit_scaling clfit_data_scaling(const clfit_data *data);

/* The range of x over which a network is to be trained, for clfit_state_init_over, in scaled units and rounded to
 * float32: of a target's samples the domain, else from the smallest to the largest x. */
CLFIT_API void clfit_data_range(const clfit_data *data, double *low, double *high);

/* The same range in the samples' own unit, not rounded: what a model calls the range that it has learnt. */
CLFIT_API void clfit_data_span(const clfit_data *data, double *low, double *high);

/*
 * Adds noise to y: u > 0 is uniform in [-u, u), -s < 0 normal with deviation s, 0 none. Sample i has the same noise
 * whatever the number of samples: it is made from the words w0 .. w3 that Philox 4x32-10 gives for the counter (i, r,
 * 0, 0) and the key (seed, 0x4e4f4953). Two of them make a number t = 2 (2^26 (w0 >> 5) + (w1 >> 6)) / 2^53 - 1, and
 * t' of w2 and w3 likewise. Uniform is y + u t of r = 0. Normal is y + s t sqrt(-2 ln(q)/q) with q = t^2 + t'^2 of the
 * first r = 0, 1, 2 ... for which 0 < q < 1 (Marsaglia's polar method); the logarithm is clfit's own, so that the bits
 * are the same everywhere. To be called before the samples are scaled and before anything else uses them.
 * CLFIT_ERROR_ARGUMENT: noise is not finite, or a sample is not finite in float32 with it.
 */
CLFIT_API clfit_status clfit_data_add_noise(clfit_data *data, double noise, uint32_t seed, clfit_error *error);

/*
 * A copy in which `held` samples, 1 .. count - 1, are held out: first come those that are trained on, then those held
 * out, both in the order in which they were. Held out are the samples i with the smallest ranks (the first word that
 * Philox 4x32-10 gives for the counter (i, 0, 0, 0) and the key (seed, 0x484f4c44), equal ones by i), so that with a
 * larger number the same ones are held out and more. Scaling, range and the digest of all samples stay those of `data`.
 * Release with clfit_data_free. CLFIT_ERROR_ARGUMENT: another number, some are held out already, or no sample that is
 * trained on has a weight above 0.
 */
CLFIT_API clfit_status clfit_data_split(const clfit_data *data, size_t held, uint32_t seed, clfit_data **split,
                                        clfit_error *error);

/* How many of the samples, the last ones, are held out. */
CLFIT_API size_t clfit_data_held_out(const clfit_data *data);

/* In what follows, NULL for a scaling stands for none. */

/* The same scaling without a factor of 0. */
CLFIT_API clfit_scaling clfit_scaling_complete(const clfit_scaling *scaling);

CLFIT_API bool clfit_scaling_is_identity(const clfit_scaling *scaling);

/* scaled[i] = (x[i] - x_offset) / x_factor, i < n; the arrays may be the same. */
CLFIT_API void clfit_scaling_scale_x(const clfit_scaling *scaling, size_t n, const double *x, double *scaled);

/* y[i] = fma(z[i], y_factor, y_offset), i < n. */
CLFIT_API void clfit_scaling_undo_y(const clfit_scaling *scaling, size_t n, const float *z, double *y);

/* [count], owned by the data, the second rounded to float32; NULL: all weights are 1. */
CLFIT_API const double *clfit_data_weights(const clfit_data *data);
CLFIT_API const float *clfit_data_weights_float(const clfit_data *data);

/* Room for a column's name and the NUL; longer names are cut. */
#define CLFIT_COLUMN_NAME_SIZE 64

/* A column that was read. */
typedef struct clfit_column {
  size_t number;                     /* from 1; 0: there is no such column */
  char name[CLFIT_COLUMN_NAME_SIZE]; /* its header; "" without one */
  bool unique;                       /* no other column has this name, which is not cut */
  double low, high;                  /* its smallest and largest value */
} clfit_column;

/* What a file of samples turned out to be. */
typedef struct clfit_columns {
  size_t count;   /* of the file's columns */
  size_t rows;    /* samples in the file */
  char separator; /* ',', ';', '\t' or, for any number of blanks and tabs, ' ' */
  bool decimal_comma;
  bool header;
  clfit_column x, y, weight;
} clfit_columns;

/* Owned by the data; NULL: the data was not read from a file. */
CLFIT_API const clfit_columns *clfit_data_columns(const clfit_data *data);

/* x[i] = low + i (high - low)/(n - 1), i < n, as np.linspace has it; n = 1 gives low. */
CLFIT_API void clfit_grid(double low, double high, size_t n, double *x);

/* SHA-256 of the n first samples as little-endian float32, all x, then all y, then all weights if there are some, and,
 * if they are scaled, of the four numbers of the scaling as little-endian float64; in hexadecimal. Of all samples of a
 * data set that was split, in the order in which they were before. */
CLFIT_API void clfit_data_digest(const clfit_data *data, size_t n, char digest[CLFIT_DIGEST_SIZE]);

/*
 * Samples as bytes, the same on every machine, with their weights, columns and how many are held out, but unscaled.
 * data: not split by clfit_data_split. Free *bytes with clfit_free.
 */
CLFIT_API clfit_status clfit_data_pack(const clfit_data *data, unsigned char **bytes, size_t *size, clfit_error *error);

/* The samples of bytes that clfit_data_pack made. CLFIT_ERROR_FORMAT: they are others, or damaged. Release with
 * clfit_data_free. */
CLFIT_API clfit_status clfit_data_unpack(const unsigned char *bytes, size_t size, clfit_data **data,
                                         clfit_error *error);

/* ---- where samples come from --------------------------------------------------------------------------------- */

/* The source of a training's samples: a formula, or columns of a file. Texts are the source's own when the functions
 * below made them; a caller may also lend its own, and then does not call clfit_source_clear. Which sample of a formula
 * is drawn, samples and sample_seed of the clfit_network say. */
typedef struct clfit_source {
  size_t size;                    /* sizeof(clfit_source) */
  char *target;                   /* the formula; NULL: the samples come from a file, or nobody knows from where */
  double low, high;               /* with a formula: the domain of x; default 0 and 1 */
  char *path;                     /* the CSV file ("-" is standard input), or NULL; ignored when there is a formula */
  char *x_column, *y_column;      /* as clfit_data_read_weighted takes them; may be NULL */
  char *weight_column;            /* the same; NULL: no weights */
  char *validation;               /* with a path: a second file, whose rows are held out; or NULL */
  bool trusted;                   /* the user named path, and not only a file that may be a stranger's: see below */
  char digest[CLFIT_DIGEST_SIZE]; /* clfit_data_digest of the samples; "" (default): unknown, any will do */
  clfit_scale scale;              /* of all samples; default CLFIT_SCALE_NONE */
  const clfit_data *rows;         /* with a path: see clfit_source_set_rows; default NULL */
} clfit_source;

CLFIT_API void clfit_source_default(clfit_source *source);

/* A copy with its own texts. Release with clfit_source_clear. */
CLFIT_API clfit_status clfit_source_copy(clfit_source *copy, const clfit_source *source, clfit_error *error);

/* Frees the texts and sets everything to 0. NULL and a zeroed source are fine. */
CLFIT_API void clfit_source_clear(clfit_source *source);

/*
 * The text form, in which models and studies hold a source: keys with values, those without a value left out. The keys
 * are "target", "domain" ("A:B"), "data" (the path), "x_column", "y_column", "weight_column", "validation", "scale",
 * "data_digest", and two that only models of version 0.1.0 have, "domain_low" and "domain_high". clfit_source_key(i)
 * is the i-th, NULL beyond the last.
 */
CLFIT_API const char *clfit_source_key(size_t index);

/* Whether the value of a key is part of what the samples are ("target", "data_digest"); the others say where to find
 * them ("data"), and the same samples may lie elsewhere on another machine. */
CLFIT_API bool clfit_source_key_decides(const char *key);

/* Room for the text of a value that clfit_source_get makes itself. */
#define CLFIT_SOURCE_TEXT_SIZE 64

/* The value of a key, or NULL: it has none. It lies in the source or in text. */
CLFIT_API const char *clfit_source_get(const clfit_source *source, const char *key, char text[CLFIT_SOURCE_TEXT_SIZE]);

/* Sets what a key says. CLFIT_ERROR_ARGUMENT: value is not what it must be; the message says so after the key, and the
 * source is as it was. The formula is not parsed, and no file is opened. */
CLFIT_API clfit_status clfit_source_set(clfit_source *source, const char *key, const char *value, clfit_error *error);

/*
 * Draws or reads the samples of a network: samples of a formula get their noise, all are scaled, and then
 * clfit_network_held_out of them are held out (clfit_data_split), by sample_seed. Of a file all rows are samples:
 * network->samples must be their number, or 0, which is replaced by their number; sample_seed is set to 0.
 *
 * With a validation file, its rows follow as further samples, which are held out. It has the same columns, by name or
 * number, and the scaling that follows from the first file; what else it looks like is guessed anew. network->holdout
 * is set (clfit_network_hold_out), or must be what it would be set to if network->samples is not 0.
 *
 * CLFIT_ERROR_ARGUMENT: a holdout, but only one sample, or a validation file, too. CLFIT_ERROR_FORMAT: the files have
 * another number of rows, or the samples have another digest than the source; other failures as the functions have them
 * that do the work. Release with clfit_data_free. A source that is not trusted, as one that a model or a study names,
 * may name any file of this machine. Of such a source only a regular file is opened, and no message has a word of what
 * is in it.
 */
CLFIT_API clfit_status clfit_source_open(const clfit_source *source, clfit_network *network, clfit_data **data,
                                         clfit_error *error);

/* Sets those columns of a source that have no name to what was read: the header, where that name finds the same column
 * again, else the number. So the same columns are read again, also from a file that has got others. Does nothing for
 * data that was not read from a file. */
CLFIT_API clfit_status clfit_source_set_columns(clfit_source *source, const clfit_data *data, clfit_error *error);

/*
 * Reads points for a network that was trained on a source, as clfit_data_read_weighted and, x alone, clfit_data_read_x
 * do; but where x_column or y_column is NULL, the column is taken that the source has for it, if it is in the file: by
 * its name in the header or, of a file without one, by its number. So the file that a network was trained on, and
 * others of its kind, need no names of columns. source: nothing but its x_column and y_column is looked at.
 */
CLFIT_API clfit_status clfit_source_read_points(const clfit_source *source, const char *path, const char *x_column,
                                                const char *y_column, const char *weight_column, clfit_data **data,
                                                clfit_error *error);
CLFIT_API clfit_status clfit_source_read_x(const clfit_source *source, const char *path, const char *x_column,
                                           clfit_data **data, clfit_error *error);

/* The rows that a source has in memory: clfit_source_open takes them instead of opening its files. rows: the samples of
 * the file as they are, then, held out, those of its validation file; NULL: none. The source holds them until
 * clfit_source_clear, whatever becomes of the caller's. */
CLFIT_API void clfit_source_set_rows(clfit_source *source, const clfit_data *rows);

/* Points on which a network is compared with its formula. */
#define CLFIT_TEST_POINTS 100

/* That many equally spaced points of a formula's domain, and the formula's values there. */
CLFIT_API clfit_status clfit_source_test(const clfit_source *source, double x[CLFIT_TEST_POINTS],
                                         double y[CLFIT_TEST_POINTS], clfit_error *error);

/*
 * Tells whether two machines give a formula the same values, which their math libraries may not: the digest
 * (clfit_data_digest) of 16,384 samples of sample seed 0, without noise and scaling. "": one of these has no finite
 * value. source: with a formula. CLFIT_ERROR_FORMAT: the formula is none. Takes some milliseconds.
 */
CLFIT_API clfit_status clfit_source_formula_digest(const clfit_source *source, char digest[CLFIT_DIGEST_SIZE],
                                                   clfit_error *error);

/* ---- devices ------------------------------------------------------------------------------------------------- */

/* What `clfit devices` shows of one device. Strings are cut to fit. */
typedef struct clfit_device_info {
  char id[16]; /* platform:device as clinfo numbers them, "0:0"; "reference" */
  char name[128];
  char platform[128];
  char version[160]; /* of the OpenCL it offers, and its driver */
  char type[16];     /* "cpu", "gpu", "accelerator", "other", "reference" */
  char mapping[16];  /* the mapping it gets unless another is asked for */
  uint32_t compute_units;
  uint64_t memory_bytes;
  bool float64;   /* it has float64 arithmetic with fma and denormals; without, the reference trains by least squares */
  bool denormals; /* the driver reports support for denormal numbers (CL_FP_DENORM); the self-test checks it */
} clfit_device_info;

typedef struct clfit_device clfit_device;

/* Lists what OpenCL offers. Platforms without devices are passed over. CLFIT_ERROR_NO_DEVICE: there is none; the
 * message says what to install. Free *infos with clfit_free. */
CLFIT_API clfit_status clfit_device_list(clfit_device_info **infos, size_t *count, clfit_error *error);

/* Of listed devices the one that clfit_device_open takes for a selector, or, if the selector is NULL,
 * clfit_device_open_for for that many networks, which may then fail its self-test. *chosen lies in infos.
 * CLFIT_ERROR_ARGUMENT: none or several match. CLFIT_ERROR_NO_DEVICE: count is 0. */
CLFIT_API clfit_status clfit_device_choose(const clfit_device_info *infos, size_t count, const char *selector,
                                           uint64_t networks, const clfit_device_info **chosen, clfit_error *error);

/* SHA-256, as hexadecimal digits, of what decides whether a device can build and run the programs of this library:
 * id, name, platform, version and driver of the device, the version of the library, and its kernels. */
CLFIT_API void clfit_device_digest(const clfit_device_info *info, char digest[CLFIT_DIGEST_SIZE]);

/*
 * Opens a device by a selector: "P:D" as clinfo numbers them, "cpu", "gpu", "reference" (plain C, no OpenCL), or a
 * piece of a name, whatever its case; NULL or "" picks the one that is fastest for a single network (a CPU, where there
 * is one: a step is too little work for a GPU). CLFIT_ERROR_ARGUMENT: none or several match.
 * Release with clfit_device_close, after its populations.
 */
CLFIT_API clfit_status clfit_device_open(const char *selector, clfit_device **device, clfit_error *error);

/* Opens the device that is fastest for that many networks trained together: for few what clfit_device_open picks, from
 * 1,000 on a GPU, where there is one that passes clfit_device_check. The number is a rule of thumb, not measured.
 * Release with clfit_device_close. */
CLFIT_API clfit_status clfit_device_open_for(uint64_t networks, clfit_device **device, clfit_error *error);
CLFIT_API void clfit_device_close(clfit_device *device);

/*
 * Asked some twenty times a second while a program is built for a device, or launched for the first time, with which
 * drivers may compile as well. seconds: since this began. Return false to leave it: what has been called
 * (clfit_device_check, clfit_population_take) fails with CLFIT_ERROR_INTERRUPTED, and the networks that the population
 * had before can still be given back. The driver goes on in a thread of its own, so nothing of the device is released
 * then, and the process should end by _exit: a driver may crash in exit handlers meanwhile. Called by the thread that
 * uses the device.
 */
typedef bool clfit_build_watch(void *context, const clfit_device_info *info, double seconds);

/* Sets the function that watches builds on a device; NULL, as in the beginning: builds take the caller's thread and
 * cannot be left. context: passed to the function. The reference builds nothing. */
CLFIT_API void clfit_device_watch_builds(clfit_device *device, clfit_build_watch *watch, void *context);

/* Owned by the device. */
CLFIT_API const clfit_device_info *clfit_device_describe(const clfit_device *device);

/* Compares the host's arithmetic with known results, then runs the self-test of the strict arithmetic on every mapping
 * of the device: bit patterns of fma, the activations and gradual underflow against the host's. CLFIT_ERROR_INEXACT:
 * the message names the first result that differs, or says that the calling thread flushes denormal numbers. A
 * population runs both by itself before its first strict training; calling it is needed only to know the result
 * earlier. */
CLFIT_API clfit_status clfit_device_check(clfit_device *device, clfit_error *error);

/* Optional instructions that the training kernels use on this device, separated by commas: "division" (the device
 * rounds 1/d and square roots correctly), "reciprocal" and "shuffle" (NVIDIA's approximations of 1/d and 1/sqrt(x), and
 * its warp shuffle); "" if none, as on the reference. An instruction that failed the self-test is not listed;
 * clfit_device_check runs the self-tests of all mappings. Owned by the library. */
CLFIT_API const char *clfit_device_instructions(const clfit_device *device);

/* The names of the mappings that a device has, and NULL after the last; owned by the library. */
CLFIT_API const char *const *clfit_device_mappings(const clfit_device *device);

/* The mapping that an empty population uses if it takes `count` networks like this one at once. mapping: the name of
 * the wanted one, used if the device has it and it supports such a network's neurons and training, else the device's
 * default is used (least squares: packed in place of wide); NULL: the fastest one is chosen. "reference" where the
 * reference trains. Owned by the library. */
CLFIT_API const char *clfit_device_choose_mapping(const clfit_device *device, const char *mapping,
                                                  const clfit_network *network, size_t count);

/* Releases memory that a function handed out to be freed with it. */
CLFIT_API void clfit_free(void *memory);

/* ---- populations --------------------------------------------------------------------------------------------- */

/* A population may only be freed after clfit_population_advance has failed, or any call with CLFIT_ERROR_OPENCL: what
 * it has of its networks is not known. */
typedef struct clfit_population clfit_population;

typedef struct clfit_population_options {
  size_t size;     /* sizeof(clfit_population_options) */
  clfit_mode mode; /* the arithmetic of the training; default CLFIT_STRICT */
  /* how networks are laid out on the device: "wide", "packed", "team"; NULL (default): chosen for each network as the
   * fastest for the number of networks of its size that are taken with it */
  const char *mapping;
  bool history;    /* keep the loss of every epoch for clfit_population_history; default false */
  bool milestones; /* keep the losses of some epochs for clfit_population_milestones; default false; not together
                          with history */
} clfit_population_options;

CLFIT_API void clfit_population_options_default(clfit_population_options *options);

/* An empty population on a device, which must outlive it. options may be NULL. Release with clfit_population_free.
 * CLFIT_ERROR_UNSUPPORTED: CLFIT_FAST on the reference, which is the specification of the strict arithmetic. */
CLFIT_API clfit_status clfit_population_create(clfit_device *device, const clfit_population_options *options,
                                               clfit_population **population, clfit_error *error);
CLFIT_API void clfit_population_free(clfit_population *population);

/* The mapping that was asked for, else the device's default ("wide"); "reference" on the reference. A network that it
 * does not support is trained by another one: see clfit_device_choose_mapping. Owned by the library. */
CLFIT_API const char *clfit_population_mapping(const clfit_population *population);

/* Copies samples to the device; networks name them by the index handed out, 0, 1, 2 ... A network with fewer samples
 * than the data uses the first ones. */
CLFIT_API clfit_status clfit_population_add_data(clfit_population *population, const clfit_data *data, uint32_t *index,
                                                 clfit_error *error);

/* take: copies n states, new or partly trained, into free slots. data[i] is the index of network i's samples; slots[i]
 * receives its slot. Kernels are built here, so that the first advance does not include that time. */
CLFIT_API clfit_status clfit_population_take(clfit_population *population, size_t n, const clfit_state *const *states,
                                             const uint32_t *data, uint32_t *slots, clfit_error *error);

/* advance: trains every network by at most `steps` steps (one sample each; with CLFIT_LM one iteration over all
 * samples); 0: as many as take about 50 ms, with least squares 200 ms, with very many networks up to 500 ms. Blocks
 * until they are done. *running, if not NULL, receives the number of networks whose training has not ended. The
 * division of a training into calls does not change a bit of its result. */
CLFIT_API clfit_status clfit_population_advance(clfit_population *population, uint32_t steps, size_t *running,
                                                clfit_error *error);

/* evaluate: z[i*n_x + k] is the prediction of the network in slots[i] at (float)x[k]; NaN if its training diverged. x
 * and z are in the units that networks see, scaled if the samples are. */
CLFIT_API clfit_status clfit_population_evaluate(clfit_population *population, size_t n, const uint32_t *slots,
                                                 size_t n_x, const double *x, float *z, clfit_error *error);

/* The same in the samples' own units: scales x, evaluates, and undoes the scaling of z. scaling: of the samples of
 * these networks (clfit_data_scaling); NULL: none. */
CLFIT_API clfit_status clfit_population_predict(clfit_population *population, size_t n, const uint32_t *slots,
                                                const clfit_scaling *scaling, size_t n_x, const double *x, double *z,
                                                clfit_error *error);

/* give: copies the states of n slots, no two the same, out and frees the slots. states[i] need not be initialised;
 * release each with clfit_state_clear. A training that is done or stopped, and has a parameter that is infinite or NaN,
 * is given as diverged; clfit_population_progress and _evaluate do not look at parameters. */
CLFIT_API clfit_status clfit_population_give(clfit_population *population, size_t n, const uint32_t *slots,
                                             clfit_state *states, clfit_error *error);

/* The progress of the network in a slot as of the last advance. Owned by the population, valid until its next call. */
CLFIT_API const clfit_progress *clfit_population_progress(const clfit_population *population, uint32_t slot);

/* The train losses of the epochs that a slot's network completed in the last advance: *count values from epoch
 * *first_epoch (from 1) on, owned by the population, valid until its next call. None without options.history. */
CLFIT_API const double *clfit_population_history(const clfit_population *population, uint32_t slot,
                                                 uint32_t *first_epoch, size_t *count);

/* The losses of the samples held out in the same epochs, as many; NULL: no samples are held out, or by an optimizer
 * without steps (CLFIT_LM), or no history is kept. */
CLFIT_API const double *clfit_population_held_history(const clfit_population *population, uint32_t slot);

#define CLFIT_MILESTONES_MAX 62

/* Train losses of the epochs 1, 2, 3, 4, 6, 8, 12, 16 ... (2^k and 3*2^k) that a network completed since it was
 * taken. */
typedef struct clfit_milestones {
  uint32_t count;
  uint32_t epochs[CLFIT_MILESTONES_MAX]; /* [count], rising */
  double losses[CLFIT_MILESTONES_MAX];   /* [count] */
  double held[CLFIT_MILESTONES_MAX];     /* [count], of the samples held out; NaN: there are none */
} clfit_milestones;

/* Fills milestones[i] for slots[i], i < n. CLFIT_ERROR_ARGUMENT without options.milestones. */
CLFIT_API clfit_status clfit_population_milestones(clfit_population *population, size_t n, const uint32_t *slots,
                                                   clfit_milestones *milestones, clfit_error *error);

/* ---- metrics of a fit ---------------------------------------------------------------------------------------- */

/* Over n points with errors z - y, in float64, in index order. What is not finite is NaN. */
typedef struct clfit_figures {
  double rss;       /* sum of squared errors */
  double mse;       /* rss/n */
  double rmse;      /* sqrt(mse) */
  double max_error; /* largest absolute error; finite even where the squares overflow */
  double r2;        /* 1 - rss / sum of (y - mean y)^2; NaN if all y are equal */
} clfit_figures;

CLFIT_API void clfit_figures_compute(size_t n, const double *z, const double *y, clfit_figures *figures);

/* What makes a fit worthless although its figures are finite. */
typedef enum clfit_defect {
  CLFIT_DEFECT_NONE = 0,
  CLFIT_DEFECT_CONSTANT = 1, /* R2 is below CLFIT_CONSTANT_R2: a constant fits hardly worse */
  /* every neuron, at every sample, changes by no more than 2^-21 if its argument w1 x + b1 changes from 1/4 less to 1/4
   * more: z is piecewise constant, and training hardly moves W1 and B1 */
  CLFIT_DEFECT_SATURATED = 2
} clfit_defect;

/* The share of the variance of y that a fit must explain to be more than a constant. */
#define CLFIT_CONSTANT_R2 0.01

/* The defect of a fit with that R2 (NaN: unknown), SATURATED before CONSTANT, at the first state->network.samples
 * samples; NONE for a training that diverged. */
CLFIT_API clfit_defect clfit_fit_defect(const clfit_state *state, const clfit_data *data, double r2);

/* "constant", "saturated"; NULL for CLFIT_DEFECT_NONE and beyond. */
CLFIT_API const char *clfit_defect_name(clfit_defect defect);

/*
 * The rate beyond which gradient descent sample by sample is not stable at this state: 2 over the largest, over the
 * samples that are trained on, of the squared norm of the gradient of z by the parameters,
 * sum over j of (a_j^2 + (w2_j slope_j)^2 (1 + x^2)) + 1, in float64.
 */
CLFIT_API double clfit_state_stable_rate(const clfit_state *state, const clfit_data *data);

/*
 * Compares results of the host with known ones, bit for bit: gradual underflow, rounding to nearest, single and double
 * precision, fma, the activations, the sum of losses with its rounding error, the tolerance at its boundary, NaN and
 * infinite errors, and initial parameters. Without it a host that computes wrongly would agree with itself, and devices
 * would be refused for its mistakes. CLFIT_ERROR_INEXACT names the first result that differs, or says that the host
 * flushes denormal numbers. The calling thread is checked, as the processor's modes are a thread's own. Takes some 50
 * microseconds. Populations of CLFIT_STRICT and clfit_device_check call it by themselves; the functions below, which
 * cannot fail, and clfit_model_predict do not.
 */
CLFIT_API clfit_status clfit_host_check(clfit_error *error);

/* z[k] = the network's answer at (float)x[k], k < n, computed by the reference: the same bits as on any device, where
 * clfit_host_check passes. x and z are in the units that the network sees. */
CLFIT_API void clfit_state_evaluate(const clfit_state *state, size_t n, const double *x, float *z);

/* The same in the samples' own units, with their scaling; NULL: none. */
CLFIT_API void clfit_state_predict(const clfit_state *state, const clfit_scaling *scaling, size_t n, const double *x,
                                   double *z);

/*
 * What each neuron does: y is the sum over the neurons of w2 activation(w1 x + b1), scaled to y's own unit, and a
 * constant. Where it bends says how the neurons build a curve together.
 */
typedef struct clfit_neuron {
  uint32_t index; /* in W1, B1 and W2 */
  double x;     /* where it bends, -b1/w1: ReLU's kink, the middle of a sigmoid's step; NaN: w1 is 0, it is constant */
  bool inside;  /* x lies within the range asked for */
  double slope; /* of what it adds, at x, in units of y by units of x; at a kink that of the steeper side */
  double span;  /* largest minus smallest value that it adds within the range, in y's unit */
} clfit_neuron;

/* Fills neurons[state->network.hidden], by rising x, those without one last. low <= high: the range of x. x, slope and
 * span are in the samples' own units; scaling: that of the samples, NULL: none. What is not finite is NaN. */
CLFIT_API void clfit_state_neurons(const clfit_state *state, const clfit_scaling *scaling, double low, double high,
                                   clfit_neuron *neurons);

/* z[k] = what the neuron of that index adds at x[k], k < n, in the samples' own units. */
CLFIT_API void clfit_state_contribution(const clfit_state *state, const clfit_scaling *scaling, uint32_t index,
                                        size_t n, const double *x, double *z);

/* The constant beside the neurons, b2 in y's own unit. */
CLFIT_API double clfit_state_constant(const clfit_state *state, const clfit_scaling *scaling);

/* ---- alternatives to a network ------------------------------------------------------------------------------- */

/*
 * What else could stand for a curve on a microcontroller: on smooth curves tables and polynomials are hard to beat.
 * Each function below computes the same columns for a network and for the alternatives, from the same rows, so that
 * they can be compared:
 *
 *  - table: values at N equally spaced nodes, between them a straight line.
 *  - spline: a cubic spline with equally spaced breakpoints, c_i B((x - x_i)/h) summed over i, with B the cardinal
 *    cubic B-spline (de Boor, A Practical Guide to Splines, 1978); N coefficients, N - 3 intervals.
 *  - polynomial: sum of c_k T_k(t), T_k Chebyshev's polynomials, evaluated by Clenshaw's recurrence.
 *  - rational: p(t)/q(t), both in Chebyshev's basis, q with the constant term 1 and no zero within the data's ends.
 *
 * t and the position in a table are (x - offset) factor; these two count as constants. Fitted by weighted least squares
 * (GSL), a rational function by the iteration of Sanathanan and Koerner (1963). Where the bound is a largest error,
 * Lawson's reweighting (1961) pushes it down. Of many rows (more than 8,192; for polynomial and rational 2,048) that
 * lie closer together than a cell, the mean is fitted; errors are always those of the rows. All constants are rounded
 * to float32 before errors are computed; the evaluation itself is in float64.
 */

/* What an evaluation takes. An addition, a subtraction or a multiplication alone counts as a multiply-add; an index is
 * the conversion of a number to a place in a table, with the comparison that keeps it inside, and counts as a
 * comparison. A logarithm or a sine counts as an exp. */
typedef struct clfit_operations {
  uint32_t multiply_adds, divisions, exps, compares;
} clfit_operations;

/* One number for all of it: multiply-adds and comparisons 1, a division 4, an exp 20, in multiply-adds: the order of
 * magnitude on a microcontroller with a floating-point unit. */
CLFIT_API double clfit_operations_weigh(const clfit_operations *operations);

/* A curve: z[i] is its value at x[i], i < n, in y's own unit. */
typedef void (*clfit_curve)(void *context, size_t n, const double *x, double *z);

typedef enum clfit_monotone {
  CLFIT_MONOTONE_NOT_ASKED = 0, /* the data itself rises and falls */
  CLFIT_MONOTONE_YES,
  CLFIT_MONOTONE_NO
} clfit_monotone;

typedef struct clfit_alternative {
  size_t size;          /* sizeof(clfit_alternative) */
  const char *kind;     /* "network", "table", "spline", "polynomial", "rational"; the library's */
  char description[48]; /* "8 tanh neurons", "33 nodes", "12 coefficients", "degree 7", "degree 3 over 2"; "" where
                            nothing could be fitted */
  size_t parameters;    /* constants; 0 where nothing could be fitted: all figures are then NaN or 0 */
  size_t bytes;         /* of the constants as float32 */
  double rmse;          /* root of the mean squared error over the rows, unweighted; rows of weight 0 are left out */
  double max_error;     /* largest absolute error over the same rows */
  clfit_operations operations; /* of one evaluation */
  /* where the data is monotone (the mean y of equal x, in the order of x): whether the curve is, between the data's
   * ends. A fall that is smaller than 2^-22 of the largest |y|, four units in a float32's last place, is none. */
  clfit_monotone monotone;
  /* largest absolute difference between the curve and the straight lines that join neighbouring points of the data (the
   * mean y of equal x): what happens between the rows. Looked at, as monotone is, on a grid of at least 8,192 points,
   * and at least four between neighbours. */
  double departure;
  bool met; /* both bounds are reached; without a bound: something was fitted within the bytes */
} clfit_alternative;

typedef struct clfit_alternatives_options {
  size_t size;      /* sizeof(clfit_alternatives_options) */
  double max_error; /* largest error allowed; 0 (default): no such bound */
  double max_rmse;  /* largest rmse allowed; 0 (default): no such bound */
  size_t bytes;     /* without a bound: as many constants as fit into that many bytes; default 0 */
} clfit_alternatives_options;

CLFIT_API void clfit_alternatives_options_default(clfit_alternatives_options *options);

/*
 * Fits each kind to n rows: the smallest that reaches the bounds or, without a bound, the largest of at most
 * options->bytes (the rational function with the smallest rmse of all of at most those bytes). To see which are as good
 * as a network that was chosen without a bound, give the network's own rmse as the bound: the largest polynomial that
 * fits into its bytes may follow the noise.
 *
 * Up to 32 coefficients every size is tried; above, sizes grow by a sixteenth until one reaches the bound, and then all
 * that were passed over since the last that did not are tried. None has more coefficients than the data has different
 * x; tables end at 4,096 nodes, splines at 1,024 coefficients, polynomials at degree 63, rational functions at 20
 * coefficients. Where no size reaches the bound, the row holds the one that came nearest, and met is false.
 *
 * x, y: [n], finite and within float32's range; weights: [n], 0 or more and finite, not all 0; NULL: all 1. Weights
 * count in the fit. *rows: [*count], table, spline, polynomial, rational; free with clfit_free.
 *
 * CLFIT_ERROR_ARGUMENT: such a value, or options with neither bound nor bytes. CLFIT_ERROR_UNSUPPORTED: the library was
 * built without GSL (CLFIT_GSL=OFF). GSL's error handler, which would end the program, is switched off for the whole
 * process, by gsl_set_error_handler_off; a program that uses GSL itself and wants its handler sets it again afterwards.
 */
CLFIT_API clfit_status clfit_alternatives_fit(size_t n, const double *x, const double *y, const double *weights,
                                              const clfit_alternatives_options *options, clfit_alternative **rows,
                                              size_t *count, clfit_error *error);

/* The same columns for a network of that many neurons: curve(context, ...) evaluates it. Scaling of x and y is not
 * counted: it can be multiplied into the weights. Arguments and errors as above; needs no GSL. */
CLFIT_API clfit_status clfit_alternatives_network(size_t n, const double *x, const double *y, const double *weights,
                                                  const clfit_alternatives_options *options, uint32_t hidden,
                                                  clfit_activation activation, clfit_curve curve, void *context,
                                                  clfit_alternative *row, clfit_error *error);

#define CLFIT_VERDICT_SIZE 256

/*
 * The alternative that dominates the network, or NULL, and one line without a line feed that says so in text. It
 * dominates if it has fitted, takes not more bytes and not more operations (clfit_operations_weigh), is monotone if the
 * network is, departs from straight lines by at most twice as much as the network (a polynomial that swings between
 * the rows is no alternative), and is not worse on the rows: with a bound, it reaches it; without one, its rmse is not
 * larger than the network's. Of several the one with the fewest bytes, then with the fewest operations. The result is
 * one of rows.
 */
CLFIT_API const clfit_alternative *clfit_alternatives_verdict(const clfit_alternatives_options *options,
                                                              const clfit_alternative *network,
                                                              const clfit_alternative *rows, size_t count,
                                                              char text[CLFIT_VERDICT_SIZE]);

/* ---- model files --------------------------------------------------------------------------------------------- */

/* What a model file holds: a state, and where its samples came from, so that training can go on. */
typedef struct clfit_model {
  size_t size; /* sizeof(clfit_model) */
  clfit_state state;
  clfit_source source;   /* its digest: of the first state.network.samples samples */
  clfit_mode mode;       /* the arithmetic of the training; CLFIT_STRICT if the file has no entry for it */
  clfit_scaling scaling; /* of the samples; none if the file has no entry for it */
  double x_low, x_high;  /* of the samples, clfit_data_span; both 0: not known */
} clfit_model;

/* The range of x that a model has learnt: x_low and x_high, else, of a formula, the domain. false, with both as they
 * were: it is not known, as in models that were trained on a file by version 0.1.0. Beyond it the answers are
 * extrapolated. */
CLFIT_API bool clfit_model_range(const clfit_model *model, double *low, double *high);

/* z[k] = the model's answer at x[k], k < n, both in the units of the samples: clfit_state_predict with its scaling. */
CLFIT_API void clfit_model_predict(const clfit_model *model, size_t n, const double *x, double *z);

/* Writes a safetensors file (tensors W1 [H,1], B1 [H,1], W2 [1,H], B2 [1,1], and four more, NAME.W1 and so on, for each
 * set NAME that the optimizer keeps beside the parameters; the rest is metadata), as a clfit_output is written. */
CLFIT_API clfit_status clfit_model_save(const clfit_model *model, const char *path, clfit_error *error);

/* Writes the same bytes to a stream. What cannot be written shows in the stream (ferror, or clfit_output_commit). */
CLFIT_API clfit_status clfit_model_write(const clfit_model *model, FILE *stream, clfit_error *error);

/* Reads one. Every offset, shape and number is checked: CLFIT_ERROR_FORMAT says what is wrong. A file that another
 * program wrote is accepted if it has the four tensors: its training counts as done, and configuration values that its
 * metadata lacks take their defaults. Release with clfit_model_clear. */
CLFIT_API clfit_status clfit_model_load(const char *path, clfit_model *model, clfit_error *error);

/* Frees what a loaded model holds and sets everything to 0. NULL and a zeroed model are fine. */
CLFIT_API void clfit_model_clear(clfit_model *model);

/* ---- export formats ------------------------------------------------------------------------------------------ */

/* A form in which clfit_model_export writes a model for other programs. */
typedef struct clfit_format {
  const char *name;        /* "json" */
  const char *ending;      /* of its files' names, with the dot: ".json" */
  const char *description; /* one line for a help text */
} clfit_format;

/* The rows of the table of formats. Owned by the library; NULL from clfit_format_count() on. */
CLFIT_API size_t clfit_format_count(void);
CLFIT_API const clfit_format *clfit_format_get(size_t index);

/* The row of that name, in any case. CLFIT_ERROR_ARGUMENT lists the names. *format is the library's. */
CLFIT_API clfit_status clfit_format_find(const char *name, const clfit_format **format, clfit_error *error);

/* The row whose ending a file's name has, in any case; NULL: there is none. */
CLFIT_API const clfit_format *clfit_format_of_file(const char *path);

/*
 * Writes a model, whatever its status, to a stream in the format of that name. The same model gives the same bytes on
 * every machine.
 *
 *  - safetensors: what clfit_model_write writes, the only format that clfit_model_load reads.
 *  - json: one object with everything: the keys of a model file's metadata (the scaling and the range of x, x_low and
 *    x_high, among them), here also where they have their default, as numbers or strings; train_loss (of the last
 *    completed epoch) and digest (clfit_state_digest); W1, B1, W2 as lists of H numbers and B2 as a number, each in its
 *    shortest form that reads back to the same float32; and NAME.W1 and so on for each set NAME that the optimizer
 *    keeps. null is a number that is not finite, and a value that is unknown, means nothing here, or is no UTF-8. All
 *    of it is ASCII.
 *  - npz: what numpy.load reads: arrays W1 [H,1], B1 [H,1], W2 [1,H], B2 [1,1] and NAME.W1 and so on, float32, and
 *    metadata, a string of shape (): the object of the json format without W1 to B2 and the sets.
 *  - onnx (not in a library that was built with CLFIT_ONNX=OFF): a graph for ONNX runtimes, IR version 4, opset 9, from
 *    x [N,1] to y [N,1], float32, N being any number, in the units of the samples; scaling is part of it. Its constants
 *    W1, B1, W2, B2 are the model's; its metadata is the json format's without train_loss and tensors. Runtimes round
 *    as they like: as a rule y is within 1e-6 of its range from clfit_model_predict. Where w1 x or y are many times as
 *    large as what z or y varies by, float32 has no such digits.
 *  - csv: a line x,y, and one of the two numbers for each of options' points over the range of x, in the units of the
 *    samples, in their shortest form that reads back to the same number; y (of clfit_model_predict) is empty if it is
 *    not finite.
 *  - c: a header in C99, which is also C++17, with the functions float NAME(float x) and, where double has 53 bits,
 *    double NAME_double(double x). They use no library and no memory of their own. NAME_double returns the bits that
 *    clfit_model_predict returns (NaN for NaN), with hardware fma or without, whether or not the compiler contracts
 *    expressions; so does NAME, as float, unless the model is scaled: then it is within NAME_FLOAT_ERROR of that over
 *    the range of x. The header says what it needs of the compiler and stops where it does not get it.
 *
 * CLFIT_ERROR_ARGUMENT: there is no such format, an option is out of its range, or the model is none that could be
 * saved (clfit_model_save), or, for c, a parameter is infinite or NaN, or, for csv, the range of x is unknown;
 * CLFIT_ERROR_UNSUPPORTED: for c and onnx, float32 has no normal number for a factor of the scaling. Nothing is written
 * then. What cannot be written
 * shows in the stream (ferror, or clfit_output_commit).
 */
CLFIT_API clfit_status clfit_model_export(const clfit_model *model, const char *format, FILE *stream,
                                          clfit_error *error);

/* What an export in the format c found; NaN: unknown. */
typedef struct clfit_export_report {
  double max_error, rmse; /* of the model over the samples of the options */
  double fixed_error;     /* fixed point: how far the function is from the model at most, over every code; else NaN */
} clfit_export_report;

/* Largest numbers of bits of codes. */
#define CLFIT_FIXED_IN_BITS_MAX  16
#define CLFIT_FIXED_OUT_BITS_MAX 24

#define CLFIT_TABLE_POINTS 1001 /* by default */

/* What the format c can be told. The format csv looks at data, low, high and points, the others at none of it. */
typedef struct clfit_export_options {
  size_t size;            /* sizeof(clfit_export_options) */
  const char *name;       /* of the function, and the beginning of every other name; default "network" */
  bool clamp;             /* hold x to the range; default false */
  bool self_test;         /* a function int NAME_selftest(void): how many of 64 values have other bits than here */
  const clfit_data *data; /* samples over which the header states the error; NULL (default): none */
  double low, high; /* the range of x; NaN (default): the domain of the model's formula, else that of the data's x, else
                       the one that was learnt (clfit_model_range), else there is none */
  /* Fixed point: 0 and 0 (default): float. Else a function uint32_t NAME(uint32_t code) that computes with whole
   * numbers only, of 32 or 64 bits: codes of in_bits (1 .. 16) stand for x from low to high, those that it returns, of
   * out_bits (2 .. 24), for y from NAME_Y_MIN in steps of NAME_Y_STEP. With clamp, codes whose x was not learnt count
   * as the nearest that was. Over all codes y is within a quarter of the model's largest error over the samples from
   * clfit_model_predict, or, without samples, within a thousandth of y's range. CLFIT_ERROR_UNSUPPORTED: it cannot be,
   * as where half a step is more than that. */
  uint32_t in_bits, out_bits;
  uint32_t points;             /* of the table of the format csv, 1 .. CLFIT_SAMPLES_MAX; default CLFIT_TABLE_POINTS */
  clfit_export_report *report; /* filled by a successful export in the format c; NULL (default): not wanted */
} clfit_export_options;

CLFIT_API void clfit_export_options_default(clfit_export_options *options);

/* clfit_model_export with options; NULL: the defaults. */
CLFIT_API clfit_status clfit_model_export_with(const clfit_model *model, const char *format,
                                               const clfit_export_options *options, FILE *stream, clfit_error *error);

/* Room for a name that clfit_export_name makes, and most characters of one that it accepts, with the NUL. */
#define CLFIT_EXPORT_NAME_SIZE 49

/* Whether a name can be that of an exported function: a C identifier of at most 48 letters, digits and underscores that
 * does not begin with an underscore and means nothing else in C or C++. CLFIT_ERROR_ARGUMENT says what is wrong. */
CLFIT_API clfit_status clfit_export_name_check(const char *name, clfit_error *error);

/* Makes such a name of a file's name, without folder and ending: "my-fit.2.h" becomes "my_fit_2". */
CLFIT_API void clfit_export_name_of(const char *path, char name[CLFIT_EXPORT_NAME_SIZE]);

/* ---- pictures ------------------------------------------------------------------------------------------------ */

#define CLFIT_PLOT_BANDS_MAX 2

/* A shaded band of a picture, between low[k] and high[k] at each line_x[k]. */
typedef struct clfit_plot_band {
  const char *name;         /* in the key */
  const double *low, *high; /* [n_line] */
} clfit_plot_band;

/* The content of a picture. A NULL or empty array is not drawn. */
typedef struct clfit_plot {
  size_t size;       /* sizeof(clfit_plot) */
  const char *title; /* NULL: none */
  size_t n_points;   /* the samples or the target's values, drawn as points */
  const double *x, *y;
  const char *points_name; /* in the key; default "data" */
  size_t n_line;           /* the network's answer, drawn as a red line; line_x rising */
  const double *line_x, *line_z;
  size_t n_losses; /* train loss of each epoch, a second panel with a logarithmic scale */
  const double *losses;
  uint32_t first_epoch;          /* of losses[0]; default 1 */
  const char *line_name;         /* in the key; default "network" */
  const char *x_label, *y_label; /* default "x" and "y" */
  size_t n_bands;                /* at most CLFIT_PLOT_BANDS_MAX, the outer one first: the next lies on top of it */
  clfit_plot_band bands[CLFIT_PLOT_BANDS_MAX];
  const double *held_losses; /* [n_losses], of the samples held out, beside losses; NULL (default): there are none */
  double y_low, y_high;      /* range of the first panel's y; equal (default 0): from what is drawn */
  const char *subtitle;      /* a second line below the title; NULL (default): none */
  uint32_t loss_step;        /* epochs from one loss to the next, from 1; default 1 */
} clfit_plot;

CLFIT_API void clfit_plot_default(clfit_plot *plot);

/* CLFIT_ERROR_ARGUMENT: path is not "-" and ends neither in .svg nor in .png nor in .txt; CLFIT_ERROR_UNSUPPORTED:
 * gnuplot is not installed. */
CLFIT_API clfit_status clfit_plot_check(const char *path, clfit_error *error);

/* Draws through gnuplot, in the format that the path's ending names: .txt and "-" (standard output) are a picture of
 * characters, 79 by 24. Writes a clfit_output: a failure leaves what was at path. */
CLFIT_API clfit_status clfit_plot_draw(const clfit_plot *plot, const char *path, clfit_error *error);

/* Draws the same to a stream; path only tells the format, and what errors call the picture. What cannot be written
 * shows in the stream (ferror, or clfit_output_commit). */
CLFIT_API clfit_status clfit_plot_write(const clfit_plot *plot, const char *path, FILE *stream, clfit_error *error);

/*
 * How a fit grows: the same samples with the network's answer at several epochs.
 *
 *  - .svg: animated by CSS, without gnuplot: one file that plays wherever SVG is shown, also within <img>, and follows
 *    the reader's choice of dark colours. Printed, or where the reader wants no motion, it shows the last frame.
 *  - .gif: through gnuplot, if that has its terminal gif.
 *  - .mp4: through gnuplot and ffmpeg.
 *
 * Each loops, with the last frame longer than the others.
 */
typedef struct clfit_frame {
  uint32_t epoch;   /* epochs trained */
  double loss;      /* train loss of that epoch; NaN: none yet */
  double held_loss; /* of the samples held out; NaN: none */
  const double *z;  /* [plot.n_line], the network's answer at line_x */
  bool best;        /* the answer is that of an earlier epoch, this one, to which patience went back */
} clfit_frame;

typedef struct clfit_animation {
  size_t size;               /* sizeof(clfit_animation) */
  clfit_plot plot;           /* what all frames have; line_z is not looked at */
  size_t n_frames;           /* 1 .. CLFIT_FRAMES_MAX */
  const clfit_frame *frames; /* [n_frames], epochs rising but for a best one */
} clfit_animation;

#define CLFIT_FRAMES_MAX 64

CLFIT_API void clfit_animation_default(clfit_animation *animation);

/* Whether a path has the ending of an animation. */
CLFIT_API bool clfit_animation_is_path(const char *path);

/* CLFIT_ERROR_ARGUMENT: path has none of the endings; CLFIT_ERROR_UNSUPPORTED: gnuplot, its terminal gif, or ffmpeg is
 * needed and missing. */
CLFIT_API clfit_status clfit_animation_check(const char *path, clfit_error *error);

/* Sets plot.y_low and plot.y_high to the range in which all frames are to be drawn: that of the points and of the last
 * frame's answer, and of the other frames' as far as they go beyond it by at most half. */
CLFIT_API void clfit_animation_set_range(clfit_animation *animation);

#define CLFIT_FRAME_NAME_SIZE 128

/* One of the frames as a picture of its own: plot with the frame's answer, its epoch and losses as the subtitle, which
 * is printed to name, and no losses. */
CLFIT_API clfit_plot clfit_animation_frame(const clfit_animation *animation, size_t index,
                                           char name[CLFIT_FRAME_NAME_SIZE]);

/* Draws to a stream; path only tells the format, and what errors call the picture. Losses, where plot has them, are
 * drawn below the fit of an .svg, else those of the frames. What cannot be written shows in the stream. */
CLFIT_API clfit_status clfit_animation_write(const clfit_animation *animation, const char *path, FILE *stream,
                                             clfit_error *error);

/* ---- gnuplot ------------------------------------------------------------------------------------------------- */

/* Running gnuplot on scripts of the caller's own. The script is a stream that can be read again, as tmpfile's. */

/* gnuplot takes values beyond 9e307 for undefined, and must be able to round the ends of its scales outwards. */
#define CLFIT_GNUPLOT_MAX 1e300

/* Prints a string constant in which no character of the text can mean anything to gnuplot. Bytes that are no UTF-8
 * become '?', control characters nothing; at most 400 characters. */
CLFIT_API void clfit_gnuplot_text(FILE *script, const char *text);

/* Prints what clfit's pictures have in common: encoding, grid, border and ticks, and as line styles 1 the samples, with
 * points of the size `samples`, and 2 the network, a line with points of the size `network` ("0.4"). */
CLFIT_API void clfit_gnuplot_style(FILE *script, const char *samples, const char *network);

/* Prints a line of a data block, "x y", or, if one of them is not within CLFIT_GNUPLOT_MAX, an empty one, which breaks
 * a curve there. Returns whether it is a point. */
CLFIT_API bool clfit_gnuplot_point(FILE *script, double x, double y);

/* Runs a script from its start, without the user's settings, and copies what it draws on its standard output to a
 * stream; name is what errors call the picture. What cannot be written shows in the stream. CLFIT_ERROR_UNSUPPORTED:
 * gnuplot is not installed, or failed, and what it says. */
CLFIT_API clfit_status clfit_gnuplot_run(FILE *script, const char *name, FILE *picture, clfit_error *error);

/* ---- writing files ------------------------------------------------------------------------------------------- */

/*
 * A file being written: everything goes to a new file beside the one named, which takes its name when it is complete,
 * so that a failure or a crash leaves what was there. Symbolic links are followed and stay links, also to a file that
 * does not exist yet. What is no regular file (a device, a FIFO) is written directly, and so is "-", standard output.
 *
 *     clfit_output output;
 *     if (clfit_output_open(&output, path, error)) return ...;
 *     fprintf(output.stream, ...);                      (failed writes need no check: commit sees them)
 *     return clfit_output_commit(&output, error);       (or clfit_output_abandon)
 *
 * Its members are for reading only. A process that ends in between leaves the temporary file, unless it removes it.
 */
typedef struct clfit_output {
  FILE *stream;      /* write here; NULL after the end */
  char *path;        /* as the caller named it */
  char *destination; /* the name to take: path with symbolic links followed; NULL: written directly */
  char *temporary;   /* the new file beside destination; NULL: written directly */
} clfit_output;

/* Opens the new file. A file that is there keeps its permissions, a new one gets those of the umask. End it with
 * clfit_output_commit or clfit_output_abandon. Blocks at a FIFO until that has a reader. CLFIT_ERROR_FILE names the
 * path and the system's reason. */
CLFIT_API clfit_status clfit_output_open(clfit_output *output, const char *path, clfit_error *error);

/* Writes what has been written so far and waits until the disk has it, so that a commit right after it has only to
 * rename the file: for several files that belong together. CLFIT_ERROR_FILE: something could not be written, now or
 * before; the file must be abandoned then. */
CLFIT_API clfit_status clfit_output_prepare(clfit_output *output, clfit_error *error);

/* Writes the rest, waits until the disk has all of it, closes and renames. CLFIT_ERROR_FILE: something could not be
 * written, now or before (a full disk); the new file is removed and path is as it was. */
CLFIT_API clfit_status clfit_output_commit(clfit_output *output, clfit_error *error);

/* Closes and removes the new file. Does nothing after a commit, a failed open, or on a zeroed struct. */
CLFIT_API void clfit_output_abandon(clfit_output *output);

/* Checks that a file can be written at path, by creating and removing a temporary file in the same folder. To be called
 * before long work, whose result would be lost if the file could not be written. CLFIT_ERROR_FILE: the reason. */
CLFIT_API clfit_status clfit_output_check(const char *path, clfit_error *error);

/* Whether two paths lead to the same file, whether it exists or not; false for what is no regular file (/dev/null may
 * be named twice). */
CLFIT_API bool clfit_output_same_file(const char *a, const char *b);

/* ---- numbers ------------------------------------------------------------------------------------------------- */

/* Enough for any double: sign, 17 digits, point, "e-308" and the NUL need 25 characters. */
#define CLFIT_NUMBER_SIZE 32

/* The shortest decimal that reads back to the same float64 ("0.1"), with a '.' whatever the locale; "nan", "inf" or
 * "-inf". A float32 goes through here as a float64 and comes back to its own bits. */
CLFIT_API void clfit_number_print(char text[CLFIT_NUMBER_SIZE], double value);

/* The shortest decimal that reads back to the same float32, directly and by way of a float64. */
CLFIT_API void clfit_number_print_float(char text[CLFIT_NUMBER_SIZE], float value);

/* Reads what clfit_number_print writes, and any other decimal number, [+-]digits[.digits][e[+-]digits], from all of a
 * text, with a '.' whatever the locale. false, with *value as it was: the text is something else, has anything before
 * or after the number, or is too large for a double. */
CLFIT_API bool clfit_number_parse(const char *text, double *value);

/* Reads a number as people type it: a finite decimal; false also for one that is too small for a double and not 0. */
CLFIT_API bool clfit_number_parse_real(const char *text, double *value);

/* Reads a whole number 0 .. 2^32 - 1: "1000", "1e3" and "1.5e3" are whole, "1.5" and "-1" are not. Exact: nothing is
 * rounded on the way. */
CLFIT_API bool clfit_number_parse_count(const char *text, uint32_t *value);

/* ---- time ---------------------------------------------------------------------------------------------------- */

/* Seconds since some moment in the past, never going back. */
CLFIT_API double clfit_clock(void);

/* ---- search -------------------------------------------------------------------------------------------------- */

/*
 * The smallest network that does: fits samples by least squares (CLFIT_LM, initialisation CLFIT_INIT_SPREAD) from many
 * initial weights with 1, 2, 3 ... neurons.
 *
 * A round at one size trains a batch of starts, 16, then 48, 192 and 256 more, start k with the seed options->seed +
 * k: all of them CLFIT_SEARCH_SCREEN iterations, the best quarter, at least eight, CLFIT_SEARCH_SELECT, the best
 * eighth, at least six, CLFIT_SEARCH_REFINE, and the best sixteenth, at least four, CLFIT_SEARCH_POLISH, each in
 * all, ranked by train loss, equal ones by seed. The model that wins is so, unless by reweighting, one that clfit
 * train gives with the same seed and as many epochs. Another batch follows while the best is still falling: until
 * three starts have come within 5 % of the smallest sum of squares, or until the bound is so far away that more
 * starts will not reach it. Then comes the next size. Where a stage shows that the bound is out of reach, the batch
 * ends with it.
 *
 *  - A bound max_rmse or max_error: the first size with a network that keeps it ends the search. Judged is the float32
 *    model by strict evaluation in y's own unit: root of the mean squared error, unweighted, or the largest absolute
 *    error, over the samples whose weight is not 0.
 *  - max_error: where the least squares fits miss it, but their rmse does not, Lawson's reweighting (C. L. Lawson,
 *    Contributions to the theory of linear least maximum approximation, 1961) pushes the largest error down: the weight
 *    of each sample is multiplied by its absolute error, and the network fitted again from where it is.
 *  - No bound: the size that cross-validation prefers. The samples are cut into folds, equal x in the same one, the
 *    smallest and the largest x in none; networks are fitted to all folds but one, by weights of 0, and compared with
 *    that one. cv_rmse is the root of the mean over the folds, by their mean weights, of the weighted mean squared
 *    error, and of the networks of a size the one with the smallest weighted mean squared error is taken. The smallest
 *    size is chosen whose mean is at most the best plus the best one's standard error (L. Breiman et al.,
 *    Classification and Regression Trees, 1984, 3.4.3); the search ends four sizes after the one so chosen.
 *
 * All decisions follow from strict numbers in the order of the starts: devices, mappings and interruptions change
 * nothing, except that options->seconds may end a search.
 */
#define CLFIT_SEARCH_SCREEN 16u
#define CLFIT_SEARCH_SELECT 60u
#define CLFIT_SEARCH_REFINE 200u
#define CLFIT_SEARCH_POLISH 400u

/* What came out at one size. */
typedef struct clfit_search_row {
  uint32_t hidden;
  size_t bytes;       /* of the parameters as float32 */
  double rmse;        /* of the network chosen at this size, on the samples of weight above 0, in y's own unit */
  double max_error;   /* its largest absolute error */
  double cv_rmse;     /* cross-validated; NaN: was not asked for, or too few different x count */
  double cv_error;    /* standard error of cv_rmse^2 */
  uint64_t starts;    /* networks trained at this size, without those of cross-validation and reweighting */
  uint64_t near_best; /* of those, how many came within 5 % of the smallest sum of squares */
  bool met;           /* it keeps the bound; false without one */
} clfit_search_row;

typedef enum clfit_search_end {
  CLFIT_SEARCH_FOUND = 0, /* the bound is kept; without one: cross-validation has chosen */
  CLFIT_SEARCH_UNMET,     /* no size up to max_hidden keeps the bound */
  CLFIT_SEARCH_BUDGET,    /* the budget of starts is spent */
  /* the time is up: the result may differ from one run to another; in the first batch it is a half-trained network */
  CLFIT_SEARCH_TIME,
  CLFIT_SEARCH_INTERRUPTED /* the caller asked for the end */
} clfit_search_end;

/* "found", "unmet", "budget", "time", "interrupted"; NULL beyond. */
CLFIT_API const char *clfit_search_end_name(clfit_search_end end);

typedef struct clfit_search_options {
  size_t size;                 /* sizeof(clfit_search_options) */
  clfit_activation activation; /* default CLFIT_TANH */
  double max_rmse, max_error;  /* the bound in y's own unit, at most one of them; 0 (default): none */
  uint32_t max_hidden;         /* largest size, 1 .. CLFIT_LM_HIDDEN_MAX; default 16 */
  uint32_t seed;               /* of the first start; default 0 */
  uint32_t folds;              /* of cross-validation, from 2; default 10 */
  uint64_t budget;             /* largest number of starts, from 1; default 20000 */
  double seconds;              /* time limit; 0 (default): none */
  const char *mapping;         /* as in clfit_population_options */

  /*
   * Rounds that have been computed, so that an interrupted search can go on: *bytes receives those of a round, by
   * malloc, or NULL if there are none; save keeps them, instead of those that it may have of that round. The search
   * frees *bytes, checks them, and computes a round that is not there or begins with other networks. The caller makes
   * sure that they come from the same samples and options (max_hidden, budget and seconds may differ). Both NULL
   * (default): nothing is kept.
   */
  clfit_status (*load)(void *context, uint64_t round, unsigned char **bytes, size_t *count, clfit_error *error);
  clfit_status (*save)(void *context, uint64_t round, const unsigned char *bytes, size_t count, clfit_error *error);

  /* Called after each launch; NULL (default): not called. true: end now. starts: so far; hidden: the size at hand. */
  bool (*interrupted)(void *context, uint32_t hidden, uint64_t starts);
  void *context;
} clfit_search_options;

CLFIT_API void clfit_search_options_default(clfit_search_options *options);

typedef struct clfit_search_result {
  size_t size; /* sizeof(clfit_search_result) */
  clfit_search_end end;
  bool met;               /* the bound is kept; true without one */
  clfit_state state;      /* the network chosen; its parameters are NULL if there is none yet */
  clfit_figures figures;  /* of it, unweighted, on the samples whose weight is not 0 */
  uint64_t starts;        /* networks trained, without those of cross-validation and reweighting */
  clfit_search_row *rows; /* [row_count], by size */
  size_t row_count;
} clfit_search_result;

/* Searches on a device. The data may be scaled and weighted. Fills *result also where the bound is not met or the
 * search was ended: then it holds the best so far. Release with clfit_search_result_clear. CLFIT_ERROR_ARGUMENT: an
 * option is out of its range; CLFIT_ERROR_FORMAT: a loaded round is damaged. */
CLFIT_API clfit_status clfit_search(clfit_device *device, const clfit_data *data, const clfit_search_options *options,
                                    clfit_search_result *result, clfit_error *error);
CLFIT_API void clfit_search_result_clear(clfit_search_result *result);

/* ---- verification -------------------------------------------------------------------------------------------- */

typedef struct clfit_verification {
  size_t size;              /* sizeof(clfit_verification) */
  char mappings[64];        /* those compared, separated by commas */
  uint64_t configurations;  /* networks trained on both sides */
  uint64_t values_compared; /* 4-byte values */
  uint64_t differing_bits;
  char first_difference[CLFIT_MESSAGE_SIZE]; /* which network and value; "" if none */
} clfit_verification;

/*
 * Trains the same networks on a device, with every mapping it has, and on the reference, and compares all that comes
 * back: parameters and what else a state holds, progress with its losses, the losses of every epoch, answers. At least
 * five thousand configurations for each mapping: hidden sizes that are no multiples of a vector, all activations, plain
 * gradient descent, random combinations of all options of training through gradients, least squares, with weights and
 * without, rates that diverge, early stops, launches of random length, networks that are given back in the middle and
 * taken again, also by another mapping; quick: a few small networks. mapping: only this one, and networks stay in it;
 * NULL: all. Differences are no failure of the call; they are counted in *result. CLFIT_ERROR_ARGUMENT: the device is
 * the reference itself.
 */
CLFIT_API clfit_status clfit_device_verify(clfit_device *device, const char *mapping, bool quick,
                                           clfit_verification *result, clfit_error *error);

/* ---- speed --------------------------------------------------------------------------------------------------- */

/* The highest speeds measured on a device, for all of its compute units together. */
typedef struct clfit_ceiling {
  size_t size;           /* sizeof(clfit_ceiling) */
  double fma_per_second; /* independent float32 fma operations; one fma of a float16 vector counts as 16 */
  /* neuron updates (z1, activation, product for the sum, slope, three parameter updates) with the operations of
   * training, but without its waiting times: no sum over neurons, no memory access */
  double updates_per_second;
} clfit_ceiling;

/*
 * Measures both: the best of many launches of some ms and of several numbers of independent chains. Blocks for about
 * one second, longer when kernels have to be built. A training reaches this fraction of the ceiling: the sum of
 * hidden * (steps per second) over the networks in training, divided by updates_per_second. CLFIT_ERROR_ARGUMENT: no
 * such mode or activation; CLFIT_ERROR_UNSUPPORTED: the device is the reference.
 */
CLFIT_API clfit_status clfit_device_ceiling(clfit_device *device, clfit_mode mode, clfit_activation activation,
                                            clfit_optimizer optimizer, clfit_ceiling *ceiling, clfit_error *error);

#ifdef __cplusplus
}
#endif

#endif
