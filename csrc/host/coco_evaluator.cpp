// COCO's numbers from arrays, for Python. Its reference is
// plugins/yolo_detect/evaluation/coco_evaluator/reference.py.

#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>
#include <vector>

#include "coco_counts/corner_and_size.h"
#include "coco_counts/evaluation.h"
#include "coco_counts/problem.h"

namespace py = pybind11;

namespace nntasks::coco_counts {
namespace {

template <typename T>
using Array = py::array_t<T, py::array::c_style | py::array::forcecast>;

template <typename T>
py::array_t<T> array_of(const std::vector<T>& values, std::vector<py::ssize_t> shape) {
  py::array_t<T> array(std::move(shape));
  std::copy(values.begin(), values.end(), array.mutable_data());
  return array;
}

void check(bool right, const char* what) {
  if (!right) throw std::invalid_argument(std::string("evaluator of boxes: ") + what);
}

// Whether a numbered column is of the length of the boxes, and its numbers are below a limit.
bool is_within(const Array<int64_t>& values, py::ssize_t count, int64_t limit) {
  if (values.ndim() != 1 || values.shape(0) != count) return false;
  return std::all_of(values.data(), values.data() + count,
                     [&](int64_t one) { return one >= 0 && one < limit; });
}

const matching::CornerSize* boxes_of(const Array<double>& box) {
  check(box.ndim() == 2 && box.shape(1) == 4, "boxes must have shape (N, 4)");
  check(box.shape(0) < std::numeric_limits<int32_t>::max(), "fewer than 2^31 - 1 boxes");
  return reinterpret_cast<const matching::CornerSize*>(box.data());
}

struct Detections {
  Array<int64_t> image, label;
  Array<double> score, box;
};

struct Truths {
  Array<int64_t> image, label;
  Array<double> box;
  Array<uint8_t> crowd;
  Array<double> area;
};

struct Settings {
  Array<double> thresholds, ranges, recalls;
  Array<int64_t> limits;
};

Problem problem_of(int64_t images, int64_t classes, int64_t most, const Detections& found,
                   const Truths& truth, const Settings& settings) {
  check(images >= 0 && classes >= 0 && std::max(images, classes) < (int64_t(1) << 31) && most >= 1,
        "images and classes must be 0 or more, max_detections 1 or more");
  Problem problem{};
  problem.images = images;
  problem.classes = classes;
  problem.most = most;
  problem.box = boxes_of(found.box);
  problem.truth_box = boxes_of(truth.box);
  problem.detections = found.box.shape(0);
  problem.truths = truth.box.shape(0);
  check(is_within(found.image, problem.detections, images) &&
            is_within(truth.image, problem.truths, images),
        "an image is out of range");
  check(is_within(found.label, problem.detections, classes) &&
            is_within(truth.label, problem.truths, classes),
        "a label is out of range");
  check(found.score.size() == problem.detections && truth.crowd.size() == problem.truths &&
            truth.area.size() == problem.truths,
        "columns must have one length");
  problem.image = found.image.data();
  problem.label = found.label.data();
  problem.score = found.score.data();
  problem.truth_image = truth.image.data();
  problem.truth_label = truth.label.data();
  problem.crowd = truth.crowd.data();
  problem.area = truth.area.data();
  problem.needed =
      matching::needed_for(settings.thresholds.data(), int64_t(settings.thresholds.size()));
  check(problem.levels() <= kMostLevels, "at most 32 thresholds");
  check(settings.ranges.ndim() == 2 && settings.ranges.shape(1) == 2 &&
            settings.ranges.shape(0) >= 1 && settings.ranges.shape(0) <= kMostAreas,
        "1 to 8 area ranges");
  problem.ranges = settings.ranges.data();
  problem.areas = settings.ranges.shape(0);
  problem.limits.assign(settings.limits.data(), settings.limits.data() + settings.limits.size());
  problem.recalls.assign(settings.recalls.data(),
                         settings.recalls.data() + settings.recalls.size());
  check(!problem.recalls.empty() && std::is_sorted(problem.recalls.begin(), problem.recalls.end()),
        "recalls must rise");
  return problem;
}

py::tuple count_matches(const py::tuple& detections, const py::tuple& truths,
                        const py::tuple& settings, int64_t images, int64_t classes,
                        int64_t max_detections, int threads) {
  check(detections.size() == 4 && truths.size() == 5 && settings.size() == 4,
        "4 columns of detections, 5 of truths and 4 settings");
  const auto ints = [](const py::handle& one) { return one.cast<Array<int64_t>>(); };
  const auto doubles = [](const py::handle& one) { return one.cast<Array<double>>(); };
  const Detections found{ints(detections[0]), ints(detections[1]), doubles(detections[2]),
                         doubles(detections[3])};
  const Truths truth{ints(truths[0]), ints(truths[1]), doubles(truths[2]),
                     truths[3].cast<Array<uint8_t>>(), doubles(truths[4])};
  const Settings chosen{doubles(settings[0]), doubles(settings[1]), doubles(settings[2]),
                        ints(settings[3])};
  const Problem problem = problem_of(images, classes, max_detections, found, truth, chosen);
  const Counts counts = [&] {
    py::gil_scoped_release unlocked;
    return evaluate(problem, threads);
  }();
  const py::ssize_t areas = problem.areas, levels = problem.levels(), kinds = classes;
  const py::ssize_t limits = py::ssize_t(problem.limits.size());
  return py::make_tuple(array_of(counts.precision, {areas, levels, kinds}),
                        array_of(counts.found, {areas, levels, kinds}),
                        array_of(counts.early, {limits, levels, kinds}),
                        array_of(counts.truths, {areas, kinds}));
}

py::array_t<double> corner_and_size(const Array<double>& boxes) {
  check(boxes.ndim() == 2 && boxes.shape(1) == 4, "boxes must have shape (N, 4)");
  py::array_t<double> sizes({boxes.shape(0), py::ssize_t(4)});
  write_corner_and_size(boxes.data(), boxes.shape(0), sizes.mutable_data());
  return sizes;
}

}  // namespace
}  // namespace nntasks::coco_counts

PYBIND11_MODULE(_coco_evaluator, module) {
  using namespace nntasks::coco_counts;
  module.doc() = "COCO's numbers straight from boxes.";
  module.def("count_matches", &count_matches, py::arg("detections"), py::arg("truths"),
             py::arg("settings"), py::kw_only(), py::arg("images"), py::arg("classes"),
             py::arg("max_detections"), py::arg("threads") = 1);
  module.def("corner_and_size", &corner_and_size, py::arg("boxes"));
}
