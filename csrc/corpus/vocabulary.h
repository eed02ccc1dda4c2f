// Words by number: a hash table that many threads read without a lock.
//
// A word is a record in an arena that never moves. A slot of the table is one atomic number: 32
// bits of the hash and the place of the record, written last. Reading takes no lock; a word that is
// not found is looked up again, and added, under one. A table that is too full is copied into one
// of twice the size. A thread that still reads the old table at worst misses a new word, and then
// looks it up again under the lock.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstring>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string_view>
#include <utility>
#include <vector>

#include "corpus/white_space.h"
#include "corpus/word_arena.h"
#include "fetch_ahead.h"

namespace nntasks::corpus {

class Vocabulary {
 public:
  // Memory of one call, reused by the next.
  struct Scratch {
    std::vector<int64_t> counts;  // by word number
    std::unique_ptr<int32_t[]> numbers;
    size_t room = 0;
  };
  // The first word that is invalid or too long; offset < 0 if there is none.
  struct Bad {
    int64_t offset = -1, size = 0;
  };

  Vocabulary(bool strict, size_t longest, size_t most)
      : strict_(strict), longest_(longest), most_(most), table_(std::make_shared<Table>(1 << 16)) {
    if (longest > Arena::kLongest) throw std::invalid_argument("longest: at most 1,048,560 bytes");
    if (most > INT32_MAX) throw std::invalid_argument("most: at most 2,147,483,647 words");
  }

  // Number the words of a text that begins and ends between words.
  //
  // Writes numbers to scratch.numbers, with -1 at the end of each line that had words (if `lines`),
  // and returns how many it wrote. Stops at a word that is invalid (if `strict`) or longer than
  // `longest`.
  size_t encode(const uint8_t* text, size_t size, bool lines, Scratch& scratch, Bad& bad) {
    if (scratch.room < size + 1) {
      scratch.numbers.reset(new int32_t[size + 1]);
      scratch.room = size + 1;
    }
    std::shared_ptr<Table> table = current();
    int32_t* out = scratch.numbers.get();
    const uint8_t *p = text, *end = text + size;
    HashedWord some[kAhead];
    bool open = true;  // words may precede this text
    while (p < end && bad.offset < 0) {
      const size_t found = next_words(p, end, lines, open, *table, some);
      for (size_t i = 0; i < found; ++i) {  // their slots are in the cache by now
        const uint64_t value =
            table->slots[some[i].hash & table->mask].load(std::memory_order_acquire);
        if (value != kEmpty) fetch_ahead(&arena_.at(static_cast<uint32_t>(value)));
      }
      for (size_t i = 0; i < found; ++i) {  // and so are their records
        if (!some[i].size) {
          *out++ = -1;
          continue;
        }
        const int32_t number = some[i].size <= longest_ ? number_of(some[i], table) : -1;
        if (number < 0) {
          bad = {some[i].bytes - text, static_cast<int64_t>(some[i].size)};
          break;
        }
        if (static_cast<size_t>(number) >= scratch.counts.size()) grow(scratch.counts, number);
        ++scratch.counts[static_cast<size_t>(number)];
        *out++ = number;
      }
    }
    return static_cast<size_t>(out - scratch.numbers.get());
  }

  std::unique_ptr<Scratch> borrow() {
    std::lock_guard<std::mutex> lock(mutex_);
    if (idle_.empty()) return std::make_unique<Scratch>();
    auto scratch = std::move(idle_.back());
    idle_.pop_back();
    return scratch;
  }

  void give_back(std::unique_ptr<Scratch> scratch) {
    std::lock_guard<std::mutex> lock(mutex_);
    idle_.push_back(std::move(scratch));
  }

  size_t size() const {
    std::lock_guard<std::mutex> lock(mutex_);
    return places_.size();
  }

  void counts(int64_t* out, size_t size) const {  // not while a thread encodes
    std::fill(out, out + size, 0);
    for (const auto& scratch : idle_) {
      const size_t known = std::min(size, scratch->counts.size());
      for (size_t i = 0; i < known; ++i) out[i] += scratch->counts[i];
    }
  }

  std::string_view word(size_t number) const {
    std::lock_guard<std::mutex> lock(mutex_);
    if (number >= places_.size()) throw std::out_of_range("no word has this number");
    const Arena::Record& record = arena_.at(places_[number]);
    return {reinterpret_cast<const char*>(record.bytes()), record.size};
  }

 private:
  struct Table {
    explicit Table(size_t size) : mask(size - 1), slots(new std::atomic<uint64_t>[size]) {
      for (size_t i = 0; i < size; ++i) slots[i].store(kEmpty, std::memory_order_relaxed);
    }
    size_t mask;
    std::unique_ptr<std::atomic<uint64_t>[]> slots;
  };
  static constexpr uint64_t kEmpty = ~uint64_t{0};  // no record lies at the last place
  static constexpr size_t kAhead = 32;  // words whose slots and records are fetched together

  // Find up to kAhead words, or ends of lines (of size 0), from `p` on; `p` moves behind them.
  static size_t next_words(const uint8_t*& p, const uint8_t* end, bool lines, bool& open,
                           const Table& table, HashedWord* some) {
    size_t found = 0;
    while (p < end && found < kAhead) {
      const uint8_t kind = kKinds[*p];
      const size_t wide = kind == kLead ? wide_space(p, end) : 0;
      if (kind == kSpace || kind == kNewline || wide) {
        if (kind == kNewline && lines && open) {
          some[found++].size = 0;
          open = false;
        }
        p += wide ? wide : 1;
        continue;
      }
      const uint8_t* stop = end_of_word(p + 1, end);
      some[found] = HashedWord(p, static_cast<size_t>(stop - p), static_cast<size_t>(end - p));
      fetch_ahead(&table.slots[some[found++].hash & table.mask]);
      open = true;
      p = stop;
    }
    return found;
  }

  static void grow(std::vector<int64_t>& counts, int32_t number) {
    counts.resize(std::max<size_t>(2 * counts.size(), static_cast<size_t>(number) + 4096));
  }

  std::shared_ptr<Table> current() const {
    std::lock_guard<std::mutex> lock(mutex_);
    return table_;
  }

  bool same(const Arena::Record& record, const HashedWord& word) const {
    if (record.size != word.size) return false;
    uint64_t head;
    std::memcpy(&head, record.bytes(), 8);
    if (head != word.head) return false;
    return word.size <= 8 || !std::memcmp(record.bytes() + 8, word.bytes + 8, word.size - 8);
  }

  // Return the word's number, or -1 and the free slot where the search ended.
  int32_t find(const Table& table, const HashedWord& word, size_t& slot) const {
    for (slot = word.hash & table.mask;; slot = (slot + 1) & table.mask) {
      const uint64_t value = table.slots[slot].load(std::memory_order_acquire);
      if (value == kEmpty) return -1;
      if (static_cast<uint32_t>(value >> 32) != word.hash) continue;
      const Arena::Record& record = arena_.at(static_cast<uint32_t>(value));
      if (same(record, word)) return static_cast<int32_t>(record.number);
    }
  }

  int32_t number_of(const HashedWord& word, std::shared_ptr<Table>& table) {
    size_t slot;
    const int32_t number = find(*table, word, slot);
    return number >= 0 ? number : add(word, table);
  }

  int32_t add(const HashedWord& word, std::shared_ptr<Table>& table) {
    if (strict_ && !valid_utf8(word.bytes, word.bytes + word.size)) return -1;
    std::lock_guard<std::mutex> lock(mutex_);
    table = table_;
    size_t slot;
    const int32_t number = find(*table, word, slot);
    if (number >= 0) return number;
    if (places_.size() >= most_) throw std::length_error("too many different words");
    const auto fresh = static_cast<uint32_t>(places_.size());
    const uint32_t place = arena_.add(fresh, word);
    places_.push_back(place);
    const uint64_t value = static_cast<uint64_t>(word.hash) << 32 | place;
    table->slots[slot].store(value, std::memory_order_release);
    if (2 * places_.size() > table->mask) table = table_ = doubled(*table);
    return static_cast<int32_t>(fresh);
  }

  static std::shared_ptr<Table> doubled(const Table& old) {
    auto fresh = std::make_shared<Table>(2 * (old.mask + 1));
    for (size_t i = 0; i <= old.mask; ++i) {
      const uint64_t value = old.slots[i].load(std::memory_order_relaxed);
      if (value == kEmpty) continue;
      size_t slot = static_cast<size_t>(value >> 32) & fresh->mask;
      while (fresh->slots[slot].load(std::memory_order_relaxed) != kEmpty) {
        slot = (slot + 1) & fresh->mask;
      }
      fresh->slots[slot].store(value, std::memory_order_relaxed);
    }
    return fresh;
  }

  const bool strict_;
  const size_t longest_, most_;
  mutable std::mutex mutex_;  // guards all that follows, except the records that slots refer to
  std::shared_ptr<Table> table_;
  Arena arena_;
  std::vector<uint32_t> places_;  // by number
  std::vector<std::unique_ptr<Scratch>> idle_;
};

}  // namespace nntasks::corpus
