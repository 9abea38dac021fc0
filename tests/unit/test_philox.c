/* Philox against the known answers of its authors' library (Random123, kat_vectors), and what makes it a key's own. */
#include "philox.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

static void expect_words(struct philox out, const uint32_t words[4])
{
  cr_expect(out.word0 == words[0] && out.word1 == words[1] && out.word2 == words[2] && out.word3 == words[3],
            "%08x %08x %08x %08x", out.word0, out.word1, out.word2, out.word3);
}

Test(philox, known_answers)
{
  static const struct {
    uint32_t counter[4], key[2], words[4];
  } answers[] = {
      {{0, 0, 0, 0}, {0, 0}, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
      {{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff},
       {0xffffffff, 0xffffffff},
       {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
      {{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, /* the digits of pi */
       {0xa4093822, 0x299f31d0},
       {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
  };
  for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
    const uint32_t *c = answers[i].counter;
    const struct philox counter = {c[0], c[1], c[2], c[3]};
    expect_words(philox4x32(counter, answers[i].key[0], answers[i].key[1]), answers[i].words);
  }
}
