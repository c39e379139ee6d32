#pragma once
// Convolutions as matrix products without the matrix of patches (an implicit product: Chetlur et al. 2014,
// https://arxiv.org/abs/1410.0759). A has a row for each window and a term for each tap and channel, as after im2col, but is
// read where the images are: channels come last, so the terms of a window are a few runs of neighbours in memory, and the
// next window has the same runs a constant distance further on. B is the weight, packed, and C the result. Going back, dy
// and dx take the places of x and y (convolution-axis.h). Mirror: src/backend/typescript/matrix/convolution.ts.

#include "../parallel.h"
#include "../simd/for-lanes.h"
#include "../simd/simd.h"
#include "../sizes.h"
#include "convolution-axis.h"
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

// The most terms of a block: a panel of the weight then takes 20 KB of a first-level cache with AVX2, 40 KB with AVX-512, and
// the pixels next to nothing.
constexpr size_t kRunTerms = 320;

// Windows to a task, if rows of them are not longer: what they see stays in the second-level cache while the panels of the
// weight go by.
constexpr size_t kTaskWindows = 192;

constexpr size_t kLongestRow = 4 * kTaskWindows;

inline size_t outputsOf(const Convolution& g) { return g.batch * g.outHeight * g.outWidth; }
inline size_t patchOf(const Convolution& g) { return g.kernelHeight * g.kernelWidth * g.channels; }
inline bool isDepthwise(const Convolution& g) { return g.channels == 1 && g.outChannels == 1 && g.groups > 1; }

// Where each output meets the pixel at its own place alone, a small image is one long row: tiles end with rows.
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

// The terms of a window in a phase, in runs of neighbours in memory:
//
//      [t00 t01 t02]  [t10 t11 t12]  [t20 t21 t22]      taps side by side, all channels in one group: a run is a row of taps
//      [t00] [t01] [t02] [t10] ...                      otherwise a run is the group's channels of one tap
//
// Runs are cut into blocks: several whole runs, or one of the pieces of a long one. A block is one chain of additions.
struct Runs {
  Phase down, across;
  size_t perRow, count, length;
  Parts blocks, pieces;  // runs in blocks; terms of a run in pieces, several only where a block is one run

  Runs(const Phase& rows, const Phase& columns, size_t channels, bool isOneGroup)
      : down(rows),
        across(columns),
        perRow(isOneGroup && columns.offset.step == 1 ? 1 : columns.taps),
        count(rows.taps * perRow),
        length(columns.taps / perRow * channels),
        blocks(count, length > kRunTerms ? 1 : kRunTerms / length),
        pieces(length, kRunTerms) {}

  // Where a run starts, from the start of its window.
  template <class T>
  size_t start(const BorderedImages<T>& input, size_t run) const {
    return down.offset(run / perRow) * input.row + across.offset(run % perRow) * input.pixel;
  }
};

// to = from * weight, in groups: each takes `inner` channels of the windows over `from` to `outer` channels of `to`.
template <class T, class Axis>
struct SlidingProduct {
  Axis down, across;
  size_t batch, groups, inner, outer;
  const T* from;
  T* to;
  bool accumulate;
  Epilogue<T> epilogue;
  BorderedImages<T> input;
  bool isSlim;  // the result is no wider than a vector
  size_t panelColumns, tileRows;

  SlidingProduct(Axis rows, Axis columns, size_t images, size_t groupCount, size_t innerChannels, size_t outerChannels,
                 const T* source, T* result, bool adds, Epilogue<T> finish)
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

  // weightOf(group, tap): a tap of the weight as B, its terms channels of the input, its columns channels of the result.
  template <class WeightOf>
  void run(size_t wanted, const Parallel& parallel, const WeightOf& weightOf) const {
    const size_t rows = batch * input.down.windows;
    const size_t most =
        input.rowsTogether(least(quotientUp(kTaskWindows, input.across.windows), quotientUp(rows, wanted)));
    const size_t tasks = quotientUp(rows, most), workers = least(tasks, wanted);
    const size_t panels = groups * panelsOfGroup(), panelSize = taps() * inner * panelColumns;
    const size_t weightBytes = roundUp(area(area(panels, panelSize), sizeof(T)), kAlignment);
    const size_t tableBytes = roundUp(area(plus(taps(), most), sizeof(size_t)), kAlignment);
    const size_t bytes = plus(tableBytes, input.bytes(most));
    char* const memory = static_cast<char*>(parallel.scratch(parallel, plus(weightBytes, area(workers, bytes))));
    if (memory == nullptr) return;
    if (!accumulate && !(down.coversResult() && across.coversResult())) clear(parallel);
    T* const weight = reinterpret_cast<T*>(memory);
    forTasksUnless(workers == 1, parallel, panels,
                   [&](size_t panel) { pack(panel, weightOf, weight + panel * panelSize); });
    forTasksUnless(workers == 1, parallel, workers, [&](size_t worker) {
      char* const own = memory + weightBytes + worker * bytes;
      for (size_t task = worker; task < tasks; task += workers) {
        const size_t first = task * most;
        multiplyRows(first, least(first + most, rows), weight, reinterpret_cast<size_t*>(own),
                     reinterpret_cast<T*>(own + tableBytes));
      }
    });
  }

 private:
  size_t taps() const { return down.kernel * across.kernel; }

  // Panels of columns: those of a group follow each other.
  size_t panelsOfGroup() const { return quotientUp(outer, panelColumns); }
  size_t group(size_t panel) const { return panel / panelsOfGroup(); }
  size_t column(size_t panel) const { return panel % panelsOfGroup() * panelColumns; }

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

  // A panel of the weight: its terms phase by phase, in the order of the runs.
  template <class WeightOf>
  void pack(size_t panel, const WeightOf& weightOf, T* packed) const {
    const size_t count = least(panelColumns, outer - column(panel));
    forPhases([&](const Phase& rows, const Phase& columns) {
      for (size_t i = 0; i < rows.taps; ++i) {
        for (size_t j = 0; j < columns.taps; ++j, packed += inner * panelColumns) {
          Side<T> side = weightOf(group(panel), rows.tap(i) * across.kernel + columns.tap(j));
          side.start += column(panel) * side.step;
          packPanel(side, count, outer - column(panel), panelColumns, inner, packed);
        }
      }
    });
  }

  // Rows [first, last) of windows, times all panels of the weight. `table` has room for the starts of runs and of rows.
  void multiplyRows(size_t first, size_t last, const T* weight, size_t* table, T* memory) const {
    size_t *const runStarts = table, *const rowStarts = table + taps();
    const T* const images = input.layOut(from, first, last, memory, rowStarts);
    const size_t panels = groups * panelsOfGroup();
    for (size_t panel = 0; panel < panels; ++panel) {
      forPhases([&](const Phase& rows, const Phase& columns) {
        const Runs runs(rows, columns, inner, groups == 1);
        for (size_t run = 0; run < runs.count; ++run) runStarts[run] = runs.start(input, run);
        for (size_t block = 0; block < runs.blocks.count; ++block) {
          for (size_t piece = 0; piece < runs.pieces.count; ++piece) {
            const bool isFirst = block + piece == 0;
            const bool isLast = block + 1 == runs.blocks.count && piece + 1 == runs.pieces.count;
            const T* const start = images + group(panel) * inner + runs.pieces.start(piece);
            Tile<T> tile;
            tile.terms = runs.pieces.size(piece);
            tile.runs = runs.blocks.size(block);
            tile.a = {start, input.across.stride * input.pixel, 1, runStarts + runs.blocks.start(block)};
            tile.b = {weight, panelColumns};
            tile.c = {to, columns.result.step * groups * outer, least(panelColumns, outer - column(panel)), T(1),
                      T(isFirst && !accumulate ? 0 : 1)};
            for (size_t row = first; row < last; ++row) {
              tile.a.start = start + rowStarts[row - first];
              multiplyWindows(tile, row, rows, columns, panel, isLast);
            }
            weight += tile.runs * tile.terms * panelColumns;
          }
        }
      });
    }
  }

  // A row of windows in tiles: the first of its windows starts at tile.a.
  void multiplyWindows(Tile<T> tile, size_t row, const Phase& rows, const Phase& columns, size_t panel,
                       bool isLast) const {
    const size_t t = row % input.down.windows, image = row / input.down.windows;
    if (!rows.hasResult(t) || columns.begin >= columns.end) return;
    const size_t width = columns.end - columns.begin, channel = group(panel) * outer + column(panel);
    const Parts heights(width, tileRows);
    const TileFunction<T>* const tiles = isSlim ? kTiles<T>.slim : kTiles<T>.narrow;
    const T* const a = tile.a.start + columns.begin * tile.a.row;
    const size_t pixelRow = image * down.resultSize() + rows.result(t);
    T* const c = to + (pixelRow * across.resultSize() + columns.result(columns.begin)) * groups * outer + channel;
    for (size_t h = 0; h < heights.count; ++h) {
      tile.a.start = a + heights.start(h) * tile.a.row;
      tile.c.start = c + heights.start(h) * tile.c.row;
      tiles[heights.size(h) - 1](tile);
    }
    if (isLast) epilogue.apply(c, tile.c.row, width, channel, tile.c.columns);
  }
};

// B: a column for each channel of y, whose terms are neighbours in the weight; going back a column for each channel of x.
template <class T>
inline void convolve(const args::Conv2dForward<T>& g, const Parallel& parallel) {
  const size_t patch = patchOf(g);
  SlidingProduct<T, ForwardAxis>({downOf(g)}, {acrossOf(g)}, g.batch, g.groups, g.channels, g.outChannels, g.x, g.y,
                                 false, {g.biased ? g.bias : nullptr, g.activation})
      .run(workersFor(g, outputsOf(g), parallel), parallel, [&](size_t group, size_t tap) {
        return Side<T>{g.weight + group * g.outChannels * patch + tap * g.channels, patch, 1};
      });
}

template <class T>
inline void convolveBack(const args::Conv2dBackwardInput<T>& g, const Parallel& parallel) {
  const size_t patch = patchOf(g);
  SlidingProduct<T, BackwardAxis>({downOf(g)}, {acrossOf(g)}, g.batch, g.groups, g.outChannels, g.channels, g.dy, g.dx,
                                  g.accumulate, {nullptr, 0})
      .run(workersFor(g, outputsOf(g), parallel), parallel, [&](size_t group, size_t tap) {
        return Side<T>{g.weight + group * g.outChannels * patch + tap * g.channels, 1, patch};
      });
}

}  // namespace
}  // namespace lockstep
