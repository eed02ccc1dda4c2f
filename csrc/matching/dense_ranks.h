// The ranks of integers among their distinct values.
#pragma once

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <vector>

namespace nntasks::matching {

struct Integers {
  const int64_t* data;
  int64_t size;
};

// Ranks come from a table where the values lie close together, as image indices and labels do, else
// from a search.
class DenseRanks {
 public:
  explicit DenseRanks(std::initializer_list<Integers> arrays) {
    int64_t most = std::numeric_limits<int64_t>::min(), total = 0;
    least_ = std::numeric_limits<int64_t>::max();
    for (const Integers& one : arrays) {
      total += one.size;
      for (int64_t i = 0; i < one.size; ++i) {
        least_ = std::min(least_, one.data[i]);
        most = std::max(most, one.data[i]);
      }
    }
    if (total == 0) return;
    const uint64_t range = uint64_t(most) - uint64_t(least_);
    if (range < uint64_t(4 * total + kSmallTable)) {
      fill_table(arrays, range + 1);
    } else {
      for (const Integers& one : arrays) {
        distinct_.insert(distinct_.end(), one.data, one.data + one.size);
      }
      std::sort(distinct_.begin(), distinct_.end());
      distinct_.erase(std::unique(distinct_.begin(), distinct_.end()), distinct_.end());
      count_ = int64_t(distinct_.size());
    }
  }

  int64_t count() const { return count_; }

  std::vector<int32_t> of(const Integers& values) const {
    std::vector<int32_t> ranks(values.size);
    for (int64_t i = 0; i < values.size; ++i) ranks[i] = of(values.data[i]);
    return ranks;
  }

 private:
  static constexpr int64_t kSmallTable = 1 << 16;

  int32_t of(int64_t value) const {
    if (!table_.empty()) return table_[uint64_t(value) - uint64_t(least_)];
    return int32_t(std::lower_bound(distinct_.begin(), distinct_.end(), value) - distinct_.begin());
  }

  void fill_table(std::initializer_list<Integers> arrays, uint64_t size) {
    table_.assign(size, 0);
    for (const Integers& one : arrays) {
      for (int64_t i = 0; i < one.size; ++i) table_[uint64_t(one.data[i]) - uint64_t(least_)] = 1;
    }
    for (int32_t& entry : table_) {
      const int32_t present = entry;
      entry = int32_t(count_);
      count_ += present;
    }
  }

  int64_t least_ = 0, count_ = 0;
  std::vector<int32_t> table_;
  std::vector<int64_t> distinct_;
};

// Where each group begins in the order of the groups; the last entry is the number of members.
inline std::vector<int32_t> group_starts(const std::vector<int32_t>& group, int64_t groups) {
  std::vector<int32_t> starts(groups + 1);
  for (const int32_t one : group) ++starts[one + 1];
  for (int64_t i = 0; i < groups; ++i) starts[i + 1] += starts[i];
  return starts;
}

// Indices by group; members of a group keep the order in which `order` names them.
inline std::vector<int32_t> by_group(const std::vector<int32_t>& order,
                                     const std::vector<int32_t>& group,
                                     std::vector<int32_t> starts) {
  std::vector<int32_t> result(order.size());
  for (const int32_t index : order) result[starts[group[index]]++] = index;
  return result;
}

inline std::vector<int32_t> in_given_order(int64_t count) {
  std::vector<int32_t> order(count);
  for (int64_t i = 0; i < count; ++i) order[i] = int32_t(i);
  return order;
}

}  // namespace nntasks::matching
