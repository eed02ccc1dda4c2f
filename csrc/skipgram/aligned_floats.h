// Vectors of floats that start at a cache line, so that no vector load crosses two lines.
#pragma once

#include <cstddef>
#include <new>
#include <vector>

namespace nntasks::skipgram {

template <typename T>
struct LineAllocator {
  using value_type = T;
  static constexpr std::align_val_t kLine{64};

  LineAllocator() = default;
  template <typename Other>
  LineAllocator(const LineAllocator<Other>&) {}

  T* allocate(size_t count) { return static_cast<T*>(::operator new(count * sizeof(T), kLine)); }
  void deallocate(T* memory, size_t) { ::operator delete(memory, kLine); }

  template <typename Other>
  bool operator==(const LineAllocator<Other>&) const {
    return true;
  }
  template <typename Other>
  bool operator!=(const LineAllocator<Other>&) const {
    return false;
  }
};

using AlignedFloats = std::vector<float, LineAllocator<float>>;

}  // namespace nntasks::skipgram
