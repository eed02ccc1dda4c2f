// Precision and recall over the confidence of many weightings, for Python. Its reference is
// plugins/yolo_detect/evaluation/confidence_curves/reference.py.

#include "confidence_curves/sweep.h"

#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>

#include <algorithm>
#include <numeric>
#include <stdexcept>
#include <string>
#include <vector>

#include "own_threads.h"

namespace py = pybind11;

namespace nntasks::confidence_curves {
namespace {

template <typename T>
using Array = py::array_t<T, py::array::c_style | py::array::forcecast>;

void check(bool right, const char* what) {
  if (!right) throw std::invalid_argument(std::string("confidence curves: ") + what);
}

// The arguments, checked, and what both functions do with them.
class Work {
 public:
  Work(const py::tuple& ranking, const Array<int64_t>& truths, const Array<uint8_t>& weights,
       const Array<double>& confidences)
      : truths_(truths), weights_(weights) {
    check(ranking.size() == 5, "a ranking has starts, image, copy, score and right");
    starts_ = ranking[0].cast<Array<int64_t>>();
    image_ = ranking[1].cast<Array<int64_t>>();
    copy_ = ranking[2].cast<Array<uint8_t>>();
    score_ = ranking[3].cast<Array<double>>();
    right_ = ranking[4].cast<Array<uint8_t>>();
    check(weights.ndim() == 2, "weights must have shape (B, I)");
    check(starts_.ndim() == 1 && starts_.size() >= 1, "starts must have shape (C + 1,)");
    check(truths.ndim() == 2 && truths.shape(0) == starts_.size() - 1 &&
              truths.shape(1) == weights.shape(0),
          "truths must have shape (C, B)");
    const py::ssize_t count = image_.size();
    check(copy_.size() == count && score_.size() == count && right_.size() == count,
          "columns must have one length");
    const int64_t *starts = starts_.data(), images = weights.shape(1);
    check(starts[0] == 0 && starts[starts_.size() - 1] == count &&
              std::is_sorted(starts, starts + starts_.size()),
          "starts must rise from 0 to the number of detections");
    check(std::all_of(image_.data(), image_.data() + count,
                      [&](int64_t one) { return one >= 0 && one < images; }),
          "an image is out of range");
    confidences_.assign(confidences.data(), confidences.data() + confidences.size());
    check(std::is_sorted(confidences_.begin(), confidences_.end()), "confidences must rise");
    ranking_ = {starts_.size() - 1, images,        starts,       image_.data(),
                copy_.data(),       score_.data(), right_.data()};
  }

  int64_t classes() const { return ranking_.classes; }
  int64_t weightings() const { return weights_.shape(0); }
  int64_t levels() const { return int64_t(confidences_.size()); }

  void check_chosen(const Array<int64_t>& chosen) const {
    check(chosen.ndim() == 1 && chosen.size() == weightings() &&
              std::all_of(chosen.data(), chosen.data() + chosen.size(),
                          [&](int64_t one) { return one >= 0 && one < levels(); }),
          "chosen must have shape (B,), places of confidences");
  }

  // Call use(block, wanted, label) after each class of a block is prepared for `wanted`.
  template <typename Begin, typename Use, typename End>
  void each_block(int threads, const Begin& begin, const Use& use, const End& end) const {
    share_out(threads, (weightings() + kLanes - 1) / kLanes, [&] {
      return [&](int64_t number) {
        Block block = block_of(number);
        auto own = begin(block);
        for (int64_t label = 0; label < classes(); ++label) {
          if (ranking_.starts[label] == ranking_.starts[label + 1]) continue;
          const int64_t* truths = truths_.data() + label * weightings() + block.first;
          for (int64_t k = 0; k < kLanes; ++k) {
            block.truths.at[k] = k < block.lanes && truths[k] > 0 ? double(truths[k]) : 1.0;
          }
          group_confidences(ranking_, label, confidences_, own.wanted, block);
          find_next(ranking_, label, block);
          use(label, block, own);
        }
        end(block, own);
      };
    });
  }

  void read(int64_t label, Block& block, const Output& output) const {
    read_class(ranking_, label, block, confidences_.data(), output);
  }

 private:
  Block block_of(int64_t number) const {
    Block block{number * kLanes, 0, {}, {}, {}};
    block.lanes = std::min<int64_t>(kLanes, weightings() - block.first);
    block.weights.assign(size_t(ranking_.images * kLanes), 0);
    for (int64_t lane = 0; lane < block.lanes; ++lane) {
      const uint8_t* from = weights_.data() + (block.first + lane) * ranking_.images;
      for (int64_t i = 0; i < ranking_.images; ++i) {
        block.weights[size_t(i * kLanes + lane)] = from[i];
      }
    }
    return block;
  }

  Array<int64_t> starts_, image_;
  Array<uint8_t> copy_, right_;
  Array<double> score_;
  Array<int64_t> truths_;
  Array<uint8_t> weights_;
  std::vector<double> confidences_;
  Ranking ranking_{};
};

py::array_t<double> f1_sums(const py::tuple& ranking, const Array<int64_t>& truths,
                            const Array<uint8_t>& weights, const Array<double>& confidences,
                            int threads) {
  const Work work(ranking, truths, weights, confidences);
  py::array_t<double> sums({py::ssize_t(work.levels()), py::ssize_t(work.weightings())});
  double* to = sums.mutable_data();
  struct Own {
    std::vector<int64_t> wanted;
    std::vector<Doubles> f1;
  };
  py::gil_scoped_release unlocked;
  work.each_block(
      threads,
      [&](const Block&) {
        Own own{std::vector<int64_t>(size_t(work.levels())),
                std::vector<Doubles>(size_t(work.levels()))};
        std::iota(own.wanted.begin(), own.wanted.end(), int64_t(0));
        return own;
      },
      [&](int64_t label, Block& block, Own& own) {
        work.read(label, block, {own.f1.data(), nullptr, nullptr, nullptr});
      },
      [&](const Block& block, const Own& own) {
        for (int64_t at = 0; at < work.levels(); ++at) {
          std::copy_n(own.f1[size_t(at)].at, block.lanes,
                      to + at * work.weightings() + block.first);
        }
      });
  return sums;
}

py::tuple points(const py::tuple& ranking, const Array<int64_t>& truths,
                 const Array<uint8_t>& weights, const Array<double>& confidences,
                 const Array<int64_t>& chosen, int threads) {
  const Work work(ranking, truths, weights, confidences);
  work.check_chosen(chosen);
  const std::vector<py::ssize_t> shape{work.classes(), work.weightings()};
  py::array_t<double> precision(shape), recall(shape);
  double *to_precision = precision.mutable_data(), *to_recall = recall.mutable_data();
  std::fill_n(to_precision, precision.size(), 0.0);
  std::fill_n(to_recall, recall.size(), 0.0);
  struct Own {
    std::vector<int64_t> wanted, chosen;
  };
  {
    py::gil_scoped_release unlocked;
    work.each_block(
        threads,
        [&](const Block& block) {
          const int64_t* from = chosen.data() + block.first;
          Own own{std::vector<int64_t>(from, from + block.lanes), std::vector<int64_t>(kLanes, -1)};
          std::copy_n(from, block.lanes, own.chosen.begin());
          std::sort(own.wanted.begin(), own.wanted.end());
          own.wanted.erase(std::unique(own.wanted.begin(), own.wanted.end()), own.wanted.end());
          return own;
        },
        [&](int64_t label, Block& block, Own& own) {
          Doubles found{}, right{};
          work.read(label, block, {nullptr, own.chosen.data(), &found, &right});
          const int64_t to = label * work.weightings() + block.first;
          std::copy_n(found.at, block.lanes, to_precision + to);
          std::copy_n(right.at, block.lanes, to_recall + to);
        },
        [](const Block&, const Own&) {});
  }
  return py::make_tuple(precision, recall);
}

}  // namespace
}  // namespace nntasks::confidence_curves

PYBIND11_MODULE(_confidence_curves, module) {
  using namespace nntasks::confidence_curves;
  module.doc() = "Precision and recall over the confidence, of many weightings of the images.";
  module.def("f1_sums", &f1_sums, py::arg("ranking"), py::arg("truths"), py::arg("weights"),
             py::arg("confidences"), py::kw_only(), py::arg("threads") = 1);
  module.def("points", &points, py::arg("ranking"), py::arg("truths"), py::arg("weights"),
             py::arg("confidences"), py::arg("chosen"), py::kw_only(), py::arg("threads") = 1);
}
