// The body of pair_step.h, included once for each kind of vector unit.

namespace nntasks {
namespace NNTASKS_STEP_NAME {

constexpr int kLanes = NNTASKS_STEP_LANES;
// Scores are stored by kGroup. A load of more would have to wait for two stores to reach the cache.
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

// Sums of neighbouring lanes: a's in the lower half, b's in the upper.
NNTASKS_STEP_INLINE V fold(V a, V b) {
  I even, odd;
  for (int i = 0; i < kLanes; ++i) {
    even[i] = 2 * i;
    odd[i] = 2 * i + 1;
  }
  return __builtin_shuffle(a, b, even) + __builtin_shuffle(a, b, odd);
}

// Store the sums of the lanes of kGroup vectors.
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

// e^-x for x >= 0; relative error below 2e-7.
NNTASKS_STEP_INLINE S decay(S x) {
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

// log(1 + e) for e in 0..1, by the series of the inverse hyperbolic tangent.
NNTASKS_STEP_INLINE S log_of_one_plus(S e) {
  const S z = e / (e + 2.0f), q = z * z;
  S s = S{} + 1.0f / 15;
  for (const float odd : {13.0f, 11.0f, 9.0f, 7.0f, 5.0f, 3.0f}) s = s * q + 1.0f / odd;
  return 2.0f * z * (s * q + 1.0f);
}

// Fetch the lines of rows at column d.
template <int N>
NNTASKS_STEP_INLINE void fetch_column(const float* const* rows, int64_t d) {
  if (kLanes < 16 && d % 16) return;
#pragma GCC unroll 8
  for (int r = 0; r < N; ++r) fetch_ahead(rows[r] + d);
}

// The products of x with N outputs; `ahead` are as many rows to fetch as Ahead says.
template <int N, int Ahead>
NNTASKS_STEP_INLINE void score_group(const float* x, const float* const* target, int64_t columns,
                                     float* out, const float* const* ahead) {
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
NNTASKS_STEP_TARGET void score_all(const PairStep& step, int64_t first, float* scores,
                                   int64_t stride) {
  const float* const* target = step.target + first;
  score_group<N, kAheadInScore>(step.source[0], target, step.columns, scores + first,
                                step.ahead_in_score);
  for (int64_t s = 1; s < step.sources; ++s) {
    score_group<N, 0>(step.source[s], target, step.columns, scores + s * stride + first, nullptr);
  }
}

NNTASKS_STEP_TARGET inline double pull(const PairStep& step, float* scores) {
  const int64_t stride = score_stride(step.targets);
  S first = S{} - 1.0f;
  first[0] = 1;  // the pair that is to be likely; those with negatives are not
  S losses = {};
  for (int64_t s = 0; s < step.sources; ++s) {
    for (int64_t j = 0; j < stride; j += kScoreLanes) {
      LooseS* at = reinterpret_cast<LooseS*>(scores + s * stride + j);
      const S sign = j ? S{} - 1.0f : first;
      const S weight =
          *reinterpret_cast<const LooseS*>(step.target_weight + j) * step.source_weight[s];
      const S z = *at * sign;
      const S e = decay(z < 0.0f ? -z : z);
      const S share = (z < 0.0f ? S{} + 1.0f : e) / (e + 1.0f);  // sigmoid(-z)
      *at = weight * sign * share * step.rate;
      losses += weight * ((z < 0.0f ? -z : S{}) + log_of_one_plus(e));
    }
  }
  double loss = 0;
  for (int i = 0; i < kScoreLanes; ++i) loss += losses[i];
  return loss;
}

// The gradients in one stretch of columns, for N outputs; `sink` holds those of inputs, or null:
// then they are added at once.
template <int N>
NNTASKS_STEP_INLINE void move_stretch(const PairStep& step, int64_t first, const float* pull,
                                      int64_t stride, int64_t d, float* sink) {
  V y[N], to_y[N] = {};
  fetch_column<kAheadInMove>(step.ahead_in_move, d);
#pragma GCC unroll 8
  for (int j = 0; j < N; ++j) y[j] = load(step.target[first + j] + d);
  for (int64_t s = 0; s < step.sources; ++s) {
    const float* g = pull + s * stride + first;
    const V x = load(step.source[s] + d);
    V to_x = y[0] * g[0];
    to_y[0] = NNTASKS_STEP_FMA(x, V{} + g[0], to_y[0]);
#pragma GCC unroll 8
    for (int j = 1; j < N; ++j) {
      to_y[j] = NNTASKS_STEP_FMA(x, V{} + g[j], to_y[j]);
      to_x = NNTASKS_STEP_FMA(y[j], V{} + g[j], to_x);
    }
    if (sink) {
      float* to = sink + s * kLanes;
      store(to, load(to) + to_x);
    } else {
      store(step.source_to[s] + d, load(step.source_from[s] + d) + to_x);
    }
  }
  for (int j = 0; j < N; ++j) {
    // Where that is y itself, y may be long gone from the registers, but is in the nearest cache.
    store(step.target_to[first + j] + d, load(step.target_from[first + j] + d) + to_y[j]);
  }
}

template <int N>
NNTASKS_STEP_TARGET void move_all(const PairStep& step, const float* pull, int64_t stride) {
  for (int64_t d = 0; d < step.columns; d += kLanes) {
    move_stretch<N>(step, 0, pull, stride, d, nullptr);
  }
}

template <int N>
NNTASKS_STEP_TARGET void move_some(const PairStep& step, int64_t first, const float* pull,
                                   int64_t stride, int64_t d, float* sink) {
  move_stretch<N>(step, first, pull, stride, d, sink);
}

constexpr decltype(&score_all<1>) kScore[] = {score_all<1>, score_all<2>, score_all<3>,
                                              score_all<4>, score_all<5>, score_all<6>,
                                              score_all<7>, score_all<8>};
constexpr decltype(&move_all<1>) kMoveAll[] = {move_all<1>, move_all<2>, move_all<3>, move_all<4>,
                                               move_all<5>, move_all<6>, move_all<7>, move_all<8>};
constexpr decltype(&move_some<1>) kMoveSome[] = {move_some<1>, move_some<2>, move_some<3>,
                                                 move_some<4>, move_some<5>, move_some<6>,
                                                 move_some<7>, move_some<8>};

inline int64_t group_size(const PairStep& step, int64_t first) {
  const int64_t left = step.targets - first;
  return left < kGroup ? left : kGroup;
}

inline void score(const PairStep& step, float* scores) {
  const int64_t stride = score_stride(step.targets);
  for (int64_t first = 0; first < step.targets; first += kGroup) {
    kScore[group_size(step, first) - 1](step, first, scores, stride);
  }
}

// More outputs than one group: all of them see the same inputs.
inline void move_groups(const PairStep& step, const float* pulls, int64_t stride) {
  for (int64_t d = 0; d < step.columns; d += kLanes) {
    for (int64_t i = 0; i < step.sources * kLanes; ++i) step.sink[i] = 0;
    for (int64_t first = 0; first < step.targets; first += kGroup) {
      kMoveSome[group_size(step, first) - 1](step, first, pulls, stride, d, step.sink);
    }
    for (int64_t s = 0; s < step.sources; ++s) {
      const float* from = step.source_from[s] + d;
      float* to = step.source_to[s] + d;
      for (int i = 0; i < kLanes; ++i) to[i] = from[i] + step.sink[s * kLanes + i];
    }
  }
}

inline void move(const PairStep& step, const float* pulls) {
  const int64_t stride = score_stride(step.targets);
  if (step.targets <= kGroup) {
    kMoveAll[step.targets - 1](step, pulls, stride);
  } else {
    move_groups(step, pulls, stride);
  }
}

// N stretches of columns of a sum.
template <int N>
NNTASKS_STEP_TARGET void blend_stretches(const WeightedRows& rows, int64_t d, float scale,
                                         float* out) {
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
NNTASKS_STEP_TARGET void spread_stretches(const PairStep& step, int64_t d, float share,
                                          const float* pull) {
  V parts[N];
#pragma GCC unroll 8
  for (int i = 0; i < N; ++i) parts[i] = load(pull + d + i * kLanes) * share;
  for (int64_t s = 0; s < step.sources; ++s) {
    const float* from = step.source_from[s] + d;
    float* to = step.source_to[s] + d;
    const V weight = V{} + step.source_weight[s];
#pragma GCC unroll 8
    for (int i = 0; i < N; ++i) {
      store(to + i * kLanes, NNTASKS_STEP_FMA(parts[i], weight, load(from + i * kLanes)));
    }
  }
}

constexpr decltype(&blend_stretches<1>) kBlend[] = {
    blend_stretches<1>, blend_stretches<2>, blend_stretches<3>, blend_stretches<4>,
    blend_stretches<5>, blend_stretches<6>, blend_stretches<7>, blend_stretches<8>};
constexpr decltype(&spread_stretches<1>) kSpread[] = {
    spread_stretches<1>, spread_stretches<2>, spread_stretches<3>, spread_stretches<4>,
    spread_stretches<5>, spread_stretches<6>, spread_stretches<7>, spread_stretches<8>};

// How many stretches to take at once from column d on.
inline int64_t stretches(int64_t columns, int64_t d) {
  const int64_t left = (columns - d) / kLanes;
  return left < kGroup ? left : kGroup;
}

inline void blend(const WeightedRows& rows, float scale, float* out) {
  for (int64_t d = 0; d < rows.columns; d += kGroup * kLanes) {
    kBlend[stretches(rows.columns, d) - 1](rows, d, scale, out);
  }
}

inline void spread(const PairStep& step, float share, const float* pull) {
  for (int64_t d = 0; d < step.columns; d += kGroup * kLanes) {
    kSpread[stretches(step.columns, d) - 1](step, d, share, pull);
  }
}

constexpr StepKernels kKernels{score, pull, move, blend, spread};

}  // namespace NNTASKS_STEP_NAME
}  // namespace nntasks

#undef NNTASKS_STEP_INLINE
#undef NNTASKS_STEP_NAME
#undef NNTASKS_STEP_TARGET
#undef NNTASKS_STEP_LANES
#undef NNTASKS_STEP_FMA
