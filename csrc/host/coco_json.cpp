// The fast reader of COCO files, for Python. plugins/yolo_detect/data/coco_arrays/reference.py is
// its reference. Both functions return None for a file that the careful reader must look at.

#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>

#include <algorithm>
#include <string>
#include <vector>

#include "coco_json/instances.h"
#include "coco_json/results.h"

namespace py = pybind11;

namespace nntasks::coco_json {
namespace {

template <typename T>
py::array_t<T> array_of(const std::vector<T>& values) {
  return py::array_t<T>(py::ssize_t(values.size()), values.data());
}

py::array_t<double> boxes_of(const std::vector<double>& values) {
  py::array_t<double> boxes({py::ssize_t(values.size() / 4), py::ssize_t(4)});
  std::copy(values.begin(), values.end(), boxes.mutable_data());
  return boxes;
}

py::object read_results(const std::string& path, int threads) {
  std::vector<Results> pieces;
  try {
    py::gil_scoped_release unlocked;
    pieces = ResultReader(path.c_str()).read(threads);
  } catch (const Unusual&) {
    return py::none();
  }
  size_t count = 0;
  for (const Results& one : pieces) count += one.size();
  const py::ssize_t rows = py::ssize_t(count);
  py::array_t<int64_t> image(rows), category(rows);
  py::array_t<double> score(rows), box({rows, py::ssize_t(4)});
  int64_t *images = image.mutable_data(), *categories = category.mutable_data();
  double *scores = score.mutable_data(), *boxes = box.mutable_data();
  for (Results& one : pieces) {
    images = std::copy(one.image.begin(), one.image.end(), images);
    categories = std::copy(one.category.begin(), one.category.end(), categories);
    scores = std::copy(one.score.begin(), one.score.end(), scores);
    boxes = std::copy(one.box.begin(), one.box.end(), boxes);
    one = Results();  // what is copied need not stay
  }
  return py::make_tuple(image, category, score, box);
}

py::object read_instances(const std::string& path) {
  Instances found;
  try {
    py::gil_scoped_release unlocked;
    found = InstanceReader(path.c_str()).read();
  } catch (const Unusual&) {
    return py::none();
  } catch (const Short&) {
    return py::none();
  }
  py::list names;
  for (const std::string& name : found.category_names) names.append(py::bytes(name));
  const py::array_t<uint8_t> crowd = array_of(found.crowd);
  return py::make_tuple(array_of(found.image_ids), array_of(found.category_ids), names,
                        array_of(found.id), array_of(found.image), array_of(found.category),
                        boxes_of(found.box), array_of(found.area), crowd.attr("view")("bool"));
}

}  // namespace
}  // namespace nntasks::coco_json

PYBIND11_MODULE(_coco_json, module) {
  using namespace nntasks::coco_json;
  module.doc() = "The fast reader of COCO files.";
  module.def("read_results", &read_results, py::arg("path"), py::arg("threads") = 1);
  module.def("read_instances", &read_instances, py::arg("path"));
  module.attr("NO_ID") = Instances::kNoId;
}
