"""scikit-learn's MLPRegressor and SciPy's least_squares on a curve: as many starts of the same size as clfit trained,
or as many as the time allows. x and y are from -1 to 1, as clfit has them. So that each gives its best there is no
penalty, and there are more iterations than by default."""
import time
import warnings

import numpy as np


def scaled(values):
    low, high = values.min(), values.max()
    return (values - (low + high) / 2) / ((high - low) / 2), (high - low) / 2


def fit_scipy(x, y, hidden, seed):
    """The same model and kind of initial parameters, analytic Jacobian; MINPACK where there are enough samples."""
    from scipy.optimize import least_squares
    random = np.random.RandomState(seed)
    w1, centre = random.uniform(-6.0, 6.0, hidden), random.uniform(-1.0, 1.0, hidden)
    initial = np.concatenate([w1, -w1 * centre, 0.3 * random.randn(hidden), [0.0]])

    def errors(p):
        w1, b1, w2, b2 = np.split(p, [hidden, 2 * hidden, 3 * hidden])
        return np.tanh(np.outer(x, w1) + b1) @ w2 + b2 - y

    def jacobian(p):
        w1, b1, w2, _ = np.split(p, [hidden, 2 * hidden, 3 * hidden])
        a = np.tanh(np.outer(x, w1) + b1)
        slope = (1.0 - a * a) * w2
        return np.concatenate([slope * x[:, None], slope, a, np.ones((len(x), 1))], axis=1)

    method = "lm" if len(x) >= len(initial) else "trf"
    result = least_squares(errors, initial, jacobian, method=method, x_scale="jac", max_nfev=600)
    return 2.0 * result.cost


def fit_sklearn(solver, x, y, hidden, seed):
    from sklearn.neural_network import MLPRegressor
    network = MLPRegressor(hidden_layer_sizes=(hidden,), activation="tanh", solver=solver, alpha=0.0, max_iter=5000,
                           tol=1e-9, learning_rate_init=0.01, n_iter_no_change=100, max_fun=100000, random_state=seed)
    network.fit(x[:, None], y)
    return float(np.sum((network.predict(x[:, None]) - y)**2))


OTHERS = {"SciPy least_squares": fit_scipy,
          "MLPRegressor lbfgs": lambda *rest: fit_sklearn("lbfgs", *rest),
          "MLPRegressor adam": lambda *rest: fit_sklearn("adam", *rest)}


def fit_other(name, x, y, hidden, starts, limit):
    """Smallest residual sum of squares in y's own unit, starts made, processor seconds."""
    warnings.simplefilter("ignore")
    (x, _), (y, factor) = scaled(x), scaled(y)
    OTHERS[name](x, y, hidden, starts)  # what is loaded at the first call is no part of the time
    begin, best, done = time.process_time(), np.inf, 0
    while done < starts and time.process_time() - begin < limit:
        best = min(best, OTHERS[name](x, y, hidden, done))
        done += 1
    return best * factor * factor, done, time.process_time() - begin
