// The boxes that non-maximum suppression has kept so far, found again by place and size.
//
// A box can have an IoU above t with another only if their longer sides differ by less than 1/t and
// their centres by less than a distance that follows from t (`reach`). So kept boxes lie in levels
// by the power of two of their longer side, and in each level in square cells by their centre. The
// cells of a level are folded onto a table of bounded size: boxes that meet there without being
// neighbours cost a comparison, never an error, as every candidate is decided by its exact IoU. The
// bounds are slackened by far more than rounding can amount to. All candidates are known before, so
// each cell has memory for as many as can come, in one piece.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <memory>
#include <vector>

#include "box.h"
#include "nms/box_lanes.h"

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
  NNTASKS_INLINE bool suppresses(const Box<T>& box, T area) const;
  NNTASKS_INLINE void insert(const Box<T>& box);

  // Cells there are, and in which one a box lies that is not idle.
  int64_t cells() const { return int64_t(cells_.size()); }
  NNTASKS_INLINE int32_t cell_of(const Box<T>& box) const;

 private:
  static constexpr int kMaxCellBits = 20;
  static constexpr int64_t kOneCell = 512;  // so few boxes are compared without looking for cells
  static constexpr double kPerCell = 16;    // candidates, at least, were they spread out evenly

  static constexpr int kLanes = 8;
  using Block = BoxLanes<T, kLanes>;

  struct Cell {
    uint32_t first;  // of its blocks, which lie one after another: enough for all boxes of the cell
    int32_t used;    // boxes that it holds
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

  struct Visit {
    const Level* level;
    Span x, y;

    NNTASKS_INLINE int32_t row(int32_t iy) const {
      return level->first + ((iy & level->mask_y) << level->shift);
    }
    NNTASKS_INLINE int32_t cell(int32_t row, int32_t ix) const {
      return row + (ix & level->mask_x);
    }
  };

  static NNTASKS_INLINE double longer_side(const Box<T>& box) {
    return double(larger(box.x2 - box.x1, box.y2 - box.y1));
  }
  // Of the power of two below the longer side, which must be finite and not denormal.
  static NNTASKS_INLINE int exponent_of(const Box<T>& box) {
    const double side = longer_side(box);
    uint64_t bits;
    memcpy(&bits, &side, sizeof bits);
    return int(bits >> 52) - 1023;
  }
  static NNTASKS_INLINE double middle(T a, T b) { return 0.5 * double(a) + 0.5 * double(b); }

  bool lay_out_levels(const Box<T>* boxes, int64_t count);
  void lay_out(Level& level, int64_t count, double width, double height);
  // Which cells of a level can hold boxes that overlap this one enough; none: an empty span.
  NNTASKS_INLINE Visit visit(const Level& level, const Box<T>& box) const;
  NNTASKS_INLINE bool level_suppresses(const Level& level, const Box<T>& box, T area) const;
  NNTASKS_INLINE bool cell_suppresses(int32_t cell, const Box<T>& box, T area) const;
  void share_blocks(const Box<T>* boxes, int64_t count);
  NNTASKS_INLINE double reach(double side, double high) const;
  static NNTASKS_INLINE Span span(double centre, double reach, double least, double per_cell,
                                  double last);

  T threshold_{};
  double bound_{};                 // the threshold, slackened
  bool grid_{};                    // or one cell
  int lowest_{};                   // exponent of level_of_[0]
  std::vector<int32_t> level_of_;  // exponent - lowest_ -> level, -1 for none
  std::vector<Level> levels_;      // by rising size
  std::vector<Cell> cells_;
  std::unique_ptr<Block[]> blocks_;
  int64_t room_{};  // blocks that there are
};

template <typename T>
void KeptBoxes<T>::prepare(const Box<T>* boxes, int64_t count, T threshold) {
  threshold_ = threshold;
  bound_ = double(threshold) * (1 - 1e-5);
  levels_.clear();
  grid_ = count > kOneCell && lay_out_levels(boxes, count);
  if (!grid_) cells_.assign(1, {});
  share_blocks(boxes, count);
}

// Count what each cell may have to hold, and give it blocks for that.
template <typename T>
void KeptBoxes<T>::share_blocks(const Box<T>* boxes, int64_t count) {
  for (int64_t i = 0; i < count; ++i) {
    if (!is_idle(area_of(boxes[i]))) ++cells_[cell_of(boxes[i])].used;
  }
  uint32_t blocks = 0;
  for (Cell& cell : cells_) {
    cell.first = blocks;
    blocks += (uint32_t(cell.used) + kLanes - 1) / kLanes;
    cell.used = 0;
  }
  if (blocks <= room_) return;
  blocks_.reset(new Block[blocks]);  // not filled: a cell clears a block when it begins it
  room_ = blocks;
}

// Choose levels and their cells; false where bounds would not hold, or there is nothing to find.
template <typename T>
bool KeptBoxes<T>::lay_out_levels(const Box<T>* boxes, int64_t count) {
  // Below this, products lose digits and the bounds do not hold.
  const T least_area = std::numeric_limits<T>::min() * T(1e8);
  int low = std::numeric_limits<int>::max(), high = std::numeric_limits<int>::min();
  for (int64_t i = 0; i < count; ++i) {
    const T area = area_of(boxes[i]);
    if (is_idle(area)) continue;
    if (area < least_area) return false;
    const int exponent = exponent_of(boxes[i]);
    low = std::min(low, exponent);
    high = std::max(high, exponent);
  }
  if (low > high) return false;

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
  cells_.assign(cells, {});
  return true;
}

// A cell is about as long as overlaps reach, or longer where it would hold few boxes; there is
// about one table entry a box, shared out between the directions as the extent asks.
template <typename T>
void KeptBoxes<T>::lay_out(Level& level, int64_t count, double width, double height) {
  const double reach = level.low * std::clamp(2 * (1 - bound_), 0.0625, 1.0);
  const double cell = std::max(reach, std::sqrt(width * height * kPerCell / double(count)));
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
NNTASKS_INLINE bool KeptBoxes<T>::suppresses(const Box<T>& box, T area) const {
  if (!grid_) return cell_suppresses(0, box, area);
  const double side = longer_side(box);
  const int own = level_of_[exponent_of(box) - lowest_];
  for (int i = own; i >= 0; --i) {
    if (levels_[i].high < bound_ * side) break;
    if (level_suppresses(levels_[i], box, area)) return true;
  }
  for (int i = own + 1; i < int(levels_.size()); ++i) {
    if (levels_[i].low * bound_ > side) break;
    if (level_suppresses(levels_[i], box, area)) return true;
  }
  return false;
}

template <typename T>
NNTASKS_INLINE typename KeptBoxes<T>::Visit KeptBoxes<T>::visit(const Level& level,
                                                                const Box<T>& box) const {
  const double reach_x = reach(double(box.x2 - box.x1), level.high);
  const double reach_y = reach(double(box.y2 - box.y1), level.high);
  if (reach_x < 0 || reach_y < 0) return {&level, {0, -1}, {0, -1}};
  Span x = span(middle(box.x1, box.x2), reach_x, level.left, level.per_cell, level.last_x);
  Span y = span(middle(box.y1, box.y2), reach_y, level.top, level.per_cell, level.last_y);
  if (x.to - x.from >= level.mask_x) x = {0, level.mask_x};
  if (y.to - y.from >= level.mask_y) y = {0, level.mask_y};
  return {&level, x, y};
}

template <typename T>
NNTASKS_INLINE bool KeptBoxes<T>::level_suppresses(const Level& level, const Box<T>& box,
                                                   T area) const {
  const Visit there = visit(level, box);
  for (int32_t iy = there.y.from; iy <= there.y.to; ++iy) {
    const int32_t row = there.row(iy);
    for (int32_t ix = there.x.from; ix <= there.x.to; ++ix) {
      if (cell_suppresses(there.cell(row, ix), box, area)) return true;
    }
  }
  return false;
}

template <typename T>
NNTASKS_INLINE bool KeptBoxes<T>::cell_suppresses(int32_t index, const Box<T>& box, T area) const {
  const Cell& cell = cells_[index];
  const Block* block = blocks_.get() + cell.first;
  for (int32_t i = 0; i < cell.used; i += kLanes, ++block) {
    if (block->any_above(threshold_, box, area)) return true;
  }
  return false;
}

template <typename T>
NNTASKS_INLINE void KeptBoxes<T>::insert(const Box<T>& box) {
  Cell& cell = cells_[cell_of(box)];
  Block& block = blocks_[cell.first + cell.used / kLanes];
  const int lane = cell.used++ % kLanes;
  if (lane == 0) block = {};
  block.set(lane, box);
}

template <typename T>
NNTASKS_INLINE int32_t KeptBoxes<T>::cell_of(const Box<T>& box) const {
  if (!grid_) return 0;
  const Level& level = levels_[level_of_[exponent_of(box) - lowest_]];
  const double x = (middle(box.x1, box.x2) - level.left) * level.per_cell;
  const double y = (middle(box.y1, box.y2) - level.top) * level.per_cell;
  return level.first + ((int32_t(smaller(y, level.last_y)) & level.mask_y) << level.shift) +
         (int32_t(smaller(x, level.last_x)) & level.mask_x);
}

}  // namespace nntasks
