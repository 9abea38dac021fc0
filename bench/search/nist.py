#!/usr/bin/env python3
"""clfit search on 12 measured curves of NIST, beside scikit-learn's MLPRegressor and SciPy's least_squares.

    nist.py CLFIT

clfit has to come within 1.05 of the residual sum of squares (RSS) that NIST has certified for its own model. The others
fit networks of the size that it found, with the number of starts that it took at that size, to data scaled in the same
way: MLPRegressor with 2000 iterations of adam or lbfgs without regularisation, least_squares (MINPACK's lmder) with the
analytic Jacobian and the same distribution of initial weights. Shown are the best RSS over the certified one and the
seconds, of clfit those of the whole process.
"""
import json
import pathlib
import subprocess
import sys
import time
import warnings

import numpy as np
from scipy.optimize import least_squares
from sklearn.neural_network import MLPRegressor

import prototype

CERTIFIED = {'Bennett5': 5.2404744073E-04, 'Chwirut1': 2.3844771393E+03, 'DanWood': 4.3173084083E-03,
             'Eckerle4': 1.4635887487E-03, 'Gauss1': 1.3158222432E+03, 'Gauss2': 1.2475282092E+03,
             'Hahn1': 1.5324382854E+00, 'Lanczos3': 1.6117193594E-08, 'MGH17': 5.4648946975E-05,
             'Misra1a': 1.2455138894E-01, 'Rat42': 8.0565229338E+00, 'Roszman1': 4.9484847331E-04}
DATA = pathlib.Path(__file__).resolve().parents[2] / 'tests' / 'data' / 'nist'


def timed(fit):
    start = time.time()
    return fit(), time.time() - start


def search(clfit, path, n, certified):
    command = [clfit, 'search', '--data', str(path), '--max-rmse', repr(float(np.sqrt(1.05 * certified / n))), '--json',
               '--quiet']
    found, seconds = timed(lambda: json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout))
    return found, seconds


def sklearn(solver, hidden, starts, x, y):
    def one(seed):
        model = MLPRegressor((hidden,), activation='tanh', solver=solver, alpha=0, max_iter=2000, tol=1e-10,
                             n_iter_no_change=2000, random_state=seed)
        return ((model.fit(x[:, None], y).predict(x[:, None]) - y) ** 2).sum()
    return min(one(seed) for seed in range(starts))


def scipy(hidden, starts, x, y):
    def errors(p):
        return prototype.residuals(p[None], hidden, x, y)[0][0]

    def jacobian(p):
        return prototype.residuals(p[None], hidden, x, y)[1][0]
    method = 'lm' if len(x) >= 3 * hidden + 1 else 'trf'  # lmder wants as many samples as parameters
    return min(2 * least_squares(errors, p, jacobian, method=method, max_nfev=2000).cost
               for p in prototype.starts_of(hidden, starts, np.random.RandomState(0)))


def main():
    warnings.simplefilter('ignore')
    print('| set | neurons | starts | clfit | adam | lbfgs | least_squares |\n|---|---|---|---|---|---|---|')
    for name, certified in CERTIFIED.items():
        path = DATA / f'{name}.csv'
        x, y = np.loadtxt(path, delimiter=',', skiprows=1, unpack=True)
        found, seconds = search(sys.argv[1], path, len(x), certified)
        row = found['tradeoff'][-1]
        hidden, starts = row['hidden'], row['starts']
        (x, _), (y, factor) = prototype.scaled(x), prototype.scaled(y)
        cells = [(found['fit_rss'], seconds)]
        for fit in (lambda: sklearn('adam', hidden, starts, x, y), lambda: sklearn('lbfgs', hidden, starts, x, y),
                    lambda: scipy(hidden, starts, x, y)):
            rss, seconds = timed(fit)
            cells.append((rss * factor ** 2, seconds))
        print(f'| {name} | {hidden} | {found["starts"]} |', ' | '.join(f'{rss / certified:.3g}, {seconds:.2f} s'
                                                                    for rss, seconds in cells), '|', flush=True)


main()
