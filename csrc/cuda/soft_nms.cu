// nntasks::soft_nms on CUDA (Bodla et al. 2017). One block of threads, because every box taken
// changes which one is next. Each thread holds the scores of its boxes, lowers them and finds its
// best. The host waits once, for the size of the output.
#include <torch/csrc/stable/library.h>

#include <cstdint>
#include <optional>
#include <tuple>

#include "arguments.h"
#include "device.h"
#include "nms/soft_nms_decay.h"

namespace nntasks::soft_nms {
namespace {

constexpr int kThreads = 1024;
constexpr unsigned kAll = 0xffffffffu;

template <typename T>
struct Best {
  T score;
  int64_t index;

  __device__ bool behind(const Best& other) const {
    return score < other.score || (score == other.score && index > other.index);
  }
};

template <typename T>
__device__ Best<T> best_of_warp(Best<T> mine) {
  for (int step = 16; step > 0; step /= 2) {
    const Best<T> other{__shfl_xor_sync(kAll, mine.score, step),
                        __shfl_xor_sync(kAll, mine.index, step)};
    if (mine.behind(other)) mine = other;
  }
  return mine;
}

// Return the best of all threads, on all threads.
template <typename T>
__device__ Best<T> best_of_block(Best<T> mine, Best<T>* shared) {
  const int warp = threadIdx.x / 32, lane = threadIdx.x % 32;
  mine = best_of_warp(mine);
  __syncthreads();
  if (lane == 0) shared[warp] = mine;
  __syncthreads();
  return best_of_warp(shared[lane]);
}

template <typename T>
__global__ void __launch_bounds__(kThreads)
    suppress(const Box<T>* boxes, T* scores, int64_t count, Decay decay, T least, int64_t limit,
             int64_t* indices, T* values, uint8_t* taken) {
  __shared__ Best<T> shared[kThreads / 32];
  const Best<T> none{T(-1), count};
  Best<T> mine = none;
  for (int64_t i = threadIdx.x; i < count; i += kThreads) {
    if (!(scores[i] > least)) scores[i] = T(-1);  // NaN too
    const Best<T> one{scores[i], i};
    if (mine.behind(one)) mine = one;
  }
  for (int64_t round = 0; round < limit; ++round) {
    const Best<T> best = best_of_block(mine, shared);
    if (best.score < T(0)) return;
    if (threadIdx.x == 0) {
      indices[round] = best.index;
      values[round] = best.score;
      taken[round] = 1;
    }
    const Box<T> box = boxes[best.index];
    const T area = area_of(box);
    mine = none;
    for (int64_t i = threadIdx.x; i < count; i += kThreads) {
      T score = scores[i];
      if (score < T(0)) continue;
      score *= decay.at(iou_of(box, area, boxes[i], area_of(boxes[i])));
      if (i == best.index || !(score > least)) score = T(-1);
      scores[i] = score;
      const Best<T> one{score, i};
      if (mine.behind(one)) mine = one;
    }
  }
}

template <typename T>
std::tuple<Tensor, Tensor> run(const Tensor& boxes, const Tensor& scores, const Decay& decay,
                               double least, int64_t limit) {
  const int64_t count = boxes.size(0);
  Tensor left = torch::stable::clone(scores);
  Tensor indices = torch::stable::new_empty(boxes, {count}, ScalarType::Long);
  Tensor values = torch::stable::new_empty(boxes, {count}, boxes.scalar_type());
  Tensor taken = torch::stable::new_zeros(boxes, {count}, ScalarType::Bool);
  suppress<T><<<1, kThreads, 0, current_stream(boxes)>>>(
      static_cast<const Box<T>*>(boxes.const_data_ptr()), left.mutable_data_ptr<T>(), count, decay,
      T(least), limit < count ? limit : count, indices.mutable_data_ptr<int64_t>(),
      values.mutable_data_ptr<T>(), static_cast<uint8_t*>(taken.mutable_data_ptr()));
  STD_CUDA_KERNEL_LAUNCH_CHECK();
  return {select(indices, taken), select(values, taken)};
}

std::tuple<Tensor, Tensor> soft_nms(const Tensor& boxes, const Tensor& scores, int64_t method,
                                    double sigma, double iou_threshold, double score_threshold,
                                    std::optional<int64_t> max_output) {
  check_soft_suppression("soft_nms", boxes, scores, method, sigma, iou_threshold, score_threshold,
                         max_output);
  const torch::stable::accelerator::DeviceGuard guard(boxes.get_device_index());
  const Tensor plain = computing(boxes);
  const ScalarType type = plain.scalar_type();
  const Tensor values = torch::stable::contiguous(torch::stable::to(scores, type));
  const Decay decay{method, sigma, iou_threshold};
  const int64_t limit = max_output.value_or(boxes.size(0));
  if (type == ScalarType::Double) return run<double>(plain, values, decay, score_threshold, limit);
  return run<float>(plain, values, decay, score_threshold, limit);
}

}  // namespace
}  // namespace nntasks::soft_nms

STABLE_TORCH_LIBRARY_IMPL(nntasks, CUDA, library) {
  library.impl("soft_nms", TORCH_BOX(&nntasks::soft_nms::soft_nms));
}
