// nntasks::im2col and nntasks::col2im on CPU. One row of the columns holds one tap of all windows:
// the picture, shifted. It is copied, or added, line by line.
#include <torch/csrc/stable/library.h>
#include <torch/csrc/stable/ops.h>
#include <torch/csrc/stable/tensor.h>

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "arguments.h"
#include "clones.h"
#include "huge_pages.h"
#include "window.h"

namespace nntasks {
namespace {

constexpr int64_t kElementsAtLeast = 16384;  // for one thread

struct Element16 {
  uint64_t half[2];
};

// Copy one tap of a line of windows. The pixels of adjacent windows are `stride` apart.
template <typename T>
void copy_line(const T* line, const Axis& across, int64_t tap, T* out) {
  const int64_t from = across.first_at(0, tap), to = across.first_at(across.side, tap);
  std::fill(out, out + from, T{});
  const T* pixel = line + (from < to ? across.pixel(from, tap) : 0);
  if (across.stride == 1) {
    std::copy(pixel, pixel + (to - from), out + from);
  } else {
    for (int64_t i = from; i < to; ++i, pixel += across.stride) out[i] = *pixel;
  }
  std::fill(out + to, out + across.count, T{});
}

template <typename T>
void copy_lines(const T* picture, const Window& window, int64_t row, int64_t column, T* out) {
  for (int64_t y = 0; y < window.down.count; ++y, out += window.across.count) {
    const int64_t line = window.down.pixel(y, row);
    if (window.down.inside(line)) {
      copy_line(picture + line * window.across.side, window.across, column, out);
    } else {
      std::fill(out, out + window.across.count, T{});
    }
  }
}

// Copy one tap where there is a window for every column of the picture, at stride 1: the picture is
// moved as a whole. Pixels that so come from the neighbouring line belong to the padding; they are
// set to 0 afterwards.
template <typename T>
void move_picture(const T* picture, const Window& window, int64_t row, int64_t column, T* out) {
  const Axis &down = window.down, &across = window.across;
  const int64_t top = down.first_at(0, row), bottom = down.first_at(down.side, row);
  const int64_t left = across.first_at(0, column), right = across.first_at(across.side, column);
  const int64_t width = across.side;
  std::fill(out, out + top * width, T{});
  std::fill(out + bottom * width, out + down.count * width, T{});
  if (top >= bottom || left >= right) {
    std::fill(out, out + down.count * width, T{});
    return;
  }
  const int64_t shift = down.pixel(0, row) * width + across.pixel(0, column);
  const int64_t from = top * width + left, to = (bottom - 1) * width + right;
  std::copy(picture + from + shift, picture + to + shift, out + from);
  for (int64_t y = top; y < bottom; ++y) {
    std::fill(out + y * width, out + y * width + left, T{});
    std::fill(out + y * width + right, out + (y + 1) * width, T{});
  }
}

template <typename T>
void copy_tap(const T* pictures, const Window& window, int64_t index, T* out) {
  const Axis &down = window.down, &across = window.across;
  const T* picture = pictures + index / window.area * down.side * across.side;
  const int64_t tap = index % window.area;
  const int64_t row = tap / across.extent, column = tap % across.extent;
  if (down.stride == 1 && across.stride == 1 && across.count == across.side) {
    move_picture(picture, window, row, column, out);
  } else {
    copy_lines(picture, window, row, column, out);
  }
}

template <typename T>
void copy_all(const Tensor& x, const Window& window, Tensor& out) {
  const T* pictures = static_cast<const T*>(x.const_data_ptr());
  T* columns = static_cast<T*>(out.mutable_data_ptr());
  const int64_t grain = kElementsAtLeast / window.windows + 1;
  torch::stable::parallel_for(0, out.size(0) * out.size(1), grain, [&](int64_t from, int64_t to) {
    for (int64_t i = from; i < to; ++i) {
      copy_tap(pictures, window, i, columns + i * window.windows);
    }
  });
}

Tensor im2col(const Tensor& x, Pair kernel, Pair stride, Pair padding, Pair dilation) {
  const Window window = checked_pictures(x, kernel, stride, padding, dilation);
  const Tensor plain = torch::stable::contiguous(x);
  Tensor out = torch::stable::new_empty(plain, {x.size(0), x.size(1) * window.area, window.windows},
                                        x.scalar_type());
  if (out.numel() == 0) return out;
  ask_for_huge_pages(out.mutable_data_ptr(), out.numel() * int64_t(out.element_size()));
  switch (plain.element_size()) {
    case 1:
      copy_all<uint8_t>(plain, window, out);
      break;
    case 2:
      copy_all<uint16_t>(plain, window, out);
      break;
    case 4:
      copy_all<uint32_t>(plain, window, out);
      break;
    case 8:
      copy_all<uint64_t>(plain, window, out);
      break;
    default:
      STD_TORCH_CHECK(plain.element_size() == sizeof(Element16),
                      "im2col: x has elements of a size that is not supported");
      copy_all<Element16>(plain, window, out);
  }
  return out;
}

template <typename T>
NNTASKS_INLINE void add_line(const T* line, const Axis& across, int64_t tap, T* out) {
  const int64_t from = across.first_at(0, tap), to = across.first_at(across.side, tap);
  if (from >= to) return;
  T* pixel = out + across.pixel(from, tap);
  if (across.stride == 1) {
    for (int64_t i = from; i < to; ++i) pixel[i - from] += line[i];
  } else {
    for (int64_t i = from; i < to; ++i, pixel += across.stride) *pixel += line[i];
  }
}

// Add one tap after the other, so that every pixel is summed in the order of the taps.
template <typename T>
NNTASKS_INLINE void add_taps(const T* columns, const Window& window, T* picture) {
  std::fill(picture, picture + window.down.side * window.across.side, T(0));
  for (int64_t row = 0; row < window.down.extent; ++row) {
    for (int64_t column = 0; column < window.across.extent; ++column) {
      const T* tap = columns + (row * window.across.extent + column) * window.windows;
      for (int64_t y = 0; y < window.down.count; ++y) {
        const int64_t line = window.down.pixel(y, row);
        if (!window.down.inside(line)) continue;
        add_line(tap + y * window.across.count, window.across, column,
                 picture + line * window.across.side);
      }
    }
  }
}

NNTASKS_CLONES void add_picture(const float* columns, const Window& window, float* picture) {
  add_taps(columns, window, picture);
}

NNTASKS_CLONES void add_picture(const double* columns, const Window& window, double* picture) {
  add_taps(columns, window, picture);
}

template <typename T>
void add_all(const Tensor& columns, const Window& window, Tensor& out) {
  const T* taps = columns.const_data_ptr<T>();
  T* pictures = out.mutable_data_ptr<T>();
  const int64_t size = window.area * window.windows;
  const int64_t pixels = window.down.side * window.across.side;
  const int64_t grain = kElementsAtLeast / size + 1;
  torch::stable::parallel_for(0, out.size(0) * out.size(1), grain, [&](int64_t from, int64_t to) {
    for (int64_t i = from; i < to; ++i) add_picture(taps + i * size, window, pictures + i * pixels);
  });
}

Tensor col2im(const Tensor& columns, Pair size, Pair kernel, Pair stride, Pair padding,
              Pair dilation) {
  const Window window = checked_columns(columns, size, kernel, stride, padding, dilation);
  const Tensor plain = computing(columns);
  Tensor out = torch::stable::new_empty(
      plain, {columns.size(0), columns.size(1) / window.area, size[0], size[1]},
      plain.scalar_type());
  if (out.numel() != 0) {
    ask_for_huge_pages(out.mutable_data_ptr(), out.numel() * int64_t(out.element_size()));
    if (plain.scalar_type() == ScalarType::Double) {
      add_all<double>(plain, window, out);
    } else {
      add_all<float>(plain, window, out);
    }
  }
  return torch::stable::to(out, columns.scalar_type());
}

}  // namespace
}  // namespace nntasks

STABLE_TORCH_LIBRARY_IMPL(nntasks, CPU, library) {
  library.impl("im2col", TORCH_BOX(&nntasks::im2col));
  library.impl("col2im", TORCH_BOX(&nntasks::col2im));
}
