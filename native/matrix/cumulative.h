#pragma once
// Running sums and products along an axis: a line is one chain in double, rounded where it is written.
// Mirror: src/backend/typescript/matrix/cumulative.ts.

#include "../parallel.h"
#include "../simd/for-lanes.h"
#include "../simd/lane.h"
#include "../simd/reduce.h"
#include "../simd/transpose.h"
#include "../simd/widen.h"
#include "columns.h"
#include "reduction-arguments.h"
#include "reductions.h"
#include "tasks.h"

namespace lockstep {
namespace {

// The next elements of a vector of lines, or of one, whose numbers so far are `numbers`.
template <class Operation, class V>
inline void accumulateAt(bool exclusive, const typename V::Element* x, double* numbers, typename V::Element* out) {
  using W = WideOf<V, double>;
  constexpr size_t kParts = V::kLanes / W::kLanes;
  W wide[kParts];
  widen(V::load(x), wide);
  for (size_t part = 0; part < kParts; ++part) {
    double* const number = numbers + part * W::kLanes;
    const W before = W::load(number), after = Operation::join(before, wide[part]);
    after.store(number);
    wide[part] = exclusive ? before : after;
  }
  V result;
  narrow(wide, result);
  result.store(out);
}

// Lines of neighbours, as many as a vector has lanes: squares of them are turned, so that each lane has a line.
template <class Operation, class T>
inline void accumulateLines(const args::Cumulative<T>& a, const T* x, T* out) {
  constexpr size_t kLanes = Vec<T>::kLanes;
  const size_t count = a.count, whole = count / kLanes * kLanes;
  double numbers[kLanes];
  for (double& number : numbers) number = Operation::kNeutral;
  alignas(64) T square[kLanes * kLanes];
  for (size_t r = 0; r < whole; r += kLanes) {
    const size_t first = a.reverse ? count - kLanes - r : r;
    transpose(x + first, count, square, kLanes);
#pragma GCC unroll 2
    for (size_t i = 0; i < kLanes; ++i) {
      T* const at = square + (a.reverse ? kLanes - 1 - i : i) * kLanes;
      accumulateAt<Operation, Vec<T>>(a.exclusive, at, numbers, at);
    }
    transpose(square, kLanes, out + first, count);
  }
  for (size_t r = whole; r < count; ++r) {
    const size_t place = a.reverse ? count - 1 - r : r;
    for (size_t l = 0; l < kLanes; ++l) {
      accumulateAt<Operation, Lane<T>>(a.exclusive, x + l * count + place, numbers + l, out + l * count + place);
    }
  }
}

template <class Operation, class T>
inline void accumulateLine(const args::Cumulative<T>& a, const T* x, T* out) {
  double number = Operation::kNeutral;
  for (size_t r = 0; r < a.count; ++r) {
    const size_t place = a.reverse ? a.count - 1 - r : r;
    accumulateAt<Operation, Lane<T>>(a.exclusive, x + place, &number, out + place);
  }
}

template <class Operation, class T>
inline void accumulate(const args::Cumulative<T>& a, const Parallel& parallel) {
  const size_t count = a.count, inner = a.inner;
  const auto place = [&](size_t r) { return a.reverse ? count - 1 - r : r; };
  if (inner == 1) {
    constexpr size_t kLanes = Vec<T>::kLanes;
    const size_t rows = rowGrain(count), grain = a.outer < kLanes ? rows : roundUp(rows, kLanes);
    return forRanges(parallel, a.outer, grain, [&](size_t begin, size_t end) {
      size_t o = begin;
      if constexpr (kLanes > 1) {
        for (; o + kLanes <= end; o += kLanes) accumulateLines<Operation>(a, a.x + o * count, a.out + o * count);
      }
      for (; o < end; ++o) accumulateLine<Operation>(a, a.x + o * count, a.out + o * count);
    });
  }
  const auto none = [](size_t, size_t) {};
  forLines(parallel, a.outer, count, inner, none, [&](size_t o, size_t first, size_t width) {
    double numbers[kColumnBlock];
    for (double& number : numbers) number = Operation::kNeutral;
    for (size_t r = 0; r < count; ++r) {
      const size_t start = (o * count + place(r)) * inner + first;
      forLanes<T>(0, width, [&](auto tag, size_t c) {
        accumulateAt<Operation, typename decltype(tag)::Type>(a.exclusive, a.x + start + c, numbers + c,
                                                              a.out + start + c);
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
