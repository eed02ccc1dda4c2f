// One step on the pairs of a few input vectors x with a few output vectors y: their products, the
// loss -log sigmoid(x.y) of the first y and -log sigmoid(-x.y) of the others, and its gradients.
// What is computed is told in core/ops/skipgram.py. Once for each of AVX-512, AVX2 and any machine.
#pragma once

#include <cstdint>

namespace nntasks {

constexpr int kGroup = 8;  // outputs whose sums are kept in registers together

// Scores lie in rows of this many for each x.
inline int64_t score_stride(int64_t targets) { return (targets + kGroup - 1) / kGroup * kGroup; }

// Numbers of scratch memory that a step needs.
inline int64_t scratch_size(int64_t sources, int64_t targets, int64_t columns) {
  return 2 * (sources * score_stride(targets) + 16) + 16 * sources + columns;
}

struct PairStep {
  int64_t columns;  // a multiple of 16
  int64_t sources, targets;
  const float* const* source;  // the vectors x
  float* const* source_to;     // where -rate * gradient is added; may be x itself
  const float* source_weight;
  const float* const* target;  // the vectors y
  float* const* target_to;     // gets -rate * gradient, plus y where `in_place`
  const float* target_weight;  // of all y up to score_stride(targets), zeros at the end
  bool in_place;
  float rate;
  float* scratch;
};

using StepPairs = double (*)(const PairStep&);  // returns the loss

}  // namespace nntasks

#define NNTASKS_STEP_NAME pair_step_plain
#define NNTASKS_STEP_TARGET
#define NNTASKS_STEP_LANES 4
#define NNTASKS_STEP_FMA(a, b, c) ((a) * (b) + (c))
#include "pair_step_body.h"

#if defined(__x86_64__) && defined(__GNUC__)
#include <immintrin.h>

#define NNTASKS_STEP_NAME pair_step_avx2
#define NNTASKS_STEP_TARGET __attribute__((target("avx2,fma")))
#define NNTASKS_STEP_LANES 8
#define NNTASKS_STEP_FMA(a, b, c) (V)(_mm256_fmadd_ps((__m256)(a), (__m256)(b), (__m256)(c)))
#include "pair_step_body.h"

#define NNTASKS_STEP_NAME pair_step_avx512
#define NNTASKS_STEP_TARGET __attribute__((target("avx512f,avx512dq,fma")))
#define NNTASKS_STEP_LANES 16
#define NNTASKS_STEP_FMA(a, b, c) (V)(_mm512_fmadd_ps((__m512)(a), (__m512)(b), (__m512)(c)))
#include "pair_step_body.h"
#endif

namespace nntasks {

// The fastest of them for this machine.
inline StepPairs step_pairs() {
#if defined(__x86_64__) && defined(__GNUC__)
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq")) {
    return pair_step_avx512::run;
  }
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return pair_step_avx2::run;
#endif
  return pair_step_plain::run;
}

}  // namespace nntasks
