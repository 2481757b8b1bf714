// Richards: the simulation of an operating system's scheduler that Martin Richards described (BCPL, about 1980): an idle
// task, a worker, two packet handlers and two devices pass packets to each other; each task's step is a virtual call from the
// scheduler. Written here from its description. A round with the idle count of 1,000 queues 2,322 packets and holds 928 tasks.
#include "bench.h"

namespace {

enum TaskId { Idle, Worker, HandlerA, HandlerB, DeviceA, DeviceB, taskCount };
enum class Kind : uint32_t { device, work };

struct Packet {
  Packet *next;
  uint32_t task;  // where it goes; after queueing, where it came from
  Kind kind;
  uint32_t datum = 0;
  uint32_t data[4] = {0, 0, 0, 0};
  Packet(Packet *next, uint32_t task, Kind kind) : next(next), task(task), kind(kind) {}
};

Packet *append(Packet *queue, Packet *packet) {
  packet->next = nullptr;
  if (!queue) return packet;
  Packet *last = queue;
  while (last->next) last = last->next;
  last->next = packet;
  return queue;
}

class Scheduler;

// A task control block; what the task does is in the subclass.
struct Task {
  Task *next = nullptr;
  uint32_t id, priority;
  Packet *queue;
  bool packetPending, waiting, held = false;

  Task(uint32_t id, uint32_t priority, Packet *queue, bool waiting)
      : id(id), priority(priority), queue(queue), packetPending(queue != nullptr), waiting(waiting) {}
  virtual ~Task() {}
  // One step with a packet or none; returns the task to go on with.
  virtual Task *step(Scheduler &scheduler, Packet *packet) = 0;

  bool blocked() const { return held || (waiting && !packetPending); }

  Packet *take() {
    if (!(waiting && packetPending)) return nullptr;
    Packet *packet = queue;
    queue = packet->next;
    waiting = false;
    packetPending = queue != nullptr;
    return packet;
  }
};

class Scheduler {
 public:
  uint32_t queued = 0, holds = 0;

  void add(Task *task) {
    task->next = list;
    list = task;
    table[task->id] = task;
  }

  __attribute__((noinline)) void run() {
    current = list;
    while (current) current = current->blocked() ? current->next : current->step(*this, current->take());
  }

  Task *hold() {
    holds++;
    current->held = true;
    return current->next;
  }

  Task *wait() {
    current->waiting = true;
    return current;
  }

  Task *release(uint32_t id) {
    Task *task = table[id];
    task->held = false;
    return task->priority > current->priority ? task : current;
  }

  Task *send(Packet *packet) {
    Task *task = table[packet->task];
    queued++;
    packet->next = nullptr;
    packet->task = current->id;
    if (task->queue) {
      append(task->queue, packet);
      return current;
    }
    task->queue = packet;
    task->packetPending = true;
    return task->priority > current->priority ? task : current;
  }

 private:
  Task *list = nullptr, *current = nullptr;
  Task *table[taskCount] = {};
};

struct IdleTask final : Task {
  uint32_t control = 1, count;
  explicit IdleTask(uint32_t count) : Task(Idle, 0, nullptr, false), count(count) {}
  Task *step(Scheduler &scheduler, Packet *) override {
    if (--count == 0) return scheduler.hold();
    const bool odd = control & 1;
    control >>= 1;
    if (odd) control ^= 0xD008;
    return scheduler.release(odd ? DeviceB : DeviceA);
  }
};

struct WorkerTask final : Task {
  uint32_t destination = HandlerA, letter = 0;
  explicit WorkerTask(Packet *queue) : Task(Worker, 1000, queue, true) {}
  Task *step(Scheduler &scheduler, Packet *packet) override {
    if (!packet) return scheduler.wait();
    destination = destination == HandlerA ? HandlerB : HandlerA;
    packet->task = destination;
    packet->datum = 0;
    for (uint32_t &datum : packet->data) {
      letter = letter == 26 ? 1 : letter + 1;
      datum = letter;
    }
    return scheduler.send(packet);
  }
};

struct HandlerTask final : Task {
  Packet *work = nullptr, *device = nullptr;
  HandlerTask(uint32_t id, uint32_t priority, Packet *queue) : Task(id, priority, queue, true) {}
  Task *step(Scheduler &scheduler, Packet *packet) override {
    if (packet) {
      Packet *&list = packet->kind == Kind::work ? work : device;
      list = append(list, packet);
    }
    if (!work) return scheduler.wait();
    const uint32_t done = work->datum;
    if (done >= 4) {
      Packet *finished = work;
      work = work->next;
      return scheduler.send(finished);
    }
    if (!device) return scheduler.wait();
    Packet *next = device;
    device = device->next;
    next->datum = work->data[done];
    work->datum = done + 1;
    return scheduler.send(next);
  }
};

struct DeviceTask final : Task {
  Packet *pending = nullptr;
  DeviceTask(uint32_t id, uint32_t priority) : Task(id, priority, nullptr, true) {}
  Task *step(Scheduler &scheduler, Packet *packet) override {
    if (packet) {
      pending = packet;
      return scheduler.hold();
    }
    if (!pending) return scheduler.wait();
    Packet *ready = pending;
    pending = nullptr;
    return scheduler.send(ready);
  }
};

Packet *packets(uint32_t count, uint32_t task, Kind kind) {
  Packet *list = nullptr;
  while (count--) list = new Packet(list, task, kind);
  return list;
}

}  // namespace

int main(int argc, char **argv) {
  const uint32_t rounds = bench_argument(argc, argv, 1, 9000);
  uint64_t sum = 0;
  for (uint32_t round = 0; round < rounds; round++) {
    Packet *own[3] = {packets(2, Worker, Kind::work), packets(3, DeviceA, Kind::device),
                      packets(3, DeviceB, Kind::device)};
    // The queues are rearranged while it runs, so what to free afterwards is noted here.
    Packet *all[8];
    uint32_t size = 0;
    for (Packet *list : own) {
      for (Packet *packet = list; packet; packet = packet->next) all[size++] = packet;
    }
    Task *tasks[taskCount] = {
      new IdleTask(1000), new WorkerTask(own[0]), new HandlerTask(HandlerA, 2000, own[1]),
      new HandlerTask(HandlerB, 3000, own[2]), new DeviceTask(DeviceA, 4000), new DeviceTask(DeviceB, 5000),
    };
    Scheduler scheduler;
    for (Task *task : tasks) scheduler.add(task);
    scheduler.run();
    if (scheduler.queued != 2322 || scheduler.holds != 928) return 2;
    sum = bench_mix(sum, (uint64_t)scheduler.queued << 32 | scheduler.holds);
    sum = bench_mix(sum, ((WorkerTask *)tasks[Worker])->letter);
    for (Task *task : tasks) delete task;
    for (uint32_t i = 0; i < size; i++) delete all[i];
  }
  return bench_report("richards", sum);
}
