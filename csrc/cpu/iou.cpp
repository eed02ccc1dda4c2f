// nntasks::box_iou on CPU. The boxes of the columns are stored coordinate by coordinate, so that a
// row is one vectorised loop over them. Tiles of rows and columns run in parallel.
#include <torch/csrc/stable/library.h>
#include <torch/csrc/stable/ops.h>
#include <torch/csrc/stable/tensor.h>

#include <algorithm>
#include <cstdint>
#include <vector>

#include "arguments.h"
#include "clones.h"
#include "huge_pages.h"
#include "iou_kinds.h"

namespace nntasks::iou {
namespace {

constexpr int64_t kTileRows = 16;
constexpr int64_t kTileColumns = 1024;  // six such arrays stay in the first-level cache

template <typename T>
Measured<T> measured(const Box<T>& box, int64_t kind) {
  return {box, area_of(box), kind == kCiou ? angle_of(box) : T(0)};
}

template <typename T>
class Columns {
 public:
  Columns(const Box<T>* boxes, int64_t count, int64_t kind) : count_(count), values_(6 * count) {
    for (int64_t i = 0; i < count; ++i) {
      const Measured<T> one = measured(boxes[i], kind);
      const T row[6] = {one.box.x1, one.box.y1, one.box.x2, one.box.y2, one.area, one.angle};
      for (int v = 0; v < 6; ++v) values_[v * count + i] = row[v];
    }
  }
  const T* operator[](int value) const { return values_.data() + value * count_; }

 private:
  int64_t count_;
  std::vector<T> values_;
};

struct Tile {
  int64_t top, bottom, left, right, width;  // width: of the whole output
};

template <int kind, typename T>
NNTASKS_INLINE void fill_row(const Measured<T>& a, const Columns<T>& b, const Tile& tile,
                             T* __restrict out) {
  const T *x1 = b[0], *y1 = b[1], *x2 = b[2], *y2 = b[3], *area = b[4], *angle = b[5];
  for (int64_t j = tile.left; j < tile.right; ++j) {
    const Measured<T> column{
        {x1[j], y1[j], x2[j], y2[j]}, area[j], kind == kCiou ? angle[j] : T(0)};
    out[j] = overlap_of<kind>(a, column);
  }
}

template <int kind, typename T>
NNTASKS_INLINE void fill_rows(const Box<T>* a, const Columns<T>& b, const Tile& tile, T* out) {
  for (int64_t i = tile.top; i < tile.bottom; ++i) {
    fill_row<kind>(measured(a[i], kind), b, tile, out + i * tile.width);
  }
}

template <typename T>
NNTASKS_INLINE void fill_tile(int64_t kind, const Box<T>* a, const Columns<T>& b, const Tile& tile,
                              T* out) {
  if (kind == kIou) return fill_rows<kIou>(a, b, tile, out);
  if (kind == kGiou) return fill_rows<kGiou>(a, b, tile, out);
  if (kind == kDiou) return fill_rows<kDiou>(a, b, tile, out);
  return fill_rows<kCiou>(a, b, tile, out);
}

NNTASKS_CLONES void fill(int64_t kind, const Box<float>* a, const Columns<float>& b,
                         const Tile& tile, float* out) {
  fill_tile(kind, a, b, tile, out);
}

NNTASKS_CLONES void fill(int64_t kind, const Box<double>* a, const Columns<double>& b,
                         const Tile& tile, double* out) {
  fill_tile(kind, a, b, tile, out);
}

template <typename T>
void fill_all(const Tensor& a, const Tensor& b, int64_t kind, Tensor& out) {
  const int64_t rows = a.size(0), width = b.size(0);
  const Box<T>* boxes = static_cast<const Box<T>*>(a.const_data_ptr());
  const Columns<T> columns(static_cast<const Box<T>*>(b.const_data_ptr()), width, kind);
  T* values = out.mutable_data_ptr<T>();
  ask_for_huge_pages(values, rows * width * int64_t(sizeof(T)));
  const int64_t across = (width + kTileColumns - 1) / kTileColumns;
  const int64_t down = (rows + kTileRows - 1) / kTileRows;
  torch::stable::parallel_for(0, down * across, 2, [&](int64_t from, int64_t to) {
    for (int64_t i = from; i < to; ++i) {
      const int64_t top = i / across * kTileRows, left = i % across * kTileColumns;
      const Tile tile{top, std::min(top + kTileRows, rows), left,
                      std::min(left + kTileColumns, width), width};
      fill(kind, boxes, columns, tile, values);
    }
  });
}

Tensor box_iou(const Tensor& a, const Tensor& b, int64_t kind) {
  check_boxes("box_iou", "a", a);
  check_boxes("box_iou", "b", b);
  check_pair("box_iou", a, b);
  STD_TORCH_CHECK(kind >= kIou && kind <= kCiou, "box_iou: kind must be from 0 to 3");
  const Tensor rows = computing(a), columns = computing(b);
  const ScalarType type = rows.scalar_type();
  Tensor out = torch::stable::new_empty(rows, {a.size(0), b.size(0)}, type);
  if (type == ScalarType::Double) {
    fill_all<double>(rows, columns, kind, out);
  } else {
    fill_all<float>(rows, columns, kind, out);
  }
  return out;
}

}  // namespace
}  // namespace nntasks::iou

STABLE_TORCH_LIBRARY_IMPL(nntasks, CPU, library) {
  library.impl("box_iou", TORCH_BOX(&nntasks::iou::box_iou));
}
