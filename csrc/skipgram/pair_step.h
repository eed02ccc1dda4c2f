// One step on the pairs of a few input vectors x with a few output vectors y: their products, the
// loss -log sigmoid(x.y) of the first y and -log sigmoid(-x.y) of the others, and its gradients.
// What is computed is told in core/ops/skipgram.py. Once for each of AVX-512, AVX2 and any machine.
#pragma once

#include <cstdint>

#include "fetch_ahead.h"

namespace nntasks {

constexpr int kGroup = 8;  // outputs whose sums are kept in registers together
constexpr int kAheadInScore = 3, kAheadInMove = 4;  // rows that are fetched meanwhile

// Scores lie in rows of this many for each x.
inline int64_t score_stride(int64_t targets) { return (targets + kGroup - 1) / kGroup * kGroup; }

struct PairStep {
  int64_t columns;  // a multiple of 16
  int64_t sources, targets;
  const float* const* source;       // the vectors x
  const float* const* source_from;  // what -rate * gradient is added to: x, zeros, a sum so far
  float* const* source_to;          // and where that is written; may be the same
  const float* source_weight;
  const float* const* target;  // the vectors y
  const float* const* target_from;
  float* const* target_to;
  const float* target_weight;  // of all y up to score_stride(targets), zeros at the end
  float rate;
  float* sink;  // 16 * sources numbers
  // Rows that later steps will look at: fetched here, a line of the cache after the other between
  // other work, as a processor stops where some twenty are on their way.
  const float* ahead_in_score[kAheadInScore];
  const float* ahead_in_move[kAheadInMove];
};

struct WeightedRows {
  int64_t columns, count;
  const float* const* row;
  const float* weight;
};

struct StepKernels {
  // Write the products, in rows of score_stride(targets) for each x.
  void (*score)(const PairStep& step, float* scores);
  // Turn products into how far each pair pulls, times rate and weight; return the loss.
  double (*pull)(const PairStep& step, float* scores);
  // Add the gradients.
  void (*move)(const PairStep& step, const float* pulls);
  // Write the sum of weight * scale * row of a few rows.
  void (*blend)(const WeightedRows& rows, float scale, float* out);
  // Write from + weight * share * pull for all x.
  void (*spread)(const PairStep& step, float share, const float* pull);
};

}  // namespace nntasks

#define NNTASKS_STEP_NAME pair_step_plain
#define NNTASKS_STEP_TARGET
#define NNTASKS_STEP_LANES 4
#define NNTASKS_STEP_FMA(a, b, c) ((a) * (b) + (c))
#include "skipgram/pair_step_body.h"

#if defined(__x86_64__) && defined(__GNUC__)
#include <immintrin.h>

#define NNTASKS_STEP_NAME pair_step_avx2
#define NNTASKS_STEP_TARGET __attribute__((target("avx2,fma")))
#define NNTASKS_STEP_LANES 8
#define NNTASKS_STEP_FMA(a, b, c) (V)(_mm256_fmadd_ps((__m256)(a), (__m256)(b), (__m256)(c)))
#include "skipgram/pair_step_body.h"

#define NNTASKS_STEP_NAME pair_step_avx512
#define NNTASKS_STEP_TARGET __attribute__((target("avx512f,avx512dq,fma")))
#define NNTASKS_STEP_LANES 16
#define NNTASKS_STEP_FMA(a, b, c) (V)(_mm512_fmadd_ps((__m512)(a), (__m512)(b), (__m512)(c)))
#include "skipgram/pair_step_body.h"
#endif

namespace nntasks {

// The fastest of them for this machine.
inline const StepKernels& step_kernels() {
#if defined(__x86_64__) && defined(__GNUC__)
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq")) {
    return pair_step_avx512::kKernels;
  }
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
    return pair_step_avx2::kKernels;
  }
#endif
  return pair_step_plain::kKernels;
}

}  // namespace nntasks
