// nntasks::rank_hits and nntasks::precision_at_recalls on CPU: from matches to ranks of true
// positives, and from these to precision. Classes and rankings are shared out over the threads.
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
#include "recall_levels.h"
#include "threads.h"

namespace nntasks::ranking {
namespace {

constexpr int64_t kRankingsOfPiece = 64;

bool rises(const int64_t* values, int64_t count, int64_t step) {
  for (int64_t i = 1; i < count; ++i) {
    if (values[i] < values[i - 1] || values[i] - values[i - 1] < step) return false;
  }
  return true;
}

// The tables of `match_detections`; columns are (area, level).
struct Matches {
  const int64_t *starts, *row;
  const int32_t* matched;
  const uint8_t *ignored, *outside;
  int64_t classes, rows, areas, levels;

  int64_t columns() const { return areas * levels; }
  bool hit(int64_t entry) const { return matched[entry] >= 0 && !ignored[entry]; }
  std::pair<int64_t, int64_t> rows_of(int64_t label) const {
    const auto place = [&](int64_t start) {
      return std::lower_bound(row, row + rows, start) - row;
    };
    return {place(starts[label]), place(starts[label + 1])};
  }
};

// Add up the hits and the detections that are not ignored of a class, by column.
void count_class(const Matches& table, int64_t label, int64_t* hits, int64_t* detections) {
  const auto [from, to] = table.rows_of(label);
  for (int64_t row = from; row < to; ++row) {
    const int64_t entry = row * table.columns();
    for (int64_t i = 0; i < table.columns(); ++i) {
      hits[i] += table.hit(entry + i);
      detections[i] -= table.ignored[entry + i];
    }
    for (int64_t area = 0; area < table.areas; ++area) {
      if (!table.outside[table.row[row] * table.areas + area]) continue;
      for (int64_t i = 0; i < table.levels; ++i) ++detections[area * table.levels + i];
    }
  }
  for (int64_t area = 0; area < table.areas; ++area) {
    int64_t inside = 0;
    for (int64_t i = table.starts[label]; i < table.starts[label + 1]; ++i) {
      inside += !table.outside[i * table.areas + area];
    }
    for (int64_t i = 0; i < table.levels; ++i) detections[area * table.levels + i] += inside;
  }
}

// Write the rank of each hit of a class among its detections that are not ignored; `next` is where
// the next one of each column goes.
void write_class(const Matches& table, int64_t label, int64_t* next, int64_t* places) {
  const auto [from, to] = table.rows_of(label);
  std::vector<int64_t> inside(table.areas), late(table.columns());
  int64_t seen = table.starts[label];
  for (int64_t row = from; row < to; ++row) {
    for (; seen <= table.row[row]; ++seen) {
      const uint8_t* outside = table.outside + seen * table.areas;
      for (int64_t area = 0; area < table.areas; ++area) inside[area] += !outside[area];
    }
    const uint8_t* outside = table.outside + table.row[row] * table.areas;
    int64_t entry = row * table.columns(), column = 0;
    for (int64_t area = 0; area < table.areas; ++area) {
      for (int64_t level = 0; level < table.levels; ++level, ++entry, ++column) {
        late[column] += int64_t(outside[area]) - int64_t(table.ignored[entry]);
        if (table.hit(entry)) places[next[column]++] = inside[area] + late[column];
      }
    }
  }
}

Matches checked(const Tensor& starts, const Tensor& row, const Tensor& matched,
                const Tensor& ignored, const Tensor& outside) {
  const char* op = "rank_hits";
  check_vector(op, "starts", starts, ScalarType::Long);
  check_vector(op, "row", row, ScalarType::Long);
  STD_TORCH_CHECK(matched.scalar_type() == ScalarType::Int && matched.dim() == 3 &&
                      matched.size(0) == row.size(0),
                  op, ": matched must be int32, of shape (K, A, T)");
  STD_TORCH_CHECK(ignored.scalar_type() == ScalarType::Bool && ignored.dim() == 3 &&
                      ignored.size(0) == matched.size(0) && ignored.size(1) == matched.size(1) &&
                      ignored.size(2) == matched.size(2),
                  op, ": ignored must be bool, of the shape of matched");
  STD_TORCH_CHECK(outside.scalar_type() == ScalarType::Bool && outside.dim() == 2 &&
                      outside.size(1) == matched.size(1),
                  op, ": outside must be bool, of shape (N, A)");
  STD_TORCH_CHECK(starts.size(0) >= 1, op, ": starts must have shape (C + 1,)");
  for (const Tensor* value : {&starts, &row, &matched, &ignored, &outside}) {
    STD_TORCH_CHECK(value->is_cpu(), op, ": all tensors must be on the CPU");
  }
  const Matches table{starts.const_data_ptr<int64_t>(),
                      row.const_data_ptr<int64_t>(),
                      matched.const_data_ptr<int32_t>(),
                      static_cast<const uint8_t*>(ignored.const_data_ptr()),
                      static_cast<const uint8_t*>(outside.const_data_ptr()),
                      starts.size(0) - 1,
                      row.size(0),
                      matched.size(1),
                      matched.size(2)};
  const int64_t detections = outside.size(0);
  STD_TORCH_CHECK(table.starts[0] == 0 && table.starts[table.classes] == detections &&
                      rises(table.starts, table.classes + 1, 0),
                  op, ": starts must rise from 0 to ", detections);
  STD_TORCH_CHECK(!table.rows || (table.row[0] >= 0 && table.row[table.rows - 1] < detections &&
                                  rises(table.row, table.rows, 1)),
                  op, ": row must rise strictly, from 0 to at most ", detections - 1);
  return table;
}

std::tuple<Tensor, Tensor, Tensor> rank_hits(const Tensor& starts, const Tensor& row,
                                             const Tensor& matched, const Tensor& ignored,
                                             const Tensor& outside) {
  using torch::stable::contiguous;
  const Tensor all[] = {contiguous(starts), contiguous(row), contiguous(matched),
                        contiguous(ignored), contiguous(outside)};
  const Matches table = checked(all[0], all[1], all[2], all[3], all[4]);
  const int64_t classes = table.classes, columns = table.columns();
  std::vector<int64_t> hits(classes * columns), counts(classes * columns);  // (class, column)
  take_in_turn(classes, [&](int64_t label) {
    count_class(table, label, hits.data() + label * columns, counts.data() + label * columns);
  });
  Tensor bounds = torch::stable::new_empty(all[0], {columns * classes + 1}, ScalarType::Long);
  Tensor detections =
      torch::stable::new_empty(all[0], {table.areas, table.levels, classes}, ScalarType::Long);
  int64_t total = 0, *bound = bounds.mutable_data_ptr<int64_t>();
  int64_t* detection = detections.mutable_data_ptr<int64_t>();
  for (int64_t column = 0; column < columns; ++column) {
    for (int64_t label = 0; label < classes; ++label) {
      *bound++ = total;
      *detection++ = counts[label * columns + column];
      total += std::exchange(hits[label * columns + column], total);
    }
  }
  *bound = total;
  Tensor places = torch::stable::new_empty(all[0], {total}, ScalarType::Long);
  int64_t* place = places.mutable_data_ptr<int64_t>();
  take_in_turn(classes, [&](int64_t label) {
    write_class(table, label, hits.data() + label * columns, place);
  });
  return {places, bounds, detections};
}

// Write the best precision of one ranking at each recall or above.
void read_at(const int64_t* places, int64_t hits, int64_t truths, const double* recalls,
             int64_t levels, std::vector<double>& best, double* out) {
  if (!truths) {
    std::fill_n(out, levels, std::numeric_limits<double>::quiet_NaN());
    return;
  }
  best.resize(hits);
  for (int64_t i = hits; i-- > 0;) {
    const double precision = double(i + 1) / double(places[i]);
    best[i] = i + 1 < hits ? std::max(best[i + 1], precision) : precision;
  }
  for (int64_t i = 0; i < levels; ++i) {
    const int64_t first = first_at(recalls[i], truths, hits);
    out[i] = first < hits ? best[first] : 0.0;
  }
}

Tensor precision_at_recalls(const Tensor& places, const Tensor& bounds, const Tensor& truths,
                            const Tensor& recalls) {
  const char* op = "precision_at_recalls";
  check_vector(op, "places", places, ScalarType::Long);
  check_vector(op, "bounds", bounds, ScalarType::Long);
  check_vector(op, "truths", truths, ScalarType::Long);
  check_vector(op, "recalls", recalls, ScalarType::Double);
  STD_TORCH_CHECK(bounds.size(0) == truths.size(0) + 1, op, ": bounds must have shape (S + 1,)");
  for (const Tensor* value : {&places, &bounds, &truths, &recalls}) {
    STD_TORCH_CHECK(value->is_cpu(), op, ": all tensors must be on the CPU");
  }
  using torch::stable::contiguous;
  const Tensor all[] = {contiguous(places), contiguous(bounds), contiguous(truths),
                        contiguous(recalls)};
  const int64_t *place = all[0].const_data_ptr<int64_t>(),
                *bound = all[1].const_data_ptr<int64_t>();
  const int64_t* truth = all[2].const_data_ptr<int64_t>();
  const double* recall = all[3].const_data_ptr<double>();
  const int64_t rankings = truths.size(0), levels = recalls.size(0);
  STD_TORCH_CHECK(
      bound[0] == 0 && bound[rankings] == places.size(0) && rises(bound, rankings + 1, 0), op,
      ": bounds must rise from 0 to ", places.size(0));
  const auto within = [](const int64_t* values, int64_t count, int64_t least) {
    return std::all_of(values, values + count, [&](int64_t one) { return one >= least; });
  };
  STD_TORCH_CHECK(within(place, places.size(0), 1), op, ": places must be 1 or more");
  STD_TORCH_CHECK(within(truth, rankings, 0), op, ": truths must be 0 or more");
  Tensor out = torch::stable::new_empty(all[3], {rankings, levels}, ScalarType::Double);
  double* written = out.mutable_data_ptr<double>();
  take_in_turn((rankings + kRankingsOfPiece - 1) / kRankingsOfPiece, [&](int64_t piece) {
    std::vector<double> best;
    const int64_t end = std::min((piece + 1) * kRankingsOfPiece, rankings);
    for (int64_t i = piece * kRankingsOfPiece; i < end; ++i) {
      read_at(place + bound[i], bound[i + 1] - bound[i], truth[i], recall, levels, best,
              written + i * levels);
    }
  });
  return out;
}

}  // namespace
}  // namespace nntasks::ranking

STABLE_TORCH_LIBRARY_IMPL(nntasks, CPU, library) {
  library.impl("rank_hits", TORCH_BOX(&nntasks::ranking::rank_hits));
  library.impl("precision_at_recalls", TORCH_BOX(&nntasks::ranking::precision_at_recalls));
}
