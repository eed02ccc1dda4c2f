// The least and the most of each number that skipgram is told. LIMITS in
// core/ops/_skipgram_settings.py is the same table; tests/core/ops/test_skipgram_settings.py
// compares them.
#pragma once

#include <cstdint>

namespace nntasks::skipgram {

struct Limit {
  const char* name;
  int64_t least, most;

  bool holds(int64_t value) const { return value >= least && value <= most; }
};

// clang-format off
constexpr Limit kColumns{"columns", 16, 2147483632};
constexpr Limit kTokens{"tokens", 0, 134217728};
constexpr Limit kWindow{"window", 1, 100};
constexpr Limit kNegatives{"negatives", 1, 100};
constexpr Limit kOffset{"offset", 0, 281474976710656};
constexpr Limit kKind{"kind", 0, 2};
constexpr Limit kBlock{"block", 0, 65536};
constexpr Limit kTogether{"together", 1, 64};
// clang-format on
constexpr double kLeastClip = 1e-30, kMostClip = 1e30;  // where a gradient is clipped at all

}  // namespace nntasks::skipgram
