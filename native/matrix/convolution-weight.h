#pragma once
// The gradient of a convolution's weight: after im2col, the transposed matrix of patches times dy. A row of A is an element
// of the patches, a tap and a channel; a term is an output. The elements of a run (convolution.h) are neighbours in the
// images, and the windows of a row of outputs a constant distance apart: tiles read the images where they are, and no patch
// is copied here either. B is dy as it lies, C the gradient.

#include "../parallel.h"
#include "../simd/for-lanes.h"
#include "../simd/simd.h"
#include "../sizes.h"
#include "convolution-axis.h"
#include "convolution.h"
#include "gemm-tile.h"
#include "gemm.h"
#include "slide.h"
#include "tasks.h"
#include "window-arguments.h"

namespace lockstep {
namespace {

// The most outputs of a block, whose terms are one chain of additions.
constexpr size_t kWeightOutputs = kBlockTerms;

// Neighbouring blocks are added up in a slice, and then the slices. There are so many slices at most, of so many blocks at
// least; and all of their sums have no more elements than this, but for the last slice.
constexpr size_t kSlices = 16;
constexpr size_t kSliceBlocks = 4;
constexpr size_t kSliceElements = 1 << 23;

// How blocks are dealt out to slices, whose sums have `size` elements each: a function of the shape alone.
inline Parts slicesOf(size_t blocks, size_t size) {
  const size_t fitting = least(kSliceElements / size + 1, kSlices);
  return Parts(blocks, quotientUp(blocks, least(fitting, quotientUp(blocks, kSliceBlocks))));
}

// dWeight[group][out][element] = the slices' sums[group][element][out], one slice after the other, plus dWeight where
// `accumulate`. The sums of the first slice are overwritten.
template <class T>
inline void addSlices(T* sums, size_t slices, size_t groups, size_t patch, size_t outs, T* dWeight, bool accumulate,
                      const Parallel& parallel) {
  constexpr size_t kGrain = 16;
  forRanges(parallel, groups * patch, kGrain, [&](size_t begin, size_t end) {
    for (size_t slice = 1; slice < slices; ++slice) {
      const T* const from = sums + slice * groups * patch * outs;
      forVectors<T>(begin * outs, end * outs,
                    [&](auto tag, size_t i) { tag.store(sums + i, tag.load(sums + i) + tag.load(from + i)); });
    }
    for (size_t out = 0; out < outs; ++out) {
      for (size_t element = begin; element < end; ++element) {
        T& to = dWeight[(element / patch * outs + out) * patch + element % patch];
        const T sum = sums[element * outs + out];
        to = accumulate ? to + sum : sum;
      }
    }
  });
}

// Adds up blocks of outputs in sums[group][element][out]: C, for each group.
template <class T>
struct WeightSums {
  static constexpr size_t kColumns = kTileColumns<T>;
  const args::Conv2dBackwardWeight<T>& g;
  BorderedImages<T> input;
  Runs runs;
  Parts pieces, blocks;  // outputs of a row in pieces, rows in blocks: one of the two has a single piece or row
  Parts heights;         // elements of a run in tiles

  explicit WeightSums(const args::Conv2dBackwardWeight<T>& arguments)
      : g(arguments),
        input(ForwardAxis{downOf(g)}.slide(), ForwardAxis{acrossOf(g)}.slide(), g.groups * g.channels),
        runs(ForwardAxis{downOf(g)}.phase(0), ForwardAxis{acrossOf(g)}.phase(0), g.channels, g.groups == 1),
        pieces(g.outWidth, kWeightOutputs),
        blocks(g.batch * g.outHeight, input.rowsTogether(pieces.count > 1 ? 1 : kWeightOutputs / g.outWidth)),
        heights(runs.length, kTileRows) {}

  // A thread's memory: where rows of windows start, a packed panel of dy, images with a border.
  size_t tableBytes() const { return roundUp(blocks.size(0) * sizeof(size_t), kAlignment); }
  size_t panelBytes() const {
    return roundUp((blocks.size(0) * pieces.size(0) * kColumns + Vec<T>::kLanes) * sizeof(T), kAlignment);
  }
  size_t bytes() const { return plus(tableBytes() + panelBytes(), input.bytes(blocks.size(0))); }

  // Blocks [first, last): the first one overwrites the sums.
  void add(size_t first, size_t last, T* sums, char* memory) const {
    size_t* const starts = reinterpret_cast<size_t*>(memory);
    T* const panel = reinterpret_cast<T*>(memory + tableBytes());
    T* const border = reinterpret_cast<T*>(memory + tableBytes() + panelBytes());
    for (size_t block = first; block < last; ++block) {
      const size_t row = blocks.start(block), rows = blocks.size(block);
      const T* const images = input.layOut(g.x, row, row + rows, border, starts);
      for (size_t i = 0; i < pieces.count; ++i) {
        const T* const dy = g.dy + (row * g.outWidth + pieces.start(i)) * g.groups * g.outChannels;
        const T* const seen = images + pieces.start(i) * termStep();
        for (size_t group = 0; group < g.groups; ++group) {
          Tile<T> tile;
          tile.a = {seen + group * g.channels, 1, termStep(), starts};
          tile.b = {dy + group * g.outChannels, g.groups * g.outChannels, panel};
          tile.c = {sums + group * patchOf(g) * g.outChannels, g.outChannels, g.outChannels, T(1),
                    T(block == first && i == 0 ? 0 : 1)};
          // To a tile, the outputs of a row are a run of terms.
          tile.terms = pieces.size(i);
          tile.runs = rows;
          multiply(tile);
        }
      }
    }
  }

 private:
  size_t termStep() const { return g.strideWidth * input.pixel; }

  // All columns of a block, of which `tile` has the first tile. dy is read in place where a panel of it meets few tiles. Else
  // the first tile packs it in passing, or packPanel does where a panel is not as wide as a packing tile.
  void multiply(const Tile<T>& tile) const {
    const bool inPlace = heights.count * runs.count <= kInPlacePanels;
    const size_t wide = kTiles<T>.wideVectors[heights.size(0) - 1] * Vec<T>::kLanes;
    size_t width;
    for (size_t column = 0; column < g.outChannels; column += width) {
      const size_t left = g.outChannels - column;
      const bool isWide = inPlace && heights.count == 1 && left >= wide;
      width = isWide ? wide : left <= Vec<T>::kLanes ? Vec<T>::kLanes : kColumns;
      Tile<T> panel = tile;
      panel.b.start += column;
      panel.c.start += column;
      panel.c.columns = least(width, left);
      if (inPlace && left >= width) {
        multiplyPanel(panel, tilesOf<T>(width, false), nullptr);
      } else if (left >= kColumns && width == kColumns) {
        multiplyPanel(panel, tilesOf<T>(width, false), tilesOf<T>(width, true));
      } else {
        packPanel(Side<T>{panel.b.start, 1, tile.b.term}, panel.c.columns, left, width, tile.terms * tile.runs,
                  tile.b.packed);
        panel.b = {tile.b.packed, width};
        multiplyPanel(panel, tilesOf<T>(width, false), nullptr);
      }
    }
  }

  // All elements of the patches for a panel of columns. With `packing` tiles the first one leaves the panel packed for those
  // after it.
  void multiplyPanel(Tile<T> tile, const TileFunction<T>* tiles, const TileFunction<T>* packing) const {
    const T* const a = tile.a.start;
    T* const c = tile.c.start;
    for (size_t h = 0; h < heights.count; ++h) {
      for (size_t run = 0; run < runs.count; ++run) {
        tile.a.start = a + runs.start(input, run) + heights.start(h);
        tile.c.start = c + (run * runs.length + heights.start(h)) * tile.c.row;
        const bool packs = packing != nullptr && h + run == 0;
        (packs ? packing : tiles)[heights.size(h) - 1](tile);
        if (packs) tile.b = {tile.b.packed, kColumns};
      }
    }
  }
};

template <class T>
inline void convolveWeight(const args::Conv2dBackwardWeight<T>& g, const Parallel& parallel) {
  const WeightSums<T> blocks(g);
  const size_t patch = patchOf(g), size = g.groups * g.outChannels * patch;
  const Parts slices = slicesOf(blocks.blocks.count, size);
  const size_t workers = workersFor(g, slices.count, parallel), bytes = blocks.bytes();
  const size_t sumBytes = roundUp(area(area(size, sizeof(T)), slices.count), kAlignment);
  char* const memory = static_cast<char*>(parallel.scratch(parallel, plus(sumBytes, area(workers, bytes))));
  if (memory == nullptr) return;
  T* const sums = reinterpret_cast<T*>(memory);
  forTasksUnless(workers == 1, parallel, workers, [&](size_t worker) {
    for (size_t slice = worker; slice < slices.count; slice += workers) {
      blocks.add(slices.start(slice), slices.start(slice + 1), sums + slice * size, memory + sumBytes + worker * bytes);
    }
  });
  addSlices(sums, slices.count, g.groups, patch, g.outChannels, g.dWeight, g.accumulate, parallel);
}

}  // namespace
}  // namespace lockstep
