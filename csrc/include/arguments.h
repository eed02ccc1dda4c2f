// Checks of raw calls. The Python wrappers check more and say more; these keep memory safe.
#pragma once

#include <torch/csrc/stable/ops.h>
#include <torch/csrc/stable/tensor.h>
#include <torch/headeronly/core/ScalarType.h>
#include <torch/headeronly/util/Exception.h>

#include <cstdint>
#include <limits>

namespace nntasks {

using torch::headeronly::ScalarType;
using torch::stable::Tensor;

inline void check_floats(const char* op, const char* name, const Tensor& value) {
  const ScalarType type = value.scalar_type();
  STD_TORCH_CHECK(type == ScalarType::Float || type == ScalarType::Double ||
                      type == ScalarType::Half || type == ScalarType::BFloat16,
                  op, ": ", name, " must be float16, bfloat16, float32 or float64");
}

inline void check_boxes(const char* op, const char* name, const Tensor& boxes) {
  check_floats(op, name, boxes);
  STD_TORCH_CHECK(boxes.dim() == 2 && boxes.size(1) == 4, op, ": ", name,
                  " must have shape (N, 4)");
  STD_TORCH_CHECK(boxes.size(0) <= std::numeric_limits<int32_t>::max() / 2, op, ": ", name,
                  " has more than 2^30 boxes");
}

inline void check_one_per_box(const char* op, const char* name, const Tensor& value,
                              const Tensor& boxes) {
  STD_TORCH_CHECK(value.dim() == 1 && value.size(0) == boxes.size(0), op, ": ", name,
                  " must have one value a box");
  STD_TORCH_CHECK(value.is_cuda() == boxes.is_cuda() && value.is_cpu() == boxes.is_cpu() &&
                      value.get_device_index() == boxes.get_device_index(),
                  op, ": ", name, " must be on the device of the boxes");
}

// Written so that NaN fails.
inline void check_threshold(const char* op, double threshold) {
  STD_TORCH_CHECK(threshold >= 0.0 && threshold <= 1.0, op, ": iou_threshold must be from 0 to 1");
}

// Contiguous, and float32 unless it is float64.
inline Tensor computing(const Tensor& value) {
  const ScalarType type = value.scalar_type();
  if (type == ScalarType::Float || type == ScalarType::Double) {
    return value.is_contiguous() ? value : torch::stable::contiguous(value);
  }
  return torch::stable::contiguous(torch::stable::to(value, ScalarType::Float));
}

}  // namespace nntasks
