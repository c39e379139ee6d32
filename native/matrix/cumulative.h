#pragma once
// Running sums and products along an axis: a line is one chain in double, rounded where it is written.
// Mirror: src/backend/typescript/matrix/cumulative.ts.

#include "../parallel.h"
#include "../simd/for-lanes.h"
#include "../simd/lane.h"
#include "../simd/reduce.h"
#include "../simd/widen.h"
#include "columns.h"
#include "reduction-arguments.h"
#include "reductions.h"

namespace lockstep {
namespace {

// out at element i of a vector of lines, or of one, whose numbers so far are `numbers`.
template <class Operation, class V, class T>
inline void accumulateAt(const args::Cumulative<T>& a, size_t i, double* numbers) {
  using W = WideOf<V, double>;
  constexpr size_t kParts = V::kLanes / W::kLanes;
  W wide[kParts];
  widen(V::load(a.x + i), wide);
  for (size_t part = 0; part < kParts; ++part) {
    double* const number = numbers + part * W::kLanes;
    const W before = W::load(number), after = Operation::join(before, wide[part]);
    after.store(number);
    wide[part] = a.exclusive ? before : after;
  }
  V out;
  narrow(wide, out);
  out.store(a.out + i);
}

template <class Operation, class T>
inline void accumulate(const args::Cumulative<T>& a, const Parallel& parallel) {
  const size_t count = a.count, inner = a.inner;
  const auto place = [&](size_t r) { return a.reverse ? count - 1 - r : r; };
  const auto row = [&](size_t, size_t start) {
    double number = Operation::kNeutral;
    for (size_t r = 0; r < count; ++r) accumulateAt<Operation, Lane<T>>(a, start + place(r), &number);
  };
  forLines(parallel, a.outer, count, inner, row, [&](size_t o, size_t first, size_t width) {
    double numbers[kColumnBlock];
    for (double& number : numbers) number = Operation::kNeutral;
    for (size_t r = 0; r < count; ++r) {
      const size_t start = (o * count + place(r)) * inner + first;
      forLanes<T>(0, width, [&](auto tag, size_t c) {
        accumulateAt<Operation, typename decltype(tag)::Type>(a, start + c, numbers + c);
      });
    }
  });
}

template <class T>
void cumsum(const args::Cumulative<T>& a, const Parallel& parallel) {
  accumulate<Addition>(a, parallel);
}

template <class T>
void cumprod(const args::Cumulative<T>& a, const Parallel& parallel) {
  accumulate<Multiplying>(a, parallel);
}

}  // namespace
}  // namespace lockstep
