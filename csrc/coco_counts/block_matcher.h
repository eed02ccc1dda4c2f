// The matching of a block of images.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "coco_counts/by_image.h"
#include "coco_counts/class_entries.h"
#include "coco_counts/image_cells.h"
#include "coco_counts/problem.h"
#include "coco_counts/rows.h"
#include "matching/candidates.h"
#include "matching/cell.h"
#include "nms/sort_key.h"

namespace nntasks::coco_counts {

template <typename Key>
struct Block {
  struct Detection {
    Key key;
    int32_t content, label;  // see Entry; rows are those of the block
  };

  Rows rows;
  std::vector<Detection> detections;  // those that count; of a class by image, those of equal
                                      // scores of an image in the given order
  std::vector<int32_t> of_classes;    // their number

  explicit Block(int64_t areas) : rows(areas) {}
};

template <typename Score>
class BlockMatcher {
 public:
  using Key = typename nms::SortKey<Score>::type;

  BlockMatcher(const Problem& problem, const ByImage& sorted)
      : problem_(problem),
        sorted_(sorted),
        cells_(sorted.truths, problem.classes),
        finder_(sorted.truths, matching::lowest_of(problem.needed)),
        cell_(sorted.truths.crowd.data(), sorted.ignored.data(), problem.areas,
              matching::Levels(problem.needed.data(), int(problem.levels()))) {}

  // Match the images first, ..., last - 1.
  void match(Block<Key>& block, int64_t first, int64_t last) {
    const std::vector<int32_t>& starts = sorted_.starts;
    block.detections.resize(size_t(starts[size_t(last)] - starts[size_t(first)]));
    block.of_classes.assign(size_t(problem_.classes), 0);
    block_ = &block;
    next_ = block.detections.data();
    for (int64_t image = first; image < last; ++image) match_image(image);
    block.detections.resize(size_t(next_ - block.detections.data()));
  }

 private:
  void match_image(int64_t image) {
    const int32_t begin = sorted_.starts[size_t(image)];
    const std::vector<int32_t>& given = sorted_.index;
    cells_.deal_out(
        image, sorted_.starts[size_t(image) + 1] - begin,
        [&](int32_t i) { return given.empty() ? begin + i : given[size_t(begin + i)]; },
        problem_.label, problem_.score, problem_.most, [&](int32_t index) { add_apart(index); });
    for (const ImageCell& one : cells_.cells) {
      cell_.begin(one.first_truth, one.last_truth - one.first_truth);
      const int32_t kept = int32_t(std::min<int64_t>(one.end - one.begin, problem_.most));
      for (int32_t place = 0; place < kept; ++place) {
        match_detection(one, cells_.order[size_t(one.begin + place)], place);
      }
    }
  }

  void match_detection(const ImageCell& one, int32_t index, int32_t place) {
    candidates_.clear();
    const int64_t count =
        finder_.find(problem_.box[index], one.first_truth, one.last_truth, candidates_, marks_);
    if (!count) return add_apart(index);
    matching::Taken taken[kMostAreas];
    cell_.serve(candidates_.data(), count, taken, [](int64_t, uint32_t, int32_t) {});
    add(index, int32_t(block_->rows.size()));
    block_->rows.add(taken, outside_of(index), place);
  }

  void add_apart(int32_t index) { add(index, ~int32_t(outside_of(index))); }

  void add(int32_t index, int32_t content) {
    const int32_t label = int32_t(problem_.label[index]);
    *next_++ = {nms::sort_key(Score(problem_.score[index])), content, label};
    ++block_->of_classes[size_t(label)];
  }

  // The area ranges that a detection lies outside, as bits.
  uint32_t outside_of(int32_t index) const {
    const double area = problem_.box[index].width * problem_.box[index].height;
    uint32_t bits = 0;
    for (int64_t i = 0; i < problem_.areas; ++i) {
      bits |= uint32_t(sorted_.ranges.excludes(area, i)) << i;
    }
    return bits;
  }

  const Problem& problem_;
  const ByImage& sorted_;
  ImageCells cells_;
  matching::CandidateFinder finder_;
  matching::Cell cell_;
  std::vector<matching::Candidate> candidates_;
  std::vector<int64_t> marks_;
  Block<Key>* block_ = nullptr;
  typename Block<Key>::Detection* next_ = nullptr;
};

}  // namespace nntasks::coco_counts
