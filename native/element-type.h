#pragma once
// The element types of arrays of which a call may have any, told at run time.

#include <cstddef>
#include <cstdint>

namespace lockstep {

enum class ElementType { kFloat, kDouble, kInt32, kUint8 };

template <class T>
constexpr ElementType kElementType = ElementType::kFloat;
template <>
inline constexpr ElementType kElementType<double> = ElementType::kDouble;
template <>
inline constexpr ElementType kElementType<int32_t> = ElementType::kInt32;
template <>
inline constexpr ElementType kElementType<uint8_t> = ElementType::kUint8;

// Static: see sizes.h.
static constexpr size_t bytesOf(ElementType type) {
  return type == ElementType::kDouble ? 8 : type == ElementType::kUint8 ? 1 : 4;
}

}  // namespace lockstep
