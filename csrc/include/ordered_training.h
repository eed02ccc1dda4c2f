// Training in blocks: bit for bit the same with any number of threads.
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <utility>
#include <vector>

#include "aligned_floats.h"
#include "fetch_ahead.h"
#include "threads.h"
#include "training_job.h"

namespace nntasks {

constexpr int64_t kChunk = 16;           // centres that a thread takes at once
constexpr int64_t kSharesPerThread = 4;  // parts of the vocabulary, for threads to add gradients to
constexpr int64_t kMostShares = 32;
constexpr int64_t kBucketsAhead = 3;  // centres whose draws are looked up beforehand
constexpr int64_t kChangesAhead = 5;  // rows that are fetched before they are added

inline uint32_t hash_of(int32_t word) { return uint32_t(word) * 2654435769u; }

// Which words were seen, and which more than once; it may say so of one that was seen once.
class Seen {
 public:
  void clear() { *this = {}; }

  void add(int32_t word) {
    const uint64_t bit = bit_of(word);
    const size_t at = place_of(word);
    twice_[at] |= once_[at] & bit;
    once_[at] |= bit;
  }

  void add(const Seen& other) {
    for (size_t i = 0; i < kPlaces; ++i) {
      twice_[i] |= other.twice_[i] | (once_[i] & other.once_[i]);
      once_[i] |= other.once_[i];
    }
  }

  bool twice(int32_t word) const { return twice_[place_of(word)] & bit_of(word); }

 private:
  static constexpr int kBits = 7;
  static constexpr size_t kPlaces = size_t(1) << kBits;
  static size_t place_of(int32_t word) { return hash_of(word) >> (32 - kBits); }
  static uint64_t bit_of(int32_t word) {
    return uint64_t(1) << (hash_of(word) >> (26 - kBits) & 63);
  }

  uint64_t once_[kPlaces] = {}, twice_[kPlaces] = {};
};

// The outputs that a chunk looks at, drawn while the block before is computed.
class ChunkTargets {
 public:
  explicit ChunkTargets(const Job& job)
      : job_(job),
        noise_(job.table, job.settings.vocabulary, job.settings.negatives, job.seed, job.offset) {
    for (auto& words : drawn_) words.resize(size_t(kChunk * job.settings.negatives));
  }

  // Be asked to draw for the centres from `from` to `to`.
  void begin(int64_t block, int64_t from, int64_t to) {
    block_ = block;
    from_ = from;
    to_ = to;
    seen_.clear();
    for (int64_t i = from; i < std::min(from + kBucketsAhead, to); ++i) look_up(i);
  }

  // Draw for the next centre.
  void draw() {
    if (from_ >= to_) return;
    const Occurrence& centre = job_.kept[size_t(from_)];
    int32_t* words = &drawn_[block_ % 2][place_of(from_)];
    ++from_;
    if (from_ + kBucketsAhead <= to_) look_up(from_ + kBucketsAhead - 1);
    noise_.draw(centre, words);
    seen_.add(centre.word);
    for (int64_t j = 0; j < job_.settings.negatives; ++j) seen_.add(words[j]);
  }

  // What was drawn for a centre, in this block or the next.
  const int32_t* drawn(int64_t block, int64_t i) const { return &drawn_[block % 2][place_of(i)]; }

  const Seen& seen() const { return seen_; }

 private:
  void look_up(int64_t i) {
    noise_.prefetch(job_.kept[size_t(i)]);
    fetch_ahead(&job_.kept[size_t(std::min(i + kChunk, job_.size() - 1))]);
  }

  size_t place_of(int64_t i) const { return size_t(i % kChunk * job_.settings.negatives); }

  const Job& job_;
  Negatives noise_;
  std::vector<int32_t> drawn_[2];
  int64_t block_ = 0, from_ = 0, to_ = 0;
  Seen seen_;
};

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
        most_changes_(size_t(kChunk * (s_.most_sources() + s_.most_targets()))),
        gradients_(size_t(kChunk * (1 + s_.most_targets()) + 2 * s_.window) * size_t(s_.columns)),
        context_rows_(size_t(kChunk + 2 * s_.window)),
        counts_of_(static_cast<size_t>(shares)),
        changes_(static_cast<size_t>(shares) * most_changes_) {}

  ChunkTargets targets;

  // Have fetched what centre `i` will look at.
  void fetch(int64_t block, int64_t i) const {
    fetch_row(s_.outputs, job_.kept[size_t(i)].word);
    const int32_t* drawn = targets.drawn(block, i);
    for (int64_t j = 0; j < s_.negatives; ++j) fetch_row(s_.outputs, drawn[j]);
    const int64_t farthest = std::min(i + s_.window, job_.size() - 1);
    fetch_row(s_.inputs, job_.kept[size_t(farthest)].word);
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
        fetch(block, i + kAhead);
      } else {
        fetch_later(i + kAhead - to);
      }
      targets.draw();
      desk_.gather(s_, job_.kept, i, targets.drawn(block, i));
      if (!desk_.sources) continue;
      lay_out_contexts();
      if (i % s_.together == 0) group_rows_.clear();
      for (int64_t r = 0; r < desk_.targets; ++r) {
        const int32_t word = desk_.words[size_t(r)];
        step_.target_to[size_t(r)] =
            seen.twice(word) ? target_row(word) : vector_of(word, s_.outputs);
      }
      step_.take(desk_, counts_);
    }
  }

  // Add what falls to a share of the vocabulary.
  void apply(int64_t share) const {
    const Change* changes = &changes_[size_t(share) * most_changes_];
    const int64_t count = counts_of_[size_t(share)];
    for (int64_t i = 0; i < count; ++i) {
      if (i + kChangesAhead < count) {
        const Change& later = changes[i + kChangesAhead];
        fetch_row_ahead(later.row, s_.columns);
        fetch_row_ahead(later.vector, s_.columns);
      }
      add_scaled(changes[i].vector, changes[i].row, changes[i].times, s_.columns);
    }
  }

  const Counts& counts() const { return counts_; }

 private:
  struct Change {
    float* vector;
    const float* row;
    float times;
  };

  void fetch_row(const float* matrix, int32_t word) const {
    fetch_row_ahead(matrix + int64_t(word) * s_.columns, s_.columns);
  }

  float* vector_of(int32_t word, float* matrix) const {
    return matrix + int64_t(word) * s_.columns;
  }

  float* new_row() {
    float* row = free_;
    free_ += s_.columns;
    std::fill(row, free_, 0.0f);
    return row;
  }

  // Have a row added to the vector of a word, later.
  void change(float* matrix, int32_t word, const float* row, float times) {
    const size_t share = uint64_t(hash_of(word)) * counts_of_.size() >> 32;
    const size_t number = size_t(counts_of_[share]++);
    changes_[share * most_changes_ + number] = {vector_of(word, matrix), row, times};
  }

  float* new_row_for(float* matrix, int32_t word) {
    float* row = new_row();
    change(matrix, word, row, 1);
    return row;
  }

  // Centres that share their negatives have one row for each.
  float* target_row(int32_t word) {
    if (s_.together == 1) return new_row_for(s_.outputs, word);
    for (const auto& [other, row] : group_rows_) {
      if (other == word) return row;
    }
    group_rows_.push_back({word, new_row_for(s_.outputs, word)});
    return group_rows_.back().second;
  }

  // What the contexts on the desk will get: with CBOW, the same row times a number.
  void lay_out_contexts() {
    step_.pull_to = s_.one_pull() ? new_row() : nullptr;
    for (int64_t r = 0; r < desk_.sources; ++r) {
      const int64_t place = desk_.places[size_t(r)];
      if (step_.pull_to) {
        change(s_.inputs, job_.kept[size_t(place)].word, step_.pull_to, step_.share_of(desk_, r));
      } else {
        step_.source_to[size_t(r)] = context_row(place);
      }
    }
  }

  float* context_row(int64_t place) {
    float*& row = context_rows_[size_t(place - base_)];
    if (!row) row = new_row_for(s_.inputs, job_.kept[size_t(place)].word);
    return row;
  }

  const Job& job_;
  const Settings& s_;
  Desk desk_;
  CentreStep step_;
  size_t most_changes_;
  AlignedFloats gradients_;
  std::vector<float*> context_rows_;                    // by place
  std::vector<std::pair<int32_t, float*>> group_rows_;  // by word
  std::vector<int32_t> counts_of_;                      // changes in each share of the vocabulary
  std::vector<Change> changes_;
  Counts counts_;
  float* free_ = nullptr;
  int64_t base_ = 0;
};

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
    int64_t ticket = tickets_.take();
    while (ticket < blocks_ * round) {
      const int64_t block = ticket / round, at = ticket % round;
      const bool computes = at < most_;
      int64_t next = -1;
      const auto fetch_later = [&](int64_t n) {
        if (next < 0) next = tickets_.take();
        // What a block will look at is known when all of the one before is computed.
        if (!computes || next / round == block) fetch(next / round, next % round, n);
      };
      tickets_.wait_for_all_before(computes ? ticket - at : ticket - at + most_);
      if (computes && at < used(block)) {
        compute(block, at, fetch_later);
      } else if (!computes) {
        for (int64_t n = 0; n < kAhead; ++n) fetch_later(n);
        at == most_ ? gather_seen() : apply(block, at - most_ - 1);
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
  void fetch(int64_t block, int64_t c, int64_t n) const {
    if (c >= used(block)) return;
    const int64_t i = begin(block, c) + n;
    if (i < end(block, c)) chunks_[size_t(c)].fetch(block, i);
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

  void apply(int64_t block, int64_t share) const {
    for (int64_t c = 0; c < used(block); ++c) chunks_[size_t(c)].apply(share);
  }

  const Job& job_;
  int64_t block_, blocks_, most_, threads_, shares_;
  std::deque<OrderedChunk> chunks_;
  Seen seen_;
  Tickets tickets_;
};

}  // namespace nntasks
