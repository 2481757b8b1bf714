// workload.js SCALE PART...: prints a checksum for each part. The parts use different corners of the interpreter.
"use strict";
const [scale, ...chosen] = [Number(scriptArgs[0]), ...scriptArgs.slice(1)];

const parts = {
  // Classes, virtual methods, accessors.
  objects() {
    class Shape { scaled(factor) { return this.area * factor; } }
    class Square extends Shape { constructor(side) { super(); this.side = side; } get area() { return this.side * this.side; } }
    class Circle extends Shape { constructor(radius) { super(); this.radius = radius; } get area() { return 3 * this.radius * this.radius; } }
    const shapes = Array.from({ length: 1000 }, (_, i) => i % 3 ? new Square(i) : new Circle(i));
    let sum = 0;
    for (let round = 1; round <= 40 * scale; round++) for (const shape of shapes) sum = (sum + shape.scaled(round)) % 1000003;
    return sum;
  },

  // Allocation and reference counts: binary trees.
  trees() {
    const make = depth => depth ? { left: make(depth - 1), right: make(depth - 1) } : {};
    const count = tree => tree.left ? 1 + count(tree.left) + count(tree.right) : 1;
    let sum = 0;
    for (let i = 0; i < 3 * scale; i++) sum += count(make(10));
    return sum;
  },

  // Strings, regular expressions, maps.
  strings() {
    let seed = 42, total = 0;
    const words = Array.from({ length: 2000 }, () => {
      seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff;
      return String.fromCharCode(97 + seed % 26, 97 + (seed >> 5) % 26) + seed % 97;
    });
    const text = words.join(" ");
    for (let i = 0; i < 3 * scale; i++) {
      const histogram = new Map();
      for (const [word] of text.matchAll(/[a-z]+\d/g)) histogram.set(word, (histogram.get(word) ?? 0) + 1);
      for (const [word, times] of [...histogram].sort()) total = (total * 31 + times + word.charCodeAt(0)) % 1000003;
      total += text.replace(/\d+/g, digits => `<${digits}>`).length;
    }
    return total;
  },

  // Sorting with a comparator, and array methods.
  sort() {
    let sum = 0;
    for (let round = 1; round <= 2 * scale; round++) {
      let seed = round;
      const numbers = Array.from({ length: 4000 }, () => seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff);
      numbers.sort((a, b) => a - b);
      sum = (sum + numbers.filter(n => n % 3 === 0).map(n => n % 1000).reduce((a, b) => a + b, 0) + numbers[round]) % 1000003;
    }
    return sum;
  },

  // Floating point and typed arrays.
  numbers() {
    const size = 40, a = new Float64Array(size * size).map((_, i) => i % 7 + 0.5), b = a.slice().reverse();
    let trace = 0;
    for (let round = 0; round < scale; round++)
      for (let i = 0; i < size; i++)
        for (let j = 0; j < size; j++) {
          let sum = 0;
          for (let k = 0; k < size; k++) sum += a[i * size + k] * b[k * size + j];
          if (i === j) trace += Math.sqrt(sum);
        }
    return trace.toFixed(6);
  },

  // Generators, destructuring, exceptions, JSON.
  misc() {
    function* walk(limit) { for (let i = 0; i < limit; i++) yield { key: `k${i % 50}`, value: [i, i * 2] }; }
    let sum = 0;
    for (let round = 0; round < 5 * scale; round++) {
      const record = {};
      for (const { key, value: [first, second] } of walk(500)) record[key] = (record[key] ?? 0) + first + second;
      try { JSON.parse(JSON.stringify(record) + (round % 2 ? "" : "!")); } catch (error) { sum += error.message.length; }
      sum = (sum + Object.entries(JSON.parse(JSON.stringify(record))).reduce((total, [key, value]) => total + value + key.length, 0)) % 1000003;
    }
    return sum;
  },
};

for (const name of chosen) print(name, parts[name]());
