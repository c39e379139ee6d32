// `harness pool` and the test of the streams alone, which need no kernels: scripts/check-threads.mjs has it built in seconds.

#include "pool.h"
#include "stream.h"

int main() { return lockstep::checkPool() + lockstep::checkStream(); }
