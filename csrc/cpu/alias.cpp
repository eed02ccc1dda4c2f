// nntasks::alias_build and nntasks::alias_draw on CPU: Walker's alias method (1977) with the linear
// construction of Vose (1991). core/ops/alias.py describes it.
#include <torch/csrc/stable/library.h>
#include <torch/csrc/stable/ops.h>
#include <torch/csrc/stable/tensor.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include "alias.h"
#include "arguments.h"
#include "clones.h"
#include "philox_batch.h"

namespace nntasks {
namespace {

constexpr double kSlack = 1 + 0x1p-50;
constexpr int64_t kDrawsAtLeast = 4096;  // for one thread

double largest_of(const double* weights, int64_t count) {
  double largest = 0;
  for (int64_t i = 0; i < count; ++i) {
    STD_TORCH_CHECK(weights[i] >= 0 && weights[i] <= std::numeric_limits<double>::max(),
                    "alias_build: weights must be finite and 0 or more");
    largest = std::max(largest, weights[i]);
  }
  STD_TORCH_CHECK(largest > 0, "alias_build: expected at least one weight above 0");
  return largest;
}

// The same operations as `_shares` of the reference, so that rounding is the same.
void share_out(const double* weights, int64_t count, int64_t units, Bucket* table) {
  const double largest = largest_of(weights, count);
  int64_t upper_sum = 0, lower_sum = 0, holders = 0;
  for (int64_t i = 0; i < count; ++i) {
    const double scaled = weights[i] / largest;
    const double upper = std::floor(scaled * 0x1p30);
    upper_sum += int64_t(upper);
    lower_sum += int64_t(std::floor((scaled * 0x1p30 - upper) * 0x1p32));
    holders += scaled > 0;
  }
  const double total = double(upper_sum) * 0x1p-30 + double(lower_sum + count) * 0x1p-62;
  const double each = double(count * units) / (total * kSlack);
  int64_t left = count * units;
  for (int64_t i = 0; i < count; ++i) {
    table[i].own = int64_t(std::floor(weights[i] / largest * each));
    left -= table[i].own;
  }
  int64_t more = left % holders;
  for (int64_t i = 0; i < count; ++i) {
    if (weights[i] / largest > 0) table[i].own += left / holders + (more-- > 0);
  }
}

int64_t next_heavy(const Bucket* table, int64_t from, int64_t count, int64_t units) {
  while (from < count && table[from].own <= units) ++from;
  return from;
}

void sweep(Bucket* table, int64_t count, int64_t units) {
  for (int64_t i = 0; i < count; ++i) table[i].other = i;
  int64_t heavy = next_heavy(table, 0, count, units);
  if (heavy == count) return;
  int64_t missing = 0, excess = table[heavy].own - units;  // of all light and heavy ones so far
  // Leave a heavy bucket whose excess is spent: the next heavy one fills it up.
  const auto advance = [&] {
    const int64_t next = next_heavy(table, heavy + 1, count, units), over = missing - excess;
    table[heavy] = {units - over, over > 0 && next < count ? next : heavy};
    if (next < count) excess += table[next].own - units;
    heavy = next;
  };
  // Heavy buckets after `heavy` are untouched; those before it are full.
  std::vector<int64_t> light;
  for (int64_t i = 0; i < count; ++i) {
    if (table[i].own < units) light.push_back(i);
  }
  for (const int64_t i : light) {
    while (heavy < count && excess <= missing) advance();
    table[i].other = heavy;
    missing += units - table[i].own;
  }
  while (heavy < count) advance();
}

Tensor alias_build(const Tensor& weights) {
  check_vector("alias_build", "weights", weights, ScalarType::Double);
  const int64_t count = weights.size(0);
  STD_TORCH_CHECK(count >= 1 && count <= std::numeric_limits<int32_t>::max(),
                  "alias_build: weights must have shape (n,) with n from 1 to 2^31 - 1");
  const Tensor plain = torch::stable::contiguous(weights);
  Tensor out = torch::stable::new_empty(plain, {count, 2}, ScalarType::Long);
  Bucket* table = static_cast<Bucket*>(out.mutable_data_ptr());
  const int64_t units = int64_t(1) << bucket_bits(count);
  share_out(plain.const_data_ptr<double>(), count, units, table);
  sweep(table, count, units);
  return out;
}

struct Draws {
  const Bucket* table;
  uint64_t count, seed;  // count: of buckets
  int bits;
};

NNTASKS_CLONES void pick(const Draws& draws, const uint64_t* random, int64_t count, int64_t* out) {
  for (int64_t i = 0; i < count; ++i) {
    out[i] = draw_one(draws.table, draws.count, draws.bits, random[i]);
  }
}

// Draws number `from` to `to` - 1 into out[0], out[1], ...
void draw_into(int64_t* out, const Draws& draws, int64_t from, int64_t to) {
  static const PhiloxBatch fill = philox_batch();
  uint64_t random[2 * kPhiloxBatch];
  while (from < to) {
    const int64_t odd = from & 1, count = std::min(2 * kPhiloxBatch - odd, to - from);
    fill(uint64_t(from) >> 1, 0, draws.seed, random);
    pick(draws, random + odd, count, out);
    out += count;
    from += count;
  }
}

Tensor alias_draw(const Tensor& table, int64_t count, int64_t seed, int64_t offset) {
  check_alias_draw(table, count, offset);
  const Tensor plain = torch::stable::contiguous(table);
  const int64_t size = plain.size(0);
  Tensor out = torch::stable::new_empty(plain, {count}, ScalarType::Long);
  const Draws draws{static_cast<const Bucket*>(plain.const_data_ptr()), uint64_t(size),
                    uint64_t(seed), bucket_bits(size)};
  int64_t* values = out.mutable_data_ptr<int64_t>();
  torch::stable::parallel_for(0, count, kDrawsAtLeast, [&](int64_t from, int64_t to) {
    draw_into(values + from, draws, offset + from, offset + to);
  });
  return out;
}

}  // namespace
}  // namespace nntasks

STABLE_TORCH_LIBRARY_IMPL(nntasks, CPU, library) {
  library.impl("alias_build", TORCH_BOX(&nntasks::alias_build));
  library.impl("alias_draw", TORCH_BOX(&nntasks::alias_draw));
}
