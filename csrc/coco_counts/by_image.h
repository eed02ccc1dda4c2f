// The boxes of a problem by image.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "coco_counts/problem.h"
#include "matching/area_ranges.h"
#include "matching/dense_ranks.h"
#include "matching/truths.h"

namespace nntasks::coco_counts {

struct ByImage {
  matching::AreaRanges ranges;
  matching::Truths truths;       // by image and class
  std::vector<uint8_t> ignored;  // (truths, areas), in that order
  std::vector<int32_t> starts;   // of images among the detections
  std::vector<int32_t> index;    // of the detections by image; empty if they are given so

  explicit ByImage(const Problem& problem)
      : ranges(problem.ranges, problem.areas),
        truths(matching::order_of_truths(
            problem.truth_box, problem.crowd, narrow(problem.truth_image, problem.truths),
            problem.images, narrow(problem.truth_label, problem.truths), problem.classes)),
        ignored(size_t(problem.truths * problem.areas)),
        starts(size_t(problem.images) + 1) {
    for (size_t i = 0; i < truths.index.size(); ++i) {
      ranges.write(problem.area[truths.index[i]], truths.crowd[i],
                   ignored.data() + int64_t(i) * problem.areas);
    }
    const int64_t* image = problem.image;
    for (int64_t i = 0; i < problem.detections; ++i) ++starts[size_t(image[i]) + 1];
    for (size_t i = 1; i < starts.size(); ++i) starts[i] += starts[i - 1];
    if (std::is_sorted(image, image + problem.detections)) return;
    index = matching::by_group(matching::in_given_order(problem.detections),
                               narrow(image, problem.detections), starts);
  }

 private:
  static std::vector<int32_t> narrow(const int64_t* values, int64_t count) {
    return std::vector<int32_t>(values, values + count);
  }
};

}  // namespace nntasks::coco_counts
