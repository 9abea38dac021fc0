# Turns the kernel files into one C file with a table of (name, text), so that the library carries its kernels.
# cmake -DOUTPUT=embedded.c -DINPUTS=a.cl,b.h -P EmbedKernels.cmake
string(REPLACE "," ";" inputs "${INPUTS}")
set(arrays "")
set(rows "")
foreach(input IN LISTS inputs)
  get_filename_component(name "${input}" NAME)
  string(MAKE_C_IDENTIFIER "${name}" symbol)
  file(READ "${input}" bytes HEX)
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${bytes}")
  string(REPLACE "0x0a," "0x0a,\n" bytes "${bytes}") # a line of C for a line of kernel
  string(APPEND arrays "static const char text_${symbol}[] = {${bytes}0};\n")
  string(APPEND rows "    {\"${name}\", text_${symbol}},\n")
endforeach()
file(WRITE "${OUTPUT}" "/* Made by cmake/EmbedKernels.cmake from kernels/; do not edit. */
#include \"engine/opencl/embedded.h\"
#include <stddef.h>
${arrays}
const struct embedded_file clfit_embedded_files[] = {
${rows}    {NULL, NULL},
};
")
