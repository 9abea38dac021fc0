/* tanh(z): a parabola through three neighbours in the table. Beyond it, its last value. */
static inline NAME_int NAME_activation(NAME_int z)
{
  const NAME_unsigned one = (NAME_unsigned)1 << NAME_PLACE_BITS;
  const NAME_unsigned last = ((NAME_unsigned)(NAME_ENTRIES - 2) << (NAME_Z_BITS - NAME_STEP_BITS)) - 1;
  NAME_unsigned at = (NAME_unsigned)(z < 0 ? -z : z), first, second, third, place, value;
  if (at > last) at = last;
  first = NAME_table[at >> (NAME_Z_BITS - NAME_STEP_BITS)];
  second = NAME_table[(at >> (NAME_Z_BITS - NAME_STEP_BITS)) + 1];
  third = NAME_table[(at >> (NAME_Z_BITS - NAME_STEP_BITS)) + 2];
  place = at >> (NAME_Z_BITS - NAME_STEP_BITS - NAME_PLACE_BITS) & (one - 1);
  value = (first << NAME_PLACE_BITS) + (second - first) * place;
  value += (2 * second - first - third) * (place * (one - place) >> (NAME_PLACE_BITS + 1));
  value >>= NAME_PLACE_BITS;
  return z < 0 ? -(NAME_int)value : (NAME_int)value;
}
