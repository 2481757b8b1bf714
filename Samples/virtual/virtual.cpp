// The module of toolchain-docs/deopt-walkthrough.md: a loop with one virtual call.
// sum(n, odd): the areas of n shapes, all of them squares but for number `odd`.

struct Shape {
  virtual int area(int size) const { return size; }
};

struct Square final : Shape {
  int area(int size) const override { return size * size; }
};

struct Circle final : Shape {
  int area(int size) const override { return 3 * size * size; }
};

static const Square square;
static const Circle circle;

// Out of line, and with an effect: or the compiler would see which shape it is.
static int picked;
[[gnu::noinline]] static const Shape &pick(bool isOdd) {
  picked += 1;
  if (isOdd) return circle;
  return square;
}

extern "C" int sum(int n, int odd) {
  int total = 0;
  for (int i = 0; i < n; i++) total += pick(i == odd).area(i);
  return total;
}
