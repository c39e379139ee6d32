#pragma once
// Four dimensions of an array whose elements lie anywhere: a start, and elements from one index of a dimension to the next.
// The functions are static: see sizes.h.

#include "../sizes.h"

namespace lockstep {

// Elements that the last index of a dimension is away from the first.
static constexpr size_t reachOf(size_t size, ptrdiff_t step) {
  const size_t length = step < 0 ? size_t{0} - static_cast<size_t>(step) : static_cast<size_t>(step);
  return size == 0 ? 0 : area(size - 1, length);
}

static constexpr bool isEmpty(const size_t* sizes) {
  return sizes[0] == 0 || sizes[1] == 0 || sizes[2] == 0 || sizes[3] == 0;
}

// Elements that are read before the first one.
static constexpr size_t reachBack(const size_t* sizes, const ptrdiff_t* steps) {
  size_t reach = 0;
  for (size_t d = 0; d < 4 && !isEmpty(sizes); ++d) reach = plus(reach, steps[d] < 0 ? reachOf(sizes[d], steps[d]) : 0);
  return reach;
}

// Elements that the array must have.
static constexpr size_t stridedExtent(const size_t* sizes, size_t start, const ptrdiff_t* steps) {
  if (isEmpty(sizes)) return 0;
  size_t extent = plus(start, 1);
  for (size_t d = 0; d < 4; ++d) extent = plus(extent, steps[d] > 0 ? reachOf(sizes[d], steps[d]) : 0);
  return extent;
}

// Whether a step reaches over all of the dimensions after it: then no two indices mean the same element.
static constexpr bool isNested(const size_t* sizes, const ptrdiff_t* steps) {
  size_t inside = 1;
  for (size_t d = 4; d-- > 0 && !isEmpty(sizes);) {
    if (sizes[d] == 1) continue;
    if (steps[d] < 0 || static_cast<size_t>(steps[d]) < inside) return false;
    inside = plus(inside, reachOf(sizes[d], steps[d]));
  }
  return true;
}

}  // namespace lockstep
