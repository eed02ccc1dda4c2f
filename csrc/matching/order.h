// The orders of the evaluation: of the detections by class and falling score, and by image; of the
// true objects by image and class.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "matching/cell.h"
#include "matching/dense_ranks.h"
#include "nms/score_order.h"
#include "threads.h"

namespace nntasks::matching {

struct Boxes {
  const int64_t *image, *label;
  const CornerSize* box;
  int64_t count;
};

struct Order {
  std::vector<int32_t> index;         // in the order that the comments call positions
  std::vector<int32_t> starts;        // of images in `by_image`
  std::vector<int32_t> by_image;      // positions
  std::vector<int32_t> image, label;  // ranks of each index
};

inline Order order_of_detections(const Boxes& found, const double* scores, const DenseRanks& images,
                                 const DenseRanks& labels) {
  Order order;
  order.image = images.of({found.image, found.count});
  order.label = labels.of({found.label, found.count});
  order.starts = group_starts(order.image, images.count());
  std::vector<int32_t> first = in_given_order(found.count);
  if (!std::is_sorted(order.image.begin(), order.image.end())) {
    first = by_group(first, order.image, order.starts);
  }
  const std::vector<int32_t> classes = group_starts(order.label, labels.count());
  first = by_group(first, order.label, classes);
  order.index.resize(found.count);
  take_in_turn(labels.count(), [&](int64_t label) {
    const int32_t *mine = first.data() + classes[label],
                  count = classes[label + 1] - classes[label];
    std::vector<double> own(count);
    for (int32_t i = 0; i < count; ++i) own[i] = scores[mine[i]];
    const std::vector<int32_t> ranked = nms::score_order(own.data(), count);
    int32_t* out = order.index.data() + classes[label];
    for (int32_t i = 0; i < count; ++i) out[i] = mine[ranked[i]];
  });
  order.by_image.resize(found.count);
  std::vector<int32_t> next = order.starts;
  for (int64_t i = 0; i < found.count; ++i) {
    order.by_image[next[order.image[order.index[i]]]++] = int32_t(i);
  }
  return order;
}

// The true objects by image, class and given order.
struct Truths {
  std::vector<int32_t> index, starts;  // starts of images
  std::vector<int32_t> label;          // rank of the label, in that order
  std::vector<CornerSize> box;
  std::vector<uint8_t> crowd;
};

inline Truths order_of_truths(const Boxes& truth, const uint8_t* crowd, const DenseRanks& images,
                              const DenseRanks& labels) {
  const std::vector<int32_t> image = images.of({truth.image, truth.count});
  const std::vector<int32_t> label = labels.of({truth.label, truth.count});
  Truths truths;
  truths.starts = group_starts(image, images.count());
  truths.index = by_group(in_given_order(truth.count), label, group_starts(label, labels.count()));
  truths.index = by_group(truths.index, image, truths.starts);
  for (const int32_t i : truths.index) {
    truths.label.push_back(label[i]);
    truths.box.push_back(truth.box[i]);
    truths.crowd.push_back(crowd[i]);
  }
  return truths;
}

}  // namespace nntasks::matching
