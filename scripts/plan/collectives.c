// The three ways of `lockstep plan` to a sum on all ranks, for SimGrid's smpirun: `npm run check:plan` compares its times with the model's.
//   collectives NEAR FOLD [BYTES...]
// NEAR is the number of consecutive ranks of the first of two levels; all of them are the flat exchange, 0 is MPI_Allreduce, which smpirun is
// told to do by a ring. FOLD is what a rank adds, in bytes a second. Prints simulated seconds, a line for each number of bytes, which all
// ranks must divide into floats; without any, the exchange is held to be one.
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// The speed of the hosts that check-plan.mjs writes into the platform.
static const double kFlopsPerSecond = 1e9;

static int rank, size;
static double fold_rate;

// Ranks first, first + stride ... of which this is number `me`.
typedef struct {
  int first, stride, count, me;
} Group;

static int rank_of(const Group* group, int member) { return group->first + member * group->stride; }

// Sends part j of `from` to member j, or all of them part `me`, and gets their parts into `to`: everything at once.
static void burst(const Group* group, float* from, int is_gather, float* to, int part) {
  MPI_Request* requests = malloc(2 * (size_t)group->count * sizeof *requests);
  int begun = 0;
  for (int step = 1; step < group->count; ++step) {
    const int member = (group->me + group->count - step) % group->count;
    MPI_Irecv(to + (size_t)member * part, part, MPI_FLOAT, rank_of(group, member), 0, MPI_COMM_WORLD, &requests[begun++]);
  }
  // Each begins with another, so that nobody is everybody's first.
  for (int step = 1; step < group->count; ++step) {
    const int member = (group->me + step) % group->count;
    const int sent = is_gather ? group->me : member;
    MPI_Isend(from + (size_t)sent * part, part, MPI_FLOAT, rank_of(group, member), 0, MPI_COMM_WORLD, &requests[begun++]);
  }
  MPI_Waitall(begun, requests, MPI_STATUSES_IGNORE);
  free(requests);
}

// The canonical sum of the pieces, into the first: neighbours, then neighbouring pairs, and so on.
static void fold(float* pieces, int count, int part, int is_timed) {
  // What takes simulated time is told, not measured: the same on any machine.
  if (is_timed) {
    smpi_execute_flops(kFlopsPerSecond * (count - 1) * part * sizeof(float) / fold_rate);
    return;
  }
  for (int width = 1; width < count; width *= 2) {
    for (int j = 0; j + width < count; j += 2 * width) {
      for (int i = 0; i < part; ++i) pieces[(size_t)j * part + i] += pieces[(size_t)(j + width) * part + i];
    }
  }
}

// The member's part of `slice` becomes the sum of the group's.
static void sum_parts(const Group* group, float* slice, float* pieces, int part, int is_timed) {
  if (group->count == 1) return;
  float* const mine = slice + (size_t)group->me * part;
  burst(group, slice, 0, pieces, part);
  if (is_timed) {
    fold(pieces, group->count, part, 1);
    return;
  }
  memcpy(pieces + (size_t)group->me * part, mine, part * sizeof(float));
  fold(pieces, group->count, part, 0);
  memcpy(mine, pieces, part * sizeof(float));
}

static void gather(const Group* group, float* slice, int part) {
  if (group->count > 1) burst(group, slice, 1, slice, part);
}

// In one level where `near` is all ranks.
static void exchange(int near, float* whole, float* pieces, int length, int is_timed) {
  const Group close = {rank / near * near, 1, near, rank % near};
  const Group far = {rank % near, near, size / near, rank / near};
  float* const mine = whole + (size_t)close.me * (length / near);
  sum_parts(&close, whole, pieces, length / near, is_timed);
  sum_parts(&far, mine, pieces, length / size, is_timed);
  gather(&far, mine, length / size);
  gather(&close, whole, length / near);
}

// That an exchange is one, with numbers of which every sum is exact.
static void verify(int near) {
  const int length = 4 * size;
  float* const whole = malloc(length * sizeof(float));
  float* const pieces = malloc(length * sizeof(float));
  for (int i = 0; i < length; ++i) whole[i] = (float)((rank + 1) * (i % 7));
  exchange(near, whole, pieces, length, 0);
  for (int i = 0; i < length; ++i) {
    if (whole[i] == (float)(size * (size + 1) / 2 * (i % 7))) continue;
    fprintf(stderr, "collectives: element %d of rank %d is %g: near %d of %d\n", i, rank, (double)whole[i], near, size);
    MPI_Abort(MPI_COMM_WORLD, 1);
  }
  free(pieces);
  free(whole);
}

// From when the last rank began to when the last one has ended: simulated clocks are one clock.
static double since(double start) {
  const double mine[2] = {start, MPI_Wtime()};
  double last[2] = {0, 0};
  MPI_Reduce(mine, last, 2, MPI_DOUBLE, MPI_MAX, 0, MPI_COMM_WORLD);
  return last[1] - last[0];
}

static double begin(void) {
  MPI_Barrier(MPI_COMM_WORLD);
  return MPI_Wtime();
}

static double measure(int near, size_t bytes) {
  const int length = (int)(bytes / sizeof(float));
  // One block of memory for all ranks: what is in it does not matter any more.
  float* const whole = SMPI_SHARED_MALLOC(bytes);
  float* const other = SMPI_SHARED_MALLOC(bytes);
  const double start = begin();
  if (near == 0) {
    MPI_Allreduce(whole, other, length, MPI_FLOAT, MPI_SUM, MPI_COMM_WORLD);
  } else {
    exchange(near, whole, other, length, 1);
  }
  const double taken = since(start);
  SMPI_SHARED_FREE(other);
  SMPI_SHARED_FREE(whole);
  return taken;
}

int main(int count, char** args) {
  MPI_Init(&count, &args);
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  MPI_Comm_size(MPI_COMM_WORLD, &size);
  if (count < 3) MPI_Abort(MPI_COMM_WORLD, 2);
  const int near = atoi(args[1]);
  fold_rate = atof(args[2]);
  if (count == 3) verify(near);
  for (int i = 3; i < count; ++i) {
    const double taken = measure(near, strtoull(args[i], NULL, 10));
    if (rank == 0) printf("%.9g\n", taken);
  }
  MPI_Finalize();
  return 0;
}
