// Have memory brought to the nearest cache before it is needed.
#pragma once

#include <cstddef>
#include <cstdint>

namespace nntasks {

// GCC takes a function that only prefetches for one without effect and drops the calls of it; the
// empty assembly is an effect.
inline void fetch_ahead(const void* place) {
  __builtin_prefetch(place);
  asm volatile("");
}

// All of a row of floats that begins with a line of the cache.
inline void fetch_row_ahead(const float* row, int64_t columns) {
  constexpr int64_t kLine = 16;
  for (int64_t d = 0; d < columns; d += kLine) fetch_ahead(row + d);
}

// Rows of floats that are to be fetched sooner or later.
class RowsAhead {
 public:
  explicit RowsAhead(int64_t columns) : columns_(columns) {}

  void add(const float* row) { rows_[added_++ % kMost] = row; }

  // The next of them, for the caller to fetch, or another row if none is left.
  const float* next(const float* otherwise) {
    return taken_ == added_ ? otherwise : rows_[taken_++ % kMost];
  }

  // Fetch one.
  void fetch_one() {
    if (taken_ != added_) fetch_row_ahead(rows_[taken_++ % kMost], columns_);
  }

  void fetch_all() {
    while (taken_ != added_) fetch_one();
  }

 private:
  static constexpr size_t kMost = 128;  // if more are waiting, some are not fetched

  int64_t columns_;
  size_t added_ = 0, taken_ = 0;
  const float* rows_[kMost];
};

}  // namespace nntasks
