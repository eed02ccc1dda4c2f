// The orders of the detections: by class and falling score, and by image.
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

// A detection in the order of the images: where it is in the order by class and score, its index as
// given, the rank of its label.
struct Dealt {
  int32_t position, index, label;
};

struct Order {
  std::vector<int32_t> index;   // by class and falling score; places in it are called positions
  std::vector<Dealt> dealt;     // by image, class and falling score
  std::vector<int32_t> starts;  // of images in `dealt`
};

inline Order order_of_detections(const Boxes& found, const double* scores, const DenseRanks& images,
                                 const DenseRanks& labels) {
  Order order;
  const std::vector<int32_t> image = images.of({found.image, found.count});
  const std::vector<int32_t> label = labels.of({found.label, found.count});
  order.starts = group_starts(image, images.count());
  std::vector<int32_t> first = in_given_order(found.count);
  if (!std::is_sorted(image.begin(), image.end())) first = by_group(first, image, order.starts);
  const std::vector<int32_t> classes = group_starts(label, labels.count());
  first = by_group(first, label, classes);
  order.index.resize(found.count);
  take_in_turn(labels.count(), [&](int64_t one) {
    const int32_t *mine = first.data() + classes[one], count = classes[one + 1] - classes[one];
    std::vector<double> own(count);
    for (int32_t i = 0; i < count; ++i) own[i] = scores[mine[i]];
    const std::vector<int32_t> ranked = nms::score_order(own.data(), count);
    int32_t* out = order.index.data() + classes[one];
    for (int32_t i = 0; i < count; ++i) out[i] = mine[ranked[i]];
  });
  order.dealt.resize(found.count);
  std::vector<int32_t> next = order.starts;
  for (int32_t one = 0; one < int32_t(labels.count()); ++one) {
    for (int32_t i = classes[one]; i < classes[one + 1]; ++i) {
      order.dealt[next[image[order.index[i]]]++] = {i, order.index[i], one};
    }
  }
  return order;
}

}  // namespace nntasks::matching
