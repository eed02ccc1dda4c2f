// What the CUDA kernels use of torch: the current stream, and a few ops through its dispatcher.
#pragma once

#include <cuda_runtime.h>
#include <torch/csrc/stable/accelerator.h>
#include <torch/csrc/stable/ops.h>
#include <torch/csrc/stable/tensor.h>

#include <array>
#include <cstdint>
#include <optional>
#include <utility>

namespace nntasks {

using torch::stable::Tensor;

inline cudaStream_t current_stream(const Tensor& tensor) {
  void* stream = nullptr;
  STABLE_TORCH_ERROR_CODE_CHECK(
      aoti_torch_get_current_cuda_stream(tensor.get_device_index(), &stream));
  return static_cast<cudaStream_t>(stream);
}

constexpr unsigned blocks_for(int64_t count, int64_t block) {
  return unsigned((count + block - 1) / block);
}

// Return the values in rising order and the indices that sort them, ties by index.
inline std::pair<Tensor, Tensor> rising(const Tensor& values) {
  using torch::stable::detail::from;
  std::array<StableIValue, 4> stack{from(values), from(std::optional<bool>(true)), from(int64_t(0)),
                                    from(false)};
  STABLE_TORCH_ERROR_CODE_CHECK(
      torch_call_dispatcher("aten::sort", "stable", stack.data(), TORCH_ABI_VERSION));
  return {torch::stable::detail::to<Tensor>(stack[0]), torch::stable::detail::to<Tensor>(stack[1])};
}

inline Tensor rising_order(const Tensor& values) { return rising(values).second; }

// Return the sums of a vector up to each of its values, int64.
inline Tensor running_sum(const Tensor& values) {
  using torch::stable::detail::from;
  std::array<StableIValue, 3> stack{
      from(values), from(int64_t(0)),
      from(std::optional<torch::headeronly::ScalarType>(torch::headeronly::ScalarType::Long))};
  STABLE_TORCH_ERROR_CODE_CHECK(
      torch_call_dispatcher("aten::cumsum", "", stack.data(), TORCH_ABI_VERSION));
  return torch::stable::detail::to<Tensor>(stack[0]);
}

// Return the values where the mask is true. The host waits for the device, to learn the size.
inline Tensor select(const Tensor& values, const Tensor& mask) {
  using torch::stable::detail::from;
  std::array<StableIValue, 2> stack{from(values), from(mask)};
  STABLE_TORCH_ERROR_CODE_CHECK(
      torch_call_dispatcher("aten::masked_select", "", stack.data(), TORCH_ABI_VERSION));
  return torch::stable::detail::to<Tensor>(stack[0]);
}

}  // namespace nntasks
