// nntasks::skipgram on CPU: the checks of values, and the choice of one of two ways of training,
// lock_free.h and ordered_training.h. The step of one centre is in centre_step.h. The
// definition of what is computed is in core/ops/skipgram.py.
#include <torch/csrc/stable/library.h>
#include <torch/csrc/stable/ops.h>
#include <torch/csrc/stable/tensor.h>

#include <algorithm>
#include <cstdint>

#include "skipgram/lock_free.h"
#include "skipgram/ordered_training.h"
#include "skipgram/raw_call.h"

namespace nntasks::skipgram {
namespace {

// Check the rows of each word, and return how many a word has at most; 1 if none are given.
int64_t check_parts(const Tensor& starts, const Tensor& rows, int64_t vocabulary, int64_t inputs) {
  check_vector("skipgram", "part_starts", starts, ScalarType::Long);
  check_vector("skipgram", "part_rows", rows, ScalarType::Int);
  STD_TORCH_CHECK(starts.is_cpu() && rows.is_cpu(), "skipgram: all tensors must be on the CPU");
  if (!starts.size(0)) {
    STD_TORCH_CHECK(!rows.size(0) && inputs == vocabulary,
                    "skipgram: inputs and outputs must have one shape");
    return 1;
  }
  STD_TORCH_CHECK(starts.size(0) == vocabulary + 1, "skipgram: part_starts must have ",
                  vocabulary + 1, " numbers");
  const int64_t* start = starts.const_data_ptr<int64_t>();
  STD_TORCH_CHECK(start[0] == 0 && start[vocabulary] == rows.size(0),
                  "skipgram: part_starts must rise from 0 to ", rows.size(0));
  int64_t most = 0;
  for (int64_t i = 0; i < vocabulary; ++i) {
    STD_TORCH_CHECK(start[i] < start[i + 1] && start[i + 1] <= rows.size(0),
                    "skipgram: each word must have a row in part_rows");
    most = std::max(most, start[i + 1] - start[i]);
  }
  const int32_t* row = rows.const_data_ptr<int32_t>();
  for (int64_t i = 0; i < rows.size(0); ++i) {
    STD_TORCH_CHECK(row[i] >= 0 && row[i] < inputs, "skipgram: part_rows must be from 0 to ",
                    inputs - 1);
  }
  return most;
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

Tensor skipgram_parts(const Tensor& inputs, const Tensor& outputs, const Tensor& tokens,
                      const Tensor& sentences, const Tensor& keep, const Tensor& noise,
                      const Tensor& part_starts, const Tensor& part_rows, int64_t window,
                      int64_t negatives, int64_t seed, int64_t offset, double lr_from, double lr_to,
                      int64_t kind, int64_t block, double clip_value, double clip_norm,
                      int64_t together) {
  check_tensors({inputs, outputs, tokens, sentences, keep, noise});
  STD_TORCH_CHECK(inputs.is_cpu(), "skipgram: all tensors must be on the CPU");
  check_numbers(
      {window, negatives, offset, lr_from, lr_to, kind, block, clip_value, clip_norm, together});
  using torch::stable::contiguous;
  const Tensor plain[] = {contiguous(tokens), contiguous(sentences),   contiguous(keep),
                          contiguous(noise),  contiguous(part_starts), contiguous(part_rows)};
  const Tokens corpus{plain[0].const_data_ptr<int32_t>(), plain[0].size(0),
                      plain[1].const_data_ptr<int64_t>(), plain[1].size(0) - 1,
                      plain[2].const_data_ptr<int64_t>(), outputs.size(0)};
  const Bucket* table = static_cast<const Bucket*>(plain[3].const_data_ptr());
  check_content(corpus, table);
  Settings settings;
  settings.inputs = inputs.mutable_data_ptr<float>();
  settings.outputs = outputs.mutable_data_ptr<float>();
  settings.vocabulary = outputs.size(0);
  settings.most_parts = check_parts(plain[4], plain[5], outputs.size(0), inputs.size(0));
  if (plain[4].size(0)) {
    settings.part_starts = plain[4].const_data_ptr<int64_t>();
    settings.part_rows = plain[5].const_data_ptr<int32_t>();
  }
  settings.columns = inputs.size(1);
  settings.window = window;
  settings.negatives = negatives;
  settings.together = together;
  settings.lr_from = lr_from;
  settings.slope = (lr_to - lr_from) / double(std::max<int64_t>(corpus.count, 1));
  settings.kind = kind;
  settings.clip_value = float(clip_value);
  settings.clip_norm = float(clip_norm);
  settings.clips = clip_value > 0 || clip_norm > 0;
  settings.kernels = &step_kernels();
  const TrainingJob job{settings,
                        WindowPlan(corpus, window, together, uint64_t(seed), offset).make(), table,
                        uint64_t(seed), offset};
  const int64_t threads = torch::stable::get_num_threads();
  const Counts counts =
      block ? OrderedTraining(job, block, threads).run() : train_lock_free(job, threads);
  Tensor out = torch::stable::new_empty(plain[1], {5}, ScalarType::Double);
  double* values = out.mutable_data_ptr<double>();
  values[0] = counts.loss;
  values[1] = double(counts.pairs);
  values[2] = double(counts.centres);
  values[3] = double(counts.gradients);
  values[4] = double(counts.clipped);
  return out;
}

// The same for words that are a row each.
Tensor skipgram(const Tensor& inputs, const Tensor& outputs, const Tensor& tokens,
                const Tensor& sentences, const Tensor& keep, const Tensor& noise, int64_t window,
                int64_t negatives, int64_t seed, int64_t offset, double lr_from, double lr_to,
                int64_t kind, int64_t block, double clip_value, double clip_norm,
                int64_t together) {
  const Tensor starts = torch::stable::new_empty(inputs, {0}, ScalarType::Long);
  const Tensor rows = torch::stable::new_empty(inputs, {0}, ScalarType::Int);
  return skipgram_parts(inputs, outputs, tokens, sentences, keep, noise, starts, rows, window,
                        negatives, seed, offset, lr_from, lr_to, kind, block, clip_value, clip_norm,
                        together);
}

}  // namespace
}  // namespace nntasks::skipgram

STABLE_TORCH_LIBRARY_IMPL(nntasks, CPU, library) {
  library.impl("skipgram", TORCH_BOX(&nntasks::skipgram::skipgram));
  library.impl("skipgram_parts", TORCH_BOX(&nntasks::skipgram::skipgram_parts));
}
