// What is evaluated, and what comes out.
#pragma once

#include <cstdint>
#include <limits>
#include <vector>

#include "matching/cell.h"

namespace nntasks::coco_counts {

constexpr int kMostAreas = 8;    // bits of a mask
constexpr int kMostLevels = 32;  // likewise

// Images and labels are numbers from 0 on.
struct Problem {
  int64_t images, classes;
  const int64_t *image, *label;  // of the detections
  const double* score;
  const matching::CornerSize* box;
  int64_t detections;
  const int64_t *truth_image, *truth_label;
  const matching::CornerSize* truth_box;
  const uint8_t* crowd;
  const double* area;
  int64_t truths;

  std::vector<double> needed;   // IoU by level, at most kMostLevels
  const double* ranges;         // least and largest area, (areas, 2)
  int64_t areas;                // at most kMostAreas
  int64_t most;                 // detections of an image and class
  std::vector<int64_t> limits;  // fewer detections, for which recall is counted as well
  std::vector<double> recalls;  // rising levels at which precision is read

  int64_t levels() const { return int64_t(needed.size()); }
};

struct Counts {
  std::vector<double>
      precision;                // (areas, levels, classes): mean over the recalls; NaN if no truth
  std::vector<int64_t> found;   // (areas, levels, classes): true positives
  std::vector<int64_t> early;   // (limits, levels, classes): of the first area range
  std::vector<int64_t> truths;  // (areas, classes): objects that are not ignored

  explicit Counts(const Problem& problem)
      : precision(size_t(problem.areas * problem.levels() * problem.classes),
                  std::numeric_limits<double>::quiet_NaN()),
        found(precision.size()),
        early(problem.limits.size() * size_t(problem.levels() * problem.classes)),
        truths(size_t(problem.areas * problem.classes)) {}
};

}  // namespace nntasks::coco_counts
