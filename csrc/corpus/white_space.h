// Where words end: the white space of Python's str.split(), found in the bytes of UTF-8.
//
// U+0009..000D, 001C..0020, 0085, 00A0, 1680, 2000..200A, 2028, 2029, 202F, 205F, 3000. Each
// starts with a lead byte, so they are found in invalid UTF-8 too.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace nntasks::corpus {

enum Kind : uint8_t { kWord, kSpace, kNewline, kLead };  // kLead: may start a space of 2 or 3 bytes

inline constexpr std::array<uint8_t, 256> kinds_of_bytes() {
  std::array<uint8_t, 256> kinds{};
  for (int byte : {0x09, 0x0b, 0x0c, 0x0d, 0x1c, 0x1d, 0x1e, 0x1f, 0x20}) kinds[byte] = kSpace;
  kinds[0x0a] = kNewline;
  for (int byte : {0xc2, 0xe1, 0xe2, 0xe3}) kinds[byte] = kLead;
  return kinds;
}

inline constexpr std::array<uint8_t, 256> kKinds = kinds_of_bytes();

// Return the length of the space that starts with the lead byte at `p`, 0 if it is none.
inline size_t wide_space(const uint8_t* p, const uint8_t* end) {
  if (end - p < 2) return 0;
  if (p[0] == 0xc2) return p[1] == 0x85 || p[1] == 0xa0 ? 2 : 0;
  if (end - p < 3) return 0;
  const uint8_t second = p[1], third = p[2];
  bool space = false;
  if (p[0] == 0xe1) {
    space = second == 0x9a && third == 0x80;
  } else if (p[0] == 0xe2 && second == 0x80) {
    space = (third >= 0x80 && third <= 0x8a) || third == 0xa8 || third == 0xa9 || third == 0xaf;
  } else if (p[0] == 0xe2) {
    space = second == 0x81 && third == 0x9f;
  } else if (p[0] == 0xe3) {
    space = second == 0x80 && third == 0x80;
  }
  return space ? 3 : 0;
}

// Return where the word that begins at `p` ends.
inline const uint8_t* end_of_word(const uint8_t* p, const uint8_t* end) {
  for (; p < end; ++p) {
    const uint8_t kind = kKinds[*p];
    if (kind == kWord) continue;
    if (kind != kLead || wide_space(p, end)) break;
  }
  return p;
}

// Return whether bytes are UTF-8 (Unicode 15, table 3-7: no surrogates, nothing overlong).
inline bool valid_utf8(const uint8_t* p, const uint8_t* end) {
  while (p < end) {
    const uint8_t lead = *p;
    if (lead < 0x80) {
      ++p;
      continue;
    }
    if (lead < 0xc2 || lead > 0xf4) return false;
    const ptrdiff_t size = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    if (end - p < size) return false;
    const uint8_t least = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
    const uint8_t most = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
    if (p[1] < least || p[1] > most) return false;
    for (ptrdiff_t i = 2; i < size; ++i) {
      if ((p[i] & 0xc0) != 0x80) return false;
    }
    p += size;
  }
  return true;
}

}  // namespace nntasks::corpus
