// A few threads that walk through many short rounds of work together. torch's pool asks some
// microseconds for each round, and shares it out beforehand; here a round ends at a barrier of
// spinning threads, and whoever is free takes what is next.
#pragma once

#include <atomic>
#include <cstdint>
#include <thread>
#include <vector>

#if defined(__x86_64__) && defined(__GNUC__)
#include <immintrin.h>
#endif

namespace nntasks {

class Team {
 public:
  explicit Team(int64_t size) : size_(size < 1 ? 1 : size) {}

  // Have every thread call `work`, which must not throw.
  template <typename Work>
  void run(const Work& work) {
    std::vector<std::thread> others;
    for (int64_t i = 1; i < size_; ++i) others.emplace_back(work);
    work();
    for (std::thread& other : others) other.join();
  }

  // Called by all threads of a run: part(0), ..., part(count - 1), each by one of them. Returns
  // when all are done.
  template <typename Part>
  void share(int64_t count, const Part& part) {
    for (int64_t i = next_.fetch_add(1); i < count; i = next_.fetch_add(1)) part(i);
    meet();
  }

 private:
  void meet() {
    const uint32_t turn = turn_.load();
    if (arrived_.fetch_add(1) + 1 == size_) {
      arrived_ = 0;
      next_ = 0;
      turn_ = turn + 1;
      return;
    }
    for (int spins = 0; turn_.load(std::memory_order_acquire) == turn; ++spins) {
      if (spins < kSpins) {
        rest();
      } else {
        std::this_thread::yield();  // there are more threads than cores
      }
    }
  }

  static void rest() {
#if defined(__x86_64__) && defined(__GNUC__)
    _mm_pause();
#endif
  }

  static constexpr int kSpins = 2000;

  int64_t size_;
  alignas(64) std::atomic<int64_t> next_{0};
  alignas(64) std::atomic<int64_t> arrived_{0};
  alignas(64) std::atomic<uint32_t> turn_{0};
};

}  // namespace nntasks
