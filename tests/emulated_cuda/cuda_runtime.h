// As much of CUDA as the kernels in csrc/cuda use, on the CPU and for tests only: that they compute
// the right thing can be shown where there is no GPU. Blocks run one after the other. The threads
// of a block are fibers of one thread: each runs until it waits, the first thread first in one
// launch and the last one in the next, so that a forgotten barrier shows. Threads that wait at
// different places, or name lanes that have left, are an error here, where a GPU would hang or
// guess.
#pragma once

#include <torch/csrc/stable/macros.h>

#include <cmath>
#include <cstdint>
#include <cstring>
#include <functional>
#include <utility>

#define __global__
#define __device__
#define __host__
#define __shared__ static
#define __launch_bounds__(threads)

#undef STD_CUDA_KERNEL_LAUNCH_CHECK
#define STD_CUDA_KERNEL_LAUNCH_CHECK()
#define aoti_torch_get_current_cuda_stream(index, stream) (*(stream) = nullptr, (void)(index), 0)

using cudaStream_t = void*;

struct dim3 {
  unsigned x, y, z;
  dim3(unsigned x = 1, unsigned y = 1, unsigned z = 1) : x(x), y(y), z(z) {}
};

extern dim3 gridDim, blockDim, blockIdx, threadIdx;

namespace emulated {

constexpr int kWarp = 32;

// Run a grid of blocks of threads that call `kernel`.
void run(dim3 grid, dim3 block, const std::function<void()>& kernel);

// Wait for all threads of the block; return whether the value of any is not 0.
bool wait_for_block(bool value);

// Wait for all 32 lanes of the warp with a value; return those of all lanes.
const uint64_t* wait_for_warp(uint32_t lanes, uint64_t value);

// What a kernel<<<grid, block, shared, stream>>>(arguments) becomes.
template <typename Kernel, typename... Arguments>
void launch(dim3 grid, dim3 block, const Kernel& kernel, const Arguments&... arguments) {
  run(grid, block, [&] { kernel(arguments...); });
}

struct DeviceGuard {
  explicit DeviceGuard(int32_t) {}
};

}  // namespace emulated

inline void __syncwarp() { emulated::wait_for_warp(0xffffffffu, 0); }
inline void __syncthreads() { emulated::wait_for_block(false); }
inline int __syncthreads_or(int value) { return emulated::wait_for_block(value != 0); }

inline uint32_t __ballot_sync(uint32_t lanes, bool value) {
  const uint64_t* all = emulated::wait_for_warp(lanes, value);
  uint32_t votes = 0;
  for (int lane = 0; lane < emulated::kWarp; ++lane) votes |= uint32_t(all[lane]) << lane;
  return votes;
}

template <typename T>
T __shfl_sync(uint32_t lanes, T value, int from) {
  static_assert(sizeof(T) <= sizeof(uint64_t));
  uint64_t bits = 0;
  std::memcpy(&bits, &value, sizeof value);
  bits = emulated::wait_for_warp(lanes, bits)[from];
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

template <typename T>
T __shfl_xor_sync(uint32_t lanes, T value, int mask) {
  return __shfl_sync(lanes, value, (int(threadIdx.x) % emulated::kWarp) ^ mask);
}

struct alignas(16) float4 {
  float x, y, z, w;
};

template <typename T>
T __ldcg(const T* from) {
  return *from;
}

template <typename T>
T atomicAdd(T* to, T value) {
  return std::exchange(*to, *to + value);
}

inline int __popc(uint32_t bits) { return __builtin_popcount(bits); }
inline int __ffs(int bits) { return __builtin_ffs(bits); }

template <typename T>
T min(T a, T b) {
  return b < a ? b : a;
}
