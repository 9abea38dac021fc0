/* Names of exported functions. */
#include "base/error.h"

#include <assert.h>
#include <ctype.h>
#include <string.h>

#define NAME_MAX_LENGTH (CLFIT_EXPORT_NAME_SIZE - 1)

/* Words of C23 and C++23, then functions of the C library that a file is likely to be named after: a compiler knows
 * them without a header. */
static const char *const taken[] = {"alignas",
                                    "alignof",
                                    "and",
                                    "and_eq",
                                    "asm",
                                    "auto",
                                    "bitand",
                                    "bitor",
                                    "bool",
                                    "break",
                                    "case",
                                    "catch",
                                    "char",
                                    "char16_t",
                                    "char32_t",
                                    "char8_t",
                                    "class",
                                    "co_await",
                                    "co_return",
                                    "co_yield",
                                    "compl",
                                    "concept",
                                    "const",
                                    "const_cast",
                                    "consteval",
                                    "constexpr",
                                    "constinit",
                                    "continue",
                                    "decltype",
                                    "default",
                                    "delete",
                                    "do",
                                    "double",
                                    "dynamic_cast",
                                    "else",
                                    "enum",
                                    "explicit",
                                    "export",
                                    "extern",
                                    "false",
                                    "float",
                                    "for",
                                    "friend",
                                    "goto",
                                    "if",
                                    "inline",
                                    "int",
                                    "long",
                                    "mutable",
                                    "namespace",
                                    "new",
                                    "noexcept",
                                    "not",
                                    "not_eq",
                                    "nullptr",
                                    "operator",
                                    "or",
                                    "or_eq",
                                    "private",
                                    "protected",
                                    "public",
                                    "register",
                                    "reinterpret_cast",
                                    "requires",
                                    "restrict",
                                    "return",
                                    "short",
                                    "signed",
                                    "sizeof",
                                    "static",
                                    "static_assert",
                                    "static_cast",
                                    "struct",
                                    "switch",
                                    "template",
                                    "this",
                                    "thread_local",
                                    "throw",
                                    "true",
                                    "try",
                                    "typedef",
                                    "typeid",
                                    "typename",
                                    "typeof",
                                    "typeof_unqual",
                                    "union",
                                    "unsigned",
                                    "using",
                                    "virtual",
                                    "void",
                                    "volatile",
                                    "wchar_t",
                                    "while",
                                    "xor",
                                    "xor_eq",
                                    "abort",
                                    "abs",
                                    "acos",
                                    "asin",
                                    "atan",
                                    "atan2",
                                    "calloc",
                                    "cbrt",
                                    "ceil",
                                    "cos",
                                    "cosh",
                                    "erf",
                                    "erfc",
                                    "exit",
                                    "exp",
                                    "exp10",
                                    "exp2",
                                    "fabs",
                                    "floor",
                                    "fma",
                                    "fmod",
                                    "free",
                                    "gamma",
                                    "hypot",
                                    "index",
                                    "j0",
                                    "j1",
                                    "jn",
                                    "labs",
                                    "ldexp",
                                    "lgamma",
                                    "log",
                                    "log10",
                                    "log1p",
                                    "log2",
                                    "main",
                                    "malloc",
                                    "memcmp",
                                    "memcpy",
                                    "memset",
                                    "modf",
                                    "pow",
                                    "pow10",
                                    "printf",
                                    "puts",
                                    "realloc",
                                    "remainder",
                                    "rint",
                                    "round",
                                    "scanf",
                                    "signbit",
                                    "sin",
                                    "sinh",
                                    "sqrt",
                                    "strcmp",
                                    "strlen",
                                    "tan",
                                    "tanh",
                                    "tgamma",
                                    "trunc",
                                    "y0",
                                    "y1",
                                    "yn",
                                    "assert",
                                    "isinf",
                                    "isnan",
                                    "isfinite",
                                    "unix",
                                    "linux",
                                    "i386"};

static bool is_taken(const char *name)
{
  for (size_t i = 0; i < sizeof taken / sizeof *taken; i++)
    if (strcmp(name, taken[i]) == 0) return true;
  return false;
}

/* Not isalnum: the locale has no say here. */
static bool is_letter_or_digit(char c)
{
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

static bool is_identifier(const char *name)
{
  if (!is_letter_or_digit(name[0]) || isdigit((unsigned char)name[0])) return false;
  while (is_letter_or_digit(*name) || *name == '_') name++;
  return !*name;
}

clfit_status clfit_export_name_check(const char *name, clfit_error *error)
{
  assert(name);
  if (!is_identifier(name))
    return clfit_fail(error, CLFIT_ERROR_ARGUMENT,
                      "'%.100s' is no name for a function: letters, digits and underscores, the first one a letter",
                      name);
  if (strlen(name) > NAME_MAX_LENGTH)
    return clfit_fail(error, CLFIT_ERROR_ARGUMENT, "the name '%.100s' has more than %d characters", name,
                      NAME_MAX_LENGTH);
  if (is_taken(name))
    return clfit_fail(error, CLFIT_ERROR_ARGUMENT, "the name '%s' has a meaning of its own in C or C++", name);
  return CLFIT_OK;
}

void clfit_export_name_of(const char *path, char name[CLFIT_EXPORT_NAME_SIZE])
{
  const char *slash = strrchr(path, '/'), *begin = slash ? slash + 1 : path, *dot = strrchr(begin, '.');
  const char *end = dot && dot > begin ? dot : begin + strlen(begin);
  size_t length = 0;
  if (!is_letter_or_digit(*begin) || isdigit((unsigned char)*begin)) {
    memcpy(name, "fit_", 4);
    length = 4;
  }
  for (; begin < end && length < NAME_MAX_LENGTH - 4; begin++)
    if (is_letter_or_digit(*begin))
      name[length++] = *begin;
    else if (length && name[length - 1] != '_')
      name[length++] = '_';
  while (length && name[length - 1] == '_') length--;
  name[length] = '\0';
  if (is_taken(name)) memcpy(name + length, "_fit", 5);
}
