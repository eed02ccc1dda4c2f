// nntasks::skipgram on CPU. What is computed is told in core/ops/skipgram.py, the arithmetic of one
// centre lies in pair_step.h.
#include <torch/csrc/stable/library.h>
#include <torch/csrc/stable/ops.h>
#include <torch/csrc/stable/tensor.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <mutex>
#include <vector>

#include "arguments.h"
#include "clones.h"
#include "huge_pages.h"
#include "pair_step.h"
#include "team.h"
#include "window_plan.h"

namespace nntasks {
namespace {

constexpr int64_t kChunk = 16;           // centres whose negatives are drawn together
constexpr int64_t kLockFreePiece = 256;  // centres that a thread takes at once
constexpr int64_t kShares = 16;          // parts of the vocabulary, for threads to add gradients to
constexpr int64_t kColumns = 16;
constexpr int64_t kAhead = 2;  // centres whose vectors are fetched beforehand

enum Kind : int64_t { kSkipGram, kCbow, kCbowExact };

struct Settings {
  float *inputs, *outputs;
  int64_t vocabulary, columns, window, negatives;
  double lr_from, slope;  // by place
  int64_t kind;
  float clip_value, clip_norm;
  bool clips;
  StepPairs step;
};

struct Counts {
  double loss = 0;
  int64_t pairs = 0, centres = 0, gradients = 0, clipped = 0;

  void operator+=(const Counts& other) {
    loss += other.loss;
    pairs += other.pairs;
    centres += other.centres;
    gradients += other.gradients;
    clipped += other.clipped;
  }
};

NNTASKS_CLONES void add_scaled(float* __restrict to, const float* __restrict from, float scale,
                               int64_t size) {
  for (int64_t i = 0; i < size; ++i) to[i] += scale * from[i];
}

NNTASKS_CLONES void add_all(float* __restrict to, const float* __restrict from, int64_t size) {
  for (int64_t i = 0; i < size; ++i) to[i] += from[i];
}

// Keep a gradient within the limits; say whether it was outside.
NNTASKS_CLONES bool clip(float* gradient, int64_t size, float value, float norm) {
  bool changed = false;
  double squares = 0;
  for (int64_t i = 0; i < size; ++i) {
    if (value > 0 && std::fabs(gradient[i]) > value) {
      gradient[i] = gradient[i] > 0 ? value : -value;
      changed = true;
    }
    squares += double(gradient[i]) * gradient[i];
  }
  const float length = float(std::sqrt(squares));
  if (norm > 0 && length > norm) {
    const float scale = norm / length;
    for (int64_t i = 0; i < size; ++i) gradient[i] *= scale;
    changed = true;
  }
  return changed;
}

// The memory in which one thread works on one centre at a time.
struct Desk {
  explicit Desk(const Settings& s)
      : most_sources(2 * s.window),
        most_targets(1 + s.negatives),
        places(size_t(most_sources)),
        source(size_t(most_sources)),
        source_to(size_t(most_sources)),
        source_weight(size_t(most_sources)),
        words(size_t(most_targets)),
        target(size_t(most_targets)),
        target_to(size_t(most_targets)),
        target_weight(size_t(score_stride(most_targets))),
        scratch(size_t(scratch_size(most_sources, most_targets, s.columns))),
        rows(s.clips || s.kind ? size_t((most_sources + most_targets + 2) * s.columns) : 0),
        drawn(size_t(kChunk * s.negatives)) {}

  int64_t most_sources, most_targets;
  int64_t sources = 0, targets = 0;  // different words among contexts, and centre and negatives
  float contexts = 0;                // all of them
  std::vector<int64_t> places;       // of the contexts among the kept occurrences
  std::vector<const float*> source;
  std::vector<float*> source_to;
  std::vector<float> source_weight;
  std::vector<int32_t> words;  // of the targets
  std::vector<const float*> target;
  std::vector<float*> target_to;
  std::vector<float> target_weight;
  std::vector<float> scratch, rows;
  std::vector<int32_t> drawn;
};

class Training {
 public:
  Training(const Settings& settings, const Tokens& tokens, const Bucket* table, uint64_t seed,
           int64_t offset)
      : s_(settings),
        kept_(plan_windows(tokens, settings.window, seed, offset)),
        table_(table),
        seed_(seed),
        offset_(offset) {}

  Counts lock_free() {
    Counts total;
    std::mutex lock;
    Team team(std::min<int64_t>(torch::stable::get_num_threads(), size() / kLockFreePiece + 1));
    team.run([&] {
      Desk desk(s_);
      Negatives noise = negatives();
      Counts counts;
      team.share((size() + kLockFreePiece - 1) / kLockFreePiece, [&](int64_t piece) {
        const int64_t from = piece * kLockFreePiece;
        train_at_once(from, std::min(from + kLockFreePiece, size()), noise, desk, counts);
      });
      const std::lock_guard<std::mutex> guard(lock);
      total += counts;
    });
    return total;
  }

  Counts in_order(int64_t block);

 private:
  int64_t size() const { return int64_t(kept_.size()); }
  Negatives negatives() const { return {table_, s_.vocabulary, s_.negatives, seed_, offset_}; }

  void draw(Negatives& negatives, int64_t from, int64_t to, Desk& desk) const {
    for (int64_t i = from; i < to; ++i) {
      negatives.draw(kept_[size_t(i)], &desk.drawn[size_t((i - from) * s_.negatives)]);
    }
  }

  // Have the vectors of a centre's negatives and of its farthest context fetched.
  void prefetch(int64_t i, const int32_t* drawn) const {
    for (int64_t j = 0; j < s_.negatives; ++j) prefetch_row(s_.outputs, drawn[j]);
    prefetch_row(s_.outputs, kept_[size_t(i)].word);
    const int64_t ahead = std::min(i + s_.window, size() - 1);
    prefetch_row(s_.inputs, kept_[size_t(ahead)].word);
  }

  void prefetch_row(const float* matrix, int32_t word) const {
    const float* row = matrix + int64_t(word) * s_.columns;
    for (int64_t d = 0; d < s_.columns; d += 16) __builtin_prefetch(row + d, 1);
  }

  void gather(int64_t i, const int32_t* drawn, Desk& desk) const;
  void train_at_once(int64_t from, int64_t to, Negatives& noise, Desk& desk, Counts& counts) const;
  void centre(int64_t i, bool in_place, Desk& desk, Counts& counts) const;
  double plain(bool in_place, float rate, Desk& desk) const;
  double limited(bool in_place, float rate, Desk& desk, Counts& counts) const;

  Settings s_;
  std::vector<Occurrence> kept_;
  const Bucket* table_;
  uint64_t seed_;
  int64_t offset_;

  friend class OrderedChunk;
};

// Find the vectors of a centre's contexts and targets, equal ones once.
void Training::gather(int64_t i, const int32_t* drawn, Desk& desk) const {
  const Occurrence& centre = kept_[size_t(i)];
  const int64_t from = std::max<int64_t>(centre.first, i - centre.reach);
  const int64_t to = std::min<int64_t>(centre.end, i + centre.reach + 1);
  desk.sources = 0;
  desk.contexts = float(to - from - 1);
  for (int64_t at = from; at < to; ++at) {
    if (at == i) continue;
    const float* row = s_.inputs + int64_t(kept_[size_t(at)].word) * s_.columns;
    int64_t s = 0;
    while (s < desk.sources && desk.source[size_t(s)] != row) ++s;
    if (s == desk.sources) {
      desk.places[size_t(s)] = at;
      desk.source[size_t(s)] = row;
      desk.source_weight[size_t(s)] = 0;
      ++desk.sources;
    }
    desk.source_weight[size_t(s)] += 1;
  }
  std::fill(desk.target_weight.begin(), desk.target_weight.end(), 0.0f);
  desk.words[0] = centre.word;
  desk.target_weight[0] = 1;
  desk.targets = 1;
  for (int64_t j = 0; j < s_.negatives; ++j) {
    int64_t t = 0;
    while (t < desk.targets && desk.words[size_t(t)] != drawn[j]) ++t;
    if (t == 0) continue;
    if (t == desk.targets) desk.words[size_t(desk.targets++)] = drawn[j];
    desk.target_weight[size_t(t)] += 1;
  }
  for (int64_t t = 0; t < desk.targets; ++t) {
    desk.target[size_t(t)] = s_.outputs + int64_t(desk.words[size_t(t)]) * s_.columns;
  }
}

// Take the step of a centre whose vectors lie on the desk.
void Training::centre(int64_t i, bool in_place, Desk& desk, Counts& counts) const {
  const float rate = float(s_.lr_from + s_.slope * double(kept_[size_t(i)].place));
  counts.centres += 1;
  counts.pairs += s_.kind == kSkipGram ? int64_t(desk.contexts) : 1;
  counts.gradients += desk.sources + desk.targets;
  counts.loss += s_.clips ? limited(in_place, rate, desk, counts) : plain(in_place, rate, desk);
}

double Training::plain(bool in_place, float rate, Desk& desk) const {
  PairStep step{s_.columns,
                desk.sources,
                desk.targets,
                desk.source.data(),
                desk.source_to.data(),
                desk.source_weight.data(),
                desk.target.data(),
                desk.target_to.data(),
                desk.target_weight.data(),
                in_place,
                rate,
                desk.scratch.data()};
  if (s_.kind == kSkipGram) return s_.step(step);
  float *mean = desk.rows.data(), *pull = mean + s_.columns;
  std::fill(mean, mean + 2 * s_.columns, 0.0f);
  for (int64_t s = 0; s < desk.sources; ++s) {
    add_scaled(mean, desk.source[size_t(s)], desk.source_weight[size_t(s)], s_.columns);
  }
  for (int64_t d = 0; d < s_.columns; ++d) mean[d] /= desk.contexts;
  const float* means[] = {mean};
  float* pulls[] = {pull};
  const float one[] = {1};
  step.sources = 1;
  step.source = means;
  step.source_to = pulls;
  step.source_weight = one;
  const double loss = s_.step(step);
  const float share = s_.kind == kCbowExact ? 1 / desk.contexts : 1;
  for (int64_t s = 0; s < desk.sources; ++s) {
    add_scaled(desk.source_to[size_t(s)], pull, share * desk.source_weight[size_t(s)], s_.columns);
  }
  return loss;
}

// The same with every gradient kept within limits: they are laid out one by one before.
double Training::limited(bool in_place, float rate, Desk& desk, Counts& counts) const {
  const int64_t n = desk.sources + desk.targets;
  float* rows = desk.rows.data() + 2 * s_.columns;
  std::fill(rows, rows + n * s_.columns, 0.0f);
  std::vector<float*> to(size_t(n), nullptr);
  for (int64_t r = 0; r < n; ++r) {
    float*& place =
        r < desk.sources ? desk.source_to[size_t(r)] : desk.target_to[size_t(r - desk.sources)];
    to[size_t(r)] = place;
    place = rows + r * s_.columns;
  }
  const double loss = plain(false, 1, desk);
  for (int64_t r = 0; r < n; ++r) {
    float* gradient = rows + r * s_.columns;
    counts.clipped += clip(gradient, s_.columns, s_.clip_value, s_.clip_norm);
    if (r >= desk.sources && !in_place) {
      std::fill(to[size_t(r)], to[size_t(r)] + s_.columns, 0.0f);
    }
    add_scaled(to[size_t(r)], gradient, rate, s_.columns);
  }
  return loss;
}

void Training::train_at_once(int64_t from, int64_t to, Negatives& noise, Desk& desk,
                             Counts& counts) const {
  for (int64_t start = from; start < to; start += kChunk) {
    const int64_t end = std::min(start + kChunk, to);
    draw(noise, start, end, desk);
    for (int64_t i = start; i < end; ++i) {
      const int32_t* drawn = &desk.drawn[size_t((i - start) * s_.negatives)];
      if (i + kAhead < end) prefetch(i + kAhead, drawn + kAhead * s_.negatives);
      gather(i, drawn, desk);
      if (!desk.sources) continue;
      for (int64_t s = 0; s < desk.sources; ++s) {
        desk.source_to[size_t(s)] = const_cast<float*>(desk.source[size_t(s)]);
      }
      for (int64_t t = 0; t < desk.targets; ++t) {
        desk.target_to[size_t(t)] = const_cast<float*>(desk.target[size_t(t)]);
      }
      centre(i, true, desk, counts);
    }
  }
}

// The gradients of up to kChunk centres, laid out to be added later.
class OrderedChunk {
 public:
  explicit OrderedChunk(const Training& training)
      : training_(training),
        s_(training.s_),
        desk_(s_),
        of_inputs_(size_t((kChunk + 2 * s_.window) * s_.columns)),
        of_outputs_(size_t(kChunk * (1 + s_.negatives) * s_.columns)),
        touched_(size_t(kChunk + 2 * s_.window)),
        noise_(training.negatives()) {}

  void compute(int64_t from, int64_t to) {
    for (auto& changes : changes_) changes.clear();
    base_ = std::max<int64_t>(0, from - s_.window);
    std::fill(touched_.begin(), touched_.end(), uint8_t(0));
    training_.draw(noise_, from, to, desk_);
    float* free = of_outputs_.data();
    for (int64_t i = from; i < to; ++i) {
      const int32_t* drawn = &desk_.drawn[size_t((i - from) * s_.negatives)];
      if (i + kAhead < to) training_.prefetch(i + kAhead, drawn + kAhead * s_.negatives);
      training_.gather(i, drawn, desk_);
      if (!desk_.sources) continue;
      for (int64_t s = 0; s < desk_.sources; ++s) {
        desk_.source_to[size_t(s)] = input_row(desk_.places[size_t(s)]);
      }
      for (int64_t t = 0; t < desk_.targets; ++t, free += s_.columns) {
        desk_.target_to[size_t(t)] = free;
        note(desk_.words[size_t(t)], s_.outputs, free);
      }
      training_.centre(i, false, desk_, counts_);
    }
  }

  // Add what falls to a share of the vocabulary.
  void apply(int64_t share) const {
    for (const Change& change : changes_[size_t(share)]) {
      add_all(change.to, change.gradient, s_.columns);
    }
  }

  const Counts& counts() const { return counts_; }

 private:
  struct Change {
    float* to;
    const float* gradient;
  };

  void note(int32_t word, float* matrix, const float* gradient) {
    changes_[word % kShares].push_back({matrix + int64_t(word) * s_.columns, gradient});
  }

  float* input_row(int64_t place) {
    const int64_t at = place - base_;
    float* row = of_inputs_.data() + at * s_.columns;
    if (!touched_[size_t(at)]) {
      touched_[size_t(at)] = 1;
      std::fill(row, row + s_.columns, 0.0f);
      note(training_.kept_[size_t(place)].word, s_.inputs, row);
    }
    return row;
  }

  const Training& training_;
  const Settings& s_;
  Desk desk_;
  std::vector<float> of_inputs_, of_outputs_;
  std::vector<uint8_t> touched_;
  std::vector<Change> changes_[kShares];
  Negatives noise_;
  Counts counts_;
  int64_t base_ = 0;
};

Counts Training::in_order(int64_t block) {
  Counts total;
  const int64_t most = std::min((block + kChunk - 1) / kChunk, (size() + kChunk - 1) / kChunk);
  std::vector<OrderedChunk> chunks;
  chunks.reserve(size_t(most));
  for (int64_t c = 0; c < most; ++c) chunks.emplace_back(*this);
  Team team(std::min<int64_t>(torch::stable::get_num_threads(), most));
  team.run([&] {
    for (int64_t start = 0; start < size(); start += block) {
      const int64_t end = std::min(start + block, size());
      const int64_t used = (end - start + kChunk - 1) / kChunk;
      team.share(used, [&](int64_t c) {
        const int64_t at = start + c * kChunk;
        chunks[size_t(c)].compute(at, std::min(at + kChunk, end));
      });
      team.share(kShares, [&](int64_t share) {
        for (int64_t c = 0; c < used; ++c) chunks[size_t(c)].apply(share);
      });
    }
  });
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
                int64_t kind, int64_t block, double clip_value, double clip_norm) {
  check_vectors(inputs, outputs);
  check_corpus(tokens, sentences, keep, noise, inputs.size(0));
  STD_TORCH_CHECK(window >= 1 && window <= 100 && negatives >= 1 && negatives <= 100 &&
                      offset >= 0 && offset <= int64_t(1) << 48 && kind >= kSkipGram &&
                      kind <= kCbowExact && block >= 0 && block <= 65536 && in_range(lr_from) &&
                      in_range(lr_to) && in_range(clip_value) && in_range(clip_norm),
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
                          lr_from,
                          (lr_to - lr_from) / double(std::max<int64_t>(corpus.count, 1)),
                          kind,
                          float(clip_value),
                          float(clip_norm),
                          clip_value > 0 || clip_norm > 0,
                          step_pairs()};
  Training training(settings, corpus, table, uint64_t(seed), offset);
  const Counts counts = block ? training.in_order(block) : training.lock_free();
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
