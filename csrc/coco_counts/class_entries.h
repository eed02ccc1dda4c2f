// The detections of a class, to be sorted by falling score.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

namespace nntasks::coco_counts {

// Most detections overlap no object: of these only the area ranges matter, as bits of those that
// they lie outside. The others have a row that says what they take.
template <typename Key>
struct Entry {
  Key key;          // rises as the score falls
  int32_t content;  // the number of the row, or the complement of the bits
  bool has_row() const { return content >= 0; }
  int32_t row() const { return content; }
  uint32_t outside() const { return uint32_t(~content); }
};

// Sort by key; equal keys keep their order. `other` is memory of the same size. The result is in
// either of both; it is returned.
template <typename Key>
Entry<Key>* sort_entries(Entry<Key>* entries, Entry<Key>* other, int64_t count) {
  constexpr int kBits = 11, kDigits = (sizeof(Key) * 8 + kBits - 1) / kBits;
  constexpr int64_t kValues = int64_t(1) << kBits, kSmall = 1024;
  constexpr Key kMask = Key(kValues - 1);
  if (count < kSmall) {
    std::stable_sort(entries, entries + count,
                     [](const Entry<Key>& a, const Entry<Key>& b) { return a.key < b.key; });
    return entries;
  }
  std::vector<int32_t> starts(size_t(kDigits * kValues));
  for (int64_t i = 0; i < count; ++i) {
    for (int d = 0; d < kDigits; ++d) {
      ++starts[size_t(d * kValues + int64_t((entries[i].key >> (d * kBits)) & kMask))];
    }
  }
  for (int d = 0; d < kDigits; ++d) {
    int32_t* start = starts.data() + d * kValues;
    if (start[(entries[0].key >> (d * kBits)) & kMask] == count) continue;  // all share this digit
    int32_t sum = 0;
    for (int64_t value = 0; value < kValues; ++value) {
      const int32_t here = start[value];
      start[value] = sum;
      sum += here;
    }
    for (int64_t i = 0; i < count; ++i) {
      other[start[(entries[i].key >> (d * kBits)) & kMask]++] = entries[i];
    }
    std::swap(entries, other);
  }
  return entries;
}

}  // namespace nntasks::coco_counts
