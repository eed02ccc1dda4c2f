// What detections take, by area range.
#pragma once

#include <cstdint>
#include <vector>

#include "matching/cell.h"

namespace nntasks::coco_counts {

// What the detections with a candidate take, and the bits of the area ranges that they lie outside.
class Rows {
 public:
  explicit Rows(int64_t areas) : areas_(areas), width_(size_t(2 * areas + 2)) {}

  size_t size() const { return cells_.size() / width_; }

  void add(const matching::Taken* taken, uint32_t outside, int32_t place) {
    for (int64_t i = 0; i < areas_; ++i) {
      cells_.push_back(taken[i].right);
      cells_.push_back(taken[i].excused);
    }
    cells_.push_back(outside);
    cells_.push_back(uint32_t(place));
  }

  // Add all of another, which has none then.
  void take(Rows& other) {
    cells_.insert(cells_.end(), other.cells_.begin(), other.cells_.end());
    other.cells_ = {};
  }

  void reserve(size_t rows) { cells_.reserve(rows * width_); }
  const uint32_t* at(int32_t row) const { return cells_.data() + size_t(row) * width_; }
  uint32_t outside(const uint32_t* row) const { return row[width_ - 2]; }
  int32_t place(const uint32_t* row) const { return int32_t(row[width_ - 1]); }

 private:
  int64_t areas_;
  size_t width_;
  std::vector<uint32_t> cells_;
};

}  // namespace nntasks::coco_counts
