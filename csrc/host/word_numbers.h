// The words of Python sentences as numbers: a hash table of str objects.
//
// A dict would do the same, but it waits for memory at each word: a str lies anywhere, and so does
// the entry that it finds. Here the strings of a sentence are fetched while the one before it is
// encoded, and entries and their words a group ahead.
#pragma once

#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <vector>

#include "fetch_ahead.h"

namespace nntasks::corpus {

namespace py = pybind11;

class WordNumbers {
 public:
  // What is no word, or no list of words, and stopped the encoding; null if nothing did.
  struct Wrong {
    py::object sentence, word;
  };

  // `grows`: an unknown word gets the next number, else -1.
  WordNumbers(const py::list& words, bool grows) : grows_(true), table_(kLeastTable) {
    std::vector<int32_t> numbers;
    Wrong wrong;
    encode_words(words.ptr(), numbers, wrong);
    if (wrong.word) throw py::type_error("words: expected text");
    if (words_.size() != words.size()) throw py::value_error("words: expected different words");
    grows_ = grows;
  }

  // Append the numbers of all words to `numbers`, and to `ends` where each sentence ends in it.
  void encode(const py::list& sentences, std::vector<int32_t>& numbers, std::vector<int64_t>& ends,
              Wrong& wrong) {
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(sentences.ptr()); ++i) {
      fetch_sentences(sentences.ptr(), i);
      const auto sentence = py::reinterpret_borrow<py::object>(PyList_GET_ITEM(sentences.ptr(), i));
      if (!is_list_of_words(sentence.ptr())) {
        wrong.sentence = sentence;
        return;
      }
      encode_words(sentence.ptr(), numbers, wrong);
      if (wrong.word) return;
      ends.push_back(static_cast<int64_t>(numbers.size()));
    }
  }

  py::list words() const {
    py::list all(words_.size());
    for (size_t i = 0; i < words_.size(); ++i) all[i] = words_[i];
    return all;
  }

  size_t size() const { return words_.size(); }

 private:
  struct Entry {
    Py_hash_t hash = 0;
    PyObject* word = nullptr;  // null: free; `words_` owns it
    int32_t number = 0;
  };
  static constexpr size_t kLeastTable = 1 << 10;
  static constexpr Py_ssize_t kGroup = 32;  // words whose entries are fetched together

  static bool is_list_of_words(PyObject* sentence) {
    if (PyList_Check(sentence) || PyTuple_Check(sentence)) return true;
    if (PyUnicode_Check(sentence) || PyBytes_Check(sentence)) return false;
    return PyObject_HasAttrString(sentence, "__len__");
  }

  // A short string lies on two cache lines at most.
  static void fetch_string(PyObject* word) {
    fetch_ahead(word);
    fetch_ahead(reinterpret_cast<const char*>(word) + sizeof(PyASCIIObject));
  }

  // Fetch, of the lists that follow list `i`, the strings of the next, the array of strings of the
  // one after, and the head of a third: each is found through the one before.
  static void fetch_sentences(PyObject* sentences, Py_ssize_t i) {
    const auto list = [&](Py_ssize_t at) -> PyListObject* {
      if (at >= PyList_GET_SIZE(sentences)) return nullptr;
      PyObject* sentence = PyList_GET_ITEM(sentences, at);
      return PyList_CheckExact(sentence) ? reinterpret_cast<PyListObject*>(sentence) : nullptr;
    };
    if (i + 3 < PyList_GET_SIZE(sentences)) fetch_ahead(PyList_GET_ITEM(sentences, i + 3));
    if (const PyListObject* later = list(i + 2)) {
      const Py_ssize_t count = std::min(Py_SIZE(later), kGroup);
      for (Py_ssize_t j = 0; j < count; j += 8) fetch_ahead(later->ob_item + j);
    }
    if (const PyListObject* next = list(i + 1)) {
      const Py_ssize_t count = std::min(Py_SIZE(next), kGroup);
      for (Py_ssize_t j = 0; j < count; ++j) fetch_string(next->ob_item[j]);
    }
  }

  void encode_words(PyObject* sentence, std::vector<int32_t>& numbers, Wrong& wrong) {
    const auto items = py::reinterpret_steal<py::object>(PySequence_Fast(sentence, "no words"));
    if (!items) throw py::error_already_set();
    const Py_ssize_t count = PySequence_Fast_GET_SIZE(items.ptr());
    PyObject** word = PySequence_Fast_ITEMS(items.ptr());
    Py_hash_t hashes[kGroup];
    for (Py_ssize_t from = 0; from < count; from += kGroup) {
      const Py_ssize_t to = std::min(from + kGroup, count);
      for (Py_ssize_t i = from; i < to; ++i) {
        if (!PyUnicode_Check(word[i])) {
          wrong.word = py::reinterpret_borrow<py::object>(word[i]);
          return;
        }
        hashes[i - from] = PyObject_Hash(word[i]);
        if (hashes[i - from] == -1) throw py::error_already_set();
        fetch_ahead(&table_[static_cast<size_t>(hashes[i - from]) & (table_.size() - 1)]);
      }
      for (Py_ssize_t i = from; i < to; ++i) {
        const auto slot = static_cast<size_t>(hashes[i - from]) & (table_.size() - 1);
        if (table_[slot].word) fetch_string(table_[slot].word);
      }
      for (Py_ssize_t i = from; i < to; ++i) {
        numbers.push_back(number_of(word[i], hashes[i - from]));
      }
    }
  }

  static bool same(PyObject* a, PyObject* b) {
    if (a == b) return true;
    if (PyUnicode_GET_LENGTH(a) != PyUnicode_GET_LENGTH(b)) return false;
    if (PyUnicode_KIND(a) != PyUnicode_KIND(b)) return false;
    const auto bytes = static_cast<size_t>(PyUnicode_GET_LENGTH(a) * PyUnicode_KIND(a));
    return !std::memcmp(PyUnicode_DATA(a), PyUnicode_DATA(b), bytes);
  }

  // Return the entry of a word, or the free one where it belongs.
  Entry& entry_of(PyObject* word, Py_hash_t hash) {
    const size_t mask = table_.size() - 1;
    size_t at = static_cast<size_t>(hash) & mask;
    while (table_[at].word && (table_[at].hash != hash || !same(table_[at].word, word))) {
      at = (at + 1) & mask;
    }
    return table_[at];
  }

  int32_t number_of(PyObject* word, Py_hash_t hash) {
    Entry& entry = entry_of(word, hash);
    if (entry.word) return entry.number;
    if (!grows_) return -1;
    if (words_.size() >= INT32_MAX) throw std::length_error("too many different words");
    const auto number = static_cast<int32_t>(words_.size());
    words_.push_back(py::reinterpret_borrow<py::object>(word));
    entry = {hash, word, number};
    if (2 * words_.size() > table_.size()) enlarge();
    return number;
  }

  void enlarge() {
    std::vector<Entry> old(4 * table_.size());
    old.swap(table_);
    for (const Entry& entry : old) {
      if (entry.word) entry_of(entry.word, entry.hash) = entry;
    }
  }

  bool grows_;
  std::vector<Entry> table_;  // a power of two of them
  std::vector<py::object> words_;
};

}  // namespace nntasks::corpus
