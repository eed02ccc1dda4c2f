// Training on all threads without locks: "Hogwild!" (Recht, Re, Wright and Niu 2011).
//
// The idea: every thread takes pieces of the text and adds each centre's step to the shared vectors
// at once, with plain loads and stores. Two threads may overwrite each other's step on the same
// vector; steps touch few of many vectors, so that is rare and costs a little accuracy, not
// convergence. The invariant: what is counted and which pairs are trained does not depend on the
// threads, because negatives and windows are functions of the place in the text. Only the order of
// steps does, and with it the last bits of the vectors. Words of several rows are trained in chunks
// of kComposedCentres; see composed_inputs.h.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <mutex>

#include "skipgram/centre_step.h"
#include "skipgram/centre_vectors.h"
#include "skipgram/composed_inputs.h"
#include "skipgram/negative_prefetcher.h"
#include "skipgram/training_job.h"
#include "threads.h"

namespace nntasks::skipgram {

constexpr int64_t kLockFreePiece = 512;   // centres that a thread takes at once
constexpr int64_t kComposedCentres = 64;  // for which the means of rows are taken once

inline Counts train_lock_free(const TrainingJob& job, int64_t threads) {
  const Settings& s = job.settings;
  const int64_t pieces = (job.size() + kLockFreePiece - 1) / kLockFreePiece;
  Counts total;
  std::mutex lock;
  std::atomic<int64_t> next{0};
  run_threads(std::min(threads, pieces + 1), [&](int64_t) {
    ComposedInputs composed(s, job.kept, kComposedCentres);
    composed.remember();
    CentreVectors vectors(s, composed);
    CentreStep step(s, true);
    NegativePrefetcher negatives(job, step.ahead);
    Counts counts;
    for (int64_t piece = next++; piece < pieces; piece = next++) {
      const int64_t from = piece * kLockFreePiece;
      const int64_t to = std::min(from + kLockFreePiece, job.size());
      negatives.begin(from, to);
      const int64_t chunk = composed.used() ? kComposedCentres : kLockFreePiece;
      for (int64_t start = from; start < to; start += chunk) {
        composed.begin(start);
        for (int64_t i = start; i < std::min(start + chunk, to); ++i) {
          negatives.gather(i, vectors);
          if (vectors.sources) step.take(vectors, counts);
        }
        composed.add_gains();
      }
    }
    const std::lock_guard<std::mutex> guard(lock);
    total += counts;
  });
  return total;
}

}  // namespace nntasks::skipgram
