// The text between the numbers of a row of results.
//
// Programs write all rows alike: the same keys in the same order with the same white space. So what
// stands between the numbers is learned from a row and compared with the next ones as a whole. A
// row that differs is left to the reader that looks at every key.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "coco_json/cursor.h"
#include "coco_json/decimals.h"
#include "coco_json/placed_box.h"

namespace nntasks::coco_json {

// The numbers of a row.
struct ResultRow {
  PlacedBox placed;
  double score = 0;
};

class RowLayout {
 public:
  // Learn from a row that was read. Without success the layout fits no row.
  void learn(std::string_view row) {
    if (tries_ == kMostTries) return;
    ++tries_;
    count_ = 0;
    std::string_view key;
    int of_box = 0;
    size_t from = 0;
    for (size_t i = 0; i < row.size();) {
      const char one = row[i];
      if (one == '"') {
        const size_t end = row.find('"', i + 1);
        key = row.substr(i + 1, end - i - 1);
        if (end == row.npos || key.find('\\') != key.npos) return forget();
        i = end + 1;
      } else if (one == '-' || (one >= '0' && one <= '9')) {
        const int field = key == "bbox" ? kBox + of_box++ : field_of(key);
        if (count_ == kFields || field < 0 || field >= kFields) return forget();
        fields_[size_t(count_)] = field;
        if (!before_[size_t(count_++)].set(row.substr(from, i - from))) return forget();
        i = from = std::min(row.find_first_not_of("+-.0123456789eE", i), row.size());
      } else if (std::strchr("{}[]:, \n\r\t", one)) {
        ++i;
      } else {
        return forget();
      }
    }
    if (!behind_.set(row.substr(from)) || count_ != kFields) forget();
  }

  // Read a row and pass it; return false, and pass nothing, if it differs.
  bool read(Cursor& cursor, ResultRow& row) const {
    if (count_ != kFields) return false;
    Cursor ahead = cursor;
    for (int i = 0; i < kFields; ++i) {
      if (!ahead.passed_text(before_[size_t(i)]) || !ahead.is_at_number()) return false;
      const int field = fields_[size_t(i)];
      if (field == kImage) {
        row.placed.image = ahead.integer();
      } else if (field == kCategory) {
        row.placed.category = ahead.integer();
      } else if (field == kScore) {
        row.score = ahead.number();
      } else {
        row.placed.box[field - kBox] = ahead.number();
      }
    }
    if (!ahead.passed_text(behind_)) return false;
    cursor = ahead;
    return true;
  }

 private:
  static constexpr int kImage = 0, kCategory = 1, kScore = 2, kBox = 3, kFields = 7;
  static constexpr int kMostTries = 16;  // for files whose rows differ all the time

  static int field_of(std::string_view key) {
    if (key == "image_id") return kImage;
    if (key == "category_id") return kCategory;
    return key == "score" ? kScore : -1;
  }

  void forget() { count_ = 0; }

  int count_ = 0, tries_ = 0;
  std::array<int, kFields> fields_;    // of the numbers in their order
  std::array<Words, kFields> before_;  // the text before each
  Words behind_;
};

}  // namespace nntasks::coco_json
