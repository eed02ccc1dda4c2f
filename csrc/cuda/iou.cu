// nntasks::box_iou on CUDA: each thread holds one column and goes down a tile of rows, so that a
// warp writes adjacent values.
#include <torch/csrc/stable/library.h>

#include <algorithm>
#include <cstdint>

#include "arguments.h"
#include "device.h"
#include "iou_kinds.h"

namespace nntasks::iou {
namespace {

constexpr int kTileRows = 16;
constexpr int kThreads = 256;
constexpr int64_t kMostBlocksDown = 65535;

template <int kind, typename T>
__device__ Measured<T> measured(const Box<T>& box) {
  return {box, area_of(box), kind == kCiou ? angle_of(box) : T(0)};
}

template <int kind, typename T>
__global__ void fill(const Box<T>* a, int64_t rows, const Box<T>* b, int64_t columns, T* out) {
  __shared__ Measured<T> tile[kTileRows];
  const int64_t column = int64_t(blockIdx.x) * kThreads + threadIdx.x;
  Measured<T> mine{};
  if (column < columns) mine = measured<kind>(b[column]);
  for (int64_t top = int64_t(blockIdx.y) * kTileRows; top < rows;
       top += int64_t(gridDim.y) * kTileRows) {
    const int count = int(rows - top < kTileRows ? rows - top : kTileRows);
    __syncthreads();
    if (threadIdx.x < count) tile[threadIdx.x] = measured<kind>(a[top + threadIdx.x]);
    __syncthreads();
    if (column >= columns) continue;
    for (int i = 0; i < count; ++i) {
      out[(top + i) * columns + column] = overlap_of<kind>(tile[i], mine);
    }
  }
}

template <int kind, typename T>
void fill_all(const Tensor& a, const Tensor& b, Tensor& out) {
  const int64_t rows = a.size(0), columns = b.size(0);
  const dim3 grid(blocks_for(columns, kThreads),
                  unsigned(std::min((rows + kTileRows - 1) / kTileRows, kMostBlocksDown)));
  fill<kind, T><<<grid, kThreads, 0, current_stream(a)>>>(
      static_cast<const Box<T>*>(a.const_data_ptr()), rows,
      static_cast<const Box<T>*>(b.const_data_ptr()), columns, out.mutable_data_ptr<T>());
  STD_CUDA_KERNEL_LAUNCH_CHECK();
}

template <typename T>
void fill_kind(int64_t kind, const Tensor& a, const Tensor& b, Tensor& out) {
  if (kind == kIou) return fill_all<kIou, T>(a, b, out);
  if (kind == kGiou) return fill_all<kGiou, T>(a, b, out);
  if (kind == kDiou) return fill_all<kDiou, T>(a, b, out);
  return fill_all<kCiou, T>(a, b, out);
}

Tensor box_iou(const Tensor& a, const Tensor& b, int64_t kind) {
  check_boxes("box_iou", "a", a);
  check_boxes("box_iou", "b", b);
  check_pair("box_iou", a, b);
  STD_TORCH_CHECK(kind >= kIou && kind <= kCiou, "box_iou: kind must be from 0 to 3");
  const torch::stable::accelerator::DeviceGuard guard(a.get_device_index());
  const Tensor rows = computing(a), columns = computing(b);
  const ScalarType type = rows.scalar_type();
  Tensor out = torch::stable::new_empty(rows, {a.size(0), b.size(0)}, type);
  if (a.size(0) == 0 || b.size(0) == 0) return out;
  if (type == ScalarType::Double) {
    fill_kind<double>(kind, rows, columns, out);
  } else {
    fill_kind<float>(kind, rows, columns, out);
  }
  return out;
}

}  // namespace
}  // namespace nntasks::iou

STABLE_TORCH_LIBRARY_IMPL(nntasks, CUDA, library) {
  library.impl("box_iou", TORCH_BOX(&nntasks::iou::box_iou));
}
