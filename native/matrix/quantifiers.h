#pragma once
// Whether any or all elements of a mask are true, along an axis. Mirror: src/backend/typescript/matrix/quantifiers.ts.

#include "../parallel.h"
#include "columns.h"
#include "reduction-arguments.h"

namespace lockstep {
namespace {

// Whether there is an element that is 0, or not, as `kZero` says: `all` asks for the first and says the contrary.
template <bool kZero, class T>
inline void quantify(const args::Quantifier<T>& a, const Parallel& parallel) {
  const T* const x = a.x;
  T* const out = a.out;
  const size_t count = a.count, inner = a.inner;
  forLines(
      parallel, a.outer, count, inner,
      [=](size_t o, size_t start) {
        T found = 0;
        for (size_t i = 0; i < count; ++i) found |= (x[start + i] == 0) == kZero;
        out[o] = found != kZero;
      },
      [=](size_t o, size_t first, size_t width) {
        T found[kColumnBlock] = {};
        for (size_t r = 0; r < count; ++r) {
          const T* const row = x + (o * count + r) * inner + first;
          for (size_t c = 0; c < width; ++c) found[c] |= (row[c] == 0) == kZero;
        }
        for (size_t c = 0; c < width; ++c) out[o * inner + first + c] = found[c] != kZero;
      });
}

template <class T>
void any(const args::Quantifier<T>& a, const Parallel& parallel) {
  quantify<false>(a, parallel);
}
template <class T>
void all(const args::Quantifier<T>& a, const Parallel& parallel) {
  quantify<true>(a, parallel);
}

}  // namespace
}  // namespace lockstep
