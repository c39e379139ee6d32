#pragma once
// Windows that slide over images, and where all that they see can be read.
//
// A slide is one dimension of it. Window t sees `reach` neighbouring elements of the input, from t stride - pad on. What it
// sees outside of the input is the border, and counts as 0. The taps of a kernel meet elements of the window that are
// `dilation` apart. Size 7, pad 1 and stride 2, under a kernel of 3 taps with dilation 2, hence reach 5:
//
//                  border                              border
//      input         [0]  x0  x1  x2  x3  x4  x5  x6  [0]
//      window 0       w0   .  w1   .  w2                        meets  0, x1, x3
//      window 1               w0   .  w1   .  w2                meets x1, x3, x5
//      window 2                       w0   .  w1   .  w2        meets x3, x5,  0
//                    |------------- span 9 ------------|

#include "../parallel.h"
#include "../simd/for-lanes.h"
#include "../sizes.h"

namespace lockstep {
namespace {

struct Slide {
  size_t size, windows, stride, reach;
  ptrdiff_t pad;  // negative where the first window starts behind the first element

  // Elements from the first that window 0 sees to the last that the last one sees.
  size_t span() const { return (windows - 1) * stride + reach; }
  bool staysInside() const { return pad <= 0 && span() + static_cast<size_t>(-pad) <= size; }
};

// Rows of windows are taken together as long as a copy of what they see has no more elements than this: a megabyte of floats.
constexpr size_t kMostCopied = 1 << 18;

// Images [height, width, channels] for rows of windows: row r, counted over the batch, is row r % down.windows of image
// r / down.windows. Images are read in place if no window leaves them. If one does, what a few rows see is copied, with its
// border, so that no reader has to ask where an image ends.
template <class T>
struct BorderedImages {
  Slide down, across;
  size_t pixel, row;  // elements from a pixel to the next, and from a row of pixels to the next
  bool inPlace;

  BorderedImages(Slide rows, Slide columns, size_t channels)
      : down(rows), across(columns), pixel(channels), row(0), inPlace(rows.staysInside() && columns.staysInside()) {
    row = area(inPlace ? across.size : across.span(), pixel);
  }

  // How many rows of windows to take together, at most `most`. The same on every target.
  size_t rowsTogether(size_t most) const {
    while (most > 1 && elements(most) > kMostCopied) most = quotientUp(most, 2);
    return most;
  }

  // Bytes of memory for the copy of what `rows` rows of windows see.
  size_t bytes(size_t rows) const { return roundUp(area(elements(rows), sizeof(T)), kAlignment); }

  // Returns an array with all that rows [first, last) of windows see: window 0 of row first + r starts at its element
  // starts[r], the next windows across.stride pixels further on each. The array is `memory` where it has to be a copy.
  const T* layOut(const T* images, size_t first, size_t last, T* memory, size_t* starts) const {
    T* to = memory;
    for (size_t r = first; r < last;) {
      const size_t image = r / down.windows, top = r % down.windows, count = least(down.windows - top, last - r);
      const T* const from = images + image * down.size * across.size * pixel;
      const size_t start = inPlace ? static_cast<size_t>(from - images) + top * down.stride * row + skipped()
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
  // At most so many are copied for `rows` rows of windows, which may begin and end in the middle of an image.
  size_t elements(size_t rows) const {
    if (inPlace) return 0;
    const size_t images = least(rows, quotientUp(rows, down.windows) + 1);
    return area(rows * down.stride + images * down.reach, row);
  }

  // Elements of an image in place before its first window.
  size_t skipped() const { return static_cast<size_t>(-down.pad) * row + static_cast<size_t>(-across.pad) * pixel; }

  // to = what windows see of row y of an image: border, pixels, border. All of it is border where there is no row y.
  void copyRow(const T* image, ptrdiff_t y, T* to) const {
    const size_t span = across.span(), behind = across.pad < 0 ? static_cast<size_t>(-across.pad) : 0;
    const size_t border = across.pad > 0 ? least(static_cast<size_t>(across.pad), span) : 0;
    const bool isInside = y >= 0 && static_cast<size_t>(y) < down.size && behind < across.size;
    const size_t count = isInside ? least(span - border, across.size - behind) : 0;
    const size_t begin = isInside ? border * pixel : 0, end = begin + count * pixel;
    clearAll(to, begin);
    if (isInside) {
      const T* const from = image + (static_cast<size_t>(y) * across.size + behind) * pixel;
      forVectors<T>(0, end - begin, [&](auto tag, size_t i) { tag.store(to + begin + i, tag.load(from + i)); });
    }
    clearAll(to + end, row - end);
  }
};

}  // namespace
}  // namespace lockstep
