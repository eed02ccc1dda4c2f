// Average precision of many weightings of the images at once.
//
// The idea: a resample of a data set is a weight for each image, and changes no match and no score.
// So the detections of a class keep their order, and the k-th true positive keeps its place but for
// the weights before it. One sweep down the ranking gives the totals of 32 weightings side by
// side; one sweep up gives precision at each true positive, its running maximum (the envelope) and
// the recall levels between one true positive and the next. The copies of a detection follow each
// other in the ranking, where precision rises, so the last of them alone decides.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <vector>

#include "box.h"
#include "clones.h"

namespace nntasks::weighted_ap {

constexpr int kLanes = 32;  // weightings side by side

struct alignas(64) Ints {
  int32_t at[kLanes];
};

struct alignas(64) Doubles {
  double at[kLanes];
};

// What a detection does to one column, which is an area range and a threshold; -1 for yes.
struct Event {
  int32_t column;
  int32_t right;       // it is a true positive
  int32_t more, less;  // it counts though it is outside the area range, or does not though inside
};

// The recall levels 0, 1/last, ..., 1 as floating-point numbers.
struct Levels {
  int32_t last = 0;  // 0: no levels; every true positive counts, as in VOC 2010
  // By how much recall * last must pass i: nothing, or, where the level is above the nearest double
  // to i / last, anything. Recalls are multiples of 1 / objects, so that there is nothing between.
  std::vector<double> margin;
};

constexpr double kAnything = 0x1p-40;

struct Rankings {
  int64_t classes, images, areas, thresholds;
  const int64_t *starts, *image, *copy, *rows;
  const uint8_t* outside;      // (detection, area)
  std::vector<int64_t> first;  // (row + 1) into events
  std::vector<Event> events;
  std::vector<int64_t> row_of_class;  // (class + 1) into rows

  int64_t columns() const { return areas * thresholds; }
};

// One column of the sweep, for each weighting.
struct Column {
  Ints late, hits;
  Doubles level, best, sum;
};

struct Sweep {
  std::vector<uint8_t> weights;  // (image, lane)
  std::vector<Ints> counted;     // (area)
  std::vector<Doubles> truths;   // (area)
  std::vector<Column> columns;
};

// The weights of a detection. A tied detection is in the ranking many times: its copy number c
// stands for the c-th copy of its image.
NNTASKS_INLINE Ints weights_of(const Sweep& sweep, int64_t image, int64_t copy) {
  Ints out;
  const uint8_t* from = sweep.weights.data() + image * kLanes;
  if (copy == 0) {
    for (int i = 0; i < kLanes; ++i) out.at[i] = from[i];
  } else {
    for (int i = 0; i < kLanes; ++i) out.at[i] = from[i] >= copy;
  }
  return out;
}

// `mask` is -1 for yes and 0 for no.
NNTASKS_INLINE void add(Ints& to, const Ints& weights, int32_t mask) {
  for (int i = 0; i < kLanes; ++i) to.at[i] += weights.at[i] & mask;
}

NNTASKS_INLINE void subtract(Ints& from, const Ints& weights, int32_t mask) {
  for (int i = 0; i < kLanes; ++i) from.at[i] -= weights.at[i] & mask;
}

// How many levels `hits` true positives reach. All in doubles, which keeps it in vector registers.
NNTASKS_INLINE void reached(const Levels& levels, const Ints& hits, const Doubles& truths,
                            Doubles& out) {
  const double* margin = levels.margin.data();
  const double last = levels.last;
  for (int i = 0; i < kLanes; ++i) {
    const double share = last * hits.at[i] / truths.at[i];
    const double kept = share < last ? share : last;
    const int32_t index = int32_t(kept);
    const double whole = index;
    const double next = kept - whole < margin[index] ? whole : whole + 1;
    out.at[i] = hits.at[i] > 0 ? next : 0;
  }
}

NNTASKS_INLINE void levels_at(const Levels& levels, const Ints& hits, const Doubles& truths,
                              Doubles& out) {
  if (levels.last) {
    reached(levels, hits, truths, out);
  } else {
    for (int i = 0; i < kLanes; ++i) out.at[i] = hits.at[i];
  }
}

// Leave a true positive behind on the way up.
NNTASKS_INLINE void leave(const Levels& levels, const Ints& counted, const Doubles& truths,
                          const Ints& weights, Column& column) {
  for (int i = 0; i < kLanes; ++i) {
    const int32_t rank = counted.at[i] + column.late.at[i];
    const double precision = double(column.hits.at[i]) / (rank > 1 ? rank : 1);
    column.best.at[i] = column.best.at[i] > precision ? column.best.at[i] : precision;
  }
  Doubles next;
  subtract(column.hits, weights, -1);
  levels_at(levels, column.hits, truths, next);
  for (int i = 0; i < kLanes; ++i) {
    column.sum.at[i] += column.best.at[i] * (column.level.at[i] - next.at[i]);
  }
  column.level = next;
}

NNTASKS_INLINE void sweep_down(const Rankings& rankings, int64_t label, Sweep& sweep) {
  int64_t row = rankings.row_of_class[label];
  const int64_t end = rankings.row_of_class[label + 1];
  for (int64_t i = rankings.starts[label]; i < rankings.starts[label + 1]; ++i) {
    const Ints weights = weights_of(sweep, rankings.image[i], rankings.copy[i]);
    const uint8_t* outside = rankings.outside + i * rankings.areas;
    for (int64_t a = 0; a < rankings.areas; ++a)
      add(sweep.counted[a], weights, -int32_t(!outside[a]));
    if (row == end || rankings.rows[row] != i) continue;
    for (int64_t e = rankings.first[row]; e < rankings.first[row + 1]; ++e) {
      const Event& event = rankings.events[e];
      Column& column = sweep.columns[event.column];
      add(column.late, weights, event.more);
      subtract(column.late, weights, event.less);
      add(column.hits, weights, event.right);
    }
    ++row;
  }
}

NNTASKS_INLINE void sweep_up(const Rankings& rankings, const Levels& levels, int64_t label,
                             Sweep& sweep) {
  int64_t row = rankings.row_of_class[label + 1] - 1;
  const int64_t before = rankings.row_of_class[label] - 1;
  for (int64_t i = rankings.starts[label + 1] - 1; i >= rankings.starts[label]; --i) {
    const Ints weights = weights_of(sweep, rankings.image[i], rankings.copy[i]);
    if (row != before && rankings.rows[row] == i) {
      for (int64_t e = rankings.first[row]; e < rankings.first[row + 1]; ++e) {
        const Event& event = rankings.events[e];
        Column& column = sweep.columns[event.column];
        const int64_t area = event.column / rankings.thresholds;
        if (event.right) leave(levels, sweep.counted[area], sweep.truths[area], weights, column);
        subtract(column.late, weights, event.more);
        add(column.late, weights, event.less);
      }
      --row;
    }
    const uint8_t* outside = rankings.outside + i * rankings.areas;
    for (int64_t a = 0; a < rankings.areas; ++a)
      subtract(sweep.counted[a], weights, -int32_t(!outside[a]));
  }
}

NNTASKS_INLINE void begin(const Levels& levels, int64_t thresholds, Sweep& sweep) {
  for (size_t c = 0; c < sweep.columns.size(); ++c) {
    Column& column = sweep.columns[c];
    levels_at(levels, column.hits, sweep.truths[c / thresholds], column.level);
  }
}

struct Output {
  int64_t weightings;
  const int64_t* truths;  // (area, class, weighting)
  double* precision;      // (area, threshold, class, weighting)
  int64_t* found;
};

NNTASKS_CLONES inline void sweep_class(const Rankings& rankings, const Levels& levels,
                                       int64_t label, Sweep& sweep, int64_t first,
                                       const Output& output) {
  const int64_t lanes = std::min<int64_t>(kLanes, output.weightings - first);
  std::fill(sweep.counted.begin(), sweep.counted.end(), Ints{});
  std::fill(sweep.columns.begin(), sweep.columns.end(), Column{});
  for (int64_t area = 0; area < rankings.areas; ++area) {
    const int64_t* truths =
        output.truths + (area * rankings.classes + label) * output.weightings + first;
    for (int64_t i = 0; i < kLanes; ++i) {
      sweep.truths[area].at[i] = i < lanes && truths[i] > 0 ? double(truths[i]) : 1.0;
    }
  }
  sweep_down(rankings, label, sweep);
  begin(levels, rankings.thresholds, sweep);
  for (int64_t c = 0; c < rankings.columns(); ++c) {
    int64_t* found = output.found + (c * rankings.classes + label) * output.weightings + first;
    for (int64_t i = 0; i < lanes; ++i) found[i] = sweep.columns[c].hits.at[i];
  }
  sweep_up(rankings, levels, label, sweep);
  for (int64_t c = 0; c < rankings.columns(); ++c) {
    const int64_t area = c / rankings.thresholds;
    const int64_t* truths =
        output.truths + (area * rankings.classes + label) * output.weightings + first;
    double* out = output.precision + (c * rankings.classes + label) * output.weightings + first;
    for (int64_t i = 0; i < lanes; ++i) {
      const double whole = levels.last ? levels.last + 1.0 : sweep.truths[area].at[i];
      out[i] = truths[i] > 0 ? sweep.columns[c].sum.at[i] / whole
                             : std::numeric_limits<double>::quiet_NaN();
    }
  }
}

inline void sweep_block(const Rankings& rankings, const Levels& levels, const uint8_t* weights,
                        int64_t block, const Output& output) {
  const int64_t first = block * kLanes;
  const int64_t lanes = std::min<int64_t>(kLanes, output.weightings - first);
  Sweep sweep;
  sweep.weights.assign(size_t(rankings.images * kLanes), 0);
  for (int64_t lane = 0; lane < lanes; ++lane) {
    const uint8_t* from = weights + (first + lane) * rankings.images;
    for (int64_t i = 0; i < rankings.images; ++i) sweep.weights[i * kLanes + lane] = from[i];
  }
  sweep.counted.resize(size_t(rankings.areas));
  sweep.truths.resize(size_t(rankings.areas));
  sweep.columns.resize(size_t(rankings.columns()));
  for (int64_t label = 0; label < rankings.classes; ++label) {
    sweep_class(rankings, levels, label, sweep, first, output);
  }
}

}  // namespace nntasks::weighted_ap
