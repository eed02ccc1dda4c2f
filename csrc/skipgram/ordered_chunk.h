// The part of a block that one thread computes: up to kChunk centres; see ordered_training.h.
//
// Gradients of a block are taken at the vectors as they were before the block. An output that no
// other centre of the block uses (RepeatFilter) can be changed at once, as nobody will read it
// again. All other gradients are written to rows of their own, listed by share of the vocabulary;
// when the whole block is computed, each share is added by one thread, in the order of the chunks.
#pragma once

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "fetch_ahead.h"
#include "skipgram/aligned_floats.h"
#include "skipgram/centre_step.h"
#include "skipgram/centre_vectors.h"
#include "skipgram/chunk_targets.h"
#include "skipgram/training_job.h"

namespace nntasks::skipgram {

constexpr int64_t kChangesAhead = 5;  // rows that are fetched before they are added

class OrderedChunk {
 public:
  OrderedChunk(const TrainingJob& job, int64_t shares)
      : targets(job),
        job_(job),
        s_(job.settings),
        composed_(s_, job.kept, kChunk),
        vectors_(s_, composed_),
        step_(s_, false),
        most_changes_(size_t(kChunk * (1 + s_.most_targets()) + 2 * s_.window)),
        gradients_((most_changes_ + 1) * size_t(s_.columns)),
        context_rows_(size_t(kChunk + 2 * s_.window)),
        mean_gradients_(size_t(kChunk * s_.columns)),
        mean_counts_(context_rows_.size()),
        means_(context_rows_.size() * size_t(most_means())),
        mean_weight_(means_.size()),
        counts_of_(static_cast<size_t>(shares)),
        changes_(static_cast<size_t>(shares) * most_changes_ + 1),
        part_changes_(static_cast<size_t>(shares)) {}

  ChunkTargets targets;

  // Fetch the rows that centre `i` reads; unless it is the first, only those that the centre before
  // it does not read.
  void fetch(int64_t block, int64_t i, bool first, RowsAhead& ahead) const {
    ahead.add(vector_of(job_.kept[size_t(i)].word, s_.outputs));
    const int32_t* drawn = targets.drawn(block, i);
    for (int64_t j = 0; j < s_.negatives; ++j) ahead.add(vector_of(drawn[j], s_.outputs));
    if (first) fetch_contexts(i - s_.window, i + s_.window, ahead);
    fetch_contexts(i + s_.window, i + s_.window + 1, ahead);
  }

  // Compute the gradients of a chunk, and draw the negatives of its next block on the way.
  // `repeats` is of the whole block. During the last centres, prefetch_next(0), prefetch_next(1),
  // ... fetch rows for the task that comes after.
  template <typename FetchLater>
  void compute(int64_t block, int64_t from, int64_t to, const RepeatFilter& repeats,
               const FetchLater& prefetch_next) {
    std::fill(counts_of_.begin(), counts_of_.end(), 0);
    std::fill(context_rows_.begin(), context_rows_.end(), nullptr);
    for (auto& changes : part_changes_) changes.clear();
    composed_.begin(from);
    free_ = gradients_.data();
    base_ = std::max<int64_t>(0, from - s_.window);
    group_rows_.clear();
    for (int64_t i = from; i < to; ++i) {
      if (i + kAhead < to) {
        fetch(block, i + kAhead, false, step_.ahead);
      } else {
        prefetch_next(i + kAhead - to, step_.ahead);
      }
      targets.draw();
      vectors_.gather(s_, job_.kept, i, targets.drawn(block, i));
      if (!vectors_.sources) continue;
      place_gradients(i, repeats);
      step_.take(vectors_, counts_);
    }
    if (s_.shares_mean_gradient()) sum_mean_gradients(to);
  }

  // Add the gradients of one share of the vocabulary.
  void apply(int64_t share, RowsAhead& ahead) const {
    add(&changes_[size_t(share) * most_changes_], counts_of_[size_t(share)], ahead);
    const std::vector<Change>& of_parts = part_changes_[size_t(share)];
    add(of_parts.data(), int64_t(of_parts.size()), ahead);
  }

  const Counts& counts() const { return counts_; }

 private:
  struct Change {
    float* vector;
    const float* row;
  };

  void add(const Change* changes, int64_t count, RowsAhead& ahead) const {
    for (int64_t i = 0; i < count; ++i) {
      if (i + kChangesAhead < count) {
        const Change& later = changes[i + kChangesAhead];
        fetch_row_ahead(later.row, s_.columns);
        fetch_row_ahead(later.vector, s_.columns);
      }
      ahead.fetch_one();
      add_scaled(changes[i].vector, changes[i].row, 1, s_.columns);
    }
  }

  void fetch_contexts(int64_t from, int64_t to, RowsAhead& ahead) const {
    if (s_.composes()) return;
    for (int64_t i = std::max<int64_t>(0, from); i < std::min(to, job_.size()); ++i) {
      ahead.add(vector_of(job_.kept[size_t(i)].word, s_.inputs));
    }
  }

  float* vector_of(int32_t word, float* matrix) const {
    return matrix + int64_t(word) * s_.columns;
  }

  // Return a row that will be added to the vector of a word; if it is not `wanted`, the next call
  // returns the same row. Without branches: which outputs repeat is unpredictable.
  float* new_row(float* vector, int32_t word, bool wanted = true) {
    float* row = free_;
    const size_t share = share_of(word);
    changes_[share * most_changes_ + size_t(counts_of_[share])] = {vector, row};
    counts_of_[share] += wanted;
    free_ += int64_t(wanted) * s_.columns;
    return row;
  }

  size_t share_of(int32_t row) const { return uint64_t(hash_of(row)) * counts_of_.size() >> 32; }

  // Return a row that will be added to the input vector of the word at a place: to all its rows.
  float* new_input_row(int64_t place) {
    const int32_t word = job_.kept[size_t(place)].word;
    if (!s_.composes()) return new_row(s_.input(word), word);
    float* row = free_;
    free_ += s_.columns;
    for (const int32_t* part = s_.parts_begin(word); part < s_.parts_end(word); ++part) {
      part_changes_[share_of(*part)].push_back({s_.input(*part), row});
    }
    return row;
  }

  // Choose where the gradients of the gathered vectors go.
  void place_gradients(int64_t i, const RepeatFilter& repeats) {
    if (s_.shares_mean_gradient()) {
      place_mean_gradient(i);
    } else {
      for (int64_t r = 0; r < vectors_.sources; ++r) place_context(r);
    }
    if (i % s_.together == 0) group_rows_.clear();
    for (int64_t r = 0; r < vectors_.targets; ++r) place_target(r, repeats);
  }

  // All centres add their gradients for one occurrence of a context to the same row.
  void place_context(int64_t r) {
    const int64_t place = vectors_.places[size_t(r)];
    float*& row = context_rows_[size_t(place - base_)];
    const float* old = row ? row : step_.zeros.data();
    if (!row) row = new_input_row(place);
    step_.sources.set(r, old, row);
  }

  // Repeats are unpredictable, so the choice of rows is branch-free.
  void place_target(int64_t r, const RepeatFilter& repeats) {
    const int32_t word = vectors_.words[size_t(r)];
    float* places[] = {vector_of(word, s_.outputs), nullptr};
    const bool later = repeats.repeated(word);
    if (s_.together > 1 && later) return share_row(r, word);
    places[1] = new_row(places[0], word, later);
    const float* const olds[] = {places[0], step_.zeros.data()};
    step_.targets.set(r, olds[later], places[later]);
  }

  // Centres that share their negatives add their gradients for one of them to the same row.
  void share_row(int64_t r, int32_t word) {
    for (const auto& [other, row] : group_rows_) {
      if (other == word) return step_.targets.set(r, row, row);
    }
    float* row = new_row(vector_of(word, s_.outputs), word);
    group_rows_.push_back({word, row});
    step_.targets.set(r, step_.zeros.data(), row);
  }

  // CBOW: the gradient of the mean is stored once; each context notes it, with its weight.
  void place_mean_gradient(int64_t i) {
    step_.mean_gradient = &mean_gradients_[size_t(i % kChunk * s_.columns)];
    const float share = step_.share_of_mean(vectors_.rows);
    for (int64_t r = 0; r < vectors_.sources; ++r) {
      const int64_t place = vectors_.places[size_t(r)] - base_;
      const int64_t at = place * most_means() + mean_counts_[size_t(place)]++;
      means_[size_t(at)] = step_.mean_gradient;
      mean_weight_[size_t(at)] = share * vectors_.source_weight[size_t(r)];
    }
  }

  // CBOW: for each occurrence, sum the gradients of the means that it was part of.
  void sum_mean_gradients(int64_t to) {
    const int64_t last = std::min(to + s_.window, job_.size());
    for (int64_t place = 0; place < last - base_; ++place) {
      const int64_t count = std::exchange(mean_counts_[size_t(place)], 0);
      if (!count) continue;
      const int64_t at = place * most_means();
      s_.kernels->weighted_sum({s_.columns, count, &means_[size_t(at)], &mean_weight_[size_t(at)]},
                               1, new_input_row(base_ + place));
    }
  }

  // The most means that one place can be part of; if composed, it stands for all places of a word.
  int64_t most_means() const { return std::max(s_.most_sources(), kChunk); }

  const TrainingJob& job_;
  const Settings& s_;
  ComposedInputs composed_;
  CentreVectors vectors_;
  CentreStep step_;
  size_t most_changes_;
  AlignedFloats gradients_;
  std::vector<float*> context_rows_;  // by place
  AlignedFloats mean_gradients_;      // by centre
  // For each place: how many means it was part of, and up to most_means() gradients and weights.
  std::vector<int64_t> mean_counts_;
  std::vector<const float*> means_;
  std::vector<float> mean_weight_;
  std::vector<std::pair<int32_t, float*>> group_rows_;  // by word
  std::vector<int32_t> counts_of_;                      // changes in each share of the vocabulary
  std::vector<Change> changes_;
  std::vector<std::vector<Change>> part_changes_;  // likewise, for rows of words of several
  Counts counts_;
  float* free_ = nullptr;
  int64_t base_ = 0;
};

}  // namespace nntasks::skipgram
