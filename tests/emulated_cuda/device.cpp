// The fibers behind cuda_runtime.h; x86-64 only.
#include <cstdlib>
#include <exception>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <utility>
#include <vector>

#include "cuda_runtime.h"

dim3 gridDim, blockDim, blockIdx, threadIdx;

// Save the registers that a call keeps on the stack, the stack in *from, and go on with `to`.
extern "C" void emulated_switch(void** from, void* to);
asm(R"(
  .text
  .type emulated_switch, @function
  emulated_switch:
    pushq %rbp
    pushq %rbx
    pushq %r12
    pushq %r13
    pushq %r14
    pushq %r15
    movq %rsp, (%rdi)
    movq %rsi, %rsp
    popq %r15
    popq %r14
    popq %r13
    popq %r12
    popq %rbx
    popq %rbp
    ret
)");

namespace emulated {
namespace {

constexpr size_t kStack = 64 * 1024;

enum class State { kRuns, kWaitsForWarp, kWaitsForBlock, kLeft };

struct Fiber {
  std::unique_ptr<char[]> memory{new char[kStack]};
  void* stack = nullptr;
  State state = State::kLeft;
  bool value = false;
  unsigned waits = 0;  // for its warp, so far
};

struct Warp {
  uint64_t values[2][kWarp];  // of this wait and, while some still read it, of the one before
};

std::mutex one_launch;
std::vector<std::unique_ptr<Fiber>> fibers;
std::vector<Warp> warps;
void* scheduler;
size_t current;
bool any;
const std::function<void()>* kernel_of_block;
std::exception_ptr failure;

void leave_to_scheduler(State state) {
  Fiber& fiber = *fibers[current];
  fiber.state = state;
  emulated_switch(&fiber.stack, scheduler);
}

void enter() {
  try {
    (*kernel_of_block)();
  } catch (...) {
    failure = std::current_exception();
  }
  leave_to_scheduler(State::kLeft);
  std::abort();  // nobody goes on with a fiber that has left
}

void prepare(Fiber& fiber) {
  // As emulated_switch leaves a stack: six registers and where to return to; a call would have put
  // its own return address there, which puts the stack 8 bytes off a multiple of 16.
  auto** top = reinterpret_cast<void**>((reinterpret_cast<uintptr_t>(fiber.memory.get()) + kStack) /
                                        16 * 16);
  top -= 2;
  *top = reinterpret_cast<void*>(&enter);
  top -= 6;
  fiber.stack = top;
  fiber.state = State::kRuns;
  fiber.waits = 0;
}

// Let all threads that can run until each waits or has left.
void run_all(size_t count, bool backwards) {
  for (size_t step = 0; step < count; ++step) {
    current = backwards ? count - 1 - step : step;
    if (fibers[current]->state != State::kRuns) continue;
    threadIdx = dim3(unsigned(current));
    emulated_switch(&scheduler, fibers[current]->stack);
    if (failure) std::rethrow_exception(std::exchange(failure, nullptr));
  }
}

// Let the threads from..to go on if all of them that are still there wait for this.
bool release(size_t from, size_t to, State waiting) {
  bool some = false;
  for (size_t i = from; i < to; ++i) {
    if (fibers[i]->state == State::kLeft) continue;
    if (fibers[i]->state != waiting) return false;
    some = true;
  }
  for (size_t i = from; i < to && some; ++i) {
    if (fibers[i]->state == waiting) fibers[i]->state = State::kRuns;
  }
  return some;
}

void run_block(size_t count, bool backwards) {
  while (fibers.size() < count) fibers.push_back(std::make_unique<Fiber>());
  warps.assign((count + kWarp - 1) / kWarp, Warp{});
  for (size_t i = 0; i < count; ++i) prepare(*fibers[i]);
  for (;;) {
    run_all(count, backwards);
    bool goes_on = false, left = true;
    for (size_t i = 0; i < count; ++i) left = left && fibers[i]->state == State::kLeft;
    if (left) return;
    for (size_t i = 0; i < count; i += kWarp) {
      goes_on |= release(i, i + kWarp < count ? i + kWarp : count, State::kWaitsForWarp);
    }
    if (goes_on) continue;
    any = false;
    for (size_t i = 0; i < count; ++i) any |= fibers[i]->state != State::kLeft && fibers[i]->value;
    if (!release(0, count, State::kWaitsForBlock)) {
      throw std::runtime_error("emulated CUDA: threads of a block wait at different places");
    }
  }
}

}  // namespace

void run(dim3 grid, dim3 block, const std::function<void()>& kernel) {
  static bool backwards = false;
  const std::lock_guard<std::mutex> guard(one_launch);
  if (block.y != 1 || block.z != 1 || grid.z != 1 || block.x > 1024 || grid.y > 65535) {
    throw std::runtime_error("emulated CUDA: blocks or a grid that a device would not take");
  }
  backwards = !backwards;
  gridDim = grid;
  blockDim = block;
  kernel_of_block = &kernel;
  for (unsigned y = 0; y < grid.y; ++y) {
    for (unsigned x = 0; x < grid.x; ++x) {
      blockIdx = dim3(x, y);
      run_block(block.x, backwards);
    }
  }
}

bool wait_for_block(bool value) {
  fibers[current]->value = value;
  leave_to_scheduler(State::kWaitsForBlock);
  return any;
}

const uint64_t* wait_for_warp(uint32_t lanes, uint64_t value) {
  Fiber& fiber = *fibers[current];
  const size_t first = current / kWarp * kWarp, lane = current % kWarp;
  for (size_t i = 0; i < kWarp; ++i) {
    const bool there = first + i < blockDim.x && fibers[first + i]->state != State::kLeft;
    if ((lanes >> i & 1) != there) {
      throw std::runtime_error("emulated CUDA: a warp waits for lanes that have left");
    }
  }
  uint64_t* values = warps[first / kWarp].values[fiber.waits++ % 2];
  values[lane] = value;
  leave_to_scheduler(State::kWaitsForWarp);
  return values;
}

}  // namespace emulated
