// Median milliseconds of MPI_Allreduce over floats, for each length given: what bench/distributed.ts compares with.
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>

static int compare(const void* a, const void* b) {
  const double x = *(const double*)a, y = *(const double*)b;
  return (x > y) - (x < y);
}

int main(int argc, char** argv) {
  MPI_Init(&argc, &argv);
  int rank;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  for (int i = 2; i < argc; ++i) {
    const int repetitions = atoi(argv[1]), length = atoi(argv[i]);
    float* const x = malloc(sizeof(float) * (size_t)length);
    double* const times = malloc(sizeof(double) * (size_t)repetitions);
    for (int j = 0; j < length; ++j) x[j] = 0;
    for (int r = -2; r < repetitions; ++r) {
      MPI_Barrier(MPI_COMM_WORLD);
      const double start = MPI_Wtime();
      MPI_Allreduce(MPI_IN_PLACE, x, length, MPI_FLOAT, MPI_SUM, MPI_COMM_WORLD);
      if (r >= 0) times[r] = 1e3 * (MPI_Wtime() - start);
    }
    qsort(times, (size_t)repetitions, sizeof(double), compare);
    if (rank == 0) printf("%d %.4f\n", length, times[repetitions / 2]);
    free(x);
    free(times);
  }
  MPI_Finalize();
  return 0;
}
