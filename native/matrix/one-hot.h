#pragma once
// Rows that say a number by its place. Mirror: src/backend/typescript/matrix/one-hot.ts.

#include "../parallel.h"
#include "../sizes.h"
#include "cast.h"
#include "shape-arguments.h"
#include "tasks.h"

namespace lockstep {
namespace {

template <class T>
void oneHot(const args::OneHot<T>& a, const Parallel& parallel) {
  const T on = Cast<T>::of(a.onValue), off = Cast<T>::of(a.offValue);
  // Every number is read once, and checked then: another thread may write to the array meanwhile.
  const volatile int32_t* const indices = a.indices;
  forRanges(parallel, a.n, rowGrain(a.depth), [&](size_t begin, size_t end) {
    T* const out = a.out;
    const size_t depth = a.depth;
    for (size_t i = begin * depth; i < end * depth; ++i) out[i] = off;
    for (size_t r = begin; r < end; ++r) {
      const int32_t index = indices[r];
      if (index >= 0 && static_cast<size_t>(index) < depth) out[r * depth + static_cast<size_t>(index)] = on;
    }
  });
}

}  // namespace
}  // namespace lockstep
