#pragma once
// Arithmetic of sizes. The functions are static, for every target has its own: Note [One definition, several instruction
// sets] in targets/table.h.

#include <cstddef>
#include <cstdint>

namespace lockstep {

// Sizes come from JavaScript as integers up to 2^53; a wider intermediate result would round twice.
static_assert(sizeof(size_t) == 8, "sizes are taken to have 64 bits");

// Positions are int32.
constexpr size_t kMostPositions = 0x7fffffff;

static constexpr size_t least(size_t x, size_t y) { return x < y ? x : y; }

// Sums and products of sizes saturate instead of wrapping, so that no buffer is ever long enough for one that does not fit.
static constexpr size_t plus(size_t x, size_t y) { return x > SIZE_MAX - y ? SIZE_MAX : x + y; }
static constexpr size_t area(size_t rows, size_t columns) {
  return columns != 0 && rows > SIZE_MAX / columns ? SIZE_MAX : rows * columns;
}

// How many units hold x, and what they hold.
static constexpr size_t quotientUp(size_t x, size_t unit) { return x == 0 ? 0 : (x - 1) / unit + 1; }
static constexpr size_t roundUp(size_t x, size_t unit) { return area(quotientUp(x, unit), unit); }
static_assert(quotientUp(SIZE_MAX, 64) == SIZE_MAX / 64 + 1 && roundUp(SIZE_MAX - 1, 64) == SIZE_MAX, "");

// Elements from the first to the last one of a matrix whose rows start `stride` elements apart.
static constexpr size_t extent(size_t rows, size_t columns, size_t stride) {
  if (rows == 0 || columns == 0) return 0;
  return plus(area(rows - 1, stride), columns);
}

}  // namespace lockstep
