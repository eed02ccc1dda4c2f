// A block of boxes, stored coordinate by coordinate, so that vector instructions compare all of
// them with one box.
#pragma once

#include <cstdint>

#include "box.h"

namespace nntasks::nms {

// Empty lanes hold boxes without area, whose IoU is 0.
template <typename T, int kCount>
struct alignas(64) BoxLanes {
  T x1[kCount], y1[kCount], x2[kCount], y2[kCount];

  NNTASKS_INLINE Box<T> operator[](int i) const { return {x1[i], y1[i], x2[i], y2[i]}; }

  NNTASKS_INLINE void set(int i, const Box<T>& box) {
    x1[i] = box.x1;
    y1[i] = box.y1;
    x2[i] = box.x2;
    y2[i] = box.y2;
  }

  // Whether the IoU of any with this box is above the threshold.
  NNTASKS_INLINE bool any_above(T threshold, const Box<T>& box, T area) const {
    int32_t likely = 0, found = 0;
    for (int i = 0; i < kCount; ++i) {
      likely |= may_exceed((*this)[i], area_of((*this)[i]), box, area, threshold) ? 1 : 0;
    }
    if (!likely) return false;
    for (int i = 0; i < kCount; ++i) {
      found |= iou_of((*this)[i], area_of((*this)[i]), box, area) > threshold ? 1 : 0;
    }
    return found != 0;
  }
};

}  // namespace nntasks::nms
