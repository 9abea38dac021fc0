#include "base/error.h"
#include "base/number.h"
#include "base/strict.h"

#include <assert.h>
#include <math.h>
#include <muParserDLL.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Limits far beyond any formula that a person writes. muParser itself accepts 20000 characters and any depth of
 * nesting. */
#define LENGTH_MAX  4096
#define NESTING_MAX 200

/* Characters of a formula, and of a word in it, that a message shows. */
#define QUOTE_MAX 80
#define WORD_MAX  40

#define NAME_CHARACTERS "0123456789_abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define BLANKS          " \t\r\n"
#define OPERATORS       "+-*/^<>=!&|?:,.()"

struct clfit_target {
  muParserHandle_t parser;
  double x;   /* what the parser knows as x */
  char *text; /* the formula, for messages */
};

/* The part of a formula that a message quotes: all of a short one, else what surrounds the mistake. */
struct quote {
  const char *before, *text, *after;
  int length;
};

static struct quote quote_around(const char *text, size_t offset)
{
  size_t length = strlen(text), start = 0;
  if (length > QUOTE_MAX && offset > QUOTE_MAX / 2) start = offset - QUOTE_MAX / 2;
  if (length > QUOTE_MAX && start > length - QUOTE_MAX) start = length - QUOTE_MAX;
  size_t shown = length - start < QUOTE_MAX ? length - start : QUOTE_MAX;
  return (struct quote){start ? "..." : "", text + start, start + shown < length ? "..." : "", (int)shown};
}

/* Refuses a formula; offset counts from 0. */
static clfit_status refuse(const char *text, size_t offset, clfit_error *error, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

static clfit_status refuse(const char *text, size_t offset, clfit_error *error, const char *format, ...)
{
  char what[160];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(what, sizeof what, format, arguments);
  va_end(arguments);
  struct quote quote = quote_around(text, offset);
  return clfit_fail_at(error, CLFIT_ERROR_FORMAT, offset + 1, "formula '%s%.*s%s', column %zu: %s", quote.before,
                       quote.length, quote.text, quote.after, offset + 1, what);
}

/* Length of the UTF-8 character at text, so that a message does not cut it. */
static int character_length(const char *text)
{
  int length = 1;
  while (length < 4 && ((unsigned char)text[length] & 0xc0) == 0x80) length++;
  return length;
}

static clfit_status check_length(const char *text, clfit_error *error)
{
  size_t length = strlen(text);
  if (text[strspn(text, BLANKS)] == '\0')
    return refuse("", 0, error, "the formula is empty; write y as a formula in x");
  if (length <= LENGTH_MAX) return CLFIT_OK;
  return refuse(text, LENGTH_MAX, error, "%zu characters; a formula may have %d", length, LENGTH_MAX);
}

/* A single '=', which muParser takes for an assignment and would let overwrite x. */
static bool is_assignment(const char *text, size_t i)
{
  if (text[i] != '=' || text[i + 1] == '=') return false;
  return i == 0 || !strchr("=!<>", text[i - 1]);
}

static clfit_status check_character(const char *text, size_t i, clfit_error *error)
{
  if (!strchr(NAME_CHARACTERS BLANKS OPERATORS, text[i]))
    return refuse(text, i, error, "'%.*s' is not allowed in a formula", character_length(text + i), text + i);
  if (text[i] == '*' && text[i + 1] == '*') return refuse(text, i, error, "a power is written ^, not **");
  if (is_assignment(text, i))
    return refuse(text, i, error, "'=' assigns; write the right-hand side alone, and == to compare");
  return CLFIT_OK;
}

/* Refuses what muParser would accept although it is no single formula (several values, assignments, strings), and
 * mistakes for which muParser would report no exact position. */
static clfit_status check_text(const char *text, clfit_error *error)
{
  size_t open[NESTING_MAX], depth = 0; /* where each open parenthesis stands */
  for (size_t i = 0; text[i]; i++) {
    clfit_status status = check_character(text, i, error);
    if (status) return status;
    if (text[i] == '(' && depth == NESTING_MAX)
      return refuse(text, i, error, "parentheses nested more than %d deep", NESTING_MAX);
    if (text[i] == ')' && depth == 0) return refuse(text, i, error, "')' without '(' before it");
    if (text[i] == ',' && depth == 0)
      return refuse(text, i, error, "a comma only separates a function's arguments; decimals take a point");
    if (text[i] == '(') open[depth++] = i;
    if (text[i] == ')') depth--;
  }
  return depth ? refuse(text, open[depth - 1], error, "'(' is not closed") : CLFIT_OK;
}

/* muParser's error codes (from muParserDef.h, which C cannot include) and their meaning. Its own messages are not used:
 * it returns them in one static buffer that all threads share. */
#define UNEXPECTED_OPERATOR        0
#define UNKNOWN_TOKEN              1
#define UNEXPECTED_COMMA           3
#define ARGUMENTS_WITHOUT_FUNCTION 4
#define UNEXPECTED_VALUE           5
#define UNEXPECTED_VARIABLE        6
#define UNEXPECTED_PARENTHESIS     7
#define UNEXPECTED_FUNCTION        12
#define MISPLACED_COLON            34

static const struct {
  int code;
  const char *reason;
} reasons[] = {
    {2, "it ends too early"},
    {UNEXPECTED_COMMA, "a comma is not expected here"},
    {ARGUMENTS_WITHOUT_FUNCTION, "several values in parentheses, but no function before them"},
    {14, "too many arguments for the function"},
    {15, "too few arguments for the function"},
    {32, "'?' and ':' do not match; a choice is written x<1 ? x : 2"},              /* one of them has no operand */
    {33, "'?' and ':' do not match; a choice is written x<1 ? x : 2"},              /* no ':' */
    {MISPLACED_COLON, "'?' and ':' do not match; a choice is written x<1 ? x : 2"}, /* too many ':' */
    {39, "it cannot be evaluated; is an operand missing?"},                         /* as in x^- */
};

static clfit_status refuse_unknown(const char *text, size_t offset, clfit_error *error)
{
  const char *word = text + offset;
  size_t length = strspn(word, NAME_CHARACTERS);
  int shown = length < WORD_MAX ? (int)length : WORD_MAX;
  size_t blanks = strspn(word + length, BLANKS);
  if (length == 0) return refuse(text, offset, error, "'%.1s' is not expected here", word);
  if (*word >= '0' && *word <= '9') return refuse(text, offset, error, "'%.*s' is not a number", shown, word);
  if (blanks && word[length + blanks] == '(')
    return refuse(text, offset, error, "unknown name '%.*s'; a function's parenthesis follows it without a blank",
                  shown, word);
  return refuse(text, offset, error, "unknown name '%.*s'; there are x, pi, e and functions as in sin(x)", shown, word);
}

/* Refuses a formula because of the name, number or parenthesis at offset. */
static clfit_status refuse_word(const char *text, size_t offset, clfit_error *error)
{
  size_t length = strspn(text + offset, NAME_CHARACTERS ".");
  int shown = length == 0 ? 1 : length < WORD_MAX ? (int)length : WORD_MAX;
  return refuse(text, offset, error, "'%.*s' is not expected here; is an operator missing, as in 2*x?", shown,
                text + offset);
}

/* The characters that an error of this code is about; "": any. */
static const char *culprits(int code)
{
  switch (code) {
  case UNEXPECTED_OPERATOR: return "+-*/^<>=!&|";
  case UNEXPECTED_COMMA: return ",";
  case ARGUMENTS_WITHOUT_FUNCTION: return ")";
  case MISPLACED_COLON: return ":";
  default: return "";
  }
}

/* Offset of the last error, from 0. muParser gives no position for some errors, and for others the position after the
 * mistake. */
static size_t find_error(const clfit_target *target, int code)
{
  size_t length = strlen(target->text);
  int position = mupGetErrorPos(target->parser);
  if (position < 0 || (size_t)position > length) return length;
  const char *meant = culprits(code), *at = target->text + position;
  bool behind = *meant && (*at == '\0' || !strchr(meant, *at));
  return (size_t)position - (behind && position > 0);
}

/* Says what muParser's last error means. */
static clfit_status refuse_parsed(const clfit_target *target, clfit_error *error)
{
  int code = mupGetErrorCode(target->parser);
  const char *text = target->text;
  size_t offset = find_error(target, code);
  for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++)
    if (reasons[i].code == code) return refuse(text, offset, error, "%s", reasons[i].reason);
  switch (code) {
  case UNKNOWN_TOKEN: return refuse_unknown(text, offset, error);
  case UNEXPECTED_OPERATOR: return refuse(text, offset, error, "operator '%.1s' is not expected here", text + offset);
  case UNEXPECTED_VALUE:
  case UNEXPECTED_VARIABLE:
  case UNEXPECTED_FUNCTION:
  case UNEXPECTED_PARENTHESIS: return refuse_word(text, offset, error);
  default: return refuse(text, offset, error, "not understood (error %d of muParser)", code);
  }
}

/* Makes muParser read the text, which it does at the first evaluation. Its own _pi has 13 digits only. */
static clfit_status parse(clfit_target *target, clfit_error *error)
{
  static const double pi = 3.14159265358979323846, e = 2.71828182845904523536;
  mupDefineVar(target->parser, "x", &target->x);
  mupDefineConst(target->parser, "pi", pi);
  mupDefineConst(target->parser, "_pi", pi);
  mupDefineConst(target->parser, "e", e);
  mupDefineConst(target->parser, "_e", e);
  mupSetExpr(target->parser, target->text);
  if (mupError(target->parser)) return refuse_parsed(target, error);
  mupEval(target->parser);
  return mupError(target->parser) ? refuse_parsed(target, error) : CLFIT_OK;
}

clfit_status clfit_target_parse(const char *text, clfit_target **target, clfit_error *error)
{
  assert(text && target);
  *target = NULL;
  clfit_status status = check_length(text, error);
  if (!status) status = check_text(text, error);
  if (status) return status;
  clfit_target *made = calloc(1, sizeof *made);
  if (!made) return clfit_fail_memory(error);
  made->text = strdup(text);
  made->parser = mupCreate(muBASETYPE_FLOAT);
  status = made->text && made->parser ? parse(made, error) : clfit_fail_memory(error);
  if (status) {
    clfit_target_free(made);
    return status;
  }
  *target = made;
  return CLFIT_OK;
}

void clfit_target_free(clfit_target *target)
{
  if (!target) return;
  if (target->parser) mupRelease(target->parser);
  free(target->text);
  free(target);
}

clfit_status clfit_target_evaluate(clfit_target *target, size_t n, const double *x, double *y, clfit_error *error)
{
  assert(target && (n == 0 || (x && y)));
  for (size_t i = 0; i < n; i++) {
    target->x = x[i];
    y[i] = mupEval(target->parser);
    if (!mupError(target->parser) && isfinite(y[i])) continue;
    char number[CLFIT_NUMBER_SIZE];
    clfit_number_print(number, x[i]);
    struct quote quote = quote_around(target->text, 0);
    return clfit_fail(error, CLFIT_ERROR_ARGUMENT, "formula '%.*s%s' has no finite value at x = %s", quote.length,
                      quote.text, quote.after, number);
  }
  return CLFIT_OK;
}
