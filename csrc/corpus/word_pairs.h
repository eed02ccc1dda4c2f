// Neighbouring words: how often each pair occurs, and joining pairs to phrases (Mikolov et al.
// 2013).
//
// Words are numbers; -1 ends a sentence. Texts come in pieces, and state carries over between them.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <vector>

#include "corpus/vocabulary.h"

namespace nntasks::corpus {

// A hash table from pairs of non-negative numbers to numbers, with linear probing.
class PairTable {
 public:
  static constexpr uint64_t kEmpty = ~uint64_t{0};
  struct Slot {
    uint64_t key = kEmpty;
    int64_t value = 0;
  };

  static uint64_t key(int32_t a, int32_t b) {
    return static_cast<uint64_t>(static_cast<uint32_t>(a)) << 32 | static_cast<uint32_t>(b);
  }
  static uint64_t hash(uint64_t key) {
    return mixed(key ^ 0x9e3779b97f4a7c15u, 0xd6e8feb86659fd93u);
  }

  int64_t& at(uint64_t key) {
    Slot* slot = find(key);
    if (slot->key == kEmpty) {
      if (10 * (size_ + 1) > 7 * slots_.size()) {
        grow();
        slot = find(key);
      }
      slot->key = key;
      ++size_;
    }
    return slot->value;
  }

  const int64_t* get(uint64_t key) const {
    const Slot* slot = const_cast<PairTable*>(this)->find(key);
    return slot->key == kEmpty ? nullptr : &slot->value;
  }

  size_t size() const { return size_; }
  const std::vector<Slot>& slots() const { return slots_; }

 private:
  Slot* find(uint64_t key) {
    const size_t mask = slots_.size() - 1;
    size_t place = hash(key) & mask;
    while (slots_[place].key != kEmpty && slots_[place].key != key) place = (place + 1) & mask;
    return &slots_[place];
  }

  void grow() {
    std::vector<Slot> old(2 * slots_.size());
    old.swap(slots_);
    for (const Slot& slot : old) {
      if (slot.key != kEmpty) *find(slot.key) = slot;
    }
  }

  std::vector<Slot> slots_ = std::vector<Slot>(1 << 12);
  size_t size_ = 0;
};

// Counts the pairs whose hash falls into one of several parts, so that memory can be bounded.
class PairCounts {
 public:
  PairCounts(uint64_t part, uint64_t parts) : part_(part), parts_(parts) {
    if (part >= parts) throw std::invalid_argument("part: expected a number below `parts`");
  }

  void add(const int32_t* numbers, size_t size) {
    for (size_t i = 0; i < size; ++i) {
      const int32_t next = numbers[i];
      if (last_ >= 0 && next >= 0) {
        const uint64_t key = PairTable::key(last_, next);
        if (parts_ == 1 || (PairTable::hash(key) >> 40) % parts_ == part_) ++table_.at(key);
      }
      last_ = next;
    }
  }

  const PairTable& table() const { return table_; }

 private:
  const uint64_t part_, parts_;
  int32_t last_ = -1;
  PairTable table_;
};

// Joins pairs from left to right; a word belongs to at most one pair.
class PairJoiner {
 public:
  PairJoiner(const int32_t* a, const int32_t* b, size_t size) : counts(size, 0) {
    for (size_t i = 0; i < size; ++i) {
      if (a[i] < 0 || b[i] < 0) throw std::invalid_argument("pairs: expected numbers from 0 on");
      table_.at(PairTable::key(a[i], b[i])) = static_cast<int64_t>(i);
      const auto first = static_cast<size_t>(a[i]);
      if (first >= begins_.size()) begins_.resize(first + 1, false);
      begins_[first] = true;
    }
  }

  // Write at most size + 1 numbers: `joined[i]` for pair i. A last word that may begin a pair is
  // kept for the next piece.
  size_t join(const int32_t* numbers, size_t size, const int32_t* joined, int32_t* out) {
    int32_t* begin = out;
    for (size_t i = 0; i < size; ++i) {
      const int32_t next = numbers[i];
      if (held_ >= 0) {
        const int64_t* pair = next >= 0 ? table_.get(PairTable::key(held_, next)) : nullptr;
        if (pair) {
          *out++ = joined[*pair];
          ++counts[static_cast<size_t>(*pair)];
          held_ = -1;
          continue;
        }
        *out++ = held_;
        held_ = -1;
      }
      if (next >= 0 && static_cast<size_t>(next) < begins_.size() && begins_[next]) {
        held_ = next;
      } else {
        *out++ = next;
      }
    }
    return static_cast<size_t>(out - begin);
  }

  std::vector<int64_t> counts;  // how often each pair was joined

 private:
  PairTable table_;
  std::vector<bool> begins_;  // whether a word begins a pair
  int32_t held_ = -1;
};

}  // namespace nntasks::corpus
