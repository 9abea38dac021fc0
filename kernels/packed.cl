/*
 * packed: one work-item trains LANES networks at once, one in each lane of a vector (16 on a CPU, 1 on a GPU, where a
 * thread owns a network). For many networks: each lane sums the neurons of its own network, so no sum across lanes is
 * needed.
 *
 * Network `slot` is lane slot mod LANES of pack slot / LANES. W1, B1 and W2 are [packs][stride] vectors, padded with
 * zeros, B2 is [packs]; all of them stay in private memory while the kernel runs. No local memory. The networks of a
 * pack share the program (activation and bucket); each has its own samples, rate, number of neurons and epochs, and may
 * end before the others.
 *
 * Global size: the number of packs, or a fraction of it, at least 1/INTERLEAVED; work-item i trains the packs i, i +
 * global size ...; local size GROUP, which divides it.
 */
#ifndef LANES
#define LANES 16
#endif
#ifndef VECTORS
#define VECTORS 8 /* capacity of a network in neurons */
#endif
#ifndef UNROLL
/* with LANES 1: whether the neurons (at most 32) are kept in registers (1) or in memory (0); no effect with LANES 16 */
#define UNROLL 1
#endif
#ifndef GROUP
/* packs in a work-group; on a GPU several, because a multiprocessor holds only a limited number of work-groups */
#define GROUP 1
#endif
#ifndef PADDED_FROM
#define PADDED_FROM 0 /* every network has the neurons before this one */
#endif
/* Packs that a work-item trains alternately, one step of each: while the sum of one pack is computed, the processor can
 * start the operations of the next pack, which do not depend on it. */
#ifndef INTERLEAVED
#define INTERLEAVED 1
#endif
#define IN_REGISTERS (LANES == 1 && UNROLL)
/*
 * A network's neurons are arranged in columns: neuron j is row j / COLUMNS of column j mod COLUMNS. The tree of the
 * strict order adds the partial sums within a column first and the columns last, so that a step can process one column
 * after the other with the same code. A network in registers has one column; otherwise the number of columns is chosen
 * so that the rows divide into blocks (neuron.h) of good size: 16 neurons in one column are blocks of 6 + 5 + 5, in two
 * columns they would be 4 + 4 twice.
 */
#if IN_REGISTERS || VECTORS <= 12 || VECTORS == 16
#define COLUMNS 1
#elif VECTORS <= 32
#define COLUMNS 2
#else
#define COLUMNS 4
#endif
#if VECTORS <= 32 ? VECTORS % COLUMNS : VECTORS % 32
#error "VECTORS must be a multiple of COLUMNS, and of 32 above 32: otherwise some rows would not be initialised"
#endif
#define ROWS_OF_COLUMN (VECTORS / COLUMNS) /* rows of a column */
#define INDEX_OF(j)    ((j) % COLUMNS * ROWS_OF_COLUMN + (j) / COLUMNS)
/* Number of partial sums of a column: row r is added to partial sum r mod ROWS. */
#if VECTORS < 32
#define ROWS ROWS_OF_COLUMN
#else
#define ROWS (32 / COLUMNS)
#endif
/* Numbers of remaining rows for which there is separate unrolled code at the end of a column (REST below): up to 32
 * neurons from the rows of the smallest network of this bucket to all rows; above 32 neurons 5 to 12, after full rounds
 * of ROWS rows. */
#if VECTORS <= 32
#define REST_LEAST (PADDED_FROM / COLUMNS)
#define REST_MOST  ROWS
#else
#define REST_LEAST (REST_MOST - ROWS + 1)
#define REST_MOST  12
#endif
#if IN_REGISTERS
#define EACH_NEURON(j) EACH(j, VECTORS)
#else
#define EACH_NEURON(j) for (uint j = 0; j < VECTORS; j++)
#endif
#define NEURONS COLUMNS /* from one row to the next */
#define PLANE   real    /* of the buffers W1, B1 and W2 */
#define SCALAR  real    /* of B2 */
#include "arguments.h"
#include "network.h"
#include "neuron.h"
#include "order.h"
#include "progress.h"
#include "selftest.h"
#include "separate.h"

#if LANES == 16
#define ANY(flags)                any(flags)
#define LOAD_LANES(array)         vload16(0, array)
#define STORE_LANES(value, array) vstore16(value, 0, array)
#define DEFERRED                  true /* the update is postponed to the next forward pass (neuron.h) */
#else
#define ANY(flags)                ((flags) != 0)
#define LOAD_LANES(array)         ((array)[0])
#define STORE_LANES(value, array) ((array)[0] = (value))
/* on a GPU other threads hide the latency, and the combined loop would double the code */
#define DEFERRED                  false
#endif

/* LANES networks in training: first the values computed in vectors, then the bookkeeping, one element per lane. */
struct pack {
  struct neurons neurons[VECTORS];
  real b2;
  real rate;
  struct gradient_step step; /* from the last sample */
  bool pending;              /* the neurons have not been updated from the last sample yet */
  flags hidden;
  uint least_hidden, most_hidden;
  flags training; /* -1: still training */
  bool any_training;

  /* Valid in the current segment: */
  real block_loss;
  flags counted; /* samples trained; it stops counting at the first error that is not finite */
  bool same;     /* all running lanes take the same samples, in the order `common` */
  struct order common;
  struct order orders[LANES];
  /* 1 for a running lane; 0 for one whose training has ended: it reads the same sample repeatedly, and its results are
   * not used */
  uint advances[LANES];

  struct network_task task[LANES];
  struct network_progress at[LANES];
  uint first_epoch[LANES]; /* at the launch's start */
};

/* Adds `count` partial sums as a tree of `size` partial sums, of which the others are +0; see step() for the sign of
 * zero. */
#define ADD_TREE(sums, count, size)                                                                                    \
  __attribute__((opencl_unroll_hint(5))) for (uint stride = (size) / 2; stride > 0; stride /= 2)                       \
      EACH(i, ((size) + 1) / 2) if (i < stride && i + stride < (count)) sums[i] += sums[i + stride]

/* PASS_BLOCK: one block of the rows row .. row + count - 1 of a column; row is a multiple of ROWS, count a constant.
 * PASS: all blocks of these rows. */
#define PASS_BLOCK(block, updates, row, count, masked)                                                                 \
  update_and_forward(neurons, updates, pack->step, x, (row) + FIRST_OF(block, count),                   \
                     FIRST_OF(block + 1, count) - FIRST_OF(block, count), masked, hidden, sums,                        \
                     FIRST_OF(block, count), ROWS)
#define PASS(updates, row, count, masked) EACH(block, BLOCKS_FOR(count)) PASS_BLOCK(block, updates, row, count, masked)
/* All rows of the largest network in the pack, or a few more. With up to 32 neurons every network of the bucket reaches
 * into the last block, so no block can be skipped. */
#define PASS_MIXED(updates)                                                                                            \
  for (uint row = 0; row < most; row += ROWS) EACH(block, BLOCKS_FOR(ROWS))                                            \
  if (VECTORS <= 32 || row + FIRST_OF(block, ROWS) < most) PASS_BLOCK(block, updates, row, ROWS, true)

INLINE real sum_column(struct pack *pack, uint column, bool updates, real x)
{
  struct neurons *neurons = pack->neurons + column * ROWS_OF_COLUMN;
  const flags hidden = pack->hidden - (flags)((int)column);
  real sums[ROWS];
  EACH(i, ROWS) sums[i] = (real)(0.0f);
#if IN_REGISTERS
  EACH(block, BLOCKS_FOR(ROWS)) PASS_BLOCK(block, updates, 0, ROWS, FIRST_OF(block + 1, ROWS) > PADDED_FROM);
#else
  /* Rows of the smallest and of the largest network. */
  const uint least = (pack->least_hidden + COLUMNS - 1 - column) / COLUMNS;
  const uint most = (pack->most_hidden + COLUMNS - 1 - column) / COLUMNS;
  /* no postponed update: always with LANES 1; otherwise in the first step of a launch, and after networks were stored
   * because one ended */
  if (!updates) {
    PASS_MIXED(false);
  } else if (least < most) {
    PASS_MIXED(true);
  } else {
    uint row = 0;
    /* All networks of the pack have the same number of neurons, so there is no padding. There is unrolled code for each
     * possible number of remaining rows, so that the last block is never a very short one, which would run slowly. */
#if VECTORS > 32
    for (; row + REST_MOST < most; row += ROWS) PASS(true, row, ROWS, false);
#endif
    const uint rest = most - row;
#define REST(count)                                                                                                    \
  if (count >= REST_LEAST && count <= REST_MOST)                                                                       \
    if (rest == count) PASS(true, row, count, false);
    REST(1)
    REST(2)
    REST(3)
    REST(4)
    REST(5)
    REST(6)
    REST(7)
    REST(8)
    REST(9)
    REST(10)
    REST(11)
    REST(12)
    REST(13)
    REST(14)
    REST(15)
    REST(16)
  }
#endif
  ADD_TREE(sums, ROWS, CLFIT_PARTIAL_SUMS / COLUMNS);
  return sums[0];
}

/* W2 . a in the strict order: neuron j is added to partial sum j mod 32, then the partial sums are added as a tree. */
INLINE real sum_output(struct pack *pack, bool updates, real x)
{
  real sums[COLUMNS];
  NOT_UNROLLED for (uint column = 0; column < COLUMNS; column++) sums[column] = sum_column(pack, column, updates, x);
  ADD_TREE(sums, COLUMNS, COLUMNS);
  return sums[0];
}

INLINE void apply_pending_update(struct pack *pack)
{
  const struct gradient_step step = pack->step;
  struct neurons updated[1];
  EACH_NEURON(j) update_vectors(&pack->neurons[INDEX_OF(j)], 1, step, updated);
  pack->pending = false;
}

/* One step, with the n-th sample of the segment. A lane whose network diverges goes on computing; only its counters
 * stop. */
INLINE void step(struct pack *pack, global const float *x_all, global const float *y_all, uint n)
{
  real x, y;
  if (pack->same) {
    x = (real)(x_all[sample_index(pack->common, n)]);
    y = (real)(y_all[sample_index(pack->common, n)]);
  } else {
    float xs[LANES], ys[LANES];
    for (uint l = 0; l < LANES; l++) {
      const uint sample = sample_index(pack->orders[l], n * pack->advances[l]);
      xs[l] = x_all[sample];
      ys[l] = y_all[sample];
    }
    x = LOAD_LANES(xs);
    y = LOAD_LANES(ys);
  }
  const real sum = DEFERRED && pack->pending ? sum_output(pack, true, x) : sum_output(pack, false, x);
  /* With fewer than 32 neurons the reference also adds empty partial sums, which are +0; this turns a sum of -0 into
   * +0. Adding +0 to b2 has the same effect on sum + b2, and does not lengthen the dependent sequence of operations. */
  const real b2 = VECTORS < CLFIT_PARTIAL_SUMS ? pack->b2 + 0.0f : pack->b2;
  const real e = (sum + b2) - y;
  const flags finite = (pack->counted == (flags)((int)n)) & (fabs(e) <= (real)(FLT_MAX));
  pack->counted = finite ? pack->counted + 1 : pack->counted;
  pack->block_loss = finite ? FMA(e, e, pack->block_loss) : pack->block_loss;
  pack->step.scale = pack->rate * e;
  pack->step.scale_x = pack->step.scale * x;
  if (SLOPE_USES_Z) pack->step.x = x;
  pack->b2 = fma(-pack->rate, e, pack->b2);
  pack->pending = true;
  if (!DEFERRED) apply_pending_update(pack);
}

INLINE void load_pack(struct pack *pack, uint number, global const struct network_task *tasks,
                      global const struct network_progress *progress)
{
  int hiddens[LANES], training[LANES];
  float rates[LANES];
  pack->least_hidden = UINT_MAX;
  pack->most_hidden = 0;
  for (uint l = 0; l < LANES; l++) {
    const struct network_task task = tasks[number * LANES + l];
    pack->task[l] = task;
    pack->at[l] = progress[number * LANES + l];
    pack->first_epoch[l] = pack->at[l].epoch;
    training[l] = pack->at[l].status == CLFIT_TRAINING ? -1 : 0;
    hiddens[l] = (int)task.hidden;
    rates[l] = task.rate;
    if (!training[l]) continue;
    pack->least_hidden = min(pack->least_hidden, task.hidden);
    pack->most_hidden = max(pack->most_hidden, task.hidden);
  }
  pack->rate = LOAD_LANES(rates);
  pack->hidden = LOAD_LANES(hiddens);
  pack->training = LOAD_LANES(training);
  pack->any_training = ANY(pack->training);
  pack->pending = false;
}

/* Prepares a segment: the steps to the first boundary of any network of the pack. Returns their number, at most
 * `steps`. */
INLINE uint begin_segment(struct pack *pack, uint steps)
{
  int training[LANES];
  float block_losses[LANES];
  bool found = false;
  STORE_LANES(pack->training, training);
  pack->same = true;
  pack->common = pack->orders[0];
  for (uint l = 0; l < LANES; l++) {
    pack->orders[l] = begin_order(pack->task[l], training[l] ? pack->at[l].sample : 0);
    pack->advances[l] = training[l] ? 1 : 0;
    block_losses[l] = pack->at[l].block_loss;
    if (!training[l]) continue;
    steps = min(steps, steps_to_boundary(pack->task[l], pack->at[l], steps));
    if (!found) pack->common = pack->orders[l];
    pack->same = pack->same && same_order(pack->orders[l], pack->common);
    found = true;
  }
  pack->block_loss = LOAD_LANES(block_losses);
  pack->counted = (flags)(0);
  return steps;
}

/* Updates progress at the end of a segment of `segment` steps. Returns the lanes whose training has ended in it
 * without diverging: their parameters must be stored. */
INLINE flags end_segment(struct pack *pack, uint segment, uint slot, global float *losses, uint losses_kept)
{
  int training[LANES], counted[LANES], finished[LANES];
  float block_losses[LANES];
  STORE_LANES(pack->training, training);
  STORE_LANES(pack->counted, counted);
  STORE_LANES(pack->block_loss, block_losses);
  for (uint l = 0; l < LANES; l++) {
    finished[l] = 0;
    if (!training[l]) continue;
    pack->at[l].block_loss = block_losses[l];
    if ((uint)counted[l] < segment) {
      pack->at[l].sample += (uint)counted[l];
      pack->at[l].status = CLFIT_DIVERGED;
    } else {
      pack->at[l] = count_steps(pack->task[l], pack->at[l], segment);
      if (pack->at[l].sample == 0) store_loss(losses, losses_kept, slot + l, pack->first_epoch[l], pack->at[l]);
    }
    if (pack->at[l].status == CLFIT_TRAINING) continue;
    training[l] = 0;
    finished[l] = pack->at[l].status == CLFIT_DIVERGED ? 0 : -1;
  }
  pack->training = LOAD_LANES(training);
  pack->any_training = ANY(pack->training);
  return LOAD_LANES(finished);
}

/* For work-item `item` of `items`. */
SEPARATED train_packs(size_t item, size_t items, TRAIN_ARGUMENTS(SEPARATED_RESTRICT))
{
  STAYS_SEPARATE
  struct pack packs[INTERLEAVED];
  bool any_training = false;
/* The packs of this work-item: p counts them, NUMBER(p) is their number among all packs. */
#define EACH_PACK(p) for (uint p = 0; p < INTERLEAVED; p++)
#define NUMBER(p)    ((uint)(item + (p)*items))
  EACH_PACK(p)
  {
    packs[p].any_training = false;
    if (NUMBER(p) >= units) continue;
    load_pack(&packs[p], NUMBER(p), tasks, progress);
    any_training = any_training || packs[p].any_training;
    const size_t offset = (size_t)NUMBER(p) * stride;
    EACH_NEURON(j)
    {
      struct neurons *neuron = &packs[p].neurons[INDEX_OF(j)];
      neuron->w1 = w1_all[offset + j];
      neuron->b1 = b1_all[offset + j];
      neuron->w2 = w2_all[offset + j];
      /* neurons beyond the pack's largest network are never evaluated, so their activation must be set here */
      neuron->a = (real)(0.0f);
    }
    packs[p].b2 = b2_all[NUMBER(p)];
  }

  while (steps && any_training) {
    uint segment = steps;
    EACH_PACK(p) if (packs[p].any_training) segment = begin_segment(&packs[p], segment);
    for (uint n = 0; n < segment; n++) EACH_PACK(p) if (packs[p].any_training) step(&packs[p], x_all, y_all, n);
    steps -= segment;

    any_training = false;
    EACH_PACK(p) if (packs[p].any_training)
    {
      struct pack *pack = &packs[p];
      const uint slot = NUMBER(p) * LANES;
      const size_t offset = (size_t)NUMBER(p) * stride;
      const flags finished = end_segment(pack, segment, slot, losses, losses_kept);
      any_training = any_training || pack->any_training;
      /* Networks that ended are stored now, because their lane goes on computing (a zero rate would not keep all
       * parameters unchanged, bit for bit). The others are stored at the end of the launch. */
      const flags stored = steps ? finished : finished | pack->training;
      if (ANY(stored)) {
        if (pack->pending) apply_pending_update(pack);
        EACH_NEURON(j)
        {
          const struct neurons *neuron = &pack->neurons[INDEX_OF(j)];
          w1_all[offset + j] = stored ? neuron->w1 : w1_all[offset + j];
          b1_all[offset + j] = stored ? neuron->b1 : b1_all[offset + j];
          w2_all[offset + j] = stored ? neuron->w2 : w2_all[offset + j];
        }
        b2_all[NUMBER(p)] = stored ? pack->b2 : b2_all[NUMBER(p)];
      }
      if (ANY(stored) || !pack->any_training)
        for (uint l = 0; l < LANES; l++) progress[slot + l] = pack->at[l];
    }
  }
}

#if GROUP > 1 /* tells the compiler how many work-items share the registers */
__attribute__((reqd_work_group_size(GROUP, 1, 1)))
#endif
kernel void
train(TRAIN_ARGUMENTS(restrict))
{
  train_packs(get_global_id(0), get_global_size(0), TRAIN_VALUES);
}
