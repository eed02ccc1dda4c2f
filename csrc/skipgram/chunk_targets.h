// The outputs that the centres of a chunk use, and which of them are used more than once.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "fetch_ahead.h"
#include "skipgram/training_job.h"

namespace nntasks::skipgram {

constexpr int64_t kChunk = 16;        // centres that a thread takes at once
constexpr int64_t kBucketsAhead = 3;  // centres whose buckets are fetched before their draw

inline uint32_t hash_of(int32_t word) { return uint32_t(word) * 2654435769u; }

// Tells which words were added more than once. Two bits for each of a few thousand hashes, as in a
// counting Bloom filter with one hash: words whose hashes collide count as repeated, which costs
// time and changes no result.
class RepeatFilter {
 public:
  void clear() { *this = {}; }

  void add(int32_t word) {
    const uint64_t bit = bit_of(word);
    const size_t at = place_of(word);
    twice_[at] |= once_[at] & bit;
    once_[at] |= bit;
  }

  void add(const RepeatFilter& other) {
    for (size_t i = 0; i < kPlaces; ++i) {
      twice_[i] |= other.twice_[i] | (once_[i] & other.once_[i]);
      once_[i] |= other.once_[i];
    }
  }

  bool repeated(int32_t word) const { return twice_[place_of(word)] & bit_of(word); }

 private:
  static constexpr int kBits = 7;
  static constexpr size_t kPlaces = size_t(1) << kBits;
  static size_t place_of(int32_t word) { return hash_of(word) >> (32 - kBits); }
  static uint64_t bit_of(int32_t word) {
    return uint64_t(1) << (hash_of(word) >> (26 - kBits) & 63);
  }

  uint64_t once_[kPlaces] = {}, twice_[kPlaces] = {};
};

// Draws the negatives of a chunk for one block while the block before is computed.
class ChunkTargets {
 public:
  explicit ChunkTargets(const TrainingJob& job)
      : job_(job),
        sampler_(job.table, job.settings.vocabulary, job.settings.negatives, job.seed, job.offset) {
    for (auto& words : drawn_) words.resize(size_t(kChunk * job.settings.negatives));
  }

  // Start drawing for the centres from `from` to `to` of a block.
  void begin(int64_t block, int64_t from, int64_t to) {
    block_ = block;
    from_ = from;
    to_ = to;
    repeats_.clear();
    for (int64_t i = from; i < std::min(from + kBucketsAhead, to); ++i) look_up(i);
  }

  // Draw for the next centre; does nothing after the last.
  void draw() {
    if (from_ >= to_) return;
    const Occurrence& centre = job_.kept[size_t(from_)];
    int32_t* words = &drawn_[block_ % 2][place_of(from_)];
    ++from_;
    if (from_ + kBucketsAhead <= to_) look_up(from_ + kBucketsAhead - 1);
    sampler_.draw(words);
    repeats_.add(centre.word);
    for (int64_t j = 0; j < job_.settings.negatives; ++j) repeats_.add(words[j]);
  }

  // Return the negatives of a centre, of this block or the next.
  const int32_t* drawn(int64_t block, int64_t i) const { return &drawn_[block % 2][place_of(i)]; }

  const RepeatFilter& repeats() const { return repeats_; }

 private:
  void look_up(int64_t i) {
    sampler_.look_up(job_.kept[size_t(i)]);
    fetch_ahead(&job_.kept[size_t(std::min(i + kChunk, job_.size() - 1))]);
  }

  size_t place_of(int64_t i) const { return size_t(i % kChunk * job_.settings.negatives); }

  const TrainingJob& job_;
  NegativeSampler sampler_;
  std::vector<int32_t> drawn_[2];
  int64_t block_ = 0, from_ = 0, to_ = 0;
  RepeatFilter repeats_;
};

}  // namespace nntasks::skipgram
