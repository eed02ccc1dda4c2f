// nntasks::match_detections on CPU: the matching of the COCO evaluation, from flat arrays.
//
// Detections are sorted by class and falling score, class by class in parallel, and then dealt out
// to their images, which keeps that order. In an image the detections and objects of a class are a
// cell. Blocks of images are worked through in parallel, twice: first all IoUs are computed and
// those that reach a threshold are kept; then, when it is known how many detections have any, these
// are served and their rows written to their final place. No result depends on the threads.
#include <torch/csrc/stable/library.h>
#include <torch/csrc/stable/ops.h>
#include <torch/csrc/stable/tensor.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <tuple>
#include <utility>
#include <vector>

#include "arguments.h"
#include "fetch_ahead.h"
#include "matching/answers.h"
#include "matching/area_ranges.h"
#include "matching/candidate_search.h"
#include "matching/cell.h"
#include "matching/dense_ranks.h"
#include "matching/order.h"
#include "matching/truths.h"
#include "threads.h"

namespace nntasks::matching {
namespace {

const char* const kOp = "match_detections";
constexpr int64_t kImagesOfBlock = 32;
constexpr int64_t kEntriesOfPiece = 1 << 14;
constexpr size_t kRowsAhead = 8;  // rows of a block lie far apart; they are fetched ahead

void fetch_bytes_ahead(const void* place, int64_t bytes) {
  constexpr int64_t kLine = 64;
  const char* at = static_cast<const char*>(place);
  for (int64_t i = 0; i < bytes; i += kLine) fetch_ahead(at + i);
  if (bytes > 0) fetch_ahead(at + (bytes - 1));
}

Tensor new_long(const Tensor& like, int64_t count) {
  return torch::stable::new_empty(like, {count}, ScalarType::Long);
}

void check_side(const Tensor& image, const Tensor& label, const Tensor& box, const char* image_name,
                const char* label_name, const char* box_name) {
  check_vector(kOp, image_name, image, ScalarType::Long);
  check_vector(kOp, label_name, label, ScalarType::Long);
  STD_TORCH_CHECK(box.scalar_type() == ScalarType::Double && box.dim() == 2 && box.size(1) == 4,
                  kOp, ": ", box_name, " must be float64, of shape (N, 4)");
  STD_TORCH_CHECK(image.size(0) == label.size(0) && image.size(0) == box.size(0), kOp, ": ",
                  image_name, ", ", label_name, " and ", box_name, " must have one length");
  STD_TORCH_CHECK(image.size(0) < std::numeric_limits<int32_t>::max(), kOp, ": ", image_name,
                  " must have fewer than 2^31 - 1 entries");
}

void check_rest(const Tensor& image, const Tensor& score, const Tensor& truth_image,
                const Tensor& crowd, const Tensor& area, const Tensor& thresholds,
                const Tensor& ranges, int64_t most) {
  check_vector(kOp, "score", score, ScalarType::Double);
  check_vector(kOp, "truth_area", area, ScalarType::Double);
  check_vector(kOp, "thresholds", thresholds, ScalarType::Double);
  STD_TORCH_CHECK(crowd.scalar_type() == ScalarType::Bool && crowd.dim() == 1, kOp,
                  ": truth_crowd must be bool, of shape (G,)");
  STD_TORCH_CHECK(
      ranges.scalar_type() == ScalarType::Double && ranges.dim() == 2 && ranges.size(1) == 2, kOp,
      ": area_ranges must be float64, of shape (A, 2)");
  STD_TORCH_CHECK(score.size(0) == image.size(0), kOp, ": score must have one value a detection");
  STD_TORCH_CHECK(crowd.size(0) == truth_image.size(0) && area.size(0) == truth_image.size(0), kOp,
                  ": truth_crowd and truth_area must have one value an object");
  STD_TORCH_CHECK(most >= 1, kOp, ": max_detections must be 1 or more");
}

template <typename T>
const T* data_of(const Tensor& value) {
  return static_cast<const T*>(value.const_data_ptr());
}

using Result = std::tuple<Tensor, Tensor, Tensor, Tensor, Tensor, Tensor, Tensor, Tensor>;

// The steps that follow the sorting; see the top of the file.
class Matching {
 public:
  Matching(const Order& order, const Truths& truths, const CornerSize* boxes, AreaRanges ranges,
           std::vector<double> needed, int64_t most)
      : order_(order),
        truths_(truths),
        boxes_(boxes),
        ranges_(ranges),
        needed_(std::move(needed)),
        most_(most),
        images_(int64_t(truths.starts.size()) - 1),
        blocks_((images_ + kImagesOfBlock - 1) / kImagesOfBlock),
        positions_(order.index.size()),
        kept_(order.index.size()) {}

  Result run(const Tensor& like, const double* areas) {
    find_candidates();
    const auto [kept, rows] = number_them();
    const int64_t count = ranges_.count(), levels = int64_t(needed_.size());
    const int64_t truths = int64_t(truths_.index.size());
    Tensor detection = new_long(like, kept), place = new_long(like, kept);
    Tensor outside = torch::stable::new_empty(like, {kept, count}, ScalarType::Bool);
    Tensor truth = new_long(like, truths), row = new_long(like, rows);
    Tensor ignored_truth = torch::stable::new_empty(like, {truths, count}, ScalarType::Bool);
    Tensor matched = torch::stable::new_empty(like, {rows, count, levels}, ScalarType::Int);
    Tensor ignored = torch::stable::new_empty(like, {rows, count, levels}, ScalarType::Bool);
    outside_ = static_cast<uint8_t*>(outside.mutable_data_ptr());
    ignored_truth_ = static_cast<uint8_t*>(ignored_truth.mutable_data_ptr());
    write_truths(areas, truth.mutable_data_ptr<int64_t>());
    write_detections(detection.mutable_data_ptr<int64_t>(), place.mutable_data_ptr<int64_t>());
    write_rows(row.mutable_data_ptr<int64_t>(), matched.mutable_data_ptr<int32_t>(),
               static_cast<uint8_t*>(ignored.mutable_data_ptr()));
    return {detection, place, outside, truth, ignored_truth, row, matched, ignored};
  }

 private:
  void find_candidates() {
    const CandidateSearch search(order_, truths_, boxes_, lowest_of(needed_), most_);
    take_in_turn(int64_t(blocks_.size()), [&](int64_t block) {
      const int64_t end = std::min((block + 1) * kImagesOfBlock, images_);
      for (int64_t image = block * kImagesOfBlock; image < end; ++image) {
        search.add(image, blocks_[block], positions_.data());
      }
    });
  }

  // Number what is kept and has a row; return how many there are of both.
  std::pair<int64_t, int64_t> number_them() {
    int32_t kept = 0, rows = 0;
    for (size_t i = 0; i < positions_.size(); ++i) {
      kept_[i] = kept;
      kept += positions_[i].place >= 0;
      rows += std::exchange(positions_[i].row, rows);
    }
    return {kept, rows};
  }

  void write_truths(const double* areas, int64_t* index) const {
    for (size_t i = 0; i < truths_.index.size(); ++i) {
      index[i] = truths_.index[i];
      ranges_.write(areas[truths_.index[i]], truths_.crowd[i],
                    ignored_truth_ + i * ranges_.count());
    }
  }

  void write_detections(int64_t* index, int64_t* place) const {
    const int64_t total = int64_t(positions_.size());
    take_in_turn((total + kEntriesOfPiece - 1) / kEntriesOfPiece, [&](int64_t piece) {
      const int64_t end = std::min((piece + 1) * kEntriesOfPiece, total);
      for (int64_t i = piece * kEntriesOfPiece; i < end; ++i) {
        if (positions_[i].place < 0) continue;
        const int64_t to = kept_[i];
        index[to] = order_.index[i];
        place[to] = positions_[i].place;
        ranges_.write(positions_[i].area, false, outside_ + to * ranges_.count());
      }
    });
  }

  void write_rows(int64_t* row, int32_t* matched, uint8_t* ignored) {
    take_in_turn(int64_t(blocks_.size()), [&](int64_t block) {
      // The positions of a block lie far apart; read here, one does not wait for the other.
      for (Served& one : blocks_[block].served) {
        const Position& position = positions_[one.position];
        one.area = position.area;
        one.row = position.row;
        row[one.row] = kept_[one.position];
      }
      for (int64_t level = 0; level < int64_t(needed_.size()); level += kLevelsAtOnce) {
        match(blocks_[block], level, matched, ignored);
      }
    });
  }

  // Match at the levels from `level` on, at most as many as a mask has bits.
  void match(const Block& block, int64_t level, int32_t* matched, uint8_t* ignored) const {
    const int64_t total = int64_t(needed_.size()), areas = ranges_.count();
    const int count = int(std::min<int64_t>(total - level, kLevelsAtOnce));
    Cell cell(truths_.crowd.data(), ignored_truth_, areas, Levels(needed_.data() + level, count));
    Answers answers(areas, count);
    std::vector<uint8_t> outside(areas);
    int32_t first = -1;
    for (size_t i = 0; i < block.served.size(); ++i) {
      const Served& one = block.served[i];
      if (i + kRowsAhead < block.served.size()) {
        const int64_t ahead = block.served[i + kRowsAhead].row * areas * total;
        fetch_bytes_ahead(matched + ahead, areas * total * 4);
        fetch_bytes_ahead(ignored + ahead, areas * total);
      }
      if (one.first_truth != first) {
        first = one.first_truth;
        cell.begin(first, one.truths);
      }
      ranges_.write(one.area, false, outside.data());
      answers.fill(cell, block.candidates.data() + one.first_candidate, one.candidates,
                   outside.data());
      const int64_t to = one.row * areas * total + level;
      if (count == total) {
        std::copy_n(answers.matched.data(), areas * count, matched + to);
        std::copy_n(answers.skipped.data(), areas * count, ignored + to);
        continue;
      }
      for (int64_t area = 0; area < areas; ++area) {
        std::copy_n(answers.matched.data() + area * count, count, matched + to + area * total);
        std::copy_n(answers.skipped.data() + area * count, count, ignored + to + area * total);
      }
    }
  }

  const Order& order_;
  const Truths& truths_;
  const CornerSize* boxes_;
  AreaRanges ranges_;
  std::vector<double> needed_;
  int64_t most_, images_;
  std::vector<Block> blocks_;
  std::vector<Position> positions_;
  std::vector<int32_t> kept_;  // by position, how many before it are kept
  uint8_t *outside_ = nullptr, *ignored_truth_ = nullptr;
};

Result match_detections(const Tensor& image, const Tensor& label, const Tensor& score,
                        const Tensor& box, const Tensor& truth_image, const Tensor& truth_label,
                        const Tensor& truth_box, const Tensor& truth_crowd,
                        const Tensor& truth_area, const Tensor& thresholds,
                        const Tensor& area_ranges, int64_t max_detections) {
  check_side(image, label, box, "image", "label", "box");
  check_side(truth_image, truth_label, truth_box, "truth_image", "truth_label", "truth_box");
  check_rest(image, score, truth_image, truth_crowd, truth_area, thresholds, area_ranges,
             max_detections);
  const Tensor* const given[] = {&image,       &label,       &score,      &box,
                                 &truth_image, &truth_label, &truth_box,  &truth_crowd,
                                 &truth_area,  &thresholds,  &area_ranges};
  std::vector<Tensor> all;
  for (const Tensor* one : given) {
    STD_TORCH_CHECK(one->is_cpu(), kOp, ": all tensors must be on the CPU");
    all.push_back(torch::stable::contiguous(*one));
  }
  const Boxes found{data_of<int64_t>(all[0]), data_of<int64_t>(all[1]), data_of<CornerSize>(all[3]),
                    image.size(0)};
  const Boxes truth{data_of<int64_t>(all[4]), data_of<int64_t>(all[5]), data_of<CornerSize>(all[6]),
                    truth_image.size(0)};
  const DenseRanks images({{found.image, found.count}, {truth.image, truth.count}});
  const DenseRanks labels({{found.label, found.count}, {truth.label, truth.count}});
  const Order order = order_of_detections(found, data_of<double>(all[2]), images, labels);
  const Truths truths =
      order_of_truths(truth.box, data_of<uint8_t>(all[7]), images.of({truth.image, truth.count}),
                      images.count(), labels.of({truth.label, truth.count}), labels.count());
  const double* given_thresholds = data_of<double>(all[9]);
  const std::vector<double> needed = needed_for(given_thresholds, thresholds.size(0));
  Matching matching(order, truths, found.box,
                    AreaRanges(data_of<double>(all[10]), area_ranges.size(0)), needed,
                    max_detections);
  return matching.run(all[0], data_of<double>(all[8]));
}

}  // namespace
}  // namespace nntasks::matching

STABLE_TORCH_LIBRARY_IMPL(nntasks, CPU, library) {
  library.impl("match_detections", TORCH_BOX(&nntasks::matching::match_detections));
}
