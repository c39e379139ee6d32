#pragma once
// Loops over plain elements, which the compiler turns into vectors, for what has other types than float and double in it. There
// is one loop for each function and its types: an operand that has one element for a row is written out into a buffer first.

#include "../parallel.h"
#include "../simd/for-lanes.h"
#include "../simd/lane.h"
#include "../sizes.h"
#include "elementwise.h"
#include "layout.h"
#include "shape-arguments.h"
#include "tasks.h"

// The iterations of the loop that follows do not meet: an output is an input element for element, or none.
#if defined(__clang__)
#define LOCKSTEP_INDEPENDENT _Pragma("clang loop vectorize(assume_safety)")
// It would rather be asked for vectors than told that there may be some: divisions of whole numbers stay what they are.
#pragma clang diagnostic ignored "-Wpass-failed"
#else
#define LOCKSTEP_INDEPENDENT _Pragma("GCC ivdep")
#endif

namespace lockstep {
namespace {

// An element of whatever type, by its size: float and int32_t have one function.
template <size_t kBytes>
struct Bits {
  typedef uint8_t Type;
};
template <>
struct Bits<4> {
  typedef uint32_t __attribute__((may_alias)) Type;
};
template <>
struct Bits<8> {
  typedef uint64_t __attribute__((may_alias)) Type;
};

// out[i] = F::of(x[i])
template <class F, class X, class Out>
inline void mapElements(const Parallel& parallel, size_t count, const X* x, Out* out) {
  forRanges(parallel, count, kElementGrain, [=](size_t begin, size_t end) {
    // Copies: bytes that are written may be those of the pointers in the closure.
    const X* const from = x;
    Out* const to = out;
    LOCKSTEP_INDEPENDENT
    for (size_t i = begin; i < end; ++i) to[i] = F::of(from[i]);
  });
}

// `count` elements of a result from as many of each operand.
using PlainRow = void (*)(const void* const* operands, void* out, size_t count);

template <class F, class A, class B, class Out>
void rowOfTwo(const void* const* operands, void* result, size_t count) {
  const A* a = static_cast<const A*>(operands[0]);
  const B* b = static_cast<const B*>(operands[1]);
  Out* out = static_cast<Out*>(result);
  LOCKSTEP_INDEPENDENT
  for (size_t i = 0; i < count; ++i) out[i] = F::of(a[i], b[i]);
}

struct PlainOperand {
  const void* data;
  size_t bytes;  // of an element
};

// Elements of a buffer: it stays in the first-level cache.
constexpr size_t kWrittenOut = 256;

template <size_t kBytes>
inline void repeat(const void* element, void* to, size_t count) {
  using Element = typename Bits<kBytes>::Type;
  const Element value = *static_cast<const Element*>(element);
  for (size_t i = 0; i < count; ++i) static_cast<Element*>(to)[i] = value;
}
inline void repeat(size_t bytes, const void* element, void* to, size_t count) {
  if (bytes == 1) return repeat<1>(element, to, count);
  return bytes == 4 ? repeat<4>(element, to, count) : repeat<8>(element, to, count);
}

// The result [outer, rows, columns], a row or a part of one at a time.
template <size_t N>
__attribute__((noinline)) void forPlainRows(const Parallel& parallel, size_t layout, size_t outer, size_t rows,
                                            size_t columns, const PlainOperand (&operands)[N], void* out,
                                            size_t outBytes, PlainRow row) {
  size_t steps[N][3];
  bool isAnyFixed = false;
  for (size_t k = 0; k < N; ++k) {
    const size_t sizes[] = {outer, rows, columns};
    size_t step = 1;
    for (size_t d = 3; d-- > 0;) {
      steps[k][d] = isRepeated(layout, k, d) ? 0 : step;
      if (steps[k][d] != 0) step *= sizes[d];
    }
    isAnyFixed = isAnyFixed || steps[k][2] == 0;
  }
  forRanges(parallel, outer * rows * columns, kElementGrain, [&](size_t begin, size_t end) {
    alignas(64) unsigned char buffers[N][kWrittenOut * sizeof(double)];
    const unsigned char* written[N] = {};
    size_t lengths[N] = {};
    while (begin < end) {
      const size_t line = begin / columns, first = begin % columns, o = line / rows, r = line % rows;
      size_t count = least(columns - first, end - begin);
      if (isAnyFixed) count = least(count, kWrittenOut);
      const void* sources[N];
      for (size_t k = 0; k < N; ++k) {
        const size_t place = o * steps[k][0] + r * steps[k][1] + first * steps[k][2];
        const unsigned char* source = static_cast<const unsigned char*>(operands[k].data) + place * operands[k].bytes;
        sources[k] = source;
        if (steps[k][2] != 0) continue;
        if (written[k] != source || lengths[k] < count) {
          repeat(operands[k].bytes, source, buffers[k], count);
          written[k] = source;
          lengths[k] = count;
        }
        sources[k] = buffers[k];
      }
      row(sources, static_cast<unsigned char*>(out) + begin * outBytes, count);
      begin += count;
    }
  });
}

// out = F::of(a, b) of vectors, or of lanes.
template <class F, class T>
void rowOfNumbers(const void* const* operands, void* result, size_t count) {
  const T* a = static_cast<const T*>(operands[0]);
  const T* b = static_cast<const T*>(operands[1]);
  T* out = static_cast<T*>(result);
  if constexpr (kIsFloat<T>) {
    forVectors<T>(0, count, [=](auto tag, size_t i) { tag.store(out + i, F::of(tag.load(a + i), tag.load(b + i))); });
  } else {
    LOCKSTEP_INDEPENDENT
    for (size_t i = 0; i < count; ++i) out[i] = F::of(Lane<T>(a[i]), Lane<T>(b[i])).v;
  }
}

template <class F, class T>
inline void forNumbers(const args::Binary<T>& a, const Parallel& parallel) {
  forPlainRows<2>(parallel, a.layout, a.outer, a.rows, a.columns, {{a.a, sizeof(T)}, {a.b, sizeof(T)}}, a.out,
                  sizeof(T), rowOfNumbers<F, T>);
}

}  // namespace
}  // namespace lockstep
