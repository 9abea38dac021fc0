#include "engine/binary64.h"

#include "base/error.h"
#include "base/strict.h"

#include <assert.h>

#define DEFINE_OPERATION(name, expression)                                                                             \
  static double op_##name(double a, double b, double c)                                                                \
  {                                                                                                                    \
    (void)a, (void)b, (void)c;                                                                                         \
    return expression;                                                                                                 \
  }
CLFIT_OPERATIONS64(DEFINE_OPERATION)

#define DEFINE_ACTIVATION(name)                                                                                        \
  DEFINE_OPERATION(name, name##64(a))                                                                                  \
  DEFINE_OPERATION(slope_##name, slope_##name##64(name##64(a), a))
CLFIT_ACTIVATIONS(DEFINE_ACTIVATION)

#define OPERATION_ROW(name, expression) {#expression, op_##name},
#define ACTIVATION_ROWS(name)                                                                                          \
  OPERATION_ROW(name, name##64(a)) OPERATION_ROW(slope_##name, slope_##name##64(name##64(a), a))
const struct operation64 clfit_operations64[OPERATION64_COUNT] = {CLFIT_OPERATIONS64(OPERATION_ROW)
                                                                      CLFIT_ACTIVATIONS(ACTIVATION_ROWS)};

const struct operation64 *clfit_selftest64_operation(clfit_activation activation, size_t row)
{
  assert(row < SELFTEST64_ROWS && activation < clfit_activation_count());
  return &clfit_operations64[row < OPERATION64_ACTIVATIONS ? row : row + 2 * (size_t)activation];
}

/*
 * Inputs and results; the results were computed with exact fractions that are rounded once for each operation. What
 * they are sensitive to: sums and products in a wider format that are rounded twice (x87), also where the result is
 * denormal; fma as a product and a sum; denormal inputs or results flushed to zero; quotients and roots close to the
 * middle between two doubles; and changed constants or orders of operations of the functions.
 */
static const struct known {
  int operation;
  double a, b, c, result;
} known[] = {
    {OPERATION64_add, 0x1p+0, 0x1.0000000001p-53, 0, 0x1.0000000000001p+0},
    {OPERATION64_add, 0x1p+0, 0x1p-53, 0, 0x1p+0},
    {OPERATION64_add, 0x1.0000000000001p+0, 0x1p-53, 0, 0x1.0000000000002p+0},
    {OPERATION64_add, 0x1.8p-1022, -0x1p-1022, 0, 0x0.8p-1022},
    {OPERATION64_add, 0x0.0000000000001p-1022, 0x0.0000000000001p-1022, 0, 0x0.0000000000002p-1022},
    {OPERATION64_multiply, 0x1.0000000000001p+0, 0x1.0000000000001p+0, 0, 0x1.0000000000002p+0},
    {OPERATION64_multiply, 0x1.5555555555555p-600, 0x1.8p-425, 0, 0x0.4p-1022},
    {OPERATION64_multiply, 0x1.0000000001p-540, 0x1.0000000001p-500, 0, 0x0.00004p-1022},
    {OPERATION64_multiply, 0x1.8p-1022, 0x1p-1, 0, 0x0.cp-1022},
    {OPERATION64_multiply, 0x0.0000000000001p-1022, 0x1.8p+0, 0, 0x0.0000000000002p-1022},
    {OPERATION64_multiply, 0x0.0000000000001p-1022, 0x1p+60, 0, 0x1p-1014},
    {OPERATION64_fma, 0x1.0000000000001p+0, 0x1.ffffffffffffep-1, -0x1p+0, -0x1p-104},
    {OPERATION64_fma, 0x1.0000002p+0, 0x1.0000002p+0, -0x1.0000004p+0, 0x1p-54},
    {OPERATION64_fma, 0x1.0000000000001p+0, 0x1p-53, 0x1p+0, 0x1.0000000000001p+0},
    {OPERATION64_fma, 0x1.0000000000001p-53, 0x1.0000000000001p+0, 0x1p+0, 0x1.0000000000001p+0},
    {OPERATION64_fma, 0x1.5555555555555p+0, 0x1.8p+0, -0x1p+1, -0x1p-53},
    {OPERATION64_fma, 0x1.8p-540, 0x1.5p-530, 0x0.0000000004p-1022, 0x0.000000000402p-1022},
    {OPERATION64_fma, 0x1.0000000000001p+500, 0x1.0000000000001p+500, -0x1.0000000000002p+1000, 0x1p+896},
    {OPERATION64_fma, -0x1.921fb54442d18p+1, 0x1.5bf0a8b145769p+1, 0x1.14580b45d4749p+3, 0x1.894548bb96a6ap-4},
    {OPERATION64_divide, 0x1p+0, 0x1.8p+1, 0, 0x1.5555555555555p-2},
    {OPERATION64_divide, 0x1.ffffffffffffep+0, 0x1.fffffffffffffp+0, 0, 0x1.fffffffffffffp-1},
    {OPERATION64_divide, 0x1p+0, 0x1.fffffffffffffp+0, 0, 0x1.0000000000001p-1},
    {OPERATION64_divide, 0x1.fffffffffffffp+0, 0x1.0000000000001p+0, 0, 0x1.ffffffffffffdp+0},
    {OPERATION64_divide, 0x1.4p+2, 0x1.cp+2, 0, 0x1.6db6db6db6db7p-1},
    {OPERATION64_divide, 0x1p-1022, 0x1.8p+1, 0, 0x0.5555555555555p-1022},
    {OPERATION64_divide, 0x0.0000000000002p-1022, 0x1p-1, 0, 0x0.0000000000004p-1022},
    {OPERATION64_divide, 0x1.921fb54442d18p+1, -0x1.5bf0a8b145769p+1, 0, -0x1.27ddbf6271dbep+0},
    {OPERATION64_divide, 0x0.0000000000001p-1022, 0x0.00006p-1022, 0, 0x1.5555555555555p-35},
    {OPERATION64_root, 0x1p+1, 0, 0, 0x1.6a09e667f3bcdp+0},
    {OPERATION64_root, 0x1.8p+1, 0, 0, 0x1.bb67ae8584caap+0},
    {OPERATION64_root, 0x1.fffffffffffffp+0, 0, 0, 0x1.6a09e667f3bccp+0},
    {OPERATION64_root, 0x1.ffffffffffffep-1, 0, 0, 0x1.fffffffffffffp-1},
    {OPERATION64_root, 0x1.0000000000001p+0, 0, 0, 0x1p+0},
    {OPERATION64_root, 0x0.0000000000001p-1022, 0, 0, 0x1p-537},
    {OPERATION64_root, 0x0.0123456789abdp-1022, 0, 0, 0x1.1111111111121p-515},
    {OPERATION64_root, 0x1.fffffffffffffp+1023, 0, 0, 0x1.fffffffffffffp+511},
    {OPERATION64_exp, -0x1.9p+0, 0, 0, 0x1.ad48bc25771c8p-3},
    {OPERATION64_exp, 0x1.5bf0a8b145769p+2, 0, 0, 0x1.cb4da6ea2d6d6p+7},
    {OPERATION64_exp, -0x1.3880000000001p+9, 0, 0, 0x1.3e996e012fc65p-902},
    {OPERATION64_exp, 0x1.62cp+9, 0, 0, 0x1.586f6bf260cfp+1021},
    {OPERATION64_sigmoid, -0x1.197p+0, 0, 0, 0x1.ffb5ff116098dp-3},
    {OPERATION64_sigmoid, 0x1.3p-2, 0, 0, 0x1.25b92d1cdc1acp-1},
    {OPERATION64_sigmoid, 0x1.8cp+4, 0, 0, 0x1.ffffffffd8c94p-1},
    {OPERATION64_sigmoid, -0x1.1p+5, 0, 0, 0x1.ee001eed62a91p-50},
    {OPERATION64_tanh, 0x1.23456789abcdep-3, 0, 0, 0x1.2152b0b66e9fep-3},
    {OPERATION64_tanh, -0x1.71cfp-2, 0, 0, -0x1.62873131c36eap-2},
    {OPERATION64_tanh, 0x1.91p-1, 0, 0, 0x1.4f200c08c12a4p-1},
    {OPERATION64_tanh, 0x1.7p+0, 0, 0, 0x1.c950a3340c8cp-1},
    {OPERATION64_tanh, -0x1.3456789p+2, 0, 0, -0x1.ffeedddb17e0ep-1},
    {OPERATION64_tanh, 0x1.2p+4, 0, 0, 0x1.ffffffffffffcp-1},
    {OPERATION64_tanh, 0x1p-30, 0, 0, 0x1p-30},
};

clfit_status clfit_binary64_check(clfit_error *error)
{
  for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
    const struct operation64 *operation = &clfit_operations64[known[i].operation];
    volatile double a = known[i].a, b = known[i].b, c = known[i].c; /* computed here, not by the compiler */
    const double got = operation->compute(a, b, c);
    if (BITS64_OF(got) == BITS64_OF(known[i].result)) continue;
    return clfit_fail(error, CLFIT_ERROR_INEXACT,
                      "this machine does not compute the strict arithmetic in double precision: %s gives %a, not %a, "
                      "for a = %a, b = %a, c = %a",
                      operation->expression, got, known[i].result, known[i].a, known[i].b, known[i].c);
  }
  return CLFIT_OK;
}
