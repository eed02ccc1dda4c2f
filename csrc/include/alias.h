// A draw from an alias table (Walker 1977); core/ops/alias.py describes the table.
#pragma once

#include <torch/csrc/stable/tensor.h>

#include <cstdint>
#include <limits>

#include "arguments.h"
#include "box.h"

namespace nntasks {

struct Bucket {
  int64_t own, other;  // units that draw the index itself, and the index that the others draw
};

// Return k: a bucket has 2^k units.
inline int bucket_bits(int64_t count) {
  int bits = 0;
  while ((int64_t(1) << bits) < count) ++bits;
  return 62 - bits;
}

NNTASKS_INLINE uint64_t upper_half(uint64_t a, uint64_t b) {
#ifdef __CUDA_ARCH__
  return __umul64hi(a, b);
#else
  return uint64_t((static_cast<unsigned __int128>(a) * b) >> 64);
#endif
}

NNTASKS_INLINE int64_t draw_one(const Bucket* table, uint64_t count, int bits, uint64_t random) {
  const int64_t at = int64_t(upper_half(random, count));
  const Bucket bucket = table[at];
  const int64_t unit = int64_t((random * count) >> (64 - bits));
  int64_t mine = -int64_t(unit < bucket.own);
#ifndef __CUDA_ARCH__
  asm("" : "+r"(mine));  // keeps the compiler from making a branch of it, which is unpredictable
#endif
  return bucket.other ^ ((at ^ bucket.other) & mine);
}

inline void check_alias_draw(const Tensor& table, int64_t count, int64_t offset) {
  STD_TORCH_CHECK(table.scalar_type() == ScalarType::Long, "alias_draw: table must be int64");
  STD_TORCH_CHECK(table.dim() == 2 && table.size(1) == 2 && table.size(0) >= 1 &&
                      table.size(0) <= std::numeric_limits<int32_t>::max(),
                  "alias_draw: table must have shape (n, 2) with n from 1 to 2^31 - 1");
  STD_TORCH_CHECK(
      count >= 0 && count <= int64_t(1) << 48 && offset >= 0 && offset <= int64_t(1) << 62,
      "alias_draw: count must be from 0 to 2^48 and offset from 0 to 2^62");
}

}  // namespace nntasks
