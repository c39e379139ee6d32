#pragma once
// Convolutions as matrix products. A patch is what a window sees, as a row of kernelHeight kernelWidth channels numbers in the
// order of the weight: a block of patches is laid out in the second-level cache and multiplied while it is there
// (Chellapilla, Puri & Simard 2006, https://inria.hal.science/inria-00112631). Channels come last: a row of a patch is one run
// of memory. Mirror: src/backend/typescript/matrix/convolution.ts.
#include "window.h"

using args::Convolution;

// A block of patches is laid out in parts of at most this many columns: 96 KB of floats.
constexpr size_t kPartColumns = kDepth;
// The same on every target, whatever its tiles: blocks and parts are the order in which a pixel of dx gets its gradients.
constexpr size_t kBlockRows = 96;

// Outputs to a block of the weight's gradient: terms of one chain.
constexpr size_t kWeightRows = kDepth;

// The weight's gradient is summed in this many slices at most, each over neighbouring blocks, and then slice by slice.
constexpr size_t kSlices = 16;
constexpr size_t kSliceBlocks = 4;
constexpr size_t kSliceElements = 1 << 23;

inline size_t outputsOf(const Convolution& g) { return g.batch * g.outHeight * g.outWidth; }
inline size_t patchOf(const Convolution& g) { return g.kernelHeight * g.kernelWidth * g.channels; }
inline bool isDepthwise(const Convolution& g) { return g.channels == 1 && g.outChannels == 1 && g.groups > 1; }

// Every patch is the pixel below it.
inline bool isPointwise(const Convolution& g) {
  return g.kernelHeight * g.kernelWidth * g.strideHeight * g.strideWidth == 1 && g.padTop + g.padLeft == 0 &&
         g.outHeight == g.height && g.outWidth == g.width;
}

inline size_t workersFor(const Convolution& g, size_t tasks, const Parallel& parallel) {
  return least(tasks, mostTasks(area(area(outputsOf(g), patchOf(g)), area(g.groups, g.outChannels)), parallel));
}

// Elements from one row of a matrix to the next such that rows are not in each other's way in the caches.
template <class T>
inline size_t withoutAliases(size_t columns) {
  return columns * sizeof(T) % kAliasingBytes == 0 ? columns + Vec<T>::kLanes : columns;
}

// Patches as rows of a matrix, of which a part of the columns is there at a time. `turned`, they are its columns: where
// pixels are single numbers, a tap of neighbouring outputs is a longer run of memory than the taps of an output.
template <class T>
struct Patches {
  const Convolution& g;
  const T* end;  // of the images
  size_t patch, pixel;
  Parts parts;
  bool turned;
  size_t stride;

  // For blocks of at most `rows` of them.
  Patches(const Convolution& convolution, const T* images, size_t rows, bool mayTurn)
      : g(convolution),
        end(images + g.batch * g.height * g.width * g.groups * g.channels),
        patch(patchOf(g)),
        pixel(g.groups * g.channels),
        parts(patch, kPartColumns),
        turned(mayTurn && pixel == 1 && g.strideWidth == 1),
        stride(withoutAliases<T>(turned ? rows + Vec<T>::kLanes : parts.size(0))),
        size(roundUp(((turned ? parts.size(0) : rows) * stride + Vec<T>::kLanes) * sizeof(T), kAlignment)) {}

  // Bytes that a block takes, with the vector that goes beyond the last of it.
  size_t bytes() const { return size; }

  // A block as the rows of A; its transpose, the same as columns of B.
  Side<T> outputs(const T* rows) const { return {rows, turned ? 1 : stride, turned ? stride : 1}; }
  Side<T> taps(const T* rows) const { return {rows, turned ? stride : 1, turned ? 1 : stride}; }

  // A part of the patches of outputs [first, last) of a group, whose first channel is where `images` starts.
  void layOut(const T* images, size_t part, size_t first, size_t last, T* rows) const {
    if (turned) return layOutTurned(images, part, first, last, rows);
    const size_t begin = parts.start(part), stop = parts.start(part + 1);
    forOutputs(g, first, last, [&](size_t image, size_t row, size_t column, size_t place) {
      const T* const from = images + image * g.height * g.width * pixel;
      // Each may write over the start of the next, which is written after it.
      T* const to = rows + place * stride - begin;
      size_t done = begin;
      forRuns(rowTaps(g, row), columnTaps(g, column), begin, stop, [&](size_t tap, size_t at, size_t count) {
        if (done < tap) clear(to + done, tap - done);
        copy(from + at, count, to + tap);
        done = tap + count;
      });
      if (done < stop) clear(to + done, stop - done);
    });
  }

  // Adds them to the pixels they stand for, in their order.
  void addBack(const T* rows, size_t part, size_t first, size_t last, T* images) const {
    const size_t begin = parts.start(part), stop = parts.start(part + 1);
    forOutputs(g, first, last, [&](size_t image, size_t row, size_t column, size_t place) {
      T* const to = images + image * g.height * g.width * pixel;
      const T* const from = rows + place * stride - begin;
      forRuns(rowTaps(g, row), columnTaps(g, column), begin, stop, [&](size_t tap, size_t at, size_t count) {
        forLanes<T>(0, count, [&](auto tag, size_t i) {
          using V = typename decltype(tag)::Type;
          (V::load(to + at + i) + V::load(from + tap + i)).store(to + at + i);
        });
      });
    });
  }

 private:
  size_t size;

  void layOutTurned(const T* images, size_t part, size_t first, size_t last, T* rows) const {
    for (size_t tap = parts.start(part); tap < parts.start(part + 1); ++tap, rows += stride) {
      const size_t down = tap / g.kernelWidth * g.dilationHeight, across = tap % g.kernelWidth * g.dilationWidth;
      // Outputs [from, to) of a row have this tap inside.
      const size_t from = least(g.padLeft > across ? g.padLeft - across : 0, g.outWidth);
      const size_t to = least(g.width + g.padLeft > across ? g.width + g.padLeft - across : 0, g.outWidth);
      forOutputRows(g, first, last, [&](size_t image, size_t row, size_t begin, size_t stop, size_t place) {
        const size_t y = row * g.strideHeight + down;
        const bool inside = y >= g.padTop && y - g.padTop < g.height;
        const size_t left = inside ? least(begin < from ? from : begin, stop) : stop;
        const size_t right = left < to ? least(stop, to) : left;
        // Each may write over the start of the next, which is written after it.
        T* const out = rows + place;
        clear(out, left - begin);
        if (left < right) {
          copy(images + (image * g.height + y - g.padTop) * g.width + left + across - g.padLeft, right - left,
               out + (left - begin));
        }
        clear(out + (right - begin), stop - right);
      });
    }
  }

  // f(tap, at, count): elements [tap, tap + count) of a patch, in [begin, stop), are neighbours in the image, from `at` on.
  template <class F>
  void forRuns(Taps down, Taps across, size_t begin, size_t stop, const F& f) const {
    const bool whole = across.step == 1 && pixel == g.channels;
    const size_t taps = across.end - across.begin, run = whole ? taps * g.channels : g.channels;
    const size_t runs = taps == 0 ? 0 : whole ? 1 : taps;
    for (size_t i = down.begin; i < down.end; ++i) {
      const size_t row = down.pixel + (i - down.begin) * down.step;
      size_t at = (row * g.width + across.pixel) * pixel;
      size_t tap = (i * g.kernelWidth + across.begin) * g.channels;
      for (size_t j = 0; j < runs; ++j, tap += g.channels, at += across.step * pixel) {
        const size_t from = tap < begin ? begin : tap, to = least(tap + run, stop);
        if (from < to) f(from, at + (from - tap), to - from);
      }
    }
  }

  static void clear(T* to, size_t count) {
    for (size_t i = 0; i < count; i += Vec<T>::kLanes) Vec<T>(T(0)).store(to + i);
  }

  // Whole vectors, where the images do not end.
  void copy(const T* from, size_t count, T* to) const {
    using V = Vec<T>;
    if (count + V::kLanes <= static_cast<size_t>(end - from)) {
      for (size_t i = 0; i < count; i += V::kLanes) V::load(from + i).store(to + i);
    } else {
      for (size_t i = 0; i < count; ++i) to[i] = from[i];
    }
  }
};

template <class T>
inline void clearAll(T* to, size_t count) {
  forLanes<T>(0, count, [&](auto tag, size_t i) { typename decltype(tag)::Type(T(0)).store(to + i); });
}

// A product on the calling thread.
template <class T>
inline void multiplyAlone(const Product<T>& product, void* memory) {
  const Grid<T> grid(product, 1);
  for (size_t task = 0; task < grid.tasks(); ++task) grid.run(product, task, memory);
}

template <class T>
inline void convolve(const args::conv2dForward<T>& g, const Parallel& parallel) {
  const size_t outputs = outputsOf(g), ldy = g.groups * g.outChannels, wanted = workersFor(g, outputs, parallel);
  const size_t rows = least(kBlockRows, roundUp(quotientUp(outputs, wanted), kTileRows));
  const Patches<T> patches(g, g.x, rows, true);
  const size_t patch = patches.patch;
  const bool inPlace = isPointwise(g);
  const Side<T> side = inPlace ? Side<T>{nullptr, patches.pixel, 1} : patches.outputs(nullptr);
  const size_t blocks = quotientUp(outputs, rows), workers = least(blocks, wanted);
  // Transposed once, the weight is read in order by every block.
  const size_t ldw = withoutAliases<T>(g.outChannels);
  // Each part adds a block of terms to the same outputs.
  const auto productOf = [&](const T* turned, size_t count, size_t part, size_t group, Side<T> a, T* c) {
    const bool isLast = part + 1 == patches.parts.count;
    const T* const weight = turned + (group * patch + patches.parts.start(part)) * ldw;
    const T* const bias = g.biased && isLast ? g.bias + group * g.outChannels : nullptr;
    return Product<T>{count, g.outChannels,        patches.parts.size(part),         a, {weight, 1, ldw}, c, ldy,
                      T(1),  T(part == 0 ? 0 : 1), {bias, isLast ? g.activation : 0}};
  };
  const size_t patchBytes = inPlace ? 0 : patches.bytes();
  const size_t bytes = patchBytes + Grid<T>(productOf(nullptr, rows, 0, 0, side, nullptr), 1).bytes();
  const size_t weightBytes = roundUp(area(area(g.groups * patch, ldw) + Vec<T>::kLanes, sizeof(T)), kAlignment);
  char* const scratch = static_cast<char*>(parallel.scratch(parallel, weightBytes + area(workers, bytes)));
  if (scratch == nullptr) return;
  T* const turned = reinterpret_cast<T*>(scratch);
  for (size_t group = 0; group < g.groups; ++group) {
    const T* const weight = g.weight + group * g.outChannels * patch;
    packPanel(Side<T>{weight, patch, 1}, g.outChannels, g.outChannels, ldw, patch, turned + group * patch * ldw);
  }
  char* const memory = scratch + weightBytes;
  forTasksUnless(workers == 1, parallel, workers, [&](size_t worker) {
    T* const laidOut = reinterpret_cast<T*>(memory + worker * bytes);
    for (size_t block = worker; block < blocks; block += workers) {
      const size_t first = block * rows, last = least(first + rows, outputs);
      for (size_t group = 0; group < g.groups; ++group) {
        const T* const x = g.x + group * g.channels;
        T* const y = g.y + first * ldy + group * g.outChannels;
        for (size_t part = 0; part < patches.parts.count; ++part) {
          if (!inPlace) patches.layOut(x, part, first, last, laidOut);
          Side<T> a = side;
          a.start = inPlace ? x + first * patches.pixel + patches.parts.start(part) : laidOut;
          multiplyAlone(productOf(turned, last - first, part, group, a, y), memory + worker * bytes + patchBytes);
        }
      }
    }
  });
}

// An image of dx belongs to one thread, to which patches of gradients are added in the order of the outputs.
template <class T>
inline void convolveBack(const args::conv2dBackwardInput<T>& g, const Parallel& parallel) {
  const size_t outputs = g.outHeight * g.outWidth, ldy = g.groups * g.outChannels;
  const size_t workers = workersFor(g, g.batch, parallel), rows = least(kBlockRows, outputs);
  const Patches<T> patches(g, g.dx, rows, false);
  const size_t patch = patches.patch;
  const auto productOf = [&](size_t count, size_t part, size_t group, const T* dy, T* laidOut) {
    const T* const weight = g.weight + group * g.outChannels * patch + patches.parts.start(part);
    return Product<T>{count,   patches.parts.size(part), g.outChannels, {dy, ldy, 1}, {weight, 1, patch},
                      laidOut, patches.stride,           T(1),          T(0),         {nullptr, 0}};
  };
  const size_t patchBytes = patches.bytes();
  const size_t bytes = patchBytes + Grid<T>(productOf(rows, 0, 0, nullptr, nullptr), 1).bytes();
  char* const memory = static_cast<char*>(parallel.scratch(parallel, area(workers, bytes)));
  if (memory == nullptr) return;
  const size_t imageSize = g.height * g.width * patches.pixel;
  forTasksUnless(workers == 1, parallel, workers, [&](size_t worker) {
    T* const laidOut = reinterpret_cast<T*>(memory + worker * bytes);
    for (size_t image = worker; image < g.batch; image += workers) {
      T* const dx = g.dx + image * imageSize;
      if (!g.accumulate) clearAll(dx, imageSize);
      for (size_t group = 0; group < g.groups; ++group) {
        for (size_t first = 0; first < outputs; first += rows) {
          const size_t last = least(first + rows, outputs);
          const T* const dy = g.dy + (image * outputs + first) * ldy + group * g.outChannels;
          for (size_t part = 0; part < patches.parts.count; ++part) {
            multiplyAlone(productOf(last - first, part, group, dy, laidOut), memory + worker * bytes + patchBytes);
            patches.addBack(laidOut, part, first, last, dx + group * g.channels);
          }
        }
      }
    }
  });
}

// How blocks of kWeightRows outputs are dealt out to sums: a function of the shape alone.
inline Parts slicesOf(const Convolution& g) {
  const size_t blocks = quotientUp(outputsOf(g), kWeightRows);
  const size_t fitting = least(kSliceElements / (g.groups * g.outChannels * patchOf(g)) + 2, kSlices);
  return Parts(blocks, quotientUp(blocks, least(fitting, quotientUp(blocks, kSliceBlocks))));
}

// weight[i] += each slice's sum, in their order.
template <class T>
inline void addSlices(const T* sums, size_t slices, size_t size, T* weight, const Parallel& parallel) {
  forRanges(parallel, slices == 0 ? 0 : size, rowGrain(slices), [&](size_t begin, size_t end) {
    for (size_t slice = 0; slice < slices; ++slice) {
      const T* const from = sums + slice * size;
      forLanes<T>(begin, end, [&](auto tag, size_t i) {
        using V = typename decltype(tag)::Type;
        (V::load(weight + i) + V::load(from + i)).store(weight + i);
      });
    }
  });
}

template <class T>
inline void convolveWeight(const args::conv2dBackwardWeight<T>& g, const Parallel& parallel) {
  const Parts slices = slicesOf(g);
  const size_t outputs = outputsOf(g), ldy = g.groups * g.outChannels;
  const size_t workers = workersFor(g, slices.count, parallel), rows = least(kWeightRows, outputs);
  const Patches<T> patches(g, g.x, rows, true);
  const size_t patch = patches.patch, size = ldy * patch;
  const auto productOf = [&](size_t terms, size_t part, const T* dy, const T* laidOut, T* c, bool joins) {
    return Product<T>{
        g.outChannels, patches.parts.size(part), terms,       {dy, 1, ldy}, patches.taps(laidOut), c, patch,
        T(1),          T(joins ? 1 : 0),         {nullptr, 0}};
  };
  const size_t patchBytes = patches.bytes();
  const size_t bytes = patchBytes + Grid<T>(productOf(rows, 0, nullptr, nullptr, nullptr, true), 1).bytes();
  const size_t sumBytes = roundUp(area(area(size, sizeof(T)), slices.count - 1), kAlignment);
  char* const memory = static_cast<char*>(parallel.scratch(parallel, sumBytes + area(workers, bytes)));
  if (memory == nullptr) return;
  T* const sums = reinterpret_cast<T*>(memory);
  forTasksUnless(workers == 1, parallel, workers, [&](size_t worker) {
    char* const own = memory + sumBytes + worker * bytes;
    T* const laidOut = reinterpret_cast<T*>(own);
    for (size_t slice = worker; slice < slices.count; slice += workers) {
      T* const sum = slice == 0 ? g.dWeight : sums + (slice - 1) * size;
      bool joins = slice == 0 && g.accumulate;
      for (size_t block = slices.start(slice); block < slices.start(slice + 1); ++block, joins = true) {
        const size_t first = block * rows, last = least(first + rows, outputs);
        for (size_t group = 0; group < g.groups; ++group) {
          const T* const dy = g.dy + first * ldy + group * g.outChannels;
          for (size_t part = 0; part < patches.parts.count; ++part) {
            patches.layOut(g.x + group * g.channels, part, first, last, laidOut);
            T* const c = sum + group * g.outChannels * patch + patches.parts.start(part);
            multiplyAlone(productOf(last - first, part, dy, laidOut, c, joins), own + patchBytes);
          }
        }
      }
    }
  });
  addSlices(sums, slices.count - 1, size, g.dWeight, parallel);
}
