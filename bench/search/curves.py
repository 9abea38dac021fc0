#!/usr/bin/env python3
"""clfit search and the prototype (prototype.py) on 100 made curves: neurons and seconds.

    curves.py CLFIT [COUNT]

Ten families, each with constants drawn at random: nothing of the search was chosen for any of them. A curve without
noise has to be met with an rmse of 1e-3 of its range, one with noise with 1.05 of the noise that was added.
"""
import json
import subprocess
import sys
import tempfile
import time

import numpy as np

import prototype

MOST = 16


def fourier(x, r):
    return sum(r.randn() / k * np.sin(k * np.pi * x * 1.5 + r.uniform(0, 6)) for k in range(1, 5))


def peaks(x, r):
    return sum(r.uniform(.3, 1) * np.exp(-((x - r.rand()) / r.uniform(.04, .15)) ** 2) for _ in range(r.randint(1, 4)))


def kinks(x, r):
    ends = np.sort(np.r_[0, r.rand(r.randint(1, 5)), 1])
    return np.interp(x, ends, r.rand(len(ends)))


def steps(x, r):
    return sum(r.randn() * np.tanh((x - r.rand()) * r.uniform(10, 80)) for _ in range(r.randint(1, 4))) + r.randn() * x


def decays(x, r):
    return sum(r.uniform(.2, 1) * np.exp(-x * 10 ** r.uniform(0, 1.7)) for _ in range(r.randint(1, 4)))


def swings(x, r):
    return np.exp(-x * r.uniform(0, 4)) * np.sin(x * r.uniform(5, 25) + r.uniform(0, 6))


def powers(x, r):
    return (x + 1e-3) ** r.uniform(.2, 4) + r.randn() * (x + 1e-3) ** r.uniform(-.5, 2)


def hyperbolas(x, r):
    return 1 / (1 + ((x - r.rand()) * r.uniform(2, 12)) ** 2) + r.randn() * x ** 2


def thermistors(x, r):
    share = .02 + .96 * x
    return 1 / (1 / 298.15 + np.log((1 - share) / share) / r.uniform(3000, 4500)) - 273.15


def polynomials(x, r):
    return np.polyval(r.randn(r.randint(3, 8)), 2 * x - 1)


FAMILIES = [fourier, peaks, kinks, steps, decays, swings, powers, hyperbolas, thermistors, polynomials]


def make(i):
    """A curve's samples, the bound of its rmse, and what it is."""
    r = np.random.RandomState(1000 + i)
    family = FAMILIES[i % len(FAMILIES)]
    n = int(10 ** r.uniform(.95, 2.8))
    x = np.sort(r.rand(n)) if r.rand() < .3 else np.linspace(0, 1, n)
    y = family(x, r)
    span = np.ptp(y) or 1.0
    share = r.choice([0, 0, .01, .05])
    noise = share * span * r.randn(n)
    bound = 1.05 * np.sqrt((noise ** 2).mean()) if share else 1e-3 * span
    return x, y + noise, bound, f'{family.__name__}, {n} points, noise {share:.0%}'


def search(clfit, x, y, bound, folder):
    path = f'{folder}/curve.csv'
    np.savetxt(path, np.c_[x, y], delimiter=',', header='x,y', comments='', fmt='%.17g')
    start = time.time()
    run = subprocess.run([clfit, 'search', '--data', path, '--max-rmse', repr(float(bound)), '--json', '--quiet'],
                         capture_output=True, text=True, check=False)
    seconds = time.time() - start
    if run.returncode > 1:
        sys.exit(run.stderr)
    found = json.loads(run.stdout)
    return found['hidden'] if found['met'] else MOST + 1, seconds


def search_prototype(x, y, bound):
    start = time.time()
    for hidden in range(1, MOST + 1):
        if prototype.fit(hidden, 24, 150, x, y) <= len(x) * bound ** 2:
            return hidden, time.time() - start
    return MOST + 1, time.time() - start


def main():
    clfit, count = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 100
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for i in range(count):
            x, y, bound, name = make(i)
            ours, theirs = search(clfit, x, y, bound, folder), search_prototype(x, y, bound)
            rows.append((ours, theirs))
            mark = '' if ours[0] <= min(theirs[0], MOST) else '  <- more neurons' if ours[0] <= MOST else '  <- not met'
            print(f'{i:3} {name:44} {ours[0]:3} neurons {ours[1]:6.2f} s   prototype {theirs[0]:3} {theirs[1]:7.2f} s{mark}',
                  flush=True)
    hidden, seconds = (np.array([[row[k][j] for row in rows] for k in range(2)]) for j in range(2))
    print('neurons: fewer', (hidden[0] < hidden[1]).sum(), 'equal', (hidden[0] == hidden[1]).sum(), 'more',
          (hidden[0] > hidden[1]).sum(), f'; not met {(hidden[0] > MOST).sum()}, prototype {(hidden[1] > MOST).sum()}')
    for name, values in (('clfit search', 0), ('prototype', 1)):
        print(f'{name:13} neurons', dict(zip(*(v.tolist() for v in np.unique(hidden[values], return_counts=True)))),
              'seconds: median %.2f, 90 %% %.2f, largest %.2f' % tuple(np.percentile(seconds[values], [50, 90, 100])))


main()
