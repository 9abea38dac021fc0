/* The start of a Cortex-M under qemu: switches the FPU on where there is one, then newlib's start for semihosting. */
#include <stdint.h>

extern uint32_t __stack[]; /* NOLINT(bugprone-reserved-identifier): the names that newlib has */
void _start(void);         /* NOLINT(bugprone-reserved-identifier) */
void reset(void);

void reset(void)
{
#ifdef __ARM_FP
  *(volatile uint32_t *)0xe000ed88u |= 0xfu << 20;
  __asm volatile("dsb\n isb");
#endif
  _start();
}

__attribute__((section(".vectors"), used)) static const void *const vectors[] = {__stack, (const void *)reset};
