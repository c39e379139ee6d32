#pragma once
// Convolutions as matrix products that are read where the images are. The numbers that a window sees are a few runs of
// memory, for channels come last; neighbouring outputs see such runs at a constant distance. So a tile of outputs and
// channels adds up run after run, and no patch is ever copied (an implicit product: Chetlur et al. 2014,
// https://arxiv.org/abs/1410.0759). Mirror: src/backend/typescript/matrix/convolution.ts.

#include "../parallel.h"
#include "../simd/for-lanes.h"
#include "../simd/simd.h"
#include "../sizes.h"
#include "axis.h"
#include "elementwise.h"
#include "gemm-epilogue.h"
#include "gemm-pack.h"
#include "gemm-tile.h"
#include "gemm.h"
#include "slide.h"
#include "tasks.h"
#include "window-arguments.h"

namespace lockstep {
namespace {

using args::Convolution;

// The most terms of a block: a panel of the weight then takes 20 KB of a first-level cache, and the pixels next to nothing.
constexpr size_t kRunTerms = 320;

// Outputs to a block: what they see stays in the second-level cache while the panels of the weight go by.
constexpr size_t kBlockOutputs = 192;

constexpr size_t kLongestRow = 4 * kBlockOutputs;

inline size_t outputsOf(const Convolution& g) { return g.batch * g.outHeight * g.outWidth; }
inline size_t patchOf(const Convolution& g) { return g.kernelHeight * g.kernelWidth * g.channels; }
inline bool isDepthwise(const Convolution& g) { return g.channels == 1 && g.outChannels == 1 && g.groups > 1; }

// Where every output is of the pixel at its place, the rows of a small image are one: tiles end only with it.
template <class Arguments>
inline Arguments inLongRows(Arguments g) {
  const bool isPointwise = g.kernelHeight * g.kernelWidth * g.strideHeight * g.strideWidth == 1 &&
                           g.padTop + g.padLeft == 0 && g.outHeight == g.height && g.outWidth == g.width;
  if (!isPointwise || g.height * g.width > kLongestRow) return g;
  g.width = g.outWidth = g.height * g.width;
  g.height = g.outHeight = 1;
  return g;
}

inline size_t workersFor(const Convolution& g, size_t tasks, const Parallel& parallel) {
  return least(tasks, mostTasks(area(area(outputsOf(g), patchOf(g)), area(g.groups, g.outChannels)), parallel));
}

// The taps of a phase as runs of neighbours in memory, and those as parts of at most kRunTerms terms: pieces of a run, or
// several runs.
struct Runs {
  TapOrder down, across;
  size_t perRow, count, length;
  Parts pieces, parts;

  Runs(TapOrder rows, TapOrder columns, size_t channels, bool channelsAreAll)
      : Runs(rows, columns, channelsAreAll && columns.distance == 1 ? 1 : columns.count,
             channelsAreAll && columns.distance == 1 ? columns.count * channels : channels) {}

  // Where in the images the first output sees a run.
  template <class T>
  size_t start(const Bordered<T>& input, size_t run) const {
    return down.place(run / perRow) * input.row + across.place(run % perRow) * input.pixel;
  }

 private:
  Runs(TapOrder rows, TapOrder columns, size_t runsPerRow, size_t terms)
      : down(rows),
        across(columns),
        perRow(runsPerRow),
        count(rows.count * runsPerRow),
        length(terms),
        pieces(length, kRunTerms),
        parts(count, length > kRunTerms ? 1 : kRunTerms / length) {}
};

// result = input * weight, for both directions: `inner` channels of a group of the input to `outer` of the result.
template <class T, class Direction>
struct Sliding {
  Direction down, across;
  size_t batch, groups, inner, outer;
  const T* from;
  T* to;
  bool accumulate;
  Epilogue<T> epilogue;
  Bordered<T> input;
  bool isSlim;
  size_t panelColumns, tileRows;

  Sliding(Direction rows, Direction columns, size_t images, size_t groupCount, size_t innerChannels,
          size_t outerChannels, const T* source, T* result, bool adds, Epilogue<T> finish)
      : down(rows),
        across(columns),
        batch(images),
        groups(groupCount),
        inner(innerChannels),
        outer(outerChannels),
        from(source),
        to(result),
        accumulate(adds),
        epilogue(finish),
        input(rows.slide(), columns.slide(), groupCount * innerChannels),
        isSlim(outer <= Vec<T>::kLanes),
        panelColumns(isSlim ? Vec<T>::kLanes : kTileColumns<T>),
        tileRows(isSlim ? kSlimRows : kTileRows) {}

  // tapOf(group, tap): the weight of a tap, its terms the channels of the input, its columns those of the result.
  template <class TapOf>
  void run(size_t wanted, const Parallel& parallel, const TapOf& tapOf) const {
    const size_t rows = batch * input.down.outputs;
    const size_t most =
        input.rowsTogether(least(quotientUp(kBlockOutputs, input.across.outputs), quotientUp(rows, wanted)));
    const size_t blocks = quotientUp(rows, most), workers = least(blocks, wanted), taps = down.kernel * across.kernel;
    const size_t panels = groups * quotientUp(outer, panelColumns), panelSize = taps * inner * panelColumns;
    const size_t weightBytes = roundUp(area(area(panels, panelSize), sizeof(T)), kAlignment);
    const size_t tableBytes = roundUp(area(plus(taps, most), sizeof(size_t)), kAlignment);
    const size_t bytes = plus(tableBytes, input.bytes(most));
    char* const memory = static_cast<char*>(parallel.scratch(parallel, plus(weightBytes, area(workers, bytes))));
    if (memory == nullptr) return;
    if (!accumulate && !(down.meetsAll() && across.meetsAll())) clear(parallel);
    T* const weight = reinterpret_cast<T*>(memory);
    forTasksUnless(workers == 1, parallel, panels,
                   [&](size_t panel) { pack(panel, tapOf, weight + panel * panelSize); });
    forTasksUnless(workers == 1, parallel, workers, [&](size_t worker) {
      char* const own = memory + weightBytes + worker * bytes;
      for (size_t block = worker; block < blocks; block += workers) {
        const size_t first = block * most;
        multiplyBlock(first, least(first + most, rows), weight, reinterpret_cast<size_t*>(own),
                      reinterpret_cast<T*>(own + tableBytes));
      }
    });
  }

 private:
  void clear(const Parallel& parallel) const {
    const size_t count = batch * down.resultSize() * across.resultSize() * groups * outer;
    forRanges(parallel, count, kElementGrain, [&](size_t begin, size_t end) { clearAll(to + begin, end - begin); });
  }

  template <class F>
  void forPhases(const F& f) const {
    for (size_t i = 0; i < down.phases(); ++i) {
      for (size_t j = 0; j < across.phases(); ++j) f(down.phase(i), across.phase(j));
    }
  }

  size_t group(size_t panel) const { return panel / quotientUp(outer, panelColumns); }
  size_t column(size_t panel) const { return panel % quotientUp(outer, panelColumns) * panelColumns; }

  template <class TapOf>
  void pack(size_t panel, const TapOf& tapOf, T* packed) const {
    const size_t count = least(panelColumns, outer - column(panel));
    forPhases([&](const Phase& rows, const Phase& columns) {
      for (size_t i = 0; i < rows.taps.count; ++i) {
        for (size_t j = 0; j < columns.taps.count; ++j, packed += inner * panelColumns) {
          Side<T> side = tapOf(group(panel), rows.taps.tap(i) * across.kernel + columns.taps.tap(j));
          side.start += column(panel) * side.step;
          packPanel(side, count, outer - column(panel), panelColumns, inner, packed);
        }
      }
    });
  }

  // Rows [first, last) of outputs.
  void multiplyBlock(size_t first, size_t last, const T* weight, size_t* tapStarts, T* memory) const {
    size_t* const rowStarts = tapStarts + down.kernel * across.kernel;
    const T* const images = input.layOut(from, first, last, memory, rowStarts);
    const size_t panels = groups * quotientUp(outer, panelColumns);
    for (size_t panel = 0; panel < panels; ++panel) {
      forPhases([&](const Phase& rows, const Phase& columns) {
        const Runs runs(rows.taps, columns.taps, inner, groups == 1);
        for (size_t run = 0; run < runs.count; ++run) tapStarts[run] = runs.start(input, run);
        for (size_t part = 0; part < runs.parts.count; ++part) {
          for (size_t piece = 0; piece < runs.pieces.count; ++piece) {
            const size_t terms = runs.pieces.size(piece), count = runs.parts.size(part);
            const bool isLast = part + 1 == runs.parts.count && piece + 1 == runs.pieces.count;
            const T* const start = images + group(panel) * inner + runs.pieces.start(piece);
            Tile<T> tile;
            tile.a = {start, input.across.stride * input.pixel, 1, tapStarts + runs.parts.start(part)};
            tile.b = {weight, panelColumns};
            tile.c = {to, columns.places.step * groups * outer, least(panelColumns, outer - column(panel)), T(1),
                      T(accumulate || part + piece > 0 ? 1 : 0)};
            tile.terms = terms;
            tile.runs = count;
            for (size_t row = first; row < last; ++row) {
              tile.a.start = start + rowStarts[row - first];
              multiplyOutputs(tile, row, rows.places, columns.places, panel, isLast);
            }
            weight += count * terms * panelColumns;
          }
        }
      });
    }
  }

  // The outputs of a row that have these places: the window of the first output of the row starts at tile.a.
  void multiplyOutputs(Tile<T> tile, size_t row, Places rows, Places columns, size_t panel, bool isLast) const {
    const size_t t = row % input.down.outputs, image = row / input.down.outputs;
    if (!rows.has(t) || columns.begin >= columns.end) return;
    const size_t width = columns.end - columns.begin, channel = group(panel) * outer + column(panel);
    const Parts heights(width, tileRows);
    const TileFunction<T>* const tiles = isSlim ? kTiles<T>.slim : kTiles<T>.narrow;
    const T* const a = tile.a.start + columns.begin * tile.a.row;
    T* const c =
        to +
        ((image * down.resultSize() + rows.at(t)) * across.resultSize() + columns.at(columns.begin)) * groups * outer +
        channel;
    for (size_t h = 0; h < heights.count; ++h) {
      tile.a.start = a + heights.start(h) * tile.a.row;
      tile.c.start = c + heights.start(h) * tile.c.row;
      tiles[heights.size(h) - 1](tile);
    }
    if (isLast) epilogue.apply(c, tile.c.row, width, channel, tile.c.columns);
  }
};

template <class T>
inline void convolve(const args::Conv2dForward<T>& g, const Parallel& parallel) {
  const size_t patch = patchOf(g);
  Sliding<T, ForwardAxis>({downOf(g)}, {acrossOf(g)}, g.batch, g.groups, g.channels, g.outChannels, g.x, g.y, false,
                          {g.biased ? g.bias : nullptr, g.activation})
      .run(workersFor(g, outputsOf(g), parallel), parallel, [&](size_t group, size_t tap) {
        return Side<T>{g.weight + group * g.outChannels * patch + tap * g.channels, patch, 1};
      });
}

template <class T>
inline void convolveBack(const args::Conv2dBackwardInput<T>& g, const Parallel& parallel) {
  const size_t patch = patchOf(g);
  Sliding<T, BackwardAxis>({downOf(g)}, {acrossOf(g)}, g.batch, g.groups, g.outChannels, g.channels, g.dy, g.dx,
                           g.accumulate, {nullptr, 0})
      .run(workersFor(g, outputsOf(g), parallel), parallel, [&](size_t group, size_t tap) {
        return Side<T>{g.weight + group * g.outChannels * patch + tap * g.channels, 1, patch};
      });
}

}  // namespace
}  // namespace lockstep
