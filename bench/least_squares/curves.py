"""The curves that `search` fits: NIST's, calibration curves, and generated ones. None is chosen for what comes out."""
import collections
import csv
import math
import pathlib

import numpy as np

HERE = pathlib.Path(__file__).resolve().parent
NIST = HERE.parent.parent / "tests" / "data" / "nist"

# options: what says the bound. certified: a residual sum of squares to compare with, or None.
Curve = collections.namedtuple("Curve", "name x y options neurons certified floor")


def plain(name, x, y, *options):
    return Curve(name, x, y, list(options), None, None, None)


def nist():
    """NIST's twelve sets, each to 1.05 times the certified residual sum of squares."""
    lines = [line for line in (HERE / "nist.csv").read_text().splitlines() if not line.startswith("#")]
    curves = []
    for row in csv.DictReader(lines):
        x, y = np.loadtxt(NIST / f"{row['set']}.csv", delimiter=",", skiprows=1).T
        rss = float(row["certified_rss"])
        bound = math.sqrt(1.05 * rss / len(x))
        curves.append(Curve(row["set"], x, y, ["--max-rmse", repr(bound)], int(row["neurons"]), rss,
                            float(row["floor"] or 0.0)))
    return curves


# ---- calibration curves ----------------------------------------------------------------------------------------------

CODES = np.arange(4096.0)  # of a 12-bit converter


def pt100():
    """Temperature over code of a Pt100 (IEC 60751) in a divider with 400 ohm, all codes from -200 to 850 degrees
    Celsius; solved by bisection."""
    def resistance(t):
        below = np.where(t < 0.0, -4.183e-12 * (t - 100.0) * t**3, 0.0)
        return 100.0 * (1.0 + 3.9083e-3 * t - 5.775e-7 * t * t + below)

    ratio = (CODES + 0.5) / 4096.0
    want = 400.0 * ratio / (1.0 - ratio)
    inside = (want >= resistance(np.array(-200.0))) & (want <= resistance(np.array(850.0)))
    want = want[inside]
    low, high = np.full(want.shape, -200.0), np.full(want.shape, 850.0)
    for _ in range(60):
        middle = 0.5 * (low + high)
        above = resistance(middle) > want
        low, high = np.where(above, low, middle), np.where(above, middle, high)
    return CODES[inside], 0.5 * (low + high)


def ntc(low=-40.0, high=125.0):
    """Temperature over code of an NTC (10 kilohm at 25 degrees Celsius, B = 3950 K) below 10 kilohm."""
    ratio = (CODES + 0.5) / 4096.0
    t = 1.0 / (1.0 / 298.15 + np.log(ratio / (1.0 - ratio)) / 3950.0) - 273.15
    inside = (t >= low) & (t <= high)
    return CODES[inside], t[inside]


def calibration():
    return [plain(f"{name}, {bound} K", *curve, "--max-error", bound)
            for name, curve in (("Pt100", pt100()), ("NTC", ntc())) for bound in ("1", "0.1", "0.03")]


# ---- generated curves ------------------------------------------------------------------------------------------------

SEED = 20261125
EACH = 17  # of six kinds, in turns; the first 100 of them


def smooth(random, x):
    """Sums of a few sines, bells and a parabola."""
    y = random.normal() * x + random.normal() * x * x
    for _ in range(random.integers(1, 4)):
        y += random.normal() * np.sin(random.uniform(0.5, 6.0) * x + random.uniform(0.0, 6.3))
    for _ in range(random.integers(0, 3)):
        y += random.normal() * np.exp(-(((x - random.uniform(-1.0, 1.0)) / random.uniform(0.2, 0.8))**2))
    return y


def kinked(random, x):
    """Straight pieces between 3 to 6 points."""
    nodes = np.sort(random.uniform(-1.0, 1.0, random.integers(1, 5)))
    nodes = np.concatenate([[-1.0], nodes, [1.0]])
    return np.interp(x, nodes, random.normal(size=len(nodes)))


def steep(random, x):
    """Steps of 1/20 to 1/200 of the range, on a slope."""
    y = random.normal() * x
    for _ in range(random.integers(1, 4)):
        y += random.normal() * np.tanh((x - random.uniform(-0.8, 0.8)) * random.uniform(20.0, 200.0))
    return y


def power(random, x):
    """What sensors have: powers, exponentials and logarithms of a positive argument."""
    u = 0.5 * (x + 1.0) + random.uniform(0.02, 0.3)
    return [u**random.uniform(-1.5, 2.5), np.exp(random.uniform(-4.0, 4.0) * u), np.log(u)][random.integers(3)]


def generate(kind, index):
    """x on some range of a unit of its own, y in a unit of its own; every other one at equal distances."""
    random = np.random.default_rng([SEED, list(KINDS).index(kind), index])
    shape, low, high, noisy = KINDS[kind]
    shape = shape or (smooth, kinked, steep, power)[random.integers(4)]
    count = int(round(math.exp(random.uniform(math.log(low), math.log(high)))))
    x = np.linspace(-1.0, 1.0, count) if index % 2 else np.sort(random.uniform(-1.0, 1.0, count))
    y = shape(random, x)
    spread = float(np.ptp(y)) or 1.0
    noise = random.normal(size=count) * spread * random.uniform(0.005, 0.05) if noisy else np.zeros(count)
    # Of noisy curves the noise drawn, and 5 % on its squares, as with NIST's; else a thousandth of the range.
    bound = float(math.sqrt(1.05 * np.mean(noise**2)) if noisy else 1e-3 * spread)
    x_unit, y_unit = 10.0**random.uniform(-3.0, 4.0), 10.0**random.uniform(-4.0, 3.0)
    x, y = (x + random.uniform(-3.0, 3.0)) * x_unit, (y + noise) * y_unit
    return plain(f"{kind} {index}", x, y, "--max-rmse", repr(float(bound * y_unit)))


# Kind: shape (None: any), fewest and most samples, noise.
KINDS = {"smooth": (smooth, 50, 500, False), "kinked": (kinked, 50, 500, False), "steep": (steep, 100, 500, False),
         "noisy": (None, 40, 500, True), "few": (None, 6, 20, False), "many": (None, 2000, 20000, False)}


def generated():
    """100 curves of all kinds."""
    return [generate(kind, index) for index in range(EACH) for kind in KINDS][:100]


GROUPS = {"nist": nist, "calibration": calibration, "generated": generated}
