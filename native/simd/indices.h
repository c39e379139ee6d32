#pragma once
// The numbers 0 to N - 1 as a pack, as std::index_sequence has them: target files include nothing of namespace std.

#include <cstddef>

namespace lockstep {
namespace {

template <size_t... K>
struct Indices {};
template <size_t N, size_t... K>
struct MakeIndices : MakeIndices<N - 1, N - 1, K...> {};
template <size_t... K>
struct MakeIndices<0, K...> {
  using Type = Indices<K...>;
};

}  // namespace
}  // namespace lockstep
