#pragma once
// Argument values for any kernel that describes itself through `visit`, and the calls that result from them.

#include <algorithm>
#include <string>

#include "../chunks.h"
#include "../matrix/strides.h"
#include "memory.h"

namespace lockstep {

constexpr size_t kSmallSizes = 33;
constexpr size_t kLargeSizes[] = {63, 64, 65, 4099, 3 * kReductionChunk + 5};
// All sizes of a kernel are made this large at once, but not larger: its work may grow with their product.
constexpr size_t kLargestProduct = 65;
constexpr size_t kLargestOfWindows = 17;
constexpr size_t kThreads[] = {1, 2, 3, 7};

// Windows over images that are large enough for everything that is done in blocks, and for several threads: their
// arguments and sizes in the order of `visit`, as many as a kernel takes.
struct Image {
  size_t windows[13], sizes[3];
};
constexpr Image kImages[] = {
    // Windows that overlap, more terms and outputs than a block has, more outputs in all than a slice of the weight's
    // gradient has: where any of these is cut otherwise, other sums round.
    {{14, 14, 14, 14, 3, 3, 1, 1, 1, 1, 1, 1, 1}, {7, 40, 8}},
    {{27, 25, 12, 11, 3, 2, 2, 2, 2, 1, 1, 0, 2}, {9, 48, 3}},
    // The same in a single row of the window, of the outputs.
    {{3, 300, 3, 300, 3, 3, 1, 1, 1, 1, 1, 1, 1}, {1, 110, 5}},
    // Pixels of one number; taps that see nothing but what is around the image.
    {{20, 20, 20, 20, 17, 17, 1, 1, 1, 1, 8, 8, 1}, {5, 1, 3}},
    // More outputs than pixels.
    {{9, 11, 25, 29, 1, 1, 1, 1, 1, 1, 0, 0, 1}, {6, 24, 3}},
    // Each channel by itself.
    {{14, 14, 14, 14, 3, 3, 1, 1, 1, 1, 1, 1, 40}, {7, 1, 1}},
};

// What a kernel takes, counted.
struct Counts {
  size_t sizes = 0, flags = 0, layouts = 0, windows = 0, inPlace = 0;

  void flag(const char*, bool&) { ++flags; }
  void layout(const char*, size_t&, size_t) { ++layouts; }
  void size(const char*, size_t&, size_t = 0) { ++sizes; }
  void window(const char*, size_t&, size_t) { ++windows; }
  void atMost(const char*, size_t, size_t) {}
  void choice(const char*, size_t&, size_t) {}
  void dimensions() { ++layouts; }
  void place(const char*, size_t&) {}
  void step(const char*, ptrdiff_t&) {}
  void readsAt(const size_t*, size_t&, ptrdiff_t*, const char*) {}
  void writesAt(const size_t*, size_t&, ptrdiff_t*, const char*) {}
  void scalar(const char*, double&) {}
  void labels(const char*, const int32_t*&, size_t, size_t, int32_t = 0, bool = false) {}
  void integerInput(const char*, const int32_t*&, size_t) {}
  void integers(const char*, int32_t*&, size_t) {}
  void mask(const char*, const uint8_t*&, size_t) {}
  void maskOutput(const char*, uint8_t*&, size_t) {}
  void anyInput(const char*, const void*&, ElementType&, size_t) {}
  template <class T>
  void input(const char*, const T*&, size_t) {}
  template <class T>
  void optionalInput(const char*, const T*&, bool, size_t) {}
  template <class T>
  void inputOrOutput(const char*, const T*&, size_t) {
    ++inPlace;
  }
  template <class T>
  void output(const char*, T*&, size_t) {}
};

// One choice of all arguments.
struct Case {
  size_t index;
  size_t size;
  size_t axis;   // which of the sizes is `size`; all of them where there is none of this number
  bool product;  // whether the sizes are those of the dimensions of one array: the others are then smaller
  size_t flags;
  bool inPlace;
  bool flat;  // the last of three sizes is 1: kernels over an axis have another path there
  Values values;
  const Image* image;  // whose sizes these are, or null: drawn ones

  bool large() const { return image != nullptr || size >= kLargeSizes[0]; }

  // The sizes that are not under test are small, and different from each other.
  size_t sizeAt(size_t position, size_t sizes) const {
    if (image != nullptr) return image->sizes[position];
    if (flat && position == 2) return 1;
    constexpr size_t kOthers[] = {17, 9, 33, 5, 12, 7}, kFewer[] = {3, 5, 18, 2}, kFewest[] = {3, 2, 5, 2};
    if (position == axis || axis >= sizes) return size;
    if (!product && size <= kLargestProduct) return kOthers[position % 6];
    return sizes > 3 && size > kLargestProduct ? kFewest[position % 4] : kFewer[position % 4];
  }

  double scalarAt(size_t position) const {
    constexpr double kScalars[] = {0.75, 0, 1, -0.5};
    return kScalars[(index % 13 + position) % 4];
  }

  std::string text() const {
    char line[160];
    if (image != nullptr) {
      std::snprintf(line, sizeof line, "image %td, flags %zu (case %zu)", image - kImages, flags, index);
      return line;
    }
    std::snprintf(line, sizeof line, "size %zu for argument %zu, flags %zu, %s%s, values %d (case %zu)", size, axis,
                  flags, inPlace ? "in place" : "apart", flat ? ", flat" : "", static_cast<int>(values), index);
    return line;
  }
};

// f(case) for every case of a kernel with these counts.
template <class F>
void forCases(const Counts& counts, const F& f) {
  size_t index = 0;
  const auto forSize = [&](size_t size) {
    const bool windows = counts.windows > 0, layouts = counts.layouts > 0 || windows;
    const bool overAxis = counts.sizes == 3 && !windows;
    const size_t largest = windows ? kLargestOfWindows : counts.sizes > 3 ? kSmallSizes : kLargestProduct;
    const size_t axes = counts.sizes > 1 && size <= largest ? counts.sizes + 1 : counts.sizes;
    // Of an array with several dimensions, the last one alone is made very large: the others make no other work.
    const size_t firstAxis = layouts && size > kLargestProduct ? counts.sizes - 1 : 0;
    for (size_t axis = firstAxis; axis < axes; ++axis) {
      for (size_t flags = 0; flags < size_t{1} << counts.flags; ++flags) {
        for (size_t inPlace = 0; inPlace <= (counts.inPlace > 0 ? 1 : 0); ++inPlace) {
          for (size_t flat = 0; flat <= (overAxis && axis != 2 ? 1 : 0); ++flat, ++index) {
            f(Case{index, size, axis, layouts, flags, inPlace == 1, flat == 1, kAllValues[(index + size) % 3],
                   nullptr});
          }
        }
      }
    }
  };
  for (size_t size = 0; size <= kSmallSizes; ++size) forSize(size);
  for (const size_t size : kLargeSizes) forSize(size);
  if (counts.windows == 0) return;
  for (const Image& image : kImages) {
    for (size_t flags = 0; flags < size_t{1} << counts.flags; ++flags, ++index) {
      // Numbers of one order of magnitude: among very large ones, and NaN, no order of additions shows.
      f(Case{index, 0, 0, true, flags, false, false, Values::kPlain, &image});
    }
  }
}

// The visitor that turns a case into arguments and their memory.
template <class T>
class Arguments {
 public:
  Arguments(const Case& chosen, const Counts& counts, Call& call) : case_(chosen), counts_(counts), call_(call) {}

  // False where the arguments make no call: labels of no class.
  bool valid() const { return valid_; }

  void flag(const char*, bool& value) { value = (case_.flags >> flags_++ & 1) != 0; }
  // Neighbouring cases have different ones: all of them would be too many.
  void layout(const char*, size_t& value, size_t count) { value = case_.index * 29 % count; }
  void size(const char*, size_t& value, size_t least = 0) {
    value = case_.sizeAt(sizes_++, counts_.sizes);
    if (value < least) value = least + case_.index % 3;
  }
  // Small, but for some: every combination would be too many.
  void window(const char*, size_t& value, size_t least) {
    if (case_.image != nullptr) {
      value = case_.image->windows[windows_++];
      return;
    }
    const size_t draw = case_.index * 37 + windows_++ * 11;
    value = least + draw / 5 % 4 + (draw % 29 == 0 ? 17 : 0);
  }
  void atMost(const char*, size_t count, size_t most) { valid_ = valid_ && count <= most; }
  void choice(const char*, size_t& value, size_t count) { value = case_.index % count; }
  void dimensions() {}
  void place(const char*, size_t&) {}
  void step(const char*, ptrdiff_t&) {}
  // Dimension by dimension in order, backwards, over every other element, or the same one again.
  void readsAt(const size_t* sizes, size_t& start, ptrdiff_t* steps, const char*) {
    constexpr ptrdiff_t kFactors[] = {1, 1, -1, 0, 2, 1, -2};
    ptrdiff_t inner = 1;
    for (size_t d = 4; d-- > 0;) {
      steps[d] = kFactors[(case_.index / (d + 1) + d) % 7] * inner;
      inner *= static_cast<ptrdiff_t>(sizes[d] == 0 ? 1 : sizes[d]);
    }
    start = reachBack(sizes, steps) + case_.index % 3;
  }
  // Side by side, or with gaps.
  void writesAt(const size_t* sizes, size_t& start, ptrdiff_t* steps, const char*) {
    constexpr size_t kGaps[] = {0, 0, 1, 0, 2};
    size_t inner = 1;
    for (size_t d = 4; d-- > 0;) {
      steps[d] = static_cast<ptrdiff_t>(inner + kGaps[(case_.index / (d + 1) + d) % 5]);
      inner += reachOf(sizes[d], steps[d]);
    }
    start = case_.index % 4;
  }
  void scalar(const char*, double& value) { value = case_.scalarAt(scalars_++); }
  void labels(const char*, const int32_t*& values, size_t count, size_t classes, int32_t lowest = 0, bool = false) {
    valid_ = valid_ && (count == 0 || classes > 0);
    call_.labels.emplace_back(count);
    for (size_t i = 0; i < count && classes > 0; ++i) {
      call_.labels.back()[i] =
          i % 5 == 4 && lowest < 0 ? lowest : static_cast<int32_t>((i * 7 + case_.index) % classes);
    }
    values = call_.labels.back().data();
  }
  void integers(const char*, int32_t*& values, size_t count) {
    call_.arrays.emplace_back(count, 0, values);
    std::fill_n(values, count, -1);
  }
  // In [-1, 34).
  void integerInput(const char*, const int32_t*& values, size_t count) {
    call_.labels.emplace_back(count);
    for (size_t i = 0; i < count; ++i) call_.labels.back()[i] = static_cast<int32_t>((i * 7 + case_.index) % 35) - 1;
    values = call_.labels.back().data();
  }
  void mask(const char*, const uint8_t*& values, size_t count) { values = add<uint8_t>(count); }
  void maskOutput(const char*, uint8_t*& values, size_t count) { values = add<uint8_t>(count); }
  void anyInput(const char*, const void*& values, ElementType& type, size_t count) {
    anyElement(case_.index, [&](auto zero) { anyOf<decltype(zero)>(values, type, count); });
  }
  void input(const char*, const T*& values, size_t count) { values = add(count); }
  void optionalInput(const char*, const T*& values, bool present, size_t count) {
    values = present ? add(count) : nullptr;
  }
  void inputOrOutput(const char*, const T*& values, size_t count) {
    T* const data = add(count);
    values = data;
    if (shared_ == nullptr) shared_ = data, sharedCount_ = count;
  }
  void output(const char*, T*& values, size_t count) {
    const bool share = case_.inPlace && shared_ != nullptr && count == sharedCount_;
    values = share ? shared_ : add(count);
    if (share) sharedCount_ = SIZE_MAX;
  }

 private:
  template <class E = T>
  E* add(size_t count) {
    E* data;
    call_.arrays.emplace_back(count, case_.index % 2 * call_.arrays.size(), data);
    Filling<E>{call_.arrays.size(), case_.values, 32}(data, count);
    return data;
  }

  template <class E>
  void anyOf(const void*& values, ElementType& type, size_t count) {
    type = kElementType<E>;
    values = add<E>(count);
  }

  const Case& case_;
  const Counts& counts_;
  Call& call_;
  size_t flags_ = 0, sizes_ = 0, windows_ = 0, scalars_ = 0;
  bool valid_ = true;
  T* shared_ = nullptr;
  size_t sharedCount_ = 0;
};

}  // namespace lockstep
