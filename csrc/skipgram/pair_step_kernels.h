// The kernels of pair_step.h, written once for vectors of NNTASKS_STEP_LANES floats.
//
// A unit for each instruction set includes this, after it has defined NNTASKS_STEP_TARGET, _LANES,
// _FMA and _KERNELS, the name of the table of kernels; all but that table is local to the unit.
//
// The idea: the x of a step meet at most kGroup outputs at a time, whose sums and gradients
// stay in registers. Template parameters fix the number of outputs, so that loops over them unroll.
#pragma once

#include <initializer_list>

#include "skipgram/pair_step.h"

namespace nntasks::skipgram {
namespace {

constexpr int kLanes = NNTASKS_STEP_LANES;
// Scores are stored kGroup at a time. A wider load would wait until two stores reach the cache.
constexpr int kScoreLanes = kLanes < kGroup ? kLanes : kGroup;

typedef float V __attribute__((vector_size(4 * kLanes)));
typedef int32_t I __attribute__((vector_size(4 * kLanes)));
typedef float Loose __attribute__((vector_size(4 * kLanes), aligned(4), may_alias));
typedef float S __attribute__((vector_size(4 * kScoreLanes)));
typedef int32_t SI __attribute__((vector_size(4 * kScoreLanes)));
typedef float LooseS __attribute__((vector_size(4 * kScoreLanes), aligned(4), may_alias));

#define NNTASKS_STEP_INLINE NNTASKS_STEP_TARGET __attribute__((always_inline)) inline

NNTASKS_STEP_INLINE V load(const float* from) { return *reinterpret_cast<const Loose*>(from); }
NNTASKS_STEP_INLINE void store(float* to, V value) { *reinterpret_cast<Loose*>(to) = value; }

// Return the sums of neighbouring lanes, those of a in the lower half and those of b in the upper.
NNTASKS_STEP_INLINE V fold(V a, V b) {
  I even, odd;
  for (int i = 0; i < kLanes; ++i) {
    even[i] = 2 * i;
    odd[i] = 2 * i + 1;
  }
  return __builtin_shuffle(a, b, even) + __builtin_shuffle(a, b, odd);
}

// Store the horizontal sums of kGroup vectors.
NNTASKS_STEP_INLINE void store_sums(const V* v, float* out) {
  static_assert(kGroup == 8);
  const V low = fold(fold(v[0], v[1]), fold(v[2], v[3]));
  const V high = fold(fold(v[4], v[5]), fold(v[6], v[7]));
  if constexpr (kLanes == 4) {
    store(out, low);
    store(out + kLanes, high);
    return;
  }
  V sums = fold(low, high);
  if constexpr (kLanes == 16) sums = fold(sums, sums);
  typedef float Eight __attribute__((vector_size(4 * kGroup), aligned(4), may_alias));
  *reinterpret_cast<Eight*>(out) = *reinterpret_cast<const Eight*>(&sums);
}

// Return e^-x for x >= 0, by the polynomial of Cephes (Moshier); relative error below 2e-7.
NNTASKS_STEP_INLINE S exp_of_minus(S x) {
  constexpr float kMost = 87.0f, kLog2e = 1.44269504f, kHigh = 0.693359375f, kLow = -2.12194440e-4f;
  x = x < kMost ? x : S{} + kMost;
  const SI power = __builtin_convertvector(x * kLog2e + 0.5f, SI);
  const S whole = __builtin_convertvector(power, S);
  const S r = (whole * kHigh - x) + whole * kLow;  // -x + power * log 2
  S p = S{} + 1.9875691500e-4f;
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  p = p * r * r + r + 1.0f;
  const SI scale = (127 - power) << 23;
  return p * (S)scale;
}

// Return log(1 + e) for e in 0..1: 2 artanh(e / (e + 2)), by its series.
NNTASKS_STEP_INLINE S log_of_one_plus(S e) {
  const S z = e / (e + 2.0f), q = z * z;
  S s = S{} + 1.0f / 15;
  for (const float odd : {13.0f, 11.0f, 9.0f, 7.0f, 5.0f, 3.0f}) s = s * q + 1.0f / odd;
  return 2.0f * z * (s * q + 1.0f);
}

// Fetch the cache lines of N rows at column d.
template <int N>
NNTASKS_STEP_INLINE void fetch_column(const float* const* rows, int64_t d) {
  if (kLanes < 16 && d % 16) return;
#pragma GCC unroll 8
  for (int r = 0; r < N; ++r) fetch_ahead(rows[r] + d);
}

// Write the dot products of x with N outputs; fetch the first `Ahead` rows of `ahead` meanwhile.
template <int N, int Ahead>
NNTASKS_STEP_INLINE void dot_products_of_group(const float* x, const float* const* target,
                                               int64_t columns, float* out,
                                               const float* const* ahead) {
  V sums[kGroup];
#pragma GCC unroll 8
  for (int j = 0; j < kGroup; ++j) sums[j] = V{};
  for (int64_t d = 0; d < columns; d += kLanes) {
    const V at = load(x + d);
    fetch_column<Ahead>(ahead, d);
#pragma GCC unroll 8
    for (int j = 0; j < N; ++j) sums[j] = NNTASKS_STEP_FMA(at, load(target[j] + d), sums[j]);
  }
  store_sums(sums, out);
}

template <int N>
NNTASKS_STEP_TARGET void dot_products_of_all(const PairStep& step, int64_t first, float* scores,
                                             int64_t stride) {
  const float* const* target = step.targets.row + first;
  dot_products_of_group<N, kAheadInProducts>(step.sources.row[0], target, step.columns,
                                             scores + first, step.ahead_in_products);
  for (int64_t s = 1; s < step.sources.count; ++s) {
    dot_products_of_group<N, 0>(step.sources.row[s], target, step.columns,
                                scores + s * stride + first, nullptr);
  }
}

NNTASKS_STEP_TARGET inline double pair_gradients(const PairStep& step, float* scores) {
  const int64_t stride = score_stride(step.targets.count);
  S first = S{} - 1.0f;
  first[0] = 1;  // the pair with the centre; the others are with negatives
  S losses = {};
  for (int64_t s = 0; s < step.sources.count; ++s) {
    for (int64_t j = 0; j < stride; j += kScoreLanes) {
      LooseS* at = reinterpret_cast<LooseS*>(scores + s * stride + j);
      const S sign = j ? S{} - 1.0f : first;
      const S weight =
          *reinterpret_cast<const LooseS*>(step.targets.weight + j) * step.sources.weight[s];
      const S z = *at * sign;
      const S e = exp_of_minus(z < 0.0f ? -z : z);
      const S share = (z < 0.0f ? S{} + 1.0f : e) / (e + 1.0f);  // sigmoid(-z)
      *at = weight * sign * share * step.rate;
      const S unknown = z == z ? S{} : z;  // exp_of_minus() bounds a NaN; the loss must show it
      losses += weight * ((z < 0.0f ? -z : unknown) + log_of_one_plus(e));
    }
  }
  double loss = 0;
  for (int i = 0; i < kScoreLanes; ++i) loss += losses[i];
  return loss;
}

// Add the gradients within one vector of columns, for N outputs. Those of the x are summed up in
// `sums_of_x`, or are added at once where that is null.
template <int N>
NNTASKS_STEP_INLINE void scatter_column(const PairStep& step, int64_t first, const float* gradients,
                                        int64_t stride, int64_t d, float* sums_of_x) {
  V y[N], to_y[N] = {};
  fetch_column<kAheadInScatter>(step.ahead_in_scatter, d);
#pragma GCC unroll 8
  for (int j = 0; j < N; ++j) y[j] = load(step.targets.row[first + j] + d);
  for (int64_t s = 0; s < step.sources.count; ++s) {
    const float* g = gradients + s * stride + first;
    const V x = load(step.sources.row[s] + d);
    V to_x = y[0] * g[0];
    to_y[0] = NNTASKS_STEP_FMA(x, V{} + g[0], to_y[0]);
#pragma GCC unroll 8
    for (int j = 1; j < N; ++j) {
      to_y[j] = NNTASKS_STEP_FMA(x, V{} + g[j], to_y[j]);
      to_x = NNTASKS_STEP_FMA(y[j], V{} + g[j], to_x);
    }
    if (sums_of_x) {
      float* to = sums_of_x + s * kLanes;
      store(to, load(to) + to_x);
    } else {
      store(step.sources.to[s] + d, load(step.sources.from[s] + d) + to_x);
    }
  }
  for (int j = 0; j < N; ++j) {
    // `from` may be y itself. It is loaded again: y may have left the registers, but not the cache.
    store(step.targets.to[first + j] + d, load(step.targets.from[first + j] + d) + to_y[j]);
  }
}

template <int N>
NNTASKS_STEP_TARGET void scatter_all(const PairStep& step, const float* gradients, int64_t stride) {
  for (int64_t d = 0; d < step.columns; d += kLanes) {
    scatter_column<N>(step, 0, gradients, stride, d, nullptr);
  }
}

template <int N>
NNTASKS_STEP_TARGET void scatter_group(const PairStep& step, int64_t first, const float* gradients,
                                       int64_t stride, int64_t d, float* sums_of_x) {
  scatter_column<N>(step, first, gradients, stride, d, sums_of_x);
}

constexpr decltype(&dot_products_of_all<1>) kDotProducts[] = {
    dot_products_of_all<1>, dot_products_of_all<2>, dot_products_of_all<3>, dot_products_of_all<4>,
    dot_products_of_all<5>, dot_products_of_all<6>, dot_products_of_all<7>, dot_products_of_all<8>};
constexpr decltype(&scatter_all<1>) kScatterAll[] = {scatter_all<1>, scatter_all<2>, scatter_all<3>,
                                                     scatter_all<4>, scatter_all<5>, scatter_all<6>,
                                                     scatter_all<7>, scatter_all<8>};
constexpr decltype(&scatter_group<1>) kScatterGroup[] = {
    scatter_group<1>, scatter_group<2>, scatter_group<3>, scatter_group<4>,
    scatter_group<5>, scatter_group<6>, scatter_group<7>, scatter_group<8>};

inline int64_t group_size(const PairStep& step, int64_t first) {
  const int64_t left = step.targets.count - first;
  return left < kGroup ? left : kGroup;
}

inline void dot_products(const PairStep& step, float* scores) {
  const int64_t stride = score_stride(step.targets.count);
  for (int64_t first = 0; first < step.targets.count; first += kGroup) {
    kDotProducts[group_size(step, first) - 1](step, first, scores, stride);
  }
}

// More outputs than one group holds. The x change only after all groups have read them.
inline void scatter_groups(const PairStep& step, const float* gradients, int64_t stride) {
  for (int64_t d = 0; d < step.columns; d += kLanes) {
    for (int64_t i = 0; i < step.sources.count * kLanes; ++i) step.scratch[i] = 0;
    for (int64_t first = 0; first < step.targets.count; first += kGroup) {
      kScatterGroup[group_size(step, first) - 1](step, first, gradients, stride, d, step.scratch);
    }
    for (int64_t s = 0; s < step.sources.count; ++s) {
      const float* from = step.sources.from[s] + d;
      float* to = step.sources.to[s] + d;
      for (int i = 0; i < kLanes; ++i) to[i] = from[i] + step.scratch[s * kLanes + i];
    }
  }
}

inline void scatter_add(const PairStep& step, const float* gradients) {
  const int64_t stride = score_stride(step.targets.count);
  if (step.targets.count <= kGroup) {
    kScatterAll[step.targets.count - 1](step, gradients, stride);
  } else {
    scatter_groups(step, gradients, stride);
  }
}

// Write N vectors of columns of a weighted sum.
template <int N>
NNTASKS_STEP_TARGET void sum_columns(const WeightedRows& rows, int64_t d, float scale, float* out) {
  V sums[N] = {};
  for (int64_t r = 0; r < rows.count; ++r) {
    const float* from = rows.row[r] + d;
    const V weight = V{} + rows.weight[r];
#pragma GCC unroll 8
    for (int i = 0; i < N; ++i)
      sums[i] = NNTASKS_STEP_FMA(load(from + i * kLanes), weight, sums[i]);
  }
#pragma GCC unroll 8
  for (int i = 0; i < N; ++i) store(out + d + i * kLanes, sums[i] * scale);
}

template <int N>
NNTASKS_STEP_TARGET void scatter_mean_columns(const PairStep& step, int64_t d, float share,
                                              const float* gradients) {
  V parts[N];
#pragma GCC unroll 8
  for (int i = 0; i < N; ++i) parts[i] = load(gradients + d + i * kLanes) * share;
  for (int64_t s = 0; s < step.sources.count; ++s) {
    const float* from = step.sources.from[s] + d;
    float* to = step.sources.to[s] + d;
    const V weight = V{} + step.sources.weight[s];
#pragma GCC unroll 8
    for (int i = 0; i < N; ++i) {
      store(to + i * kLanes, NNTASKS_STEP_FMA(parts[i], weight, load(from + i * kLanes)));
    }
  }
}

constexpr decltype(&sum_columns<1>) kSumColumns[] = {sum_columns<1>, sum_columns<2>, sum_columns<3>,
                                                     sum_columns<4>, sum_columns<5>, sum_columns<6>,
                                                     sum_columns<7>, sum_columns<8>};
constexpr decltype(&scatter_mean_columns<1>) kScatterMeanColumns[] = {
    scatter_mean_columns<1>, scatter_mean_columns<2>, scatter_mean_columns<3>,
    scatter_mean_columns<4>, scatter_mean_columns<5>, scatter_mean_columns<6>,
    scatter_mean_columns<7>, scatter_mean_columns<8>};

// Return how many vectors of columns to take at once from column d on.
inline int64_t vectors_left(int64_t columns, int64_t d) {
  const int64_t left = (columns - d) / kLanes;
  return left < kGroup ? left : kGroup;
}

inline void weighted_sum(const WeightedRows& rows, float scale, float* out) {
  for (int64_t d = 0; d < rows.columns; d += kGroup * kLanes) {
    kSumColumns[vectors_left(rows.columns, d) - 1](rows, d, scale, out);
  }
}

inline void scatter_mean_gradient(const PairStep& step, float share, const float* gradients) {
  for (int64_t d = 0; d < step.columns; d += kGroup * kLanes) {
    kScatterMeanColumns[vectors_left(step.columns, d) - 1](step, d, share, gradients);
  }
}

}  // namespace

const StepKernels NNTASKS_STEP_KERNELS{dot_products, pair_gradients, scatter_add, weighted_sum,
                                       scatter_mean_gradient};

}  // namespace nntasks::skipgram
