// Which occurrences of words are kept for training, how far their windows reach, and which
// negatives they get. All is a function of the seed and the place in the whole text;
// core/ops/skipgram.py has the rules.
#pragma once

#include <torch/headeronly/util/Exception.h>

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "alias.h"
#include "fetch_ahead.h"
#include "philox_batch.h"

namespace nntasks::skipgram {

constexpr uint64_t kWindowStream = 1;  // of Philox; stream 0 has the negatives

struct Occurrence {
  int32_t word, place, reach;  // place in the tokens of this call
  int32_t first, end;          // the kept occurrences of its sentence
  int32_t noise;               // the place whose draws are its negatives
};

struct Tokens {
  const int32_t* words;
  int64_t count;
  const int64_t* sentences;  // where each begins, and the end
  int64_t sentence_count;
  const int64_t* keep;
  int64_t vocabulary;
};

// Random numbers of a stream by their index, generated 128 at a time.
class RandomNumbers {
 public:
  RandomNumbers(uint64_t stream, uint64_t seed)
      : fill_(philox_batch()), stream_(stream), seed_(seed) {}

  uint64_t operator[](uint64_t number) {
    if (number - first_ >= 2 * kPhiloxBatch) {
      first_ = number & ~uint64_t(1);
      fill_(first_ >> 1, stream_, seed_, random_);
    }
    return random_[number - first_];
  }

 private:
  PhiloxBatch fill_;
  uint64_t stream_, seed_;
  uint64_t first_ = uint64_t(0) - 4 * kPhiloxBatch;
  uint64_t random_[2 * kPhiloxBatch];
};

// Keeps occurrences and draws their windows. `together` successive kept occurrences share the
// negatives of the first of them.
class WindowPlan {
 public:
  WindowPlan(const Tokens& tokens, int64_t window, int64_t together, uint64_t seed, int64_t offset)
      : tokens_(tokens),
        window_(uint64_t(window)),
        together_(together),
        offset_(offset),
        random_(kWindowStream, seed) {}

  std::vector<Occurrence> make() {
    kept_.reserve(size_t(tokens_.count));
    for (int64_t s = 0; s < tokens_.sentence_count; ++s) {
      const size_t first = kept_.size();
      const int64_t end = tokens_.sentences[s + 1];
      for (int64_t from = tokens_.sentences[s]; from < end; from += kStretch) {
        add(from, std::min(from + kStretch, end), int32_t(first));
      }
      for (size_t i = first; i < kept_.size(); ++i) kept_[i].end = int32_t(kept_.size());
    }
    return std::move(kept_);
  }

 private:
  static constexpr int64_t kStretch = 64;

  // Which words are dropped is unpredictable, so every word is written, and overwritten by the next
  // if it is dropped: there is no branch.
  void add(int64_t from, int64_t to, int32_t first) {
    Occurrence stretch[kStretch];
    int64_t count = 0;
    for (int64_t i = from; i < to; ++i) {
      const int32_t word = tokens_.words[i];
      STD_TORCH_CHECK(word >= 0 && word < tokens_.vocabulary, "skipgram: tokens must be from 0 to ",
                      tokens_.vocabulary - 1);
      const uint64_t drawn = random_[2 * uint64_t(offset_ + i)];  // the first two of four words
      const int32_t reach = 1 + int32_t((drawn >> 32) * window_ >> 32);
      group_place_ = in_group_ ? group_place_ : int32_t(i);
      stretch[count] = {word, int32_t(i), reach, first, 0, group_place_};
      const int64_t keep = int64_t(drawn & 0xffffffffu) < tokens_.keep[word];
      count += keep;
      in_group_ = (in_group_ + keep) * int64_t(in_group_ + keep != together_);
    }
    kept_.insert(kept_.end(), stretch, stretch + count);
  }

  const Tokens& tokens_;
  uint64_t window_;
  int64_t together_, offset_;
  RandomNumbers random_;
  std::vector<Occurrence> kept_;
  int64_t in_group_ = 0;  // kept occurrences of the group so far
  int32_t group_place_ = 0;
};

// Draws negatives by an alias table (Walker 1977, Vose 1991), in two phases: look_up generates the
// random numbers and fetches the buckets they name, draw reads those buckets some centres later.
class NegativeSampler {
 public:
  NegativeSampler(const Bucket* table, int64_t vocabulary, int64_t each, uint64_t seed,
                  int64_t offset)
      : table_(table),
        vocabulary_(uint64_t(vocabulary)),
        each_(size_t(each)),
        offset_(offset),
        bits_(bucket_bits(vocabulary)),
        random_(0, seed),
        waiting_(kMostWaiting * each_) {}

  // At most kMostWaiting look-ups may be ahead of the draws.
  void look_up(const Occurrence& centre) {
    const uint64_t first = uint64_t(offset_ + centre.noise) * each_;
    uint64_t* waiting = &waiting_[looked_up_++ % kMostWaiting * each_];
    for (size_t j = 0; j < each_; ++j) {
      waiting[j] = random_[first + j];
      fetch_ahead(table_ + upper_half(waiting[j], vocabulary_));
    }
  }

  // Write the negatives of the oldest look-up that has not been drawn.
  void draw(int32_t* out) {
    const uint64_t* waiting = &waiting_[drawn_++ % kMostWaiting * each_];
    for (size_t j = 0; j < each_; ++j) {
      out[j] = int32_t(draw_one(table_, vocabulary_, bits_, waiting[j]));
    }
  }

 private:
  static constexpr size_t kMostWaiting = 8;

  const Bucket* table_;
  uint64_t vocabulary_;
  size_t each_;
  int64_t offset_;
  int bits_;
  RandomNumbers random_;
  size_t looked_up_ = 0, drawn_ = 0;
  std::vector<uint64_t> waiting_;
};

}  // namespace nntasks::skipgram
