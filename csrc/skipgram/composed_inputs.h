// Input vectors that are means of rows: words made of character n-grams (Bojanowski, Grave, Joulin
// and Mikolov, "Enriching Word Vectors with Subword Information", 2017, arXiv 1607.04606).
//
// The idea: a step moves all rows of a word by the same vector, so it moves their mean by that
// vector too. The mean is therefore taken once for all centres of a chunk, and treated as the
// vector of the word; what it has gained then goes to each of its rows. The invariant: words that
// share a row see each other's steps from the next chunk on.
#pragma once

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "fetch_ahead.h"
#include "skipgram/aligned_floats.h"
#include "skipgram/row_steps.h"
#include "skipgram/settings.h"
#include "skipgram/window_plan.h"

namespace nntasks::skipgram {

class ComposedInputs {
 public:
  // `centres`: the most that a chunk has.
  ComposedInputs(const Settings& s, const std::vector<Occurrence>& kept, int64_t centres)
      : s_(s),
        kept_(kept),
        first_of_(s.composes() ? size_t(centres + 2 * s.window) : 0),
        means_(first_of_.size() * size_t(s.columns)),
        ones_(s.composes() ? size_t(s.most_parts) : 0, 1.0f),
        rows_(ones_.size()) {}

  bool used() const { return s_.composes(); }

  // Start a chunk at centre `from`. Its contexts stand from `from - window` on.
  void begin(int64_t from) {
    base_ = std::max<int64_t>(0, from - s_.window);
    std::fill(first_of_.begin(), first_of_.end(), -1);
    composed_.clear();
  }

  // Return the first place of the chunk, of those asked for, at which the word of `place` stands.
  int64_t first_place(int64_t place) {
    int64_t& first = first_of_[size_t(place - base_)];
    if (first < 0) first = found_or_composed(place);
    return first;
  }

  // The vector of a word, by its first place.
  float* vector(int64_t first) { return &means_[size_t((first - base_) * s_.columns)]; }

  // Keep a copy of each vector, for `add_gains`.
  void remember() {
    if (before_.empty()) before_.resize(means_.size());
    remembers_ = true;
  }

  // Add to the rows of each word of the chunk what its vector has gained.
  void add_gains() {
    for (const auto& [word, first] : composed_) {
      const float* from = &before_[size_t((first - base_) * s_.columns)];
      float* gain = vector(first);
      for (int64_t d = 0; d < s_.columns; ++d) gain[d] -= from[d];
      for (const int32_t* part = s_.parts_begin(word); part < s_.parts_end(word); ++part) {
        if (part + kPartsAhead < s_.parts_end(word)) {
          fetch_row_ahead(s_.input(part[kPartsAhead]), s_.columns);
        }
        add_scaled(s_.input(*part), gain, 1, s_.columns);
      }
    }
  }

 private:
  static constexpr int64_t kPartsAhead = 4;

  // Chunks are short, so that a search through their words is cheaper than a table.
  int64_t found_or_composed(int64_t place) {
    const int32_t word = kept_[size_t(place)].word;
    for (const auto& [other, first] : composed_) {
      if (other == word) return first;
    }
    composed_.push_back({word, place});
    const int64_t count = s_.parts(word);
    for (int64_t p = 0; p < count; ++p) rows_[size_t(p)] = s_.input(s_.parts_begin(word)[p]);
    s_.kernels->weighted_sum({s_.columns, count, rows_.data(), ones_.data()}, 1 / float(count),
                             vector(place));
    if (remembers_) {
      std::copy_n(vector(place), s_.columns, &before_[size_t((place - base_) * s_.columns)]);
    }
    return place;
  }

  const Settings& s_;
  const std::vector<Occurrence>& kept_;
  std::vector<int64_t> first_of_;  // by place - base_; -1: not asked for yet
  AlignedFloats means_, before_;   // likewise
  std::vector<float> ones_;
  std::vector<const float*> rows_;
  std::vector<std::pair<int32_t, int64_t>> composed_;  // words and their first places
  bool remembers_ = false;
  int64_t base_ = 0;
};

}  // namespace nntasks::skipgram
