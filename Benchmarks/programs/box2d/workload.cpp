// Scenes of falling bodies: workload SCENE STEPS [SCENE STEPS]...; prints a checksum of the bodies' states for each.
//   pyramid   boxes in a pyramid, hit by a heavy ball in the middle
//   mixed     circles, boxes and triangles fall into a funnel of edges and a chain
//   joints    bridges and ragdoll-like chains of revolute, distance and prismatic joints; ray casts and queries
#include <box2d/box2d.h>

#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace {

struct Counting : b2ContactListener {
  uint64_t begun = 0, ended = 0;
  double impulses = 0;
  void BeginContact(b2Contact *) override { ++begun; }
  void EndContact(b2Contact *) override { ++ended; }
  void PostSolve(b2Contact *, const b2ContactImpulse *impulse) override {
    for (int i = 0; i < impulse->count; ++i) impulses += impulse->normalImpulses[i];
  }
};

struct Nearest : b2RayCastCallback {
  float fraction = 1;
  float ReportFixture(b2Fixture *, const b2Vec2 &, const b2Vec2 &, float at) override { return fraction = at; }
};

struct Inside : b2QueryCallback {
  int count = 0;
  bool ReportFixture(b2Fixture *) override { return ++count < 50; }
};

uint32_t state = 1;
float random(float low, float high) {
  state = state * 1664525u + 1013904223u;
  return low + (high - low) * (float)(state >> 8) / (float)(1 << 24);
}

b2Body *add(b2World &world, b2BodyType type, b2Vec2 at, const b2Shape &shape, float density) {
  b2BodyDef definition;
  definition.type = type;
  definition.position = at;
  b2Body *body = world.CreateBody(&definition);
  body->CreateFixture(&shape, density);
  return body;
}

void ground(b2World &world) {
  b2EdgeShape edge;
  edge.SetTwoSided({-60, 0}, {60, 0});
  add(world, b2_staticBody, {0, 0}, edge, 0);
}

void pyramid(b2World &world) {
  ground(world);
  b2PolygonShape box;
  box.SetAsBox(0.5f, 0.5f);
  for (int row = 0; row < 24; ++row)
    for (int i = row; i < 24; ++i)
      add(world, b2_dynamicBody, {(float)i * 1.12f - (float)row * 0.56f - 12, 0.75f + (float)row * 1.25f}, box, 5);
}

void mixed(b2World &world) {
  ground(world);
  b2EdgeShape side;
  side.SetTwoSided({-30, 30}, {-4, 3});
  add(world, b2_staticBody, {0, 0}, side, 0);
  b2Vec2 bends[] = {{4, 3}, {12, 8}, {20, 18}, {30, 30}};
  b2ChainShape chain;
  chain.CreateChain(bends, 4, {0, 0}, {31, 40});
  add(world, b2_staticBody, {0, 0}, chain, 0);
  for (int i = 0; i < 350; ++i) {
    b2Vec2 at(random(-15, 15), 12 + (float)i * 0.4f);
    b2CircleShape circle;
    b2PolygonShape polygon;
    circle.m_radius = random(0.3f, 0.7f);
    if (i % 3 == 1) polygon.SetAsBox(random(0.2f, 0.8f), random(0.2f, 0.8f));
    b2Vec2 corners[] = {{-0.6f, -0.4f}, {0.6f, -0.4f}, {0, 0.7f}};
    if (i % 3 == 2) polygon.Set(corners, 3);
    add(world, b2_dynamicBody, at, i % 3 ? (const b2Shape &)polygon : circle, random(1, 4));
  }
}

void joints(b2World &world) {
  ground(world);
  b2EdgeShape point;
  point.SetTwoSided({0, 0}, {0.1f, 0});
  b2PolygonShape plank;
  plank.SetAsBox(0.5f, 0.125f);
  for (int bridge = 0; bridge < 8; ++bridge) {
    float height = 5 + 4 * (float)bridge;
    b2Body *start = add(world, b2_staticBody, {-15, height}, point, 0), *before = start;
    for (int i = 0; i < 30; ++i) {
      b2Body *next = add(world, b2_dynamicBody, {-14.5f + (float)i, height}, plank, 20);
      b2RevoluteJointDef hinge;
      hinge.Initialize(before, next, {-15 + (float)i, height});
      world.CreateJoint(&hinge);
      before = next;
    }
    b2DistanceJointDef rod;
    rod.Initialize(before, start, before->GetPosition(), {-15, height});
    world.CreateJoint(&rod);
    b2Body *slider = add(world, b2_dynamicBody, {20, height}, plank, 3);
    b2PrismaticJointDef rail;
    rail.Initialize(start, slider, slider->GetPosition(), {0, 1});
    rail.enableMotor = rail.enableLimit = true;
    rail.motorSpeed = 3, rail.maxMotorForce = 200, rail.lowerTranslation = -3, rail.upperTranslation = 3;
    world.CreateJoint(&rail);
    b2CircleShape ball;
    ball.m_radius = 0.4f;
    for (int i = 0; i < 12; ++i) add(world, b2_dynamicBody, {-13 + 2 * (float)i, height + 1.5f}, ball, 2);
  }
}

uint64_t mix(uint64_t hash, float value) {
  uint32_t bits;
  memcpy(&bits, &value, sizeof bits);
  return (hash ^ bits) * 1099511628211u;
}

void run(const char *scene, int steps) {
  b2World world({0, -10});
  Counting counting;
  world.SetContactListener(&counting);
  state = 1;
  if (!strcmp(scene, "pyramid")) pyramid(world);
  if (!strcmp(scene, "mixed")) mixed(world);
  if (!strcmp(scene, "joints")) joints(world);
  int found = 0;
  float fractions = 0;
  for (int step = 0; step < steps; ++step) {
    if (step == steps / 2) {
      b2CircleShape ball;
      ball.m_radius = 1.5f;
      b2Body *body = add(world, b2_dynamicBody, {-40, 6}, ball, 60);
      body->SetBullet(true);
      body->SetLinearVelocity({90, 4});
    }
    world.Step(1.0f / 60, 8, 3);
    for (int i = 0; i < 20; ++i) {
      Nearest nearest;
      world.RayCast(&nearest, {-30, 1 + (float)i}, {30, 2 + (float)i});
      fractions += nearest.fraction;
      Inside inside;
      b2AABB area;
      area.lowerBound.Set((float)i - 10, 1), area.upperBound.Set((float)i - 8, 4);
      world.QueryAABB(&inside, area);
      found += inside.count;
    }
  }
  uint64_t hash = 14695981039346656037u;
  for (b2Body *body = world.GetBodyList(); body; body = body->GetNext())
    hash = mix(mix(mix(hash, body->GetPosition().x), body->GetPosition().y), body->GetAngle());
  printf("%s %d: %016" PRIx64 ", contacts %" PRIu64 " begun, %" PRIu64 " ended, impulses %.6g, found %d, rays %.6g\n", scene,
         steps, hash, counting.begun, counting.ended, counting.impulses, found, fractions);
}

}  // namespace

int main(int count, char **arguments) {
  for (int i = 1; i + 1 < count; i += 2) run(arguments[i], atoi(arguments[i + 1]));
}
