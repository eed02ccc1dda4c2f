// COCO results: a list of rows with image_id, category_id, bbox and score.
//
// The file is read in pieces, by several threads. A thread cannot know where the first row of its
// piece begins, so it takes the first place that looks like it, reads on to the first row of the
// next piece, and notes both places. Afterwards the pieces must fit together; one that does not is
// read again from where the piece before it ended. So the result is that of one thread.
#pragma once

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <new>
#include <utility>
#include <vector>

#include "coco_json/cursor.h"
#include "coco_json/placed_box.h"
#include "coco_json/row_layout.h"
#include "own_threads.h"

namespace nntasks::coco_json {

struct Results {
  std::vector<int64_t> image, category;
  std::vector<double> score, box;  // four a row

  size_t size() const { return score.size(); }
};

// Read the numbers of a row by its keys.
inline void read_by_key(Cursor& cursor, ResultRow& row) {
  Keys keys;
  cursor.expect('{');
  if (cursor.passed('}')) throw Unusual();
  do {
    const std::string_view key = cursor.key();
    if (row.placed.read(key, cursor, keys)) continue;
    if (key == "score") {
      keys.add(PlacedBox::kKeys);
      row.score = cursor.number();
    } else {
      cursor.skip();
    }
  } while (cursor.comma_or('}'));
  if (!keys.have(PlacedBox::kNeeded | 1u << PlacedBox::kKeys)) throw Unusual();
}

// Read a row; the cursor is at its brace.
inline void read_result(Cursor& cursor, RowLayout& layout, Results& into) {
  ResultRow row;
  if (!layout.read(cursor, row)) {
    const char* from = cursor.at();
    read_by_key(cursor, row);
    layout.learn(std::string_view(from, size_t(cursor.at() - from)));
  }
  row.placed.append_to(into);
  into.score.push_back(row.score);
}

class File {
 public:
  explicit File(const char* path) : descriptor_(::open(path, O_RDONLY | O_CLOEXEC)) {
    struct stat state{};
    if (descriptor_ < 0 || fstat(descriptor_, &state) || !S_ISREG(state.st_mode)) {
      close();
      throw Unusual();
    }
    size_ = state.st_size;
  }
  File(const File&) = delete;
  ~File() { close(); }

  int64_t size() const { return size_; }

  // Read from..to, or as much as there is, with zeros behind it.
  void read(int64_t from, int64_t to, std::vector<char>& into) const {
    to = std::min(to, size_);
    into.resize(size_t(std::max<int64_t>(to - from, 0)) + kPadding);
    for (int64_t at = from; at < to;) {
      const ssize_t got = pread(descriptor_, into.data() + (at - from), size_t(to - at), at);
      if (got <= 0) throw Unusual();
      at += got;
    }
    std::fill(into.end() - kPadding, into.end(), 0);
  }

 private:
  void close() {
    if (descriptor_ >= 0) ::close(descriptor_);
    descriptor_ = -1;
  }

  int descriptor_;
  int64_t size_ = 0;
};

class ResultReader {
 public:
  explicit ResultReader(const char* path) : file_(path), pieces_(pieces_of(file_.size())) {}

  std::vector<Results> read(int threads) {
    share_out(threads, int64_t(pieces_.size()), [&] {
      return [this, text = std::vector<char>()](int64_t piece) mutable {
        read_piece(piece, kNone, text);
      };
    });
    return joined();
  }

 private:
  static constexpr int64_t kPiece = 1 << 20, kBefore = 64, kBehind = 1 << 13, kLongest = 1 << 28;
  static constexpr int64_t kNone = -1, kEnd = -2;  // no row begins here; the list has ended

  struct Piece {
    int64_t begin = kNone, next = kNone;  // the first row, and the first one behind the piece
    int64_t end = 0;                      // of the list, where `next` is kEnd
    bool failed = false;
    Results rows;
  };

  static std::vector<Piece> pieces_of(int64_t size) {
    return std::vector<Piece>(size_t(std::max<int64_t>((size + kPiece - 1) / kPiece, 1)));
  }

  // Read the rows that begin in a piece, from the one at `begin`, or, at kNone, from a likely one.
  void read_piece(int64_t index, int64_t begin, std::vector<char>& text) {
    const int64_t from = index * kPiece, first = std::max<int64_t>(from - kBefore, 0);
    for (int64_t behind = kBehind;; behind *= 8) {
      pieces_[index] = Piece();
      const bool is_all = from + kPiece + behind >= file_.size();
      try {
        file_.read(first, from + kPiece + behind, text);
        return read_rows(pieces_[index], begin, index, first, text);
      } catch (const Short&) {
        if (is_all || behind > kLongest) break;
      } catch (const Unusual&) {
        break;
      } catch (const std::bad_alloc&) {
        break;
      }
    }
    pieces_[index].failed = true;
  }

  void read_rows(Piece& piece, int64_t begin, int64_t index, int64_t first,
                 const std::vector<char>& text) const {
    const char *start = text.data(), *end = start + text.size() - kPadding;
    const int64_t limit = (index + 1) * kPiece;
    if (begin == kNone) begin = index ? likely(text, first, limit - kPiece) : opening(piece, text);
    piece.begin = piece.next = begin;
    if (begin == kNone || begin == kEnd || begin >= limit) return;
    const size_t rows = size_t(kPiece / 100);
    piece.rows.image.reserve(rows);
    piece.rows.category.reserve(rows);
    piece.rows.score.reserve(rows);
    piece.rows.box.reserve(4 * rows);
    Cursor cursor(start + (begin - first), end);
    RowLayout layout;
    do {
      cursor.peek();
      piece.next = first + (cursor.at() - start);
      if (piece.next >= limit) {
        if (*cursor.at() != '{') cursor.fail();
        return;
      }
      read_result(cursor, layout, piece.rows);
    } while (cursor.comma_or(']'));
    piece.next = kEnd;
    piece.end = first + (cursor.at() - start);
  }

  // Where the first row of the list begins.
  static int64_t opening(Piece& piece, const std::vector<char>& text) {
    const char *start = text.data(), *end = start + text.size() - kPadding;
    const bool marked = end - start >= 3 && !std::memcmp(start, "\xef\xbb\xbf", 3);
    Cursor cursor(start + (marked ? 3 : 0), end);
    cursor.expect('[');
    if (!cursor.passed(']')) return cursor.at() - start;
    piece.end = cursor.at() - start;
    return kEnd;
  }

  // The first brace behind a comma, from `from` on.
  static int64_t likely(const std::vector<char>& text, int64_t first, int64_t from) {
    const char *at = text.data(), *end = at + text.size() - kPadding;
    while ((at = static_cast<const char*>(std::memchr(at, ',', size_t(end - at))))) {
      Cursor cursor(++at, end);
      if (cursor.peek() != '{') continue;
      const int64_t place = first + (cursor.at() - text.data());
      if (place >= from) return place;
    }
    return kNone;
  }

  std::vector<Results> joined() {
    std::vector<Results> rows;
    std::vector<char> text;
    int64_t expected = kNone, end = 0;
    for (int64_t i = 0; i < int64_t(pieces_.size()) && expected != kEnd; ++i) {
      Piece& piece = pieces_[size_t(i)];
      if (expected >= (i + 1) * kPiece) continue;  // a row that is longer than a piece
      if (i && piece.begin != expected) read_piece(i, expected, text);
      if (piece.failed || piece.next == kNone) throw Unusual();
      expected = piece.next;
      end = piece.end;
      rows.push_back(std::move(piece.rows));
    }
    if (expected != kEnd) throw Unusual();
    check_blank(end, text);
    return rows;
  }

  // Behind the list there may be white space only.
  void check_blank(int64_t from, std::vector<char>& text) const {
    for (; from < file_.size(); from += kPiece) {
      file_.read(from, from + kPiece, text);
      Cursor cursor(text.data(), text.data() + text.size() - kPadding);
      cursor.peek();
      if (!cursor.is_at_end()) throw Unusual();
    }
  }

  File file_;
  std::vector<Piece> pieces_;
};

}  // namespace nntasks::coco_json
