// Boxes as corner and size.
#pragma once

#include <cmath>
#include <cstdint>

#include "clones.h"

namespace nntasks::coco_counts {

// Turn boxes (x1, y1, x2, y2) into (x, y, width, height): the size is the number of at most six
// decimals that gives exactly the far corner when added to the near one, or else their difference.
NNTASKS_CLONES inline void write_corner_and_size(const double* boxes, int64_t count, double* out) {
  for (int64_t i = 0; i < 4 * count; i += 4) {
    for (int k = 0; k < 2; ++k) {
      const double low = boxes[i + k], high = boxes[i + k + 2], difference = high - low;
      const double decimal = std::nearbyint(difference * 1e6) / 1e6;
      out[i + k] = low;
      out[i + k + 2] = low + decimal == high ? decimal : difference;
    }
  }
}

}  // namespace nntasks::coco_counts
