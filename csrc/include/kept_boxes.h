// The boxes that non-maximum suppression has kept so far, found again by place and size.
//
// A box can have an IoU above t with another only if their longer sides differ by less than 1/t and
// their centres by less than a distance that follows from t (`reach`). So kept boxes lie in levels
// by the power of two of their longer side, and in each level in square cells by their centre. The
// cells of a level are folded onto a table of bounded size: boxes that meet there without being
// neighbours cost a comparison, never an error, as every candidate is decided by its exact IoU. The
// bounds are slackened by far more than rounding can amount to.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include "box.h"

namespace nntasks {

template <typename T>
class KeptBoxes {
 public:
  // Prepare for the boxes of one group; storage is reused from group to group.
  void prepare(const Box<T>* boxes, int64_t count, T threshold);

  // Whether a box overlaps nothing whatever the threshold: no area, or not a finite one.
  static NNTASKS_INLINE bool is_idle(T area) {
    return !(area > T(0)) || !(area <= std::numeric_limits<T>::max());
  }

  // Whether any kept box has an IoU above the threshold with this one; if not, keep it.
  NNTASKS_INLINE bool suppresses(const Box<T>& box, T area);
  NNTASKS_INLINE void insert(const Box<T>& box, T area);

 private:
  static constexpr int kLanes = 8;
  static constexpr int kMaxCellBits = 20;
  static constexpr int64_t kOneCell = 512;  // so few boxes are compared without looking for cells

  struct alignas(64) Chunk {
    T x1[kLanes], y1[kLanes], x2[kLanes], y2[kLanes], area[kLanes];
    int32_t next, used;

    NNTASKS_INLINE Box<T> operator[](int i) const { return {x1[i], y1[i], x2[i], y2[i]}; }
  };

  struct Level {
    double low, high;  // longer side in [low, high)
    double left, top;  // least centre
    double per_cell;   // cells per unit of length
    double last_x, last_y;
    int32_t mask_x, mask_y, shift, first;
  };

  struct Span {
    int32_t from, to;
  };

  static int exponent_of(const Box<T>& box) {
    return std::ilogb(double(larger(box.x2 - box.x1, box.y2 - box.y1)));
  }
  static NNTASKS_INLINE double middle(T a, T b) { return 0.5 * double(a) + 0.5 * double(b); }

  void one_cell();
  void lay_out(Level& level, int64_t count, double width, double height);
  NNTASKS_INLINE bool level_suppresses(const Level& level, const Box<T>& box, T area, double cx,
                                       double cy, double w, double h) const;
  NNTASKS_INLINE bool cell_suppresses(int32_t cell, const Box<T>& box, T area) const;
  NNTASKS_INLINE double reach(double side, double high) const;
  static NNTASKS_INLINE Span span(double centre, double reach, double least, double per_cell,
                                  double last);

  T threshold_{};
  double bound_{};  // the threshold, slackened
  bool grid_{};
  int lowest_{};                   // exponent of level_of_[0]
  std::vector<int32_t> level_of_;  // exponent - lowest_ -> level, -1 for none
  std::vector<Level> levels_;      // by rising size
  std::vector<int32_t> cells_;     // cell -> its newest chunk, -1 for none
  std::vector<Chunk> chunks_;
};

template <typename T>
void KeptBoxes<T>::prepare(const Box<T>* boxes, int64_t count, T threshold) {
  threshold_ = threshold;
  bound_ = double(threshold) * (1 - 1e-5);
  chunks_.clear();
  levels_.clear();
  if (count <= kOneCell) return one_cell();

  // Below this, products lose digits and the bounds do not hold.
  const T least_area = std::numeric_limits<T>::min() * T(1e8);
  int low = std::numeric_limits<int>::max(), high = std::numeric_limits<int>::min();
  for (int64_t i = 0; i < count; ++i) {
    const T area = area_of(boxes[i]);
    if (is_idle(area)) continue;
    if (area < least_area) return one_cell();
    const int exponent = exponent_of(boxes[i]);
    low = std::min(low, exponent);
    high = std::max(high, exponent);
  }
  if (low > high) return one_cell();

  struct Extent {
    int64_t count = 0;
    double left = INFINITY, top = INFINITY, right = -INFINITY, bottom = -INFINITY;
  };
  std::vector<Extent> extents(high - low + 1);
  for (int64_t i = 0; i < count; ++i) {
    if (is_idle(area_of(boxes[i]))) continue;
    Extent& extent = extents[exponent_of(boxes[i]) - low];
    const double cx = middle(boxes[i].x1, boxes[i].x2), cy = middle(boxes[i].y1, boxes[i].y2);
    ++extent.count;
    extent.left = std::min(extent.left, cx);
    extent.right = std::max(extent.right, cx);
    extent.top = std::min(extent.top, cy);
    extent.bottom = std::max(extent.bottom, cy);
  }

  grid_ = true;
  lowest_ = low;
  level_of_.assign(extents.size(), -1);
  int64_t cells = 0;
  for (size_t i = 0; i < extents.size(); ++i) {
    const Extent& extent = extents[i];
    if (extent.count == 0) continue;
    Level level{};
    level.low = std::ldexp(1.0, low + int(i));
    level.high = 2 * level.low;
    level.left = extent.left;
    level.top = extent.top;
    level.first = int32_t(cells);
    lay_out(level, extent.count, extent.right - extent.left, extent.bottom - extent.top);
    cells += (int64_t(level.mask_x) + 1) * (int64_t(level.mask_y) + 1);
    level_of_[i] = int32_t(levels_.size());
    levels_.push_back(level);
  }
  cells_.assign(cells, -1);
}

template <typename T>
void KeptBoxes<T>::one_cell() {
  grid_ = false;
  cells_.assign(1, -1);
}

// About one table entry a box, shared out between the directions as the extent asks.
template <typename T>
void KeptBoxes<T>::lay_out(Level& level, int64_t count, double width, double height) {
  const double cell = level.low * std::clamp(2 * (1 - bound_), 0.0625, 1.0);
  level.per_cell = 1 / cell;
  level.last_x = std::min(width * level.per_cell, 1e9);
  level.last_y = std::min(height * level.per_cell, 1e9);
  int bits = 0, bits_x = 0, bits_y = 0;
  while (bits < kMaxCellBits && (int64_t(1) << bits) < count) ++bits;
  double open_x = level.last_x, open_y = level.last_y;
  while (bits_x + bits_y < bits && larger(open_x, open_y) >= 1) {
    if (open_x > open_y) {
      ++bits_x, open_x /= 2;
    } else {
      ++bits_y, open_y /= 2;
    }
  }
  level.mask_x = (1 << bits_x) - 1;
  level.mask_y = (1 << bits_y) - 1;
  level.shift = bits_x;
}

// The farthest that centres can lie apart along one axis, for a side of this length against sides
// up to `high`: the overlap must be at least bound * max(side, other).
template <typename T>
NNTASKS_INLINE double KeptBoxes<T>::reach(double side, double high) const {
  if (high <= side) return 0.5 * (side + high) - bound_ * side;
  if (bound_ >= 0.5) return side * (1 - bound_);
  return 0.5 * (side + high) - bound_ * high;
}

template <typename T>
NNTASKS_INLINE typename KeptBoxes<T>::Span KeptBoxes<T>::span(double centre, double reach,
                                                              double least, double per_cell,
                                                              double last) {
  // Rounding of centres, too: they may be large against the sides.
  const double slack = reach * 1e-6 + (std::fabs(centre) + reach) * 0x1p-48;
  const double from = (centre - reach - slack - least) * per_cell;
  const double to = (centre + reach + slack - least) * per_cell;
  if (to < 0) return {0, -1};
  return {int32_t(smaller(larger(from, 0.0), last)), int32_t(smaller(to, last))};
}

template <typename T>
NNTASKS_INLINE bool KeptBoxes<T>::suppresses(const Box<T>& box, T area) {
  if (!grid_) return cell_suppresses(0, box, area);
  const double w = double(box.x2 - box.x1), h = double(box.y2 - box.y1);
  const double cx = middle(box.x1, box.x2), cy = middle(box.y1, box.y2);
  const int own = level_of_[exponent_of(box) - lowest_];
  for (int i = own; i >= 0; --i) {
    if (levels_[i].high < bound_ * larger(w, h)) break;
    if (level_suppresses(levels_[i], box, area, cx, cy, w, h)) return true;
  }
  for (int i = own + 1; i < int(levels_.size()); ++i) {
    if (levels_[i].low * bound_ > larger(w, h)) break;
    if (level_suppresses(levels_[i], box, area, cx, cy, w, h)) return true;
  }
  return false;
}

template <typename T>
NNTASKS_INLINE bool KeptBoxes<T>::level_suppresses(const Level& level, const Box<T>& box, T area,
                                                   double cx, double cy, double w, double h) const {
  const double reach_x = reach(w, level.high), reach_y = reach(h, level.high);
  if (reach_x < 0 || reach_y < 0) return false;
  Span x = span(cx, reach_x, level.left, level.per_cell, level.last_x);
  Span y = span(cy, reach_y, level.top, level.per_cell, level.last_y);
  if (x.to - x.from >= level.mask_x) x = {0, level.mask_x};
  if (y.to - y.from >= level.mask_y) y = {0, level.mask_y};
  for (int32_t iy = y.from; iy <= y.to; ++iy) {
    const int32_t row = level.first + ((iy & level.mask_y) << level.shift);
    for (int32_t ix = x.from; ix <= x.to; ++ix) {
      if (cell_suppresses(row + (ix & level.mask_x), box, area)) return true;
    }
  }
  return false;
}

template <typename T>
NNTASKS_INLINE bool KeptBoxes<T>::cell_suppresses(int32_t cell, const Box<T>& box, T area) const {
  for (int32_t at = cells_[cell]; at >= 0; at = chunks_[at].next) {
    const Chunk& chunk = chunks_[at];
    int32_t likely = 0, found = 0;
    for (int i = 0; i < kLanes; ++i) {
      likely |= may_exceed(chunk[i], chunk.area[i], box, area, threshold_) ? 1 : 0;
    }
    if (!likely) continue;
    for (int i = 0; i < kLanes; ++i) {
      found |= iou_of(chunk[i], chunk.area[i], box, area) > threshold_ ? 1 : 0;
    }
    if (found) return true;
  }
  return false;
}

template <typename T>
NNTASKS_INLINE void KeptBoxes<T>::insert(const Box<T>& box, T area) {
  int32_t cell = 0;
  if (grid_) {
    const Level& level = levels_[level_of_[exponent_of(box) - lowest_]];
    const double x = (middle(box.x1, box.x2) - level.left) * level.per_cell;
    const double y = (middle(box.y1, box.y2) - level.top) * level.per_cell;
    cell = level.first + ((int32_t(smaller(y, level.last_y)) & level.mask_y) << level.shift) +
           (int32_t(smaller(x, level.last_x)) & level.mask_x);
  }
  int32_t at = cells_[cell];
  if (at < 0 || chunks_[at].used == kLanes) {
    Chunk fresh{};  // empty lanes are boxes without area: their IoU is 0
    fresh.next = at;
    at = cells_[cell] = int32_t(chunks_.size());
    chunks_.push_back(fresh);
  }
  Chunk& chunk = chunks_[at];
  const int lane = chunk.used++;
  chunk.x1[lane] = box.x1;
  chunk.y1[lane] = box.y1;
  chunk.x2[lane] = box.x2;
  chunk.y2[lane] = box.y2;
  chunk.area[lane] = area;
}

}  // namespace nntasks
