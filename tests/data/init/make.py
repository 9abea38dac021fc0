#!/usr/bin/env python3
"""Writes init.csv: initial parameters drawn by NumPy's legacy generator, as clfit.h has it at clfit_state_init_over.

Columns: init,init_scale,hidden,seed,low,high (init_scale 0: the initialisation's own), name,index,value: decimals that
read back to NumPy's float64. Made with NumPy 1.24.2.   make.py >init.csv"""
import numpy as np


def xavier(s, n, low, high):
    b = s * (np.sqrt(6) / np.sqrt(1 + n))
    w1 = np.random.uniform(-b, b, n)
    return w1, np.zeros(n), np.random.uniform(-b, b, n)


def he(s, n, low, high):
    w1 = s * np.sqrt(2) * np.random.randn(n)
    return w1, np.zeros(n), s * np.sqrt(2 / n) * np.random.randn(n)


def normal(s, n, low, high):
    w1 = s * np.random.randn(n)
    return w1, np.zeros(n), s * np.random.randn(n)


def zero(s, n, low, high):
    return np.zeros(n), np.zeros(n), np.zeros(n)


def spread(s, n, low, high):
    b = 2 * s / (high - low) if high > low else s
    w1 = np.random.uniform(-b, b, n)
    c = np.random.uniform(low, high, n)
    return w1, -w1 * c, 0.3 * np.random.randn(n)


OWN = {xavier: 1, he: 1, normal: 0.01, zero: 0, spread: 6}
RANGES = {spread: [(-1, 1), (0, 1), (-3.5, 250), (7, 7)]}

print("init,init_scale,hidden,seed,low,high,name,index,value")
for draw, own in OWN.items():
    for low, high in RANGES.get(draw, [(-1, 1)]):
        for scale in (0, 2.5):
            for hidden, seed in ((1, 0), (5, 2), (33, 4294967295)):
                np.random.seed(seed)
                planes = *draw(scale or own, hidden, low, high), np.zeros(1)
                for name, plane in zip(("W1", "B1", "W2", "B2"), planes):
                    for i, value in enumerate(plane):
                        print(draw.__name__, scale, hidden, seed, low, high, name, i, repr(float(value)), sep=",")
