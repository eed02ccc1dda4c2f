// A few threads that walk through many short rounds of work together. torch's pool asks some
// microseconds for a round; here it is asked once, and then whoever is free takes what is next, and
// waits spinning.
#pragma once

#include <torch/csrc/stable/ops.h>

#include <atomic>
#include <cstdint>
#include <thread>

#if defined(__x86_64__) && defined(__GNUC__)
#include <immintrin.h>
#endif

namespace nntasks {

// Have `count` threads of torch's pool call work(0), ..., work(count - 1), which must not throw; or
// fewer threads, that call one after the other. (Threads beside the pool would share the cores with
// those of the pool, which spin for milliseconds after what torch did before.)
template <typename Work>
void run_threads(int64_t count, const Work& work) {
  torch::stable::parallel_for(0, count, 1, [&](int64_t from, int64_t to) {
    for (int64_t i = from; i < to; ++i) work(i);
  });
}

// Numbered pieces of work that threads take one after the other. What needs the results of others
// waits until all before some number are done.
class Tickets {
 public:
  int64_t take() { return next_.fetch_add(1, std::memory_order_relaxed); }
  void done() { done_.fetch_add(1, std::memory_order_acq_rel); }

  // Only whoever took tickets in their order may wait, so that all before are in somebody's hands.
  void wait_for_all_before(int64_t ticket) const {
    for (int spins = 0; done_.load(std::memory_order_acquire) < ticket; ++spins) {
      if (spins < kSpins) {
        rest();
      } else {
        std::this_thread::yield();  // there are more threads than cores
      }
    }
  }

 private:
  static void rest() {
#if defined(__x86_64__) && defined(__GNUC__)
    _mm_pause();
#endif
  }

  static constexpr int kSpins = 2000;

  alignas(64) std::atomic<int64_t> next_{0};
  alignas(64) std::atomic<int64_t> done_{0};
};

}  // namespace nntasks
