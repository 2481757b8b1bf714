// Rays against a scene of shapes behind a virtual `hit`: many spheres, a few boxes, one floor. Primary rays with one
// shadow ray each. Only + - * / and sqrt on doubles, which are exact everywhere, so the checksum is too.
#include <math.h>

#include "bench.h"

namespace {

struct Vec {
  double x, y, z;
};
inline Vec operator+(Vec a, Vec b) { return {a.x + b.x, a.y + b.y, a.z + b.z}; }
inline Vec operator-(Vec a, Vec b) { return {a.x - b.x, a.y - b.y, a.z - b.z}; }
inline Vec operator*(Vec a, double s) { return {a.x * s, a.y * s, a.z * s}; }
inline double dot(Vec a, Vec b) { return a.x * b.x + a.y * b.y + a.z * b.z; }
inline Vec unit(Vec a) { return a * (1 / sqrt(dot(a, a))); }

struct Ray {
  Vec origin, direction;
};

struct Shape {
  virtual double hit(const Ray &ray) const = 0;  // distance along the ray, or a negative number
  virtual Vec normal(Vec point) const = 0;
  virtual ~Shape() {}
};

struct Sphere final : Shape {
  Vec center;
  double radius;
  Sphere(Vec center, double radius) : center(center), radius(radius) {}
  double hit(const Ray &ray) const override {
    const Vec to = ray.origin - center;
    const double b = dot(to, ray.direction);
    const double c = dot(to, to) - radius * radius;
    const double discriminant = b * b - c;
    if (discriminant <= 0) return -1;
    const double root = sqrt(discriminant);
    return -b - root > 1e-6 ? -b - root : -b + root;
  }
  Vec normal(Vec point) const override { return (point - center) * (1 / radius); }
};

struct Floor final : Shape {
  double height;
  explicit Floor(double height) : height(height) {}
  double hit(const Ray &ray) const override {
    if (ray.direction.y > -1e-9 && ray.direction.y < 1e-9) return -1;
    return (height - ray.origin.y) / ray.direction.y;
  }
  Vec normal(Vec) const override { return {0, 1, 0}; }
};

struct Box final : Shape {
  Vec low, high;
  Box(Vec low, Vec high) : low(low), high(high) {}
  static void clip(double origin, double direction, double low, double high, double &near, double &far) {
    const double inverse = 1 / direction;
    double a = (low - origin) * inverse, b = (high - origin) * inverse;
    if (a > b) {
      const double swap = a;
      a = b;
      b = swap;
    }
    if (a > near) near = a;
    if (b < far) far = b;
  }
  double hit(const Ray &ray) const override {
    double near = -1e30, far = 1e30;
    clip(ray.origin.x, ray.direction.x, low.x, high.x, near, far);
    clip(ray.origin.y, ray.direction.y, low.y, high.y, near, far);
    clip(ray.origin.z, ray.direction.z, low.z, high.z, near, far);
    return near <= far ? near : -1;
  }
  Vec normal(Vec point) const override {
    if (point.x - low.x < 1e-6) return {-1, 0, 0};
    if (high.x - point.x < 1e-6) return {1, 0, 0};
    if (high.y - point.y < 1e-6) return {0, 1, 0};
    return {0, 0, -1};
  }
};

struct Scene {
  Shape *shapes[32];
  uint32_t size = 0;
  void add(Shape *shape) { shapes[size++] = shape; }
};

__attribute__((noinline)) const Shape *nearest(const Scene &scene, const Ray &ray, double &distance) {
  const Shape *best = nullptr;
  distance = 1e20;
  for (uint32_t i = 0; i < scene.size; i++) {
    const double t = scene.shapes[i]->hit(ray);
    if (t > 1e-6 && t < distance) {
      distance = t;
      best = scene.shapes[i];
    }
  }
  return best;
}

__attribute__((noinline)) bool shadowed(const Scene &scene, const Ray &ray) {
  for (uint32_t i = 0; i < scene.size; i++) {
    if (scene.shapes[i]->hit(ray) > 1e-6) return true;
  }
  return false;
}

uint64_t render(const Scene &scene, uint32_t width, uint32_t height, Vec eye) {
  const Vec light = unit({0.5, 1, -0.7});
  uint64_t sum = 0;
  for (uint32_t y = 0; y < height; y++) {
    for (uint32_t x = 0; x < width; x++) {
      const Vec direction = unit({(x + 0.5) / width - 0.5, 0.5 - (y + 0.5) / height, 1});
      const Ray ray = {eye, direction};
      double distance;
      const Shape *shape = nearest(scene, ray, distance);
      uint32_t shade = 16;
      if (shape) {
        const Vec point = eye + direction * distance;
        const double slope = dot(shape->normal(point), light);
        if (slope > 0 && !shadowed(scene, {point, light})) shade += (uint32_t)(slope * 200);
      }
      sum = sum * 31 + shade;
    }
  }
  return sum;
}

}  // namespace

int main(int argc, char **argv) {
  const uint32_t frames = bench_argument(argc, argv, 1, 100);
  uint64_t seed = 17, sum = 0;
  Scene scene;
  scene.add(new Floor(-1));
  for (int i = 0; i < 27; i++) {
    const double x = (double)(bench_random(&seed) % 600) / 100 - 3;
    const double y = (double)(bench_random(&seed) % 200) / 100 - 1;
    const double z = (double)(bench_random(&seed) % 600) / 100 + 3;
    scene.add(new Sphere({x, y, z}, 0.2 + (double)(bench_random(&seed) % 40) / 100));
  }
  scene.add(new Box({-2, -1, 4}, {-1.5, 0.2, 4.5}));
  scene.add(new Box({1, -1, 5}, {1.8, 0, 6}));
  for (uint32_t frame = 0; frame < frames; frame++) {
    sum = bench_mix(sum, render(scene, 160, 120, {(double)(frame % 16) / 16 - 0.5, 0.4, -1}));
  }
  return bench_report("rays", sum);
}
