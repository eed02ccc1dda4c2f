// Where a ranking reaches a level of recall.
#pragma once

#include <algorithm>
#include <cstdint>

namespace nntasks {

// The first hit k, from 0, at which recall (k + 1) / truths reaches a level; `hits` if there is
// none. Recall is compared as the double that the division gives.
inline int64_t first_at(double level, int64_t truths, int64_t hits) {
  const double count = double(truths), guess = level * count;
  if (level != level) return hits;
  int64_t k = guess < double(hits) ? int64_t(std::max(guess, 0.0)) : hits;
  while (k > 0 && double(k) / count >= level) --k;
  while (k < hits && double(k + 1) / count < level) ++k;
  return k;
}

}  // namespace nntasks
