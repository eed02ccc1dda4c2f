// One greedy pass over boxes by falling score: a box is kept unless one kept before overlaps it.
//
// Few boxes are decided one after the other. Many are decided in batches, in three steps. First all
// threads compare the batch with the boxes kept before it; that is independent for each box, so the
// boxes go by place instead of score, and neighbours find the kept boxes of their cells still in
// the cache. Then the survivors are compared among themselves, by score, on one thread. Last, those
// kept are added to the kept boxes, by all threads.
//
// The invariant: a box is dropped exactly if a kept box with a higher rank overlaps it. The first
// step sees only boxes of earlier batches, the second only those of this batch and in order of
// rank, so the result is that of the plain greedy loop, with any number of threads. In the first
// and last step a tile of cells belongs to one thread, so no two threads write to one cell.
#pragma once

#include <torch/csrc/stable/ops.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <vector>

#include "clones.h"
#include "fetch_ahead.h"
#include "nms/kept_boxes.h"
#include "threads.h"

namespace nntasks::nms {

constexpr int64_t kBoxesAhead = 16;  // boxes that are fetched before they are compared

template <typename T>
NNTASKS_INLINE int64_t keep_greedily(const Box<T>* boxes, int64_t count, int64_t limit,
                                     KeptBoxes<T>& kept, uint8_t* keep) {
  int64_t found = 0;
  for (int64_t i = 0; i < count && found < limit; ++i) {
    const T area = area_of(boxes[i]);
    if (!KeptBoxes<T>::is_idle(area)) {
      if (kept.suppresses(boxes[i], area)) continue;
      kept.insert(boxes[i]);
    }
    keep[i] = 1;
    ++found;
  }
  return found;
}

NNTASKS_CLONES inline int64_t keep_by_score(const Box<float>* boxes, int64_t count, int64_t limit,
                                            KeptBoxes<float>& kept, uint8_t* keep) {
  return keep_greedily<float>(boxes, count, limit, kept, keep);
}
NNTASKS_CLONES inline int64_t keep_by_score(const Box<double>* boxes, int64_t count, int64_t limit,
                                            KeptBoxes<double>& kept, uint8_t* keep) {
  return keep_greedily<double>(boxes, count, limit, kept, keep);
}

template <typename T>
NNTASKS_INLINE void flag_free(const Box<T>* boxes, const int32_t* places, int64_t count,
                              const KeptBoxes<T>& kept, uint8_t* flags) {
  for (int64_t i = 0; i < count; ++i) {
    if (i + kBoxesAhead < count) fetch_ahead(boxes + places[i + kBoxesAhead]);
    const Box<T>& box = boxes[places[i]];
    const T area = area_of(box);
    flags[places[i]] = KeptBoxes<T>::is_idle(area) || !kept.suppresses(box, area);
  }
}

// Flag the boxes named in `places` that no kept box overlaps.
NNTASKS_CLONES inline void flag_left(const Box<float>* boxes, const int32_t* places, int64_t count,
                                     const KeptBoxes<float>& kept, uint8_t* flags) {
  flag_free<float>(boxes, places, count, kept, flags);
}
NNTASKS_CLONES inline void flag_left(const Box<double>* boxes, const int32_t* places, int64_t count,
                                     const KeptBoxes<double>& kept, uint8_t* flags) {
  flag_free<double>(boxes, places, count, kept, flags);
}

template <typename T>
class GreedyPass {
 public:
  // Set `keep` where a box of `boxes`, sorted by falling score, is kept; at most `limit` of them.
  void run(const Box<T>* boxes, int64_t count, T threshold, int64_t limit, uint8_t* keep) {
    all_.prepare(boxes, count, threshold);
    if (count < kMany) {
      keep_by_score(boxes, count, limit, all_, keep);
      return;
    }
    for (int64_t from = 0; from < count && limit > 0; from += kBatch) {
      limit -= batch(boxes + from, std::min(kBatch, count - from), threshold, limit, keep + from);
    }
  }

 private:
  static constexpr int64_t kMany = 1 << 19, kBatch = 1 << 17;
  static constexpr int64_t kMostTiles = 1 << 19;
  static constexpr int64_t kPiece = 1 << 12;  // boxes that a thread takes at once

  // Decide a batch; return how many are kept.
  int64_t batch(const Box<T>* boxes, int64_t count, T threshold, int64_t limit, uint8_t* keep) {
    sort_by_place(boxes, count);
    flags_.resize(size_t(count));
    by_tiles([&](const int32_t* places, int64_t some) {
      flag_left(boxes, places, some, all_, flags_.data());
    });
    const int64_t found = keep_left(boxes, count, threshold, limit, keep);
    by_tiles([&](const int32_t* places, int64_t some) {
      for (int64_t i = 0; i < some; ++i) {
        if (i + kBoxesAhead < some) fetch_ahead(boxes + places[i + kBoxesAhead]);
        const Box<T>& box = boxes[places[i]];
        if (keep[places[i]] && !KeptBoxes<T>::is_idle(area_of(box))) all_.insert(box);
      }
    });
    return found;
  }

  // Decide the boxes of a batch that are flagged.
  int64_t keep_left(const Box<T>* boxes, int64_t count, T threshold, int64_t limit, uint8_t* keep) {
    left_.clear();
    for (int64_t i = 0; i < count; ++i) {
      if (flags_[size_t(i)]) left_.push_back(boxes[i]);
    }
    const int64_t size = int64_t(left_.size());
    kept_of_left_.assign(left_.size(), 0);
    recent_.prepare(left_.data(), size, threshold);
    const int64_t found = keep_by_score(left_.data(), size, limit, recent_, kept_of_left_.data());
    for (int64_t i = 0, at = 0; i < count; ++i) {
      if (flags_[size_t(i)]) keep[i] = kept_of_left_[size_t(at++)];
    }
    return found;
  }

  // Call work(places, count) on threads for all boxes of the batch; the boxes of a tile go to one
  // call. Some pieces take longer than others, so threads take pieces one after the other.
  template <typename Work>
  void by_tiles(const Work& work) const {
    const int64_t count = int64_t(places_.size());
    const int64_t pieces = (count + kPiece - 1) / kPiece;
    std::atomic<int64_t> next{0};
    run_threads(std::min<int64_t>(torch::stable::get_num_threads(), pieces), [&](int64_t) {
      for (int64_t piece = next++; piece < pieces; piece = next++) {
        const int64_t first = tile_before(piece * kPiece);
        const int64_t end = tile_before(std::min((piece + 1) * kPiece, count));
        work(places_.data() + first, end - first);
      }
    });
  }

  // Return where in `places_` the tile of this position begins.
  int64_t tile_before(int64_t position) const {
    if (position == int64_t(places_.size())) return position;
    return begins_[size_t(tiles_[size_t(places_[size_t(position)])])];
  }

  // Sort the boxes of a batch by tile (a counting sort).
  void sort_by_place(const Box<T>* boxes, int64_t count) {
    const int64_t per_tile = all_.cells() / kMostTiles + 1;
    const int64_t most = all_.cells() / per_tile + 1;
    tiles_.resize(size_t(count));
    torch::stable::parallel_for(0, count, kPiece, [&](int64_t from, int64_t to) {
      for (int64_t i = from; i < to; ++i) {
        const bool idle = KeptBoxes<T>::is_idle(area_of(boxes[i]));
        tiles_[size_t(i)] = idle ? 0 : int32_t(all_.cell_of(boxes[i]) / per_tile);
      }
    });
    // Tile t begins at begins_[t]. While tiles are filled, begins_[t + 1] is the end of tile t.
    begins_.assign(size_t(most) + 2, 0);
    for (const int32_t tile : tiles_) ++begins_[size_t(tile) + 2];
    for (size_t t = 2; t < begins_.size(); ++t) begins_[t] += begins_[t - 1];
    places_.resize(size_t(count));
    for (int64_t i = 0; i < count; ++i) {
      places_[size_t(begins_[size_t(tiles_[size_t(i)]) + 1]++)] = int32_t(i);
    }
  }

  KeptBoxes<T> all_, recent_;  // kept before this batch; kept of this batch
  std::vector<int32_t> tiles_, begins_, places_;
  std::vector<uint8_t> flags_, kept_of_left_;
  std::vector<Box<T>> left_;
};

}  // namespace nntasks::nms
