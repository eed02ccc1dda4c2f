// The area ranges of the evaluation.
#pragma once

#include <cstdint>

namespace nntasks::matching {

// Whether areas lie outside the ranges, (N, A); both ends of a range belong to it.
class AreaRanges {
 public:
  AreaRanges(const double* limits, int64_t count) : limits_(limits), count_(count) {}

  int64_t count() const { return count_; }

  bool excludes(double area, int64_t range) const {
    return int(area < limits_[2 * range]) | int(area > limits_[2 * range + 1]);
  }

  void write(double area, bool always, uint8_t* outside) const {
    for (int64_t i = 0; i < count_; ++i) {
      outside[i] = always || excludes(area, i);
    }
  }

 private:
  const double* limits_;
  int64_t count_;
};

}  // namespace nntasks::matching
