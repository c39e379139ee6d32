#include "compare.h"

#include "../threads/pool.h"
#include "cases.h"

namespace lockstep {
namespace {

bool intact(Call& call) {
  bool all = true;
  for (Array& array : call.arrays) all = array.intact() && all;
  return all;
}

Memory memory;

Caller callerOf(size_t threads) {
  if (threads == 1) return alone(memory);
  usePoolThreads(threads);
  return pool(memory);
}

}  // namespace

void Comparison::add(const std::string& name, const std::string& text, bool large, const Run& run) {
  if (largeOnly_ && !large) return;
  // What every other call is compared with.
  Call expected;
  if (!run(*tables_[0], callerOf(1), expected)) return;
  if (memory.scratch.failed()) report(name, *tables_[0], 1, text, "was out of memory");
  if (!intact(expected)) report(name, *tables_[0], 1, text, "wrote outside of its arrays");
  std::vector<uint64_t>& hashes = hashes_[name];
  hashes.resize(tables_.size());
  for (const Array& array : expected.arrays) hashes[0] = array.hash(hashes[0]);
  for (size_t t = 0; t < tables_.size(); ++t) {
    for (const size_t threads : kThreads) {
      if (threads > 1 ? !large : t == 0) continue;
      Call call;
      run(*tables_[t], callerOf(threads), call);
      std::string what = memory.scratch.failed() ? "was out of memory" : difference(call, expected);
      if (!intact(call)) what = "wrote outside of its arrays";
      if (!what.empty()) report(name, *tables_[t], threads, text, what);
      if (threads > 1) continue;
      for (const Array& array : call.arrays) hashes[t] = array.hash(hashes[t]);
    }
  }
}

void Comparison::report(const std::string& name, const KernelTable& table, size_t threads, const std::string& text,
                        const std::string& what) {
  ++failures_;
  if (!reported_.insert({name, &table}).second) return;
  std::fprintf(stderr, "%s on %s with %zu threads: %s; %s\n", name.c_str(), table.target, threads, what.c_str(),
               text.c_str());
}

void Comparison::print() const {
  for (const auto& [name, hashes] : hashes_) {
    for (size_t t = 0; t < tables_.size(); ++t) {
      std::printf("%s %s %016llx\n", name.c_str(), tables_[t]->target, static_cast<unsigned long long>(hashes[t]));
    }
  }
}

}  // namespace lockstep
