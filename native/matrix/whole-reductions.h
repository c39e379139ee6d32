#pragma once
// Reductions of whole numbers along an axis, and where the largest or smallest are: modulo 2^32, so that their order is nobody's
// business, in plain loops. Mirror: see reductions.h and positions.h.

#include "../parallel.h"
#include "../simd/lane.h"
#include "cast.h"
#include "columns.h"
#include "plain-rows.h"
#include "reduction-arguments.h"

namespace lockstep {
namespace {

constexpr int32_t kMostWhole = 0x7fffffff, kLeastWhole = -kMostWhole - 1;

struct WholeSum {
  static constexpr int32_t kNeutral = 0;
  static int32_t join(int32_t a, int32_t b) { return (Lane<int32_t>(a) + Lane<int32_t>(b)).v; }
};
struct WholeProd {
  static constexpr int32_t kNeutral = 1;
  static int32_t join(int32_t a, int32_t b) { return (Lane<int32_t>(a) * Lane<int32_t>(b)).v; }
};
struct WholeAmax {
  static constexpr int32_t kNeutral = kLeastWhole;
  static int32_t join(int32_t a, int32_t b) { return a > b ? a : b; }
  static bool better(int32_t x, int32_t best) { return x > best; }
};
struct WholeAmin {
  static constexpr int32_t kNeutral = kMostWhole;
  static int32_t join(int32_t a, int32_t b) { return a < b ? a : b; }
  static bool better(int32_t x, int32_t best) { return x < best; }
};

template <class R>
inline int32_t reduceWholeRow(const int32_t* x, size_t count) {
  int32_t result = R::kNeutral;
  for (size_t i = 0; i < count; ++i) result = R::join(result, x[i]);
  return result;
}

// The result times alpha, towards 0.
template <class R>
inline void reduceWhole(const args::Reduction<int32_t>& a, const Parallel& parallel) {
  const int32_t* const x = a.x;
  int32_t* const out = a.out;
  const size_t count = a.count, inner = a.inner;
  const double alpha = a.alpha;
  forLines(
      parallel, a.outer, count, inner,
      [=](size_t o, size_t start) { out[o] = toInt32(alpha * reduceWholeRow<R>(x + start, count)); },
      [=](size_t o, size_t first, size_t width) {
        int32_t results[kColumnBlock];
        for (size_t c = 0; c < width; ++c) results[c] = R::kNeutral;
        for (size_t r = 0; r < count; ++r) {
          const int32_t* const row = x + (o * count + r) * inner + first;
          for (size_t c = 0; c < width; ++c) results[c] = R::join(results[c], row[c]);
        }
        for (size_t c = 0; c < width; ++c) out[o * inner + first + c] = toInt32(alpha * results[c]);
      });
}

template <class R>
inline void findWhole(const args::Positions<int32_t>& a, const Parallel& parallel) {
  const int32_t* const x = a.x;
  int32_t* const out = a.out;
  const size_t count = a.count, inner = a.inner;
  forLines(
      parallel, a.outer, count, inner,
      [=](size_t o, size_t start) {
        const int32_t best = reduceWholeRow<R>(x + start, count);
        // Another thread may write to x meanwhile: then it may be nowhere.
        size_t where = 0;
        while (where + 1 < count && x[start + where] != best) ++where;
        out[o] = static_cast<int32_t>(where);
      },
      [=](size_t o, size_t first, size_t width) {
        int32_t best[kColumnBlock], places[kColumnBlock] = {};
        for (size_t c = 0; c < width; ++c) best[c] = x[o * count * inner + first + c];
        for (size_t r = 1; r < count; ++r) {
          const int32_t* const row = x + (o * count + r) * inner + first;
          for (size_t c = 0; c < width; ++c) {
            const int32_t number = row[c];
            const bool isBetter = R::better(number, best[c]);
            places[c] = isBetter ? static_cast<int32_t>(r) : places[c];
            best[c] = isBetter ? number : best[c];
          }
        }
        for (size_t c = 0; c < width; ++c) out[o * inner + first + c] = places[c];
      });
}

}  // namespace
}  // namespace lockstep
