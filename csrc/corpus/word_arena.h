// Words as the vocabulary stores them: hashed, and as records in memory that never moves.
#pragma once

#include <cstdint>
#include <cstring>
#include <memory>
#include <stdexcept>
#include <vector>

namespace nntasks::corpus {

inline uint64_t mixed(uint64_t a, uint64_t b) {
  const unsigned __int128 product = static_cast<unsigned __int128>(a) * b;
  return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
}

inline uint64_t first_bytes(const uint8_t* p, size_t count) {  // at most 8; the rest is zeros
  uint64_t value = 0;
  std::memcpy(&value, p, count);
  return value;
}

// A word to look up: its hash, and its first 8 bytes for a quick comparison.
struct HashedWord {
  const uint8_t* bytes = nullptr;
  uint32_t size = 0;
  uint32_t hash = 0;
  uint64_t head = 0;

  HashedWord() = default;

  // `readable`: how many bytes may be read from `p` on. With 8 or more, a short word is one load.
  HashedWord(const uint8_t* p, size_t length, size_t readable)
      : bytes(p), size(static_cast<uint32_t>(length)) {
    if (length >= 8) {
      std::memcpy(&head, p, 8);
    } else if (readable >= 8) {
      std::memcpy(&head, p, 8);
      head &= (uint64_t{1} << (8 * length)) - 1;
    } else {
      head = first_bytes(p, length);
    }
    uint64_t state = mixed(head ^ 0x9e3779b97f4a7c15u, (length << 1) + 0xbf58476d1ce4e5b9u);
    for (size_t i = 8; i < length; i += 8) {
      const uint64_t next =
          length - i >= 8 ? first_bytes(p + i, 8) : first_bytes(p + i, length - i);
      state = mixed(state ^ next, 0x94d049bb133111ebu);
    }
    hash = static_cast<uint32_t>(state >> 32) ^ static_cast<uint32_t>(state);
  }
};

// The words themselves, in blocks; a place counts in units of 8 bytes.
class Arena {
 public:
  struct Record {  // behind it the bytes, zeros up to a multiple of 8
    uint32_t number;
    uint32_t size;
    const uint8_t* bytes() const { return reinterpret_cast<const uint8_t*>(this + 1); }
  };
  static constexpr size_t kUnits = 1 << 17, kBlocks = 1 << 15;  // 1 MiB each, 32 GiB together
  static constexpr size_t kLongest = 8 * (kUnits - 2);

  Arena() : blocks_(kBlocks) {}

  const Record& at(uint32_t place) const {
    return *reinterpret_cast<const Record*>(&blocks_[place / kUnits][place % kUnits]);
  }

  uint32_t add(uint32_t number, const HashedWord& word) {
    const size_t units = 1 + (word.size + 7) / 8;
    if (used_ % kUnits + units > kUnits || used_ % kUnits == 0) {
      used_ = (used_ + kUnits - 1) / kUnits * kUnits;
      if (used_ / kUnits >= kBlocks) throw std::length_error("more than 32 GiB of different words");
      blocks_[used_ / kUnits].reset(new uint64_t[kUnits]);
    }
    uint64_t* record = &blocks_[used_ / kUnits][used_ % kUnits];
    record[units - 1] = 0;
    const uint32_t head[2] = {number, word.size};
    std::memcpy(record, head, 8);
    std::memcpy(record + 1, word.bytes, word.size);
    const auto place = static_cast<uint32_t>(used_);
    used_ += units;
    return place;
  }

 private:
  std::vector<std::unique_ptr<uint64_t[]>> blocks_;  // never resized: other threads read it
  size_t used_ = 0;
};

}  // namespace nntasks::corpus
