// From the sorted detections of a class to its precision and its numbers of true positives.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "coco_counts/class_entries.h"
#include "coco_counts/problem.h"
#include "coco_counts/rows.h"
#include "fetch_ahead.h"
#include "recall_levels.h"

namespace nntasks::coco_counts {

// Calls for each bit of a mask, from the lowest on.
template <typename Call>
void each_bit(uint32_t mask, const Call& call) {
  for (; mask; mask &= mask - 1) call(__builtin_ctz(mask));
}

// Add up in the order of NumPy, to get the same bits: up to 128 values in eight lanes, more of them
// by halves.
inline double sum_in_lanes(const double* values, int64_t count) {
  constexpr int64_t kLanes = 8, kAtOnce = 128;
  if (count > kAtOnce) {
    const int64_t half = count / 2 / kLanes * kLanes;
    return sum_in_lanes(values, half) + sum_in_lanes(values + half, count - half);
  }
  double sum = 0;
  int64_t i = 0;
  if (count >= kLanes) {
    double lane[kLanes];
    std::copy_n(values, kLanes, lane);
    for (i = kLanes; i + kLanes <= count; i += kLanes) {
      for (int64_t k = 0; k < kLanes; ++k) lane[k] += values[i + k];
    }
    sum = ((lane[0] + lane[1]) + (lane[2] + lane[3])) + ((lane[4] + lane[5]) + (lane[6] + lane[7]));
  }
  for (; i < count; ++i) sum += values[i];
  return sum;
}

// Ranks the detections of one class after another. A detection that is ignored has no rank.
class ClassRanking {
 public:
  ClassRanking(const Problem& problem, const Rows& rows, Counts& counts)
      : problem_(problem),
        rows_(rows),
        counts_(counts),
        places_(size_t(problem.areas * problem.levels())),
        late_(places_.size()),
        first_(problem.recalls.size()),
        read_(problem.recalls.size()) {
    for (size_t bits = 0; bits < inside_of_.size(); ++bits) {
      for (int area = 0; area < kMostAreas; ++area) inside_of_[bits][area] = !(bits >> area & 1);
    }
  }

  template <typename Key>
  void rank(int64_t label, const Entry<Key>* entries, int64_t count) {
    constexpr int64_t kAhead = 16;
    for (std::vector<int32_t>& one : places_) one.clear();
    std::fill(late_.begin(), late_.end(), 0);
    std::array<int32_t, kMostAreas> inside{};  // by area range, detections in it up to here
    const auto step_in = [&](uint32_t outside) {
      for (int k = 0; k < kMostAreas; ++k) inside[k] += inside_of_[outside][k];
    };
    for (int64_t i = 0; i < count; ++i) {
      if (i + kAhead < count && entries[i + kAhead].has_row()) {
        fetch_ahead(rows_.at(entries[i + kAhead].row()));
      }
      if (!entries[i].has_row()) {
        step_in(entries[i].outside());
        continue;
      }
      const uint32_t* row = rows_.at(entries[i].row());
      step_in(rows_.outside(row));
      add_row(label, row, inside.data());
    }
    for (int64_t area = 0; area < problem_.areas; ++area) read(label, area);
  }

 private:
  void add_row(int64_t label, const uint32_t* row, const int32_t* inside) {
    const int64_t levels = problem_.levels();
    const uint32_t all = levels == 32 ? ~uint32_t(0) : (uint32_t(1) << levels) - 1;
    for (int64_t area = 0; area < problem_.areas; ++area) {
      const uint32_t right = row[2 * area], excused = row[2 * area + 1];
      const bool out = rows_.outside(row) >> area & 1;
      const uint32_t ignored = excused | (out ? all & ~right : 0);
      int32_t* late = late_.data() + area * levels;
      // `inside` has counted it at all levels or at none.
      each_bit(out ? all & ~ignored : ignored, [&](int level) { late[level] += out ? 1 : -1; });
      std::vector<int32_t>* places = places_.data() + area * levels;
      each_bit(right, [&](int level) { places[level].push_back(inside[area] + late[level]); });
    }
    for (size_t i = 0; i < problem_.limits.size(); ++i) {
      if (rows_.place(row) >= problem_.limits[i]) continue;
      int64_t* early = counts_.early.data() + int64_t(i) * levels * problem_.classes + label;
      each_bit(row[0], [&](int level) { ++early[level * problem_.classes]; });
    }
  }

  // Read precision at the levels of recall.
  void read(int64_t label, int64_t area) {
    const int64_t levels = problem_.levels();
    const int64_t truths = counts_.truths[size_t(area * problem_.classes + label)];
    const size_t recalls = problem_.recalls.size();
    for (size_t i = 0; truths && i < recalls; ++i) {
      first_[i] = first_at(problem_.recalls[i], truths, truths);
    }
    for (int64_t level = 0; level < levels; ++level) {
      const std::vector<int32_t>& places = places_[size_t(area * levels + level)];
      const size_t to = size_t((area * levels + level) * problem_.classes + label);
      counts_.found[to] = int64_t(places.size());
      if (truths) counts_.precision[to] = mean_precision(places);
    }
  }

  // The mean over the recalls of the best precision at each or above; 0 beyond the highest recall.
  double mean_precision(const std::vector<int32_t>& places) {
    int64_t hit = int64_t(places.size());
    double best = 0;
    for (size_t i = problem_.recalls.size(); i-- > 0;) {
      for (; hit > first_[i]; --hit) best = std::max(best, double(hit) / double(places[hit - 1]));
      read_[i] = best;
    }
    return sum_in_lanes(read_.data(), int64_t(read_.size())) / double(read_.size());
  }

  const Problem& problem_;
  const Rows& rows_;
  Counts& counts_;
  std::vector<std::vector<int32_t>> places_;  // ranks of true positives by area and level
  std::vector<int32_t> late_;                 // what `inside` is short of, by area and level
  std::vector<int64_t> first_;                // hit at which each recall is reached
  std::vector<double> read_;
  std::array<std::array<int32_t, kMostAreas>, size_t(1) << kMostAreas> inside_of_;
};

}  // namespace nntasks::coco_counts
