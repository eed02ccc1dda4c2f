// COCO instances: lists of images, annotations and categories.
#pragma once

#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "coco_json/cursor.h"
#include "coco_json/placed_box.h"
#include "coco_json/results.h"

namespace nntasks::coco_json {

struct Instances {
  std::vector<int64_t> image_ids;
  std::vector<int64_t> category_ids;
  std::vector<std::string> category_names;  // as they are written, in quotes
  // Of the annotations; an id or area that is not stated is kNoId or NaN.
  std::vector<int64_t> id, image, category;
  std::vector<double> box, area;  // four numbers a box
  std::vector<uint8_t> crowd;

  static constexpr int64_t kNoId = std::numeric_limits<int64_t>::min();
};

class InstanceReader {
 public:
  explicit InstanceReader(const char* path) {
    const File file(path);
    file.read(0, file.size(), text_);
  }

  Instances read() {
    const char *start = text_.data(), *end = start + text_.size() - kPadding;
    const bool marked = end - start >= 3 && !std::memcmp(start, "\xef\xbb\xbf", 3);
    Cursor cursor(start + (marked ? 3 : 0), end);
    Keys keys;
    cursor.expect('{');
    if (cursor.passed('}')) throw Unusual();
    do read_list(cursor, keys);
    while (cursor.comma_or('}'));
    cursor.peek();
    if (!cursor.is_at_end() || !keys.have(0b111)) throw Unusual();
    return std::move(found_);
  }

 private:
  void read_list(Cursor& cursor, Keys& keys) {
    const std::string_view key = cursor.key();
    if (key == "images") {
      keys.add(0);
      each(cursor, [&] { read_image(cursor); });
    } else if (key == "annotations") {
      keys.add(1);
      each(cursor, [&] { read_annotation(cursor); });
    } else if (key == "categories") {
      keys.add(2);
      each(cursor, [&] { read_category(cursor); });
    } else {
      cursor.skip();
    }
  }

  // Call for every row of a list; the row's opening brace is passed.
  template <typename Row>
  static void each(Cursor& cursor, const Row& row) {
    cursor.expect('[');
    if (cursor.passed(']')) return;
    do {
      cursor.expect('{');
      if (cursor.passed('}')) throw Unusual();
      row();
    } while (cursor.comma_or(']'));
  }

  void read_image(Cursor& cursor) {
    Keys keys;
    do {
      if (cursor.key() == "id") {
        keys.add(0);
        found_.image_ids.push_back(cursor.integer());
      } else {
        cursor.skip();
      }
    } while (cursor.comma_or('}'));
    if (!keys.have(1)) throw Unusual();
  }

  void read_category(Cursor& cursor) {
    Keys keys;
    do {
      const std::string_view key = cursor.key();
      if (key == "id") {
        keys.add(0);
        found_.category_ids.push_back(cursor.integer());
      } else if (key == "name") {
        keys.add(1);
        found_.category_names.push_back(cursor.text());
      } else {
        cursor.skip();
      }
    } while (cursor.comma_or('}'));
    if (!keys.have(0b11)) throw Unusual();
  }

  void read_annotation(Cursor& cursor) {
    Keys keys;
    PlacedBox placed;
    int64_t id = Instances::kNoId, crowd = 0;
    double area = std::nan("");
    do {
      const std::string_view key = cursor.key();
      if (placed.read(key, cursor, keys)) continue;
      if (key == "id") {
        keys.add(PlacedBox::kKeys);
        if (!cursor.passed_null()) id = cursor.integer();
      } else if (key == "area") {
        keys.add(PlacedBox::kKeys + 1);
        if (!cursor.passed_null()) area = cursor.number();
      } else if (key == "iscrowd") {
        keys.add(PlacedBox::kKeys + 2);
        if (!cursor.passed_null()) crowd = cursor.integer();
        if (crowd != 0 && crowd != 1) throw Unusual();
      } else {
        cursor.skip();
      }
    } while (cursor.comma_or('}'));
    if (!keys.have(PlacedBox::kNeeded)) throw Unusual();
    found_.id.push_back(id);
    placed.append_to(found_);
    found_.area.push_back(area);
    found_.crowd.push_back(uint8_t(crowd));
  }

  std::vector<char> text_;
  Instances found_;
};

}  // namespace nntasks::coco_json
