// Checks of raw calls. They keep memory safe; the Python wrappers check more, with better messages.
#pragma once

#include <torch/csrc/stable/ops.h>
#include <torch/csrc/stable/tensor.h>
#include <torch/headeronly/core/ScalarType.h>
#include <torch/headeronly/util/Exception.h>

#include <cstdint>
#include <limits>
#include <optional>

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

inline void check_vector(const char* op, const char* name, const Tensor& value, ScalarType type) {
  STD_TORCH_CHECK(value.dim() == 1, op, ": ", name, " must have shape (N,)");
  STD_TORCH_CHECK(value.scalar_type() == type, op, ": ", name, " must be ",
                  type == ScalarType::Long  ? "int64"
                  : type == ScalarType::Int ? "int32"
                                            : "float64");
}

inline bool on_one_device(const Tensor& a, const Tensor& b) {
  return a.is_cuda() == b.is_cuda() && a.is_cpu() == b.is_cpu() &&
         a.get_device_index() == b.get_device_index();
}

inline void check_one_per_box(const char* op, const char* name, const Tensor& value,
                              const Tensor& boxes) {
  STD_TORCH_CHECK(value.dim() == 1 && value.size(0) == boxes.size(0), op, ": ", name,
                  " must have one value a box");
  STD_TORCH_CHECK(on_one_device(value, boxes), op, ": ", name, " must be on the boxes' device");
}

inline void check_pair(const char* op, const Tensor& a, const Tensor& b) {
  STD_TORCH_CHECK(a.scalar_type() == b.scalar_type(), op, ": a and b must have one dtype");
  STD_TORCH_CHECK(on_one_device(a, b), op, ": a and b must be on one device");
}

// Written so that NaN fails.
inline void check_threshold(const char* op, double threshold) {
  STD_TORCH_CHECK(threshold >= 0.0 && threshold <= 1.0, op, ": iou_threshold must be from 0 to 1");
}

inline void check_suppression(const char* op, const Tensor& boxes, const Tensor& scores,
                              double threshold, const std::optional<int64_t>& max_output) {
  check_boxes(op, "boxes", boxes);
  check_floats(op, "scores", scores);
  check_one_per_box(op, "scores", scores, boxes);
  check_threshold(op, threshold);
  STD_TORCH_CHECK(!max_output || *max_output >= 0, op, ": max_output must be 0 or more");
}

inline void check_soft_suppression(const char* op, const Tensor& boxes, const Tensor& scores,
                                   int64_t method, double sigma, double threshold, double least,
                                   const std::optional<int64_t>& max_output) {
  check_suppression(op, boxes, scores, threshold, max_output);
  constexpr double kMost = std::numeric_limits<double>::max();
  STD_TORCH_CHECK(method == 0 || method == 1, op, ": method must be 0 or 1");
  STD_TORCH_CHECK(sigma > 0 && sigma <= kMost, op, ": sigma must be above 0 and finite");
  STD_TORCH_CHECK(least >= 0 && least <= kMost, op, ": score_threshold must be 0 or more");
}

inline void check_groups(const char* op, const Tensor& groups, const Tensor& boxes) {
  STD_TORCH_CHECK(groups.scalar_type() == ScalarType::Long, op, ": groups must be int64");
  check_boxes(op, "boxes", boxes);
  check_one_per_box(op, "groups", groups, boxes);
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
