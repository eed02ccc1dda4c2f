// nntasks::skipgram on CPU. What is computed is told in core/ops/skipgram.py, the step of one
// centre lies in centre_step.h.
#include <torch/csrc/stable/library.h>
#include <torch/csrc/stable/ops.h>
#include <torch/csrc/stable/tensor.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <deque>
#include <limits>
#include <mutex>
#include <vector>

#include "arguments.h"
#include "centre_step.h"
#include "clones.h"
#include "threads.h"
#include "window_plan.h"

namespace nntasks {
namespace {

constexpr int64_t kChunk = 16;           // centres whose gradients are laid out together
constexpr int64_t kLockFreePiece = 512;  // centres that a thread takes at once
constexpr int64_t kShares = 16;          // parts of the vocabulary, for threads to add gradients to
constexpr int64_t kColumns = 16;
constexpr int64_t kMostTogether = 64;
constexpr int64_t kAhead = 4;         // centres whose vectors are fetched beforehand
constexpr int64_t kChangesAhead = 5;  // rows that are fetched before they are added

NNTASKS_CLONES void add_all(float* __restrict to, const float* __restrict from, int64_t size) {
  for (int64_t i = 0; i < size; ++i) to[i] += from[i];
}

// What is trained on, and by whom.
struct Job {
  Settings settings;
  std::vector<Occurrence> kept;
  const Bucket* table;
  uint64_t seed;
  int64_t offset;

  int64_t size() const { return int64_t(kept.size()); }
};

// Walks through centres, draws negatives some groups ahead, and has fetched beforehand what draws
// and steps will look at: a little with every centre, as a processor waits for few fetches at a
// time.
class Walk {
 public:
  explicit Walk(const Job& job)
      : job_(job),
        s_(job.settings),
        noise_(job.table, s_.vocabulary, s_.negatives, job.seed, job.offset),
        groups_ahead_(std::max<int64_t>(1, kAhead / s_.together)),
        drawn_(size_t((groups_ahead_ + 1) * s_.negatives)) {}

  // Begin with centre `from`; none from `to` on will be asked for.
  void begin(int64_t from, int64_t to) {
    to_ = to;
    group_ = from / s_.together;
    for (int64_t ahead = 0; ahead < groups_ahead_; ++ahead) {
      draw(group_ + ahead, from);
      if ((group_ + ahead) * s_.together >= to_) break;
      for (int64_t j = 0; j < s_.negatives; ++j) {
        fetch(s_.outputs, drawn_of(group_ + ahead)[j]);
      }
    }
    for (int64_t i = from; i < std::min(from + kAhead, to); ++i) fetch_words(i);
    look_up(group_ + groups_ahead_, from);
    next(from);
  }

  // Lay the vectors of centre `i` on a desk; called for one after the other.
  void gather(int64_t i, Desk& desk) {
    if (i / s_.together != group_) {
      group_ = i / s_.together;
      next(i);
    }
    const int64_t group = group_ + groups_ahead_;
    if (group * s_.together < to_) {
      const int32_t* drawn = drawn_of(group);
      for (int64_t j = i % s_.together; j < s_.negatives; j += s_.together) {
        fetch(s_.outputs, drawn[j]);
      }
    }
    if (i + kAhead < to_) fetch_words(i + kAhead);
    desk.gather(s_, job_.kept, i, drawn_of(group_));
  }

 private:
  int32_t* drawn_of(int64_t group) {
    return &drawn_[size_t(group % (groups_ahead_ + 1) * s_.negatives)];
  }

  // Any centre of the group will do, but it must not lie before `from`.
  int64_t one_of(int64_t group, int64_t from) const { return std::max(group * s_.together, from); }

  // Draw for the last group that is needed, and look up where the one after will be drawn.
  void next(int64_t from) {
    draw(group_ + groups_ahead_, from);
    look_up(group_ + groups_ahead_ + 1, from);
  }

  void draw(int64_t group, int64_t from) {
    const int64_t i = one_of(group, from);
    if (i < to_) noise_.draw(job_.kept[size_t(i)], drawn_of(group));
  }

  void look_up(int64_t group, int64_t from) {
    const int64_t i = one_of(group, from);
    if (i < to_) noise_.prefetch(job_.kept[size_t(i)]);
  }

  void fetch_words(int64_t i) const {
    fetch(s_.outputs, job_.kept[size_t(i)].word);
    const int64_t farthest = std::min(i + s_.window, job_.size() - 1);
    fetch(s_.inputs, job_.kept[size_t(farthest)].word);
  }

  void fetch(const float* matrix, int32_t word) const {
    const float* row = matrix + int64_t(word) * s_.columns;
    for (int64_t d = 0; d < s_.columns; d += 16) __builtin_prefetch(row + d, 1);
  }

  const Job& job_;
  const Settings& s_;
  int64_t to_ = 0, group_ = 0;
  Negatives noise_;
  int64_t groups_ahead_;
  std::vector<int32_t> drawn_;
};

// Train on all threads, every centre's step at once; threads may overwrite each other's.
Counts train_lock_free(const Job& job) {
  const Settings& s = job.settings;
  const int64_t pieces = (job.size() + kLockFreePiece - 1) / kLockFreePiece;
  Counts total;
  std::mutex lock;
  std::atomic<int64_t> next{0};
  run_threads(std::min<int64_t>(torch::stable::get_num_threads(), pieces + 1), [&](int64_t) {
    Desk desk(s);
    Walk walk(job);
    CentreStep step(s, true);
    Counts counts;
    for (int64_t piece = next++; piece < pieces; piece = next++) {
      const int64_t from = piece * kLockFreePiece;
      const int64_t to = std::min(from + kLockFreePiece, job.size());
      walk.begin(from, to);
      for (int64_t i = from; i < to; ++i) {
        walk.gather(i, desk);
        if (desk.sources) step.take(desk, counts);
      }
    }
    const std::lock_guard<std::mutex> guard(lock);
    total += counts;
  });
  return total;
}

// The gradients of up to kChunk centres, one row for each vector, laid out to be added later.
class OrderedChunk {
 public:
  explicit OrderedChunk(const Job& job)
      : job_(job),
        s_(job.settings),
        walk_(job),
        desk_(s_),
        step_(s_, false),
        gradients_(size_t(kChunk * (1 + s_.most_targets()) + 2 * s_.window) * size_t(s_.columns)),
        context_rows_(size_t(kChunk + 2 * s_.window)) {
    while (mask_ < 2 * kChunk * s_.most_targets()) mask_ = 2 * mask_ + 1;
    target_rows_.resize(size_t(mask_) + 1);
  }

  void compute(int64_t from, int64_t to) {
    for (auto& changes : changes_) changes.clear();
    std::fill(context_rows_.begin(), context_rows_.end(), nullptr);
    std::fill(target_rows_.begin(), target_rows_.end(), TargetRow{-1, nullptr});
    free_ = gradients_.data();
    base_ = std::max<int64_t>(0, from - s_.window);
    walk_.begin(from, to);
    for (int64_t i = from; i < to; ++i) {
      walk_.gather(i, desk_);
      if (!desk_.sources) continue;
      for (int64_t r = 0; r < desk_.sources; ++r) {
        step_.source_to[size_t(r)] = context_row(desk_.places[size_t(r)]);
      }
      for (int64_t r = 0; r < desk_.targets; ++r) {
        step_.target_to[size_t(r)] = target_row(desk_.words[size_t(r)]);
      }
      step_.take(desk_, counts_);
    }
  }

  // Add what falls to a share of the vocabulary.
  void apply(int64_t share) const {
    const std::vector<Change>& changes = changes_[share];
    const int64_t count = int64_t(changes.size());
    for (int64_t i = 0; i < count; ++i) {
      if (i + kChangesAhead < count) {
        const Change& later = changes[size_t(i + kChangesAhead)];
        for (int64_t d = 0; d < s_.columns; d += 16) {
          __builtin_prefetch(later.gradient + d);
          __builtin_prefetch(later.vector + d, 1);
        }
      }
      add_all(changes[size_t(i)].vector, changes[size_t(i)].gradient, s_.columns);
    }
  }

  const Counts& counts() const { return counts_; }

 private:
  struct Change {
    float* vector;
    const float* gradient;
  };
  struct TargetRow {
    int32_t word;
    float* row;
  };

  float* new_row(int32_t word, float* matrix) {
    float* row = free_;
    free_ += s_.columns;
    std::fill(row, free_, 0.0f);
    changes_[word % kShares].push_back({matrix + int64_t(word) * s_.columns, row});
    return row;
  }

  float* context_row(int64_t place) {
    float*& row = context_rows_[size_t(place - base_)];
    if (!row) row = new_row(job_.kept[size_t(place)].word, s_.inputs);
    return row;
  }

  float* target_row(int32_t word) {
    int64_t at = int64_t(uint32_t(word) * 2654435769u >> 8) & mask_;
    while (target_rows_[size_t(at)].row && target_rows_[size_t(at)].word != word) {
      at = (at + 1) & mask_;
    }
    TargetRow& found = target_rows_[size_t(at)];
    if (!found.row) found = {word, new_row(word, s_.outputs)};
    return found.row;
  }

  const Job& job_;
  const Settings& s_;
  Walk walk_;
  Desk desk_;
  CentreStep step_;
  std::vector<float> gradients_;
  std::vector<float*> context_rows_;    // by place
  std::vector<TargetRow> target_rows_;  // a table by word
  std::vector<Change> changes_[kShares];
  Counts counts_;
  float* free_ = nullptr;
  int64_t base_ = 0, mask_ = 63;
};

// Train in blocks: all gradients of a block are taken at the same vectors and added in one order,
// whoever computed them.
Counts train_in_order(const Job& job, int64_t block) {
  const int64_t most = std::min((block + kChunk - 1) / kChunk, job.size() / kChunk + 1);
  const int64_t blocks = (job.size() + block - 1) / block;
  std::deque<OrderedChunk> chunks;
  for (int64_t c = 0; c < most; ++c) chunks.emplace_back(job);
  const auto used = [&](int64_t number) {
    const int64_t end = std::min((number + 1) * block, job.size());
    return (end - number * block + kChunk - 1) / kChunk;
  };
  Tickets tickets;
  run_threads(std::clamp<int64_t>(torch::stable::get_num_threads(), 1, most), [&](int64_t) {
    for (int64_t ticket = tickets.take(); ticket < blocks * (most + kShares);
         ticket = tickets.take()) {
      const int64_t number = ticket / (most + kShares), at = ticket % (most + kShares);
      const int64_t phase = at < most ? ticket - at : ticket - at + most;
      tickets.wait_for_all_before(phase);
      if (at < most) {
        const int64_t from = number * block + at * kChunk;
        const int64_t end = std::min((number + 1) * block, job.size());
        if (at < used(number)) chunks[size_t(at)].compute(from, std::min(from + kChunk, end));
      } else {
        for (int64_t c = 0; c < used(number); ++c) chunks[size_t(c)].apply(at - most);
      }
      tickets.done();
    }
  });
  Counts total;
  for (const OrderedChunk& chunk : chunks) total += chunk.counts();
  return total;
}

void check_vectors(const Tensor& inputs, const Tensor& outputs) {
  for (const Tensor* value : {&inputs, &outputs}) {
    STD_TORCH_CHECK(value->dim() == 2 && value->scalar_type() == ScalarType::Float &&
                        value->is_cpu() && value->is_contiguous() && value->size(0) >= 1 &&
                        value->size(0) <= std::numeric_limits<int32_t>::max() &&
                        value->size(1) >= 1 && value->size(1) % kColumns == 0,
                    "skipgram: inputs and outputs must be contiguous float32 of shape (V, D), D a "
                    "multiple of 16");
  }
  STD_TORCH_CHECK(inputs.size(0) == outputs.size(0) && inputs.size(1) == outputs.size(1),
                  "skipgram: inputs and outputs must have one shape");
}

void check_corpus(const Tensor& tokens, const Tensor& sentences, const Tensor& keep,
                  const Tensor& table, int64_t vocabulary) {
  STD_TORCH_CHECK(tokens.dim() == 1 && tokens.scalar_type() == ScalarType::Int &&
                      tokens.size(0) <= int64_t(1) << 27,
                  "skipgram: tokens must be int32 of shape (n,), n at most 2^27");
  check_vector("skipgram", "sentences", sentences, ScalarType::Long);
  check_vector("skipgram", "keep", keep, ScalarType::Long);
  STD_TORCH_CHECK(sentences.size(0) >= 1, "skipgram: sentences must have shape (s + 1,)");
  STD_TORCH_CHECK(table.scalar_type() == ScalarType::Long && table.dim() == 2 &&
                      table.size(0) == vocabulary && table.size(1) == 2 &&
                      keep.size(0) == vocabulary,
                  "skipgram: keep and noise must be for as many words as there are vectors");
  STD_TORCH_CHECK(tokens.is_cpu() && sentences.is_cpu() && keep.is_cpu() && table.is_cpu(),
                  "skipgram: all tensors must be on the CPU");
}

void check_content(const Tokens& tokens, const Bucket* table) {
  const int64_t* starts = tokens.sentences;
  bool right = starts[0] == 0 && starts[tokens.sentence_count] == tokens.count;
  for (int64_t i = 0; i < tokens.sentence_count && right; ++i) right = starts[i + 1] >= starts[i];
  STD_TORCH_CHECK(right, "skipgram: sentences must rise from 0 to ", tokens.count);
  for (int64_t i = 0; i < tokens.vocabulary; ++i) {
    STD_TORCH_CHECK(table[i].other >= 0 && table[i].other < tokens.vocabulary,
                    "skipgram: noise must draw words from 0 to ", tokens.vocabulary - 1);
  }
}

bool in_range(double value) { return value >= 0 && value <= std::numeric_limits<double>::max(); }

Tensor skipgram(const Tensor& inputs, const Tensor& outputs, const Tensor& tokens,
                const Tensor& sentences, const Tensor& keep, const Tensor& noise, int64_t window,
                int64_t negatives, int64_t seed, int64_t offset, double lr_from, double lr_to,
                int64_t kind, int64_t block, double clip_value, double clip_norm,
                int64_t together) {
  check_vectors(inputs, outputs);
  check_corpus(tokens, sentences, keep, noise, inputs.size(0));
  STD_TORCH_CHECK(window >= 1 && window <= 100 && negatives >= 1 && negatives <= 100 &&
                      offset >= 0 && offset <= int64_t(1) << 48 && kind >= kSkipGram &&
                      kind <= kCbowExact && block >= 0 && block <= 65536 && together >= 1 &&
                      together <= kMostTogether && in_range(lr_from) && in_range(lr_to) &&
                      in_range(clip_value) && in_range(clip_norm),
                  "skipgram: a number is out of range");
  using torch::stable::contiguous;
  const Tensor plain[] = {contiguous(tokens), contiguous(sentences), contiguous(keep),
                          contiguous(noise)};
  const Tokens corpus{plain[0].const_data_ptr<int32_t>(), plain[0].size(0),
                      plain[1].const_data_ptr<int64_t>(), plain[1].size(0) - 1,
                      plain[2].const_data_ptr<int64_t>(), inputs.size(0)};
  const Bucket* table = static_cast<const Bucket*>(plain[3].const_data_ptr());
  check_content(corpus, table);
  const Settings settings{inputs.mutable_data_ptr<float>(),
                          outputs.mutable_data_ptr<float>(),
                          inputs.size(0),
                          inputs.size(1),
                          window,
                          negatives,
                          together,
                          lr_from,
                          (lr_to - lr_from) / double(std::max<int64_t>(corpus.count, 1)),
                          kind,
                          float(clip_value),
                          float(clip_norm),
                          clip_value > 0 || clip_norm > 0,
                          &step_kernels()};
  const Job job{settings, plan_windows(corpus, window, together, uint64_t(seed), offset), table,
                uint64_t(seed), offset};
  const Counts counts = block ? train_in_order(job, block) : train_lock_free(job);
  Tensor out = torch::stable::new_empty(plain[1], {5}, ScalarType::Double);
  double* values = out.mutable_data_ptr<double>();
  values[0] = counts.loss;
  values[1] = double(counts.pairs);
  values[2] = double(counts.centres);
  values[3] = double(counts.gradients);
  values[4] = double(counts.clipped);
  return out;
}

}  // namespace
}  // namespace nntasks

STABLE_TORCH_LIBRARY_IMPL(nntasks, CPU, library) {
  library.impl("skipgram", TORCH_BOX(&nntasks::skipgram));
}
