// nntasks::match_greedily on CPU: the greedy matching of the COCO evaluation. Groups share no
// truth, so they are matched in parallel.
#include <torch/csrc/stable/library.h>
#include <torch/csrc/stable/ops.h>
#include <torch/csrc/stable/tensor.h>

#include <algorithm>
#include <cstdint>
#include <vector>

#include "arguments.h"

namespace nntasks {
namespace {

constexpr double kNearlyOne = 1 - 1e-10;
constexpr int64_t kMostCandidates = int64_t(1) << 30;
constexpr int64_t kGroupsAtLeast = 64;  // for one thread

struct Matching {
  const int64_t *starts, *truths, *groups;
  const double* ious;
  const uint8_t *crowd, *ignored;
  std::vector<double> needed;  // by level
  int64_t areas;
  std::vector<uint8_t> used;  // (truth, area, level)
  int32_t* matched;           // (row, area, level)

  int64_t levels() const { return int64_t(needed.size()); }

  void match_row(int64_t row) {
    int32_t* out = matched + row * areas * levels();
    for (int64_t area = 0; area < areas; ++area) {
      for (int64_t level = 0; level < levels(); ++level) *out++ = choose(row, area, level);
    }
  }

  // Return the last open candidate that is not ignored, else the last open one, else -1. Candidates
  // go by rising IoU, so the last one has the highest.
  int32_t choose(int64_t row, int64_t area, int64_t level) {
    int64_t best = -1;
    for (int64_t i = starts[row + 1] - 1; i >= starts[row]; --i) {
      if (!(ious[i] >= needed[level])) continue;
      const int64_t truth = truths[i];
      if (used[(truth * areas + area) * levels() + level]) continue;
      const bool second = ignored[truth * areas + area];
      if (best < 0 || !second) best = truth;
      if (!second) break;
    }
    if (best >= 0 && !crowd[best]) used[(best * areas + area) * levels() + level] = 1;
    return int32_t(best);
  }
};

void check_shapes(const Tensor& starts, const Tensor& truths, const Tensor& ious,
                  const Tensor& groups, const Tensor& crowd, const Tensor& ignored,
                  const Tensor& thresholds) {
  const char* op = "match_greedily";
  check_vector(op, "starts", starts, ScalarType::Long);
  check_vector(op, "truths", truths, ScalarType::Long);
  check_vector(op, "ious", ious, ScalarType::Double);
  check_vector(op, "groups", groups, ScalarType::Long);
  check_vector(op, "thresholds", thresholds, ScalarType::Double);
  STD_TORCH_CHECK(crowd.scalar_type() == ScalarType::Bool && crowd.dim() == 1, op,
                  ": crowd must be bool, of shape (G,)");
  STD_TORCH_CHECK(ignored.scalar_type() == ScalarType::Bool && ignored.dim() == 2 &&
                      ignored.size(0) == crowd.size(0),
                  op, ": ignored must be bool, of shape (G, A)");
  STD_TORCH_CHECK(starts.size(0) == groups.size(0) + 1, op, ": starts must have shape (K + 1,)");
  STD_TORCH_CHECK(truths.size(0) == ious.size(0) && truths.size(0) < kMostCandidates, op,
                  ": truths and ious must have one shape, of fewer than 2^30");
  for (const Tensor* value : {&starts, &truths, &ious, &groups, &crowd, &ignored, &thresholds}) {
    STD_TORCH_CHECK(value->is_cpu(), op, ": all tensors must be on the CPU");
  }
}

void check_indices(const Matching& matching, int64_t rows, int64_t candidates, int64_t truths) {
  const char* op = "match_greedily";
  const int64_t* starts = matching.starts;
  bool right = starts[0] == 0 && starts[rows] == candidates;
  for (int64_t i = 0; i < rows && right; ++i) right = starts[i + 1] > starts[i];
  STD_TORCH_CHECK(right, op, ": starts must rise from 0 to ", candidates,
                  ", at least one candidate a row");
  for (int64_t i = 1; i < rows; ++i) {
    STD_TORCH_CHECK(matching.groups[i] >= matching.groups[i - 1], op, ": groups must not fall");
  }
  for (int64_t i = 0; i < candidates; ++i) {
    STD_TORCH_CHECK(matching.truths[i] >= 0 && matching.truths[i] < truths, op,
                    ": truths must be from 0 to ", truths - 1);
  }
}

// Whether groups share a truth; two threads would then write to the same entry of `used`.
bool share_truths(const Matching& matching, const std::vector<int64_t>& first, int64_t truths) {
  std::vector<int64_t> owner(truths, -1);
  for (int64_t group = 0; group + 1 < int64_t(first.size()); ++group) {
    for (int64_t i = matching.starts[first[group]]; i < matching.starts[first[group + 1]]; ++i) {
      int64_t& mine = owner[matching.truths[i]];
      if (mine >= 0 && mine != group) return true;
      mine = group;
    }
  }
  return false;
}

Tensor match_greedily(const Tensor& starts, const Tensor& truths, const Tensor& ious,
                      const Tensor& groups, const Tensor& crowd, const Tensor& ignored,
                      const Tensor& thresholds) {
  check_shapes(starts, truths, ious, groups, crowd, ignored, thresholds);
  using torch::stable::contiguous;
  const Tensor all[] = {contiguous(starts),    contiguous(truths), contiguous(groups),
                        contiguous(ious),      contiguous(crowd),  contiguous(ignored),
                        contiguous(thresholds)};
  const int64_t rows = groups.size(0), areas = ignored.size(1), levels = thresholds.size(0);
  Tensor out = torch::stable::new_empty(all[0], {rows, areas, levels}, ScalarType::Int);
  const double* needed = all[6].const_data_ptr<double>();
  Matching matching{all[0].const_data_ptr<int64_t>(),
                    all[1].const_data_ptr<int64_t>(),
                    all[2].const_data_ptr<int64_t>(),
                    all[3].const_data_ptr<double>(),
                    static_cast<const uint8_t*>(all[4].const_data_ptr()),
                    static_cast<const uint8_t*>(all[5].const_data_ptr()),
                    std::vector<double>(needed, needed + levels),
                    areas,
                    {},
                    out.mutable_data_ptr<int32_t>()};
  check_indices(matching, rows, truths.size(0), crowd.size(0));
  for (double& value : matching.needed) value = value > kNearlyOne ? kNearlyOne : value;
  matching.used.assign(size_t(crowd.size(0) * areas * levels), 0);

  std::vector<int64_t> first;
  for (int64_t row = 0; row < rows; ++row) {
    if (row == 0 || matching.groups[row] != matching.groups[row - 1]) first.push_back(row);
  }
  first.push_back(rows);
  STD_TORCH_CHECK(!share_truths(matching, first, crowd.size(0)),
                  "match_greedily: rows of different groups must not share truths");
  const int64_t count = int64_t(first.size()) - 1;
  torch::stable::parallel_for(0, count, kGroupsAtLeast, [&](int64_t from, int64_t to) {
    for (int64_t row = first[from]; row < first[to]; ++row) matching.match_row(row);
  });
  return out;
}

}  // namespace
}  // namespace nntasks

STABLE_TORCH_LIBRARY_IMPL(nntasks, CPU, library) {
  library.impl("match_greedily", TORCH_BOX(&nntasks::match_greedily));
}
