// A piece of a corpus, ready for training: what is kept of it, and what negatives are drawn from.
#pragma once

#include <cstdint>
#include <vector>

#include "alias.h"
#include "skipgram/settings.h"
#include "skipgram/window_plan.h"

namespace nntasks::skipgram {

constexpr int64_t kAhead = 4;  // centres whose vectors are fetched before their step

struct TrainingJob {
  Settings settings;
  std::vector<Occurrence> kept;
  const Bucket* table;
  uint64_t seed;
  int64_t offset;

  int64_t size() const { return int64_t(kept.size()); }
};

}  // namespace nntasks::skipgram
