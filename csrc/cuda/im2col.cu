// nntasks::im2col and nntasks::col2im on CUDA: each thread gathers one element of the result.
#include <torch/csrc/stable/library.h>

#include <algorithm>
#include <cstdint>

#include "arguments.h"
#include "device.h"
#include "window.h"

namespace nntasks {
namespace {

constexpr int kThreads = 256;
constexpr int64_t kMostBlocks = 1 << 20;  // a block loops if there are more elements

struct alignas(16) Element16 {
  uint64_t half[2];
};

template <typename T>
__global__ void gather(const T* pictures, Window window, int64_t count, T* columns) {
  const Axis &down = window.down, &across = window.across;
  const int64_t step = int64_t(gridDim.x) * kThreads;
  for (int64_t i = int64_t(blockIdx.x) * kThreads + threadIdx.x; i < count; i += step) {
    const int64_t place = i % window.windows, row = i / window.windows;
    const int64_t tap = row % window.area, picture = row / window.area;
    const int64_t y = down.pixel(place / across.count, tap / across.extent);
    const int64_t x = across.pixel(place % across.count, tap % across.extent);
    columns[i] = down.inside(y) && across.inside(x)
                     ? pictures[(picture * down.side + y) * across.side + x]
                     : T{};
  }
}

// Return the window whose tap lies on a pixel, or -1.
__device__ int64_t window_at(const Axis& axis, int64_t pixel, int64_t tap) {
  const int64_t distance = pixel + axis.padding - tap * axis.dilation;
  if (distance < 0 || distance % axis.stride != 0) return -1;
  const int64_t window = distance / axis.stride;
  return window < axis.count ? window : -1;
}

// Summed in the order of the taps, as on the CPU.
template <typename T>
__global__ void sum(const T* columns, Window window, int64_t count, T* pictures) {
  const Axis &down = window.down, &across = window.across;
  const int64_t step = int64_t(gridDim.x) * kThreads;
  for (int64_t i = int64_t(blockIdx.x) * kThreads + threadIdx.x; i < count; i += step) {
    const int64_t x = i % across.side, y = i / across.side % down.side;
    const T* taps = columns + i / across.side / down.side * window.area * window.windows;
    T total = 0;
    for (int64_t row = 0; row < down.extent; ++row) {
      const int64_t line = window_at(down, y, row);
      if (line < 0) continue;
      for (int64_t column = 0; column < across.extent; ++column) {
        const int64_t place = window_at(across, x, column);
        if (place < 0) continue;
        total +=
            taps[(row * across.extent + column) * window.windows + line * across.count + place];
      }
    }
    pictures[i] = total;
  }
}

unsigned blocks_of(int64_t count) {
  return unsigned(std::min((count + kThreads - 1) / kThreads, kMostBlocks));
}

template <typename T>
void gather_all(const Tensor& x, const Window& window, Tensor& out) {
  const int64_t count = out.numel();
  gather<T><<<blocks_of(count), kThreads, 0, current_stream(x)>>>(
      static_cast<const T*>(x.const_data_ptr()), window, count,
      static_cast<T*>(out.mutable_data_ptr()));
  STD_CUDA_KERNEL_LAUNCH_CHECK();
}

template <typename T>
void sum_all(const Tensor& columns, const Window& window, Tensor& out) {
  const int64_t count = out.numel();
  sum<T><<<blocks_of(count), kThreads, 0, current_stream(columns)>>>(
      columns.const_data_ptr<T>(), window, count, out.mutable_data_ptr<T>());
  STD_CUDA_KERNEL_LAUNCH_CHECK();
}

Tensor im2col(const Tensor& x, Pair kernel, Pair stride, Pair padding, Pair dilation) {
  const Window window = checked_pictures(x, kernel, stride, padding, dilation);
  const torch::stable::accelerator::DeviceGuard guard(x.get_device_index());
  const Tensor plain = torch::stable::contiguous(x);
  Tensor out = torch::stable::new_empty(plain, {x.size(0), x.size(1) * window.area, window.windows},
                                        x.scalar_type());
  if (out.numel() == 0) return out;
  switch (plain.element_size()) {
    case 1:
      gather_all<uint8_t>(plain, window, out);
      break;
    case 2:
      gather_all<uint16_t>(plain, window, out);
      break;
    case 4:
      gather_all<uint32_t>(plain, window, out);
      break;
    case 8:
      gather_all<uint64_t>(plain, window, out);
      break;
    default:
      STD_TORCH_CHECK(plain.element_size() == sizeof(Element16),
                      "im2col: x has elements of a size that is not supported");
      gather_all<Element16>(plain, window, out);
  }
  return out;
}

Tensor col2im(const Tensor& columns, Pair size, Pair kernel, Pair stride, Pair padding,
              Pair dilation) {
  const Window window = checked_columns(columns, size, kernel, stride, padding, dilation);
  const torch::stable::accelerator::DeviceGuard guard(columns.get_device_index());
  const Tensor plain = computing(columns);
  Tensor out = torch::stable::new_empty(
      plain, {columns.size(0), columns.size(1) / window.area, size[0], size[1]},
      plain.scalar_type());
  if (out.numel() != 0) {
    if (plain.scalar_type() == ScalarType::Double) {
      sum_all<double>(plain, window, out);
    } else {
      sum_all<float>(plain, window, out);
    }
  }
  return torch::stable::to(out, columns.scalar_type());
}

}  // namespace
}  // namespace nntasks

STABLE_TORCH_LIBRARY_IMPL(nntasks, CUDA, library) {
  library.impl("im2col", TORCH_BOX(&nntasks::im2col));
  library.impl("col2im", TORCH_BOX(&nntasks::col2im));
}
