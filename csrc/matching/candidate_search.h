// The detections of a block of images that overlap an object enough to match.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "matching/cell.h"
#include "matching/order.h"

namespace nntasks::matching {

// A detection with candidates.
struct Served {
  int32_t position;  // by class and falling score
  int32_t first_truth, truths;
  int64_t first_candidate, candidates;
};

struct Block {
  std::vector<Served> served;  // by image, class, falling score
  std::vector<Candidate> candidates;
};

// Finds the candidates of the detections of an image.
class CandidateSearch {
 public:
  CandidateSearch(const Order& order, const Truths& truths, const CornerSize* boxes, double least,
                  int64_t most)
      : order_(order), truths_(truths), boxes_(boxes), least_(least), most_(most) {}

  // Add to the block; write the place of each detection in its cell, -1 for those left out.
  void add(int64_t image, Block& block, int32_t* place) const {
    int32_t label = -1, rank = 0, first = truths_.starts[image], end = first;
    const int32_t last = truths_.starts[image + 1];
    for (int32_t i = order_.starts[image]; i < order_.starts[image + 1]; ++i) {
      const int32_t position = order_.by_image[i];
      if (order_.label[order_.index[position]] != label) {
        label = order_.label[order_.index[position]];
        rank = 0;
        first = end;
        while (first < last && truths_.label[first] < label) ++first;
        for (end = first; end < last && truths_.label[end] == label;) ++end;
      }
      place[position] = rank < most_ ? rank : -1;
      if (rank++ < most_ && first < end) add_one(position, first, end, block);
    }
  }

 private:
  void add_one(int32_t position, int32_t first, int32_t end, Block& block) const {
    const CornerSize& box = boxes_[order_.index[position]];
    const int64_t before = int64_t(block.candidates.size());
    for (int32_t truth = first; truth < end; ++truth) {
      const double iou = coco_iou(box, truths_.box[truth], truths_.crowd[truth]);
      if (iou >= least_) block.candidates.push_back({iou, truth});
    }
    const int64_t count = int64_t(block.candidates.size()) - before;
    if (!count) return;
    std::sort(block.candidates.begin() + before, block.candidates.end());
    block.served.push_back({position, first, end - first, before, count});
  }

  const Order& order_;
  const Truths& truths_;
  const CornerSize* boxes_;
  double least_;
  int64_t most_;
};

}  // namespace nntasks::matching
