// nntasks::soft_nms on CPU (Bodla, Singh, Chellappa and Davis 2017, arXiv 1704.04503).
//
// The idea: lazy evaluation. Scores only fall, so a score that has not yet been multiplied by the
// decay of every box taken is an upper bound. The candidate with the highest bound is updated by
// the boxes taken since its last update, until it is final or another candidate is ahead; so most
// candidates are updated seldom. Each score is multiplied by the same decays in the same order as
// in the reference, and so has the same bits.
#include <torch/csrc/stable/library.h>
#include <torch/csrc/stable/ops.h>
#include <torch/csrc/stable/tensor.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <queue>
#include <tuple>
#include <vector>

#include "arguments.h"
#include "clones.h"
#include "nms/soft_nms_decay.h"

namespace nntasks::soft_nms {
namespace {

constexpr int kLanes = 16;

// Boxes taken so far, in blocks whose coordinates lie side by side.
template <typename T>
struct Block {
  T x1[kLanes], y1[kLanes], x2[kLanes], y2[kLanes];

  Box<T> operator[](int i) const { return {x1[i], y1[i], x2[i], y2[i]}; }

  void set(int i, const Box<T>& box) {
    x1[i] = box.x1;
    y1[i] = box.y1;
    x2[i] = box.x2;
    y2[i] = box.y2;
  }
};

// Return the first block from `from` on in which any box touches this one; `to` if there is none.
template <typename T>
NNTASKS_INLINE int64_t next_touching(const Block<T>* blocks, int64_t from, int64_t to,
                                     const Box<T>& box) {
  for (; from < to; ++from) {
    const Block<T>& block = blocks[from];
    int32_t any = 0;
    for (int i = 0; i < kLanes; ++i) {
      any |= (smaller(block.x2[i], box.x2) > larger(block.x1[i], box.x1)) &
             (smaller(block.y2[i], box.y2) > larger(block.y1[i], box.y1));
    }
    if (any) return from;
  }
  return to;
}

NNTASKS_CLONES int64_t find_touching(const Block<float>* blocks, int64_t from, int64_t to,
                                     const Box<float>& box) {
  return next_touching(blocks, from, to, box);
}

NNTASKS_CLONES int64_t find_touching(const Block<double>* blocks, int64_t from, int64_t to,
                                     const Box<double>& box) {
  return next_touching(blocks, from, to, box);
}

template <typename T>
struct Candidate {
  T score;
  int32_t index;
  int64_t applied;  // how many of the boxes taken its score includes

  // Whether it is taken later than another candidate.
  bool operator<(const Candidate& other) const {
    return score < other.score || (score == other.score && index > other.index);
  }
};

template <typename T>
class Suppression {
 public:
  Suppression(const Box<T>* boxes, const T* scores, int64_t count, const Decay& decay, T least)
      : boxes_(boxes), decay_(decay), least_(least) {
    std::vector<Candidate<T>> candidates;
    for (int64_t i = 0; i < count; ++i) {
      if (scores[i] > least) candidates.push_back({scores[i], int32_t(i), 0});
    }
    queue_ = std::priority_queue<Candidate<T>>(std::less<Candidate<T>>(), std::move(candidates));
  }

  void run(int64_t limit) {
    while (!queue_.empty() && int64_t(indices.size()) < limit) {
      Candidate<T> best = queue_.top();
      queue_.pop();
      update(best);
      if (!(best.score > least_)) continue;
      if (is_behind(best)) {
        queue_.push(best);
      } else {
        take(best);
      }
    }
  }

  std::vector<int64_t> indices;
  std::vector<T> scores;

 private:
  bool is_behind(const Candidate<T>& one) const { return !queue_.empty() && one < queue_.top(); }

  // Apply the boxes taken until all are applied, or the candidate is no longer the first.
  void update(Candidate<T>& one) const {
    const Box<T> box = boxes_[one.index];
    const T area = area_of(box);
    const int64_t taken = int64_t(indices.size());
    const int64_t blocks = int64_t(blocks_.size());
    while (one.applied < taken) {
      const int64_t block = one.applied / kLanes;
      const int64_t found = find_touching(blocks_.data(), block, blocks, box);
      if (found > block) one.applied = std::min(found * kLanes, taken);
      const int64_t end = std::min((found + 1) * kLanes, taken);
      for (; one.applied < end; ++one.applied) {
        const Box<T> other = blocks_[found][int(one.applied % kLanes)];
        one.score *= decay_.at(iou_of(other, area_of(other), box, area));
        if (!(one.score > least_)) return;
      }
      if (is_behind(one)) return;
    }
  }

  void take(const Candidate<T>& one) {
    const int lane = int(indices.size() % kLanes);
    if (lane == 0) blocks_.push_back({});  // empty boxes touch nothing
    blocks_.back().set(lane, boxes_[one.index]);
    indices.push_back(one.index);
    scores.push_back(one.score);
  }

  const Box<T>* boxes_;
  Decay decay_;
  T least_;
  std::priority_queue<Candidate<T>> queue_;
  std::vector<Block<T>> blocks_;
};

template <typename T>
std::tuple<Tensor, Tensor> run(const Tensor& boxes, const Tensor& scores, const Decay& decay,
                               double least, int64_t limit) {
  Suppression<T> suppression(static_cast<const Box<T>*>(boxes.const_data_ptr()),
                             scores.const_data_ptr<T>(), boxes.size(0), decay, T(least));
  suppression.run(limit);
  const int64_t count = int64_t(suppression.indices.size());
  Tensor indices = torch::stable::new_empty(boxes, {count}, ScalarType::Long);
  Tensor values = torch::stable::new_empty(boxes, {count}, boxes.scalar_type());
  std::copy_n(suppression.indices.begin(), count, indices.mutable_data_ptr<int64_t>());
  std::copy_n(suppression.scores.begin(), count, values.mutable_data_ptr<T>());
  return {indices, values};
}

std::tuple<Tensor, Tensor> soft_nms(const Tensor& boxes, const Tensor& scores, int64_t method,
                                    double sigma, double iou_threshold, double score_threshold,
                                    std::optional<int64_t> max_output) {
  check_soft_suppression("soft_nms", boxes, scores, method, sigma, iou_threshold, score_threshold,
                         max_output);
  const Tensor plain = computing(boxes);
  const ScalarType type = plain.scalar_type();
  const Tensor values = torch::stable::contiguous(torch::stable::to(scores, type));
  const Decay decay{method, sigma, iou_threshold};
  const int64_t limit = max_output.value_or(boxes.size(0));
  if (type == ScalarType::Double) return run<double>(plain, values, decay, score_threshold, limit);
  return run<float>(plain, values, decay, score_threshold, limit);
}

}  // namespace
}  // namespace nntasks::soft_nms

STABLE_TORCH_LIBRARY_IMPL(nntasks, CPU, library) {
  library.impl("soft_nms", TORCH_BOX(&nntasks::soft_nms::soft_nms));
}
