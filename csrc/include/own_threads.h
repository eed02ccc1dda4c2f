// Threads without torch, for modules that work in a process that has not loaded it.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <thread>
#include <vector>

namespace nntasks {

// Call work(0), ..., work(count - 1), which must not throw, on up to `threads` threads: each takes
// the next number when it is free. Each has a `work` of its own, made by `begin()`, which may hold
// memory to work in.
template <typename Begin>
void share_out(int threads, int64_t count, const Begin& begin) {
  std::atomic<int64_t> next{0};
  const auto take = [&] {
    auto work = begin();
    for (int64_t i; (i = next.fetch_add(1, std::memory_order_relaxed)) < count;) work(i);
  };
  std::vector<std::thread> others;
  for (int64_t i = 1; i < std::min<int64_t>(threads, count); ++i) others.emplace_back(take);
  take();
  for (std::thread& one : others) one.join();
}

}  // namespace nntasks
