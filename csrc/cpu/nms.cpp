// nntasks::nms and nntasks::batched_nms on CPU: one greedy pass by falling score (greedy_pass.h),
// in which a box is compared only with the kept boxes near it (kept_boxes.h). Groups are
// independent and run in parallel.
#include <torch/csrc/stable/library.h>
#include <torch/csrc/stable/ops.h>
#include <torch/csrc/stable/tensor.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <optional>
#include <vector>

#include "arguments.h"
#include "nms/greedy_pass.h"
#include "nms/score_order.h"
#include "threads.h"

namespace nntasks::nms {
namespace {

// Some milliseconds of work; for less, a second thread costs more than it saves.
constexpr int64_t kBoxesPerWorker = 32768;

// Ranks (positions in the order by score), group by group; they rise within a group.
struct Groups {
  std::vector<int32_t> ranks;
  std::vector<int32_t> starts;  // of each group, and the end
};

uint64_t scattered(uint64_t value) {  // the finaliser of SplitMix64
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9u;
  value = (value ^ (value >> 27)) * 0x94d049bb133111ebu;
  return value ^ (value >> 31);
}

Groups group_ranks(const int64_t* groups, const std::vector<int32_t>& order) {
  const size_t count = order.size();
  int bits = 4;
  while ((size_t(1) << bits) < 2 * count) ++bits;
  const size_t mask = (size_t(1) << bits) - 1;
  std::vector<int32_t> table(mask + 1, -1), of(count), sizes;
  std::vector<int64_t> names;
  for (size_t rank = 0; rank < count; ++rank) {
    const int64_t name = groups[order[rank]];
    size_t slot = scattered(uint64_t(name)) & mask;
    while (table[slot] >= 0 && names[table[slot]] != name) slot = (slot + 1) & mask;
    if (table[slot] < 0) {
      table[slot] = int32_t(names.size());
      names.push_back(name);
      sizes.push_back(0);
    }
    of[rank] = table[slot];
    ++sizes[table[slot]];
  }
  Groups result;
  result.starts.assign(1, 0);
  for (const int32_t size : sizes) result.starts.push_back(result.starts.back() + size);
  std::vector<int32_t> next(result.starts.begin(), result.starts.end() - 1);
  result.ranks.resize(count);
  for (size_t rank = 0; rank < count; ++rank) result.ranks[next[of[rank]]++] = int32_t(rank);
  return result;
}

// Decide groups, one after the other from the common counter; scratch memory is reused.
template <typename T>
void run_groups(const Box<T>* boxes, const std::vector<int32_t>& order, const Groups& groups,
                T threshold, int64_t limit, std::atomic<int64_t>& next, uint8_t* keep) {
  GreedyPass<T> pass;
  std::vector<Box<T>> sorted;
  std::vector<uint8_t> flags;
  const int64_t count = int64_t(groups.starts.size()) - 1;
  for (int64_t group = next++; group < count; group = next++) {
    const int32_t from = groups.starts[group], to = groups.starts[group + 1];
    sorted.clear();
    for (int32_t i = from; i < to; ++i) sorted.push_back(boxes[order[groups.ranks[i]]]);
    flags.assign(to - from, 0);
    pass.run(sorted.data(), int64_t(sorted.size()), threshold, limit, flags.data());
    for (int32_t i = from; i < to; ++i) keep[groups.ranks[i]] = flags[i - from];
  }
}

template <typename T>
std::vector<uint8_t> kept_ranks(const Box<T>* boxes, const std::vector<int32_t>& order,
                                const int64_t* groups, double threshold, int64_t limit) {
  std::vector<uint8_t> keep(order.size());
  if (groups == nullptr) {
    std::vector<Box<T>> sorted(order.size());
    torch::stable::parallel_for(0, int64_t(order.size()), kBoxesPerWorker,
                                [&](int64_t from, int64_t to) {
                                  for (int64_t i = from; i < to; ++i)
                                    sorted[size_t(i)] = boxes[order[size_t(i)]];
                                });
    GreedyPass<T>().run(sorted.data(), int64_t(sorted.size()), T(threshold), limit, keep.data());
    return keep;
  }
  const Groups by_group = group_ranks(groups, order);
  std::atomic<int64_t> next{0};
  const int64_t workers = std::min<int64_t>(torch::stable::get_num_threads(),
                                            int64_t(order.size()) / kBoxesPerWorker + 1);
  run_threads(workers, [&](int64_t) {
    run_groups(boxes, order, by_group, T(threshold), limit, next, keep.data());
  });
  return keep;
}

std::vector<int32_t> order_of(const Tensor& scores) {
  const int64_t count = scores.size(0);
  if (scores.scalar_type() == ScalarType::Double) {
    return score_order(scores.const_data_ptr<double>(), count);
  }
  return score_order(scores.const_data_ptr<float>(), count);
}

Tensor run(const char* op, const Tensor& boxes, const Tensor& scores, const Tensor* groups,
           double threshold, std::optional<int64_t> max_output) {
  check_suppression(op, boxes, scores, threshold, max_output);
  const int64_t limit = max_output.value_or(boxes.size(0));

  const std::vector<int32_t> order = order_of(computing(scores));
  const Tensor plain = computing(boxes);
  const Tensor names = groups ? torch::stable::contiguous(*groups) : plain;
  const int64_t* names_data = groups ? names.const_data_ptr<int64_t>() : nullptr;
  const void* data = plain.const_data_ptr();
  const std::vector<uint8_t> keep =
      plain.scalar_type() == ScalarType::Double
          ? kept_ranks(static_cast<const Box<double>*>(data), order, names_data, threshold, limit)
          : kept_ranks(static_cast<const Box<float>*>(data), order, names_data, threshold, limit);

  int64_t total = 0;
  for (const uint8_t flag : keep) total += flag;
  total = std::min(total, limit);
  Tensor result = torch::stable::new_empty(boxes, {total}, ScalarType::Long);
  int64_t* out = result.mutable_data_ptr<int64_t>();
  for (size_t rank = 0, found = 0; int64_t(found) < total; ++rank) {
    if (keep[rank]) out[found++] = order[rank];
  }
  return result;
}

Tensor nms(const Tensor& boxes, const Tensor& scores, double iou_threshold,
           std::optional<int64_t> max_output) {
  return run("nms", boxes, scores, nullptr, iou_threshold, max_output);
}

Tensor batched_nms(const Tensor& boxes, const Tensor& scores, const Tensor& groups,
                   double iou_threshold, std::optional<int64_t> max_output) {
  check_groups("batched_nms", groups, boxes);
  return run("batched_nms", boxes, scores, &groups, iou_threshold, max_output);
}

}  // namespace
}  // namespace nntasks::nms

STABLE_TORCH_LIBRARY_IMPL(nntasks, CPU, library) {
  library.impl("nms", TORCH_BOX(&nntasks::nms::nms));
  library.impl("batched_nms", TORCH_BOX(&nntasks::nms::batched_nms));
}
