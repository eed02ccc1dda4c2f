// Precision and recall over the confidence, for many weightings of the images at once.
//
// A weighting says how often each image counts, so a detection of weight w is there w times, its
// copies one behind the other. Ultralytics reads both curves at fixed confidences by straight lines
// between the scores of neighbouring detections. Which detections are neighbours of a confidence
// depends on the weighting: the last one above it and the first one below it that are there at all.
// One sweep up the ranking notes the first one below for each group of confidences that lie between
// the same two detections; one sweep down counts, and reads the curves. 32 weightings are worked
// through side by side.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "box.h"
#include "clones.h"

namespace nntasks::confidence_curves {

constexpr int kLanes = 32;  // weightings side by side
constexpr double kTiny = 1e-16;

struct alignas(64) Doubles {
  double at[kLanes];
};

// The detections of each class by falling score.
struct Ranking {
  int64_t classes, images;
  const int64_t *starts, *image;
  const uint8_t* copy;  // 0: stands for all copies of its image; c > 0: for the c-th alone
  const double* score;
  const uint8_t* right;
};

// Confidences that lie between the same two detections, `first` up to `last`, which is not among
// them. `before` detections have scores of at least these. The next detection is another one for
// each weighting; its score is kNone where there is none.
struct Group {
  int64_t before, first, last;
  Doubles next_score, next_is_right;
};

struct Block {
  int64_t first, lanes;          // of the weightings
  std::vector<uint8_t> weights;  // (image, lane)
  std::vector<Group> groups;
  Doubles truths;
};

constexpr double kNone = 2;  // a score that no detection has

NNTASKS_INLINE Doubles weights_of(const Ranking& ranking, const Block& block, int64_t i) {
  Doubles out;
  const uint8_t* from = block.weights.data() + ranking.image[i] * kLanes;
  const uint8_t copy = ranking.copy[i];
  if (copy == 0) {
    for (int k = 0; k < kLanes; ++k) out.at[k] = from[k];
  } else {
    for (int k = 0; k < kLanes; ++k) out.at[k] = from[k] >= copy ? 1 : 0;
  }
  return out;
}

NNTASKS_CLONES inline void find_next(const Ranking& ranking, int64_t label, Block& block) {
  Doubles score, is_right;
  for (int k = 0; k < kLanes; ++k) score.at[k] = kNone, is_right.at[k] = 0;
  int64_t i = ranking.starts[label + 1];
  for (Group& group : block.groups) {  // by rising confidence, so up the ranking
    for (; i > group.before; --i) {
      const Doubles weight = weights_of(ranking, block, i - 1);
      const double own = ranking.score[i - 1], right = ranking.right[i - 1];
      for (int k = 0; k < kLanes; ++k) {
        score.at[k] = weight.at[k] > 0 ? own : score.at[k];
        is_right.at[k] = weight.at[k] > 0 ? right : is_right.at[k];
      }
    }
    group.next_score = score;
    group.next_is_right = is_right;
  }
}

// What is known down to a group: of each weighting the detections, the right ones, and the last
// score.
struct Counts {
  Doubles found, hits, score;
};

// Precision and recall along a group: the values at the last score, and the slopes from there.
struct Lines {
  Doubles precision, recall, precision_slope, recall_slope;
};

NNTASKS_INLINE Lines lines_of(const Counts& counts, const Group& group, const Doubles& truths) {
  Lines lines;
  for (int k = 0; k < kLanes; ++k) {
    const double found = counts.found.at[k], hits = counts.hits.at[k];
    const bool begun = found > 0, ends = group.next_score.at[k] == kNone;
    const double precision = begun ? hits / found : (ends ? 0.0 : 1.0);
    const double recall = hits / truths.at[k];
    const double more = hits + group.next_is_right.at[k];
    const double width = counts.score.at[k] - group.next_score.at[k];
    const bool flat = !begun || ends;
    lines.precision.at[k] = precision;
    lines.recall.at[k] = recall;
    lines.precision_slope.at[k] = flat ? 0.0 : (more / (found + 1) - precision) / width;
    lines.recall_slope.at[k] = flat ? 0.0 : (more / truths.at[k] - recall) / width;
  }
  return lines;
}

// Read the curves at a confidence.
NNTASKS_INLINE void read_at(const Lines& lines, const Counts& counts, double confidence,
                            Doubles& precision, Doubles& recall) {
  for (int k = 0; k < kLanes; ++k) {
    const double along = counts.found.at[k] > 0 ? counts.score.at[k] - confidence : 0.0;
    precision.at[k] = lines.precision_slope.at[k] * along + lines.precision.at[k];
    recall.at[k] = lines.recall_slope.at[k] * along + lines.recall.at[k];
  }
}

// Either the sums of F1 over the classes with objects, by confidence; or, if `chosen` names a
// confidence for each weighting, precision and recall there.
struct Output {
  Doubles* f1;
  const int64_t* chosen;
  Doubles *chosen_precision, *chosen_recall;
};

NNTASKS_CLONES inline void read_class(const Ranking& ranking, int64_t label, Block& block,
                                      const double* confidences, const Output& output) {
  Counts counts{};
  int64_t i = ranking.starts[label];
  Doubles precision, recall;
  for (auto group = block.groups.rbegin(); group != block.groups.rend(); ++group) {
    for (; i < group->before; ++i) {
      const Doubles weight = weights_of(ranking, block, i);
      const double own = ranking.score[i], right = ranking.right[i];
      for (int k = 0; k < kLanes; ++k) {
        counts.found.at[k] += weight.at[k];
        counts.hits.at[k] += weight.at[k] * right;
        counts.score.at[k] = weight.at[k] > 0 ? own : counts.score.at[k];
      }
    }
    const Lines lines = lines_of(counts, *group, block.truths);
    for (int64_t at = group->first; at < group->last; ++at) {
      read_at(lines, counts, confidences[at], precision, recall);
      if (output.chosen) {
        for (int k = 0; k < kLanes; ++k) {
          if (output.chosen[k] != at) continue;
          output.chosen_precision->at[k] = precision.at[k];
          output.chosen_recall->at[k] = recall.at[k];
        }
        continue;
      }
      double* sum = output.f1[at].at;
      for (int k = 0; k < kLanes; ++k) {
        const double both = precision.at[k] + recall.at[k] + kTiny;
        sum[k] += 2 * precision.at[k] * recall.at[k] / both;
      }
    }
  }
}

// Group the confidences, which rise, by the number of detections of a class that reach them.
inline void group_confidences(const Ranking& ranking, int64_t label,
                              const std::vector<double>& confidences,
                              const std::vector<int64_t>& wanted, Block& block) {
  block.groups.clear();
  int64_t before = ranking.starts[label + 1];
  for (int64_t at : wanted) {
    while (before > ranking.starts[label] && ranking.score[before - 1] < confidences[size_t(at)]) {
      --before;
    }
    if (block.groups.empty() || block.groups.back().before != before ||
        block.groups.back().last != at) {
      block.groups.push_back({before, at, at, {}, {}});
    }
    block.groups.back().last = at + 1;
  }
}

}  // namespace nntasks::confidence_curves
