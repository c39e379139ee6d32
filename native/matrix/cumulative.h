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
#include "tasks.h"

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

// So many lines go on side by side: one alone waits for each of its sums.
constexpr size_t kLinesAtOnce = 4;

// Lines of neighbours, from the element `start` on.
template <class Operation, size_t kLines, class T>
inline void accumulateLines(const args::Cumulative<T>& a, size_t start) {
  double numbers[kLines];
  for (double& number : numbers) number = Operation::kNeutral;
  for (size_t r = 0; r < a.count; ++r) {
    const size_t place = start + (a.reverse ? a.count - 1 - r : r);
    for (size_t l = 0; l < kLines; ++l) accumulateAt<Operation, Lane<T>>(a, place + l * a.count, numbers + l);
  }
}

template <class Operation, class T>
inline void accumulate(const args::Cumulative<T>& a, const Parallel& parallel) {
  const size_t count = a.count, inner = a.inner;
  const auto place = [&](size_t r) { return a.reverse ? count - 1 - r : r; };
  if (inner == 1) {
    return forRanges(parallel, a.outer, rowGrain(count), [&](size_t begin, size_t end) {
      size_t o = begin;
      for (; o + kLinesAtOnce <= end; o += kLinesAtOnce) accumulateLines<Operation, kLinesAtOnce>(a, o * count);
      for (; o < end; ++o) accumulateLines<Operation, 1>(a, o * count);
    });
  }
  const auto none = [](size_t, size_t) {};
  forLines(parallel, a.outer, count, inner, none, [&](size_t o, size_t first, size_t width) {
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
