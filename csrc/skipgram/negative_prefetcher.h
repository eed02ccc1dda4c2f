// Draws the negatives of successive centres, and has their vectors fetched before they are needed.
//
// A step takes well under a microsecond, about as long as one read from memory. So three things run
// ahead of it: buckets of the alias table are fetched a group before their draw, negatives are
// drawn kAhead centres before their step, and the rows they name are fetched a few with every
// centre.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "fetch_ahead.h"
#include "skipgram/centre_vectors.h"
#include "skipgram/training_job.h"

namespace nntasks::skipgram {

class NegativePrefetcher {
 public:
  NegativePrefetcher(const TrainingJob& job, RowsAhead& ahead)
      : job_(job),
        s_(job.settings),
        ahead_(ahead),
        sampler_(job.table, s_.vocabulary, s_.negatives, job.seed, job.offset),
        groups_ahead_(std::max<int64_t>(1, kAhead / s_.together)),
        drawn_(size_t((groups_ahead_ + 1) * s_.negatives)) {}

  // Start at centre `from`; `to` is the first that will not be gathered.
  void begin(int64_t from, int64_t to) {
    to_ = to;
    group_ = from / s_.together;
    for (int64_t ahead = 0; ahead < groups_ahead_; ++ahead) {
      if (!look_up(group_ + ahead, from)) break;
      draw(group_ + ahead);
      for (int64_t j = 0; j < s_.negatives; ++j) {
        fetch(s_.outputs, drawn_of(group_ + ahead)[j]);
      }
    }
    for (int64_t i = from; i < std::min(from + kAhead, to); ++i) fetch_words(i);
    ahead_.fetch_all();
    look_up(group_ + groups_ahead_, from);
    next(from);
  }

  // Gather the vectors of centre `i`. Centres are gathered one after the other.
  void gather(int64_t i, CentreVectors& vectors) {
    if (i / s_.together != group_) {
      group_ = i / s_.together;
      next(i);
    }
    const int64_t group = group_ + groups_ahead_;
    if (group * s_.together < to_) {
      const int32_t* drawn = drawn_of(group);
      for (int64_t j = i % s_.together; j < s_.negatives; j += s_.together) {
        fetch(s_.outputs, drawn[j]);
      }
    }
    if (i + kAhead < to_) fetch_words(i + kAhead);
    vectors.gather(s_, job_.kept, i, drawn_of(group_));
  }

 private:
  int32_t* drawn_of(int64_t group) {
    return &drawn_[size_t(group % (groups_ahead_ + 1) * s_.negatives)];
  }

  // Draw the last group within reach, and fetch the buckets of the one after.
  void next(int64_t from) {
    draw(group_ + groups_ahead_);
    look_up(group_ + groups_ahead_ + 1, from);
  }

  void draw(int64_t group) {
    if (group * s_.together < to_) sampler_.draw(drawn_of(group));
  }

  // All centres of a group have the same negatives; use the first one from `from` on.
  bool look_up(int64_t group, int64_t from) {
    const int64_t i = std::max(group * s_.together, from);
    if (i >= to_) return false;
    sampler_.look_up(job_.kept[size_t(i)]);
    return true;
  }

  void fetch_words(int64_t i) const {
    fetch(s_.outputs, job_.kept[size_t(i)].word);
    if (s_.composes()) return;
    const int64_t farthest = std::min(i + s_.window, job_.size() - 1);
    fetch(s_.inputs, job_.kept[size_t(farthest)].word);
  }

  void fetch(const float* matrix, int32_t word) const {
    ahead_.add(matrix + int64_t(word) * s_.columns);
  }

  const TrainingJob& job_;
  const Settings& s_;
  RowsAhead& ahead_;
  int64_t to_ = 0, group_ = 0;
  NegativeSampler sampler_;
  int64_t groups_ahead_;
  std::vector<int32_t> drawn_;
};

}  // namespace nntasks::skipgram
