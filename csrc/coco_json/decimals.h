// Decimal numbers and short texts, eight bytes at a time.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

namespace nntasks::coco_json {

constexpr int kMostPowerOfFive = 27;  // the highest below 2^63

inline uint64_t word_at(const char* place) {
  uint64_t word;
  std::memcpy(&word, place, 8);
  return word;
}

// Append the digits at the beginning of eight bytes to a number; return how many there are. A byte
// is a digit if its upper half is 3 and stays so when 6 is added. The digits are moved behind zeros
// and neighbours joined to numbers of two, four and eight digits (Lemire, "Number Parsing at a
// Gigabyte per Second", 2021). For little-endian processors.
inline int digits_of_word(const char* place, uint64_t& digits) {
  constexpr uint64_t kHalves = 0xf0f0f0f0f0f0f0f0u, kSixes = 0x0606060606060606u;
  constexpr uint64_t kThrees = 0x3030303030303030u;
  static constexpr uint64_t kPowers[] = {1,      10,      100,      1000,     10000,
                                         100000, 1000000, 10000000, 100000000};
  uint64_t word = word_at(place);
  const uint64_t other =
      ((word & kHalves) ^ kThrees) | (((word + kSixes) & kHalves) ^ kThrees);  // 0 in digits
  const int count = other ? __builtin_ctzll(other) / 8 : 8;
  if (!count) return 0;
  word <<= 64 - 8 * count;
  word = (word & 0x0f0f0f0f0f0f0f0fu) * 2561 >> 8;
  word = (word & 0x00ff00ff00ff00ffu) * 6553601 >> 16;
  word = (word & 0x0000ffff0000ffffu) * 42949672960001u >> 32;
  digits = digits * kPowers[count] + word;
  return count;
}

#if defined(__SIZEOF_INT128__)
#define NNTASKS_HAS_EXACT_QUOTIENT

// The double nearest to digits / 10^power, ties to even; digits are not 0, and power is at most 27.
//
// 10^power is 5^power times a power of two, and 5^power is a 64-bit integer. Both integers are
// shifted until their highest bit is set, so the quotient has 63 or 64 bits, more than the 53 of a
// double and two. Its last bit is set if there is a remainder. Then the one rounding, to double,
// decides as the exact quotient would.
inline double quotient_by_power_of_ten(uint64_t digits, int power) {
  static constexpr uint64_t kFives[] = {1u,
                                        5u,
                                        25u,
                                        125u,
                                        625u,
                                        3125u,
                                        15625u,
                                        78125u,
                                        390625u,
                                        1953125u,
                                        9765625u,
                                        48828125u,
                                        244140625u,
                                        1220703125u,
                                        6103515625u,
                                        30517578125u,
                                        152587890625u,
                                        762939453125u,
                                        3814697265625u,
                                        19073486328125u,
                                        95367431640625u,
                                        476837158203125u,
                                        2384185791015625u,
                                        11920928955078125u,
                                        59604644775390625u,
                                        298023223876953125u,
                                        1490116119384765625u,
                                        7450580596923828125u};
  const uint64_t five = kFives[power];
  const int up = __builtin_clzll(digits), up_five = __builtin_clzll(five);
  const uint64_t above = digits << up, below = five << up_five;
  const unsigned __int128 dividend = static_cast<unsigned __int128>(above) << 63;
  const uint64_t quotient = uint64_t(dividend / below);
  const uint64_t rest = uint64_t(dividend) - quotient * below;
  const int exponent = up_five - up - 63 - power;  // of two
  const uint64_t bits = uint64_t(1023 + exponent) << 52;
  double scale;
  std::memcpy(&scale, &bits, 8);
  return double(quotient | uint64_t(rest != 0)) * scale;
}
#endif

// A text of at most 64 bytes, to be compared with others.
class Words {
 public:
  // Return whether it is short enough.
  bool set(std::string_view text) {
    size_ = 0;
    if (text.size() > sizeof bytes_) return false;
    std::memset(bytes_, 0, sizeof bytes_);
    std::memcpy(bytes_, text.data(), text.size());
    size_ = int(text.size());
    return true;
  }

  int size() const { return size_; }

  // Whether a text begins with this one. Seven bytes behind its end are read as well.
  bool begins(const char* text) const {
    uint64_t different = 0;
    int at = 0;
    for (; at + 8 <= size_; at += 8) different |= word_at(text + at) ^ word_at(bytes_ + at);
    if (at < size_) {
      const uint64_t last = word_at(text + at) ^ word_at(bytes_ + at);
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
      different |= last << (8 * (8 - (size_ - at)));
#else
      different |= last >> (8 * (8 - (size_ - at)));
#endif
    }
    return !different;
  }

 private:
  char bytes_[64] = {};
  int size_ = 0;
};

}  // namespace nntasks::coco_json
