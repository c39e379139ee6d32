#pragma once
// Runs the same calls on several targets and thread counts, compares all that they leave in memory, and hashes it.

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "../dispatch.h"
#include "calls.h"

namespace lockstep {

class Comparison {
 public:
  // The first table is the one the others are compared with. `largeOnly`: nothing that is too small for threads.
  Comparison(std::vector<const KernelTable*> tables, bool largeOnly)
      : tables_(std::move(tables)), largeOnly_(largeOnly) {}

  // See Take.
  void add(const std::string& name, const std::string& text, bool large, const Run& run);

  // One line for each kernel, element type and target: the hash of all bits of all its calls on one thread.
  void print() const;

  size_t failures() const { return failures_; }

 private:
  void report(const std::string& name, const KernelTable& table, size_t threads, const std::string& text,
              const std::string& what);

  std::vector<const KernelTable*> tables_;
  bool largeOnly_;
  std::set<std::pair<std::string, const KernelTable*>> reported_;
  std::map<std::string, std::vector<uint64_t>> hashes_;
  size_t failures_ = 0;
};

}  // namespace lockstep
