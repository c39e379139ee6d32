#pragma once
// How a length is cut: what depends on it alone has the same bits on every target.

#include "../sizes.h"

namespace lockstep {
namespace {

// `things`, at least one, in as few parts of at most `most` as there must be. Their sizes differ by one at the most, and the
// larger ones come first.
struct Parts {
  size_t count, smaller, larger;  // parts, the size of a smaller one, how many are larger by one

  Parts(size_t things, size_t most)
      : count(quotientUp(things, most)), smaller(things / count), larger(things % count) {}
  size_t start(size_t part) const { return part * smaller + least(part, larger); }
  size_t size(size_t part) const { return smaller + (part < larger ? 1 : 0); }
};

}  // namespace
}  // namespace lockstep
