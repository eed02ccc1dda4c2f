// Training in blocks on a device: the same bits from run to run, on every device of one kind.
//
// The idea: the gradients of a block of centres are taken at the same vectors, a warp a centre, and
// written to rows of their own; then each vector that got any is read, added to in the order of the
// centres, and written, by one warp. Who adds what is known beforehand, because draws do not depend
// on vectors: key_slots numbers every row by block and vector, one stable sort of the whole piece
// brings the rows of a vector together, in the order of the centres, and no atomic addition is
// left.
//
// The invariant: the slots of a block are a stretch of the sorted list (unused ones at its end),
// and a vector of the block is one run of equal keys in it.
#pragma once

#include "skipgram/cuda_step.h"

namespace nntasks::skipgram {

constexpr int64_t kSlotsAWarp = 4;  // of the sorted list

// A number for the vector that a slot's gradient is added to; rising with the block of the slot.
struct SlotKeys {
  int64_t block, vocabulary;

  NNTASKS_INLINE int64_t base(int64_t centre) const {
    return centre / block * (2 * vocabulary + 1);
  }
  __device__ int64_t input(int32_t word) const { return word; }
  __device__ int64_t output(int32_t word) const { return vocabulary + word; }
  __device__ int64_t unused() const { return 2 * vocabulary; }
};

__global__ void __launch_bounds__(kWarps* kLanes)
    key_slots(CudaJob job, SlotKeys of, int64_t from, int64_t to, int64_t* keys) {
  __shared__ WarpMemory shared[kWarps];
  WarpMemory& memory = shared[threadIdx.x / kLanes];
  const int64_t n = from + warp_of_grid();
  if (n >= to) return;
  const Centre centre = gather(job, n, memory);
  for (int slot = lane_of_thread(); slot < job.slots; slot += kLanes) {
    const int target = slot - job.sources;
    int64_t key = of.unused();
    if (slot < centre.sources) key = of.input(memory.source[slot]);
    if (target >= 0 && target < centre.targets) key = of.output(memory.target[target]);
    keys[(n - from) * job.slots + slot] = of.base(n) + key;
  }
}

// Write the gradients of the centres from..to to rows.
__global__ void __launch_bounds__(kWarps* kLanes)
    take_gradients(CudaJob job, int64_t from, int64_t to, float* rows) {
  __shared__ WarpMemory shared[kWarps];
  WarpMemory& memory = shared[threadIdx.x / kLanes];
  const int64_t n = from + warp_of_grid();
  if (n >= to) return;
  const GradientRows mine{rows + (n - from) * job.slots * job.settings.columns,
                          job.settings.columns};
  const Centre centre = gather(job, n, memory);
  if (centre.sources) CudaStep<false>(job, memory, centre, mine).take(job.stats + n * kStats);
}

struct SortedSlots {
  const int64_t *keys, *order;  // of a stretch of text: rising keys, and the slot of each
  int64_t from, to;             // the slots of the block
};

// Return how many keys from `at` on equal the one there.
__device__ inline int64_t run_length(const SortedSlots& slots, int64_t at) {
  const int64_t key = slots.keys[at];
  for (int64_t length = 0;; length += kLanes) {
    const int64_t mine = at + length + lane_of_thread();
    const bool equal = mine < slots.to && slots.keys[mine] == key;
    const unsigned others = ~__ballot_sync(kAllLanes, equal);
    if (others) return length + __ffs(int(others)) - 1;
  }
}

// Add `length` rows of gradients to a vector, in order.
__device__ inline void add_run(const SortedSlots& slots, int64_t at, int64_t length, float* vector,
                               const float* rows, int64_t columns) {
  const int lane = lane_of_thread();
  for (int64_t from = 0; from < columns; from += kStride) {
    const int64_t column = from + 4 * lane;
    const bool inside = column < columns;
    float4* to = reinterpret_cast<float4*>(vector + (inside ? column : 0));
    float4 sum = inside ? *to : float4{};
    for (int64_t base = 0; base < length; base += kLanes) {
      const int count = length - base < kLanes ? int(length - base) : kLanes;
      const int64_t slot = lane < count ? slots.order[at + base + lane] - slots.from : 0;
#pragma unroll 8
      for (int i = 0; i < count; ++i) {
        const float* row = rows + __shfl_sync(kAllLanes, slot, i) * columns;
        if (inside) sum = plus(sum, *reinterpret_cast<const float4*>(row + column));
      }
    }
    if (inside) *to = sum;
  }
}

__global__ void __launch_bounds__(kWarps* kLanes)
    add_gradients(CudaJob job, SlotKeys of, SortedSlots slots, int64_t base, const float* rows) {
  const Settings& s = job.settings;
  int64_t at = slots.from + warp_of_grid() * kSlotsAWarp;
  const int64_t end = at + kSlotsAWarp < slots.to ? at + kSlotsAWarp : slots.to;
  while (at < end) {
    const int64_t key = slots.keys[at] - base;
    if (key == of.unused()) return;
    const int64_t length = run_length(slots, at);
    const bool begins = at == slots.from || slots.keys[at - 1] - base != key;
    float* matrix = key < s.vocabulary ? s.inputs : s.outputs;
    const int64_t word = key < s.vocabulary ? key : key - s.vocabulary;
    if (begins) add_run(slots, at, length, matrix + word * s.columns, rows, s.columns);
    at += length;
  }
}

}  // namespace nntasks::skipgram
