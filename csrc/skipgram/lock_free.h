// Training with all threads at once, who may overwrite each other's steps.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <mutex>
#include <vector>

#include "fetch_ahead.h"
#include "skipgram/centre_step.h"
#include "skipgram/negative_prefetcher.h"
#include "skipgram/training_job.h"
#include "threads.h"

namespace nntasks {

constexpr int64_t kLockFreePiece = 512;  // centres that a thread takes at once

// Walks through centres, draws negatives some groups ahead, and says beforehand which rows the
// steps will look at: a few with every centre.
class Walk {
 public:
  Walk(const Job& job, RowsAhead& ahead)
      : job_(job),
        s_(job.settings),
        ahead_(ahead),
        noise_(job.table, s_.vocabulary, s_.negatives, job.seed, job.offset),
        groups_ahead_(std::max<int64_t>(1, kAhead / s_.together)),
        drawn_(size_t((groups_ahead_ + 1) * s_.negatives)) {}

  // Begin with centre `from`; none from `to` on will be asked for.
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

  // Lay the vectors of centre `i` on a desk; called for one after the other.
  void gather(int64_t i, Desk& desk) {
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
    desk.gather(s_, job_.kept, i, drawn_of(group_));
  }

 private:
  int32_t* drawn_of(int64_t group) {
    return &drawn_[size_t(group % (groups_ahead_ + 1) * s_.negatives)];
  }

  // Draw for the last group that is needed, and look up where the one after will be drawn.
  void next(int64_t from) {
    draw(group_ + groups_ahead_);
    look_up(group_ + groups_ahead_ + 1, from);
  }

  void draw(int64_t group) {
    if (group * s_.together < to_) noise_.draw(drawn_of(group));
  }

  // Any centre of the group will do, but it must not lie before `from`.
  bool look_up(int64_t group, int64_t from) {
    const int64_t i = std::max(group * s_.together, from);
    if (i >= to_) return false;
    noise_.look_up(job_.kept[size_t(i)]);
    return true;
  }

  void fetch_words(int64_t i) const {
    fetch(s_.outputs, job_.kept[size_t(i)].word);
    const int64_t farthest = std::min(i + s_.window, job_.size() - 1);
    fetch(s_.inputs, job_.kept[size_t(farthest)].word);
  }

  void fetch(const float* matrix, int32_t word) const {
    ahead_.add(matrix + int64_t(word) * s_.columns);
  }

  const Job& job_;
  const Settings& s_;
  RowsAhead& ahead_;
  int64_t to_ = 0, group_ = 0;
  Negatives noise_;
  int64_t groups_ahead_;
  std::vector<int32_t> drawn_;
};

// Train on all threads, every centre's step at once; threads may overwrite each other's.
inline Counts train_lock_free(const Job& job, int64_t threads) {
  const Settings& s = job.settings;
  const int64_t pieces = (job.size() + kLockFreePiece - 1) / kLockFreePiece;
  Counts total;
  std::mutex lock;
  std::atomic<int64_t> next{0};
  run_threads(std::min(threads, pieces + 1), [&](int64_t) {
    Desk desk(s);
    CentreStep step(s, true);
    Walk walk(job, step.ahead);
    Counts counts;
    for (int64_t piece = next++; piece < pieces; piece = next++) {
      const int64_t from = piece * kLockFreePiece;
      const int64_t to = std::min(from + kLockFreePiece, job.size());
      walk.begin(from, to);
      for (int64_t i = from; i < to; ++i) {
        walk.gather(i, desk);
        if (desk.sources) step.take(desk, counts);
      }
    }
    const std::lock_guard<std::mutex> guard(lock);
    total += counts;
  });
  return total;
}

}  // namespace nntasks
