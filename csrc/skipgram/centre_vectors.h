// The vectors that take part in the step of one centre: its contexts, and itself with its
// negatives. A word that occurs twice is one vector with a weight of 2.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "skipgram/settings.h"
#include "skipgram/window_plan.h"

namespace nntasks::skipgram {

struct CentreVectors {
  explicit CentreVectors(const Settings& s)
      : places(size_t(s.most_sources())),
        source(size_t(s.most_sources())),
        source_weight(size_t(s.most_sources())),
        words(size_t(s.most_targets())),
        target(size_t(s.most_targets())),
        target_weight(size_t(score_stride(s.most_targets()))) {}

  int64_t sources = 0, targets = 0;
  float contexts = 0;  // counted with repetition
  float rate = 0;
  std::vector<int64_t> places;  // which kept occurrence each context is
  std::vector<const float*> source;
  std::vector<float> source_weight;
  std::vector<int32_t> words;  // of the targets
  std::vector<const float*> target;
  std::vector<float> target_weight;

  void gather(const Settings& s, const std::vector<Occurrence>& kept, int64_t i,
              const int32_t* drawn) {
    const Occurrence& centre = kept[size_t(i)];
    rate = float(s.lr_from + s.slope * double(centre.place));
    gather_contexts(s, kept, i);
    std::fill(target_weight.begin(), target_weight.end(), 0.0f);
    words[0] = centre.word;
    target_weight[0] = 1;
    targets = 1;
    for (int64_t j = 0; j < s.negatives; ++j) {
      int64_t t = 0;
      while (t < targets && words[size_t(t)] != drawn[j]) ++t;
      if (t == 0) continue;
      if (t == targets) words[size_t(targets++)] = drawn[j];
      target_weight[size_t(t)] += 1;
    }
    for (int64_t t = 0; t < targets; ++t) {
      target[size_t(t)] = s.outputs + int64_t(words[size_t(t)]) * s.columns;
    }
  }

 private:
  void gather_contexts(const Settings& s, const std::vector<Occurrence>& kept, int64_t i) {
    const Occurrence& centre = kept[size_t(i)];
    const int64_t from = std::max<int64_t>(centre.first, i - centre.reach);
    const int64_t to = std::min<int64_t>(centre.end, i + centre.reach + 1);
    sources = 0;
    contexts = float(to - from - 1);
    for (int64_t at = from; at < to; ++at) {
      if (at == i) continue;
      const float* row = s.inputs + int64_t(kept[size_t(at)].word) * s.columns;
      int64_t found = 0;
      while (found < sources && source[size_t(found)] != row) ++found;
      if (found == sources) {
        places[size_t(found)] = at;
        source[size_t(found)] = row;
        source_weight[size_t(found)] = 0;
        ++sources;
      }
      source_weight[size_t(found)] += 1;
    }
  }
};

}  // namespace nntasks::skipgram
