#include "cli/explain/explanation.h"

#include "cli/io/message.h"
#include "cli/io/output.h"
#include "cli/io/picture.h"

#include <math.h>
#include <stdlib.h>

clfit_status explanation_check(const char *path, clfit_error *error)
{
  if (picture_is_text(path)) return CLFIT_OK;
  if (picture_ends_in(path, ".svg") || picture_ends_in(path, ".png")) return clfit_plot_check(path, error);
  return refuse(error, "cannot explain in %.200s: a picture's name ends in .svg or .png, a table's in .txt", path);
}

clfit_status explanation_write(const struct explanation *explanation, const char *path, clfit_error *error)
{
  struct output output;
  clfit_neuron *neurons = malloc(explanation->state->network.hidden * sizeof *neurons);
  if (!neurons) return clfit_fail_memory(error);
  clfit_state_neurons(explanation->state, &explanation->scaling, explanation->low, explanation->high, neurons);
  clfit_status status = output_open(&output, path, error);
  if (!status && !picture_is_text(path))
    status = output_end(&output, explanation_draw(explanation, neurons, path, output.file.stream, error), error);
  else if (!status) {
    explanation_print_table(explanation, neurons, output.file.stream);
    status = output_end(&output, CLFIT_OK, error);
  }
  free(neurons);
  return status;
}

/* ---- the table ------------------------------------------------------------------------------------------------- */

/* A table for people: six digits do. */
static void print_cell(FILE *stream, int width, double value)
{
  if (isfinite(value))
    fprintf(stream, "  %*.6g", width, value);
  else
    fprintf(stream, "  %*s", width, "-");
}

void explanation_print_table(const struct explanation *explanation, const clfit_neuron *neurons, FILE *stream)
{
  const clfit_network *network = &explanation->state->network;
  const clfit_plot *plot = &explanation->plot;
  size_t inside = 0;
  fprintf(stream, "neuron      bends at  inside         slope          adds\n");
  for (uint32_t j = 0; j < network->hidden; j++) {
    fprintf(stream, "%6u", neurons[j].index);
    print_cell(stream, 12, neurons[j].x);
    fprintf(stream, "  %6s", neurons[j].inside ? "yes" : "no");
    print_cell(stream, 12, neurons[j].slope);
    print_cell(stream, 12, neurons[j].span);
    fputc('\n', stream);
    inside += neurons[j].inside;
  }
  fprintf(stream, "constant  %.6g\n", clfit_state_constant(explanation->state, &explanation->scaling));
  fprintf(stream, "%zu of %u %s neuron%s bend%s inside the samples' range of %s, %.6g to %.6g\n", inside,
          network->hidden, clfit_activation_name(network->activation), network->hidden == 1 ? "" : "s",
          inside == 1 ? "s" : "", plot->x_label, explanation->low, explanation->high);
}
