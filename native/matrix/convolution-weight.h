#pragma once
// The gradient of a convolution's weight: taps x outputs of the images times outputs x channels of dy. Neighbouring taps are
// neighbours in the images, neighbouring outputs a constant distance apart: no patch is copied here either.

#include "../parallel.h"
#include "../simd/for-lanes.h"
#include "../simd/simd.h"
#include "../sizes.h"
#include "axis.h"
#include "convolution.h"
#include "gemm-tile.h"
#include "gemm.h"
#include "slide.h"
#include "tasks.h"
#include "window-arguments.h"

namespace lockstep {
namespace {

// Outputs to a block: terms of one chain.
constexpr size_t kWeightOutputs = kBlockTerms;

// Blocks are summed in this many slices at most, each over neighbouring ones, and then slice by slice.
constexpr size_t kSlices = 16;
constexpr size_t kSliceBlocks = 4;
constexpr size_t kSliceElements = 1 << 23;

// How blocks are dealt out to sums of `size` elements: a function of the shape alone.
inline Parts slicesOf(size_t blocks, size_t size) {
  const size_t fitting = least(kSliceElements / size + 1, kSlices);
  return Parts(blocks, quotientUp(blocks, least(fitting, quotientUp(blocks, kSliceBlocks))));
}

// dWeight[group][out][tap] = the slices' sums[group][tap][out] in their order, which end up in the first one; added to it
// where `accumulate`.
template <class T>
inline void addSlices(T* sums, size_t slices, size_t groups, size_t taps, size_t outs, T* dWeight, bool accumulate,
                      const Parallel& parallel) {
  constexpr size_t kTaps = 16;
  forRanges(parallel, groups * taps, kTaps, [&](size_t begin, size_t end) {
    for (size_t slice = 1; slice < slices; ++slice) {
      const T* const from = sums + slice * groups * taps * outs;
      forVectors<T>(begin * outs, end * outs,
                    [&](auto tag, size_t i) { tag.store(sums + i, tag.load(sums + i) + tag.load(from + i)); });
    }
    for (size_t out = 0; out < outs; ++out) {
      for (size_t tap = begin; tap < end; ++tap) {
        T& to = dWeight[(tap / taps * outs + out) * taps + tap % taps];
        const T sum = sums[tap * outs + out];
        to = accumulate ? to + sum : sum;
      }
    }
  });
}

// Adds the products of blocks to sums[group][tap][out].
template <class T>
struct WeightSums {
  static constexpr size_t kColumns = kTileColumns<T>;
  const args::Conv2dBackwardWeight<T>& g;
  Bordered<T> input;
  Runs runs;
  Parts columns, blocks;  // outputs of a row in blocks, rows of outputs in blocks
  Parts heights;          // taps of a run in tiles

  explicit WeightSums(const args::Conv2dBackwardWeight<T>& arguments)
      : g(arguments),
        input(ForwardAxis{downOf(g)}.slide(), ForwardAxis{acrossOf(g)}.slide(), g.groups * g.channels),
        runs(ForwardAxis{downOf(g)}.phase(0).taps, ForwardAxis{acrossOf(g)}.phase(0).taps, g.channels, g.groups == 1),
        columns(g.outWidth, kWeightOutputs),
        blocks(g.batch * g.outHeight, input.rowsTogether(columns.count > 1 ? 1 : kWeightOutputs / g.outWidth)),
        heights(runs.length, kTileRows) {}

  // What a thread needs: where the windows of rows start, a panel of dy, images with borders.
  size_t tableBytes() const { return roundUp(blocks.size(0) * sizeof(size_t), kAlignment); }
  size_t panelBytes() const {
    return roundUp((blocks.size(0) * columns.size(0) * kColumns + Vec<T>::kLanes) * sizeof(T), kAlignment);
  }
  size_t bytes() const { return plus(tableBytes() + panelBytes(), input.bytes(blocks.size(0))); }

  // The blocks [first, last), the first of which replaces what is there.
  void add(size_t first, size_t last, T* sums, char* memory) const {
    size_t* const starts = reinterpret_cast<size_t*>(memory);
    T* const panel = reinterpret_cast<T*>(memory + tableBytes());
    T* const border = reinterpret_cast<T*>(memory + tableBytes() + panelBytes());
    for (size_t block = first; block < last; ++block) {
      const size_t row = blocks.start(block), rows = blocks.size(block);
      const T* const images = input.layOut(g.x, row, row + rows, border, starts);
      for (size_t i = 0; i < columns.count; ++i) {
        const T* const dy = g.dy + (row * g.outWidth + columns.start(i)) * g.groups * g.outChannels;
        const T* const seen = images + columns.start(i) * termStep();
        for (size_t group = 0; group < g.groups; ++group) {
          Tile<T> tile;
          tile.a = {seen + group * g.channels, 1, termStep(), starts};
          tile.b = {dy + group * g.outChannels, g.groups * g.outChannels, panel};
          tile.c = {sums + group * patchOf(g) * g.outChannels, g.outChannels, g.outChannels, T(1),
                    T(block == first && i == 0 ? 0 : 1)};
          tile.terms = columns.size(i);
          tile.runs = rows;
          multiply(tile);
        }
      }
    }
  }

 private:
  size_t termStep() const { return g.strideWidth * input.pixel; }

  // A block of outputs: `tile` says where its first tap and its first channel are.
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
        multiplyPanel(panel, isWide ? kTiles<T>.wide : tiles(width), nullptr);
      } else if (left >= kColumns && width == kColumns) {
        multiplyPanel(panel, kTiles<T>.narrow, kTiles<T>.packing);
      } else {
        packPanel(Side<T>{panel.b.start, 1, tile.b.term}, panel.c.columns, left, width, tile.terms * tile.runs,
                  tile.b.packed);
        panel.b = {tile.b.packed, width};
        multiplyPanel(panel, tiles(width), nullptr);
      }
    }
  }

  static const TileFunction<T>* tiles(size_t width) { return width == kColumns ? kTiles<T>.narrow : kTiles<T>.slim; }

  // All taps; the first of them leaves the panel packed for the next ones, where there are `packing` tiles.
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
