#pragma once
// From one element type to another, as a JavaScript array of the other type converts what is stored into it, but that a
// Uint8Array is a mask. Mirror: src/backend/typescript/matrix/cast.ts.

#include "../element-type.h"
#include "../parallel.h"
#include "elementwise-arguments.h"
#include "plain-rows.h"

namespace lockstep {
namespace {

// Towards 0, modulo 2^32; 0 for what is not finite.
__attribute__((noinline)) int32_t toInt32(double x) {
  uint64_t bits;
  __builtin_memcpy(&bits, &x, sizeof bits);
  // x = +-mantissa 2^exponent
  const int32_t exponent = static_cast<int32_t>(bits >> 52 & 0x7ff) - 1075;
  const uint64_t mantissa = (bits & 0x000fffffffffffff) | 0x0010000000000000;
  if (exponent >= 32 || exponent <= -53) return 0;
  const uint32_t magnitude = static_cast<uint32_t>(exponent < 0 ? mantissa >> -exponent : mantissa << exponent);
  return static_cast<int32_t>(x < 0 ? uint32_t{0} - magnitude : magnitude);
}

template <class Out>
struct Cast {
  template <class X>
  static Out of(X x) {
    return static_cast<Out>(x);
  }
};
template <>
struct Cast<int32_t> {
  static int32_t of(double x) { return toInt32(x); }
  static int32_t of(int32_t x) { return x; }
  static int32_t of(uint8_t x) { return x; }
};
template <>
struct Cast<uint8_t> {
  template <class X>
  static uint8_t of(X x) {
    return x != 0;
  }
};

template <class Out, class X>
inline void castElements(const Parallel& parallel, size_t count, const void* x, Out* out) {
  mapElements<Cast<Out>>(parallel, count, static_cast<const X*>(x), out);
}

// Vectors for those that int32_t has, which nearly all are: the others of a block are looked at once more.
template <class X>
inline void truncateElements(const Parallel& parallel, size_t count, const void* numbers, int32_t* out) {
  constexpr size_t kBlock = 256;
  const X* const x = static_cast<const X*>(numbers);
  forRanges(parallel, count, kElementGrain, [=](size_t begin, size_t end) {
    for (size_t first = begin; first < end; first += kBlock) {
      const size_t last = least(end, first + kBlock);
      int32_t others = 0;
      LOCKSTEP_INDEPENDENT
      for (size_t i = first; i < last; ++i) {
        const X number = x[i];
        const bool fits = number < X(0x1p31) && number > X(-0x1p31);
        others |= !fits;
        out[i] = static_cast<int32_t>(fits ? number : X(0));
      }
      for (size_t i = first; others != 0 && i < last; ++i) out[i] = toInt32(static_cast<double>(x[i]));
    }
  });
}
template <>
inline void castElements<int32_t, float>(const Parallel& parallel, size_t count, const void* x, int32_t* out) {
  truncateElements<float>(parallel, count, x, out);
}
template <>
inline void castElements<int32_t, double>(const Parallel& parallel, size_t count, const void* x, int32_t* out) {
  truncateElements<double>(parallel, count, x, out);
}

template <class T>
void cast(const args::Cast<T>& a, const Parallel& parallel) {
  switch (a.type) {
    case ElementType::kFloat:
      return castElements<T, float>(parallel, a.n, a.x, a.out);
    case ElementType::kDouble:
      return castElements<T, double>(parallel, a.n, a.x, a.out);
    case ElementType::kInt32:
      return castElements<T, int32_t>(parallel, a.n, a.x, a.out);
    case ElementType::kUint8:
      return castElements<T, uint8_t>(parallel, a.n, a.x, a.out);
  }
}

}  // namespace
}  // namespace lockstep
