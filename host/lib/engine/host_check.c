#include "engine/host_check.h"

#include "base/error.h"
#include "base/strict.h"
#include "engine/binary64.h"
#include "engine/reference/reference.h"
#include "numerics.h"

#include <math.h>
#include <string.h>

#define MACHINE "this machine, or this build of clfit, does not compute the strict arithmetic: "

/* ---- denormal numbers ------------------------------------------------------------------------------------------ */

/* A denormal result, and a denormal operand. Bits are compared, as a processor that takes denormal operands as 0 would
 * compare them so, too. */
static clfit_status check_denormals(clfit_error *error)
{
  volatile float normal = 0x1p-126f, denormal = 0x1p-127f;
  volatile double normal64 = 0x1p-1022, denormal64 = 0x1p-1023;
  const float product = normal * 0.5f, scaled = denormal * 2.0f;
  const double product64 = normal64 * 0.5, scaled64 = denormal64 * 2.0;
  if (BITS_OF(product) == BITS_OF(0x1p-127f) && BITS_OF(scaled) == BITS_OF(0x1p-126f) &&
      BITS64_OF(product64) == BITS64_OF(0x1p-1023) && BITS64_OF(scaled64) == BITS64_OF(0x1p-1022))
    return CLFIT_OK;
  return clfit_fail(error, CLFIT_ERROR_INEXACT,
                    "this process flushes denormal numbers to zero, so it cannot compute the strict arithmetic: "
                    "something set the processor's mode for that, as programs and libraries linked with -ffast-math "
                    "do when they start");
}

/* ---- operations ------------------------------------------------------------------------------------------------ */

#define DEFINE_OPERATION(name, expression)                                                                             \
  static float op_##name(float a, float b, float c)                                                                    \
  {                                                                                                                    \
    (void)a, (void)b, (void)c;                                                                                         \
    return expression;                                                                                                 \
  }
DEFINE_OPERATION(add, a + b)
DEFINE_OPERATION(multiply, (a * b))
DEFINE_OPERATION(fma, fmaf(a, b, c))
DEFINE_OPERATION(reciprocal, reciprocal(a))
#define DEFINE_ACTIVATION(name) DEFINE_OPERATION(name, activate_##name(a))
CLFIT_ACTIVATIONS(DEFINE_ACTIVATION)

/* Results of operations that round once were computed with exact fractions; those of functions are bits that all tried
 * devices give. */
static const struct known {
  const char *expression;
  float (*compute)(float a, float b, float c);
  float a, b, c, result;
} known[] = {
    {"a + b", op_add, 0x1p+0f, 0x1.0002p-24f, 0, 0x1.000002p+0f},
    {"a + b", op_add, 0x1p+0f, 0x1p-24f, 0, 0x1p+0f},
    {"a + b", op_add, 0x1.000002p+0f, 0x1p-24f, 0, 0x1.000004p+0f},
    {"a + b", op_add, 0x1.8p-126f, -0x1p-126f, 0, 0x1p-127f},
    {"a * b", op_multiply, 0x1.000002p+0f, 0x1.000002p+0f, 0, 0x1.000004p+0f},
    {"a * b", op_multiply, 0x1.555554p-70f, 0x1.8p-58f, 0, 0x1p-127f},
    {"a * b", op_multiply, 0x0.000002p-126f, 0x1.8p+0f, 0, 0x0.000004p-126f},
    {"fma(a, b, c)", op_fma, 0x1.000002p+0f, 0x1.fffffcp-1f, -0x1p+0f, -0x1p-46f},
    {"fma(a, b, c)", op_fma, 0x1.000002p+0f, 0x1p-24f, 0x1p+0f, 0x1.000002p+0f},
    {"fma(a, b, c)", op_fma, -0.0f, 0x1p+0f, -0.0f, -0.0f},
    {"1/a", op_reciprocal, 0x1.8p+1f, 0, 0, 0x1.555556p-2f},
    {"1/a", op_reciprocal, 0x1.fffffep+0f, 0, 0, 0x1.000002p-1f},
    {"sigmoid(a)", op_sigmoid, -0x1.19999ap+0f, 0, 0, 0x1.ff77ap-3f},
    {"sigmoid(a)", op_sigmoid, 0x1.3p-2f, 0, 0, 0x1.25b92ep-1f},
    {"tanh(a)", op_tanh, 0x1.234568p-3f, 0, 0, 0x1.2152bp-3f},
    {"tanh(a)", op_tanh, -0x1.345678p+2f, 0, 0, -0x1.ffeedep-1f},
    {"relu(a)", op_relu, -0x1p+0f, 0, 0, 0},
    {"softsign(a)", op_softsign, -0x1.19999ap+0f, 0, 0, -0x1.0c30c4p-1f},
    {"softplus(a)", op_softplus, -0x1.19999ap+0f, 0, 0, 0x1.263b3ap-2f},
    {"softplus(a)", op_softplus, 0x1.345678p+2f, 0, 0, 0x1.34da66p+2f},
    {"leakyrelu(a)", op_leakyrelu, -0x1.19999ap+0f, 0, 0, -0x1.6872bp-7f},
    {"elu(a)", op_elu, -0x1.3p-2f, 0, 0, -0x1.07072p-2f},
    {"silu(a)", op_silu, 0x1.345678p+1f, 0, 0, 0x1.1ae694p+1f},
    {"gelu(a)", op_gelu, -0x1.19999ap+0f, 0, 0, -0x1.32028ep-3f},
    {"sine(a)", op_sine, 0x1.345678p+3f, 0, 0, -0x1.ac7b92p-3f},
    {"sine(a)", op_sine, -0x1.345678p-3f, 0, 0, -0x1.332c9cp-3f},
};

static clfit_status check_operations(clfit_error *error)
{
  for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
    volatile float a = known[i].a, b = known[i].b, c = known[i].c; /* computed here, not by the compiler */
    const float got = known[i].compute(a, b, c);
    if (BITS_OF(got) == BITS_OF(known[i].result)) continue;
    return clfit_fail(error, CLFIT_ERROR_INEXACT, MACHINE "%s gives %a, not %a, for a = %a, b = %a, c = %a",
                      known[i].expression, (double)got, (double)known[i].result, (double)known[i].a, (double)known[i].b,
                      (double)known[i].c);
  }
  return clfit_binary64_check(error);
}

/* ---- losses and the tolerance ---------------------------------------------------------------------------------- */

#define SAMPLES (CLFIT_LOSS_BLOCK + 1)

/* One neuron whose parameters are 0 and, with the rate 0, stay 0: the error of each sample is -y. */
static struct network_progress train_still(const float *y, const struct network_progress *from, float loss_tolerance)
{
  static const float x[SAMPLES];
  float record[4] = {0};
  const struct network_task task = {
      .hidden = 1, .samples = SAMPLES, .epochs = 10, .loss_tolerance = loss_tolerance, .rate = 0};
  struct network_progress at = *from;
  clfit_reference_train(&task, CLFIT_SIGMOID, &at, record, x, y, SAMPLES, CLFIT_LOSSES_NONE, NULL);
  return at;
}

/*
 * The first loss block is 2^24, the second 1 + 2^-9 + 2^-20. Their sum rounds to 2^24 + 2, so the pair's low part is
 * -(1 - 2^-9 - 2^-20), which a compiler that may reorder sums takes for 0. The epoch before had (2^24 + 4, -2^-26): low
 * parts rounded to float differ by LOW, exactly they would differ by 2^-26 less. So the loss changes by -2 + LOW, to
 * the bit, and a tolerance of that size does not stop the training, while the next larger one does.
 */
#define LOW (-0x1p+0f + 0x1p-9f + 0x1p-20f)
static clfit_status check_losses(clfit_error *error)
{
  const float change = 2.0f - LOW;
  float y[SAMPLES] = {0x1p+12f, [CLFIT_LOSS_BLOCK] = 0x1.004p+0f};
  const struct network_progress from = {.epoch = 1, .last_loss_high = 0x1p+24f + 4.0f, .last_loss_low = -0x1p-26f};
  const struct network_progress same = train_still(y, &from, change);
  const struct network_progress less = train_still(y, &from, REAL_OF(BITS_OF(change) + 1));
  if (same.last_loss_high != 0x1p+24f + 2.0f || same.last_loss_low != LOW)
    return clfit_fail(error, CLFIT_ERROR_INEXACT, MACHINE "a sum of losses is %a and %a, not 0x1.000002p+24 and %a",
                      (double)same.last_loss_high, (double)same.last_loss_low, (double)LOW);
  if (same.status == CLFIT_TRAINING && less.status == CLFIT_STOPPED) return CLFIT_OK;
  return clfit_fail(error, CLFIT_ERROR_INEXACT, MACHINE "training does not stop exactly where the loss changes by %a",
                    (double)change);
}

static clfit_status check_divergence(clfit_error *error)
{
  const struct network_progress begin = {.epoch = 0};
  volatile float bad[] = {NAN, INFINITY, -INFINITY};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    float y[SAMPLES] = {[5] = bad[i]};
    const struct network_progress at = train_still(y, &begin, 0);
    if (at.status == CLFIT_DIVERGED && at.sample == 5) continue;
    return clfit_fail(error, CLFIT_ERROR_INEXACT, MACHINE "an error of %g is taken for a finite one", (double)bad[i]);
  }
  return CLFIT_OK;
}

/* ---- initial parameters ---------------------------------------------------------------------------------------- */

/* Seed 219058 draws a weight that lies so close to the middle between two floats that a product in a wider format
 * rounds to the other one; normal weights go through a logarithm and a square root. */
static const struct drawn {
  clfit_init init;
  uint32_t seed;
  const char *digest;
} drawn[] = {{CLFIT_INIT_XAVIER, 219058, "1cc33f93134c35021ba93b1223e6a28bdd9077fcf961a9482a34cfe6f52844d6"},
             {CLFIT_INIT_HE, 2, "d6d769b49b4ee78931d7731c766a00ed81c280a54ab096c1ae262c0562bf94b6"},
             {CLFIT_INIT_SPREAD, 2, "46a57e70724da370ebbd10f4e34d4cf51e22cf5a75fd76786857e70bb0abdf46"}};

static clfit_status check_drawing(const struct drawn *drawing, clfit_error *error)
{
  char digest[CLFIT_DIGEST_SIZE];
  clfit_network network;
  clfit_state state;
  clfit_network_default(&network);
  network.hidden = 64;
  network.init = drawing->init;
  network.seed = drawing->seed;
  clfit_status status = clfit_state_init(&state, &network, error);
  if (status) return status;
  clfit_state_digest(&state, digest);
  clfit_state_clear(&state);
  if (!strcmp(digest, drawing->digest)) return CLFIT_OK;
  return clfit_fail(error, CLFIT_ERROR_INEXACT,
                    MACHINE "64 neurons with --init %s --seed %u begin with the digest %s, not %s",
                    clfit_init_name(drawing->init), drawing->seed, digest, drawing->digest);
}

clfit_status clfit_host_check(clfit_error *error)
{
  clfit_status status = check_denormals(error);
  if (!status) status = check_operations(error);
  if (!status) status = check_losses(error);
  if (!status) status = check_divergence(error);
  for (size_t i = 0; i < sizeof drawn / sizeof *drawn && !status; i++) status = check_drawing(&drawn[i], error);
  return status;
}
