// One definition of IoU for every kernel: the same floating-point operations, in the same order, as
// the Python reference (core/ops/iou.py). The sources are compiled without contraction into fused
// multiply-adds, so that comparisons with a threshold have the same result.
#pragma once

#include <cstdint>

#ifdef __CUDACC__
#define NNTASKS_INLINE __host__ __device__ __forceinline__
#else
#define NNTASKS_INLINE inline __attribute__((always_inline))
#endif

namespace nntasks {

// x1, y1, x2, y2: the layout of one row of a contiguous (N, 4) tensor.
template <typename T>
struct Box {
  T x1, y1, x2, y2;
};

template <typename T>
NNTASKS_INLINE T larger(T a, T b) {
  return a > b ? a : b;
}

template <typename T>
NNTASKS_INLINE T smaller(T a, T b) {
  return a < b ? a : b;
}

// Return the value, or 0 if it is negative. NaN stays NaN, and so do areas made from it.
template <typename T>
NNTASKS_INLINE T positive(T value) {
  return T(0) > value ? T(0) : value;
}

template <typename T>
NNTASKS_INLINE T area_of(const Box<T>& box) {
  return positive(box.x2 - box.x1) * positive(box.y2 - box.y1);
}

template <typename T>
NNTASKS_INLINE T intersection_of(const Box<T>& a, const Box<T>& b) {
  return positive(smaller(a.x2, b.x2) - larger(a.x1, b.x1)) *
         positive(smaller(a.y2, b.y2) - larger(a.y1, b.y1));
}

// Return the denominator, or 1 if it is 0; its numerator is 0 then.
template <typename T>
NNTASKS_INLINE T nonzero(T denominator) {
  return denominator == T(0) ? T(1) : denominator;
}

template <typename T>
NNTASKS_INLINE T iou_of(const Box<T>& a, T area_a, const Box<T>& b, T area_b) {
  const T intersection = intersection_of(a, b);
  return intersection / nonzero(area_a + area_b - intersection);
}

// Whether the IoU may be above the threshold, found without a division. It is never false where the
// IoU is above, because rounding is monotone.
template <typename T>
NNTASKS_INLINE bool may_exceed(const Box<T>& a, T area_a, const Box<T>& b, T area_b, T threshold) {
  const T intersection = intersection_of(a, b);
  return intersection >= threshold * (area_a + area_b - intersection);
}

}  // namespace nntasks
