#!/usr/bin/env python3
"""Writes a design for the iCE40 as the JSON netlist that yosys would write: netlist.py KIND BLOCKS OUTPUT.json

KIND:
  mix       each block: an LFSR, a counter, an accumulator that adds the two, and a round of mixing with its neighbour
  random    each block: registers behind random four-input functions of the block's own and of anybody's registers
A block is 16 bits wide: about 64 cells of `mix` (carry chains included), 16 of `random`. All blocks end in an XOR tree
that feeds eight output pins.
"""

import json
import random
import sys

WIDTH = 16


class Netlist:
    def __init__(self):
        self.cells = {}
        self.ports = {}
        self.next_bit = 2  # 0 and 1 are the constants' in yosys' numbering

    def wire(self) -> int:
        self.next_bit += 1
        return self.next_bit - 1

    def wires(self, count: int) -> list[int]:
        return [self.wire() for _ in range(count)]

    def cell(self, kind: str, connections: dict, parameters: dict = {}) -> None:
        self.cells[f"{kind.lower()}_{len(self.cells)}"] = {
            "hide_name": 0, "type": kind, "parameters": parameters, "attributes": {},
            "port_directions": {port: "output" if port in ("O", "Q", "CO") else "input" for port in connections},
            "connections": {port: [bit] for port, bit in connections.items()},
        }

    def lut(self, function: int, inputs: list) -> int:
        """A four-input function; bit i of `function` is its value where the inputs, the first lowest, spell i."""
        output = self.wire()
        padded = inputs + ["0"] * (4 - len(inputs))
        self.cell("SB_LUT4", {**{f"I{i}": bit for i, bit in enumerate(padded)}, "O": output}, {"LUT_INIT": f"{function:016b}"})
        return output

    def xor(self, inputs: list) -> int:
        while len(inputs) > 1:
            inputs = [self.lut(0x6996, inputs[i:i + 4]) for i in range(0, len(inputs), 4)]
        return inputs[0]

    def register(self, clock: int, data: int, output: int) -> None:
        self.cell("SB_DFF", {"C": clock, "D": data, "Q": output})

    def sum(self, a: list, b: list) -> list[int]:
        """Adds on a carry chain, which the cell of a bit shares with its sum: I1 and I2 are the addends, I3 the carry."""
        carry, result = "0", []
        for x, y in zip(a, b):
            result.append(self.lut(0xC33C, ["0", x, y, carry]))
            following = self.wire()
            self.cell("SB_CARRY", {"I0": x, "I1": y, "CI": carry, "CO": following})
            carry = following
        return result

    def port(self, name: str, direction: str, bits: list) -> None:
        self.ports[name] = {"direction": direction, "bits": bits}

    def write(self, path: str) -> None:
        top = {"attributes": {"top": "00000000000000000000000000000001"}, "ports": self.ports, "cells": self.cells, "netnames": {
            name: {"hide_name": 0, "bits": port["bits"], "attributes": {}} for name, port in self.ports.items()}}
        with open(path, "w") as file:
            json.dump({"creator": "netlist.py", "modules": {"top": top}}, file)


def mix(net: Netlist, clock: int, enable: int, blocks: int) -> list:
    registers = [net.wires(WIDTH) for _ in range(blocks)]
    ends = []
    for number, accumulator in enumerate(registers):
        lfsr, counter = net.wires(WIDTH), net.wires(WIDTH)
        feedback = net.lut(0x9669, [lfsr[15], lfsr[14], lfsr[12], lfsr[3]])  # XNOR: all zeros is a state like others
        for i in range(WIDTH):
            net.register(clock, feedback if i == 0 else net.lut(0xCAF0 ^ number % 256, [lfsr[i - 1], enable, lfsr[i]]), lfsr[i])
        for bit, output in zip(net.sum(counter, [enable] + ["0"] * (WIDTH - 1)), counter):
            net.register(clock, bit, output)
        total = net.sum(lfsr, accumulator)
        neighbour = registers[(number + 1) % blocks]
        for i in range(WIDTH):
            net.register(clock, net.lut(0x1EE1, [total[i], counter[i], neighbour[(i * 5 + 3) % WIDTH], enable]), accumulator[i])
        ends.append(net.xor(accumulator[::4]))
    return ends


def functions(net: Netlist, clock: int, enable: int, blocks: int) -> list:
    choose = random.Random(blocks)
    registers = net.wires(WIDTH * blocks)
    for i, output in enumerate(registers):
        block = i // WIDTH * WIDTH
        inputs = [registers[block + choose.randrange(WIDTH)] for _ in range(3)] + [choose.choice(registers)]
        net.register(clock, net.lut(choose.randrange(1, 0xFFFF), inputs), output)
    return [net.lut(0x8778, [registers[i], registers[i + 7], registers[i + 11], enable]) for i in range(0, len(registers), WIDTH)]


def main() -> None:
    kind, blocks, output = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    net = Netlist()
    clock, enable = net.wire(), net.wire()
    net.port("clock", "input", [clock])
    net.port("enable", "input", [enable])
    ends = {"mix": mix, "random": functions}[kind](net, clock, enable, blocks)
    net.port("result", "output", [net.xor(ends[i::8] or [enable]) for i in range(8)])
    net.write(output)


if __name__ == "__main__":
    main()
