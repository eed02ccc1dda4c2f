// Which occurrences of words are kept for training, how far their windows reach, and what is drawn
// against them; the rules are told in core/ops/skipgram.py.
#pragma once

#include <torch/headeronly/util/Exception.h>

#include <algorithm>
#include <cstdint>
#include <vector>

#include "alias.h"
#include "fetch_ahead.h"
#include "philox_batch.h"

namespace nntasks {

constexpr uint64_t kWindowStream = 1;  // of Philox; stream 0 has the negatives

struct Occurrence {
  int32_t word, place, reach;  // place in the tokens of this call
  int32_t first, end;          // the kept occurrences of its sentence
  int32_t noise;               // the place whose negatives it is trained against
};

struct Tokens {
  const int32_t* words;
  int64_t count;
  const int64_t* sentences;  // where each begins, and the end
  int64_t sentence_count;
  const int64_t* keep;
  int64_t vocabulary;
};

// 128 random numbers at a time, by their number.
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

// As many neighbours as `together` says have the negatives of the first of them.
inline std::vector<Occurrence> plan_windows(const Tokens& tokens, int64_t window, int64_t together,
                                            uint64_t seed, int64_t offset) {
  std::vector<Occurrence> kept;
  kept.reserve(size_t(tokens.count));
  RandomNumbers random(kWindowStream, seed);
  for (int64_t s = 0; s < tokens.sentence_count; ++s) {
    const int32_t first = int32_t(kept.size());
    for (int64_t i = tokens.sentences[s]; i < tokens.sentences[s + 1]; ++i) {
      const int32_t word = tokens.words[i];
      STD_TORCH_CHECK(word >= 0 && word < tokens.vocabulary, "skipgram: tokens must be from 0 to ",
                      tokens.vocabulary - 1);
      const uint64_t drawn = random[2 * uint64_t(offset + i)];  // the first two of four words
      if (int64_t(drawn & 0xffffffffu) >= tokens.keep[word]) continue;
      const int32_t reach = 1 + int32_t((drawn >> 32) * uint64_t(window) >> 32);
      const int64_t group = int64_t(kept.size()) / together * together;
      const int32_t noise = group == int64_t(kept.size()) ? int32_t(i) : kept[size_t(group)].place;
      kept.push_back({word, int32_t(i), reach, first, 0, noise});
    }
    for (size_t i = size_t(first); i < kept.size(); ++i) kept[i].end = int32_t(kept.size());
  }
  return kept;
}

// The negatives of occurrences, one after the other.
class Negatives {
 public:
  Negatives(const Bucket* table, int64_t vocabulary, int64_t each, uint64_t seed, int64_t offset)
      : table_(table),
        vocabulary_(vocabulary),
        each_(each),
        offset_(offset),
        bits_(bucket_bits(vocabulary)),
        random_(0, seed),
        ahead_(0, seed) {}

  void draw(const Occurrence& centre, int32_t* out) {
    const uint64_t first = number_of(centre);
    for (int64_t j = 0; j < each_; ++j) {
      out[j] =
          int32_t(draw_one(table_, uint64_t(vocabulary_), bits_, random_[first + uint64_t(j)]));
    }
  }

  // Have the buckets fetched that `draw` will look into.
  void prefetch(const Occurrence& centre) {
    const uint64_t first = number_of(centre);
    for (int64_t j = 0; j < each_; ++j) {
      const uint64_t random = ahead_[first + uint64_t(j)];
      fetch_ahead(table_ + upper_half(random, uint64_t(vocabulary_)));
    }
  }

 private:
  uint64_t number_of(const Occurrence& centre) const {
    return uint64_t(offset_ + centre.noise) * uint64_t(each_);
  }

  const Bucket* table_;
  int64_t vocabulary_, each_, offset_;
  int bits_;
  RandomNumbers random_, ahead_;
};

}  // namespace nntasks
