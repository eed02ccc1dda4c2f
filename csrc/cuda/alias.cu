// nntasks::alias_draw on CUDA: each thread makes two draws, from one block of random words. The
// reference builds the tables; its prefix sums run on the device.
#include <torch/csrc/stable/library.h>

#include <cstdint>

#include "alias.h"
#include "arguments.h"
#include "device.h"
#include "philox.h"

namespace nntasks {
namespace {

constexpr int kThreads = 256;

__global__ void draw(const Bucket* table, uint64_t size, int bits, int64_t count, uint64_t seed,
                     int64_t offset, int64_t* out) {
  const int64_t pair = (offset >> 1) + int64_t(blockIdx.x) * kThreads + threadIdx.x;
  const Words words = philox(uint64_t(pair), 0, seed);
  const uint64_t random[2] = {words.low(), words.high()};
  for (int half = 0; half < 2; ++half) {
    const int64_t at = 2 * pair + half - offset;
    if (at >= 0 && at < count) out[at] = draw_one(table, size, bits, random[half]);
  }
}

Tensor alias_draw(const Tensor& table, int64_t count, int64_t seed, int64_t offset) {
  check_alias_draw(table, count, offset);
  const torch::stable::accelerator::DeviceGuard guard(table.get_device_index());
  const Tensor plain = torch::stable::contiguous(table);
  const int64_t size = plain.size(0);
  Tensor out = torch::stable::new_empty(plain, {count}, ScalarType::Long);
  if (count == 0) return out;
  const int64_t pairs = ((offset + count + 1) >> 1) - (offset >> 1);
  STD_TORCH_CHECK(pairs <= int64_t(kThreads) * 0x7fffffff, "alias_draw: too many draws at once");
  draw<<<blocks_for(pairs, kThreads), kThreads, 0, current_stream(plain)>>>(
      static_cast<const Bucket*>(plain.const_data_ptr()), uint64_t(size), bucket_bits(size), count,
      uint64_t(seed), offset, out.mutable_data_ptr<int64_t>());
  STD_CUDA_KERNEL_LAUNCH_CHECK();
  return out;
}

}  // namespace
}  // namespace nntasks

STABLE_TORCH_LIBRARY_IMPL(nntasks, CUDA, library) {
  library.impl("alias_draw", TORCH_BOX(&nntasks::alias_draw));
}
