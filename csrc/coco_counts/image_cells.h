// The detections of an image by class: its cells.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "matching/truths.h"
#include "nms/sort_key.h"

namespace nntasks::coco_counts {

// A class of an image: its objects and its detections, as places in `Truths` and in `order`.
struct ImageCell {
  int32_t label, first_truth, last_truth, begin, end;
};

// Deals the detections of one image after another out to their classes. Most of them are of classes
// without objects in the image. Of these only the number matters, and only where it may exceed the
// limit; elsewhere they get no cell.
class ImageCells {
 public:
  std::vector<ImageCell> cells;
  std::vector<int32_t> order;  // indices of detections, cell by cell, by falling score

  ImageCells(const matching::Truths& truths, int64_t classes)
      : truths_(truths), cell_of_(size_t(classes), -1) {}

  // `index(0)`, ..., `index(count - 1)` are the detections of an image in the given order. Call
  // apart(index) for each that gets no cell.
  template <typename Index, typename Apart>
  void deal_out(int64_t image, int32_t count, const Index& index, const int64_t* label,
                const double* score, int64_t most, const Apart& apart) {
    cells.clear();
    add_objects(image);
    own_.resize(size_t(count));
    int32_t dealt = 0;
    for (int32_t i = 0; i < count; ++i) {
      const int32_t one = index(i), kind = int32_t(label[one]);
      if (cell_of_[size_t(kind)] < 0 && count <= most) {
        apart(one);
        continue;
      }
      own_[size_t(dealt++)] = {one, cell_of(kind)};
      ++cells[size_t(own_[size_t(dealt - 1)].cell)].end;
    }
    order.resize(size_t(dealt));
    int32_t sum = 0;
    for (ImageCell& cell : cells) {
      cell_of_[size_t(cell.label)] = -1;
      const int32_t size = cell.end;
      cell.begin = cell.end = sum;
      sum += size;
    }
    for (int32_t i = 0; i < dealt; ++i) {
      order[size_t(cells[size_t(own_[size_t(i)].cell)].end++)] = own_[size_t(i)].index;
    }
    sort(score);
  }

 private:
  struct Own {
    int32_t index, cell;
  };

  // Objects are sorted by image and class.
  void add_objects(int64_t image) {
    const int32_t last = truths_.starts[size_t(image) + 1];
    for (int32_t truth = truths_.starts[size_t(image)]; truth < last; ++truth) {
      const int32_t label = truths_.label[size_t(truth)];
      if (cells.empty() || cells.back().label != label) {
        cell_of_[size_t(label)] = int32_t(cells.size());
        cells.push_back({label, truth, truth, 0, 0});
      }
      cells.back().last_truth = truth + 1;
    }
  }

  int32_t cell_of(int32_t label) {
    int32_t& cell = cell_of_[size_t(label)];
    if (cell < 0) {
      cell = int32_t(cells.size());
      cells.push_back({label, 0, 0, 0, 0});
    }
    return cell;
  }

  // Detections usually come by falling score.
  void sort(const double* score) {
    const auto higher = [&](int32_t a, int32_t b) {
      return nms::sort_key(score[a]) < nms::sort_key(score[b]);
    };
    for (const ImageCell& cell : cells) {
      const auto begin = order.begin() + cell.begin, end = order.begin() + cell.end;
      if (!std::is_sorted(begin, end, higher)) std::stable_sort(begin, end, higher);
    }
  }

  const matching::Truths& truths_;
  std::vector<int32_t> cell_of_;  // by class, -1 for none
  std::vector<Own> own_;
};

}  // namespace nntasks::coco_counts
