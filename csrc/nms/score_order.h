// Box indices by falling score, ties by lower index, NaN as minus infinity.
#pragma once

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "nms/sort_key.h"

namespace nntasks::nms {

// A stable radix sort, least significant digit first; digits that all keys share are skipped.
template <typename T>
std::vector<int32_t> score_order(const T* scores, int64_t count) {
  using Key = typename SortKey<T>::type;
  using Item = std::pair<Key, int32_t>;
  constexpr int kBits = 11, kDigits = (sizeof(Key) * 8 + kBits - 1) / kBits;
  constexpr int kSmall = 2048;

  std::vector<Item> items(count);
  for (int64_t i = 0; i < count; ++i) items[i] = {sort_key(scores[i]), int32_t(i)};
  if (count < kSmall) {
    std::sort(items.begin(), items.end());
  } else {
    std::vector<int32_t> starts(size_t(kDigits) << kBits);
    const Key mask = (Key(1) << kBits) - 1;
    for (const Item& item : items) {
      for (int d = 0; d < kDigits; ++d) {
        ++starts[(size_t(d) << kBits) + ((item.first >> (d * kBits)) & mask)];
      }
    }
    std::vector<Item> other(count);
    for (int d = 0; d < kDigits; ++d) {
      int32_t* start = starts.data() + (size_t(d) << kBits);
      if (start[(items[0].first >> (d * kBits)) & mask] == count) continue;
      int32_t sum = 0;
      for (int64_t v = 0; v < (int64_t(1) << kBits); ++v) {
        const int32_t here = start[v];
        start[v] = sum;
        sum += here;
      }
      for (const Item& item : items) other[start[(item.first >> (d * kBits)) & mask]++] = item;
      items.swap(other);
    }
  }
  std::vector<int32_t> order(count);
  for (int64_t i = 0; i < count; ++i) order[i] = items[i].second;
  return order;
}

}  // namespace nntasks::nms
