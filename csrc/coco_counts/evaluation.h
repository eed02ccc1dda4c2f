// The numbers of COCO straight from boxes, without a table of matches.
//
// Blocks of images are worked through in parallel: their detections are dealt out to the classes
// and matched as in `match_detections`, by the same code. Of a detection remains an entry of its
// class: its score, and either what it takes, as masks of the levels, or the area ranges that it
// lies outside. The entries are dealt out to the classes block by block, which keeps the order of
// the images; then classes are sorted and ranked in parallel. No result depends on the threads.
#pragma once

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <utility>
#include <vector>

#include "coco_counts/block_matcher.h"
#include "coco_counts/by_image.h"
#include "coco_counts/class_entries.h"
#include "coco_counts/class_ranking.h"
#include "coco_counts/problem.h"
#include "coco_counts/rows.h"
#include "own_threads.h"

namespace nntasks::coco_counts {

// `Score` is the type in which the scores are compared: float if it holds all of them exactly.
template <typename Score>
class Evaluation {
 public:
  Evaluation(const Problem& problem, int threads)
      : problem_(problem), threads_(threads), sorted_(problem), rows_(problem.areas) {}

  Counts run() {
    const int64_t images = problem_.images;
    const int64_t size = std::max(kLeastImages, (images + kMostBlocks - 1) / kMostBlocks);
    std::vector<Block<Key>> blocks(size_t((images + size - 1) / size), Block<Key>(problem_.areas));
    share_out(threads_, int64_t(blocks.size()), [&] {
      return [&, matcher = BlockMatcher<Score>(problem_, sorted_)](int64_t block) mutable {
        matcher.match(blocks[size_t(block)], block * size, std::min((block + 1) * size, images));
      };
    });
    deal_out(blocks);
    Counts counts(problem_);
    count_truths(counts);
    rank(counts);
    return counts;
  }

 private:
  using Key = typename BlockMatcher<Score>::Key;
  static constexpr int64_t kLeastImages = 16, kMostBlocks = 128;

  void count_truths(Counts& counts) const {
    for (size_t i = 0; i < sorted_.truths.index.size(); ++i) {
      const int64_t label = sorted_.truths.label[i];
      for (int64_t area = 0; area < problem_.areas; ++area) {
        counts.truths[size_t(area * problem_.classes + label)] +=
            !sorted_.ignored[i * size_t(problem_.areas) + size_t(area)];
      }
    }
  }

  void deal_out(std::vector<Block<Key>>& blocks) {
    int32_t sum = 0, rows = 0;
    for (int64_t label = 0; label < problem_.classes; ++label) {
      class_starts_.push_back(sum);
      for (Block<Key>& block : blocks) {  // the number becomes the place of the first
        sum += std::exchange(block.of_classes[size_t(label)], sum);
      }
    }
    class_starts_.push_back(sum);
    std::vector<int32_t> first_rows;
    for (const Block<Key>& block : blocks) {
      first_rows.push_back(rows);
      rows += int32_t(block.rows.size());
    }
    rows_.reserve(size_t(rows));
    for (Block<Key>& block : blocks) rows_.take(block.rows);
    entries_.resize(size_t(sum));
    share_out(threads_, int64_t(blocks.size()), [&] {
      return [&](int64_t number) {
        Block<Key>& block = blocks[size_t(number)];
        for (const auto& one : block.detections) {
          Entry<Key> entry{one.key, one.content};
          if (entry.has_row()) entry.content += first_rows[size_t(number)];
          entries_[size_t(block.of_classes[size_t(one.label)]++)] = entry;
        }
        block.detections = {};  // whose memory is needed no longer
      };
    });
  }

  void rank(Counts& counts) {
    std::vector<Entry<Key>> other(entries_.size());
    const auto size = [&](int64_t label) {
      return class_starts_[size_t(label) + 1] - class_starts_[size_t(label)];
    };
    // The largest first, so that no thread is left with one at the end.
    std::vector<int64_t> labels(size_t(problem_.classes));
    std::iota(labels.begin(), labels.end(), int64_t(0));
    std::stable_sort(labels.begin(), labels.end(),
                     [&](int64_t a, int64_t b) { return size(a) > size(b); });
    share_out(threads_, problem_.classes, [&] {
      return [&, ranking = ClassRanking(problem_, rows_, counts)](int64_t number) mutable {
        const int64_t label = labels[size_t(number)], from = class_starts_[size_t(label)];
        const Entry<Key>* sorted =
            sort_entries(entries_.data() + from, other.data() + from, size(label));
        ranking.rank(label, sorted, size(label));
      };
    });
  }

  const Problem& problem_;
  int threads_;
  ByImage sorted_;
  Rows rows_;
  std::vector<int32_t> class_starts_;
  std::vector<Entry<Key>> entries_;  // by class, then as in the blocks
};

// Return the numbers of a problem whose images and labels are in range.
inline Counts evaluate(const Problem& problem, int threads) {
  const bool single = std::all_of(problem.score, problem.score + problem.detections,
                                  [](double one) { return double(float(one)) == one; });
  if (single) return Evaluation<float>(problem, threads).run();
  return Evaluation<double>(problem, threads).run();
}

}  // namespace nntasks::coco_counts
