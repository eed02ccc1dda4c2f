// The matching of detections and true objects of one image and class, a cell.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include "clones.h"

namespace nntasks::matching {

constexpr double kNearlyOne = 1 - 1e-10;  // thresholds above it are lowered to it, as COCO does
constexpr int kLevelsAtOnce = 32;         // bits of a mask

struct CornerSize {
  double x, y, width, height;
};

// As std::min and std::max, but NaN if either is NaN, as in NumPy.
inline double least_of(double a, double b) { return a < b || a != a ? a : b; }
inline double most_of(double a, double b) { return a > b || a != a ? a : b; }

// Computes IoUs in COCO's order of operations; a crowd region divides by the area of the detection.
class Overlap {
 public:
  // Only IoUs of at least `least` are of interest.
  explicit Overlap(double least) : least_(least), nearly_(least * (1 - 1e-6)) {}

  double nearly() const { return nearly_; }

  // Return whether the IoU is of interest, and the IoU, which is 0 where the boxes do not meet.
  bool reaches(const CornerSize& found, const CornerSize& truth, bool crowd, double& iou) const {
    const double width =
        least_of(found.width + found.x, truth.width + truth.x) - most_of(found.x, truth.x);
    const double height =
        least_of(found.height + found.y, truth.height + truth.y) - most_of(found.y, truth.y);
    const double meet = width * height, area = found.width * found.height;
    const double all = crowd ? area : area + truth.width * truth.height - meet;
    // Most pairs end here, before the division: a quotient that rounds up to `least` passes.
    const bool meets = int(width > 0) & int(height > 0);
    if (least_ > 0 && !(int(meets) & int(meet >= nearly_ * all))) return false;
    iou = meets ? meet / all : 0;
    return iou >= least_;
  }

 private:
  double least_, nearly_;
};

// Boxes of true objects, coordinate by coordinate, so that one box is compared with several at
// once.
struct Columns {
  std::vector<double> x, y, right, bottom, size, alone;  // alone: 0 for crowd regions, else 1

  void add(const CornerSize& box, bool crowd) {
    x.push_back(box.x);
    y.push_back(box.y);
    right.push_back(box.width + box.x);
    bottom.push_back(box.height + box.y);
    size.push_back(box.width * box.height);
    alone.push_back(crowd ? 0 : 1);
  }
};

// Mark the boxes first, ..., first + count - 1 whose IoU with a detection may reach a bound above
// 0, which is a little lower than the one that counts. None that reaches it is missed.
NNTASKS_CLONES inline void mark_near(const Columns& boxes, int64_t first, int64_t count,
                                     const CornerSize& found, double nearly, int64_t* marks) {
  const double right = found.width + found.x, bottom = found.height + found.y;
  const double area = found.width * found.height;
  const double *x = boxes.x.data() + first, *y = boxes.y.data() + first;
  const double *x2 = boxes.right.data() + first, *y2 = boxes.bottom.data() + first;
  const double *size = boxes.size.data() + first, *alone = boxes.alone.data() + first;
  for (int64_t i = 0; i < count; ++i) {
    const double width = (right < x2[i] ? right : x2[i]) - (found.x > x[i] ? found.x : x[i]);
    const double height = (bottom < y2[i] ? bottom : y2[i]) - (found.y > y[i] ? found.y : y[i]);
    const double meet = width * height, all = area + (alone[i] > 0 ? size[i] - meet : 0.0);
    marks[i] = int64_t(width > 0) & int64_t(height > 0) & int64_t(meet >= nearly * all);
  }
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

// The IoUs that the thresholds ask for.
inline std::vector<double> needed_for(const double* thresholds, int64_t count) {
  std::vector<double> needed(thresholds, thresholds + count);
  for (double& one : needed) one = one > kNearlyOne ? kNearlyOne : one;
  return needed;
}

// The lowest of them that is a number: no other IoU is of interest.
inline double lowest_of(const std::vector<double>& needed) {
  double lowest = std::numeric_limits<double>::infinity();
  for (const double one : needed) lowest = std::min(lowest, one == one ? one : lowest);
  return lowest;
}

// At most 32 of the IoU thresholds as bits of a mask.
class Levels {
 public:
  Levels(const double* needed, int count) : count_(count) {
    std::fill_n(needed_, kLevelsAtOnce, std::nan(""));  // which no IoU reaches
    std::copy_n(needed, count, needed_);
    for (int i = 1; i < count; ++i) rising_ = rising_ && needed[i - 1] <= needed[i];
  }

  int count() const { return count_; }
  int lanes() const { return (count_ + kLanes - 1) / kLanes * kLanes; }
  uint32_t all() const { return count_ == 32 ? ~uint32_t(0) : (uint32_t(1) << count_) - 1; }

  // The levels that an IoU reaches.
  uint32_t reached_by(double iou) const {
    if (rising_) {
      int64_t reached = 0;
      for (int i = 0; i < lanes(); i += kLanes) {
        for (int k = 0; k < kLanes; ++k) reached += iou >= needed_[i + k];
      }
      return uint32_t((uint64_t(1) << reached) - 1);
    }
    uint32_t mask = 0;
    for (int i = 0; i < count_; ++i) mask |= uint32_t(iou >= needed_[i]) << i;
    return mask;
  }

 private:
  static constexpr int kLanes = 8;

  double needed_[kLevelsAtOnce];
  int count_;
  bool rising_ = true;
};

// The levels at which a detection takes an object that counts, and one that is ignored; at the
// others it takes none.
struct Taken {
  uint32_t right, excused;
};

// Serves the detections of a cell by falling score. Of each object it keeps a mask of the levels at
// which it is taken, so that a detection chooses at all levels of an area range together: its best
// candidate usually decides most of them.
class Cell {
 public:
  Cell(const uint8_t* crowd, const uint8_t* ignored, int64_t areas, const Levels& levels)
      : crowd_(crowd), ignored_(ignored), areas_(areas), levels_(levels) {}

  const Levels& levels() const { return levels_; }
  int64_t areas() const { return areas_; }

  // Begin a cell with objects first, ..., first + count - 1.
  void begin(int32_t first, int64_t count) {
    first_ = first;
    taken_.assign(size_t(count * areas_), 0);
  }

  // Let a detection choose. Candidates come in the order of preference. Write what it takes in each
  // area range, and call take(area, levels, object) for each object.
  template <typename Take>
  void serve(const Candidate* candidates, int64_t count, Taken* answers, const Take& take) {
    reach_.resize(size_t(count));
    for (int64_t i = 0; i < count; ++i) reach_[i] = levels_.reached_by(candidates[i].iou);
    for (int64_t area = 0; area < areas_; ++area) {
      const uint32_t all = levels_.all();
      uint32_t open = all;
      choose(candidates, count, area, false, open, take);
      const uint32_t undecided = open;
      choose(candidates, count, area, true, open, take);
      answers[area] = {all & ~undecided, undecided & ~open};
    }
  }

 private:
  // Let the candidates that are (not) ignored take the levels that are still open.
  template <typename Take>
  void choose(const Candidate* candidates, int64_t count, int64_t area, bool ignored,
              uint32_t& open, const Take& take) {
    for (int64_t i = 0; i < count && (open & reach_[i]); ++i) {
      const int32_t truth = candidates[i].truth;
      if (bool(ignored_[truth * areas_ + area]) != ignored) continue;
      uint32_t& taken = taken_[(truth - first_) * areas_ + area];
      const uint32_t mine = open & reach_[i] & ~taken;
      if (!mine) continue;
      open &= ~mine;
      if (!crowd_[truth]) taken |= mine;
      take(area, mine, truth);
    }
  }

  const uint8_t *crowd_, *ignored_;
  int64_t areas_;
  Levels levels_;
  int32_t first_ = 0;
  std::vector<uint32_t> taken_;  // (truth, area)
  std::vector<uint32_t> reach_;  // of each candidate
};

}  // namespace nntasks::matching
