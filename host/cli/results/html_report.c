/* clfit results --report: a study as one HTML file without external resources; pictures are embedded as SVG. */
#include "cli/io/message.h"
#include "cli/io/output.h"
#include "cli/results/results_picture.h"
#include "cli/sweep/preset_summary.h"
#include "study/base/numbers.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define ROWS_SHOWN   20 /* of the ranked table, unless --limit says otherwise */
#define VALUES_SHOWN 64 /* of an axis: its table must be readable */

struct page {
  struct results *results;
  const struct options *options;
  const char *rank_by;
  struct results_counts counts;
  const char **axes; /* [n_axes], columns of the configuration that vary */
  size_t n_axes;
  FILE *html;
};

/* gnuplot's pictures have a white background. In dark mode those of lines are inverted, and the hue is rotated by 180
 * degrees so that colours stay the same; a map's colours are a scale from dark to light and stay as they are. The
 * smallest texts are 12 units of a picture 800 wide, so that they are 9.6 pixels high in one that is 40rem wide; a
 * narrower screen scrolls. */
static const char head[] =
    "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
    "<meta name=\"color-scheme\" content=\"light dark\">\n"
    "<style>\n"
    ":root { --ground: #fff; --ink: #1b1b1f; --soft: #5d5d66; --line: #d9d9de; --stripe: #f5f5f7 }\n"
    "@media (prefers-color-scheme: dark) {\n"
    "  :root { --ground: #17171a; --ink: #e6e6ea; --soft: #a0a0aa; --line: #38383f; --stripe: #1f1f24 }\n"
    "  figure.lines svg { filter: invert(0.9) hue-rotate(180deg) }\n"
    "}\n"
    "body { background: var(--ground); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto;"
    " max-width: 76rem; padding: 0 1rem }\n"
    "h1 { font-size: 1.6rem } h2 { font-size: 1.2rem; margin-top: 2.5rem }\n"
    ".scroll { margin-bottom: 1rem; overflow-x: auto }\n"
    "table { border-collapse: collapse; font-size: 0.9rem; font-variant-numeric: tabular-nums }\n"
    "th, td { border-bottom: 1px solid var(--line); padding: 0.25rem 0.75rem; text-align: right; white-space: nowrap "
    "}\n"
    "th { color: var(--soft); font-weight: 600 } tbody tr:nth-child(even) { background: var(--stripe) }\n"
    "dl { display: grid; gap: 0.25rem 1.5rem; grid-template-columns: max-content 1fr } dt { color: var(--soft) }"
    " dd { margin: 0; overflow-wrap: anywhere }\n"
    "figure { margin: 1rem 0; overflow-x: auto } figure svg { height: auto; max-width: 100%; min-width: 40rem;"
    " width: 50rem }\n"
    "figcaption, .note { color: var(--soft); font-size: 0.9rem }\n"
    "</style>\n";

static void print_text(FILE *html, const char *text)
{
  for (; *text; text++) {
    switch (*text) {
    case '<': fputs("&lt;", html); break;
    case '>': fputs("&gt;", html); break;
    case '&': fputs("&amp;", html); break;
    case '"': fputs("&quot;", html); break;
    default: putc((unsigned char)*text < ' ' ? ' ' : *text, html);
    }
  }
}

static void print_element(FILE *html, const char *name, const char *text)
{
  fprintf(html, "<%s>", name);
  print_text(html, text);
  fprintf(html, "</%s>", name);
}

/* ---- what was swept ------------------------------------------------------------------------------------------ */

static void print_pair(FILE *html, const char *term, const char *text)
{
  print_element(html, "dt", term);
  print_element(html, "dd", text);
  putc('\n', html);
}

/* A value of the study's table meta, if it has it; the term is the name with blanks. */
static clfit_status print_meta(const struct page *page, const char *prefix, const char *name, clfit_error *error)
{
  char *value, key[64], term[64];
  snprintf(key, sizeof key, "%s%s", prefix, name);
  snprintf(term, sizeof term, "%s", name);
  for (char *c = term; *c; c++)
    if (*c == '_' || *c == '-') *c = ' ';
  clfit_status status = results_meta(page->results, key, &value, error);
  if (!status && value) print_pair(page->html, term, value);
  free(value);
  return status;
}

/* Where the samples come from, the fields, what else defines the sweep. */
static clfit_status print_definition(const struct page *page, clfit_error *error)
{
  static const char *const others[] = {"mode", "halving", "min_epochs"};
  const char *key;
  clfit_status status = CLFIT_OK;
  for (size_t i = 0; !status && (key = clfit_source_key(i)); i++) status = print_meta(page, "", key, error);
  for (size_t i = 0; !status && i < clfit_field_count(); i++) {
    const clfit_field *field = clfit_field_get(i);
    status = print_meta(page, field->axis ? "axis." : "", option_name(option_of_field(field)), error);
  }
  for (size_t i = 0; !status && i < sizeof others / sizeof *others; i++)
    status = print_meta(page, "", others[i], error);
  return status;
}

static clfit_status print_summary(const struct page *page, clfit_error *error)
{
  const struct results_counts *counts = &page->counts;
  char text[256];
  fputs("<dl>\n", page->html);
  snprintf(text, sizeof text, "%" PRIu64 ": %" PRIu64 " done, %" PRIu64 " stopped early, %" PRIu64 " diverged",
           counts->all, counts->done, counts->stopped, counts->diverged);
  size_t length = strlen(text);
  if (counts->pruned) snprintf(text + length, sizeof text - length, ", %" PRIu64 " pruned by halving", counts->pruned);
  print_pair(page->html, "networks", text);
  if (page->options->where) print_pair(page->html, "only those where", page->options->where);
  snprintf(text, sizeof text, "%s, the %s first", page->rank_by,
           results_larger_is_better(page->rank_by) ? "largest" : "smallest");
  print_pair(page->html, "ranked by", text);
  clfit_status status = print_definition(page, error);
  fputs("</dl>\n", page->html);
  return status;
}

/* ---- tables -------------------------------------------------------------------------------------------------- */

static void print_row(const struct page *page, sqlite3_stmt *statement, uint64_t rank, const int *shown, int n)
{
  char cell[CELL_SIZE];
  fprintf(page->html, "<tr><td>%" PRIu64 "</td>", rank);
  for (int i = 0; i < n; i++) {
    results_print_cell(cell, page->results->columns[shown[i]], statement, shown[i]);
    print_element(page->html, "td", cell);
  }
  fputs("</tr>\n", page->html);
}

static clfit_status print_ranked(const struct page *page, clfit_error *error)
{
  const struct options *options = page->options;
  struct results_query query = {
      .where = options->where, .rank_by = page->rank_by, .limit = options->limit ? options->limit : ROWS_SHOWN};
  sqlite3_stmt *statement = NULL;
  int *shown = NULL, n = 0;
  bool more;
  clfit_status status = results_choose_columns(page->results, options, page->rank_by, &shown, &n, error);
  if (!status) status = results_select(page->results, NULL, &query, &statement, error);
  if (status) goto out;
  fputs("<h2>The best networks</h2>\n<div class=\"scroll\"><table>\n<thead><tr><th>rank</th>", page->html);
  for (int i = 0; i < n; i++) print_element(page->html, "th", page->results->columns[shown[i]]);
  fputs("</tr></thead>\n<tbody>\n", page->html);
  for (uint64_t rank = 1; !(status = results_next(page->results, statement, &more, error)) && more; rank++)
    print_row(page, statement, rank, shown, n);
  fputs("</tbody></table></div>\n", page->html);
out:
  sqlite3_finalize(statement);
  free(shown);
  return status;
}

static void print_figure(FILE *html, double value)
{
  if (isfinite(value))
    fprintf(html, "<td>%.6g</td>", value);
  else
    fputs("<td>-</td>", html);
}

static void print_preset_row(FILE *html, const struct preset *preset, size_t row, const struct preset_summary *summary)
{
  clfit_network network;
  clfit_network_default(&network);
  preset_apply(preset, row, &network);
  fputs("<tr>", html);
  print_element(html, "td", summary->label);
  for (size_t i = 0; preset->fields[i]; i++) {
    char text[CLFIT_FIELD_TEXT_SIZE];
    clfit_field_print(clfit_field_find(preset->fields[i]), &network, text);
    print_element(html, "td", text);
  }
  for (size_t i = 0; preset->published[i].name; i++) print_figure(html, preset->rows[row].published[i]);
  for (size_t i = 0; i < preset->n_figures; i++) print_figure(html, summary->figures[i]);
  fputs("</tr>\n", html);
}

static void print_preset_heads(FILE *html, const struct preset *preset)
{
  fputs("<h2>Rows</h2>\n<div class=\"scroll\"><table>\n<thead><tr><th>row</th>", html);
  for (size_t i = 0; preset->fields[i]; i++) print_element(html, "th", preset->fields[i]);
  for (size_t i = 0; preset->published[i].name; i++) print_element(html, "th", preset->published[i].format.title);
  for (size_t i = 0; i < preset->n_figures; i++) print_element(html, "th", preset->figures[i].heading);
  fputs("</tr></thead>\n<tbody>\n", html);
}

/* A preset's rows, whatever --where says. */
static clfit_status print_preset(const struct page *page, clfit_error *error)
{
  const struct preset *preset;
  clfit_status status = results_preset(page->results, &preset, error);
  if (!preset) return status;
  print_preset_heads(page->html, preset);
  for (size_t i = 0; i < preset->n && !status; i++) {
    struct preset_summary summary;
    status = preset_summarize(page->results->database, preset, i, &summary, error);
    if (!status) print_preset_row(page->html, preset, i, &summary);
    preset_summary_clear(&summary);
  }
  fprintf(page->html, "</tbody></table></div>\n<p class=\"note\">%s</p>\n", preset->note);
  return status;
}

/* The networks that have one value of an axis. */
struct group {
  char name[CELL_SIZE];
  uint64_t networks, diverged;
  struct values values;
};

static void print_group(FILE *html, struct group *group)
{
  static const enum picture_reduce ways[] = {REDUCE_MIN, REDUCE_MEDIAN, REDUCE_MAX};
  if (group->networks == 0) return;
  fputs("<tr>", html);
  print_element(html, "td", group->name);
  fprintf(html, "<td>%" PRIu64 "</td><td>%" PRIu64 "</td>", group->networks, group->diverged);
  for (int i = 0; i < 3; i++) print_figure(html, group->values.n ? values_reduce(&group->values, ways[i]) : NAN);
  fputs("</tr>\n", html);
  group->networks = group->diverged = 0;
  group->values.n = 0;
}

static clfit_status add_to_group(struct group *group, sqlite3_stmt *statement, clfit_error *error)
{
  const char *ended = (const char *)sqlite3_column_text(statement, 2);
  group->networks++;
  group->diverged += ended && strcmp(ended, "diverged") == 0;
  if (sqlite3_column_type(statement, 1) == SQLITE_NULL) return CLFIT_OK;
  return values_append(&group->values, sqlite3_column_double(statement, 1), error);
}

static clfit_status print_axis(const struct page *page, const char *axis, clfit_error *error)
{
  char columns[192], name[CELL_SIZE];
  struct group group = {.name = ""};
  sqlite3_stmt *statement = NULL;
  size_t values = 0;
  bool more;
  snprintf(columns, sizeof columns, "%s, %s, status", axis, page->rank_by);
  struct results_query query = {.where = page->options->where, .order = axis};
  clfit_status status = results_select(page->results, columns, &query, &statement, error);
  fputs("<div class=\"scroll\"><table>\n<thead><tr>", page->html);
  print_element(page->html, "th", axis);
  fprintf(page->html,
          "<th>networks</th><th>diverged</th><th>min %s</th><th>median</th><th>max</th></tr></thead>\n<tbody>\n",
          page->rank_by);
  while (!status && !(status = results_next(page->results, statement, &more, error)) && more) {
    results_print_cell(name, axis, statement, 0);
    if (strcmp(name, group.name) != 0 && ++values > VALUES_SHOWN) break;
    if (strcmp(name, group.name) != 0) print_group(page->html, &group);
    strcpy(group.name, name);
    status = add_to_group(&group, statement, error);
  }
  print_group(page->html, &group);
  fputs("</tbody></table></div>\n", page->html);
  if (values > VALUES_SHOWN) fprintf(page->html, "<p class=\"note\">The first %d values.</p>\n", VALUES_SHOWN);
  free(group.values.items);
  sqlite3_finalize(statement);
  return status;
}

static clfit_status print_axes(const struct page *page, clfit_error *error)
{
  clfit_status status = CLFIT_OK;
  if (page->n_axes)
    fputs("<h2>What each value gave</h2>\n<p class=\"note\">Over all networks that have it and did not "
          "diverge.</p>\n",
          page->html);
  for (size_t i = 0; !status && i < page->n_axes; i++) status = print_axis(page, page->axes[i], error);
  return status;
}

/* ---- pictures ------------------------------------------------------------------------------------------------ */

/* Copies an SVG without its XML declaration and DOCTYPE, which are not allowed within HTML. */
static clfit_status copy_svg(FILE *svg, FILE *html, clfit_error *error)
{
  char line[4096];
  bool inside = false, at_start = true;
  rewind(svg);
  while (fgets(line, sizeof line, svg)) {
    if (at_start && strncmp(line, "<svg", 4) == 0) inside = true;
    at_start = strchr(line, '\n') != NULL;
    if (inside) fputs(line, html);
  }
  return inside ? CLFIT_OK : clfit_fail(error, CLFIT_ERROR_UNSUPPORTED, "gnuplot drew no SVG");
}

/* If a picture cannot be drawn, the reason is printed in its place and the report goes on. */
static clfit_status print_picture(const struct page *page, enum picture_kind kind, const struct picture *picture,
                                  const char *title, const char *caption, clfit_error *error)
{
  FILE *svg = tmpfile();
  if (!svg) return clfit_fail(error, CLFIT_ERROR_FILE, "cannot make a temporary file: %s", strerror(errno));
  clfit_status status = picture_print_svg(page->results, kind, picture, svg, error);
  print_element(page->html, "h2", title);
  fprintf(page->html, "\n<figure class=\"%s\">\n", kind == PICTURE_HEATMAP ? "map" : "lines");
  if (!status) status = copy_svg(svg, page->html, error);
  fclose(svg);
  bool harmless = status == CLFIT_ERROR_UNSUPPORTED || status == CLFIT_ERROR_ARGUMENT;
  print_element(page->html, "figcaption", harmless ? error->message : caption);
  fputs("\n</figure>\n", page->html);
  return harmless ? CLFIT_OK : status;
}

static clfit_status print_pictures(const struct page *page, clfit_error *error)
{
  const struct options *options = page->options;
  bool chosen = option_given(options, OPTION_ROWS) || option_given(options, OPTION_COLS);
  struct picture picture = {.where = options->where,
                            .rank_by = page->rank_by,
                            .rows = chosen || page->n_axes < 2 ? options->rows : page->axes[0],
                            .cols = chosen || page->n_axes < 2 ? options->cols : page->axes[1],
                            .value = options->value ? options->value : page->rank_by,
                            .reduce = options->reduce,
                            .quiet = options->quiet};
  clfit_status status = CLFIT_OK;
  if (chosen || page->n_axes >= 2)
    status =
        print_picture(page, PICTURE_HEATMAP, &picture, "The map", "A diverged network counts as the worst.", error);
  if (!status)
    status = print_picture(page, PICTURE_FITS, &picture, "The best fits",
                           "The network's answer in red, what it was to learn in blue; above each its id.", error);
  if (!status)
    status =
        print_picture(page, PICTURE_LOSS, &picture, "How the losses fell", "Train loss of the best networks.", error);
  return status;
}

/* ---- the page ------------------------------------------------------------------------------------------------ */

static clfit_status has_several_values(const struct page *page, const char *column, bool *several, clfit_error *error)
{
  sqlite3_stmt *statement = NULL;
  bool more = false;
  struct results_query query = {.where = page->options->where, .distinct = column};
  clfit_status status = results_select(page->results, column, &query, &statement, error);
  for (int values = 0; !status && values < 2; values++) status = results_next(page->results, statement, &more, error);
  sqlite3_finalize(statement);
  *several = !status && more;
  return status;
}

static bool is_leading(const char *column)
{
  return strcmp(column, "hidden") == 0 || strcmp(column, "rate") == 0;
}

/* Columns of the configuration that have more than one value; hidden and rate first. */
static clfit_status find_axes(struct page *page, clfit_error *error)
{
  struct results *results = page->results;
  clfit_status status = CLFIT_OK;
  page->axes = calloc((size_t)results->n_columns, sizeof *page->axes);
  if (!page->axes) return clfit_fail_memory(error);
  for (int leading = 1; leading >= 0; leading--)
    for (int i = 0; !status && i < results->n_columns; i++) {
      const char *column = results->columns[i];
      bool several;
      if (strcmp(column, "id") == 0 || results_is_outcome(column) || is_leading(column) != leading) continue;
      status = has_several_values(page, column, &several, error);
      if (several) page->axes[page->n_axes++] = column;
    }
  return status;
}

static clfit_status print_page(const struct page *page, clfit_error *error)
{
  fputs(head, page->html);
  print_element(page->html, "title", page->results->path);
  fputs("\n</head>\n<body>\n", page->html);
  print_element(page->html, "h1", page->results->path);
  putc('\n', page->html);
  clfit_status status = print_summary(page, error);
  if (!status) status = print_preset(page, error);
  if (!status && page->counts.all) status = print_ranked(page, error);
  if (!status) status = print_axes(page, error);
  if (!status && page->counts.all) status = print_pictures(page, error);
  fprintf(page->html, "<p class=\"note\">clfit %s</p>\n</body>\n</html>\n", CLFIT_VERSION);
  return status;
}

clfit_status results_write_report(struct results *results, const struct options *options, clfit_error *error)
{
  struct page page = {.results = results, .options = options, .rank_by = options->rank_by};
  struct output output;
  clfit_status status = CLFIT_OK;
  if (!page.rank_by) status = results_default_ranking(results, &page.rank_by, error);
  if (!status) status = results_check_column(results, options->rows, "rows", error);
  if (!status) status = results_check_column(results, options->cols, "cols", error);
  if (!status && options->value) status = results_check_column(results, options->value, "value", error);
  if (!status) status = results_count(results, options->where, &page.counts, error);
  if (!status) status = find_axes(&page, error);
  if (!status) status = output_open(&output, options->report, error);
  if (!status) {
    page.html = output.file.stream;
    status = output_end(&output, print_page(&page, error), error);
  }
  free(page.axes);
  return status;
}
