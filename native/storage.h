#pragma once
// How the operands of a rule may be stored: as the numbers they are, or as fewer bits of float32. Mirror:
// src/backend/contract/storage.ts.

#include <cstddef>
#include <cstdint>

#include "rule.h"
#include "sizes.h"

namespace lockstep {

// kBFloat16: two bytes an element, the upper half of float32. kSigned8, kUnsigned8: a byte an element, and behind all of them a
// float32 for each block of elements, its largest magnitude, at whatever address: see simd/packed.h.
enum class Storage : uint8_t { kPlain, kBFloat16, kSigned8, kUnsigned8 };

constexpr size_t kPackedBlock = 256;

static constexpr size_t bytesOf(Storage storage, size_t length) {
  if (storage == Storage::kPlain) return area(length, sizeof(float));
  if (storage == Storage::kBFloat16) return area(length, 2);
  return plus(length, area(quotientUp(length, kPackedBlock), sizeof(float)));
}

// The operands of one tensor of float32, of which some are packed.
struct PackedOperands {
  void* const* data;
  const Storage* storages;
  size_t length;
};

// As StepFunction, which it calls; `begin` is a multiple of kPackedBlock. `key`: of the random words that rounding takes.
using PackedStepFunction = void (*)(const Rule& rule, const double* scalars, uint32_t key,
                                    const PackedOperands& operands, size_t begin, size_t end);

}  // namespace lockstep
