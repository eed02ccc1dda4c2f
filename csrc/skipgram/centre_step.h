// The step of one centre: its pairs, and where gradients go.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <utility>
#include <vector>

#include "clones.h"
#include "fetch_ahead.h"
#include "skipgram/aligned_floats.h"
#include "skipgram/negative_prefetcher.h"
#include "skipgram/pair_step.h"
#include "skipgram/settings.h"

namespace nntasks {

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
  // Where `in_place`, gradients are added to the vectors; else whoever calls says where to.
  CentreStep(const Settings& settings, bool in_place)
      : sources(settings.most_sources()),
        targets(settings.most_targets()),
        zeros(size_t(settings.columns)),
        ahead(settings.columns),
        s_(settings),
        in_place_(in_place),
        scores_(size_t(settings.most_scores())),
        sink_(size_t(16 * settings.most_sources())),
        mean_(size_t(settings.columns)),
        pull_(size_t(settings.columns)),
        rows_(settings.clips
                  ? size_t((settings.most_sources() + settings.most_targets()) * settings.columns)
                  : 0) {}

  // To which rows gradients are added, and where the sums are written.
  struct Sums {
    explicit Sums(int64_t most) : from(size_t(most)), to(size_t(most)) {}

    void set(int64_t r, const float* old, float* sum) {
      from[size_t(r)] = old;
      to[size_t(r)] = sum;
    }

    std::vector<const float*> from;
    std::vector<float*> to;
  };

  Sums sources, targets;
  float* pull_to = nullptr;   // with CBOW: a row for the gradient of the mean, which is not spread
  const AlignedFloats zeros;  // a row to add to
  RowsAhead ahead;            // fetched on the way

  // Which part of the gradient of the mean goes to each context.
  float share_of_mean(float contexts) const { return s_.kind == kCbowExact ? 1 / contexts : 1; }

  void take(const Desk& desk, Counts& counts) {
    counts.centres += 1;
    counts.pairs += s_.kind == kSkipGram ? int64_t(desk.contexts) : 1;
    counts.gradients += desk.sources + desk.targets;
    if (in_place_) go_to_vectors(desk);
    counts.loss += s_.clips ? limited(desk, counts) : plain(step_of(desk), desk.contexts);
    ahead.fetch_all();
  }

 private:
  // The same step with the mean in place of the vectors that it is of.
  struct MeanStep {
    MeanStep(const PairStep& of, const float* mean, const float* zeros, float* pull)
        : source{mean}, from{zeros}, to{pull}, step(of) {
      step.sources = 1;
      step.source = source;
      step.source_from = from;
      step.source_to = to;
      step.source_weight = weight;
    }

    const float* source[1];
    const float* from[1];
    float* to[1];
    float weight[1] = {1};
    PairStep step;
  };

  void go_to_vectors(const Desk& desk) {
    for (int64_t r = 0; r < desk.sources; ++r) {
      sources.set(r, desk.source[size_t(r)], const_cast<float*>(desk.source[size_t(r)]));
    }
    for (int64_t r = 0; r < desk.targets; ++r) {
      targets.set(r, desk.target[size_t(r)], const_cast<float*>(desk.target[size_t(r)]));
    }
  }

  PairStep step_of(const Desk& desk) {
    PairStep step{s_.columns,
                  desk.sources,
                  desk.targets,
                  desk.source.data(),
                  sources.from.data(),
                  sources.to.data(),
                  desk.source_weight.data(),
                  desk.target.data(),
                  targets.from.data(),
                  targets.to.data(),
                  desk.target_weight.data(),
                  desk.rate,
                  sink_.data(),
                  {},
                  {}};
    for (const float*& row : step.ahead_in_score) row = ahead.next(step.source[0]);
    for (const float*& row : step.ahead_in_move) row = ahead.next(step.source[0]);
    return step;
  }

  double plain(const PairStep& step, float contexts) {
    const StepKernels& kernels = *s_.kernels;
    if (s_.kind == kSkipGram) return pairs(step);
    kernels.blend({step.columns, step.sources, step.source, step.source_weight}, 1 / contexts,
                  mean_.data());
    float* pull = pull_to ? pull_to : pull_.data();
    const MeanStep by_mean(step, mean_.data(), zeros.data(), pull);
    const double loss = pairs(by_mean.step);
    if (!pull_to) kernels.spread(step, share_of_mean(contexts), pull);
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
    const std::pair<Sums*, int64_t> sides[] = {{&sources, desk.sources}, {&targets, desk.targets}};
    const Sums asked[] = {sources, targets};
    float* row = rows_.data();
    for (const auto& [sums, count] : sides) {
      for (int64_t r = 0; r < count; ++r, row += s_.columns) sums->set(r, zeros.data(), row);
    }
    PairStep step = step_of(desk);
    step.rate = 1;
    const double loss = plain(step, desk.contexts);
    for (int side = 0; side < 2; ++side) {
      for (int64_t r = 0; r < sides[side].second; ++r) {
        float* gradient = sides[side].first->to[size_t(r)];
        counts.clipped += clip(gradient, s_.columns, s_.clip_value, s_.clip_norm);
        const float* from = asked[side].from[size_t(r)];
        float* to = asked[side].to[size_t(r)];
        if (to != from) std::copy(from, from + s_.columns, to);
        add_scaled(to, gradient, desk.rate, s_.columns);
      }
    }
    return loss;
  }

  const Settings& s_;
  bool in_place_;
  AlignedFloats scores_, sink_, mean_, pull_, rows_;
};

}  // namespace nntasks
