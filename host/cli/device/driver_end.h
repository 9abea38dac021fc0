/* A word, and an exit code of clfit's own, where an OpenCL driver ends the whole process: when it is loaded, or by a
 * program that no probe has built before. */
#ifndef CLFIT_CLI_DRIVER_END_H
#define CLFIT_CLI_DRIVER_END_H

/* From now on an abort, and a call of exit from anywhere but main, end with one line on stderr and EXIT_OPENCL. Called
 * once, by main. */
void driver_end_watch(void);

/* Takes the abort back from LLVM, PoCL's compiler, which sets a handler of its own when it begins. Does nothing in a
 * program that does not watch. */
void driver_end_watch_again(void);

/* The program itself is about to end, or another process tells how it has ended. */
void driver_end_expected(void);

#endif
