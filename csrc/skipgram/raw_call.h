// The checks of a raw call of nntasks::skipgram that look at no value on a device. They keep memory
// safe; core/ops/skipgram.py checks more, with better messages.
#pragma once

#include <torch/csrc/stable/tensor.h>

#include <cstdint>
#include <limits>

#include "arguments.h"
#include "skipgram/limits.h"

namespace nntasks::skipgram {

struct RawTensors {
  const Tensor &inputs, &outputs, &tokens, &sentences, &keep, &noise;
};

struct RawNumbers {
  int64_t window, negatives, offset;
  double lr_from, lr_to;
  int64_t kind, block;
  double clip_value, clip_norm;
  int64_t together;
};

inline void check_vectors(const Tensor& inputs, const Tensor& outputs) {
  for (const Tensor* value : {&inputs, &outputs}) {
    STD_TORCH_CHECK(value->dim() == 2 && value->scalar_type() == ScalarType::Float &&
                        value->is_contiguous() && value->size(0) >= 1 &&
                        value->size(0) <= std::numeric_limits<int32_t>::max() &&
                        kColumns.holds(value->size(1)) && value->size(1) % kColumns.least == 0,
                    "skipgram: inputs and outputs must be contiguous float32 of shape (V, D), D a "
                    "multiple of 16");
  }
  STD_TORCH_CHECK(inputs.size(1) == outputs.size(1),
                  "skipgram: inputs and outputs must have as many columns");
}

inline void check_tensors(const RawTensors& t) {
  check_vectors(t.inputs, t.outputs);
  STD_TORCH_CHECK(t.tokens.dim() == 1 && t.tokens.scalar_type() == ScalarType::Int &&
                      kTokens.holds(t.tokens.size(0)),
                  "skipgram: tokens must be int32 of shape (n,), n at most 2^27");
  check_vector("skipgram", "sentences", t.sentences, ScalarType::Long);
  check_vector("skipgram", "keep", t.keep, ScalarType::Long);
  STD_TORCH_CHECK(t.sentences.size(0) >= 1, "skipgram: sentences must have shape (s + 1,)");
  STD_TORCH_CHECK(t.noise.scalar_type() == ScalarType::Long && t.noise.dim() == 2 &&
                      t.noise.size(0) == t.outputs.size(0) && t.noise.size(1) == 2 &&
                      t.keep.size(0) == t.outputs.size(0),
                  "skipgram: keep and noise must be for as many words as there are vectors");
  for (const Tensor* value : {&t.outputs, &t.tokens, &t.sentences, &t.keep, &t.noise}) {
    STD_TORCH_CHECK(on_one_device(t.inputs, *value),
                    "skipgram: all tensors must be on one device, that of the vectors");
  }
}

inline void check_limit(const Limit& limit, int64_t value) {
  STD_TORCH_CHECK(limit.holds(value), "skipgram: ", limit.name, " must be from ", limit.least,
                  " to ", limit.most, ", got ", value);
}

// Written so that NaN fails.
inline void check_rate(double value) {
  STD_TORCH_CHECK(value >= 0 && value <= std::numeric_limits<double>::max(),
                  "skipgram: lr must be finite and 0 or more");
}

inline void check_clip(const char* name, double value) {
  STD_TORCH_CHECK(value == 0 || (value >= kLeastClip && value <= kMostClip), "skipgram: ", name,
                  " must be 0, or from 1e-30 to 1e30");
}

inline void check_numbers(const RawNumbers& numbers) {
  check_limit(kWindow, numbers.window);
  check_limit(kNegatives, numbers.negatives);
  check_limit(kOffset, numbers.offset);
  check_limit(kKind, numbers.kind);
  check_limit(kBlock, numbers.block);
  check_limit(kTogether, numbers.together);
  check_rate(numbers.lr_from);
  check_rate(numbers.lr_to);
  check_clip("clip_value", numbers.clip_value);
  check_clip("clip_norm", numbers.clip_norm);
}

}  // namespace nntasks::skipgram
