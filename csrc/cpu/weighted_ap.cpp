// nntasks::weighted_ap on CPU: checks, and what the sweeps over the rankings need beside them.
#include <torch/csrc/stable/library.h>
#include <torch/csrc/stable/ops.h>
#include <torch/csrc/stable/tensor.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <tuple>

#include "arguments.h"
#include "weighted_ap/sweep.h"

namespace nntasks::weighted_ap {
namespace {

constexpr int64_t kMostDetections = int64_t(1) << 23;  // so that their weights add up in int32
constexpr int64_t kMostTruths = int64_t(1) << 26, kMostImages = int64_t(1) << 24;
constexpr int64_t kMostLevels = 1001, kMostColumns = 4096;

const char* kOp = "weighted_ap";

void check_shapes(const Tensor& starts, const Tensor& image, const Tensor& copy,
                  const Tensor& outside, const Tensor& rows, const Tensor& right,
                  const Tensor& ignored, const Tensor& truths, const Tensor& weights,
                  const Tensor& levels) {
  check_vector(kOp, "starts", starts, ScalarType::Long);
  check_vector(kOp, "image", image, ScalarType::Long);
  check_vector(kOp, "copy", copy, ScalarType::Long);
  check_vector(kOp, "rows", rows, ScalarType::Long);
  check_vector(kOp, "levels", levels, ScalarType::Double);
  STD_TORCH_CHECK(outside.scalar_type() == ScalarType::Bool && outside.dim() == 2, kOp,
                  ": outside must be bool, of shape (N, A)");
  for (const Tensor* flags : {&right, &ignored}) {
    STD_TORCH_CHECK(flags->scalar_type() == ScalarType::Bool && flags->dim() == 3 &&
                        flags->size(0) == outside.size(1) && flags->size(1) == right.size(1) &&
                        flags->size(2) == rows.size(0),
                    kOp, ": right and ignored must be bool, of shape (A, T, K)");
  }
  STD_TORCH_CHECK(right.size(1) <= kMostColumns && right.size(0) <= kMostColumns &&
                      right.size(0) * right.size(1) <= kMostColumns,
                  kOp, ": expected at most 4096 columns, area ranges times thresholds");
  STD_TORCH_CHECK(weights.scalar_type() == ScalarType::Byte && weights.dim() == 2 &&
                      weights.size(1) <= kMostImages,
                  kOp, ": weights must be uint8, of shape (B, I), I at most 2^24");
  STD_TORCH_CHECK(starts.size(0) >= 1, kOp, ": starts must have shape (C + 1,)");
  STD_TORCH_CHECK(truths.scalar_type() == ScalarType::Long && truths.dim() == 3 &&
                      truths.size(0) == outside.size(1) && truths.size(1) == starts.size(0) - 1 &&
                      truths.size(2) == weights.size(0),
                  kOp, ": truths must be int64, of shape (A, C, B)");
  STD_TORCH_CHECK(image.size(0) == copy.size(0) && image.size(0) == outside.size(0) &&
                      image.size(0) < kMostDetections,
                  kOp, ": image, copy and outside must have one length, below 2^23");
  for (const Tensor* value :
       {&starts, &image, &copy, &outside, &rows, &right, &ignored, &truths, &weights, &levels}) {
    STD_TORCH_CHECK(value->is_cpu(), kOp, ": all tensors must be on the CPU");
  }
}

void check_values(const Rankings& rankings, int64_t detections, int64_t rows) {
  const int64_t* starts = rankings.starts;
  bool rising = starts[0] == 0 && starts[rankings.classes] == detections;
  for (int64_t i = 0; i < rankings.classes && rising; ++i) rising = starts[i + 1] >= starts[i];
  STD_TORCH_CHECK(rising, kOp, ": starts must rise from 0 to ", detections);
  for (int64_t i = 0; i < detections; ++i) {
    STD_TORCH_CHECK(rankings.image[i] >= 0 && rankings.image[i] < rankings.images, kOp,
                    ": image must be from 0 to ", rankings.images - 1);
    STD_TORCH_CHECK(rankings.copy[i] >= 0 && rankings.copy[i] <= 255, kOp,
                    ": copy must be from 0 to 255");
  }
  for (int64_t i = 0; i < rows; ++i) {
    const int64_t least = i ? rankings.rows[i - 1] + 1 : 0;
    STD_TORCH_CHECK(rankings.rows[i] >= least && rankings.rows[i] < detections, kOp,
                    ": rows must rise, from 0 to ", detections - 1);
  }
}

Levels levels_of(const Tensor& values) {
  const int64_t count = values.size(0);
  STD_TORCH_CHECK(count != 1 && count <= kMostLevels, kOp,
                  ": levels must be none, or 2 to 1001 from 0 to 1");
  Levels levels;
  if (!count) return levels;
  levels.last = int32_t(count - 1);
  const double* value = values.const_data_ptr<double>();
  for (int64_t i = 0; i < count; ++i) {
    const double nearest = double(i) / double(count - 1);
    STD_TORCH_CHECK(std::abs(value[i] - nearest) <= 1e-12, kOp,
                    ": levels must be evenly spaced from 0 to 1");
    levels.margin.push_back(value[i] > nearest ? kAnything : 0);
  }
  return levels;
}

// List what the rows do to each column, so that the sweeps pass over columns without an event.
void list_events(Rankings& rankings, const uint8_t* right, const uint8_t* ignored, int64_t rows) {
  rankings.first.assign(1, 0);
  for (int64_t row = 0; row < rows; ++row) {
    for (int64_t c = 0; c < rankings.columns(); ++c) {
      const uint8_t* outside = rankings.outside + rankings.rows[row] * rankings.areas;
      const bool out = outside[c / rankings.thresholds], left_out = ignored[c * rows + row];
      const bool is_right = right[c * rows + row] && !left_out;
      if (is_right || out != left_out) {
        rankings.events.push_back(
            {int32_t(c), -is_right, -(out && !left_out), -(left_out && !out)});
      }
    }
    rankings.first.push_back(int64_t(rankings.events.size()));
  }
  for (int64_t label = 0; label <= rankings.classes; ++label) {
    const int64_t* place =
        std::lower_bound(rankings.rows, rankings.rows + rows, rankings.starts[label]);
    rankings.row_of_class.push_back(place - rankings.rows);
  }
}

std::tuple<Tensor, Tensor> run(const Tensor& starts, const Tensor& image, const Tensor& copy,
                               const Tensor& outside, const Tensor& rows, const Tensor& right,
                               const Tensor& ignored, const Tensor& truths, const Tensor& weights,
                               const Tensor& levels) {
  check_shapes(starts, image, copy, outside, rows, right, ignored, truths, weights, levels);
  using torch::stable::contiguous;
  const Tensor all[] = {contiguous(starts),  contiguous(image),  contiguous(copy),
                        contiguous(outside), contiguous(rows),   contiguous(right),
                        contiguous(ignored), contiguous(truths), contiguous(weights),
                        contiguous(levels)};
  const auto bytes = [&](int i) { return static_cast<const uint8_t*>(all[i].const_data_ptr()); };
  const auto whole = [&](int i) { return all[i].const_data_ptr<int64_t>(); };
  Rankings rankings{starts.size(0) - 1,
                    weights.size(1),
                    outside.size(1),
                    right.size(1),
                    whole(0),
                    whole(1),
                    whole(2),
                    whole(4),
                    bytes(3),
                    {},
                    {},
                    {}};
  check_values(rankings, image.size(0), rows.size(0));
  const int64_t *truth = whole(7), count = truths.numel();
  for (int64_t i = 0; i < count; ++i) {
    STD_TORCH_CHECK(truth[i] >= 0 && truth[i] <= kMostTruths, kOp,
                    ": truths must be from 0 to 2^26");
  }
  const Levels wanted = levels_of(all[9]);
  list_events(rankings, bytes(5), bytes(6), rows.size(0));
  const int64_t weightings = weights.size(0);
  const int64_t shape[] = {rankings.areas, rankings.thresholds, rankings.classes, weightings};
  Tensor precision = torch::stable::new_empty(all[9], shape, ScalarType::Double);
  Tensor found = torch::stable::new_empty(all[9], shape, ScalarType::Long);
  const Output output{weightings, truth, precision.mutable_data_ptr<double>(),
                      found.mutable_data_ptr<int64_t>()};
  const int64_t blocks = (weightings + kLanes - 1) / kLanes;
  torch::stable::parallel_for(0, blocks, 1, [&](int64_t from, int64_t to) {
    for (int64_t block = from; block < to; ++block) {
      sweep_block(rankings, wanted, bytes(8), block, output);
    }
  });
  return {precision, found};
}

}  // namespace
}  // namespace nntasks::weighted_ap

STABLE_TORCH_LIBRARY_IMPL(nntasks, CPU, library) {
  library.impl("weighted_ap", TORCH_BOX(&nntasks::weighted_ap::run));
}
