// nntasks::philox on CUDA.
#include <torch/csrc/stable/library.h>

#include <cstdint>

#include "arguments.h"
#include "device.h"
#include "philox.h"

namespace nntasks {
namespace {

constexpr int kThreads = 256;

__global__ void fill(const int64_t* counters, int64_t count, uint64_t seed, uint64_t stream,
                     int64_t* out) {
  const int64_t i = int64_t(blockIdx.x) * kThreads + threadIdx.x;
  if (i >= count) return;
  const Words words = philox(uint64_t(counters[i]), stream, seed);
  for (int w = 0; w < 4; ++w) out[4 * i + w] = int64_t(words.word[w]);
}

Tensor philox_words(const Tensor& counters, int64_t seed, int64_t stream) {
  check_vector("philox", "counters", counters, ScalarType::Long);
  const torch::stable::accelerator::DeviceGuard guard(counters.get_device_index());
  const Tensor plain = torch::stable::contiguous(counters);
  const int64_t count = plain.size(0);
  Tensor out = torch::stable::new_empty(plain, {count, 4}, ScalarType::Long);
  if (count == 0) return out;
  fill<<<blocks_for(count, kThreads), kThreads, 0, current_stream(plain)>>>(
      plain.const_data_ptr<int64_t>(), count, uint64_t(seed), uint64_t(stream),
      out.mutable_data_ptr<int64_t>());
  STD_CUDA_KERNEL_LAUNCH_CHECK();
  return out;
}

}  // namespace
}  // namespace nntasks

STABLE_TORCH_LIBRARY_IMPL(nntasks, CUDA, library) {
  library.impl("philox", TORCH_BOX(&nntasks::philox_words));
}
