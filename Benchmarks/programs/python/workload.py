"""workload.py SCALE PART...: prints a checksum for each part. The parts use different corners of the interpreter."""

import json
import re
import sys


class Shape:
    def scaled(self, factor):
        return self.area() * factor


class Square(Shape):
    def __init__(self, side):
        self.side = side

    def area(self):
        return self.side * self.side


class Circle(Shape):
    def __init__(self, radius):
        self.radius = radius

    def area(self):
        return 3 * self.radius * self.radius


def objects(scale):
    shapes = [Square(i) if i % 3 else Circle(i) for i in range(1000)]
    total = 0
    for factor in range(1, 8 * scale + 1):
        for shape in shapes:
            total = (total + shape.scaled(factor)) % 1000003
    return total


def strings(scale):
    seed, words = 42, []
    for _ in range(2000):
        seed = (seed * 1103515245 + 12345) % 2**31
        words.append(f"{chr(97 + seed % 26)}{chr(97 + seed // 26 % 26)}{seed % 97}")
    text, total = " ".join(words), 0
    for _ in range(scale):
        histogram = {}
        for word in re.findall(r"[a-z]+\d", text):
            histogram[word] = histogram.get(word, 0) + 1
        for word, times in sorted(histogram.items()):
            total = (total * 31 + times + ord(word[0])) % 1000003
        total += len(re.sub(r"\d+", lambda digits: f"<{digits[0]}>", text))
    return total


def numbers(scale):
    total = 0.0
    for i in range(20000 * scale):
        total += (i % 7 + 0.5) ** 0.5 * (i & 3)
    return f"{total:.6f}"


def generators(scale):
    def walk(limit):
        for i in range(limit):
            yield f"k{i % 50}", (i, i * 2)

    total = 0
    for _ in range(3 * scale):
        record = {}
        for key, (first, second) in walk(500):
            record[key] = record.get(key, 0) + first + second
        try:
            json.loads(json.dumps(record) + "!")
        except ValueError as error:
            total += len(str(error))
        total = (total + sum(json.loads(json.dumps(record)).values())) % 1000003
    return total


def integers(scale):
    value = 1
    for i in range(1, 150 * scale):
        value = value * i % (10**60 + 7) + i
    return value % 1000003


for name in sys.argv[2:]:
    print(name, globals()[name](int(sys.argv[1])))
