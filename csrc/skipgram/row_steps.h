// What is done to the rows of a matrix one at a time: a step is added, a gradient is clipped.
#pragma once

#include <cmath>
#include <cstdint>

#include "clones.h"

namespace nntasks::skipgram {

NNTASKS_CLONES inline void add_scaled(float* __restrict to, const float* __restrict from,
                                      float scale, int64_t size) {
  for (int64_t i = 0; i < size; ++i) to[i] += scale * from[i];
}

// Clip a gradient by value, then by norm (0: no limit); return whether that changed it.
NNTASKS_CLONES inline bool clip(float* gradient, int64_t size, float value, float norm) {
  bool changed = false;
  double squares = 0;
  for (int64_t i = 0; i < size; ++i) {
    if (value > 0 && std::fabs(gradient[i]) > value) {
      gradient[i] = gradient[i] > 0 ? value : -value;
      changed = true;
    }
    squares += double(gradient[i]) * gradient[i];
  }
  const float length = float(std::sqrt(squares));
  if (norm > 0 && length > norm) {
    const float scale = norm / length;
    for (int64_t i = 0; i < size; ++i) gradient[i] *= scale;
    changed = true;
  }
  return changed;
}

}  // namespace nntasks::skipgram
