/* The best networks of a study as curves: their fits, and how their losses fell. */
#include "cli/io/message.h"
#include "cli/io/picture.h"
#include "cli/results/results_picture.h"
#include "study/base/numbers.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define FITS_SHOWN   6
#define FITS_MAX     24 /* with more, the panels would be too small to read */
#define LOSSES_SHOWN 10
#define LOSSES_MAX   64
#define POINTS_MAX   2000 /* of data a panel */
#define TWO_COLUMNS  50   /* characters of a key of which two have room side by side */

clfit_status picture_best_ids(struct results *results, const struct picture *picture, size_t most, uint64_t *ids,
                              size_t *count, clfit_error *error)
{
  struct results_query query = {
      .where = picture->where, .also = picture->also, .rank_by = picture->rank_by, .limit = (uint32_t)most};
  sqlite3_stmt *statement = NULL;
  bool more;
  *count = 0;
  clfit_status status = results_select(results, "id, status", &query, &statement, error);
  while (!status && !(status = results_next(results, statement, &more, error)) && more) {
    const char *ended = (const char *)sqlite3_column_text(statement, 1);
    if (*count < most && ended && (strcmp(ended, "done") == 0 || strcmp(ended, "stopped") == 0))
      ids[(*count)++] = (uint64_t)sqlite3_column_int64(statement, 0);
  }
  sqlite3_finalize(statement);
  if (!status && *count == 0) status = refuse(error, "no network of the selection was trained to its end");
  return status;
}

/* A network among those of a picture. */
struct entry {
  uint64_t id;
  clfit_network network;
};

static bool differs(const clfit_field *field, const struct entry *entries, size_t n)
{
  for (size_t i = 1; i < n; i++)
    if (clfit_field_value(field, &entries[i].network) != clfit_field_value(field, &entries[0].network)) return true;
  return false;
}

/* Fields that the titles of fits have in any case: the first line, and the second where nothing else differs. */
static bool is_in_first_line(const clfit_field *field)
{
  return strcmp(field->name, "hidden") == 0 || strcmp(field->name, "rate") == 0;
}

static bool is_in_second_line(const clfit_field *field)
{
  static const char *const names[] = {"activation", "samples", "epochs"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    if (strcmp(field->name, names[i]) == 0) return true;
  return false;
}

/* A value after the text's end, as ", seed 3". Numbers have four digits: those of a logarithmic axis have sixteen. */
static size_t add_value(char *text, size_t size, size_t used, const char *before, const clfit_field *field,
                        const clfit_network *network)
{
  char value[CLFIT_FIELD_TEXT_SIZE];
  if (used >= size) return used;
  clfit_field_print(field, network, value);
  if (field->kind == CLFIT_FIELD_REAL) snprintf(value, sizeof value, "%.4g", clfit_field_value(field, network));
  return used +
         (size_t)snprintf(text + used, size - used, "%s%s %s", before, option_name(option_of_field(field)), value);
}

/* "7: hidden 16, rate 0.2", and in a second line "tanh, 100 samples, 50 epochs", or, if networks differ in other ones,
 * all but those of the first line in which they do: "seed 3, schedule cosine". */
static void print_title(char *title, size_t size, const struct entry *entries, size_t n, size_t index)
{
  const clfit_network *network = &entries[index].network;
  char training[40];
  bool others = false;
  if (network->optimizer == CLFIT_LM)
    snprintf(training, sizeof training, "%s", clfit_optimizer_name(network->optimizer));
  else
    snprintf(training, sizeof training, "rate %.4g", network->rate);
  size_t used =
      (size_t)snprintf(title, size, "%" PRIu64 ": hidden %u, %s\n", entries[index].id, network->hidden, training);
  const size_t first = used;
  for (size_t i = 0; i < clfit_field_count(); i++) {
    const clfit_field *field = clfit_field_get(i);
    if (is_in_first_line(field) || !differs(field, entries, n)) continue;
    others = others || !is_in_second_line(field);
    used = add_value(title, size, used, used > first ? ", " : "", field, network);
  }
  if (others) return;
  snprintf(title + first, size - first, "%s, %u samples, %u epochs", clfit_activation_name(network->activation),
           network->samples, network->epochs);
}

/* ---- fits ---------------------------------------------------------------------------------------------------- */

/* Ticks at most four to an axis, so that the numbers of a small panel do not meet: 1, 2 or 5 times a power of ten
 * apart. */
static void print_ticks(FILE *script, char axis, size_t panel, size_t n, const double *values)
{
  double low = values[0], high = values[0];
  char number[NUMBER_SIZE];
  for (size_t i = 1; i < n; i++) {
    if (values[i] < low) low = values[i];
    if (values[i] > high) high = values[i];
  }
  double step = pow(10, floor(log10((high - low) / 4)));
  if (!(high > low && step > 0 && high - low <= CLFIT_GNUPLOT_MAX)) return;
  double wanted = (high - low) / 4 / step;
  number_print(number, step * (wanted <= 1 ? 1 : wanted <= 2 ? 2 : wanted <= 5 ? 5 : 10));
  fprintf(script, "%ctics%zu = %s\n", axis, panel, number);
}

static void print_points(FILE *script, size_t panel, const struct samples *samples, uint32_t count)
{
  size_t n = samples->drawn ? CLFIT_TEST_POINTS : count;
  size_t step = (n + POINTS_MAX - 1) / POINTS_MAX;
  const double *x = samples->drawn ? samples->test_x : clfit_data_x(samples->data);
  const double *y = samples->drawn ? samples->test_y : clfit_data_y(samples->data);
  print_ticks(script, 'x', panel, n, x);
  print_ticks(script, 'y', panel, n, y);
  fprintf(script, "$points%zu << END\n", panel);
  for (size_t i = 0; i < n; i += step) clfit_gnuplot_point(script, x[i], y[i]);
  fputs("END\n", script);
}

static void print_line(FILE *script, size_t panel, const struct samples *samples, const clfit_state *state)
{
  double z[LINE_POINTS];
  clfit_scaling scaling = clfit_data_scaling(samples->data);
  size_t n = samples->drawn ? CLFIT_TEST_POINTS : LINE_POINTS;
  const double *x = samples->drawn ? samples->test_x : samples->line_x;
  clfit_state_predict(state, &scaling, n, x, z);
  fprintf(script, "$line%zu << END\n", panel);
  for (size_t i = 0; i < n; i++) clfit_gnuplot_point(script, x[i], z[i]);
  fputs("END\n", script);
}

static void print_axes(FILE *script, const struct samples *samples, const clfit_source *source)
{
  struct picture_labels labels;
  clfit_plot plot;
  clfit_plot_default(&plot);
  picture_label(&plot, samples->data, source, &labels);
  fputs("set xlabel ", script);
  clfit_gnuplot_text(script, plot.x_label);
  fputs(" offset 0,0.6 font ','.small\nset ylabel ", script);
  clfit_gnuplot_text(script, plot.y_label);
  fputs(" offset 1,0 font ','.small\n", script);
}

/* One network's data blocks, and the network into *entry. */
static clfit_status print_fit(struct results *results, const clfit_source *source, uint64_t id, size_t panel,
                              bool quiet, FILE *script, struct entry *entry, clfit_error *error)
{
  struct results_network network = {0};
  struct samples samples = {0};
  clfit_state state = {0};
  clfit_status status = results_read_network(results, id, &network, error);
  if (!status) status = results_open_samples(source, &network, &samples, error);
  if (!status) status = results_restore(&network, &samples, false, quiet, &state, error);
  if (!status) {
    *entry = (struct entry){network.id, network.network};
    entry->network.sample_seed = network.sample_seed;
    if (panel == 0) print_axes(script, &samples, source);
    print_points(script, panel, &samples, network.network.samples);
    print_line(script, panel, &samples, &state);
  }
  clfit_state_clear(&state);
  samples_close(&samples);
  results_network_clear(&network);
  return status;
}

/* A title of one line or two. */
static void print_lines(FILE *script, char *title)
{
  char *second = strchr(title, '\n');
  if (second) *second++ = '\0';
  clfit_gnuplot_text(script, title);
  if (!second) return;
  fputs(".\"\\n\".", script);
  clfit_gnuplot_text(script, second);
}

/* Many panels have no room for the names of their axes. */
static void print_panels(FILE *script, size_t n, char (*titles)[128])
{
  size_t across = n < 2 ? 1 : n <= 4 ? 2 : n <= 12 ? 3 : 4;
  const char *size = across > 3 ? "tiny" : "small";
  fprintf(script,
          "set multiplot layout %zu,%zu\nunset key\nset rmargin 4\nset tics font ','.%s\n"
          "set title font ','.%s offset 0,-0.5\n%s",
          (n + across - 1) / across, across, size, size, across > 3 ? "unset xlabel\nunset ylabel\n" : "");
  for (size_t i = 0; i < n; i++) {
    fputs("set title ", script);
    print_lines(script, titles[i]);
    fprintf(script,
            "\nif (exists('xtics%zu')) { set xtics xtics%zu }\nif (exists('ytics%zu')) { set ytics ytics%zu }\n"
            "plot $points%zu with points ls 1, $line%zu with lines ls 2\n",
            i, i, i, i, i, i);
  }
  fputs("unset multiplot\n", script);
}

clfit_status picture_fits(struct results *results, const struct picture *picture, FILE *script, clfit_error *error)
{
  uint64_t ids[FITS_MAX];
  struct entry entries[FITS_MAX];
  char titles[FITS_MAX][128];
  clfit_source source = {0};
  size_t n, most = picture->limit ? picture->limit : FITS_SHOWN;
  if (most > FITS_MAX) return refuse(error, "no more than %d fits can be drawn: --limit %zu", FITS_MAX, most);
  clfit_status status = picture_best_ids(results, picture, most, ids, &n, error);
  if (!status) status = results_source(results, &source, error);
  for (size_t i = 0; !status && i < n; i++)
    status = print_fit(results, &source, ids[i], i, picture->quiet, script, &entries[i], error);
  for (size_t i = 0; !status && i < n; i++) print_title(titles[i], sizeof titles[0], entries, n, i);
  if (!status) print_panels(script, n, titles);
  clfit_source_clear(&source);
  return status;
}

/* ---- losses -------------------------------------------------------------------------------------------------- */

/* Writes a history; returns false if none of its losses can be shown on a logarithmic scale. */
static bool print_history(FILE *script, size_t index, const struct results_network *network)
{
  bool some = false;
  fprintf(script, "$loss%zu << END\n", index);
  for (uint32_t i = 0; i < network->history_count; i++) {
    bool good = network->history[i] > 1e-300;
    clfit_gnuplot_point(script, network->history_epochs[i], good ? network->history[i] : NAN);
    some = some || good;
  }
  fputs("END\n", script);
  return some;
}

/* "7: hidden 16, rate 0.2": what tells the curves apart, and nothing that they have in common. */
static void print_key(char *title, size_t size, const struct entry *entries, size_t n, size_t index)
{
  const struct entry *entry = &entries[index];
  const char *before = ": ";
  size_t used = (size_t)snprintf(title, size, "%" PRIu64, entry->id);
  for (size_t i = 0; i < clfit_field_count(); i++) {
    const clfit_field *field = clfit_field_get(i);
    if (!differs(field, entries, n)) continue;
    used = add_value(title, size, used, before, field, &entry->network);
    before = ", ";
  }
}

static void print_losses(FILE *script, size_t n, char (*titles)[128])
{
  static const char *const colours[] = {"#d62728", "#1f77b4", "#2ca02c", "#ff7f0e", "#9467bd",
                                        "#8c564b", "#e377c2", "#7f7f7f", "#bcbd22", "#17becf"};
  enum { COLOURS = sizeof colours / sizeof *colours };
  size_t longest = 0;
  for (size_t i = 0; i < n; i++) longest = strlen(titles[i]) > longest ? strlen(titles[i]) : longest;
  /* below the curves in one column or two; many keys take less of the picture beside them */
  const char *place = n > LOSSES_SHOWN        ? "outside right center font ',7' spacing 0.8"
                      : longest > TWO_COLUMNS ? "below maxcols 1 font ','.small"
                                              : "below maxcols 2 font ','.small";
  fprintf(script,
          "set logscale xy\nset format y '%%g'\nset format x '%%.10g'\nset xlabel \"epoch\\n \" offset 0,0.6\n"
          "set ylabel 'train loss'\nset autoscale xfix\nset key %s samplen 2 Left reverse\nplot ",
          place);
  for (size_t i = 0; i < n; i++) {
    fprintf(script, "%s$loss%zu with linespoints lw 1.5 pt 7 ps 0.3 dt %zu lc rgb '%s' title ", i ? ", " : "", i,
            i / COLOURS % 5 + 1, colours[i % COLOURS]);
    clfit_gnuplot_text(script, titles[i]);
  }
  fputc('\n', script);
}

clfit_status picture_loss(struct results *results, const struct picture *picture, FILE *script, clfit_error *error)
{
  uint64_t ids[LOSSES_MAX];
  char titles[LOSSES_MAX][128];
  struct entry entries[LOSSES_MAX];
  struct results_network network;
  size_t n, drawn = 0, most = picture->limit ? picture->limit : LOSSES_SHOWN;
  if (most > LOSSES_MAX) return refuse(error, "no more than %d losses can be drawn: --limit %zu", LOSSES_MAX, most);
  clfit_status status = picture_best_ids(results, picture, most, ids, &n, error);
  for (size_t i = 0; !status && i < n; i++) {
    status = results_read_network(results, ids[i], &network, error);
    if (status) break;
    if (print_history(script, drawn, &network)) {
      network.network.sample_seed = network.sample_seed;
      entries[drawn++] = (struct entry){network.id, network.network};
    }
    results_network_clear(&network);
  }
  if (!status && drawn == 0) status = refuse(error, "the study has no losses to draw of these networks");
  for (size_t i = 0; i < drawn; i++) print_key(titles[i], sizeof titles[0], entries, drawn, i);
  if (!status) print_losses(script, drawn, titles);
  return status;
}
