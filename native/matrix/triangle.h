#pragma once
// Matrices with 0 on one side of a diagonal. Mirror: src/backend/typescript/matrix/triangle.ts.

#include "../parallel.h"
#include "../simd/for-lanes.h"
#include "shape-arguments.h"
#include "tasks.h"

namespace lockstep {
namespace {

template <class T>
void triangle(const args::Triangle<T>& a, const Parallel& parallel) {
  const size_t rows = a.rows, columns = a.columns;
  forRanges(parallel, a.outer * rows, rowGrain(columns), [&](size_t begin, size_t end) {
    for (size_t r = begin; r < end; ++r) {
      // The first element of the row that is right of what the lower triangle keeps, or is in the upper one.
      const double place = static_cast<double>(r % rows) + a.diagonal + (a.upper ? 0 : 1);
      const double most = static_cast<double>(columns);
      const size_t cut = !(place > 0) ? 0 : static_cast<size_t>(place < most ? place : most);
      const T* const x = a.x + r * columns;
      T* const out = a.out + r * columns;
      const size_t kept = a.upper ? cut : 0, length = a.upper ? columns - cut : cut;
      if (x != out) copyAll(x + kept, out + kept, length);
      for (size_t c = a.upper ? 0 : cut; c < (a.upper ? cut : columns); ++c) out[c] = 0;
    }
  });
}

}  // namespace
}  // namespace lockstep
