// The step of one centre by one warp: what pair_step.h and centre_step.h do on the CPU.
//
// The idea: lane l has the columns 4l to 4l + 3 of every vector, of each 128 columns, so that a row
// is read in one access of the whole warp. Eight outputs y stay in registers while the contexts x
// pass by; the eight dot products of an x are summed over the lanes together, by nine exchanges
// instead of forty. Scores lie in shared memory and are turned into gradients by all lanes at once;
// in a second pass every x gets the sum of its y, and the y, still in registers, that of their x.
//
// The invariant: a vector changes only after all products with it are taken. With up to eight
// outputs that is so by itself, and the gradients are added to the vectors at once
// (`adds_at_once`). More outputs, clipping, and ordered training write them to rows of their own.
//
// Sources: Ji et al. 2016 (arXiv 1604.04661) for the products of a centre's contexts with shared
// negatives; Randall, Allen and Ge 2023, "FULL-W2V" (arXiv 2312.07743), for keeping negatives in
// registers while the context window passes; Gupta and Khare 2017, "BlazingText", for sentences
// that run side by side and race.
#pragma once

#include "skipgram/cuda_centre.h"
#include "skipgram/cuda_job.h"

namespace nntasks::skipgram {

constexpr int kStride = 4 * kLanes;  // columns that a warp reads at once

__device__ inline float4 plus(float4 a, float4 b) {
  return {a.x + b.x, a.y + b.y, a.z + b.z, a.w + b.w};
}
__device__ inline float4 plus_scaled(float4 to, float4 from, float scale) {
  return {fmaf(from.x, scale, to.x), fmaf(from.y, scale, to.y), fmaf(from.z, scale, to.z),
          fmaf(from.w, scale, to.w)};
}
__device__ inline float4 scaled(float4 a, float scale) { return plus_scaled({}, a, scale); }
__device__ inline float dot(float4 a, float4 b) {
  return fmaf(a.x, b.x, fmaf(a.y, b.y, fmaf(a.z, b.z, a.w * b.w)));
}

// Sum eight values over the lanes; lane l returns the sum of value l / 4.
__device__ inline float sum_over_lanes(const float (&value)[kOutputs]) {
  const int lane = lane_of_thread();
  float four[4], two[2];
#pragma unroll
  for (int i = 0; i < 4; ++i) {
    const bool upper = lane & 16;
    four[i] = upper ? value[i + 4] : value[i];
    four[i] += __shfl_xor_sync(kAllLanes, upper ? value[i] : value[i + 4], 16);
  }
#pragma unroll
  for (int i = 0; i < 2; ++i) {
    const bool upper = lane & 8;
    two[i] = upper ? four[i + 2] : four[i];
    two[i] += __shfl_xor_sync(kAllLanes, upper ? four[i] : four[i + 2], 8);
  }
  const bool upper = lane & 4;
  float one = upper ? two[1] : two[0];
  one += __shfl_xor_sync(kAllLanes, upper ? two[0] : two[1], 4);
  one += __shfl_xor_sync(kAllLanes, one, 2);
  return one + __shfl_xor_sync(kAllLanes, one, 1);
}

__device__ inline double sum_over_lanes(double value) {
  for (int step = kLanes / 2; step; step /= 2) value += __shfl_xor_sync(kAllLanes, value, step);
  return value;
}

// Takes the step of a centre. `kRaces`: other warps change the vectors meanwhile (they are read
// past the first cache, which does not see that, and added to in place).
template <bool kRaces>
class CudaStep {
 public:
  __device__ CudaStep(const CudaJob& job, WarpMemory& memory, const Centre& centre,
                      const GradientRows& rows)
      : job_(job),
        s_(job.settings),
        memory_(memory),
        centre_(centre),
        rows_(rows),
        adds_at_once_(kRaces && !job.settings.clips && job.settings.negatives < kOutputs) {}

  // Write what is counted to `stats`.
  __device__ void take(double* stats) {
    double loss = 0;
    for (int first = 0; first < centre_.targets; first += kOutputs) {
      take_scores(first);
      loss += take_pair_gradients(first);
      add_gradients(first);
    }
    int clipped = 0;
    if (s_.clips) clipped = clip_rows();
    if (kRaces && !adds_at_once_) add_rows();
    loss = sum_over_lanes(loss);
    if (lane_of_thread() == 0) {
      stats[0] = loss;
      stats[1] = s_.kind == kSkipGram ? centre_.contexts : 1;
      stats[2] = 1;
      stats[3] = centre_.sources + centre_.targets;
      stats[4] = clipped;
    }
  }

 private:
  // Skip-gram has an x for each context; CBOW has one, their mean.
  __device__ int xs() const { return s_.kind == kSkipGram ? centre_.sources : 1; }
  __device__ int left(int first) const {
    return centre_.targets - first < kOutputs ? centre_.targets - first : kOutputs;
  }
  __device__ float* input(int source) const {
    return s_.inputs + int64_t(memory_.source[source]) * s_.columns;
  }
  __device__ float* output(int target) const {
    return s_.outputs + int64_t(memory_.target[target]) * s_.columns;
  }
  __device__ int target_slot(int target) const { return job_.sources + target; }

  // Columns beyond the last read as zeros.
  __device__ float4 load(const float* row, int64_t column) const {
    if (column >= s_.columns) return {};
    const float4* at = reinterpret_cast<const float4*>(row + column);
    return kRaces ? __ldcg(at) : *at;
  }

  __device__ void load_outputs(int first, int64_t column, float4 (&y)[kOutputs]) const {
#pragma unroll
    for (int j = 0; j < kOutputs; ++j) {
      y[j] = first + j < centre_.targets ? load(output(first + j), column) : float4{};
    }
  }

  __device__ float4 load_x(int x, int64_t column) const {
    if (s_.kind == kSkipGram) return load(input(x), column);
    float4 mean{};
    for (int s = 0; s < centre_.sources; ++s) {
      mean = plus_scaled(mean, load(input(s), column), memory_.source_weight[s]);
    }
    return scaled(mean, 1 / float(centre_.contexts));
  }

  __device__ void take_scores(int first) {
    const int lane = lane_of_thread();
    __syncwarp();  // all lanes are done with the gradients before
    for (int64_t from = 0; from < s_.columns; from += kStride) {
      const int64_t column = from + 4 * lane;
      float4 y[kOutputs];
      load_outputs(first, column, y);
      for (int x = 0; x < xs(); ++x) {
        const float4 row = load_x(x, column);
        float products[kOutputs];
#pragma unroll
        for (int j = 0; j < kOutputs; ++j) products[j] = dot(row, y[j]);
        const float sum = sum_over_lanes(products);
        float& score = memory_.scores[x * kOutputs + lane / 4];
        if (lane % 4 == 0) score = from ? score + sum : sum;
      }
    }
    __syncwarp();
  }

  // Replace scores by -rate * weight * dloss/dscore; return this lane's part of the loss.
  __device__ double take_pair_gradients(int first) {
    double loss = 0;
    const float rate = s_.clips ? 1 : centre_.rate;  // a clipped gradient takes its rate later
    for (int i = lane_of_thread(); i < xs() * kOutputs; i += kLanes) {
      const int x = i / kOutputs, target = first + i % kOutputs;
      if (target >= centre_.targets) continue;
      const float sign = target ? -1 : 1;  // the first is the centre, the others are negatives
      const float weight =
          memory_.target_weight[target] * (s_.kind == kSkipGram ? memory_.source_weight[x] : 1);
      const float z = memory_.scores[i] * sign;
      const float e = expf(-fabsf(z));
      const float share = (z < 0 ? 1 : e) / (e + 1);  // sigmoid(-z)
      memory_.scores[i] = weight * sign * share * rate;
      loss += weight * ((z < 0 ? -z : 0) + log1pf(e));
    }
    __syncwarp();
    return loss;
  }

  __device__ void add_gradients(int first) {
    const int outputs = left(first);
    for (int64_t column = 4 * lane_of_thread(); column < s_.columns; column += kStride) {
      float4 y[kOutputs], to_y[kOutputs] = {};
      load_outputs(first, column, y);
      for (int x = 0; x < xs(); ++x) {
        const float4 row = load_x(x, column);
        float4 to_x{};
#pragma unroll
        for (int j = 0; j < kOutputs; ++j) {
          const float gradient = j < outputs ? memory_.scores[x * kOutputs + j] : 0;
          to_x = plus_scaled(to_x, y[j], gradient);
          to_y[j] = plus_scaled(to_y[j], row, gradient);
        }
        give_x(x, column, to_x, first == 0);
      }
#pragma unroll
      for (int j = 0; j < kOutputs; ++j) {
        if (j < outputs) {
          give(output(first + j), target_slot(first + j), column, to_y[j], true);
        }
      }
    }
  }

  __device__ void give_x(int x, int64_t column, float4 gradient, bool first) {
    if (s_.kind == kSkipGram) return give(input(x), x, column, gradient, first);
    const float share = s_.kind == kCbowExact ? 1 / float(centre_.contexts) : 1;
    for (int s = 0; s < centre_.sources; ++s) {
      const float weight = memory_.source_weight[s] * share;
      give(input(s), s, column, scaled(gradient, weight), first);
    }
  }

  // Add to the vector, or to the row of its slot, which the `first` gradient begins.
  __device__ void give(float* vector, int slot, int64_t column, float4 gradient, bool first) {
    if (adds_at_once_) return add_at_once(vector + column, gradient);
    float4* row = reinterpret_cast<float4*>(rows_.of(slot) + column);
    *row = first ? gradient : plus(*row, gradient);
  }

  __device__ static void add_at_once(float* to, float4 step) {
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 900
    atomicAdd(reinterpret_cast<float4*>(to), step);
#else
    atomicAdd(to, step.x);
    atomicAdd(to + 1, step.y);
    atomicAdd(to + 2, step.z);
    atomicAdd(to + 3, step.w);
#endif
  }

  // Clip all rows by value, then by norm, and take the rate; return how many were changed. A lane
  // reads and writes its own columns alone.
  __device__ int clip_rows() {
    int clipped = 0;
    for (int i = 0; i < centre_.sources + centre_.targets; ++i) {
      float* row = rows_.of(i < centre_.sources ? i : target_slot(i - centre_.sources));
      clipped += clip_row(row);
    }
    return clipped;
  }

  __device__ bool clip_row(float* row) {
    bool changed = false;
    double squares = 0;
    const float most = s_.clip_value;
    for (int64_t from = 4 * lane_of_thread(); from < s_.columns; from += kStride) {
      for (int64_t d = from; d < from + 4; ++d) {
        if (most > 0 && fabsf(row[d]) > most) {
          row[d] = row[d] > 0 ? most : -most;
          changed = true;
        }
        squares += double(row[d]) * row[d];
      }
    }
    const float length = float(sqrt(sum_over_lanes(squares)));
    const bool longer = s_.clip_norm > 0 && length > s_.clip_norm;
    const float scale = longer ? s_.clip_norm / length : 1;
    for (int64_t from = 4 * lane_of_thread(); from < s_.columns; from += kStride) {
      for (int64_t d = from; d < from + 4; ++d) row[d] = row[d] * scale * centre_.rate;
    }
    return __ballot_sync(kAllLanes, changed) || longer;
  }

  __device__ void add_rows() {
    for (int i = 0; i < centre_.sources + centre_.targets; ++i) {
      const bool is_source = i < centre_.sources;
      const int target = i - centre_.sources;
      float* vector = is_source ? input(i) : output(target);
      const float* row = rows_.of(is_source ? i : target_slot(target));
      for (int64_t d = 4 * lane_of_thread(); d < s_.columns; d += kStride) {
        add_at_once(vector + d, *reinterpret_cast<const float4*>(row + d));
      }
    }
  }

  const CudaJob& job_;
  const Settings& s_;
  WarpMemory& memory_;
  const Centre& centre_;
  const GradientRows& rows_;
  bool adds_at_once_;
};

}  // namespace nntasks::skipgram
