#pragma once
// The calls that the self-test makes of a kernel: their sizes, flags and memory.

#include <cstring>

#include "element-type.h"
#include "samples.h"
#include "sizes.h"

namespace lockstep {
namespace {

// Where the arrays of one call lie, and what is between them.
class Arena {
 public:
  void clear() { used_ = pieces_ = 0; }

  // An array filled with numbers, which starts `shift` elements behind an aligned place. Null where it is too large.
  template <class E>
  __attribute__((noinline)) E* take(size_t count, size_t shift) {
    const size_t start = used_ + shift * sizeof(E), bytes = area(count, sizeof(E));
    if (bytes > kBytes || start + bytes + kGap > kBytes || pieces_ == kMostPieces) return nullptr;
    std::memset(bytes_ + used_, 0, start - used_);
    E* const data = reinterpret_cast<E*>(bytes_ + start);
    // Each array other ones.
    const size_t first = pieces_ * 31;
    for (size_t i = 0; i < count; i += kNumbers) {
      std::memcpy(data + i, Numbered<E>::all + first, least(count - i, kNumbers) * sizeof(E));
    }
    used_ = roundUp(start + bytes, kAlignment) + kGap;
    std::memset(bytes_ + start + bytes, 0, used_ - start - bytes);
    pieces[pieces_++] = {start, count, kElementType<E>};
    return data;
  }

  // Whether two calls left the same: also beside the arrays, where neither may have written.
  bool agrees(const Arena& other) const {
    if (std::memcmp(bytes_, other.bytes_, used_) == 0) return true;
    size_t end = 0;
    for (size_t p = 0; p < pieces_; ++p) {
      const Piece& piece = pieces[p];
      if (std::memcmp(bytes_ + end, other.bytes_ + end, piece.start - end) != 0 || !agreesIn(piece, other))
        return false;
      end = piece.start + piece.count * bytesOf(piece.type);
    }
    return std::memcmp(bytes_ + end, other.bytes_ + end, used_ - end) == 0;
  }

  static void prepare() {
    Numbered<float>::fill();
    Numbered<double>::fill();
    Numbered<int32_t>::fill();
    Numbered<uint8_t>::fill();
  }

 private:
  static constexpr size_t kBytes = 1 << 20, kGap = 64, kAlignment = 64, kMostPieces = 16, kNumbers = 4096;

  template <class E>
  struct Numbered {
    static inline E all[kNumbers + kMostPieces * 31];
    static void fill() {
      Numbers numbers;
      for (E& x : all) x = elementFrom<E>(numbers);
    }
  };

  struct Piece {
    size_t start, count;
    ElementType type;
  };

  bool agreesIn(const Piece& piece, const Arena& other) const {
    switch (piece.type) {
      case ElementType::kFloat:
        return allSame<float>(piece, other);
      case ElementType::kDouble:
        return allSame<double>(piece, other);
      default:
        return std::memcmp(bytes_ + piece.start, other.bytes_ + piece.start, piece.count * bytesOf(piece.type)) == 0;
    }
  }

  template <class E>
  bool allSame(const Piece& piece, const Arena& other) const {
    const E* x = reinterpret_cast<const E*>(bytes_ + piece.start);
    const E* y = reinterpret_cast<const E*>(other.bytes_ + piece.start);
    for (size_t i = 0; i < piece.count; ++i) {
      if (!same(x[i], y[i])) return false;
    }
    return true;
  }

  alignas(kAlignment) unsigned char bytes_[kBytes];
  size_t used_ = 0, pieces_ = 0;
  Piece pieces[kMostPieces];
};

// Calls differ in their sizes. Those of the first kRests calls have all remainders modulo the widest vector, each argument in
// an order of its own; in as many after them the last of three sizes is 1, for which kernels have other paths; in the last ones
// one size is some vectors long and the others are small.
constexpr size_t kRests = 16, kLong = 2 * kRests, kCalls = kLong + 4;

// How a call and the kernel it is made of bear on sizes.
struct Shape {
  size_t call;
  size_t sizes;     // how many the kernel takes
  bool dimensions;  // whether the product of all of them counts

  // A vector of doubles is half as long as one of floats.
  template <class T>
  bool isNeeded() const {
    const bool isOther = call < kRests || call >= kLong || (sizes == 3 && !dimensions);
    return isOther && (sizeof(T) < sizeof(double) || call % kRests < kRests / 2);
  }

  __attribute__((noinline)) size_t size(size_t position) const {
    constexpr size_t kFactors[] = {1, 3, 5, 7, 11, 13}, kVectors[] = {3, 2, 5, 4}, kFew[] = {1, 2, 1, 3, 1, 2, 1, 1};
    const size_t rest = 1 + (call * kFactors[position % 6] + 5 * position) % kRests, few = kFew[(call + position) % 8];
    // The last dimensions are the innermost ones; of other sizes the first ones are no strides.
    const size_t place = dimensions ? sizes - 1 - position : position;
    if (call >= kLong) return place == call % least(sizes, 3) ? kRests * kVectors[call - kLong] + rest : few;
    if (sizes < 3) return rest;
    if (dimensions) return place == 0 || place == (sizes == 3 ? 1 : 2) ? rest : few;
    if (sizes > 3) return position > 0 ? rest : few;
    if (call < kRests) return position == 2 ? rest : few;
    return position == 2 ? 1 : position == 1 ? rest : few;
  }
};

// The visitor that makes the arguments of a call.
template <class T>
class Sample {
 public:
  Sample(Arena& arena, const Shape& shape) : arena_(arena), shape_(shape), call_(shape.call) { arena.clear(); }

  // The same call, with what the kernel takes.
  Shape shape() const { return {call_, sizes_, dimensions_}; }

  // False where the arrays are too large.
  bool fits() const { return fits_; }

  // All combinations of three within 8 calls: Gray's code, for sizes follow the lowest bit.
  void flag(const char*, bool& value) { value = ((call_ ^ call_ / 2) >> flags_++ & 1) != 0; }
  // What has a layout has three to five sizes, after it.
  void layout(const char*, size_t& value, size_t count) {
    value = (call_ * 5 + (count + 2) / 4 + 1) % count;
    dimensions();
  }
  void size(const char*, size_t& value, size_t least = 0) {
    value = shape_.size(sizes_++);
    if (value < least) value = least + call_ % 3;
  }
  // Different along the two dimensions, and some taps outside.
  __attribute__((noinline)) void window(const char*, size_t& value, size_t least) {
    constexpr size_t kWindows[] = {5, 4, 3, 3, 2, 3, 1, 2, 1, 1, 1, 0, 2};
    const size_t draw = call_ * 37 + windows_ * 11;
    value = call_ % 8 == 4 ? kWindows[windows_ % 13] : least + draw / 5 % 2;
    ++windows_;
    dimensions_ = true;
  }
  void atMost(const char*, size_t count, size_t most) { fits_ = fits_ && count <= most; }
  void dimensions() {
    dimensions_ = true;
    sizes_ = 0;
  }
  void place(const char*, size_t&) {}
  void step(const char*, ptrdiff_t&) {}
  // The last dimension backwards, or all in order.
  void readsAt(const size_t* sizes, size_t& start, ptrdiff_t* steps, const char*) {
    inOrder(sizes, steps);
    start = 0;
    if (call_ % 2 == 0 || sizes[3] == 0) return;
    steps[3] = -1;
    start = sizes[3] - 1;
  }
  void writesAt(const size_t* sizes, size_t& start, ptrdiff_t* steps, const char*) {
    inOrder(sizes, steps);
    start = 0;
  }
  void choice(const char*, size_t& value, size_t count) { value = call_ % count; }
  void scalar(const char*, double& value) {
    constexpr double kScalars[] = {0.75, 1, 0, 0.5};
    value = kScalars[(call_ / 3 + scalars_++) % 4];
  }
  __attribute__((noinline)) void labels(const char*, const int32_t*& values, size_t count, size_t classes,
                                        int32_t lowest = 0, bool = false) {
    int32_t* const drawn = take<int32_t>(count);
    for (size_t i = 0; drawn != nullptr && i < count; ++i) {
      const size_t draw = i * 7 + call_;
      drawn[i] = lowest < 0 && draw % 9 == 8 ? lowest : static_cast<int32_t>(draw % classes);
    }
    values = drawn;
  }
  void integerInput(const char* name, const int32_t*& values, size_t count) { labels(name, values, count, 12, -1); }
  void integers(const char*, int32_t*& values, size_t count) { values = take<int32_t>(count); }
  void mask(const char*, const uint8_t*& values, size_t count) { values = take<uint8_t>(count); }
  void maskOutput(const char*, uint8_t*& values, size_t count) { values = take<uint8_t>(count); }
  void anyInput(const char*, const void*& values, ElementType& type, size_t count) {
    anyElement(call_, [&](auto zero) { anyOf<decltype(zero)>(values, type, count); });
  }
  void input(const char*, const T*& values, size_t count) { values = take<T>(count); }
  void optionalInput(const char*, const T*& values, bool present, size_t count) {
    values = present ? take<T>(count) : nullptr;
  }
  void inputOrOutput(const char*, const T*& values, size_t count) {
    T* const data = take<T>(count);
    values = data;
    if (shared_ == nullptr) shared_ = data, sharedCount_ = count;
  }
  // Where it may be, every third one is the input.
  void output(const char*, T*& values, size_t count) {
    const bool isShared = shared_ != nullptr && count == sharedCount_ && call_ % 3 == 1;
    values = isShared ? shared_ : take<T>(count);
    if (isShared) shared_ = nullptr;
  }

 private:
  static void inOrder(const size_t* sizes, ptrdiff_t* steps) {
    ptrdiff_t step = 1;
    for (size_t d = 4; d-- > 0; step *= static_cast<ptrdiff_t>(sizes[d])) steps[d] = step;
  }

  template <class E>
  __attribute__((noinline)) E* take(size_t count) {
    E* const data = fits_ ? arena_.take<E>(count, call_ % 2) : nullptr;
    fits_ = data != nullptr;
    return data;
  }

  template <class E>
  void anyOf(const void*& values, ElementType& type, size_t count) {
    type = kElementType<E>;
    values = take<E>(count);
  }

  Arena& arena_;
  const Shape shape_;
  const size_t call_;
  size_t flags_ = 0, sizes_ = 0, windows_ = 0, scalars_ = 0;
  bool fits_ = true, dimensions_ = false;
  T* shared_ = nullptr;
  size_t sharedCount_ = 0;
};

}  // namespace
}  // namespace lockstep
