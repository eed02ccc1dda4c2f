// A place in JSON text, and the readers of its tokens (RFC 8259).
//
// They read plain text only. What is not JSON, and JSON that is unusual where these files hold
// plain numbers, ends with Unusual: the careful reader in Python then reads the file and says what
// is wrong with it, if anything is.
#pragma once

#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <system_error>

#include "coco_json/decimals.h"

namespace nntasks::coco_json {

constexpr size_t kPadding = 8;  // zeros behind a text

struct Unusual {};
struct Short {};  // the text ends inside a row; there may be more of it

class Cursor {
 public:
  // `kPadding` bytes from `end` on must be readable and 0.
  Cursor(const char* begin, const char* end) : at_(begin), end_(end) {}

  const char* at() const { return at_; }
  bool is_at_end() const { return at_ == end_; }

  // The next byte that is no white space; it is not passed.
  char peek() {
    while (*at_ == ' ' || *at_ == '\n' || *at_ == '\r' || *at_ == '\t') ++at_;
    return *at_;
  }

  [[noreturn]] void fail() const {
    if (at_ == end_) throw Short();
    throw Unusual();
  }

  void expect(char wanted) {
    if (peek() != wanted) fail();
    ++at_;
  }

  // Pass a comma; return false at `close`, which is passed, too.
  bool comma_or(char close) {
    const char next = peek();
    if (next != ',' && next != close) fail();
    ++at_;
    return next == ',';
  }

  // Pass `close` if it comes next.
  bool passed(char close) {
    if (peek() != close) return false;
    ++at_;
    return true;
  }

  // Pass a text if it comes next, white space included.
  bool passed_text(const Words& text) {
    if (end_ - at_ < text.size() || !text.begins(at_)) return false;
    at_ += text.size();
    return true;
  }

  bool is_at_number() const { return *at_ == '-' || is_digit(*at_); }

  // A key of plain letters, and the colon behind it.
  std::string_view key() {
    expect('"');
    const char* from = at_;
    while (*at_ != '"') {
      if (uint8_t(*at_) < 0x20 || uint8_t(*at_) >= 0x80 || *at_ == '\\') fail();
      ++at_;
    }
    const std::string_view text(from, size_t(at_ - from));
    ++at_;
    expect(':');
    return text;
  }

  // A whole number of at most 18 digits.
  int64_t integer() {
    const bool minus = sign();
    const char* from = at_;
    uint64_t digits = 0;
    read_digits(digits);
    if (at_ - from > 18) fail();
    check_digits(from);
    if (*at_ == '.' || *at_ == 'e' || *at_ == 'E') fail();
    return minus ? -int64_t(digits) : int64_t(digits);
  }

  // The double nearest to a number.
  double number() {
    peek();
    const char* start = at_;
    const bool minus = sign();
    const char* from = at_;
    uint64_t digits = 0;
    read_digits(digits);
    check_digits(from);
    int64_t count = at_ - from, exponent = 0;
    if (*at_ == '.') {
      from = ++at_;
      read_digits(digits);
      exponent = from - at_;
      count -= exponent;
      if (at_ == from) fail();
    }
    if (*at_ == 'e' || *at_ == 'E') exponent += power();
    // Up to 2^53 and 10^22 both are doubles, and one operation rounds once (Clinger 1990).
    if (count <= 19 && digits <= kExactIntegers && std::abs(exponent) <= 22) {
      const double value =
          exponent < 0 ? double(digits) / kPowers[-exponent] : double(digits) * kPowers[exponent];
      return minus ? -value : value;
    }
#ifdef NNTASKS_HAS_EXACT_QUOTIENT
    if (count <= 19 && digits && exponent < 0 && exponent >= -kMostPowerOfFive) {
      const double value = quotient_by_power_of_ten(digits, int(-exponent));
      return minus ? -value : value;
    }
#endif
    return nearest(start);
  }

  // Text as it is written, quotes and escapes included.
  std::string text() {
    peek();
    const char* from = at_;
    skip_text();
    return std::string(from, size_t(at_ - from));
  }

  bool passed_null() { return peek() == 'n' && (word("null"), true); }

  // Pass a value of any kind.
  void skip(int depth = 0) {
    if (depth > kDeepest) throw Unusual();
    switch (peek()) {
      case '"':
        return skip_text();
      case '[':
        ++at_;
        if (passed(']')) return;
        do skip(depth + 1);
        while (comma_or(']'));
        return;
      case '{':
        ++at_;
        if (passed('}')) return;
        do {
          peek();
          skip_text();
          expect(':');
          skip(depth + 1);
        } while (comma_or('}'));
        return;
      case 't':
        return word("true");
      case 'f':
        return word("false");
      case 'n':
        return word("null");
      default:
        number();
    }
  }

 private:
  static constexpr int kDeepest = 64;
  static constexpr uint64_t kExactIntegers = uint64_t(1) << 53;
  static constexpr double kPowers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                       1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                       1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

  static bool is_digit(char one) { return uint8_t(one - '0') < 10; }

  // Read digits behind those that were read.
  void read_digits(uint64_t& digits) {
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    int count;
    do {
      count = digits_of_word(at_, digits);
      at_ += count;
    } while (count == 8);
#else
    while (is_digit(*at_)) digits = digits * 10 + uint64_t(*at_++ - '0');
#endif
  }

  bool sign() {
    if (peek() != '-') return false;
    ++at_;
    return true;
  }

  // There is a digit, and no needless zero in front.
  void check_digits(const char* from) const {
    if (at_ == from || (*from == '0' && at_ - from > 1)) fail();
  }

  int64_t power() {
    ++at_;
    const bool minus = *at_ == '-';
    if (minus || *at_ == '+') ++at_;
    const char* from = at_;
    int64_t value = 0;
    while (is_digit(*at_)) {
      if (at_ - from >= 9) fail();
      value = value * 10 + (*at_++ - '0');
    }
    if (at_ == from) fail();
    return minus ? -value : value;
  }

  double nearest(const char* start) const {
    if (at_ == end_) throw Short();
#if defined(__cpp_lib_to_chars) && __cpp_lib_to_chars >= 201611L
    double value = 0;
    const auto [end, error] = std::from_chars(start, at_, value);
    if (end == at_ && error == std::errc()) return value;
#endif
    const double other = std::strtod(std::string(start, size_t(at_ - start)).c_str(), nullptr);
    if (!std::isfinite(other)) throw Unusual();
    return other;  // it may be too small for from_chars, and is 0 then
  }

  void word(const char* letters) {
    for (; *letters; ++letters, ++at_) {
      if (*at_ != *letters) fail();
    }
  }

  void skip_text() {
    if (*at_ != '"') fail();
    for (++at_; *at_ != '"';) {
      const uint8_t one = uint8_t(*at_);
      if (one < 0x20) fail();
      if (one == '\\') {
        skip_escape();
      } else if (one < 0x80) {
        ++at_;
      } else {
        skip_wide(one);
      }
    }
    ++at_;
  }

  void skip_escape() {
    ++at_;
    if (*at_ == 'u') {
      for (int i = 0; i < 4; ++i) {
        ++at_;
        if (!is_digit(*at_) && uint8_t((*at_ | 0x20) - 'a') > 5) fail();
      }
    } else if (*at_ == 0 || !std::strchr("\"\\/bfnrt", *at_)) {
      fail();
    }
    ++at_;
  }

  // Pass a character of several bytes of UTF-8.
  void skip_wide(uint8_t first) {
    const int more = first >= 0xf0 ? 3 : first >= 0xe0 ? 2 : 1;
    const uint8_t second = uint8_t(at_[1]);
    const bool too_long =
        first < 0xc2 || (first == 0xe0 && second < 0xa0) || (first == 0xf0 && second < 0x90);
    const bool not_a_character =
        first > 0xf4 || (first == 0xed && second > 0x9f) || (first == 0xf4 && second > 0x8f);
    if (too_long || not_a_character) {
      ++at_;
      fail();
    }
    ++at_;
    for (int i = 0; i < more; ++i, ++at_) {
      if ((uint8_t(*at_) & 0xc0) != 0x80) fail();
    }
  }

  const char *at_, *end_;
};

}  // namespace nntasks::coco_json
