// The matching of detections and true objects of one image and class, a cell.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

namespace nntasks::matching {

constexpr double kNearlyOne = 1 - 1e-10;  // thresholds above it are lowered to it, as COCO does
constexpr int64_t kLevelsAtOnce = 64;     // bits of a mask

struct CornerSize {
  double x, y, width, height;
};

// As std::min and std::max, but NaN if either is NaN, as in NumPy.
inline double least_of(double a, double b) { return a < b || a != a ? a : b; }
inline double most_of(double a, double b) { return a > b || a != a ? a : b; }

// IoU in COCO's order of operations; a crowd region divides by the area of the detection. 0 where
// the boxes do not meet.
inline double coco_iou(const CornerSize& found, const CornerSize& truth, bool crowd) {
  const double width =
      least_of(found.width + found.x, truth.width + truth.x) - most_of(found.x, truth.x);
  const double height =
      least_of(found.height + found.y, truth.height + truth.y) - most_of(found.y, truth.y);
  if (!(width > 0 && height > 0)) return 0;
  const double meet = width * height, area = found.width * found.height;
  return meet / (crowd ? area : area + truth.width * truth.height - meet);
}

// A true object that a detection may take.
struct Candidate {
  double iou;
  int32_t truth;

  // Whether it is preferred to another: a higher IoU, of equal ones the later object.
  bool operator<(const Candidate& other) const {
    return iou > other.iou || (iou == other.iou && truth > other.truth);
  }
};

// The levels, at most 64 of the IoU thresholds, as bits of a mask.
class Levels {
 public:
  Levels(const double* needed, int64_t count) : needed_(needed), count_(count) {}

  int64_t count() const { return count_; }
  uint64_t all() const { return count_ == 64 ? ~uint64_t(0) : (uint64_t(1) << count_) - 1; }

  // The levels that an IoU reaches.
  uint64_t reached_by(double iou) const {
    uint64_t mask = 0;
    for (int64_t i = 0; i < count_; ++i) mask |= uint64_t(iou >= needed_[i]) << i;
    return mask;
  }

 private:
  const double* needed_;
  int64_t count_;
};

// Serves the detections of a cell by falling score. Of each object it keeps a mask of the levels at
// which it is taken, so that a detection chooses at all levels of an area range together: its best
// candidate usually decides most of them.
class Cell {
 public:
  Cell(const uint8_t* crowd, const uint8_t* ignored, int64_t areas, const Levels& levels)
      : crowd_(crowd), ignored_(ignored), areas_(areas), levels_(levels) {}

  // Begin a cell with objects first, ..., first + count - 1.
  void begin(int32_t first, int64_t count) {
    first_ = first;
    taken_.assign(size_t(count * areas_), 0);
  }

  // Write the objects that a detection takes, -1 for none, to matched[area * stride + level].
  // Candidates come in the order of preference.
  void serve(const Candidate* candidates, int64_t count, int32_t* matched, int64_t stride) {
    reach_.resize(count);
    for (int64_t i = 0; i < count; ++i) reach_[i] = levels_.reached_by(candidates[i].iou);
    for (int64_t area = 0; area < areas_; ++area, matched += stride) {
      std::fill_n(matched, levels_.count(), -1);
      uint64_t open = levels_.all();
      choose(candidates, count, area, false, open, matched);
      choose(candidates, count, area, true, open, matched);
    }
  }

 private:
  // Let the candidates that are (not) ignored take the levels that are still open.
  void choose(const Candidate* candidates, int64_t count, int64_t area, bool ignored,
              uint64_t& open, int32_t* matched) {
    for (int64_t i = 0; i < count && (open & reach_[i]); ++i) {
      const int32_t truth = candidates[i].truth;
      if (bool(ignored_[truth * areas_ + area]) != ignored) continue;
      uint64_t& taken = taken_[(truth - first_) * areas_ + area];
      const uint64_t mine = open & reach_[i] & ~taken;
      open &= ~mine;
      if (!crowd_[truth]) taken |= mine;
      for (uint64_t left = mine; left; left &= left - 1) matched[__builtin_ctzll(left)] = truth;
    }
  }

  const uint8_t *crowd_, *ignored_;
  int64_t areas_;
  Levels levels_;
  int32_t first_ = 0;
  std::vector<uint64_t> taken_;  // (truth, area)
  std::vector<uint64_t> reach_;  // of each candidate
};

}  // namespace nntasks::matching
