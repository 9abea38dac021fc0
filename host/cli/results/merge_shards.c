/* Puts shards together, and says what is still missing. */
#include "study/store/merge.h"

#include "cli/io/message.h"
#include "cli/results/results.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static clfit_status check(const struct options *options, clfit_error *error)
{
  const struct text_list *shards = &options->merge;
  for (enum option_id id = 0; id < option_count(); id++)
    if (option_given(options, id) && id != OPTION_MERGE && id != OPTION_QUIET)
      return refuse(error, "--%s does not go with --merge", option_name(id));
  for (size_t i = 0; i < shards->count; i++)
    if (clfit_output_same_file(shards->items[i], options->operand))
      return refuse(error, "%.200s cannot be merged into itself", options->operand);
  return CLFIT_OK;
}

static void print_missing(const struct merge_report *report)
{
  const char *before = "missing   ";
  for (uint32_t i = 0; i < report->shards; i++) {
    uint64_t wanted = (report->wanted + report->shards - 1 - i) / report->shards, missing = report->missing[i];
    if (missing == 0) continue;
    printf("%sshard %u/%u", before, i + 1, report->shards);
    if (missing < wanted) printf(" (%" PRIu64 " of its %" PRIu64 " networks)", missing, wanted);
    before = ", ";
  }
  if (*before == ',') printf("\n");
}

clfit_status results_merge_shards(const struct options *options, clfit_error *error)
{
  struct merge_report report = {0};
  clfit_status status = check(options, error);
  if (!status) status = results_merge(options->operand, options->merge.count, options->merge.items, &report, error);
  if (status) return status;
  printf("study     %s\nnetworks  %" PRIu64 " of %" PRIu64 ", %" PRIu64 " of them new, %" PRIu64 " there before\n",
         options->operand, report.networks, report.wanted, report.added, report.known);
  print_missing(&report);
  merge_report_clear(&report);
  return CLFIT_OK;
}
