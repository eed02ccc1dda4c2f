// Threads that work through many short rounds together. Starting a round on torch's pool takes some
// microseconds; so the pool is entered once, and inside it threads take numbered tasks and wait for
// each other by spinning.
#pragma once

#include <torch/csrc/stable/ops.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <thread>

#if defined(__x86_64__) && defined(__GNUC__)
#include <immintrin.h>
#endif

namespace nntasks {

// Call work(0), ..., work(count - 1), which must not throw, on up to `count` threads of torch's
// pool. Threads of our own would compete with those of the pool, which spin for milliseconds after
// an op.
template <typename Work>
void run_threads(int64_t count, const Work& work) {
  torch::stable::parallel_for(0, count, 1, [&](int64_t from, int64_t to) {
    for (int64_t i = from; i < to; ++i) work(i);
  });
}

// The same with any number of tasks of differing size: a thread takes the next when it is free.
template <typename Work>
void take_in_turn(int64_t count, const Work& work) {
  std::atomic<int64_t> next{0};
  run_threads(std::min<int64_t>(count, torch::stable::get_num_threads()), [&](int64_t) {
    for (int64_t i; (i = next.fetch_add(1, std::memory_order_relaxed)) < count;) work(i);
  });
}

// Hands out numbered tasks in order. A thread can wait until all tasks below a number are done.
class OrderedTasks {
 public:
  int64_t take() { return next_.fetch_add(1, std::memory_order_relaxed); }
  void done() { done_.fetch_add(1, std::memory_order_acq_rel); }

  // Free of deadlock as long as every thread takes its tasks from this object and finishes them in
  // the order in which it took them: then some thread is at work on every task below `task`.
  void wait_for_all_before(int64_t task) const {
    for (int spins = 0; done_.load(std::memory_order_acquire) < task; ++spins) {
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
