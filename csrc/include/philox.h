// Philox 4x32-10, a counter-based generator: four random words are a function of a counter, a
// stream and a seed, and of nothing else. Salmon, Moraes, Dror and Shaw, "Parallel random numbers:
// as easy as 1, 2, 3", SC 2011. The reference is core/ops/philox.py.
#pragma once

#include <cstdint>

#include "box.h"

namespace nntasks {

struct Words {
  uint32_t word[4];

  NNTASKS_INLINE uint64_t low() const { return word[0] | uint64_t(word[1]) << 32; }
  NNTASKS_INLINE uint64_t high() const { return word[2] | uint64_t(word[3]) << 32; }
};

NNTASKS_INLINE Words philox(uint64_t counter, uint64_t stream, uint64_t seed) {
  uint32_t c0 = uint32_t(counter), c1 = uint32_t(counter >> 32);
  uint32_t c2 = uint32_t(stream), c3 = uint32_t(stream >> 32);
  uint32_t k0 = uint32_t(seed), k1 = uint32_t(seed >> 32);
#ifdef __CUDACC__
#pragma unroll
#else
#pragma GCC unroll 10
#endif
  for (int round = 0; round < 10; ++round) {
    const uint64_t a = uint64_t(0xd2511f53u) * c0, b = uint64_t(0xcd9e8d57u) * c2;
    c0 = uint32_t(b >> 32) ^ c1 ^ k0;
    c2 = uint32_t(a >> 32) ^ c3 ^ k1;
    c1 = uint32_t(b);
    c3 = uint32_t(a);
    k0 += 0x9e3779b9u;
    k1 += 0xbb67ae85u;
  }
  return {{c0, c1, c2, c3}};
}

}  // namespace nntasks
