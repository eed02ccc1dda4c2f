// nntasks::skipgram on CUDA: the plan of a piece of text, then one of two ways of training,
// cuda_lock_free.h and cuda_ordered.h. The step of one centre is in cuda_step.h. The draws, and so
// the pairs that are trained, are those of the CPU; sums are taken in another order. The host waits
// for the device twice: for the number of kept words, and for the counts.
#include <torch/csrc/stable/library.h>

#include <algorithm>
#include <cstdint>

#include "device.h"
#include "skipgram/cuda_lock_free.h"
#include "skipgram/cuda_ordered.h"
#include "skipgram/cuda_plan.h"
#include "skipgram/raw_call.h"

namespace nntasks::skipgram {
namespace {

static_assert(kMostSources == 2 * kWindow.most && kMostTargets == 1 + kNegatives.most);

constexpr int kThreads = kWarps * kLanes;
constexpr int64_t kMostKeys = int64_t(1) << 22;  // that are sorted at once

Tensor on_cpu(const Tensor& value) {
  return torch::stable::to(value, torch::stable::Device(torch::headeronly::DeviceType::CPU));
}

float* floats(const Tensor& value) { return value.mutable_data_ptr<float>(); }

// A warp reads four columns a lane at once.
void check_aligned(const Tensor& value) {
  STD_TORCH_CHECK(reinterpret_cast<uintptr_t>(floats(value)) % sizeof(float4) == 0,
                  "skipgram: vectors on CUDA must start at a multiple of 16 bytes; clone() them");
}

// List the words that are kept; return how many.
int64_t plan(const PlanInput& in, const Tensor& like, Tensor& list) {
  constexpr auto kFacts = int64_t(sizeof(PlanFacts) / sizeof(int64_t));
  const auto stream = current_stream(like);
  const Tensor facts = torch::stable::new_zeros(like, {kFacts}, ScalarType::Long);
  const Tensor kept = torch::stable::new_empty(like, {in.count}, ScalarType::Bool);
  const int64_t most = std::max({in.count, in.sentence_count + 1, in.vocabulary});
  mark_kept<<<blocks_for(most, kThreads), kThreads, 0, stream>>>(
      in, kept.mutable_data_ptr<bool>(), static_cast<PlanFacts*>(facts.mutable_data_ptr()));
  STD_CUDA_KERNEL_LAUNCH_CHECK();
  const Tensor here = on_cpu(facts);
  const PlanFacts found = *static_cast<const PlanFacts*>(here.const_data_ptr());
  STD_TORCH_CHECK(!found.wrong_sentences, "skipgram: sentences must rise from 0 to ", in.count);
  STD_TORCH_CHECK(!found.wrong_noise, "skipgram: noise must draw words from 0 to ",
                  in.vocabulary - 1);
  STD_TORCH_CHECK(!found.wrong_tokens, "skipgram: tokens must be from 0 to ", in.vocabulary - 1);
  list = torch::stable::new_empty(like, {found.kept, int64_t(sizeof(KeptWord) / sizeof(int32_t))},
                                  ScalarType::Int);
  if (!found.kept) return 0;
  const Tensor until = running_sum(kept);
  list_kept<<<blocks_for(in.count, kThreads), kThreads, 0, stream>>>(
      in, kept.const_data_ptr<bool>(), until.const_data_ptr<int64_t>(),
      static_cast<KeptWord*>(list.mutable_data_ptr()));
  STD_CUDA_KERNEL_LAUNCH_CHECK();
  return found.kept;
}

void run_lock_free(const CudaJob& job, const Tensor& like) {
  const Settings& s = job.settings;
  const int64_t runs = (job.count + kRun - 1) / kRun;
  const int64_t warps =
      std::clamp<int64_t>(s.vocabulary / kWordsAWarp, 1, std::min(kMostWarps, runs));
  const int64_t each = s.clips || s.negatives >= kOutputs ? job.slots * s.columns : 0;
  const Tensor rows = torch::stable::new_empty(like, {warps * each}, ScalarType::Float);
  train_lock_free<<<blocks_for(warps, kWarps), kThreads, 0, current_stream(like)>>>(
      job, floats(rows), warps);
  STD_CUDA_KERNEL_LAUNCH_CHECK();
}

// Train on the centres from..to, a stretch of whole blocks whose slots are sorted together.
void run_stretch(const CudaJob& job, const SlotKeys& of, int64_t from, int64_t to,
                 const Tensor& rows) {
  const auto stream = current_stream(rows);
  const Tensor keys = torch::stable::new_empty(rows, {(to - from) * job.slots}, ScalarType::Long);
  key_slots<<<blocks_for(to - from, kWarps), kThreads, 0, stream>>>(
      job, of, from, to, keys.mutable_data_ptr<int64_t>());
  STD_CUDA_KERNEL_LAUNCH_CHECK();
  const auto [sorted, order] = rising(keys);
  for (int64_t begin = from; begin < to; begin += of.block) {
    const int64_t end = std::min(begin + of.block, to);
    take_gradients<<<blocks_for(end - begin, kWarps), kThreads, 0, stream>>>(job, begin, end,
                                                                             floats(rows));
    STD_CUDA_KERNEL_LAUNCH_CHECK();
    const SortedSlots slots{sorted.const_data_ptr<int64_t>(), order.const_data_ptr<int64_t>(),
                            (begin - from) * job.slots, (end - from) * job.slots};
    add_gradients<<<blocks_for(slots.to - slots.from, kWarps * kSlotsAWarp), kThreads, 0, stream>>>(
        job, of, slots, of.base(begin), floats(rows));
    STD_CUDA_KERNEL_LAUNCH_CHECK();
  }
}

void run_ordered(const CudaJob& job, int64_t wanted, const Tensor& like) {
  const int64_t block = std::min(wanted, job.count);
  const SlotKeys of{block, job.settings.vocabulary};
  const Tensor rows =
      torch::stable::new_empty(like, {block * job.slots * job.settings.columns}, ScalarType::Float);
  const int64_t stretch = std::max<int64_t>(1, kMostKeys / job.slots / block) * block;
  for (int64_t from = 0; from < job.count; from += stretch) {
    run_stretch(job, of, from, std::min(from + stretch, job.count), rows);
  }
}

CudaJob job_of(const Settings& settings, const Tensor& noise, const Tensor& list, uint64_t seed,
               int64_t offset) {
  CudaJob job{};
  job.settings = settings;
  job.table = static_cast<const Bucket*>(noise.const_data_ptr());
  job.kept = static_cast<const KeptWord*>(list.const_data_ptr());
  job.count = list.size(0);
  job.seed = seed;
  job.offset = offset;
  job.table_bits = bucket_bits(settings.vocabulary);
  job.sources = int(settings.most_sources());
  job.slots = int(settings.most_sources() + settings.most_targets());
  return job;
}

Tensor skipgram(const Tensor& inputs, const Tensor& outputs, const Tensor& tokens,
                const Tensor& sentences, const Tensor& keep, const Tensor& noise, int64_t window,
                int64_t negatives, int64_t seed, int64_t offset, double lr_from, double lr_to,
                int64_t kind, int64_t block, double clip_value, double clip_norm,
                int64_t together) {
  check_tensors({inputs, outputs, tokens, sentences, keep, noise});
  STD_TORCH_CHECK(inputs.size(0) == outputs.size(0),
                  "skipgram: inputs and outputs must have one shape");
  check_numbers(
      {window, negatives, offset, lr_from, lr_to, kind, block, clip_value, clip_norm, together});
  check_aligned(inputs);
  check_aligned(outputs);
  const torch::stable::accelerator::DeviceGuard guard(inputs.get_device_index());
  using torch::stable::contiguous;
  const Tensor plain[] = {contiguous(tokens), contiguous(sentences), contiguous(keep),
                          contiguous(noise)};
  const PlanInput input{plain[0].const_data_ptr<int32_t>(),
                        plain[0].size(0),
                        plain[1].const_data_ptr<int64_t>(),
                        plain[1].size(0) - 1,
                        plain[2].const_data_ptr<int64_t>(),
                        static_cast<const Bucket*>(plain[3].const_data_ptr()),
                        inputs.size(0),
                        window,
                        offset,
                        uint64_t(seed)};
  Tensor list;
  const int64_t kept = plan(input, inputs, list);
  Settings settings;
  settings.inputs = floats(inputs);
  settings.outputs = floats(outputs);
  settings.vocabulary = inputs.size(0);
  settings.columns = inputs.size(1);
  settings.window = window;
  settings.negatives = negatives;
  settings.together = together;
  settings.lr_from = lr_from;
  settings.slope = (lr_to - lr_from) / double(std::max<int64_t>(input.count, 1));
  settings.kind = kind;
  settings.clip_value = float(clip_value);
  settings.clip_norm = float(clip_norm);
  settings.clips = clip_value > 0 || clip_norm > 0;
  CudaJob job = job_of(settings, plain[3], list, uint64_t(seed), offset);
  const Tensor stats = torch::stable::new_zeros(inputs, {kept, kStats}, ScalarType::Double);
  job.stats = stats.mutable_data_ptr<double>();
  if (kept && block) run_ordered(job, block, inputs);
  if (kept && !block) run_lock_free(job, inputs);
  constexpr int64_t kOverCentres[] = {0};
  return on_cpu(torch::stable::sum(stats, kOverCentres));
}

}  // namespace
}  // namespace nntasks::skipgram

STABLE_TORCH_LIBRARY_IMPL(nntasks, CUDA, library) {
  library.impl("skipgram", TORCH_BOX(&nntasks::skipgram::skipgram));
}
