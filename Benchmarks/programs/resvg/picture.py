#!/usr/bin/env python3
"""Writes a picture with COUNT of each kind of shape: gradients, strokes, clips, masks, filters. picture.py COUNT OUTPUT.svg"""

import random
import sys


def main() -> None:
    count, output = int(sys.argv[1]), sys.argv[2]
    chance = random.Random(count)

    def number(limit: float = 1000) -> str:
        return f"{chance.uniform(0.1, limit):.1f}"

    def points(many: int) -> str:
        return " ".join(f"{number()},{number()}" for _ in range(many))

    colours = ["#c33", "#3a6", "#26c", "#e92", "#849"]
    lines = [
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="500" height="500" viewBox="0 0 1000 1000">',
        '<defs><linearGradient id="l"><stop offset="0" stop-color="#fff"/><stop offset="1" stop-color="#26c"/></linearGradient>',
        '<radialGradient id="r"><stop offset="0" stop-color="#fc6"/><stop offset="1" stop-color="#a12" stop-opacity=".3"/></radialGradient>',
        '<clipPath id="c"><circle cx="500" cy="500" r="380"/></clipPath>',
        '<mask id="m"><rect width="1000" height="1000" fill="url(#l)"/></mask>',
        '<pattern id="p" width="40" height="40" patternUnits="userSpaceOnUse"><circle cx="20" cy="20" r="12" fill="#393"/></pattern>',
        '<filter id="f"><feGaussianBlur stdDeviation="6"/><feOffset dx="5" dy="5"/></filter>',
        '<filter id="t"><feTurbulence baseFrequency=".02" numOctaves="2"/><feColorMatrix type="hueRotate" values="90"/></filter></defs>',
        '<rect width="1000" height="1000" fill="url(#r)"/><rect width="300" height="200" filter="url(#t)"/>',
    ]
    for i in range(count):
        colour = chance.choice([*colours, "url(#l)", "url(#r)", "url(#p)"])
        lines += [
            f'<circle cx="{number()}" cy="{number()}" r="{number(60)}" fill="{colour}" opacity=".7"/>',
            f'<path d="M{points(1)} C{points(3)} S{points(2)} Q{points(2)} Z" fill="none" stroke="{colour}" stroke-width="{number(9)}"'
            f' stroke-linejoin="round" stroke-dasharray="{number(40)} {number(20)}"/>',
            f'<polygon points="{points(7)}" fill="{colour}" fill-rule="evenodd" clip-path="url(#c)" opacity=".2"/>',
            f'<rect x="{number()}" y="{number()}" width="{number(80)}" height="{number(80)}" rx="9" fill="{colour}"'
            f' transform="rotate({number(90)} 500 500) skewX({number(20)})"/>',
        ]
        if i % 20 == 0:
            lines += [f'<g mask="url(#m)"><ellipse cx="{number()}" cy="{number()}" rx="90" ry="50" fill="{colour}" filter="url(#f)"/></g>']
    with open(output, "w") as file:
        file.write("\n".join([*lines, "</svg>"]) + "\n")


if __name__ == "__main__":
    main()
