// The decay of Soft-NMS (Bodla, Singh, Chellappa and Davis 2017): what a score is multiplied by.
// The same operations as core/ops/soft_nms.py, in the same order.
#pragma once

#include <cmath>
#include <cstdint>
#include <cstring>

#include "box.h"

namespace nntasks::soft_nms {

// Return exp(x) for x <= 0, by additions and multiplications alone: libraries round theirs
// differently.
NNTASKS_INLINE double exponential(double x) {
  constexpr double kTaylor[] = {
      1 / 6227020800.0,
      1 / 479001600.0,
      1 / 39916800.0,
      1 / 3628800.0,
      1 / 362880.0,
      1 / 40320.0,
      1 / 5040.0,
      1 / 720.0,
      1 / 120.0,
      1 / 24.0,
      1 / 6.0,
      1 / 2.0,
      1.0,
      1.0,
  };
  const double whole = std::floor(x * 1.4426950408889634 + 0.5);
  if (whole < -1000) return 0;
  const double rest = (x - whole * 0.693147180369123816490) - whole * 1.90821492927058770002e-10;
  double value = kTaylor[0];
  for (int i = 1; i < 14; ++i) value = value * rest + kTaylor[i];
  const int64_t bits = (int64_t(whole) + 1023) << 52;
  double power;
  memcpy(&power, &bits, sizeof power);
  return value * power;
}

struct Decay {
  int64_t method;  // as METHODS in core/ops/soft_nms.py
  double sigma, threshold;

  template <typename T>
  NNTASKS_INLINE T at(T iou) const {
    if (method == 1) return iou > T(threshold) ? T(1) - iou : T(1);
    const double square = double(iou) * double(iou);
    return iou > T(0) ? T(exponential(-square / sigma)) : T(1);
  }
};

}  // namespace nntasks::soft_nms
