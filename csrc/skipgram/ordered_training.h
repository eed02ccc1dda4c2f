// Training in blocks: bit for bit the same with any number of threads.
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>

#include "fetch_ahead.h"
#include "skipgram/ordered_chunk.h"
#include "skipgram/training_job.h"
#include "threads.h"

namespace nntasks {

constexpr int64_t kSharesPerThread = 4;  // parts of the vocabulary, for threads to add gradients to
constexpr int64_t kMostShares = 32;

// Trains in blocks: all gradients of a block are taken at the same vectors and added in one order,
// whoever computed them.
class OrderedTraining {
 public:
  OrderedTraining(const Job& job, int64_t block, int64_t threads)
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
    gather_seen();
    run_threads(threads_, [&](int64_t) { work(); });
    Counts total;
    for (const OrderedChunk& chunk : chunks_) total += chunk.counts();
    return total;
  }

 private:
  // A block is computed chunk by chunk; then gradients are added, and it is gathered what the next
  // will look at. Whoever is about to be through with a ticket takes the next one, to fetch for it.
  void work() {
    const int64_t round = most_ + 1 + shares_;
    RowsAhead ahead(job_.settings.columns);
    int64_t ticket = tickets_.take();
    while (ticket < blocks_ * round) {
      const int64_t block = ticket / round, at = ticket % round;
      const bool computes = at < most_;
      int64_t next = -1;
      const auto fetch_later = [&](int64_t n, RowsAhead& ahead) {
        if (next < 0) next = tickets_.take();
        // What a block will look at is known when all of the one before is computed.
        if (!computes || next / round == block) fetch(next / round, next % round, n, ahead);
      };
      tickets_.wait_for_all_before(computes ? ticket - at : ticket - at + most_);
      if (computes && at < used(block)) {
        compute(block, at, fetch_later);
      } else if (!computes) {
        for (int64_t n = 0; n < kAhead; ++n) fetch_later(n, ahead);
        at == most_ ? gather_seen() : apply(block, at - most_ - 1, ahead);
        ahead.fetch_all();
      }
      tickets_.done();
      ticket = next < 0 ? tickets_.take() : next;
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

  // Have fetched what the centre `n` of a chunk, if there is one, will look at.
  void fetch(int64_t block, int64_t c, int64_t n, RowsAhead& ahead) const {
    if (c >= used(block)) return;
    const int64_t i = begin(block, c) + n;
    if (i < end(block, c)) chunks_[size_t(c)].fetch(block, i, n == 0, ahead);
  }

  template <typename FetchLater>
  void compute(int64_t block, int64_t c, const FetchLater& fetch_later) {
    begin_targets(block + 1, c);
    chunks_[size_t(c)].compute(block, begin(block, c), end(block, c), seen_, fetch_later);
  }

  void gather_seen() {
    seen_.clear();
    for (const OrderedChunk& chunk : chunks_) seen_.add(chunk.targets.seen());
  }

  void apply(int64_t block, int64_t share, RowsAhead& ahead) const {
    for (int64_t c = 0; c < used(block); ++c) chunks_[size_t(c)].apply(share, ahead);
  }

  const Job& job_;
  int64_t block_, blocks_, most_, threads_, shares_;
  std::deque<OrderedChunk> chunks_;
  Seen seen_;
  Tickets tickets_;
};

}  // namespace nntasks
