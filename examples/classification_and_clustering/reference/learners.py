"""Two learners from scratch, logistic regression and k-means, with NumPy alone."""

# %% [markdown]
# # Two learners from scratch
#
# A classifier learns from examples whose answers are given; a clustering finds groups in examples without any. You
# write one of each: logistic regression, trained by gradient descent, and k-means.
#
# - Every function has a docstring that says all there is to know. Replace its `raise NotImplementedError(...)` by
#   your code; most bodies are one to five lines.
# - Keep names, arguments and the order of returned values. You may add functions of your own.
# - Use NumPy only, and let later functions *call the earlier ones by name*: a mistake is then marked once, where it is.
# - Part 1 is worth 52 points, Part 2 40 and Part 3 8. The questions at the end are marked by people.
#
# **Conventions.** $X$ has one row per example, $(N, D)$. Labels $y$ are 0 or 1, weights $w$ have shape $(D,)$, and the
# intercept $b$ is a number. Cluster centres are rows, too: $(K, D)$. No argument is modified. Random numbers come from
# the argument `rng`, a `numpy.random.Generator`, and from nowhere else.

# %%
import numpy as np

# %% [markdown]
# ## Part 1: A line between two classes (52 points)
#
# Logistic regression turns a weighted sum into a probability, $p = \sigma(Xw + b)$, and asks for the weights under
# which the labels that were seen are most probable. That is, it looks for the least
#
# $$J(w, b) = -\frac{1}{N} \sum_n \bigl[ y_n \log p_n + (1 - y_n) \log(1 - p_n) \bigr] + \lambda \sum_d w_d^2 .$$
#
# $J$ is convex: whatever the start, small steps against the gradient end in the same place. The gradient is short,
# since the logarithm and the exponential cancel: $\partial J / \partial z_n = (p_n - y_n) / N$ for $z = Xw + b$.


# %%
def sigmoid(z):
    """1.1 The logistic function, for numbers of any size.

    Parameters
    ----------
    z : ndarray of any shape

    Returns
    -------
    p : ndarray of the same shape
        ``1 / (1 + exp(-z))``, finite also at +1000 and -1000.

    Notes
    -----
    ``exp(1000)`` is infinite. ``1 / (1 + exp(-z)) = exp(z) / (1 + exp(z))``: choose the form whose exponent is
    negative.

    Examples
    --------
    >>> sigmoid(np.array([-1000.0, 0.0, 1000.0]))
    array([0. , 0.5, 1. ])
    """
    e = np.exp(-np.abs(z))  # the exponent is never positive
    return np.where(z >= 0, 1.0, e) / (1.0 + e)


def log_loss(p, y):
    """1.2 How surprising the labels are: mean negative logarithm of their probabilities.

    Parameters
    ----------
    p : ndarray of shape (N,)
        Probabilities of label 1.
    y : ndarray of shape (N,)
        Labels, 0 or 1.

    Returns
    -------
    loss : float
        Mean of ``-log(p)`` where `y` is 1, and of ``-log(1 - p)`` where it is 0, with `p` clipped to
        ``[1e-12, 1 - 1e-12]``: a prediction that is certain and wrong costs 27.6, not infinitely much.

    Examples
    --------
    >>> round(log_loss(np.array([0.5, 0.25]), np.array([1, 0])), 4)  # (log 2 + log 4/3) / 2
    0.4904
    """
    p = np.clip(p, 1e-12, 1 - 1e-12)
    return float(-np.mean(y * np.log(p) + (1 - y) * np.log(1 - p)))


def log_loss_gradient(X, y, w, b, l2=0.0):
    """1.3 Gradient of the objective J.

    Parameters
    ----------
    X : ndarray of shape (N, D)
    y : ndarray of shape (N,)
    w : ndarray of shape (D,)
    b : float
    l2 : float
        The factor of ``sum(w**2)``, which has no 1/2 and no 1/N, and leaves `b` alone.

    Returns
    -------
    dw : ndarray of shape (D,)
    db : float
        Derivatives of ``log_loss(sigmoid(X @ w + b), y) + l2 * sum(w**2)``.

    Examples
    --------
    >>> X, y = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([1, 0])
    >>> dw, db = log_loss_gradient(X, y, np.zeros(2), 0.0)
    >>> dw, float(db)
    (array([0.5, 0.5]), 0.0)
    """
    dz = (sigmoid(X @ w + b) - y) / len(y)
    return X.T @ dz + 2 * l2 * w, dz.sum()


def descend(X, y, w, b, lr, l2=0.0):
    """1.4 One step of gradient descent.

    Parameters
    ----------
    X, y, w, b, l2
        As for `log_loss_gradient`.
    lr : float
        Learning rate.

    Returns
    -------
    w : ndarray of shape (D,)
        A new array, ``w - lr * dw``.
    b : float
        ``b - lr * db``.

    Examples
    --------
    >>> X, y = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([1, 0])
    >>> w, b = descend(X, y, np.zeros(2), 0.0, lr=0.1)
    >>> w, float(b)
    (array([-0.05, -0.05]), 0.0)
    """
    dw, db = log_loss_gradient(X, y, w, b, l2)
    return w - lr * dw, b - lr * db


def fit_logistic(X, y, lr, steps, l2=0.0):
    """1.5 Train a logistic regression from weights and intercept 0.

    Parameters
    ----------
    X : ndarray of shape (N, D)
    y : ndarray of shape (N,)
    lr : float
    steps : int
        How often `descend` is called.
    l2 : float

    Returns
    -------
    w : ndarray of shape (D,)
    b : float
    losses : list of `steps` floats
        The log loss after each step, without the penalty.

    Examples
    --------
    >>> X, y = np.array([[0.0], [1.0]]), np.array([0, 1])
    >>> w, b, losses = fit_logistic(X, y, lr=1.0, steps=2)
    >>> w.round(4), round(float(b), 4), [round(loss, 4) for loss in losses]
    (array([0.4689]), -0.0311, [0.6345, 0.5879])
    """
    w, b, losses = np.zeros(X.shape[1]), 0.0, []
    for _ in range(steps):
        w, b = descend(X, y, w, b, lr, l2)
        losses.append(log_loss(sigmoid(X @ w + b), y))
    return w, b, losses


def predict_label(X, w, b):
    """1.6 The more probable label of each row.

    Parameters
    ----------
    X : ndarray of shape (N, D)
    w : ndarray of shape (D,)
    b : float

    Returns
    -------
    labels : ndarray of int, shape (N,)
        1 where the probability of label 1 is at least 0.5, and 0 elsewhere.

    Examples
    --------
    >>> predict_label(np.array([[3.0], [2.0], [1.0]]), np.array([1.0]), -2.0)
    array([1, 1, 0])
    """
    return (sigmoid(X @ w + b) >= 0.5).astype(int)


# %% [markdown]
# ## Part 2: Groups without labels (40 points)
#
# k-means looks for $K$ centres such that the points are near theirs: it makes the *inertia* small, the sum of the
# squared distances of all points from their centres. Two steps take turns, and neither can make the inertia larger:
# with the centres held, every point goes to its nearest centre; with the groups held, every centre goes to the mean of
# its group. After finitely many rounds nothing changes any more. Where that is depends on the first centres.


# %%
def assign(X, centres):
    """2.1 The nearest centre of each point.

    Parameters
    ----------
    X : ndarray of shape (N, D)
    centres : ndarray of shape (K, D)

    Returns
    -------
    labels : ndarray of int, shape (N,)
        Row of the centre with the least Euclidean distance; of equally near ones the first.

    Examples
    --------
    >>> assign(np.array([[0.0], [4.0], [5.0]]), np.array([[0.0], [8.0]]))
    array([0, 0, 1])
    """
    return _squared_distances(X, centres).argmin(axis=1)


def _squared_distances(X, centres):
    return ((X[:, np.newaxis] - centres) ** 2).sum(axis=2)


def update_centres(X, labels, centres):
    """2.2 The mean of each group.

    Parameters
    ----------
    X : ndarray of shape (N, D)
    labels : ndarray of int, shape (N,)
    centres : ndarray of shape (K, D)
        The centres so far.

    Returns
    -------
    centres : ndarray of shape (K, D)
        A new array. A group without points keeps the centre that it had.

    Examples
    --------
    >>> update_centres(np.array([[1.0], [3.0]]), np.array([0, 0]), np.array([[0.0], [9.0]]))
    array([[2.],
           [9.]])
    """
    moved = np.array(centres, dtype=float)
    for k in range(len(centres)):
        if np.any(labels == k):
            moved[k] = X[labels == k].mean(axis=0)
    return moved


def inertia(X, labels, centres):
    """2.3 Sum of the squared distances of all points from the centres of their groups.

    Parameters
    ----------
    X : ndarray of shape (N, D)
    labels : ndarray of int, shape (N,)
        The group of each point; need not be the nearest.
    centres : ndarray of shape (K, D)

    Returns
    -------
    total : float

    Examples
    --------
    >>> inertia(np.array([[1.0], [3.0]]), np.array([0, 1]), np.array([[0.0], [1.0]]))
    5.0
    """
    return float(np.sum((X - centres[labels]) ** 2))


def spread_centres(X, k, rng):
    """2.4 First centres that lie far apart (k-means++).

    Parameters
    ----------
    X : ndarray of shape (N, D)
        At least `k` different rows.
    k : int
        Number of centres K.
    rng : numpy.random.Generator

    Returns
    -------
    centres : ndarray of shape (K, D)
        Rows of `X`. The first is any of them, with equal probabilities; each further one is drawn with probabilities
        in proportion to the *squared* distance of each row from the nearest centre that there is already.

    Raises
    ------
    ValueError
        If `k` is larger than the number of rows.

    References
    ----------
    Arthur, Vassilvitskii (2007), k-means++: The Advantages of Careful Seeding, section 2.2.

    Examples
    --------
    >>> X = np.array([[0.0], [0.0], [7.0]])
    >>> np.sort(spread_centres(X, 2, np.random.default_rng(0)), axis=0)  # a second 0 has probability 0
    array([[0.],
           [7.]])
    """
    if k > len(X):
        raise ValueError(f"{len(X)} rows cannot give {k} centres")
    chosen = [rng.integers(len(X))]
    while len(chosen) < k:
        nearest = _squared_distances(X, X[chosen]).min(axis=1)
        chosen.append(rng.choice(len(X), p=nearest / nearest.sum()))
    return X[chosen]


class KMeans:
    """2.5 k-means: assign and update until no point changes its group.

    Parameters
    ----------
    k : int
        Number of groups.
    max_rounds : int
        Most rounds of one `fit`.
    rng : numpy.random.Generator, optional
        Draws the first centres; a fresh ``np.random.default_rng()`` if None.

    Attributes
    ----------
    centres : ndarray of shape (K, D)
    labels : ndarray of int, shape (N,)
        Groups of the points that were fitted, from the last `assign`.

    Examples
    --------
    >>> model = KMeans(2)
    >>> model.fit(np.array([[0.0], [1.0], [2.0], [9.0]]), centres=np.array([[0.0], [1.0]]))
    [38.0, 2.0, 2.0]
    >>> model.centres
    array([[1.],
           [9.]])
    >>> model.labels, model.predict(np.array([[4.0], [6.0]]))
    (array([0, 0, 0, 1]), array([0, 1]))
    """

    def __init__(self, k, max_rounds=100, rng=None):
        """2.5 Store the settings."""
        self.k, self.max_rounds = k, max_rounds
        self.rng = np.random.default_rng() if rng is None else rng

    def fit(self, X, centres=None):
        """2.5 Find the groups of these points; sets `centres` and `labels`.

        A round is `assign` with the centres so far, then `update_centres`. The last round is the first one whose labels
        are those of the round before, or round number `max_rounds`.

        Parameters
        ----------
        X : ndarray of shape (N, D)
        centres : ndarray of shape (K, D), optional
            First centres; if None, those of `spread_centres` with the model's ``rng``.

        Returns
        -------
        history : list of float
            For each round the `inertia` of its labels and its updated centres.
        """
        self.centres = spread_centres(X, self.k, self.rng) if centres is None else centres
        self.labels, history = None, []
        while len(history) < self.max_rounds:
            before, self.labels = self.labels, assign(X, self.centres)
            self.centres = update_centres(X, self.labels, self.centres)
            history.append(inertia(X, self.labels, self.centres))
            if before is not None and np.array_equal(before, self.labels):
                break
        return history

    def predict(self, X):
        """2.5 The group of each point, by the centres that were found.

        Parameters
        ----------
        X : ndarray of shape (M, D)
            Any points.

        Returns
        -------
        labels : ndarray of int, shape (M,)
        """
        return assign(X, self.centres)


# %% [markdown]
# ## Part 3: Both at work (8 points)
#
# There is nothing to write here. The grader runs *your* functions on the data in `data/`; do so first. Points rise from
# "learns nothing" to a figure that is a little milder than the target.
#
# - **Bands**: two overlapping classes in the plane, 160 points to train on and 600 others to test. `fit_logistic`
#   with a learning rate of 0.5 and 400 steps. *Target: a test accuracy of 93 %.*
# - **Groups**: 210 points in five groups of different sizes. `KMeans(5)` from six random starts, of which the best
#   counts. *Target: an inertia below 65.*

# %% [markdown]
# ## Questions
#
# Answer each in about 100 words. These answers are read and marked by people; they do not belong to the 100 points.

# %% [markdown]
# **Question 1.** Train on two classes that a line separates perfectly, without a penalty, for more and more steps. What
# becomes of the norm of $w$, and why? What does `l2` change?
#
# **Your answer:**

# %% [markdown]
# **Question 2.** Plot the inertia against $K$ from 1 to 10. Why can the least inertia not be used to choose $K$? What
# else do you see in the curve?
#
# **Your answer:**
