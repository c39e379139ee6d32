#pragma once
#include "kernels.h"

namespace lockstep {

struct Target {
  const KernelTable* table;
  bool (*supported)();
  // Why the load-time self-test refused it, or null.
  const char* fault;
};

// What this build has, fastest first.
extern Target targets[];
extern const size_t targetCount;

// Checks every supported target against the scalar one and makes the fastest that passes the active one.
void selectTarget();

const KernelTable& activeTable();

// False when there is no such target, or when it cannot run here.
bool useTarget(const char* name);

bool usable(const Target& target);

}  // namespace lockstep
