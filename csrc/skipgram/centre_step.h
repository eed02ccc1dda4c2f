// The step of one centre: its pairs, clipping, and where the gradients go.
#pragma once

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "fetch_ahead.h"
#include "skipgram/aligned_floats.h"
#include "skipgram/centre_vectors.h"
#include "skipgram/pair_step.h"
#include "skipgram/row_steps.h"
#include "skipgram/settings.h"

namespace nntasks::skipgram {

// Takes the steps of centres, one after the other; each thread has one.
//
// A step reads vectors and writes vector + step somewhere: for lock-free training (`in_place`) onto
// the vectors themselves, else wherever the caller has put `sources` and `targets`. CBOW takes its
// step on the mean of the contexts, and then either scatters the gradient of the mean over the
// contexts or, where the caller has set `mean_gradient`, leaves it there. Clipping needs the whole
// gradient of every vector before any is added, so it lays all of them out first.
class CentreStep {
 public:
  CentreStep(const Settings& settings, bool in_place)
      : sources(settings.most_sources()),
        targets(settings.most_targets()),
        zeros(size_t(settings.columns)),
        ahead(settings.columns),
        s_(settings),
        in_place_(in_place),
        scores_(size_t(settings.most_scores())),
        scratch_(size_t(16 * settings.most_sources())),
        mean_(size_t(settings.columns)),
        mean_gradient_(size_t(settings.columns)),
        rows_(settings.clips
                  ? size_t((settings.most_sources() + settings.most_targets()) * settings.columns)
                  : 0) {}

  // Where the step of each vector goes: to = from + step.
  struct GradientRows {
    explicit GradientRows(int64_t most) : from(size_t(most)), to(size_t(most)) {}

    void set(int64_t r, const float* old, float* sum) {
      from[size_t(r)] = old;
      to[size_t(r)] = sum;
    }

    std::vector<const float*> from;
    std::vector<float*> to;
  };

  GradientRows sources, targets;
  float* mean_gradient = nullptr;  // CBOW: a row for the gradient of the mean
  const AlignedFloats zeros;       // a row to add to
  RowsAhead ahead;                 // fetched during the next step

  // Return the factor between the gradient of the mean of so many rows and the step of one.
  float share_of_mean(float rows) const { return s_.kind == kCbowExact ? 1 / rows : 1; }

  void take(const CentreVectors& vectors, Counts& counts) {
    counts.centres += 1;
    counts.pairs += s_.kind == kSkipGram ? int64_t(vectors.contexts) : 1;
    counts.gradients += vectors.sources + vectors.targets;
    if (in_place_) add_in_place(vectors);
    counts.loss +=
        s_.clips ? clipped_step(vectors, counts) : unclipped_step(pair_step_of(vectors), vectors);
    ahead.fetch_all();
  }

 private:
  // The same step with the mean of the x as its only x.
  struct MeanStep {
    MeanStep(const PairStep& of, const float* mean, const float* zeros, float* gradient)
        : row{mean}, from{zeros}, to{gradient}, step(of) {
      step.sources = {1, row, from, to, weight};
    }

    const float* row[1];
    const float* from[1];
    float* to[1];
    float weight[1] = {1};
    PairStep step;
  };

  void add_in_place(const CentreVectors& vectors) {
    for (int64_t r = 0; r < vectors.sources; ++r) {
      sources.set(r, vectors.source[size_t(r)], const_cast<float*>(vectors.source[size_t(r)]));
    }
    for (int64_t r = 0; r < vectors.targets; ++r) {
      targets.set(r, vectors.target[size_t(r)], const_cast<float*>(vectors.target[size_t(r)]));
    }
  }

  PairStep pair_step_of(const CentreVectors& vectors) {
    PairStep step;
    step.columns = s_.columns;
    step.sources = {vectors.sources, vectors.source.data(), sources.from.data(), sources.to.data(),
                    vectors.source_weight.data()};
    step.targets = {vectors.targets, vectors.target.data(), targets.from.data(), targets.to.data(),
                    vectors.target_weight.data()};
    step.rate = vectors.rate;
    step.scratch = scratch_.data();
    for (const float*& row : step.ahead_in_products) row = ahead.next(step.sources.row[0]);
    for (const float*& row : step.ahead_in_scatter) row = ahead.next(step.sources.row[0]);
    return step;
  }

  double unclipped_step(const PairStep& step, const CentreVectors& vectors) {
    const StepKernels& kernels = *s_.kernels;
    if (s_.kind == kSkipGram) return pairs(step);
    kernels.weighted_sum({step.columns, vectors.sources, step.sources.row, vectors.mean_weight()},
                         1 / vectors.rows, mean_.data());
    float* gradient = mean_gradient ? mean_gradient : mean_gradient_.data();
    const MeanStep by_mean(step, mean_.data(), zeros.data(), gradient);
    const double loss = pairs(by_mean.step);
    if (!mean_gradient) kernels.scatter_mean_gradient(step, share_of_mean(vectors.rows), gradient);
    return loss;
  }

  double pairs(const PairStep& step) {
    s_.kernels->dot_products(step, scores_.data());
    const double loss = s_.kernels->pair_gradients(step, scores_.data());
    s_.kernels->scatter_add(step, scores_.data());
    return loss;
  }

  // Take the step at a rate of 1 into rows of zeros, clip these, and add them at the right rate.
  double clipped_step(const CentreVectors& vectors, Counts& counts) {
    const std::pair<GradientRows*, int64_t> sides[] = {{&sources, vectors.sources},
                                                       {&targets, vectors.targets}};
    const GradientRows wanted[] = {sources, targets};
    float* row = rows_.data();
    for (const auto& [rows, count] : sides) {
      for (int64_t r = 0; r < count; ++r, row += s_.columns) rows->set(r, zeros.data(), row);
    }
    PairStep step = pair_step_of(vectors);
    step.rate = 1;
    const double loss = unclipped_step(step, vectors);
    for (int side = 0; side < 2; ++side) {
      for (int64_t r = 0; r < sides[side].second; ++r) {
        float* gradient = sides[side].first->to[size_t(r)];
        counts.clipped += clip(gradient, s_.columns, s_.clip_value, s_.clip_norm);
        const float* from = wanted[side].from[size_t(r)];
        float* to = wanted[side].to[size_t(r)];
        if (to != from) std::copy(from, from + s_.columns, to);
        add_scaled(to, gradient, vectors.rate, s_.columns);
      }
    }
    return loss;
  }

  const Settings& s_;
  bool in_place_;
  AlignedFloats scores_, scratch_, mean_, mean_gradient_, rows_;
};

}  // namespace nntasks::skipgram
