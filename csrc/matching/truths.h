// The true objects by image and class.
#pragma once

#include <cstdint>
#include <vector>

#include "matching/cell.h"
#include "matching/dense_ranks.h"

namespace nntasks::matching {

// The true objects by image, class and given order.
struct Truths {
  std::vector<int32_t> index, starts;  // starts of images
  std::vector<int32_t> label;          // rank of the label, in that order
  std::vector<CornerSize> box;
  std::vector<uint8_t> crowd;
  Columns columns;  // the same boxes
};

// Images and labels are given as their ranks, of which there are so many.
inline Truths order_of_truths(const CornerSize* box, const uint8_t* crowd,
                              const std::vector<int32_t>& image, int64_t images,
                              const std::vector<int32_t>& label, int64_t labels) {
  Truths truths;
  truths.starts = group_starts(image, images);
  truths.index =
      by_group(in_given_order(int64_t(image.size())), label, group_starts(label, labels));
  truths.index = by_group(truths.index, image, truths.starts);
  for (const int32_t i : truths.index) {
    truths.label.push_back(label[i]);
    truths.box.push_back(box[i]);
    truths.crowd.push_back(crowd[i]);
    truths.columns.add(box[i], crowd[i]);
  }
  return truths;
}

}  // namespace nntasks::matching
