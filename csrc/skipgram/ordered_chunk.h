// The part of a block of centres that one thread computes; see ordered_training.h.
#pragma once

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "fetch_ahead.h"
#include "skipgram/aligned_floats.h"
#include "skipgram/centre_step.h"
#include "skipgram/chunk_targets.h"
#include "skipgram/negative_prefetcher.h"
#include "skipgram/training_job.h"

namespace nntasks {

constexpr int64_t kChangesAhead = 5;  // rows that are fetched before they are added

// The steps of up to kChunk centres. An output that no other centre of the block looks at moves at
// once, as nobody can tell; other gradients are laid out in rows, to be added later.
class OrderedChunk {
 public:
  OrderedChunk(const Job& job, int64_t shares)
      : targets(job),
        job_(job),
        s_(job.settings),
        desk_(s_),
        step_(s_, false),
        most_changes_(size_t(kChunk * (1 + s_.most_targets()) + 2 * s_.window)),
        gradients_((most_changes_ + 1) * size_t(s_.columns)),
        context_rows_(size_t(kChunk + 2 * s_.window)),
        pulls_(size_t(kChunk * s_.columns)),
        pull_counts_(context_rows_.size()),
        pull_(context_rows_.size() * size_t(s_.most_sources())),
        pull_weight_(pull_.size()),
        counts_of_(static_cast<size_t>(shares)),
        changes_(static_cast<size_t>(shares) * most_changes_ + 1) {}

  ChunkTargets targets;

  // Have the rows fetched that centre `i` looks at and, unless it is the first, the one before does
  // not.
  void fetch(int64_t block, int64_t i, bool first, RowsAhead& ahead) const {
    ahead.add(vector_of(job_.kept[size_t(i)].word, s_.outputs));
    const int32_t* drawn = targets.drawn(block, i);
    for (int64_t j = 0; j < s_.negatives; ++j) ahead.add(vector_of(drawn[j], s_.outputs));
    if (first) fetch_contexts(i - s_.window, i + s_.window, ahead);
    fetch_contexts(i + s_.window, i + s_.window + 1, ahead);
  }

  // Compute the gradients of a chunk, and draw for its next block on the way. `seen` is of the
  // whole block. For the last centres fetch_later(0), fetch_later(1), ... may fetch something for
  // what comes after.
  template <typename FetchLater>
  void compute(int64_t block, int64_t from, int64_t to, const Seen& seen,
               const FetchLater& fetch_later) {
    std::fill(counts_of_.begin(), counts_of_.end(), 0);
    std::fill(context_rows_.begin(), context_rows_.end(), nullptr);
    free_ = gradients_.data();
    base_ = std::max<int64_t>(0, from - s_.window);
    group_rows_.clear();
    for (int64_t i = from; i < to; ++i) {
      if (i + kAhead < to) {
        fetch(block, i + kAhead, false, step_.ahead);
      } else {
        fetch_later(i + kAhead - to, step_.ahead);
      }
      targets.draw();
      desk_.gather(s_, job_.kept, i, targets.drawn(block, i));
      if (!desk_.sources) continue;
      lay_out(i, seen);
      step_.take(desk_, counts_);
    }
    if (s_.one_pull()) spread_pulls(to);
  }

  // Add what falls to a share of the vocabulary.
  void apply(int64_t share, RowsAhead& ahead) const {
    const Change* changes = &changes_[size_t(share) * most_changes_];
    const int64_t count = counts_of_[size_t(share)];
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

  const Counts& counts() const { return counts_; }

 private:
  struct Change {
    float* vector;
    const float* row;
  };

  void fetch_contexts(int64_t from, int64_t to, RowsAhead& ahead) const {
    for (int64_t i = std::max<int64_t>(0, from); i < std::min(to, job_.size()); ++i) {
      ahead.add(vector_of(job_.kept[size_t(i)].word, s_.inputs));
    }
  }

  float* vector_of(int32_t word, float* matrix) const {
    return matrix + int64_t(word) * s_.columns;
  }

  // A row to be added to the vector of a word, later; where not `wanted` the next takes its place.
  float* new_row(float* vector, int32_t word, bool wanted = true) {
    float* row = free_;
    const size_t share = uint64_t(hash_of(word)) * counts_of_.size() >> 32;
    changes_[share * most_changes_ + size_t(counts_of_[share])] = {vector, row};
    counts_of_[share] += wanted;
    free_ += int64_t(wanted) * s_.columns;
    return row;
  }

  // Say where the gradients of the vectors on the desk go.
  void lay_out(int64_t i, const Seen& seen) {
    if (s_.one_pull()) {
      lay_out_pull(i);
    } else {
      for (int64_t r = 0; r < desk_.sources; ++r) lay_out_context(r);
    }
    if (i % s_.together == 0) group_rows_.clear();
    for (int64_t r = 0; r < desk_.targets; ++r) lay_out_target(r, seen);
  }

  // The gradients of all centres with respect to one occurrence of a context go into one row.
  void lay_out_context(int64_t r) {
    const int64_t place = desk_.places[size_t(r)];
    float*& row = context_rows_[size_t(place - base_)];
    const float* old = row ? row : step_.zeros.data();
    if (!row) {
      const int32_t word = job_.kept[size_t(place)].word;
      row = new_row(vector_of(word, s_.inputs), word);
    }
    step_.sources.set(r, old, row);
  }

  // Which outputs are looked at twice no processor can predict, so there are no branches for it.
  void lay_out_target(int64_t r, const Seen& seen) {
    const int32_t word = desk_.words[size_t(r)];
    float* places[] = {vector_of(word, s_.outputs), nullptr};
    const bool later = seen.twice(word);
    if (s_.together > 1 && later) return share_row(r, word);
    places[1] = new_row(places[0], word, later);
    const float* const olds[] = {places[0], step_.zeros.data()};
    step_.targets.set(r, olds[later], places[later]);
  }

  // Centres that share their negatives have one row for each.
  void share_row(int64_t r, int32_t word) {
    for (const auto& [other, row] : group_rows_) {
      if (other == word) return step_.targets.set(r, row, row);
    }
    float* row = new_row(vector_of(word, s_.outputs), word);
    group_rows_.push_back({word, row});
    step_.targets.set(r, step_.zeros.data(), row);
  }

  // CBOW writes the gradient of the mean of the contexts once, for all of them.
  void lay_out_pull(int64_t i) {
    step_.pull_to = &pulls_[size_t(i % kChunk * s_.columns)];
    const float share = step_.share_of_mean(desk_.contexts);
    for (int64_t r = 0; r < desk_.sources; ++r) {
      const int64_t place = desk_.places[size_t(r)] - base_;
      const int64_t at = place * s_.most_sources() + pull_counts_[size_t(place)]++;
      pull_[size_t(at)] = step_.pull_to;
      pull_weight_[size_t(at)] = share * desk_.source_weight[size_t(r)];
    }
  }

  // Sum up what each occurrence of a context gets from the centres around it.
  void spread_pulls(int64_t to) {
    const int64_t last = std::min(to + s_.window, job_.size());
    for (int64_t place = 0; place < last - base_; ++place) {
      const int64_t count = std::exchange(pull_counts_[size_t(place)], 0);
      if (!count) continue;
      const int64_t at = place * s_.most_sources();
      const int32_t word = job_.kept[size_t(base_ + place)].word;
      s_.kernels->blend({s_.columns, count, &pull_[size_t(at)], &pull_weight_[size_t(at)]}, 1,
                        new_row(vector_of(word, s_.inputs), word));
    }
  }

  const Job& job_;
  const Settings& s_;
  Desk desk_;
  CentreStep step_;
  size_t most_changes_;
  AlignedFloats gradients_;
  std::vector<float*> context_rows_;  // by place
  AlignedFloats pulls_;               // by centre
  // What each place gets: how many pulls, most_sources() of them, and their weights.
  std::vector<int64_t> pull_counts_;
  std::vector<const float*> pull_;
  std::vector<float> pull_weight_;
  std::vector<std::pair<int32_t, float*>> group_rows_;  // by word
  std::vector<int32_t> counts_of_;                      // changes in each share of the vocabulary
  std::vector<Change> changes_;
  Counts counts_;
  float* free_ = nullptr;
  int64_t base_ = 0;
};

}  // namespace nntasks
