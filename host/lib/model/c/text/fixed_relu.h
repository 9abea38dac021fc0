/* relu(z) = max(z, 0). */
static inline NAME_int NAME_activation(NAME_int z)
{
  return z > 0 ? z >> (NAME_Z_BITS - NAME_T_BITS) : 0;
}
