# Turns text files into one C file with a table of (name, text), so that the library carries them.
# cmake -DOUTPUT=embedded.c -DINPUTS=a.cl,b.h -DHEADER=engine/opencl/embedded.h -DTABLE=clfit_embedded_files
#       -P Embed.cmake            HEADER declares TABLE, an array of struct embedded_file
string(REPLACE "," ";" inputs "${INPUTS}")
set(arrays "")
set(rows "")
foreach(input IN LISTS inputs)
  get_filename_component(name "${input}" NAME)
  string(MAKE_C_IDENTIFIER "${name}" symbol)
  file(READ "${input}" bytes HEX)
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${bytes}")
  string(REPLACE "0x0a," "0x0a,\n" bytes "${bytes}") # a line of C for a line of text
  string(APPEND arrays "static const char text_${symbol}[] = {${bytes}0};\n")
  string(APPEND rows "    {\"${name}\", text_${symbol}},\n")
endforeach()
file(WRITE "${OUTPUT}" "/* Made by cmake/Embed.cmake; do not edit. */
#include \"${HEADER}\"
#include <stddef.h>
${arrays}
const struct embedded_file ${TABLE}[] = {
${rows}    {NULL, NULL},
};
")
