// Training in blocks: bit for bit the same with any number of threads.
//
// The idea: mini-batches of `block` centres. All gradients of a block are taken at the same vectors
// and then added in one order, that of the centres, whoever computed them. A block is a round of
// numbered tasks: one for each chunk of 16 centres (compute), one that merges which outputs repeat
// in the next block, and one for each share of the vocabulary (add).
//
// The invariants: a compute task starts when all tasks of the block before are done; a merge or add
// task, when all compute tasks of its block are. A vector belongs to one share, and a share goes
// through the chunks in order, so the order of its additions is fixed. Threads take tasks in order
// of their numbers; one that waits therefore waits only for tasks that some thread has taken, and
// there is no deadlock. Source of the mini-batch view: Ji et al. 2016 (arXiv 1604.04661).
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>

#include "fetch_ahead.h"
#include "skipgram/ordered_chunk.h"
#include "skipgram/training_job.h"
#include "threads.h"

namespace nntasks::skipgram {

constexpr int64_t kSharesPerThread = 4;  // of the vocabulary; several, so that work evens out
constexpr int64_t kMostShares = 32;

class OrderedTraining {
 public:
  OrderedTraining(const TrainingJob& job, int64_t block, int64_t threads)
      : job_(job),
        block_(block),
        blocks_((job.size() + block - 1) / block),
        most_(std::min((block + kChunk - 1) / kChunk, job.size() / kChunk + 1)),
        threads_(std::clamp<int64_t>(threads, 1, most_)),
        shares_(threads_ == 1 ? 1 : std::min(kSharesPerThread * threads_, kMostShares)) {
    for (int64_t c = 0; c < most_; ++c) chunks_.emplace_back(job, shares_);
  }

  Counts run() {
    for (int64_t c = 0; c < most_; ++c) {
      begin_targets(0, c);
      for (int64_t i = begin(0, c); i < end(0, c); ++i) chunks_[size_t(c)].targets.draw();
    }
    merge_repeats();
    run_threads(threads_, [&](int64_t) { work(); });
    Counts total;
    for (const OrderedChunk& chunk : chunks_) total += chunk.counts();
    return total;
  }

 private:
  // Take tasks until none is left. A thread takes its next task shortly before it has finished one,
  // so that it can fetch the rows that the next one reads.
  void work() {
    const int64_t round = most_ + 1 + shares_;
    RowsAhead ahead(job_.settings.columns);
    int64_t task = tasks_.take();
    while (task < blocks_ * round) {
      const int64_t block = task / round, at = task % round;
      const bool computes = at < most_;
      int64_t next = -1;
      const auto prefetch_next = [&](int64_t n, RowsAhead& ahead) {
        if (next < 0) next = tasks_.take();
        // The rows of the next block are known only when all of this one is computed.
        if (!computes || next / round == block) fetch(next / round, next % round, n, ahead);
      };
      tasks_.wait_for_all_before(computes ? task - at : task - at + most_);
      if (computes && at < used(block)) {
        compute(block, at, prefetch_next);
      } else if (!computes) {
        for (int64_t n = 0; n < kAhead; ++n) prefetch_next(n, ahead);
        at == most_ ? merge_repeats() : apply(block, at - most_ - 1, ahead);
        ahead.fetch_all();
      }
      tasks_.done();
      task = next < 0 ? tasks_.take() : next;
    }
  }

  int64_t begin(int64_t block, int64_t chunk) const { return block * block_ + chunk * kChunk; }
  int64_t end(int64_t block, int64_t chunk) const {
    return std::min({begin(block, chunk) + kChunk, (block + 1) * block_, job_.size()});
  }

  // How many chunks a block has.
  int64_t used(int64_t block) const {
    const int64_t centres = std::min((block + 1) * block_, job_.size()) - block * block_;
    return std::max<int64_t>(0, (centres + kChunk - 1) / kChunk);
  }

  void begin_targets(int64_t block, int64_t c) {
    chunks_[size_t(c)].targets.begin(block, begin(block, c), end(block, c));
  }

  // Fetch the rows that centre `n` of a chunk reads, if it has so many.
  void fetch(int64_t block, int64_t c, int64_t n, RowsAhead& ahead) const {
    if (c >= used(block)) return;
    const int64_t i = begin(block, c) + n;
    if (i < end(block, c)) chunks_[size_t(c)].fetch(block, i, n == 0, ahead);
  }

  template <typename FetchLater>
  void compute(int64_t block, int64_t c, const FetchLater& prefetch_next) {
    begin_targets(block + 1, c);
    chunks_[size_t(c)].compute(block, begin(block, c), end(block, c), repeats_, prefetch_next);
  }

  void merge_repeats() {
    repeats_.clear();
    for (const OrderedChunk& chunk : chunks_) repeats_.add(chunk.targets.repeats());
  }

  void apply(int64_t block, int64_t share, RowsAhead& ahead) const {
    for (int64_t c = 0; c < used(block); ++c) chunks_[size_t(c)].apply(share, ahead);
  }

  const TrainingJob& job_;
  int64_t block_, blocks_, most_, threads_, shares_;
  std::deque<OrderedChunk> chunks_;
  RepeatFilter repeats_;
  OrderedTasks tasks_;
};

}  // namespace nntasks::skipgram
