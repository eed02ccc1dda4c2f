// nntasks::philox on CPU.
#include <torch/csrc/stable/library.h>
#include <torch/csrc/stable/ops.h>
#include <torch/csrc/stable/tensor.h>

#include <cstdint>

#include "arguments.h"
#include "clones.h"
#include "philox.h"

namespace nntasks {
namespace {

NNTASKS_CLONES void fill(const int64_t* counters, int64_t count, uint64_t seed, uint64_t stream,
                         int64_t* out) {
  for (int64_t i = 0; i < count; ++i) {
    const Words words = philox(uint64_t(counters[i]), stream, seed);
    for (int w = 0; w < 4; ++w) out[4 * i + w] = int64_t(words.word[w]);
  }
}

Tensor philox_words(const Tensor& counters, int64_t seed, int64_t stream) {
  check_vector("philox", "counters", counters, ScalarType::Long);
  const Tensor plain = torch::stable::contiguous(counters);
  const int64_t count = plain.size(0);
  Tensor out = torch::stable::new_empty(plain, {count, 4}, ScalarType::Long);
  const int64_t* in = plain.const_data_ptr<int64_t>();
  int64_t* values = out.mutable_data_ptr<int64_t>();
  torch::stable::parallel_for(0, count, 4096, [&](int64_t from, int64_t to) {
    fill(in + from, to - from, uint64_t(seed), uint64_t(stream), values + 4 * from);
  });
  return out;
}

}  // namespace
}  // namespace nntasks

STABLE_TORCH_LIBRARY_IMPL(nntasks, CPU, library) {
  library.impl("philox", TORCH_BOX(&nntasks::philox_words));
}
