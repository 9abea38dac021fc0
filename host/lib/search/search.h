/* A search for the smallest network (clfit_search), and its parts. */
#ifndef CLFIT_HOST_SEARCH_H
#define CLFIT_HOST_SEARCH_H

#include "clfit.h"

/* How good a network is, in y's own unit. */
struct quality {
  clfit_figures figures; /* unweighted, of the samples whose weight is not 0 */
  double weighted_rmse;  /* root of the weighted mean squared error */
};

/* A network that was fitted, and how good it is. */
struct candidate {
  clfit_state state; /* parameters NULL: there is none */
  double loss;       /* train loss of its fit by least squares */
  struct quality quality;
};

/* A search under way. */
struct search {
  clfit_device *device;
  const clfit_data *data;
  const clfit_search_options *options;
  double begun;    /* clfit_clock */
  uint64_t round;  /* number of the next round */
  uint64_t starts; /* that have been trained */
  uint32_t hidden; /* the size at hand */
  bool ended;      /* by the caller or by the time; nothing is trained any more */
  clfit_search_end end;
  double *z;                     /* [samples], of judge */
  double *counted_z, *counted_y; /* [samples], the same of those whose weight is not 0; NULL: without weights */
};

/* ---- training (train.c) -------------------------------------------------------------------------------------- */

/* Networks that are trained together. */
struct batch {
  size_t count;
  clfit_state *states;     /* [count] */
  const clfit_data **data; /* [count] */
  uint32_t *groups;        /* [count], rising: only networks of one group are ranked against each other */
};

/* Up to `iterations` in all; then the `keep` best of each group go on to the next stage, if there is one and any train
 * loss is at most `limit`. */
struct stage {
  uint32_t iterations;
  size_t keep;
  double limit;
};

/* Room for count networks without states, all of one group and with the search's own data. Release with batch_clear. */
clfit_status clfit_batch_create(const struct search *search, size_t count, struct batch *batch, clfit_error *error);
void clfit_batch_clear(struct batch *batch);

/* A new network of the size at hand with random initial weights. */
clfit_status clfit_batch_start(const struct search *search, uint32_t seed, clfit_state *state, clfit_error *error);

/* A copy of a network that is to be fitted again from where it is. */
clfit_status clfit_batch_restart(const clfit_state *from, clfit_state *state, clfit_error *error);

/* Trains a batch as one round, or takes its results from options->load. What did not reach the last stage is left where
 * its stage ended. search->ended afterwards: the batch is as it was, or half trained: of use only where there is no
 * other network. */
clfit_status clfit_batch_train(struct search *search, struct batch *batch, const struct stage *stages, size_t count,
                               clfit_error *error);

/* Train loss of the last iteration; infinite if there is none. */
double clfit_batch_loss(const clfit_progress *progress);

/* ---- rounds as bytes (rounds.c) ------------------------------------------------------------------------------ */

/* SHA-256 of what a round begins with. */
void clfit_round_digest(const struct batch *batch, char digest[CLFIT_DIGEST_SIZE]);

/* The bytes of a trained batch; *bytes is made by malloc. */
clfit_status clfit_round_encode(const struct batch *batch, const char *digest, unsigned char **bytes, size_t *count,
                                clfit_error *error);

/* Sets a batch to what the bytes say. CLFIT_ERROR_FORMAT: they are not of a round that began with the digest. */
clfit_status clfit_round_decode(struct batch *batch, const char *digest, const unsigned char *bytes, size_t count,
                                clfit_error *error);

/* ---- judging (judge.c) --------------------------------------------------------------------------------------- */

/* The quality of a network on the search's data. Leaves its answers in search->z. */
void clfit_search_judge(const struct search *search, const clfit_state *state, struct quality *quality);

/* What networks are ranked by: what the bound limits, rmse or, with max_error, the largest error; without a bound the
 * weighted rmse. */
double clfit_search_figure(const struct search *search, const struct quality *quality);

/* The bound, or 0. */
double clfit_search_bound(const struct search *search);
bool clfit_search_meets(const struct search *search, const struct quality *quality);

/* Replaces *best by a copy of a network if that is better: smaller in clfit_search_figure, or, where both are within 1
 * % of each other and both keep the bound or neither, smaller in its largest weight of the output layer. */
clfit_status clfit_candidate_offer(const struct search *search, struct candidate *best, const clfit_state *state,
                                   const struct quality *quality, clfit_error *error);
void clfit_candidate_clear(struct candidate *candidate);

/* ---- one size (size.c, reweight.c, folds.c) ------------------------------------------------------------------ */

/* What is known of one size. */
struct size_search {
  clfit_search_row row;
  struct candidate best;
  double before;  /* clfit_search_figure of the best before the last batch; infinite: there was none */
  double least;   /* smallest train loss */
  double *losses; /* [row.starts] */
};

/* Trains batches at the size search->hidden until it is known well enough, the bound is kept, or the budget spent. */
clfit_status clfit_size_search(struct search *search, struct size_search *size, clfit_error *error);
void clfit_size_clear(struct size_search *size);

/* Whether another batch is worth while, after `batches` of them. */
bool clfit_size_goes_on(const struct search *search, const struct size_search *size, size_t batches);

/* Networks that are judged after a batch at most, those with the smallest loss. */
#define SEARCH_JUDGED 64

/* Lawson's reweighting of up to four of at most SEARCH_JUDGED networks, those with the smallest largest error; offers
 * what comes out. */
clfit_status clfit_reweight(struct search *search, size_t count, const clfit_state *const *states,
                            struct size_search *size, clfit_error *error);

/* Sets cv_rmse and cv_error of a size that has a best network. */
clfit_status clfit_cross_validate(struct search *search, struct size_search *size, clfit_error *error);

/* Assigns samples to folds: folds[i] is the fold of sample i, UINT32_MAX: of none, as samples of weight 0 are. *used:
 * the number of folds, 0 if less than four different x count; each has a sample. x: [n]; weights: [n], NULL: all 1. */
clfit_status clfit_folds_assign(size_t n, const double *x, const float *weights, uint32_t seed, uint32_t most,
                                uint32_t *folds, uint32_t *used, clfit_error *error);

#endif
