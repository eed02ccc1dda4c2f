// The inner loops of the corpus reader, for Python. plugins/word2vec/corpus/reference.py is their
// reference.

#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>

#include <algorithm>

#include "corpus/character_ngrams.h"
#include "corpus/vocabulary.h"
#include "corpus/word_pairs.h"
#include "host/word_numbers.h"

namespace py = pybind11;

namespace nntasks::corpus {
namespace {

using Numbers = py::array_t<int32_t, py::array::c_style>;
using Offsets = py::array_t<int64_t, py::array::c_style>;

// The memory of a bytes-like object, kept alive while it is read.
struct Text {
  explicit Text(const py::buffer& object) : info(object.request()) {
    if (info.itemsize != 1 || info.ndim != 1 || (info.size && info.strides[0] != 1)) {
      throw py::type_error("data: expected bytes");
    }
  }
  const uint8_t* begin() const { return static_cast<const uint8_t*>(info.ptr); }
  size_t size() const { return static_cast<size_t>(info.size); }
  py::buffer_info info;
};

py::tuple encode(Vocabulary& vocabulary, const py::buffer& data, bool lines) {
  const Text text(data);
  auto scratch = vocabulary.borrow();
  Vocabulary::Bad bad;
  size_t count = 0;
  {
    py::gil_scoped_release unlocked;
    count = vocabulary.encode(text.begin(), text.size(), lines, *scratch, bad);
  }
  Numbers numbers(static_cast<py::ssize_t>(count));
  std::copy_n(scratch->numbers.get(), count, numbers.mutable_data());
  vocabulary.give_back(std::move(scratch));
  return py::make_tuple(numbers, bad.offset, bad.size);
}

Offsets counts(const Vocabulary& vocabulary) {
  Offsets result(static_cast<py::ssize_t>(vocabulary.size()));
  vocabulary.counts(result.mutable_data(), static_cast<size_t>(result.size()));
  return result;
}

py::list take(const Vocabulary& vocabulary, const Offsets& numbers) {
  py::list words;
  for (py::ssize_t i = 0; i < numbers.size(); ++i) {
    if (numbers.at(i) < 0) throw py::index_error("numbers: expected them from 0 on");
    const auto word = vocabulary.word(static_cast<size_t>(numbers.at(i)));
    words.append(py::bytes(word.data(), word.size()));
  }
  return words;
}

// Gives words their final numbers: drops words without one, and returns where sentences end.
class Renumber {
 public:
  explicit Renumber(Numbers table) : table_(std::move(table)) {}

  py::tuple add(const Numbers& numbers) {
    const auto size = static_cast<size_t>(numbers.size());
    Numbers kept(numbers.size());
    const int32_t *in = numbers.data(), *table = table_.data();
    const auto known = static_cast<uint32_t>(table_.size());
    int32_t* out = kept.mutable_data();
    size_t count = 0;
    std::vector<int64_t> ends;
    {
      py::gil_scoped_release unlocked;
      for (size_t i = 0; i < size; ++i) {
        if (in[i] < 0) {
          const int64_t end = total + static_cast<int64_t>(count);
          if (end > last_) ends.push_back(end);
          last_ = end;
          continue;
        }
        if (static_cast<uint32_t>(in[i]) >= known) throw std::out_of_range("a number of no word");
        const int32_t number = table[in[i]];
        out[count] = number;
        count += number >= 0;
      }
    }
    total += static_cast<int64_t>(count);
    Offsets sentences(static_cast<py::ssize_t>(ends.size()));
    std::copy(ends.begin(), ends.end(), sentences.mutable_data());
    return py::make_tuple(kept[py::slice(0, static_cast<py::ssize_t>(count), 1)], sentences);
  }

  int64_t total = 0;  // words kept

 private:
  Numbers table_;
  int64_t last_ = 0;  // end of the last sentence
};

void add_pairs(PairCounts& pairs, const Numbers& numbers) {
  const int32_t* data = numbers.data();
  const auto size = static_cast<size_t>(numbers.size());
  py::gil_scoped_release unlocked;
  pairs.add(data, size);
}

py::tuple above(const PairCounts& pairs, int64_t least) {
  std::vector<PairTable::Slot> found;
  for (const auto& slot : pairs.table().slots()) {
    if (slot.key != PairTable::kEmpty && slot.value > least) found.push_back(slot);
  }
  std::sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.key < b.key; });
  const auto size = static_cast<py::ssize_t>(found.size());
  Numbers first(size), second(size);
  Offsets count(size);
  for (py::ssize_t i = 0; i < size; ++i) {
    const auto& slot = found[static_cast<size_t>(i)];
    first.mutable_at(i) = static_cast<int32_t>(slot.key >> 32);
    second.mutable_at(i) = static_cast<int32_t>(slot.key);
    count.mutable_at(i) = slot.value;
  }
  return py::make_tuple(first, second, count);
}

// A joiner with the numbers of the phrases.
struct Joiner {
  Joiner(const Numbers& a, const Numbers& b, Numbers joined)
      : pairs(a.data(), b.data(), static_cast<size_t>(a.size())), joined(std::move(joined)) {
    if (a.size() != b.size() || a.size() != this->joined.size()) {
      throw py::value_error("pairs: expected three arrays of one length");
    }
  }

  Numbers add(const Numbers& numbers) {
    const auto size = static_cast<size_t>(numbers.size());
    Numbers result(numbers.size() + 1);
    const int32_t *in = numbers.data(), *names = joined.data();
    int32_t* out = result.mutable_data();
    size_t count = 0;
    {
      py::gil_scoped_release unlocked;
      count = pairs.join(in, size, names, out);
    }
    return Numbers(result[py::slice(0, static_cast<py::ssize_t>(count), 1)]);
  }

  Offsets counts() const {
    Offsets result(static_cast<py::ssize_t>(pairs.counts.size()));
    std::copy(pairs.counts.begin(), pairs.counts.end(), result.mutable_data());
    return result;
  }

  PairJoiner pairs;
  Numbers joined;
};

template <typename T>
py::array_t<T, py::array::c_style> as_array(const std::vector<T>& values) {
  py::array_t<T, py::array::c_style> array(static_cast<py::ssize_t>(values.size()));
  std::copy(values.begin(), values.end(), array.mutable_data());
  return array;
}

py::tuple ngram_buckets(const py::list& words, int64_t least, int64_t most, int64_t buckets) {
  if (least < 1 || buckets < 1 || buckets > INT32_MAX) {
    throw py::value_error("expected least >= 1 and buckets from 1 to 2^31 - 1");
  }
  const NgramSizes sizes{least, most, static_cast<uint32_t>(buckets)};
  std::string marked;
  std::vector<int32_t> found;
  std::vector<int64_t> starts{0};
  for (const auto& word : words) {
    add_ngrams(word.cast<std::string_view>(), sizes, marked, found);
    starts.push_back(static_cast<int64_t>(found.size()));
  }
  return py::make_tuple(as_array(starts), as_array(found));
}

py::tuple encode_sentences(WordNumbers& numbers, const py::list& sentences) {
  std::vector<int32_t> found;
  std::vector<int64_t> bounds{0};
  WordNumbers::Wrong wrong;
  numbers.encode(sentences, found, bounds, wrong);
  const auto or_none = [](const py::object& value) { return value ? value : py::none(); };
  return py::make_tuple(as_array(found), as_array(bounds), or_none(wrong.sentence),
                        or_none(wrong.word));
}

}  // namespace
}  // namespace nntasks::corpus

PYBIND11_MODULE(_corpus, module) {
  using namespace nntasks::corpus;
  module.doc() = "The inner loops of the corpus reader.";
  py::class_<Vocabulary>(module, "Vocabulary")
      .def(py::init<bool, size_t, size_t>(), py::arg("strict"), py::arg("longest"), py::arg("most"))
      .def("encode", &encode, py::arg("data"), py::arg("lines"))
      .def("counts", &counts)
      .def("take", &take, py::arg("numbers"))
      .def("__len__", &Vocabulary::size);
  py::class_<Renumber>(module, "Renumber")
      .def(py::init<Numbers>(), py::arg("table"))
      .def("add", &Renumber::add, py::arg("numbers"))
      .def_readonly("total", &Renumber::total);
  py::class_<PairCounts>(module, "PairCounts")
      .def(py::init<uint64_t, uint64_t>(), py::arg("part"), py::arg("parts"))
      .def("add", &add_pairs, py::arg("numbers"))
      .def("above", &above, py::arg("least"))
      .def("__len__", [](const PairCounts& pairs) { return pairs.table().size(); });
  py::class_<Joiner>(module, "Joiner")
      .def(py::init<Numbers, Numbers, Numbers>(), py::arg("a"), py::arg("b"), py::arg("joined"))
      .def("add", &Joiner::add, py::arg("numbers"))
      .def("counts", &Joiner::counts);
  py::class_<WordNumbers>(module, "WordNumbers")
      .def(py::init<py::list, bool>(), py::arg("words"), py::arg("grows"))
      .def("encode", &encode_sentences, py::arg("sentences"))
      .def("words", &WordNumbers::words)
      .def("__len__", &WordNumbers::size);
  module.def("ngram_buckets", &ngram_buckets, py::arg("words"), py::arg("least"), py::arg("most"),
             py::arg("buckets"));
}
