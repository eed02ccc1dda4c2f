// The character n-grams of words as numbers of buckets: fastText's subwords (Bojanowski, Grave,
// Joulin and Mikolov, "Enriching Word Vectors with Subword Information", 2017, arXiv 1607.04606).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace nntasks::corpus {

// FNV-1a of 32 bits, a byte at a time. fastText extends the sign of bytes from 128 on, which its
// stored models depend on.
struct NgramHash {
  uint32_t value = 2166136261u;

  void add(char byte) {
    value ^= static_cast<uint32_t>(static_cast<int32_t>(static_cast<signed char>(byte)));
    value *= 16777619u;
  }
};

struct NgramSizes {
  int64_t least, most;  // in characters
  uint32_t buckets;
};

inline bool continues_character(char byte) { return (byte & 0xc0) == 0x80; }

// Append the buckets of all n-grams of "<word>", by their start and then by their length. `word` is
// UTF-8. A single '<' or '>' is no n-gram.
inline void add_ngrams(std::string_view word, const NgramSizes& sizes, std::string& marked,
                       std::vector<int32_t>& out) {
  marked.assign(1, '<').append(word).append(1, '>');
  const size_t end = marked.size();
  for (size_t start = 0; start < end; ++start) {
    if (continues_character(marked[start])) continue;
    NgramHash hash;
    size_t at = start;
    for (int64_t n = 1; n <= sizes.most && at < end; ++n) {
      do hash.add(marked[at++]);
      while (at < end && continues_character(marked[at]));
      const bool only_mark = n == 1 && (start == 0 || at == end);
      if (n >= sizes.least && !only_mark) {
        out.push_back(static_cast<int32_t>(hash.value % sizes.buckets));
      }
    }
  }
}

}  // namespace nntasks::corpus
