/* Samples as bytes, and sources that have their rows in memory: the same samples as from the files, to the last bit. */
#include "expect.h"
#include "scratch.h"

#include <stdlib.h>

TestSuite(pack, .init = scratch_make, .fini = scratch_remove);

static const char *write_file(const char *name, const char *text)
{
  const char *path = scratch_path(name);
  FILE *file = fopen(path, "w");
  cr_assert(file);
  fputs(text, file);
  fclose(file);
  return path;
}

static clfit_source make_source(bool weights, bool validation, clfit_scale scale)
{
  clfit_source source;
  clfit_source_default(&source);
  source.trusted = true;
  source.scale = scale;
  EXPECT_OK(clfit_source_set(&source, "data", write_file("data", "x;y;w\n0;1;1\n0,3;2,5;0\n1;4;2\n2;-3;1\n"), &error));
  if (weights) EXPECT_OK(clfit_source_set(&source, "weight_column", "w", &error));
  if (validation)
    EXPECT_OK(clfit_source_set(&source, "validation", write_file("more", "x;y;w\n0,1;7;1\n1,5;8;3\n"), &error));
  return source;
}

static clfit_data *open_source(const clfit_source *source, double holdout)
{
  clfit_data *data;
  clfit_network network;
  clfit_network_default(&network);
  network.samples = 0;
  network.holdout = holdout;
  EXPECT_OK(clfit_source_open(source, &network, &data, &error));
  return data;
}

static void expect_same(const clfit_data *a, const clfit_data *b)
{
  const size_t n = clfit_data_count(a);
  char one[CLFIT_DIGEST_SIZE], other[CLFIT_DIGEST_SIZE];
  cr_assert_eq(n, clfit_data_count(b));
  cr_assert_eq(clfit_data_held_out(a), clfit_data_held_out(b));
  cr_assert_arr_eq(clfit_data_x(a), clfit_data_x(b), n * sizeof(double));
  cr_assert_arr_eq(clfit_data_y(a), clfit_data_y(b), n * sizeof(double));
  cr_assert_arr_eq(clfit_data_x_float(a), clfit_data_x_float(b), n * sizeof(float));
  cr_assert_arr_eq(clfit_data_y_float(a), clfit_data_y_float(b), n * sizeof(float));
  cr_assert_eq(!clfit_data_weights(a), !clfit_data_weights(b));
  if (clfit_data_weights(a)) cr_assert_arr_eq(clfit_data_weights(a), clfit_data_weights(b), n * sizeof(double));
  clfit_data_digest(a, n, one);
  clfit_data_digest(b, n, other);
  cr_assert_str_eq(one, other);
  cr_assert_arr_eq(clfit_data_columns(a), clfit_data_columns(b), sizeof(clfit_columns));
}

/* The samples of a source, packed and unpacked, take the place of its files, which are gone. */
static void expect_restored(bool weights, bool validation, clfit_scale scale, double holdout)
{
  clfit_source source = make_source(weights, validation, scale), copy;
  clfit_data *rows = open_source(&source, 0), *wanted = open_source(&source, holdout), *unpacked;
  unsigned char *bytes;
  size_t size;
  EXPECT_OK(clfit_data_pack(rows, &bytes, &size, &error));
  EXPECT_OK(clfit_data_unpack(bytes, size, &unpacked, &error));
  clfit_free(bytes);
  remove(scratch_path("data"));
  remove(scratch_path("more"));
  clfit_source_set_rows(&source, unpacked);
  clfit_data_free(unpacked);
  EXPECT_OK(clfit_source_copy(&copy, &source, &error));
  clfit_source_clear(&source);
  clfit_data *again = open_source(&copy, holdout);
  expect_same(again, wanted);
  clfit_source_clear(&copy);
  clfit_data_free(again);
  clfit_data_free(wanted);
  clfit_data_free(rows);
}

Test(pack, rows_instead_of_files)
{
  static const clfit_scale scales[] = {CLFIT_SCALE_NONE, CLFIT_SCALE_RANGE, CLFIT_SCALE_STANDARD};
  for (size_t i = 0; i < 6; i++) {
    expect_restored(i % 2, false, scales[i / 2], 0);
    expect_restored(i % 2, false, scales[i / 2], 0.5);
    expect_restored(i % 2, true, scales[i / 2], 0);
  }
}

/* Rows of memory are not split again, and must be as many as a training had. */
Test(pack, other_rows)
{
  clfit_source source = make_source(false, true, CLFIT_SCALE_RANGE);
  clfit_network network;
  clfit_data *rows = open_source(&source, 0), *data;
  clfit_network_default(&network);
  clfit_source_set_rows(&source, rows);
  EXPECT_ERROR(clfit_source_open(&source, &network, &data, &error), CLFIT_ERROR_FORMAT, "4 and 2 rows now");
  clfit_free(source.validation);
  source.validation = NULL;
  network.samples = 0;
  EXPECT_ERROR(clfit_source_open(&source, &network, &data, &error), CLFIT_ERROR_FORMAT, "held out");
  clfit_source_clear(&source);
  clfit_data_free(rows);
}

/* Bytes that are cut, or of which one is another, give samples or an error, and nothing is read beyond their end. */
Test(pack, damaged_bytes)
{
  clfit_source source = make_source(true, true, CLFIT_SCALE_NONE);
  clfit_data *rows = open_source(&source, 0), *data;
  unsigned char *bytes;
  size_t size, refused = 0;
  EXPECT_OK(clfit_data_pack(rows, &bytes, &size, &error));
  for (size_t n = 0; n < size; n++) {
    unsigned char *cut = malloc(n ? n : 1); /* of its own, for the address sanitizer */
    cr_assert(cut);
    memcpy(cut, bytes, n);
    EXPECT_ERROR(clfit_data_unpack(cut, n, &data, &error), CLFIT_ERROR_FORMAT, "");
    cr_assert_null(data);
    free(cut);
  }
  for (size_t i = 0; i < size; i++)
    for (int bit = 0; bit < 8; bit++) {
      bytes[i] ^= (unsigned char)(1 << bit);
      clfit_status status = clfit_data_unpack(bytes, size, &data, &error);
      cr_assert(status == CLFIT_OK || status == CLFIT_ERROR_FORMAT, "%s", clfit_status_name(status));
      refused += status != CLFIT_OK;
      clfit_data_free(data);
      bytes[i] ^= (unsigned char)(1 << bit);
    }
  cr_assert_geq(refused, 8 * 3 * 4); /* any bit of mark, version and count */
  EXPECT_ERROR(clfit_data_unpack(NULL, 0, &data, &error), CLFIT_ERROR_FORMAT, "no samples");
  clfit_free(bytes);
  clfit_source_clear(&source);
  clfit_data_free(rows);
}
