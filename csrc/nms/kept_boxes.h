// The boxes that non-maximum suppression has kept so far, found again by size and place.
//
// The idea: greedy suppression asks, for each box, whether any kept box overlaps it by more than a
// threshold t. An IoU above t bounds how far two boxes can differ: their longer sides by less than
// a factor of 1/t, their centres by less than a distance that follows from t (`reach`). So kept
// boxes lie in a hierarchical grid: a level for each power of two of the longer side, and in each
// level square cells by the centre (grid_level.h). A query visits the few cells within reach on the
// few levels of similar size, and costs the same however many boxes there are.
//
// The invariant: a visit never misses a box whose IoU is above t, and every box that it finds is
// decided by its exact IoU. The bounds are wider than rounding can make necessary, by orders of
// magnitude, and cells are folded onto a table of bounded size: boxes that meet there by chance
// cost a comparison and never an error. Where the bounds would not hold (subnormal areas) there is
// one cell. All candidates are known beforehand, so each cell has room for all that can come, in
// one piece. Source of the grid: the usual uniform grid of collision detection (Ericson, "Real-Time
// Collision Detection", 2005, chapter 7), with levels as in its hierarchical grids.
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
#include "nms/grid_level.h"

namespace nntasks::nms {

template <typename T>
class KeptBoxes {
 public:
  // Prepare for the boxes of one group; storage is reused from group to group.
  void prepare(const Box<T>* boxes, int64_t count, T threshold);

  // Whether a box overlaps nothing at any threshold: its area is 0, infinite or NaN.
  static NNTASKS_INLINE bool is_idle(T area) {
    return !(area > T(0)) || !(area <= std::numeric_limits<T>::max());
  }

  // Whether any kept box has an IoU above the threshold with this one.
  NNTASKS_INLINE bool suppresses(const Box<T>& box, T area) const;
  NNTASKS_INLINE void insert(const Box<T>& box);

  // The number of cells, and the cell of a box that is not idle.
  int64_t cells() const { return int64_t(cells_.size()); }
  NNTASKS_INLINE int32_t cell_of(const Box<T>& box) const;

 private:
  static constexpr int64_t kOneCell = 512;  // up to so many boxes share one cell

  static constexpr int kLanes = 8;
  using Block = BoxLanes<T, kLanes>;

  struct Cell {
    uint32_t first;  // block; as many follow as the boxes of the cell can need
    int32_t used;    // boxes in it
  };

  static NNTASKS_INLINE double longer_side(const Box<T>& box) {
    return double(larger(box.x2 - box.x1, box.y2 - box.y1));
  }
  // Return the exponent of the longer side, which must be finite and not subnormal.
  static NNTASKS_INLINE int exponent_of(const Box<T>& box) {
    const double side = longer_side(box);
    uint64_t bits;
    memcpy(&bits, &side, sizeof bits);
    return int(bits >> 52) - 1023;
  }
  static NNTASKS_INLINE double middle(T a, T b) { return 0.5 * double(a) + 0.5 * double(b); }

  bool lay_out_levels(const Box<T>* boxes, int64_t count);
  // Return the cells of a level that can hold boxes which overlap this one enough.
  NNTASKS_INLINE GridCells cells_near(const GridLevel& level, const Box<T>& box) const;
  NNTASKS_INLINE bool level_suppresses(const GridLevel& level, const Box<T>& box, T area) const;
  NNTASKS_INLINE bool cell_suppresses(int32_t cell, const Box<T>& box, T area) const;
  void share_blocks(const Box<T>* boxes, int64_t count);
  NNTASKS_INLINE double reach(double side, double high) const;

  T threshold_{};
  double bound_{};                 // the threshold, slackened
  bool grid_{};                    // or one cell
  int lowest_{};                   // exponent of level_of_[0]
  std::vector<int32_t> level_of_;  // exponent - lowest_ -> level, -1 for none
  std::vector<GridLevel> levels_;  // by rising size
  std::vector<Cell> cells_;
  std::unique_ptr<Block[]> blocks_;
  int64_t room_{};  // blocks allocated
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

// Count the boxes of each cell, and give it blocks for all of them.
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
  blocks_.reset(new Block[blocks]);  // uninitialised: a cell clears each block that it begins
  room_ = blocks;
}

// Choose levels and their cells; false if the bounds would not hold, or all boxes are idle.
template <typename T>
bool KeptBoxes<T>::lay_out_levels(const Box<T>* boxes, int64_t count) {
  // Smaller areas have lost digits, and the bounds do not hold.
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
    GridLevel level{};
    level.low = std::ldexp(1.0, low + int(i));
    level.high = 2 * level.low;
    level.left = extent.left;
    level.top = extent.top;
    level.first = int32_t(cells);
    level.lay_out(extent.count, extent.right - extent.left, extent.bottom - extent.top, bound_);
    cells += level.cells();
    level_of_[i] = int32_t(levels_.size());
    levels_.push_back(level);
  }
  cells_.assign(cells, {});
  return true;
}

// Return how far apart two centres can be along one axis, for a side of this length and others up
// to `high`: the overlap must be at least bound * max(side, other).
template <typename T>
NNTASKS_INLINE double KeptBoxes<T>::reach(double side, double high) const {
  if (high <= side) return 0.5 * (side + high) - bound_ * side;
  if (bound_ >= 0.5) return side * (1 - bound_);
  return 0.5 * (side + high) - bound_ * high;
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
NNTASKS_INLINE GridCells KeptBoxes<T>::cells_near(const GridLevel& level, const Box<T>& box) const {
  const double reach_x = reach(double(box.x2 - box.x1), level.high);
  const double reach_y = reach(double(box.y2 - box.y1), level.high);
  if (reach_x < 0 || reach_y < 0) return {};
  return level.cells_near(middle(box.x1, box.x2), reach_x, middle(box.y1, box.y2), reach_y);
}

template <typename T>
NNTASKS_INLINE bool KeptBoxes<T>::level_suppresses(const GridLevel& level, const Box<T>& box,
                                                   T area) const {
  const GridCells near = cells_near(level, box);
  for (int32_t iy = near.y.from; iy <= near.y.to; ++iy) {
    const int32_t row = level.row(iy);
    for (int32_t ix = near.x.from; ix <= near.x.to; ++ix) {
      if (cell_suppresses(level.cell(row, ix), box, area)) return true;
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
  const GridLevel& level = levels_[level_of_[exponent_of(box) - lowest_]];
  const double x = (middle(box.x1, box.x2) - level.left) * level.per_cell;
  const double y = (middle(box.y1, box.y2) - level.top) * level.per_cell;
  return level.first + ((int32_t(smaller(y, level.last_y)) & level.mask_y) << level.shift) +
         (int32_t(smaller(x, level.last_x)) & level.mask_x);
}

}  // namespace nntasks::nms
