// For debuggers and profilers: a call that the C compiler inlines, in a function that wasm-pgo inlines behind a guard.

static inline int element(const int *values, int i) {
  return values[i];
}

__attribute__((noinline)) static int twice(const int *values, int i) {
  return 2 * element(values, i);
}

__attribute__((noinline)) static int thrice(const int *values, int i) {
  return 3 * element(values, i);
}

static int (*const operations[])(const int *, int) = {twice, thrice};

int sum(const int *values, int n, int which) {
  int total = 0;
  for (int i = 0; i < n; i++)
    total += operations[which & 1](values, i);
  return total;
}
