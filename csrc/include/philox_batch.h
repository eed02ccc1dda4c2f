// Many Philox blocks at once (Salmon et al. 2011). Compilers do not find the vector instruction
// that multiplies 32-bit words into 64-bit products, so it is written out here for AVX-512 and
// AVX2.
#pragma once

#include <cstdint>

#include "philox.h"

#if defined(__x86_64__) && defined(__GNUC__)
#define NNTASKS_X86 1
#include <immintrin.h>
#endif

namespace nntasks {

constexpr int64_t kPhiloxBatch = 64;  // blocks; two 64-bit numbers each

using PhiloxBatch = void (*)(uint64_t first, uint64_t stream, uint64_t seed, uint64_t* random);

// Fill random[2 i], random[2 i + 1] from counter first + i of a stream.
inline void philox_batch_plain(uint64_t first, uint64_t stream, uint64_t seed, uint64_t* random) {
  for (int64_t i = 0; i < kPhiloxBatch; ++i) {
    const Words words = philox(first + uint64_t(i), stream, seed);
    random[2 * i] = words.low();
    random[2 * i + 1] = words.high();
  }
}

#ifdef NNTASKS_X86
// Words lie in lanes of 64 bits. The upper halves hold leftovers of products, which `multiply`
// ignores.
#define NNTASKS_PHILOX_BATCH(name, isa, lanes, multiply)                                        \
  __attribute__((target(isa))) inline void name(uint64_t first, uint64_t stream, uint64_t seed, \
                                                uint64_t* random) {                             \
    typedef uint64_t Lanes __attribute__((vector_size(8 * lanes)));                             \
    const Lanes low = Lanes{} + 0xffffffffu;                                                    \
    const Lanes one = Lanes{} + 0xd2511f53u, two = Lanes{} + 0xcd9e8d57u;                       \
    for (int64_t at = 0; at < kPhiloxBatch; at += lanes) {                                      \
      Lanes c0, c1, c2 = Lanes{} + (stream & 0xffffffffu), c3 = Lanes{} + (stream >> 32);       \
      for (int i = 0; i < lanes; ++i) c0[i] = first + uint64_t(at + i);                         \
      c1 = c0 >> 32;                                                                            \
      uint32_t k0 = uint32_t(seed), k1 = uint32_t(seed >> 32);                                  \
      for (int round = 0; round < 10; ++round) {                                                \
        const Lanes a = multiply(c0, one), b = multiply(c2, two);                               \
        c0 = (b >> 32) ^ c1 ^ k0;                                                               \
        c2 = (a >> 32) ^ c3 ^ k1;                                                               \
        c1 = b;                                                                                 \
        c3 = a;                                                                                 \
        k0 += 0x9e3779b9u;                                                                      \
        k1 += 0xbb67ae85u;                                                                      \
      }                                                                                         \
      const Lanes halves[2] = {(c0 & low) | c1 << 32, (c2 & low) | c3 << 32};                   \
      for (int i = 0; i < lanes; ++i) {                                                         \
        random[2 * (at + i)] = halves[0][i];                                                    \
        random[2 * (at + i) + 1] = halves[1][i];                                                \
      }                                                                                         \
    }                                                                                           \
  }
#define NNTASKS_MULTIPLY_8(a, b) Lanes(_mm512_maskz_mul_epu32(0xff, __m512i(a), __m512i(b)))
#define NNTASKS_MULTIPLY_4(a, b) Lanes(_mm256_mul_epu32(__m256i(a), __m256i(b)))
NNTASKS_PHILOX_BATCH(philox_batch_avx512, "avx512f", 8, NNTASKS_MULTIPLY_8)
NNTASKS_PHILOX_BATCH(philox_batch_avx2, "avx2", 4, NNTASKS_MULTIPLY_4)
#endif

// The fastest of them for this machine.
inline PhiloxBatch philox_batch() {
#ifdef NNTASKS_X86
  if (__builtin_cpu_supports("avx512f")) return philox_batch_avx512;
  if (__builtin_cpu_supports("avx2")) return philox_batch_avx2;
#endif
  return philox_batch_plain;
}

}  // namespace nntasks
