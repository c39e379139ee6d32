#pragma once
// Which pixels an output lies between, along one dimension: as TensorFlow has it.
// Mirror: src/backend/typescript/matrix/resize-axis.ts.

#include "../sizes.h"
#include "resize-arguments.h"

namespace lockstep {
namespace {

// An output is (1 - fraction) of pixel `lower` and `fraction` of `upper`, the next one; or where there is no fraction the same.
struct Between {
  size_t lower, upper;
  double fraction;

  double weightOf(size_t pixel) const { return pixel == lower ? 1 - fraction : fraction; }
};

enum class Resizing { kBilinear, kNearest };

struct ResizeAxis {
  size_t size, outputs;
  bool alignCorners, halfPixelCenters;
  Resizing method;
  double ratio;

  ResizeAxis(size_t pixels, size_t results, const args::Resize& g, Resizing how)
      : size(pixels),
        outputs(results),
        alignCorners(g.alignCorners),
        halfPixelCenters(g.halfPixelCenters),
        method(how),
        ratio(g.alignCorners && results > 1 ? static_cast<double>(pixels - 1) / static_cast<double>(results - 1)
                                            : static_cast<double>(pixels) / static_cast<double>(results)) {}

  size_t nearest(size_t output) const {
    const double source = ratio * (static_cast<double>(output) + (halfPixelCenters ? 0.5 : 0));
    const size_t below = static_cast<size_t>(source);
    // Half up
    const bool up = alignCorners && source - static_cast<double>(below) >= 0.5;
    return least(size - 1, below + up);
  }

  Between between(size_t output) const {
    if (method == Resizing::kNearest) {
      const size_t pixel = nearest(output);
      return {pixel, pixel, 0};
    }
    const double number = static_cast<double>(output), last = static_cast<double>(size - 1);
    const double source = halfPixelCenters ? ratio * (number + 0.5) - 0.5 : ratio * number;
    const double place = source < 0 ? 0 : source > last ? last : source;
    const size_t lower = static_cast<size_t>(place);
    const double fraction = place - static_cast<double>(lower);
    return {lower, fraction > 0 ? lower + 1 : lower, fraction};
  }

  // The first output whose lower, or upper, pixel is not before this one: they only ever grow.
  size_t firstAt(size_t Between::*side, size_t pixel) const {
    size_t begin = 0, end = outputs;
    while (begin < end) {
      const size_t middle = begin + (end - begin) / 2;
      if (between(middle).*side < pixel) {
        begin = middle + 1;
      } else {
        end = middle;
      }
    }
    return begin;
  }
};

inline ResizeAxis downOf(const args::Resize& g, Resizing method) { return {g.inHeight, g.outHeight, g, method}; }
inline ResizeAxis acrossOf(const args::Resize& g, Resizing method) { return {g.inWidth, g.outWidth, g, method}; }

}  // namespace
}  // namespace lockstep
