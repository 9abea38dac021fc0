#include "study/plan/axes.h"

#include "study/base/fail.h"
#include "study/base/numbers.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SHOWN     "%.120s"
#define PIECE_MAX 128 /* characters of one piece of an axis */

/* The option of a field. */
struct label {
  char text[40]; /* "--sample-seed" */
};

static struct label label_of(const clfit_field *field)
{
  struct label label;
  snprintf(label.text, sizeof label.text, "--%s", field->name);
  for (char *c = label.text; *c; c++)
    if (*c == '_') *c = '-';
  return label;
}

/* The points of an axis while its text is read. */
struct points {
  double *values; /* [count] */
  size_t count, capacity;
  uint32_t rounded;
};

static clfit_status append(const clfit_field *field, struct points *points, double value, clfit_error *error)
{
  if (points->count == AXIS_POINTS_MAX)
    return refuse(error, "%s has more than %u points", label_of(field).text, AXIS_POINTS_MAX);
  if (points->count == points->capacity) {
    size_t capacity = points->capacity ? 2 * points->capacity : 16;
    double *grown = realloc(points->values, capacity * sizeof *grown);
    if (!grown) return clfit_fail_memory(error);
    points->values = grown;
    points->capacity = capacity;
  }
  points->values[points->count++] = value;
  return CLFIT_OK;
}

/* Whole numbers and indices are exact in a double. */
static clfit_status read_point(const clfit_field *field, const char *text, double *value, clfit_error *error)
{
  clfit_network network = {.size = sizeof network}; /* of which one member is used */
  struct label label = label_of(field);
  clfit_status status = clfit_field_read(field, text, label.text, &network, error);
  if (!status) *value = clfit_field_value(field, &network);
  return status;
}

/* Cuts a text in two at a separator. */
static bool cut(const char *text, const char *separator, char *left, const char **right)
{
  const char *at = strstr(text, separator);
  if (!at) return false;
  memcpy(left, text, (size_t)(at - text));
  left[at - text] = '\0';
  *right = at + strlen(separator);
  return true;
}

/* A..B */
static clfit_status read_range(const clfit_field *field, const char *text, double *low, double *high,
                               clfit_error *error)
{
  char left[PIECE_MAX];
  const char *right;
  if (field->kind != CLFIT_FIELD_COUNT)
    return refuse(error, "%s: A..B is for whole numbers only; write A:B:N or A:B:logN, not \"" SHOWN "\"",
                  label_of(field).text, text);
  if (!cut(text, "..", left, &right)) return refuse(error, "%s: \"" SHOWN "\" is no A..B", label_of(field).text, text);
  clfit_status status = read_point(field, left, low, error);
  if (!status) status = read_point(field, right, high, error);
  if (!status && *low > *high)
    status = refuse(error, "%s: the range \"" SHOWN "\" runs backwards", label_of(field).text, text);
  return status;
}

static double round_digits(double value)
{
  char text[32];
  snprintf(text, sizeof text, "%.12g", value);
  return strtod(text, NULL);
}

struct spaced {
  double low, high;
  uint32_t count;
  bool logarithmic;
};

static double spaced_point(const struct spaced *spaced, uint32_t i)
{
  double share = spaced->count > 1 ? (double)i / (spaced->count - 1) : 0;
  if (i == 0) return spaced->low;
  if (i == spaced->count - 1) return spaced->high;
  if (spaced->logarithmic) return round_digits(spaced->low * pow(spaced->high / spaced->low, share));
  return round_digits(spaced->low + (spaced->high - spaced->low) * share);
}

static clfit_status refuse_spaced(const clfit_field *field, const char *text, clfit_error *error)
{
  return refuse(error, "%s: \"" SHOWN "\" must be A:B:N or A:B:logN, N points (1 to %u) from A to B",
                label_of(field).text, text, AXIS_POINTS_MAX);
}

/* A:B:N, A:B:logN */
static clfit_status read_spaced(const clfit_field *field, const char *text, struct spaced *spaced, clfit_error *error)
{
  char left[PIECE_MAX], middle[PIECE_MAX];
  const char *rest, *count;
  if (field->kind == CLFIT_FIELD_NAME) return refuse(error, "%s takes names separated by commas", label_of(field).text);
  if (!cut(text, ":", left, &rest) || !cut(rest, ":", middle, &count)) return refuse_spaced(field, text, error);
  spaced->logarithmic = strncmp(count, "log", 3) == 0;
  if (!clfit_number_parse_count(count + (spaced->logarithmic ? 3 : 0), &spaced->count) || spaced->count < 1 ||
      spaced->count > AXIS_POINTS_MAX)
    return refuse_spaced(field, text, error);
  clfit_status status = read_point(field, left, &spaced->low, error);
  if (!status) status = read_point(field, middle, &spaced->high, error);
  if (!status && spaced->logarithmic && !(spaced->low > 0 && spaced->high > 0))
    status =
        refuse(error, "%s: \"" SHOWN "\" is logarithmic and must begin and end above 0", label_of(field).text, text);
  if (!status && spaced->count == 1 && spaced->low != spaced->high)
    status = refuse(error, "%s: \"" SHOWN "\" has two ends but one point", label_of(field).text, text);
  return status;
}

static clfit_status add_spaced(const clfit_field *field, const char *text, struct points *points, clfit_error *error)
{
  struct spaced spaced;
  clfit_status status = read_spaced(field, text, &spaced, error);
  for (uint32_t i = 0; !status && i < spaced.count; i++) {
    double value = spaced_point(&spaced, i);
    double whole = floor(value + 0.5);
    points->rounded += field->kind == CLFIT_FIELD_COUNT && whole != value;
    status = append(field, points, field->kind == CLFIT_FIELD_COUNT ? whole : value, error);
  }
  return status;
}

static clfit_status add_range(const clfit_field *field, const char *text, struct points *points, clfit_error *error)
{
  double low = 0, high = 0;
  clfit_status status = read_range(field, text, &low, &high, error);
  for (; !status && low <= high; low++) status = append(field, points, low, error);
  return status;
}

static clfit_status add_piece(const clfit_field *field, const char *text, struct points *points, clfit_error *error)
{
  double value;
  if (!*text)
    return refuse(error, "%s has an empty item in its list (two commas in a row, or one at an end)",
                  label_of(field).text);
  const bool is_range = field->kind != CLFIT_FIELD_CODE; /* the colon of a code separates its own parts */
  if (is_range && strstr(text, "..")) return add_range(field, text, points, error);
  if (is_range && strchr(text, ':')) return add_spaced(field, text, points, error);
  clfit_status status = read_point(field, text, &value, error);
  return status ? status : append(field, points, value, error);
}

/* "0,1" may be meant as a number that has a decimal comma. */
static void explain_commas(const clfit_field *field, const char *list, clfit_error *error)
{
  if (!error || field->kind == CLFIT_FIELD_COUNT || field->kind == CLFIT_FIELD_NAME || !strchr(list, ',')) return;
  size_t length = strlen(error->message);
  snprintf(error->message + length, sizeof error->message - length,
           "; a comma separates values, the decimal point is '.'");
}

static clfit_status add_pieces(const clfit_field *field, const char *list, struct points *points, clfit_error *error)
{
  char piece[PIECE_MAX];
  const char *text = list;
  for (;;) {
    size_t length = strcspn(text, ",");
    if (length >= sizeof piece) return refuse(error, "%s has \"" SHOWN "\" in its list", label_of(field).text, text);
    memcpy(piece, text, length);
    piece[length] = '\0';
    clfit_status status = add_piece(field, piece, points, error);
    if (status) explain_commas(field, list, error);
    if (status) return status;
    if (!text[length]) return CLFIT_OK;
    text += length + 1;
  }
}

struct numbered {
  double value;
  size_t index;
};

static int compare_numbered(const void *a, const void *b)
{
  const struct numbered *left = a, *right = b;
  if (left->value != right->value) return left->value < right->value ? -1 : 1;
  return left->index < right->index ? -1 : left->index > right->index;
}

static int compare_index(const void *a, const void *b)
{
  const struct numbered *left = a, *right = b;
  return left->index < right->index ? -1 : left->index > right->index;
}

/* Removes repeated points: of equal ones the first is kept, and the order does not change. */
static clfit_status drop_repeated(struct points *points, uint32_t *dropped, clfit_error *error)
{
  size_t kept = 0;
  struct numbered *sorted = malloc(points->count * sizeof *sorted);
  if (!sorted) return clfit_fail_memory(error);
  for (size_t i = 0; i < points->count; i++) sorted[i] = (struct numbered){points->values[i], i};
  qsort(sorted, points->count, sizeof *sorted, compare_numbered);
  for (size_t i = 0; i < points->count; i++)
    if (kept == 0 || sorted[i].value != sorted[kept - 1].value) sorted[kept++] = sorted[i];
  qsort(sorted, kept, sizeof *sorted, compare_index);
  for (size_t i = 0; i < kept; i++) points->values[i] = sorted[i].value;
  *dropped = (uint32_t)(points->count - kept);
  points->count = kept;
  free(sorted);
  return CLFIT_OK;
}

static clfit_status read_axis(const clfit_field *field, const char *text, struct axis *axis, clfit_error *error)
{
  struct points points = {0};
  double low = 0, high = 0;
  clfit_status status;
  *axis = (struct axis){.field = field};
  if (strstr(text, "..") && !strchr(text, ',') &&
      strlen(text) < PIECE_MAX) { /* a single range may have up to 2^32 points, so they are not stored one by one */
    status = read_range(field, text, &low, &high, error);
    axis->first = low;
    axis->count = status ? 0 : (uint64_t)(high - low) + 1;
    return status;
  }
  status = add_pieces(field, text, &points, error);
  if (!status) status = drop_repeated(&points, &axis->dropped, error);
  axis->values = points.values;
  axis->count = points.count;
  axis->rounded = points.rounded;
  return status;
}

clfit_status axes_add(struct axes *axes, const clfit_field *field, const char *text, clfit_error *error)
{
  struct axis *grown = realloc(axes->axis, (axes->n + 1) * sizeof *grown);
  if (!grown) return clfit_fail_memory(error);
  axes->axis = grown;
  struct axis *axis = &axes->axis[axes->n];
  uint64_t before = axes->grid_count ? axes->grid_count : 1;
  clfit_status status = read_axis(field, text, axis, error);
  axes->n++; /* for axes_clear */
  if (status) return status;
  if (axis->count > (uint64_t)INT64_MAX / before) /* SQLite's ids are signed */
    return refuse(error, "the axes up to %s have more than 2^63 configurations", label_of(field).text);
  axes->grid_count = axes->count = before * axis->count;
  return CLFIT_OK;
}

void axes_draw(struct axes *axes, uint32_t count, uint32_t seed)
{
  axes->random = true;
  axes->random_seed = seed;
  axes->count = count;
}

void axes_preset(struct axes *axes, const struct preset *preset)
{
  assert(axes->n == 0);
  axes->preset = preset;
  axes->grid_count = axes->count = preset->n;
}

void axes_clear(struct axes *axes)
{
  for (size_t i = 0; i < axes->n; i++) free(axes->axis[i].values);
  free(axes->axis);
  memset(axes, 0, sizeof *axes);
}

double axis_value(const struct axis *axis, uint64_t index)
{
  return axis->values ? axis->values[index] : axis->first + (double)index;
}

/* splitmix64's finaliser (Steele, Lea, Flood 2014): every bit of the result depends on every bit of x. */
static uint64_t mix(uint64_t x)
{
  x += 0x9e3779b97f4a7c15u;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}

/* A counter-based random number: it depends only on seed, id and axis. count is at most 2^32, so the probability of a
 * point deviates from 1/count by at most 2^-32. */
static uint64_t draw(uint32_t seed, uint64_t id, size_t axis, uint64_t count)
{
  uint64_t bits = mix(mix(mix(seed) ^ id) + axis);
  return (bits >> 32) * count >> 32;
}

uint64_t axes_place(const struct axes *axes, uint64_t id)
{
  uint64_t place = 0;
  if (!axes->random) return id;
  for (size_t i = 0; i < axes->n; i++)
    place = place * axes->axis[i].count + draw(axes->random_seed, id, i, axes->axis[i].count);
  return place;
}

void axes_configuration(const struct axes *axes, uint64_t id, clfit_network *configuration)
{
  assert(id < axes->count);
  uint64_t rest = axes_place(axes, id);
  for (size_t i = axes->n; i-- > 0;) {
    const struct axis *axis = &axes->axis[i];
    clfit_field_set(axis->field, axis_value(axis, rest % axis->count), configuration);
    rest /= axis->count;
  }
  if (axes->preset) preset_apply(axes->preset, rest, configuration);
}

/* ---- as text --------------------------------------------------------------------------------------------------- */

static void print_point(const struct axis *axis, uint64_t index, char text[CLFIT_FIELD_TEXT_SIZE])
{
  clfit_network network = {.size = sizeof network}; /* of which one member is used */
  clfit_field_set(axis->field, axis_value(axis, index), &network);
  clfit_field_print(axis->field, &network, text);
}

static char *print_range(const struct axis *axis)
{
  char *text = malloc(2 * NUMBER_SIZE + 3);
  if (!text) return NULL;
  if (axis->count == 1)
    snprintf(text, 2 * NUMBER_SIZE, "%.0f", axis->first);
  else
    snprintf(text, 2 * NUMBER_SIZE, "%.0f..%.0f", axis->first, axis->first + (double)(axis->count - 1));
  return text;
}

/* The first `head` and the last `tail` points. */
static char *print_points(const struct axis *axis, uint64_t head, uint64_t tail)
{
  size_t length = 0;
  bool all = head + tail >= axis->count;
  char *text = malloc((all ? (size_t)axis->count : head + tail) * CLFIT_FIELD_TEXT_SIZE + 8);
  for (uint64_t i = 0; text && i < axis->count; i++) {
    if (!all && i == head) {
      i = axis->count - tail;
      length += (size_t)sprintf(text + length, ",...");
    }
    if (i > 0) text[length++] = ',';
    print_point(axis, i, text + length);
    length += strlen(text + length);
  }
  return text;
}

char *axis_print(const struct axis *axis)
{
  return axis->values ? print_points(axis, axis->count, 0) : print_range(axis);
}

char *axis_show(const struct axis *axis)
{
  return axis->values ? print_points(axis, 12, 3) : print_range(axis);
}

const struct axis *axes_find(const struct axes *axes, const char *name)
{
  for (size_t i = 0; i < axes->n; i++)
    if (strcmp(axes->axis[i].field->name, name) == 0) return &axes->axis[i];
  return NULL;
}

/* ---- amount of training ------------------------------------------------------------------------------------------ */

static double mean(const struct axes *axes, const char *name, uint32_t otherwise)
{
  const struct axis *axis = axes_find(axes, name);
  double sum = 0;
  if (!axis) return otherwise;
  if (!axis->values) return axis->first + 0.5 * (double)(axis->count - 1);
  for (uint64_t i = 0; i < axis->count; i++) sum += axis->values[i];
  return sum / (double)axis->count;
}

/* Mean of min(epochs, most) over the axis of epochs. */
static double mean_epochs(const struct axes *axes, uint32_t otherwise, uint32_t most)
{
  const struct axis *axis = axes_find(axes, "epochs");
  double sum = 0;
  if (!axis) return fmin(otherwise, most);
  if (axes_largest(axes, "epochs", 0) <= most) return mean(axes, "epochs", 0);
  if (!axis->values) {
    double within = fmax(0, fmin((double)axis->count, most - axis->first + 1));
    sum = within * (axis->first + 0.5 * (within - 1)) + ((double)axis->count - within) * most;
  }
  for (uint64_t i = 0; axis->values && i < axis->count; i++) sum += fmin(axis->values[i], most);
  return sum / (double)axis->count;
}

static double preset_work(const struct axes *axes, const clfit_network *base, uint32_t most)
{
  double sum = 0;
  for (size_t i = 0; i < axes->preset->n; i++) {
    clfit_network network = *base;
    preset_apply(axes->preset, i, &network);
    sum += clfit_network_work(&network) * network.samples * fmin(network.epochs, most);
  }
  const uint64_t each = axes->count / axes->preset->n; /* configurations with a given row of the preset */
  return sum * (double)each;
}

/* Mean of clfit_network_work over the axes of hidden and optimizer. */
static double mean_work(const struct axes *axes, const clfit_network *base)
{
  const struct axis *hidden = axes_find(axes, "hidden"), *optimizer = axes_find(axes, "optimizer");
  const uint64_t sizes = hidden ? hidden->count : 1, optimizers = optimizer ? optimizer->count : 1;
  clfit_network network = *base;
  double sum = 0;
  for (uint64_t i = 0; i < sizes; i++)
    for (uint64_t k = 0; k < optimizers; k++) {
      if (hidden) clfit_field_set(hidden->field, axis_value(hidden, i), &network);
      if (optimizer) clfit_field_set(optimizer->field, axis_value(optimizer, k), &network);
      sum += clfit_network_work(&network);
    }
  return sum / (double)(sizes * optimizers);
}

/* Mean part of the samples that is trained on, but for the rounding of how many are held out. */
static double trained_part(const struct axes *axes, const clfit_network *base)
{
  const struct axis *axis = axes_find(axes, "holdout");
  double sum = 0;
  if (!axis) return 1 - base->holdout;
  for (uint64_t i = 0; i < axis->count; i++) sum += 1 - axis_value(axis, i);
  return sum / (double)axis->count;
}

double axes_work(const struct axes *axes, const clfit_network *base, uint32_t most_epochs)
{
  const double part = trained_part(axes, base);
  if (axes->preset) return part * preset_work(axes, base, most_epochs);
  return part * (double)axes->count * mean_work(axes, base) * mean(axes, "samples", base->samples) *
         mean_epochs(axes, base->epochs, most_epochs);
}

static uint32_t preset_largest(const struct preset *preset, const clfit_field *field, uint32_t otherwise)
{
  double most = 0;
  for (size_t i = 0; i < preset->n; i++) {
    clfit_network network;
    clfit_network_default(&network);
    clfit_field_set(field, otherwise, &network);
    preset_apply(preset, i, &network);
    most = fmax(most, clfit_field_value(field, &network));
  }
  return (uint32_t)most;
}

uint32_t axes_largest(const struct axes *axes, const char *name, uint32_t otherwise)
{
  const struct axis *axis = axes_find(axes, name);
  double most = 0;
  if (!axis && axes->preset) return preset_largest(axes->preset, clfit_field_find(name), otherwise);
  if (!axis) return otherwise;
  if (!axis->values) return (uint32_t)axis_value(axis, axis->count - 1);
  for (uint64_t i = 0; i < axis->count; i++) most = fmax(most, axis->values[i]);
  return (uint32_t)most;
}
