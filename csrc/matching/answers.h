// What detections take, as the tables of `match_detections` hold it: a lane for each level.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <vector>

#include "matching/cell.h"

namespace nntasks::matching {

// Writes masks as lanes, one a level, eight at a time; so there must be room for 7 lanes more.
struct Lanes {
  static void take(uint32_t levels, int32_t truth, int lanes, int32_t* matched) {
    static constexpr uint32_t kBits[8] = {1, 2, 4, 8, 16, 32, 64, 128};
    for (int i = 0; i < lanes; i += 8, levels >>= 8) {
      for (int k = 0; k < 8; ++k) {
        const int32_t keep = -int32_t((levels & kBits[k]) == 0);  // all bits or none
        matched[i + k] = (matched[i + k] & keep) | (truth & ~keep);
      }
    }
  }

  static void ignore(uint32_t levels, int lanes, uint8_t* ignored) {
    for (int i = 0; i < lanes; i += 8) {
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
      // Each byte keeps its own bit; adding 0x7f carries it into the highest one.
      uint64_t bytes = (levels >> i & 0xff) * 0x0101010101010101u & 0x8040201008040201u;
      bytes = (bytes + 0x7f7f7f7f7f7f7f7fu) >> 7 & 0x0101010101010101u;
      std::memcpy(ignored + i, &bytes, 8);
#else
      for (int k = 0; k < 8; ++k) ignored[i + k] = levels >> (i + k) & 1;
#endif
    }
  }
};

// The answers of one detection, (area, level).
class Answers {
 public:
  std::vector<int32_t> matched;  // the object that it takes, -1 for none
  std::vector<uint8_t> skipped;  // whether it is ignored

  Answers(int64_t areas, int64_t levels)
      : matched(size_t(areas * levels + kLevelsAtOnce)), skipped(matched.size()), taken_(areas) {}

  // It is ignored if it takes an ignored object, or none and lies outside the range.
  void fill(Cell& cell, const Candidate* candidates, int64_t count, const uint8_t* outside) {
    const Levels& levels = cell.levels();
    std::fill(matched.begin(), matched.end(), -1);
    cell.serve(candidates, count, taken_.data(), [&](int64_t area, uint32_t mine, int32_t truth) {
      Lanes::take(mine, truth, levels.lanes(), matched.data() + area * levels.count());
    });
    for (int64_t area = 0; area < cell.areas(); ++area) {
      const Taken& taken = taken_[area];
      const uint32_t none = levels.all() & ~(taken.right | taken.excused);
      Lanes::ignore(taken.excused | (outside[area] ? none : 0), levels.lanes(),
                    skipped.data() + area * levels.count());
    }
  }

 private:
  std::vector<Taken> taken_;
};

}  // namespace nntasks::matching
