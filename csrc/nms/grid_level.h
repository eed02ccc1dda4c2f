// One level of the grid that holds kept boxes: square cells for boxes of similar size.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "box.h"

namespace nntasks::nms {

struct GridSpan {
  int32_t from = 0, to = -1;  // both inside; empty at first
};

// A rectangle of cells.
struct GridCells {
  GridSpan x, y;
};

// Cell (x, y) counts from the least centre. It is folded onto a table of 2^k columns and 2^j rows
// by its lowest bits.
struct GridLevel {
  double low, high;  // longer side in [low, high)
  double left, top;  // least centre
  double per_cell;   // cells per unit of length
  double last_x, last_y;
  int32_t mask_x, mask_y, shift, first;

  int64_t cells() const { return (int64_t(mask_x) + 1) * (int64_t(mask_y) + 1); }

  NNTASKS_INLINE int32_t row(int32_t iy) const { return first + ((iy & mask_y) << shift); }
  NNTASKS_INLINE int32_t cell(int32_t row, int32_t ix) const { return row + (ix & mask_x); }

  // Choose the cells for `count` boxes whose centres fill width x height. A cell is about as long
  // as overlaps reach, or longer where it would hold few boxes. The table has about one entry a
  // box, divided between the directions in proportion to the extent.
  void lay_out(int64_t count, double width, double height, double bound);

  // Return the cells whose centres lie within these distances of a centre.
  NNTASKS_INLINE GridCells cells_near(double x, double reach_x, double y, double reach_y) const {
    GridCells found{span(x, reach_x, left, last_x), span(y, reach_y, top, last_y)};
    if (found.x.to - found.x.from >= mask_x) found.x = {0, mask_x};
    if (found.y.to - found.y.from >= mask_y) found.y = {0, mask_y};
    return found;
  }

 private:
  static constexpr int kMostCellBits = 20;
  static constexpr double kPerCell = 16;  // boxes, at least, if they were spread out evenly

  NNTASKS_INLINE GridSpan span(double centre, double reach, double least, double last) const {
    // For the rounding of centres too: they may be large compared with the sides.
    const double slack = reach * 1e-6 + (std::fabs(centre) + reach) * 0x1p-48;
    const double from = (centre - reach - slack - least) * per_cell;
    const double to = (centre + reach + slack - least) * per_cell;
    if (to < 0) return {};
    return {int32_t(smaller(larger(from, 0.0), last)), int32_t(smaller(to, last))};
  }
};

inline void GridLevel::lay_out(int64_t count, double width, double height, double bound) {
  const double reach = low * std::clamp(2 * (1 - bound), 0.0625, 1.0);
  const double side = std::max(reach, std::sqrt(width * height * kPerCell / double(count)));
  per_cell = 1 / side;
  last_x = std::min(width * per_cell, 1e9);
  last_y = std::min(height * per_cell, 1e9);
  int bits = 0, bits_x = 0, bits_y = 0;
  while (bits < kMostCellBits && (int64_t(1) << bits) < count) ++bits;
  double open_x = last_x, open_y = last_y;
  while (bits_x + bits_y < bits && larger(open_x, open_y) >= 1) {
    if (open_x > open_y) {
      ++bits_x, open_x /= 2;
    } else {
      ++bits_y, open_y /= 2;
    }
  }
  mask_x = (1 << bits_x) - 1;
  mask_y = (1 << bits_y) - 1;
  shift = bits_x;
}

}  // namespace nntasks::nms
