#pragma once
// Layouts: how operands are repeated to fill a result [outer, rows, columns]. Bit 3 operand + dimension of a layout says
// that the operand has one element where the result has many. The functions are static: see sizes.h.

#include "../sizes.h"

namespace lockstep {

static constexpr bool isRepeated(size_t layout, size_t operand, size_t dimension) {
  return (layout >> (3 * operand + dimension) & 1) != 0;
}

// How many elements the operand has.
static constexpr size_t operandSize(size_t layout, size_t operand, size_t outer, size_t rows, size_t columns) {
  return area(area(isRepeated(layout, operand, 0) ? 1 : outer, isRepeated(layout, operand, 1) ? 1 : rows),
              isRepeated(layout, operand, 2) ? 1 : columns);
}

}  // namespace lockstep
