// Prefetching: memory is read into the nearest cache before it is needed.
#pragma once

#include <cstddef>
#include <cstdint>

namespace nntasks {

// GCC drops calls of a function that only prefetches, as it seems to have no effect. The empty
// assembly is an effect.
inline void fetch_ahead(const void* place) {
  __builtin_prefetch(place);
  asm volatile("");
}

// Fetch a row of floats that starts at a cache line.
inline void fetch_row_ahead(const float* row, int64_t columns) {
  constexpr int64_t kLine = 16;
  for (int64_t d = 0; d < columns; d += kLine) fetch_ahead(row + d);
}

// A queue of rows to fetch, so that fetches can be spread between other work.
class RowsAhead {
 public:
  explicit RowsAhead(int64_t columns) : columns_(columns) {}

  void add(const float* row) { rows_[added_++ % kMost] = row; }

  // Take the next row, for the caller to fetch; `otherwise` if none is left.
  const float* next(const float* otherwise) {
    return taken_ == added_ ? otherwise : rows_[taken_++ % kMost];
  }

  // Take the next row and fetch it.
  void fetch_one() {
    if (taken_ != added_) fetch_row_ahead(rows_[taken_++ % kMost], columns_);
  }

  void fetch_all() {
    while (taken_ != added_) fetch_one();
  }

 private:
  static constexpr size_t kMost = 128;  // of more, the oldest are never fetched

  int64_t columns_;
  size_t added_ = 0, taken_ = 0;
  const float* rows_[kMost];
};

}  // namespace nntasks
