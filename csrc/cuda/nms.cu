// nntasks::nms and nntasks::batched_nms on CUDA.
//
// The idea: boxes go by falling score (within a group), a tile at a time. One kernel decides the
// tile, the next removes all later boxes that its survivors suppress. The invariant: when a tile is
// decided, every box in it that a kept box of an earlier tile overlaps is removed already. Memory
// stays linear in the number of boxes, and all work up to the list of kept boxes is on the device;
// the host waits once, for the size of the output.
#include <torch/csrc/stable/library.h>

#include <algorithm>
#include <cstdint>
#include <optional>

#include "arguments.h"
#include "device.h"
#include "nms/sort_key.h"

namespace nntasks::nms {
namespace {

constexpr int kTile = 512;
constexpr int kWords = kTile / 32;
constexpr int kThreads = 128;

// The survivors of one tile, and how many boxes have been kept in all.
template <typename T>
struct Survivors {
  Box<T> box[kTile];
  T area[kTile];
  int64_t group[kTile];
  int32_t count;
  int64_t total;
};

// Boxes in the order of visits. Without groups (null) all boxes are of one group.
template <typename T>
struct Visit {
  const Box<T>* boxes;
  const int64_t* groups;
  const int64_t* ranks;  // position in the order by score; null if that is the index
  int64_t count;
  T threshold;
  int64_t limit;

  __device__ int64_t group(int64_t i) const { return groups == nullptr ? 0 : groups[i]; }
  __device__ int64_t rank(int64_t i) const { return ranks == nullptr ? i : ranks[i]; }
};

template <typename T>
__device__ bool exceeds(const Box<T>& a, T area_a, const Box<T>& b, T area_b, T threshold) {
  return may_exceed(a, area_a, b, area_b, threshold) && iou_of(a, area_a, b, area_b) > threshold;
}

template <typename T, typename Key>
__global__ void score_keys(const T* scores, int64_t count, Key* keys) {
  const int64_t i = int64_t(blockIdx.x) * kThreads + threadIdx.x;
  constexpr auto kSign = typename SortKey<T>::type(1) << (sizeof(T) * 8 - 1);
  if (i < count) keys[i] = Key(sort_key(scores[i]) ^ kSign);  // unsigned order as signed order
}

__global__ void groups_by_rank(const int64_t* groups, const int64_t* order, int64_t count,
                               int64_t* out) {
  const int64_t i = int64_t(blockIdx.x) * kThreads + threadIdx.x;
  if (i < count) out[i] = groups[order[i]];
}

template <typename T>
__global__ void gather(const Box<T>* boxes, const int64_t* names, const int64_t* order,
                       const int64_t* ranks, int64_t count, Box<T>* out, int64_t* out_names) {
  const int64_t i = int64_t(blockIdx.x) * kThreads + threadIdx.x;
  if (i >= count) return;
  const int64_t rank = ranks == nullptr ? i : ranks[i];
  out[i] = boxes[order[rank]];
  if (names != nullptr) out_names[i] = names[rank];
}

// Runs as one block of kTile threads. The boxes that stay are the only solution of "not removed,
// and suppressed by no earlier box that stays". Each round settles at least the first unsettled
// box.
template <typename T>
__global__ void __launch_bounds__(kTile)
    decide(Visit<T> visit, int64_t start, const uint8_t* removed, uint8_t* keep,
           Survivors<T>* survivors) {
  __shared__ Box<T> boxes[kTile];
  __shared__ T areas[kTile];
  __shared__ int64_t groups[kTile];
  __shared__ uint32_t stay[kWords];
  const int me = threadIdx.x, warp = me / 32, lane = me % 32;
  if (visit.groups == nullptr && survivors->total >= visit.limit) {  // the limit is reached
    if (me == 0) survivors->count = 0;
    return;
  }
  const bool present = start + me < visit.count;
  boxes[me] = present ? visit.boxes[start + me] : Box<T>{};
  areas[me] = area_of(boxes[me]);
  groups[me] = present ? visit.group(start + me) : 0;
  const bool candidate = present && !removed[start + me];
  __syncthreads();

  uint32_t suppressors[kWords];  // bit j % 32 of word j / 32: box j is earlier and overlaps
#pragma unroll
  for (int w = 0; w < kWords; ++w) {
    suppressors[w] = 0;
#pragma unroll 1
    for (int b = 0; b < 32 && w * 32 + b < me; ++b) {
      const int j = w * 32 + b;
      if (groups[j] == groups[me] &&
          exceeds(boxes[j], areas[j], boxes[me], areas[me], visit.threshold)) {
        suppressors[w] |= 1u << b;
      }
    }
  }

  bool stays = candidate;
  for (int changed = 1; changed;) {
    const uint32_t votes = __ballot_sync(0xffffffffu, stays);
    if (lane == 0) stay[warp] = votes;
    __syncthreads();
    uint32_t hit = 0;
#pragma unroll
    for (int w = 0; w < kWords; ++w) hit |= suppressors[w] & stay[w];
    const bool again = candidate && hit == 0;
    changed =
        __syncthreads_or(again != stays);  // also a barrier between reading and the next write
    stays = again;
  }

  int before = 0, total = 0;
  for (int w = 0; w < kWords; ++w) {
    const int count = __popc(stay[w]);
    total += count;
    if (w < warp) before += count;
  }
  if (stays) {
    const int place = before + __popc(stay[warp] & ((1u << lane) - 1));
    survivors->box[place] = boxes[me];
    survivors->area[place] = areas[me];
    survivors->group[place] = groups[me];
    keep[visit.rank(start + me)] = 1;
  }
  if (me == 0) {
    survivors->count = total;
    survivors->total += total;
  }
}

// One thread for each box after the tile.
template <typename T>
__global__ void suppress(Visit<T> visit, int64_t start, const Survivors<T>* survivors,
                         uint8_t* removed) {
  __shared__ Box<T> boxes[kThreads];
  __shared__ T areas[kThreads];
  __shared__ int64_t groups[kThreads];
  const int64_t i = start + int64_t(blockIdx.x) * kThreads + threadIdx.x;
  const int count = survivors->count;
  // Groups are contiguous: a later box can share a group only with the last box of the tile.
  bool open = i < visit.count && !removed[i] && visit.group(i) == visit.group(start - 1);
  if (!__syncthreads_or(open)) return;
  const Box<T> mine = open ? visit.boxes[i] : Box<T>{};
  const T area = area_of(mine);
  const int64_t group = open ? visit.group(i) : 0;
  bool hit = false;
  for (int first = 0; first < count; first += kThreads) {
    __syncthreads();
    const int other = first + int(threadIdx.x);
    if (other < count) {
      boxes[threadIdx.x] = survivors->box[other];
      areas[threadIdx.x] = survivors->area[other];
      groups[threadIdx.x] = survivors->group[other];
    }
    __syncthreads();
    const int here = min(kThreads, count - first);
    for (int j = 0; open && !hit && j < here; ++j) {
      hit = groups[j] == group && exceeds(boxes[j], areas[j], mine, area, visit.threshold);
    }
  }
  if (hit) removed[i] = 1;
}

template <typename T>
Tensor falling_order(const Tensor& scores) {
  using Key = std::make_signed_t<typename SortKey<T>::type>;
  const int64_t count = scores.size(0);
  const ScalarType type = sizeof(Key) == 4 ? ScalarType::Int : ScalarType::Long;
  Tensor keys = torch::stable::new_empty(scores, {count}, type);
  score_keys<T, Key><<<blocks_for(count, kThreads), kThreads, 0, current_stream(scores)>>>(
      scores.const_data_ptr<T>(), count, keys.mutable_data_ptr<Key>());
  STD_CUDA_KERNEL_LAUNCH_CHECK();
  return rising_order(keys);
}

template <typename T>
Tensor kept_by_rank(const Tensor& boxes, const Tensor& order, const Tensor* groups, T threshold,
                    int64_t limit) {
  using torch::stable::new_empty;
  using torch::stable::new_zeros;
  const int64_t count = boxes.size(0);
  const cudaStream_t stream = current_stream(boxes);
  const unsigned blocks = blocks_for(count, kThreads);
  const int64_t* order_data = order.const_data_ptr<int64_t>();

  std::optional<Tensor> names, ranks, sorted_names;
  if (groups != nullptr) {
    names = new_empty(order, {count}, ScalarType::Long);
    groups_by_rank<<<blocks, kThreads, 0, stream>>>(groups->const_data_ptr<int64_t>(), order_data,
                                                    count, names->mutable_data_ptr<int64_t>());
    STD_CUDA_KERNEL_LAUNCH_CHECK();
    ranks = rising_order(*names);
    sorted_names = new_empty(order, {count}, ScalarType::Long);
  }
  const int64_t* ranks_data = ranks ? ranks->const_data_ptr<int64_t>() : nullptr;
  int64_t* sorted_names_data = sorted_names ? sorted_names->mutable_data_ptr<int64_t>() : nullptr;
  const Tensor sorted = new_empty(boxes, {count, 4}, boxes.scalar_type());
  Box<T>* sorted_data = static_cast<Box<T>*>(sorted.mutable_data_ptr());
  gather<T><<<blocks, kThreads, 0, stream>>>(static_cast<const Box<T>*>(boxes.const_data_ptr()),
                                             names ? names->const_data_ptr<int64_t>() : nullptr,
                                             order_data, ranks_data, count, sorted_data,
                                             sorted_names_data);
  STD_CUDA_KERNEL_LAUNCH_CHECK();

  Tensor keep = new_zeros(boxes, {count}, ScalarType::Bool);
  Tensor removed = new_zeros(boxes, {count}, ScalarType::Byte);
  Tensor memory = new_zeros(boxes, {int64_t(sizeof(Survivors<T>))}, ScalarType::Byte);
  uint8_t* removed_data = removed.mutable_data_ptr<uint8_t>();
  auto* survivors = static_cast<Survivors<T>*>(memory.mutable_data_ptr());
  const Visit<T> visit{sorted_data, sorted_names_data, ranks_data, count, threshold, limit};
  for (int64_t start = 0; start < count; start += kTile) {
    decide<T><<<1, kTile, 0, stream>>>(visit, start, removed_data,
                                       static_cast<uint8_t*>(keep.mutable_data_ptr()), survivors);
    STD_CUDA_KERNEL_LAUNCH_CHECK();
    const int64_t next = start + kTile;
    if (next >= count) break;
    suppress<T><<<blocks_for(count - next, kThreads), kThreads, 0, stream>>>(visit, next, survivors,
                                                                             removed_data);
    STD_CUDA_KERNEL_LAUNCH_CHECK();
  }
  return keep;
}

Tensor run(const char* op, const Tensor& boxes, const Tensor& scores, const Tensor* groups,
           double threshold, std::optional<int64_t> max_output) {
  check_suppression(op, boxes, scores, threshold, max_output);
  const torch::stable::accelerator::DeviceGuard guard(boxes.get_device_index());
  const int64_t count = boxes.size(0), limit = max_output.value_or(count);
  if (count == 0 || limit == 0) return torch::stable::new_empty(boxes, {0}, ScalarType::Long);

  const Tensor plain_scores = computing(scores), plain = computing(boxes);
  const Tensor order = plain_scores.scalar_type() == ScalarType::Double
                           ? falling_order<double>(plain_scores)
                           : falling_order<float>(plain_scores);
  const Tensor keep = plain.scalar_type() == ScalarType::Double
                          ? kept_by_rank<double>(plain, order, groups, threshold, limit)
                          : kept_by_rank<float>(plain, order, groups, float(threshold), limit);
  Tensor kept = select(order, keep);
  if (kept.size(0) <= limit) return kept;
  return torch::stable::clone(torch::stable::narrow(kept, 0, 0, limit));
}

Tensor nms(const Tensor& boxes, const Tensor& scores, double iou_threshold,
           std::optional<int64_t> max_output) {
  return run("nms", boxes, scores, nullptr, iou_threshold, max_output);
}

Tensor batched_nms(const Tensor& boxes, const Tensor& scores, const Tensor& groups,
                   double iou_threshold, std::optional<int64_t> max_output) {
  check_groups("batched_nms", groups, boxes);
  const Tensor names = torch::stable::contiguous(groups);
  return run("batched_nms", boxes, scores, &names, iou_threshold, max_output);
}

}  // namespace
}  // namespace nntasks::nms

STABLE_TORCH_LIBRARY_IMPL(nntasks, CUDA, library) {
  library.impl("nms", TORCH_BOX(&nntasks::nms::nms));
  library.impl("batched_nms", TORCH_BOX(&nntasks::nms::batched_nms));
}
