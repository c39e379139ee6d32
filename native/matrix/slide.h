#pragma once
// Images that windows slide over, with all that a window sees there to be read.

#include "../parallel.h"
#include "../simd/for-lanes.h"
#include "../sizes.h"

namespace lockstep {
namespace {

// Along one dimension: output t of `outputs` sees `reach` places of the input from t stride - pad on. Those outside of
// [0, size) are zeros.
struct Slide {
  size_t size, outputs, stride, reach;
  ptrdiff_t pad;

  size_t seen() const { return (outputs - 1) * stride + reach; }
  bool staysInside() const { return pad <= 0 && seen() + static_cast<size_t>(-pad) <= size; }
};

// Rows of outputs are taken together as long as what they see, with its border, has this many elements: a megabyte of floats.
constexpr size_t kTogether = 1 << 18;

// Rows of outputs, which are counted over the batch, and the images that they see: in place, or copied with a border.
template <class T>
struct Bordered {
  Slide down, across;
  size_t pixel, row;  // elements from one pixel to the next, from one row to the next
  bool inPlace;

  Bordered(Slide rows, Slide columns, size_t channels)
      : down(rows), across(columns), pixel(channels), row(0), inPlace(rows.staysInside() && columns.staysInside()) {
    row = area(inPlace ? across.size : across.seen(), pixel);
  }

  // How many rows of outputs to take together, at most `most`. The same on every target.
  size_t rowsTogether(size_t most) const {
    while (most > 1 && elements(most) > kTogether) most = quotientUp(most, 2);
    return most;
  }

  // Bytes that the images of `rows` rows of outputs take.
  size_t bytes(size_t rows) const { return roundUp(area(elements(rows), sizeof(T)), kAlignment); }

  // Returns images with what rows [first, last) see; the windows of row first + r start at starts[r] in them.
  const T* layOut(const T* images, size_t first, size_t last, T* memory, size_t* starts) const {
    T* to = memory;
    for (size_t r = first; r < last;) {
      const size_t image = r / down.outputs, top = r % down.outputs, count = least(down.outputs - top, last - r);
      const T* const from = images + image * down.size * across.size * pixel;
      const size_t start = inPlace ? static_cast<size_t>(from - images) + top * down.stride * row + outside()
                                   : static_cast<size_t>(to - memory);
      for (size_t i = 0; i < count; ++i) starts[r - first + i] = start + i * down.stride * row;
      r += count;
      if (inPlace) continue;
      const ptrdiff_t y = static_cast<ptrdiff_t>(top * down.stride) - down.pad;
      const ptrdiff_t rows = static_cast<ptrdiff_t>((count - 1) * down.stride + down.reach);
      for (ptrdiff_t i = y; i < y + rows; ++i, to += row) copyRow(from, i, to);
    }
    return inPlace ? images : memory;
  }

 private:
  size_t elements(size_t rows) const {
    if (inPlace) return 0;
    const size_t images = least(rows, quotientUp(rows, down.outputs) + 1);
    return area(rows * down.stride + images * down.reach, row);
  }

  // Elements before the first window, where there are no borders.
  size_t outside() const { return static_cast<size_t>(-down.pad) * row + static_cast<size_t>(-across.pad) * pixel; }

  void copyRow(const T* image, ptrdiff_t y, T* to) const {
    const size_t seen = across.seen(), skipped = across.pad < 0 ? static_cast<size_t>(-across.pad) : 0;
    const size_t border = across.pad > 0 ? least(static_cast<size_t>(across.pad), seen) : 0;
    const bool isInside = y >= 0 && static_cast<size_t>(y) < down.size && skipped < across.size;
    const size_t count = isInside ? least(seen - border, across.size - skipped) : 0;
    const size_t begin = isInside ? border * pixel : 0, end = begin + count * pixel;
    clearAll(to, begin);
    if (isInside) {
      const T* const from = image + (static_cast<size_t>(y) * across.size + skipped) * pixel;
      forVectors<T>(0, end - begin, [&](auto tag, size_t i) { tag.store(to + begin + i, tag.load(from + i)); });
    }
    clearAll(to + end, row - end);
  }
};

}  // namespace
}  // namespace lockstep
