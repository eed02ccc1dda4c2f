// What results and annotations share: a box with its image and category.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "coco_json/cursor.h"

namespace nntasks::coco_json {

// Four numbers.
inline void read_box(Cursor& cursor, double* box) {
  cursor.expect('[');
  for (int i = 0; i < 4; ++i) {
    box[i] = cursor.number();
    if (cursor.comma_or(']') != (i < 3)) throw Unusual();
  }
}

// The keys of a row that were read; each may come once.
class Keys {
 public:
  void add(int key) {
    if (mask_ >> key & 1) throw Unusual();
    mask_ |= 1u << key;
  }
  bool have(unsigned mask) const { return (mask_ & mask) == mask; }

 private:
  unsigned mask_ = 0;
};

struct PlacedBox {
  int64_t image = 0, category = 0;
  double box[4] = {0, 0, 0, 0};

  // Of `Keys`; the other keys of a row begin at kKeys.
  static constexpr unsigned kNeeded = 0b111;
  static constexpr int kKeys = 3;

  // Read the value if the key is one of these; return whether it is.
  bool read(std::string_view key, Cursor& cursor, Keys& keys) {
    if (key == "image_id") {
      keys.add(0);
      image = cursor.integer();
    } else if (key == "category_id") {
      keys.add(1);
      category = cursor.integer();
    } else if (key == "bbox") {
      keys.add(2);
      read_box(cursor, box);
    } else {
      return false;
    }
    return true;
  }

  // Add it to the columns of a table.
  template <typename Columns>
  void append_to(Columns& columns) const {
    columns.image.push_back(image);
    columns.category.push_back(category);
    columns.box.insert(columns.box.end(), box, box + 4);
  }
};

}  // namespace nntasks::coco_json
