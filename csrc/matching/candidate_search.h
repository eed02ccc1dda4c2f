// The detections of a block of images that overlap an object enough to match.
#pragma once

#include <cstdint>
#include <vector>

#include "fetch_ahead.h"
#include "matching/candidates.h"
#include "matching/cell.h"
#include "matching/order.h"

namespace nntasks::matching {

// A detection with candidates.
struct Served {
  int32_t position;  // by class and falling score
  int32_t first_truth, truths;
  int64_t first_candidate, candidates;
  double area = 0;  // of the detection
  int64_t row = 0;  // where its answers go
};

struct Block {
  std::vector<Served> served;  // by image, class, falling score
  std::vector<Candidate> candidates;
  std::vector<int64_t> marks;  // of the objects of a cell
};

// What is known of a detection after the search.
struct Position {
  double area;
  int32_t place;  // in its image and class, from 0; -1 for those beyond the limit
  int32_t row;    // whether it has candidates; later the number of its row
};

// Finds the candidates of the detections of an image.
class CandidateSearch {
 public:
  CandidateSearch(const Order& order, const Truths& truths, const CornerSize* boxes, double least,
                  int64_t most)
      : order_(order), truths_(truths), boxes_(boxes), finder_(truths, least), most_(most) {}

  // Add to the block, and write the position of each detection.
  void add(int64_t image, Block& block, Position* positions) const {
    int32_t label = -1, rank = 0, first = truths_.starts[image], end = first;
    const int32_t last = truths_.starts[image + 1];
    for (int32_t i = order_.starts[image]; i < order_.starts[image + 1]; ++i) {
      const Dealt& one = order_.dealt[i];
      if (i + kAhead < int32_t(order_.dealt.size())) {
        fetch_ahead(positions + order_.dealt[i + kAhead].position);
        fetch_ahead(boxes_ + order_.dealt[i + kAhead].index);
      }
      if (one.label != label) {
        label = one.label;
        rank = 0;
        first = end;
        while (first < last && truths_.label[first] < label) ++first;
        for (end = first; end < last && truths_.label[end] == label;) ++end;
      }
      const CornerSize& box = boxes_[one.index];
      const bool kept = rank++ < most_;
      const bool near = kept && find(one.position, box, first, end, block);
      positions[one.position] = {box.width * box.height, kept ? rank - 1 : -1, near};
    }
  }

 private:
  // Add the candidates of a detection; return whether there are any.
  bool find(int32_t position, const CornerSize& box, int32_t first, int32_t end,
            Block& block) const {
    const int64_t before = int64_t(block.candidates.size());
    const int64_t count = finder_.find(box, first, end, block.candidates, block.marks);
    if (count) block.served.push_back({position, first, end - first, before, count});
    return count > 0;
  }

  static constexpr int32_t kAhead = 16;  // detections

  const Order& order_;
  const Truths& truths_;
  const CornerSize* boxes_;
  CandidateFinder finder_;
  int64_t most_;
};

}  // namespace nntasks::matching
