#pragma once
// What a target says of an update rule. simd/each.h finds it out from the rule itself.

#include <cstddef>
#include <cstdint>

namespace lockstep {

constexpr size_t kMaxOperands = 8;
constexpr size_t kMaxScalars = 18;
// The last scalars of every step: what the gradient is multiplied by as it is read, and the limit of what that gives.
constexpr size_t kClipScalars = 2;
constexpr size_t kMaxDots = 4;

// Elements [begin, end) of one tensor: see `each` in simd/each.h.
using StepFunction = void (*)(const double* scalars, void* const* operands, size_t begin, size_t end, double* dots);

struct Rule {
  const char* name;
  uint32_t operands;  // arrays a tensor brings: the parameter, its gradient, its states
  uint32_t written;   // bit k: operand k is written
  uint32_t scalars;   // numbers a step brings
  uint32_t dots;      // dot products gathered per chunk
  StepFunction step32;
  StepFunction step64;
};

}  // namespace lockstep
