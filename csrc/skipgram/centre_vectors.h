// The vectors that take part in the step of one centre: its contexts, and itself with its
// negatives. A word that occurs twice is one vector with a weight of 2. In a mean of contexts, a
// word of several rows counts once for each.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "skipgram/composed_inputs.h"
#include "skipgram/settings.h"
#include "skipgram/window_plan.h"

namespace nntasks::skipgram {

struct CentreVectors {
  // `composed` makes the vectors of contexts where words are of several rows.
  CentreVectors(const Settings& s, ComposedInputs& composed)
      : places(size_t(s.most_sources())),
        source(size_t(s.most_sources())),
        source_weight(size_t(s.most_sources())),
        words(size_t(s.most_targets())),
        target(size_t(s.most_targets())),
        target_weight(size_t(score_stride(s.most_targets()))),
        composed_(composed),
        rows_of_source_(source.size()) {}

  int64_t sources = 0, targets = 0;
  float contexts = 0;  // counted with repetition
  float rows = 0;      // of these contexts
  float rate = 0;
  std::vector<int64_t> places;  // a kept occurrence of each context; if composed, the first
  std::vector<const float*> source;
  std::vector<float> source_weight;
  std::vector<int32_t> words;  // of the targets
  std::vector<const float*> target;
  std::vector<float> target_weight;

  // The weight of each context in their mean.
  const float* mean_weight() const {
    return composed_.used() ? rows_of_source_.data() : source_weight.data();
  }

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
      const int64_t place = composed_.used() ? composed_.first_place(at) : at;
      const float* row =
          composed_.used() ? composed_.vector(place) : s.input(kept[size_t(at)].word);
      int64_t found = 0;
      while (found < sources && source[size_t(found)] != row) ++found;
      if (found == sources) {
        places[size_t(found)] = place;
        source[size_t(found)] = row;
        source_weight[size_t(found)] = 0;
        ++sources;
      }
      source_weight[size_t(found)] += 1;
    }
    rows = contexts;
    if (composed_.used()) count_rows(s, kept);
  }

  void count_rows(const Settings& s, const std::vector<Occurrence>& kept) {
    rows = 0;
    for (int64_t r = 0; r < sources; ++r) {
      const float each = float(s.parts(kept[size_t(places[size_t(r)])].word));
      rows_of_source_[size_t(r)] = source_weight[size_t(r)] * each;
      rows += rows_of_source_[size_t(r)];
    }
  }

  ComposedInputs& composed_;
  std::vector<float> rows_of_source_;  // with repetition
};

}  // namespace nntasks::skipgram
