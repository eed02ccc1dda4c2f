// The geometry of sliding windows, with its checks. core/ops/_windows.py has the same rules.
#pragma once

#include <torch/csrc/stable/tensor.h>

#include <cstdint>
#include <initializer_list>
#include <limits>
#include <vector>

#include "arguments.h"
#include "box.h"

namespace nntasks {

// One direction: `count` windows of `extent` taps over `side` pixels.
struct Axis {
  int64_t side, extent, stride, padding, dilation, count;

  // Return the pixel under a tap of a window; in the padding, a number outside of the picture.
  NNTASKS_INLINE int64_t pixel(int64_t window, int64_t tap) const {
    return window * stride - padding + tap * dilation;
  }
  NNTASKS_INLINE bool inside(int64_t pixel) const { return pixel >= 0 && pixel < side; }

  // Return the first window whose tap lies on a pixel or after it.
  NNTASKS_INLINE int64_t first_at(int64_t pixel, int64_t tap) const {
    const int64_t distance = pixel + padding - tap * dilation;
    if (distance <= 0) return 0;
    const int64_t window = (distance + stride - 1) / stride;
    return window < count ? window : count;
  }
};

struct Window {
  Axis down, across;
  int64_t area, windows;  // taps of a window; number of windows
};

using Pair = std::vector<int64_t>;

inline int64_t product(const char* op, std::initializer_list<int64_t> factors) {
  int64_t result = 1;
  for (const int64_t factor : factors) {
    STD_TORCH_CHECK(!__builtin_mul_overflow(result, factor, &result) &&
                        result <= std::numeric_limits<int64_t>::max() / 16,
                    op, ": the result would be too large");
  }
  return result;
}

inline Axis checked_axis(const char* op, size_t at, int64_t side, const Pair& kernel,
                         const Pair& stride, const Pair& padding, const Pair& dilation) {
  constexpr int64_t kMost = std::numeric_limits<int32_t>::max();
  const auto among = [&](const char* name, const Pair& pair, int64_t least) {
    STD_TORCH_CHECK(pair.size() == 2, op, ": ", name, " must be two ints");
    STD_TORCH_CHECK(pair[at] >= least && pair[at] <= kMost, op, ": ", name, " must be from ", least,
                    " to ", kMost);
    return pair[at];
  };
  STD_TORCH_CHECK(side >= 0 && side <= kMost, op, ": a side must be from 0 to ", kMost);
  Axis axis{side,
            among("kernel_size", kernel, 1),
            among("stride", stride, 1),
            among("padding", padding, 0),
            among("dilation", dilation, 1),
            0};
  const int64_t room = side + 2 * axis.padding - axis.dilation * (axis.extent - 1) - 1;
  STD_TORCH_CHECK(room >= 0, op, ": no window fits the picture");
  axis.count = room / axis.stride + 1;
  return axis;
}

inline Window checked_window(const char* op, int64_t height, int64_t width, const Pair& kernel,
                             const Pair& stride, const Pair& padding, const Pair& dilation) {
  const Axis down = checked_axis(op, 0, height, kernel, stride, padding, dilation);
  const Axis across = checked_axis(op, 1, width, kernel, stride, padding, dilation);
  return {down, across, product(op, {down.extent, across.extent}),
          product(op, {down.count, across.count})};
}

inline Window checked_pictures(const Tensor& x, const Pair& kernel, const Pair& stride,
                               const Pair& padding, const Pair& dilation) {
  STD_TORCH_CHECK(x.dim() == 4, "im2col: x must have shape (N, C, H, W)");
  const Window window =
      checked_window("im2col", x.size(2), x.size(3), kernel, stride, padding, dilation);
  product("im2col", {x.size(0), x.size(1), window.area, window.windows});
  return window;
}

inline Window checked_columns(const Tensor& columns, const Pair& size, const Pair& kernel,
                              const Pair& stride, const Pair& padding, const Pair& dilation) {
  check_floats("col2im", "columns", columns);
  STD_TORCH_CHECK(columns.dim() == 3, "col2im: columns must have shape (N, D, L)");
  STD_TORCH_CHECK(size.size() == 2, "col2im: output_size must be two ints");
  const Window window =
      checked_window("col2im", size[0], size[1], kernel, stride, padding, dilation);
  STD_TORCH_CHECK(columns.size(1) % window.area == 0 && columns.size(2) == window.windows,
                  "col2im: columns must have shape (N, C * ", window.area, ", ", window.windows,
                  ")");
  product("col2im", {columns.size(0), columns.size(1) / window.area, size[0], size[1]});
  return window;
}

}  // namespace nntasks
