// The outputs that the centres of a chunk look at, and which of them several centres do.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "fetch_ahead.h"
#include "skipgram/training_job.h"

namespace nntasks {

constexpr int64_t kChunk = 16;        // centres that a thread takes at once
constexpr int64_t kBucketsAhead = 3;  // centres whose draws are looked up beforehand

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
    noise_.draw(words);
    seen_.add(centre.word);
    for (int64_t j = 0; j < job_.settings.negatives; ++j) seen_.add(words[j]);
  }

  // What was drawn for a centre, in this block or the next.
  const int32_t* drawn(int64_t block, int64_t i) const { return &drawn_[block % 2][place_of(i)]; }

  const Seen& seen() const { return seen_; }

 private:
  void look_up(int64_t i) {
    noise_.look_up(job_.kept[size_t(i)]);
    fetch_ahead(&job_.kept[size_t(std::min(i + kChunk, job_.size() - 1))]);
  }

  size_t place_of(int64_t i) const { return size_t(i % kChunk * job_.settings.negatives); }

  const Job& job_;
  Negatives noise_;
  std::vector<int32_t> drawn_[2];
  int64_t block_ = 0, from_ = 0, to_ = 0;
  Seen seen_;
};

}  // namespace nntasks
