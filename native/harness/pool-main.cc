// `harness pool` alone, which needs no kernels: scripts/check-threads.mjs has it built in seconds.

#include "pool.h"

int main() { return lockstep::checkPool(); }
