// Have memory brought to the nearest cache before it is needed.
#pragma once

#include <cstdint>

namespace nntasks {

// GCC takes a function that only prefetches for one without effect and drops the calls of it; the
// empty assembly is an effect.
inline void fetch_ahead(const void* place) {
  __builtin_prefetch(place);
  asm volatile("");
}

// All of a row of floats that begins with a line of the cache.
inline void fetch_row_ahead(const float* row, int64_t columns) {
  constexpr int64_t kLine = 16;
  for (int64_t d = 0; d < columns; d += kLine) fetch_ahead(row + d);
}

}  // namespace nntasks
