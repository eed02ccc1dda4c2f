// The true objects that a detection overlaps enough to take.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "matching/cell.h"
#include "matching/truths.h"

namespace nntasks::matching {

class CandidateFinder {
 public:
  // Only IoUs of at least `least` make a candidate.
  CandidateFinder(const Truths& truths, double least) : truths_(truths), overlap_(least) {}

  // Add those of the objects first, ..., end - 1 that are candidates, in the order of preference;
  // return how many there are. `marks` is memory to work in.
  int64_t find(const CornerSize& box, int32_t first, int32_t end,
               std::vector<Candidate>& candidates, std::vector<int64_t>& marks) const {
    const int64_t before = int64_t(candidates.size());
    const bool many = end - first >= kMany && overlap_.nearly() > 0;
    if (many) {
      marks.resize(size_t(end - first));
      mark_near(truths_.columns, first, end - first, box, overlap_.nearly(), marks.data());
    }
    for (int32_t truth = first; truth < end; ++truth) {
      if (many && !marks[size_t(truth - first)]) continue;
      double iou;
      if (overlap_.reaches(box, truths_.box[truth], truths_.crowd[truth], iou)) {
        candidates.push_back({iou, truth});
      }
    }
    const int64_t count = int64_t(candidates.size()) - before;
    if (count > 1) std::sort(candidates.begin() + before, candidates.end());
    return count;
  }

 private:
  static constexpr int32_t kMany = 4;  // objects of a cell that are worth a look ahead

  const Truths& truths_;
  Overlap overlap_;
};

}  // namespace nntasks::matching
