#pragma once
// to[i * toStep + j] = from[j * fromStep + i] for a square block as wide as a vector, where the target has no way of its
// own. Rows are stored in their order, as packPanel relies on: `toStep` may be less than a vector.

#include "simd.h"

namespace lockstep {
namespace {

template <class T>
inline void transpose(const T* from, size_t fromStep, T* to, size_t toStep) {
  for (size_t i = 0; i < Vec<T>::kLanes; ++i) {
    for (size_t j = 0; j < Vec<T>::kLanes; ++j) to[i * toStep + j] = from[j * fromStep + i];
  }
}

}  // namespace
}  // namespace lockstep
