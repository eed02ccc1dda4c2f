// The step of one centre: which vectors take part, their pairs, and where gradients go.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "aligned_floats.h"
#include "clones.h"
#include "pair_step.h"
#include "window_plan.h"

namespace nntasks {

enum Kind : int64_t { kSkipGram, kCbow, kCbowExact };

struct Settings {
  float *inputs, *outputs;
  int64_t vocabulary, columns, window, negatives, together;
  double lr_from, slope;  // by place
  int64_t kind;
  float clip_value, clip_norm;
  bool clips;
  const StepKernels* kernels;

  // Whether all contexts of a centre get the same gradient, times a number each.
  bool one_pull() const { return kind != kSkipGram && !clips; }

  // Most different words among the contexts, and among a centre and its negatives.
  int64_t most_sources() const { return 2 * window; }
  int64_t most_targets() const { return 1 + negatives; }
  int64_t most_scores() const {
    return (kind == kSkipGram ? most_sources() : 1) * score_stride(most_targets());
  }
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

// The vectors of a centre, equal ones once.
struct Desk {
  explicit Desk(const Settings& s)
      : places(size_t(s.most_sources())),
        source(size_t(s.most_sources())),
        source_weight(size_t(s.most_sources())),
        words(size_t(s.most_targets())),
        target(size_t(s.most_targets())),
        target_weight(size_t(score_stride(s.most_targets()))) {}

  int64_t sources = 0, targets = 0;
  float contexts = 0;  // with equal ones
  float rate = 0;
  std::vector<int64_t> places;  // of the contexts among the kept occurrences
  std::vector<const float*> source;
  std::vector<float> source_weight;
  std::vector<int32_t> words;  // of the targets
  std::vector<const float*> target;
  std::vector<float> target_weight;

  void gather(const Settings& s, const std::vector<Occurrence>& kept, int64_t i,
              const int32_t* drawn) {
    const Occurrence& centre = kept[size_t(i)];
    rate = float(s.lr_from + s.slope * double(centre.place));
    gather_contexts(s, kept, i);
    std::fill(target_weight.begin(), target_weight.end(), 0.0f);
    words[0] = centre.word;
    target_weight[0] = 1;
    targets = 1;
    for (int64_t j = 0; j < s.negatives; ++j) {
      int64_t t = 0;
      while (t < targets && words[size_t(t)] != drawn[j]) ++t;
      if (t == 0) continue;
      if (t == targets) words[size_t(targets++)] = drawn[j];
      target_weight[size_t(t)] += 1;
    }
    for (int64_t t = 0; t < targets; ++t) {
      target[size_t(t)] = s.outputs + int64_t(words[size_t(t)]) * s.columns;
    }
  }

 private:
  void gather_contexts(const Settings& s, const std::vector<Occurrence>& kept, int64_t i) {
    const Occurrence& centre = kept[size_t(i)];
    const int64_t from = std::max<int64_t>(centre.first, i - centre.reach);
    const int64_t to = std::min<int64_t>(centre.end, i + centre.reach + 1);
    sources = 0;
    contexts = float(to - from - 1);
    for (int64_t at = from; at < to; ++at) {
      if (at == i) continue;
      const float* row = s.inputs + int64_t(kept[size_t(at)].word) * s.columns;
      int64_t found = 0;
      while (found < sources && source[size_t(found)] != row) ++found;
      if (found == sources) {
        places[size_t(found)] = at;
        source[size_t(found)] = row;
        source_weight[size_t(found)] = 0;
        ++sources;
      }
      source_weight[size_t(found)] += 1;
    }
  }
};

NNTASKS_CLONES inline void add_scaled(float* __restrict to, const float* __restrict from,
                                      float scale, int64_t size) {
  for (int64_t i = 0; i < size; ++i) to[i] += scale * from[i];
}

// Keep a gradient within the limits; say whether it was outside.
NNTASKS_CLONES inline bool clip(float* gradient, int64_t size, float value, float norm) {
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

// What a thread needs to take the steps of centres.
class CentreStep {
 public:
  // Where `in_place`, gradients are added to the vectors; else to the rows that `source_to` and
  // `target_to` name.
  CentreStep(const Settings& settings, bool in_place)
      : source_to(size_t(settings.most_sources())),
        target_to(size_t(settings.most_targets())),
        s_(settings),
        in_place_(in_place),
        scores_(size_t(settings.most_scores())),
        sink_(size_t(16 * settings.most_sources())),
        mean_(size_t(settings.columns)),
        pull_(size_t(settings.columns)),
        rows_(settings.clips
                  ? size_t((settings.most_sources() + settings.most_targets()) * settings.columns)
                  : 0) {}

  std::vector<float*> source_to, target_to;
  float* pull_to = nullptr;  // with CBOW: a row that takes the gradient of the mean, not spread

  // Which part of the gradient of the mean goes to a context.
  float share_of(const Desk& desk, int64_t r) const {
    return desk.source_weight[size_t(r)] * share_of_mean(desk.contexts);
  }

  void take(const Desk& desk, Counts& counts) {
    counts.centres += 1;
    counts.pairs += s_.kind == kSkipGram ? int64_t(desk.contexts) : 1;
    counts.gradients += desk.sources + desk.targets;
    if (in_place_) go_to_vectors(desk);
    counts.loss += s_.clips ? limited(desk, counts) : plain(step_of(desk), desk.contexts);
  }

 private:
  // The same step with the mean in place of the vectors that it is of.
  struct MeanStep {
    MeanStep(const PairStep& of, float* mean, float* pull)
        : source{mean}, source_to{pull}, step(of) {
      step.sources = 1;
      step.source = source;
      step.source_to = source_to;
      step.source_weight = weight;
    }

    const float* source[1];
    float* source_to[1];
    float weight[1] = {1};
    PairStep step;
  };

  void go_to_vectors(const Desk& desk) {
    for (int64_t r = 0; r < desk.sources; ++r) {
      source_to[size_t(r)] = const_cast<float*>(desk.source[size_t(r)]);
    }
    for (int64_t r = 0; r < desk.targets; ++r) {
      target_to[size_t(r)] = const_cast<float*>(desk.target[size_t(r)]);
    }
  }

  float share_of_mean(float contexts) const { return s_.kind == kCbowExact ? 1 / contexts : 1; }

  PairStep step_of(const Desk& desk) {
    return {s_.columns,         desk.sources,     desk.targets,
            desk.source.data(), source_to.data(), desk.source_weight.data(),
            desk.target.data(), target_to.data(), desk.target_weight.data(),
            desk.rate,          sink_.data()};
  }

  double plain(const PairStep& step, float contexts) {
    const StepKernels& kernels = *s_.kernels;
    if (s_.kind == kSkipGram) return pairs(step);
    kernels.mean(step, contexts, mean_.data());
    std::fill(pull_.begin(), pull_.end(), 0.0f);
    const MeanStep by_mean(step, mean_.data(), pull_to ? pull_to : pull_.data());
    const double loss = pairs(by_mean.step);
    if (!pull_to) kernels.spread(step, share_of_mean(contexts), pull_.data());
    return loss;
  }

  double pairs(const PairStep& step) {
    s_.kernels->score(step, scores_.data());
    const double loss = s_.kernels->pull(step, scores_.data());
    s_.kernels->move(step, scores_.data());
    return loss;
  }

  // Keep every gradient within limits: they are laid out one by one before.
  double limited(const Desk& desk, Counts& counts) {
    const int64_t n = desk.sources + desk.targets, columns = s_.columns;
    std::fill(rows_.begin(), rows_.begin() + n * columns, 0.0f);
    std::vector<float*> to(static_cast<size_t>(n), nullptr);
    for (int64_t r = 0; r < n; ++r) {
      const bool is_source = r < desk.sources;
      float*& place = is_source ? source_to[size_t(r)] : target_to[size_t(r - desk.sources)];
      to[size_t(r)] = place;
      place = &rows_[size_t(r * columns)];
    }
    PairStep step = step_of(desk);
    step.rate = 1;
    const double loss = plain(step, desk.contexts);
    for (int64_t r = 0; r < n; ++r) {
      float* gradient = &rows_[size_t(r * columns)];
      counts.clipped += clip(gradient, columns, s_.clip_value, s_.clip_norm);
      add_scaled(to[size_t(r)], gradient, desk.rate, columns);
    }
    return loss;
  }

  const Settings& s_;
  bool in_place_;
  AlignedFloats scores_, sink_, mean_, pull_, rows_;
};

}  // namespace nntasks
