// Scores as unsigned numbers that rise as the score falls. NaN counts as minus infinity, minus zero
// as zero.
#pragma once

#include <cmath>
#include <cstdint>
#include <cstring>

#include "box.h"

namespace nntasks::nms {

template <typename T>
struct SortKey;
template <>
struct SortKey<float> {
  using type = uint32_t;
};
template <>
struct SortKey<double> {
  using type = uint64_t;
};

template <typename T>
NNTASKS_INLINE typename SortKey<T>::type sort_key(T score) {
  using Key = typename SortKey<T>::type;
  if (score != score) score = T(-INFINITY);
  score += T(0);
  Key bits;
  memcpy(&bits, &score, sizeof bits);
  const Key sign = Key(1) << (sizeof(Key) * 8 - 1);
  return (bits & sign) ? bits : ~(bits | sign);
}

}  // namespace nntasks::nms
