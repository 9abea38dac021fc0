/* The check of the host's arithmetic, with hosts that are wrong in different ways. Wrong options of the compiler are
 * tried by tests/checks/unsafe_flags.sh. */
#include "clfit.h"
#include "expect.h"

#include "engine/host_check.h"

#include <fenv.h>
#ifdef __SSE2__
#include <xmmintrin.h>
#endif

/* Which call of clfit_state_digest from now on gives another digest; 0: none. */
static int wrong_digest;

void __wrap_clfit_state_digest(const clfit_state *state, char digest[CLFIT_DIGEST_SIZE]);
void __real_clfit_state_digest(const clfit_state *state, char digest[CLFIT_DIGEST_SIZE]);
void __wrap_clfit_state_digest(const clfit_state *state, char digest[CLFIT_DIGEST_SIZE])
{
  __real_clfit_state_digest(state, digest);
  if (wrong_digest > 0 && --wrong_digest == 0) digest[0] = digest[0] == '0' ? '1' : '0';
}

/* A math library whose fma rounds the product, too. */
static bool wrong_fma;

float __wrap_fmaf(float a, float b, float c);
float __real_fmaf(float a, float b, float c);
float __wrap_fmaf(float a, float b, float c)
{
  volatile float product = a * b;
  return wrong_fma ? product + c : __real_fmaf(a, b, c);
}

Test(host_check, this_host_is_right)
{
  EXPECT_OK(clfit_host_check(&error));
  EXPECT_OK(clfit_anchors_check(&error));
}

Test(host_check, a_missing_error_is_allowed)
{
  wrong_digest = 1;
  cr_assert_eq(clfit_host_check(NULL), CLFIT_ERROR_INEXACT);
}

Test(host_check, every_digest_counts)
{
  for (int call = 1; call <= 3; call++) {
    wrong_digest = call;
    EXPECT_ERROR(clfit_host_check(&error), CLFIT_ERROR_INEXACT, "begin with the digest");
  }
  /* each network of the anchors; the check of the host comes before, when the population is created */
  int networks = 0;
  for (int call = 4; call < 100; call++, networks++) {
    wrong_digest = call;
    if (!clfit_anchors_check(&error)) break;
    wrong_digest = call;
    EXPECT_ERROR(clfit_anchors_check(&error), CLFIT_ERROR_INEXACT, "the reference of this build is wrong");
  }
  cr_assert_geq(networks, 8);
}

static clfit_status create_population(clfit_mode mode)
{
  clfit_device *device;
  clfit_population *population = NULL;
  clfit_population_options options;
  clfit_population_options_default(&options);
  options.mode = mode;
  cr_assert_eq(clfit_device_open("reference", &device, NULL), CLFIT_OK);
  clfit_status status = clfit_population_create(device, &options, &population, &error);
  clfit_population_free(population);
  clfit_device_close(device);
  return status;
}

#ifdef __SSE2__
/* Results flushed to zero, and denormal operands taken as zero. */
Test(host_check, a_flushing_host_is_named)
{
  static const unsigned modes[] = {0x8000, 0x0040};
  const unsigned normal = _mm_getcsr();
  for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
    _mm_setcsr(normal | modes[i]);
    EXPECT_ERROR(clfit_host_check(&error), CLFIT_ERROR_INEXACT, "flushes denormal numbers");
    EXPECT_ERROR(create_population(CLFIT_STRICT), CLFIT_ERROR_INEXACT, "flushes denormal numbers");
    _mm_setcsr(normal);
  }
  EXPECT_OK(create_population(CLFIT_STRICT));
}
#endif

Test(host_check, another_rounding_is_noticed)
{
  static const int modes[] = {FE_UPWARD, FE_DOWNWARD, FE_TOWARDZERO};
  for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
    fesetround(modes[i]);
    clfit_status status = clfit_host_check(NULL);
    fesetround(FE_TONEAREST);
    cr_assert_eq(status, CLFIT_ERROR_INEXACT);
  }
}

/* A device is not blamed for what the host gets wrong: its own check begins with the host's. */
Test(host_check, a_device_is_checked_after_the_host)
{
  clfit_device *device;
  EXPECT_OK(clfit_device_open("reference", &device, &error));
  EXPECT_OK(clfit_device_check(device, &error));
  wrong_digest = 1;
  EXPECT_ERROR(clfit_device_check(device, &error), CLFIT_ERROR_INEXACT, "this machine, or this build");
  clfit_device_close(device);
}

/* with the instruction there is no call */
#if !defined __FMA__ && !defined __FP_FAST_FMAF && !defined __aarch64__ && !defined __riscv
Test(host_check, a_wrong_operation_is_named)
{
  wrong_fma = true;
  EXPECT_ERROR(clfit_host_check(&error), CLFIT_ERROR_INEXACT, "fma(a, b, c) gives");
  wrong_fma = false;
}
#endif

/* The device's own check comes first, with the host's three digests. */
Test(host_check, verify_compares_the_reference_with_known_digests)
{
  clfit_device *device;
  clfit_verification result = {.size = sizeof result};
  EXPECT_OK(clfit_device_open("cpu", &device, &error));
  wrong_digest = 4;
  EXPECT_ERROR(clfit_device_verify(device, NULL, true, &result, &error), CLFIT_ERROR_INEXACT,
               "the reference of this build is wrong");
  clfit_device_close(device);
}
