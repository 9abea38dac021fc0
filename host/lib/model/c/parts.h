/*
 * The parts of an exported C header: the files of the folder text, in which NAME stands for the name of the exported
 * function, which begins every name that the header declares.
 */
#ifndef CLFIT_MODEL_C_PARTS_H
#define CLFIT_MODEL_C_PARTS_H

#include "base/embedded.h"

#include <stdio.h>

/* A row with name NULL ends the table. */
extern const struct embedded_file clfit_c_parts[];

/* Prints a text with `name` for NAME. */
void clfit_c_print(FILE *stream, const char *name, const char *text);

/* Prints an empty line and the part of that file name ("sigmoid.h"), which exists. */
void clfit_c_print_part(FILE *stream, const char *name, const char *part);

/* Room for a hexadecimal constant of a float or a double with its sign, suffix and NUL. */
#define C_CONSTANT_SIZE 32

/* A constant of C99: "-0x1.8p+1f", and of a double "0x1.8p+1". Finite. */
void clfit_c_float(char text[C_CONSTANT_SIZE], float value);
void clfit_c_double(char text[C_CONSTANT_SIZE], double value);

#endif
