// The kinds of overlap that box_iou computes, for one pair of boxes: IoU (Jaccard), GIoU
// (Rezatofighi et al. 2019), DIoU and CIoU (Zheng et al. 2020). The same floating-point operations,
// in the same order, as the Python reference (core/ops/iou.py).
#pragma once

#include <cmath>

#include "box.h"

namespace nntasks::iou {

enum Kind { kIou = 0, kGiou = 1, kDiou = 2, kCiou = 3 };  // as KINDS in core/ops/iou.py

// A box with values that all of its pairs share. Only CIoU uses the angle.
template <typename T>
struct Measured {
  Box<T> box;
  T area, angle;
};

// Return the angle of the diagonal, 0 for an empty box; atan2 would depend on the sign of zeros.
template <typename T>
NNTASKS_INLINE T angle_of(const Box<T>& box) {
  const T width = positive(box.x2 - box.x1), height = positive(box.y2 - box.y1);
  return width == T(0) && height == T(0) ? T(0) : std::atan2(width, height);
}

template <typename T>
NNTASKS_INLINE T generalised_penalty(T width, T height, T union_area) {
  const T hull = width * height;
  return (hull == T(0) ? T(0) : hull - union_area) / nonzero(hull);
}

// Return the squared distance of the centres over the squared diagonal of the enclosing box.
template <typename T>
NNTASKS_INLINE T distance_penalty(T width, T height, const Box<T>& a, const Box<T>& b) {
  const T x = (a.x1 + a.x2) - (b.x1 + b.x2), y = (a.y1 + a.y2) - (b.y1 + b.y2);
  const T between = (x * x + y * y) * T(0.25);
  const T diagonal = width * width + height * height;
  return (diagonal == T(0) ? T(0) : between) / nonzero(diagonal);
}

template <typename T>
NNTASKS_INLINE T aspect_penalty(T angle_a, T angle_b, T iou) {
  const T difference = angle_a - angle_b;
  const T v = difference * difference * T(0.40528473456935109);  // 4 / pi^2
  return v * v / nonzero((T(1) - iou) + v);
}

template <int kind, typename T>
NNTASKS_INLINE T overlap_of(const Measured<T>& a, const Measured<T>& b) {
  const T intersection = intersection_of(a.box, b.box);
  const T union_area = a.area + b.area - intersection;
  const T iou = intersection / nonzero(union_area);
  if (kind == kIou) return iou;
  const T width = positive(larger(a.box.x2, b.box.x2) - smaller(a.box.x1, b.box.x1));
  const T height = positive(larger(a.box.y2, b.box.y2) - smaller(a.box.y1, b.box.y1));
  if (kind == kGiou) return iou - generalised_penalty(width, height, union_area);
  const T distance_iou = iou - distance_penalty(width, height, a.box, b.box);
  if (kind == kDiou) return distance_iou;
  return distance_iou - aspect_penalty(a.angle, b.angle, iou);
}

}  // namespace nntasks::iou
