// One step of gradient descent on the pairs of a few input vectors x with a few output vectors y.
//
// The loss of a pair is -log sigmoid(x.y) for the first y, the centre, and -log sigmoid(-x.y) for
// the others, its negatives. All x share the same y, so the dot products are one small matrix
// product and the gradients are two more (Ji, Satish, Li and Dubey 2016, arXiv 1604.04661).
//
// The kernels are compiled once for each instruction set, each in a translation unit of its own
// (csrc/cpu/skipgram_*.cpp), and chosen at run time. Sums are taken in another order there: results
// differ between instruction sets within rounding, and never within one.
#pragma once

#include <cstdint>

#include "fetch_ahead.h"

namespace nntasks::skipgram {

constexpr int kGroup = 8;  // outputs whose sums stay in registers together
constexpr int kAheadInProducts = 3, kAheadInScatter = 4;  // rows that are fetched meanwhile

// The scores of one x fill a row of this length.
inline int64_t score_stride(int64_t targets) { return (targets + kGroup - 1) / kGroup * kGroup; }

// The vectors of one side of the pairs, and where their gradients go: to = from + step.
struct StepRows {
  int64_t count = 0;
  const float* const* row = nullptr;   // the vectors
  const float* const* from = nullptr;  // the vector itself, zeros, or a sum so far
  float* const* to = nullptr;          // may be the same memory as `from`
  const float* weight = nullptr;       // of targets: up to score_stride(count), zeros at the end
};

struct PairStep {
  int64_t columns = 0;        // a multiple of 16
  StepRows sources, targets;  // x and y
  float rate = 0;
  float* scratch = nullptr;  // 16 * sources.count numbers
  // Rows of later steps. They are fetched between other work, one cache line at a time: a processor
  // stalls with about twenty fetches under way.
  const float* ahead_in_products[kAheadInProducts] = {};
  const float* ahead_in_scatter[kAheadInScatter] = {};
};

struct WeightedRows {
  int64_t columns, count;
  const float* const* row;
  const float* weight;
};

struct StepKernels {
  // Write the dot products, in rows of score_stride(targets.count) for each x.
  void (*dot_products)(const PairStep& step, float* scores);
  // Replace dot products by -rate * weight * dloss/dscore; return the loss.
  double (*pair_gradients)(const PairStep& step, float* scores);
  // Add the gradients of all vectors to their rows.
  void (*scatter_add)(const PairStep& step, const float* gradients);
  // Write scale * sum of weight * row.
  void (*weighted_sum)(const WeightedRows& rows, float scale, float* out);
  // Write from + weight * share * gradient for all x: the gradient of their mean.
  void (*scatter_mean_gradient)(const PairStep& step, float share, const float* gradient);
};

extern const StepKernels kBaselineKernels;
#if defined(__x86_64__) && defined(__GNUC__)
#define NNTASKS_STEP_X86 1
extern const StepKernels kAvx2Kernels, kAvx512Kernels;
#endif

// Return the fastest kernels that this machine can run.
inline const StepKernels& step_kernels() {
#ifdef NNTASKS_STEP_X86
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq")) {
    return kAvx512Kernels;
  }
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return kAvx2Kernels;
#endif
  return kBaselineKernels;
}

}  // namespace nntasks::skipgram
