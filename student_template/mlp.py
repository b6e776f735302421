"""A multi-layer perceptron from scratch, with NumPy alone."""

# %% [markdown]
# # A multi-layer perceptron from scratch
#
# In this homework you build a neural network out of nothing but arrays: its layers, its gradients, its
# optimizers, its regularization, and the experiments that show what each of them does.
#
# **How to work**
#
# - Every function and class below has a docstring that says all there is to know: shapes, formula, example.
#   Replace its `raise NotImplementedError(...)` by your code. Go in order; most bodies are one to ten lines.
# - **Keep names, arguments and the order of returned values.** You may add functions of your own.
# - Use **NumPy only**: no deep learning framework, no automatic differentiation.
# - Let `MLP`, `train` and the experiments *call the functions you wrote above by name*. Then a mistake in one
#   of them is marked once, where it is, and not again in everything that uses it.
# - Every function is marked on its own. If one resists, go on to the next.
# - Part 1 is worth 17 points, Part 2 39 and Part 3 44. The written questions at the end are marked by people.
# - Part 4, a bonus of 5 points, is the same network in Keras or PyTorch: the text at the head of `framework.py`, or
#   the section "Part 4" at the end of the notebook.

# %% [markdown]
# ## Conventions
#
# Textbooks and libraries differ in factors and signs. These are ours, and they are marked.
#
# - **One row per example.** $X$ is $(N, D)$, $W$ is $(D, H)$, $b$ is $(H,)$ and $Z = XW + b$ is $(N, H)$.
# - Arrays are float64. **No argument is modified**, except where the docstring says *updates*.
# - **Backward functions** take the gradient that arrives from above first (`dZ` means
#   $\partial\,\text{loss}/\partial Z$), then the forward values they need. They return the gradients in the
#   order of the forward arguments. Nothing is remembered between calls.
# - **Losses.** Predictions $P$ and targets $Y$ are always $(N, K)$. MSE and BCE are means over all $N K$
#   entries; CCE is a mean over the $N$ rows, with one-hot $Y$. Probabilities are clipped to
#   $[10^{-12}, 1 - 10^{-12}]$ inside the logarithms.
# - **L2 is WITHOUT the factor 1/2**: the penalty is $\lambda_1 \sum |W| + \lambda_2 \sum W^2$, so its
#   gradient is $\lambda_1\,\mathrm{sign}(W) + 2 \lambda_2 W$. It covers the weight matrices, never `b`,
#   `gamma` or `beta`.
# - At the kink, $\mathrm{ReLU}'(0) = 0$ and $\mathrm{sign}(0) = 0$.
# - **Momentum is in the AVERAGED form**: $v \leftarrow \beta v + (1 - \beta) g$, and not
#   $v \leftarrow \beta v + g$.
# - **In optimizers `eps` stands OUTSIDE the root**: $g / (\sqrt{s} + \epsilon)$; Adam adds it after the bias
#   correction. (Batch normalization is the exception: $\sqrt{\mathrm{var} + \epsilon}$.)
# - **`rate` is the probability of DROPPING a unit**, and a mask is 1 where the unit is kept.
# - **Batch normalization** divides by the biased variance (mean of squares, `ddof=0`) and keeps
#   running = momentum * running + (1 - momentum) * batch, with momentum 0.9.
# - **Order of a hidden layer:** linear, batch normalization, activation, dropout. The output layer has
#   neither batch normalization nor dropout.
# - **Randomness** comes from the argument `rng`, a `numpy.random.Generator`, and from nowhere else: no seeds
#   of your own, no `np.random.rand`. No mark depends on which numbers were drawn.

# %%
import numpy as np

# %% [markdown]
# ## Part 1: Fundamentals (17 points)
#
# ### 1.1-1.2 Data
#
# A classifier wants its labels as rows of zeros with a single one. A network learns faster from columns of
# mean 0 and standard deviation 1. Mean and deviation are learned from the *training* data and then applied to
# all other data: whatever looks at the test set is part of the training.


# %%
def one_hot(y, num_classes):
    """1.1 Labels as one-hot rows.

    Parameters
    ----------
    y : ndarray of int, shape (N,)
        Labels in ``0 .. num_classes - 1``.
    num_classes : int
        Number of classes K; not every class has to occur in `y`.

    Returns
    -------
    Y : ndarray of float, shape (N, K)
        1 in row n at column ``y[n]``, 0 elsewhere.

    Examples
    --------
    >>> one_hot(np.array([2, 0]), 3)
    array([[0., 0., 1.],
           [1., 0., 0.]])
    """
    raise NotImplementedError("1.1 one_hot")


def standardize(X_train, X_other):
    """1.2 Shift and scale both sets by the mean and the standard deviation of the training set.

    Parameters
    ----------
    X_train : ndarray of shape (N, D)
    X_other : ndarray of shape (M, D)
        Validation or test data.

    Returns
    -------
    X_train, X_other : ndarrays of the same shapes
        ``(X - mean) / std``, column by column, with ``mean`` and ``std`` (``ddof=0``) of `X_train` for both.
        A column that is constant in `X_train` is divided by 1.

    Examples
    --------
    >>> X, X_test = standardize(np.array([[1.0, 5.0], [3.0, 5.0]]), np.array([[4.0, 6.0]]))
    >>> X
    array([[-1.,  0.],
           [ 1.,  0.]])
    >>> X_test
    array([[2., 1.]])
    """
    raise NotImplementedError("1.2 standardize")


# %% [markdown]
# ### 1.3-1.6 Layers, forward
#
# A layer is an affine map followed by a non-linear function of each entry:
#
# $$Z = XW + b, \qquad \mathrm{relu}(z) = \max(0, z), \qquad \sigma(z) = \frac{1}{1 + e^{-z}}, \qquad
# \mathrm{softmax}(Z)_{nk} = \frac{e^{Z_{nk}}}{\sum_j e^{Z_{nj}}}$$
#
# Mind the range: $e^{1000}$ overflows. Both formulas can be rewritten so that only exponentials of numbers
# $\le 0$ occur, without changing the result.


# %%
def linear_forward(X, W, b):
    """1.3 Affine layer: every row of X times W, plus b.

    Parameters
    ----------
    X : ndarray of shape (N, D)
    W : ndarray of shape (D, H)
    b : ndarray of shape (H,)

    Returns
    -------
    Z : ndarray of shape (N, H)
        ``Z = X W + b``.

    Examples
    --------
    >>> linear_forward(np.array([[1.0, 2.0]]), np.array([[3.0, 0.0], [4.0, 1.0]]), np.array([5.0, 6.0]))
    array([[16.,  8.]])
    """
    raise NotImplementedError("1.3 linear_forward")


def relu(Z):
    """1.4 Rectified linear unit, entry by entry.

    Parameters
    ----------
    Z : ndarray of any shape

    Returns
    -------
    A : ndarray of the same shape
        ``max(0, Z)``.

    Examples
    --------
    >>> relu(np.array([-1.0, 0.0, 2.0]))
    array([0., 0., 2.])
    """
    raise NotImplementedError("1.4 relu")


def sigmoid(Z):
    """1.5 Logistic function, entry by entry, for numbers of any size.

    Parameters
    ----------
    Z : ndarray of any shape

    Returns
    -------
    A : ndarray of the same shape
        ``1 / (1 + exp(-Z))``, right also at +1000 and -1000, where an exponential may overflow.

    Notes
    -----
    ``1 / (1 + exp(-z))`` equals ``exp(z) / (1 + exp(z))``; each side is safe for one sign of ``z``.

    Examples
    --------
    >>> sigmoid(np.array([-1000.0, 0.0, 1000.0]))
    array([0. , 0.5, 1. ])
    """
    raise NotImplementedError("1.5 sigmoid")


def softmax(Z):
    """1.6 Rows of scores as rows of probabilities, for numbers of any size.

    Parameters
    ----------
    Z : ndarray of shape (N, K)

    Returns
    -------
    P : ndarray of shape (N, K)
        ``exp(Z)`` divided by its row sums, so that every row sums to 1; finite also when entries of `Z` are
        as far apart as +1000 and -1000.

    Notes
    -----
    Subtracting one number from a whole row does not change the row's result. Each row needs its own.

    Examples
    --------
    >>> softmax(np.array([[0.0, np.log(3.0)], [1000.0, -1000.0]]))
    array([[0.25, 0.75],
           [1.  , 0.  ]])
    """
    raise NotImplementedError("1.6 softmax")


# %% [markdown]
# ### 1.7-1.10 Losses and accuracy
#
# $$\mathrm{MSE} = \frac{1}{NK} \sum_{n,k} (P_{nk} - Y_{nk})^2, \qquad
# \mathrm{BCE} = -\frac{1}{NK} \sum_{n,k} \bigl[ Y_{nk} \log P_{nk} + (1 - Y_{nk}) \log(1 - P_{nk}) \bigr],
# \qquad \mathrm{CCE} = -\frac{1}{N} \sum_{n,k} Y_{nk} \log P_{nk}$$
#
# MSE belongs to regression with a linear output, BCE to sigmoid outputs, CCE (categorical cross-entropy) to
# softmax.


# %%
def mse_loss(P, Y):
    """1.7 Mean squared error over all entries.

    Parameters
    ----------
    P, Y : ndarrays of shape (N, K)
        Predictions and targets.

    Returns
    -------
    loss : float
        Sum of ``(P - Y)**2`` divided by ``N * K``.

    Examples
    --------
    >>> mse_loss(np.array([[1.0, 2.0]]), np.array([[0.0, 4.0]]))
    2.5
    """
    raise NotImplementedError("1.7 mse_loss")


def bce_loss(P, Y):
    """1.8 Binary cross-entropy, a mean over all entries.

    Parameters
    ----------
    P, Y : ndarrays of shape (N, K)
        Probabilities and targets in [0, 1].

    Returns
    -------
    loss : float
        Minus the mean over ``N * K`` entries of ``Y log P + (1 - Y) log(1 - P)``, with `P` clipped to
        ``[1e-12, 1 - 1e-12]``; finite when `P` is exactly 0 or 1.

    Examples
    --------
    >>> round(bce_loss(np.array([[0.5], [0.25]]), np.array([[1.0], [0.0]])), 4)  # (log 2 + log 4/3) / 2
    0.4904
    """
    raise NotImplementedError("1.8 bce_loss")


def cce_loss(P, Y):
    """1.9 Categorical cross-entropy, a mean over the rows.

    Parameters
    ----------
    P : ndarray of shape (N, K)
        Probabilities; every row sums to 1.
    Y : ndarray of shape (N, K)
        One-hot targets.

    Returns
    -------
    loss : float
        Minus the sum of ``Y log P``, divided by ``N``, with `P` clipped to ``[1e-12, 1 - 1e-12]``; finite
        when `P` is exactly 0.

    Examples
    --------
    >>> round(cce_loss(np.array([[0.5, 0.5], [0.2, 0.8]]), np.array([[1.0, 0.0], [0.0, 1.0]])), 4)
    0.4581
    """
    raise NotImplementedError("1.9 cce_loss")


def accuracy(P, Y):
    """1.10 Share of correctly classified rows.

    Parameters
    ----------
    P : ndarray of shape (N, K)
        Scores or probabilities.
    Y : ndarray of shape (N, K)
        One-hot rows, or 0 and 1 if ``K == 1``.

    Returns
    -------
    share : float
        For ``K > 1``, the predicted class is the position of the largest entry of the row. For ``K == 1``,
        it is 1 where ``P >= 0.5`` and 0 elsewhere.

    Examples
    --------
    >>> accuracy(np.array([[0.9, 0.1], [0.6, 0.4]]), np.array([[1.0, 0.0], [0.0, 1.0]]))
    0.5
    >>> accuracy(np.array([[0.5], [0.4]]), np.array([[1.0], [0.0]]))
    1.0
    """
    raise NotImplementedError("1.10 accuracy")


# %% [markdown]
# ## Part 2: Backpropagation and optimization (39 points)
#
# ### 2.1-2.3 Layers, backward
#
# Backpropagation is the chain rule, read from the loss towards the input. Each layer receives the gradient of
# the loss with respect to what it returned, and hands on the gradient with respect to what it was given:
#
# $$dX = dZ\,W^\top, \qquad dW = X^\top dZ, \qquad db = \sum_n dZ_n, \qquad
# dZ = dA \odot [Z > 0] \;\text{(ReLU)}, \qquad dZ = dA \odot A \odot (1 - A) \;\text{(sigmoid)}$$
#
# A good habit: the gradient of an array has the shape of that array.


# %%
def linear_backward(dZ, X, W):
    """2.1 Gradients of the affine layer.

    Parameters
    ----------
    dZ : ndarray of shape (N, H)
        Gradient of the loss with respect to the layer's output.
    X : ndarray of shape (N, D)
    W : ndarray of shape (D, H)

    Returns
    -------
    dX : ndarray of shape (N, D)
        ``dZ`` times W transposed.
    dW : ndarray of shape (D, H)
        X transposed times ``dZ``.
    db : ndarray of shape (H,)
        Sum of the rows of ``dZ``. (There is no 1/N here: it is part of the loss.)

    Examples
    --------
    >>> dZ, X, W = np.array([[1.0], [2.0]]), np.array([[3.0, 4.0], [5.0, 6.0]]), np.array([[7.0], [8.0]])
    >>> dX, dW, db = linear_backward(dZ, X, W)
    >>> dX
    array([[ 7.,  8.],
           [14., 16.]])
    >>> dW
    array([[13.],
           [16.]])
    >>> db
    array([3.])
    """
    raise NotImplementedError("2.1 linear_backward")


def relu_backward(dA, Z):
    """2.2 Gradient of ReLU.

    Parameters
    ----------
    dA : ndarray of any shape
        Gradient of the loss with respect to ``A = relu(Z)``.
    Z : ndarray of the same shape
        What ReLU was given.

    Returns
    -------
    dZ : ndarray of the same shape
        `dA` where ``Z > 0``, and 0 elsewhere, also at ``Z == 0``.

    Examples
    --------
    >>> relu_backward(np.array([5.0, 6.0, 7.0]), np.array([-1.0, 0.0, 2.0]))
    array([0., 0., 7.])
    """
    raise NotImplementedError("2.2 relu_backward")


def sigmoid_backward(dA, A):
    """2.3 Gradient of the sigmoid, from its output.

    Parameters
    ----------
    dA : ndarray of any shape
        Gradient of the loss with respect to ``A = sigmoid(Z)``.
    A : ndarray of the same shape
        What the sigmoid returned (not what it was given).

    Returns
    -------
    dZ : ndarray of the same shape
        ``dA * A * (1 - A)``.

    Examples
    --------
    >>> sigmoid_backward(np.array([4.0, 2.0]), np.array([0.5, 1.0]))
    array([1., 0.])
    """
    raise NotImplementedError("2.3 sigmoid_backward")


# %% [markdown]
# ### 2.4-2.6 Losses, backward
#
# Here the backward pass begins. For sigmoid with BCE and for softmax with CCE, take output and loss in one
# step: the product of the two derivatives is short, and it stays finite where each factor alone would not.
#
# $$\frac{\partial\,\mathrm{MSE}}{\partial P} = \frac{2 (P - Y)}{NK}, \qquad
# \frac{\partial\,\mathrm{BCE}}{\partial Z} = \frac{P - Y}{NK}, \qquad
# \frac{\partial\,\mathrm{CCE}}{\partial Z} = \frac{P - Y}{N}$$


# %%
def mse_backward(P, Y):
    """2.4 Gradient of the mean squared error.

    Parameters
    ----------
    P, Y : ndarrays of shape (N, K)

    Returns
    -------
    dP : ndarray of shape (N, K)
        ``2 (P - Y) / (N * K)``: the gradient of ``mse_loss(P, Y)`` with respect to `P`.

    Examples
    --------
    >>> mse_backward(np.array([[1.0, 2.0]]), np.array([[0.0, 4.0]]))
    array([[ 1., -2.]])
    """
    raise NotImplementedError("2.4 mse_backward")


def sigmoid_bce_backward(P, Y):
    """2.5 Gradient of sigmoid and binary cross-entropy together.

    Parameters
    ----------
    P : ndarray of shape (N, K)
        ``sigmoid(Z)``.
    Y : ndarray of shape (N, K)

    Returns
    -------
    dZ : ndarray of shape (N, K)
        ``(P - Y) / (N * K)``: the gradient of ``bce_loss(sigmoid(Z), Y)`` with respect to ``Z``.

    Examples
    --------
    >>> sigmoid_bce_backward(np.array([[0.5], [0.25]]), np.array([[1.0], [0.0]]))
    array([[-0.25 ],
           [ 0.125]])
    """
    raise NotImplementedError("2.5 sigmoid_bce_backward")


def softmax_cce_backward(P, Y):
    """2.6 Gradient of softmax and categorical cross-entropy together.

    Parameters
    ----------
    P : ndarray of shape (N, K)
        ``softmax(Z)``.
    Y : ndarray of shape (N, K)
        One-hot targets.

    Returns
    -------
    dZ : ndarray of shape (N, K)
        ``(P - Y) / N``: the gradient of ``cce_loss(softmax(Z), Y)`` with respect to ``Z``.

    Examples
    --------
    >>> softmax_cce_backward(np.array([[0.5, 0.5], [0.25, 0.75]]), np.array([[1.0, 0.0], [0.0, 1.0]]))
    array([[-0.25 ,  0.25 ],
           [ 0.125, -0.125]])
    """
    raise NotImplementedError("2.6 softmax_cce_backward")


# %% [markdown]
# ### 2.7-2.9 Checking gradients
#
# A wrong gradient seldom crashes: the network just learns worse. So compare with a derivative that knows
# nothing of your formula, the centred difference
#
# $$\frac{\partial f}{\partial x_i} \approx \frac{f(x + h e_i) - f(x - h e_i)}{2h},$$
#
# whose error falls with $h^2$ until rounding takes over. Use these three functions on all you wrote above.


# %%
def numerical_gradient(f, x, h=1e-5):
    """2.7 Gradient by centred differences, one entry at a time.

    Parameters
    ----------
    f : callable
        Takes an array like `x` and returns a float.
    x : ndarray of float, any shape
        Where to differentiate. It may be changed while the function runs, and is afterwards, up to rounding, what
        it was before.
    h : float
        Step.

    Returns
    -------
    gradient : ndarray of the shape of `x`
        ``(f(x + h e) - f(x - h e)) / (2 h)`` for every entry, where ``e`` is 1 at that entry and 0 elsewhere.

    Examples
    --------
    >>> numerical_gradient(lambda x: float(np.sum(x**2)), np.array([1.0, -3.0])).round(6)
    array([ 2., -6.])
    """
    raise NotImplementedError("2.7 numerical_gradient")


def relative_error(a, b):
    """2.8 Distance of two arrays, relative to their size.

    Parameters
    ----------
    a, b : ndarrays of the same shape

    Returns
    -------
    error : float
        ``norm(a - b) / (norm(a) + norm(b))`` with the Euclidean norm over all entries; 0 if both norms are 0.

    Examples
    --------
    >>> relative_error(np.array([3.0, 0.0]), np.array([1.0, 0.0]))
    0.5
    >>> relative_error(np.zeros(2), np.zeros(2))
    0.0
    """
    raise NotImplementedError("2.8 relative_error")


def gradient_check(f, grad_f, x, tol=1e-6):
    """2.9 Tell whether a gradient function belongs to a function.

    Parameters
    ----------
    f : callable
        Takes an array like `x` and returns a float.
    grad_f : callable
        Takes an array like `x` and returns what should be the gradient of `f` there.
    x : ndarray of float, any shape
        Where to check; unchanged afterwards.
    tol : float
        Largest relative error that passes.

    Returns
    -------
    passed : bool
        Whether the relative error of ``numerical_gradient(f, x)`` and ``grad_f(x)`` is at most `tol`.

    Examples
    --------
    >>> x = np.array([1.0, 2.0])
    >>> gradient_check(lambda x: float(np.sum(x**3)), lambda x: 3 * x**2, x)
    True
    >>> gradient_check(lambda x: float(np.sum(x**3)), lambda x: 2 * x**2, x)
    False
    """
    raise NotImplementedError("2.9 gradient_check")


# %% [markdown]
# ### 2.10 Initial weights
#
# Weights that are too small let signals and gradients die out from layer to layer, weights that are too large
# let them explode. Both remedies keep the variance about constant, He for ReLU and Xavier for sigmoid-like
# units:
#
# $$\mathrm{std}_{\text{He}} = \sqrt{2 / \mathrm{fan\_in}}, \qquad
# \mathrm{std}_{\text{Xavier}} = \sqrt{2 / (\mathrm{fan\_in} + \mathrm{fan\_out})}$$


# %%
def init_weights(fan_in, fan_out, method, rng):
    """2.10 Initial weights of an affine layer.

    Parameters
    ----------
    fan_in, fan_out : int
        Number of inputs D and outputs H of the layer.
    method : {"zero", "random", "he", "xavier"}
        All zeros; or independent normal numbers of mean 0 and standard deviation 0.01 (random),
        ``sqrt(2 / fan_in)`` (he) or ``sqrt(2 / (fan_in + fan_out))`` (xavier).
    rng : numpy.random.Generator
        Where the numbers come from.

    Returns
    -------
    W : ndarray of shape (fan_in, fan_out)

    Raises
    ------
    ValueError
        If `method` is none of the four.

    References
    ----------
    He, Zhang, Ren, Sun (2015), Delving Deep into Rectifiers, section 2.2.
    Glorot, Bengio (2010), Understanding the Difficulty of Training Deep Feedforward Neural Networks, eq. 12.

    Examples
    --------
    >>> init_weights(2, 3, "zero", np.random.default_rng(0))
    array([[0., 0., 0.],
           [0., 0., 0.]])
    """
    raise NotImplementedError("2.10 init_weights")


# %% [markdown]
# ### 2.11 Minibatches
#
# One pass through the data, called an epoch, visits every example once, in a new random order and in small
# groups.


# %%
def minibatches(n, batch_size, rng):
    """2.11 One shuffled pass through n examples.

    Parameters
    ----------
    n : int
        Number of examples.
    batch_size : int
        Size of every batch; the last one may be smaller.
    rng : numpy.random.Generator

    Returns
    -------
    batches : list of ndarrays of int
        Together they hold each of ``0 .. n - 1`` exactly once, in random order.

    Examples
    --------
    >>> batches = minibatches(5, 2, np.random.default_rng(0))
    >>> [len(batch) for batch in batches]
    [2, 2, 1]
    >>> sorted(int(i) for batch in batches for i in batch)
    [0, 1, 2, 3, 4]
    """
    raise NotImplementedError("2.11 minibatches")


# %% [markdown]
# ### 2.12 Optimizers
#
# All of them step against the gradient $g$ and differ in what they remember. For each parameter array,
# starting from zeros:
#
# | | remembers | adds to the parameter |
# |---|---|---|
# | SGD | nothing | $-\eta\,g$ |
# | Momentum | $v \leftarrow \beta v + (1 - \beta) g$ | $-\eta\,v$ |
# | AdaGrad | $s \leftarrow s + g^2$ | $-\eta\,g / (\sqrt{s} + \epsilon)$ |
# | RMSprop | $s \leftarrow \rho s + (1 - \rho) g^2$ | $-\eta\,g / (\sqrt{s} + \epsilon)$ |
# | Adam | $v$ and $s$ with $\beta_1$ and $\beta_2$ | $-\eta\,\hat v / (\sqrt{\hat s} + \epsilon)$ |
#
# with $\hat v = v / (1 - \beta_1^t)$ and $\hat s = s / (1 - \beta_2^t)$ in the $t$-th step ($t = 1, 2,
# \dots$; one step counts once, however many arrays there are).
#
# `params` and `grads` are dictionaries of arrays with the same keys. `step` updates `params`: it may change
# the arrays in place or put new ones in their place. It leaves `grads` alone and returns nothing.


# %%
class SGD:
    """2.12 Gradient descent: ``param - lr * g``.

    Parameters
    ----------
    lr : float
        Learning rate.

    References
    ----------
    Robbins, Monro (1951), A Stochastic Approximation Method.

    Examples
    --------
    >>> params = {"W1": np.array([1.0, 2.0])}
    >>> SGD(lr=0.5).step(params, {"W1": np.array([2.0, -2.0])})
    >>> params["W1"]
    array([0., 3.])
    """

    def __init__(self, lr):
        raise NotImplementedError("2.12 SGD.__init__")

    def step(self, params, grads):
        """2.12 Update every array of `params` once; leave `grads` alone."""
        raise NotImplementedError("2.12 SGD.step")


class Momentum:
    """2.12 Gradient descent along an average of the past gradients.

    ``v = beta * v + (1 - beta) * g``, then ``param - lr * v``; ``v`` starts at 0, one for each key.

    Parameters
    ----------
    lr : float
        Learning rate.
    beta : float
        Weight of the past in the average.

    References
    ----------
    Polyak (1964), Some Methods of Speeding Up the Convergence of Iteration Methods (there without 1 - beta).

    Examples
    --------
    >>> params, optimizer = {"b1": np.array([1.0])}, Momentum(lr=1.0, beta=0.5)
    >>> for _ in range(2):
    ...     optimizer.step(params, {"b1": np.array([1.0])})  # v is 0.5, then 0.75
    >>> params["b1"]
    array([-0.25])
    """

    def __init__(self, lr, beta=0.9):
        raise NotImplementedError("2.12 Momentum.__init__")

    def step(self, params, grads):
        """2.12 Update every array of `params` once; leave `grads` alone."""
        raise NotImplementedError("2.12 Momentum.step")


class AdaGrad:
    """2.12 Steps that shrink with the sum of all squared gradients, entry by entry.

    ``s = s + g**2``, then ``param - lr * g / (sqrt(s) + eps)``; ``s`` starts at 0, one for each key.

    Parameters
    ----------
    lr : float
        Learning rate.
    eps : float
        Keeps the denominator from 0; outside the root.

    References
    ----------
    Duchi, Hazan, Singer (2011), Adaptive Subgradient Methods for Online Learning and Stochastic Optimization.

    Examples
    --------
    >>> params, optimizer = {"b1": np.array([1.0])}, AdaGrad(lr=1.0, eps=1.0)
    >>> optimizer.step(params, {"b1": np.array([3.0])})  # s is 9, the step 3 / (3 + 1)
    >>> params["b1"]
    array([0.25])
    """

    def __init__(self, lr, eps=1e-8):
        raise NotImplementedError("2.12 AdaGrad.__init__")

    def step(self, params, grads):
        """2.12 Update every array of `params` once; leave `grads` alone."""
        raise NotImplementedError("2.12 AdaGrad.step")


class RMSprop:
    """2.12 Steps scaled by an average of the squared gradients, entry by entry.

    ``s = rho * s + (1 - rho) * g**2``, then ``param - lr * g / (sqrt(s) + eps)``; ``s`` starts at 0, one for
    each key.

    Parameters
    ----------
    lr : float
        Learning rate.
    rho : float
        Weight of the past in the average.
    eps : float
        Keeps the denominator from 0; outside the root.

    References
    ----------
    Tieleman, Hinton (2012), Lecture 6.5, Neural Networks for Machine Learning.

    Examples
    --------
    >>> params, optimizer = {"b1": np.array([1.0])}, RMSprop(lr=1.0, rho=0.75, eps=1.0)
    >>> optimizer.step(params, {"b1": np.array([2.0])})  # s is 1, the step 2 / (1 + 1)
    >>> params["b1"]
    array([0.])
    """

    def __init__(self, lr, rho=0.9, eps=1e-8):
        raise NotImplementedError("2.12 RMSprop.__init__")

    def step(self, params, grads):
        """2.12 Update every array of `params` once; leave `grads` alone."""
        raise NotImplementedError("2.12 RMSprop.step")


class Adam:
    """2.12 Averages of the gradients and of their squares, both corrected for their start at 0.

    ``v = beta1 * v + (1 - beta1) * g`` and ``s = beta2 * s + (1 - beta2) * g**2``, then
    ``param - lr * v_hat / (sqrt(s_hat) + eps)`` with ``v_hat = v / (1 - beta1**t)`` and
    ``s_hat = s / (1 - beta2**t)`` in step ``t = 1, 2, ...``; ``v`` and ``s`` start at 0, one for each key.

    Parameters
    ----------
    lr : float
        Learning rate.
    beta1, beta2 : float
        Weight of the past in the two averages.
    eps : float
        Keeps the denominator from 0; outside the root, after the correction.

    References
    ----------
    Kingma, Ba (2015), Adam: A Method for Stochastic Optimization, algorithm 1.

    Examples
    --------
    >>> params, optimizer = {"b1": np.array([1.0, 1.0])}, Adam(lr=0.5, eps=0.0)
    >>> optimizer.step(params, {"b1": np.array([4.0, -0.001])})  # first step: lr against the sign of g
    >>> params["b1"].round(6)
    array([0.5, 1.5])
    """

    def __init__(self, lr, beta1=0.9, beta2=0.999, eps=1e-8):
        raise NotImplementedError("2.12 Adam.__init__")

    def step(self, params, grads):
        """2.12 Update every array of `params` once; leave `grads` alone."""
        raise NotImplementedError("2.12 Adam.step")


# %% [markdown]
# ## Part 3: Regularization, the network, and experiments (44 points)
#
# ### 3.1 Penalties
#
# Large weights make a function that bends sharply between the examples. A penalty makes them cost something:
#
# $$\lambda_1 \sum |W| + \lambda_2 \sum W^2, \qquad \text{with gradient} \quad
# \lambda_1\,\mathrm{sign}(W) + 2 \lambda_2 W$$
#
# **There is no factor 1/2 in front of** $\lambda_2$, **hence the 2 in the gradient.**


# %%
def penalty(weights, l1, l2):
    """3.1 L1 and L2 penalty of a list of weight matrices.

    Parameters
    ----------
    weights : list of ndarrays
        The matrices W1, W2, ...; no biases.
    l1, l2 : float
        Factors of the two penalties.

    Returns
    -------
    value : float
        ``l1 * sum|W| + l2 * sum W**2``, summed over all entries of all matrices; 0 for an empty list.

    Examples
    --------
    >>> penalty([np.array([[1.0, -2.0]]), np.array([[3.0]])], l1=1.0, l2=0.5)  # 6 + 0.5 * 14
    13.0
    """
    raise NotImplementedError("3.1 penalty")


def penalty_grad(W, l1, l2):
    """3.1 Gradient of the penalty with respect to one weight matrix.

    Parameters
    ----------
    W : ndarray of any shape
    l1, l2 : float

    Returns
    -------
    dW : ndarray of the same shape
        ``l1 * sign(W) + 2 * l2 * W``, with ``sign(0) = 0``.

    Examples
    --------
    >>> penalty_grad(np.array([[1.0, 0.0, -2.0]]), l1=1.0, l2=0.5)
    array([[ 2.,  0., -3.]])
    """
    raise NotImplementedError("3.1 penalty_grad")


# %% [markdown]
# ### 3.2 Dropout
#
# In training, every unit is switched off with probability `rate`, anew in each step, so that no unit can rely
# on another one. What is left is scaled up by $1 / (1 - \text{rate})$: the expected activation stays the
# same, and prediction needs no dropout at all.


# %%
def dropout_mask(shape, rate, rng):
    """3.2 Random mask of the units that are kept.

    Parameters
    ----------
    shape : tuple of int
    rate : float
        Probability of *dropping* a unit, ``0 <= rate < 1``.
    rng : numpy.random.Generator

    Returns
    -------
    mask : ndarray of float, of the given shape
        Independent entries: 0 (dropped) with probability `rate`, 1 (kept) otherwise.

    Examples
    --------
    >>> dropout_mask((2, 2), 0.0, np.random.default_rng(0))
    array([[1., 1.],
           [1., 1.]])
    """
    raise NotImplementedError("3.2 dropout_mask")


def dropout_forward(A, mask, rate):
    """3.2 Switch units off, scale up the rest.

    Parameters
    ----------
    A : ndarray of any shape
    mask : ndarray of the same shape
        1 where a unit is kept, 0 where it is dropped.
    rate : float
        The probability of dropping with which the mask was drawn, ``0 <= rate < 1``.

    Returns
    -------
    A_dropped : ndarray of the same shape
        ``A * mask / (1 - rate)``.

    References
    ----------
    Srivastava, Hinton, Krizhevsky, Sutskever, Salakhutdinov (2014), Dropout (there scaled when predicting).

    Examples
    --------
    >>> dropout_forward(np.array([3.0, 4.0]), np.array([1.0, 0.0]), 0.25)
    array([4., 0.])
    """
    raise NotImplementedError("3.2 dropout_forward")


def dropout_backward(dA, mask, rate):
    """3.2 Gradient of dropout.

    Parameters
    ----------
    dA : ndarray of any shape
        Gradient of the loss with respect to what `dropout_forward` returned.
    mask, rate
        The ones of the forward pass.

    Returns
    -------
    dA_before : ndarray of the same shape
        Gradient with respect to what `dropout_forward` was given: ``dA * mask / (1 - rate)``.

    Examples
    --------
    >>> dropout_backward(np.array([6.0, 7.0]), np.array([1.0, 0.0]), 0.25)
    array([8., 0.])
    """
    raise NotImplementedError("3.2 dropout_backward")


# %% [markdown]
# ### 3.3-3.4 Batch normalization
#
# Column by column, over the $N$ rows of the batch, with $\mu$ the mean and $\mathrm{var}$ the biased
# variance:
#
# $$\hat X = \frac{X - \mu}{\sqrt{\mathrm{var} + \epsilon}}, \qquad Y = \gamma \odot \hat X + \beta$$
#
# In training the statistics are those of the batch, and running averages of them are kept; prediction uses
# the running averages. Backward, remember that $\mu$ and $\mathrm{var}$ depend on *every* row of the column.
# The terms gather into
#
# $$dX = \frac{\gamma}{\sqrt{\mathrm{var} + \epsilon}} \odot \Bigl( dY - \overline{dY} -
# \hat X \odot \overline{dY \odot \hat X} \Bigr)$$
#
# where a bar is the mean over the rows.


# %%
def batchnorm_forward(X, gamma, beta, mean, var, train, momentum=0.9, eps=1e-5):
    """3.3 Batch normalization of every column.

    Parameters
    ----------
    X : ndarray of shape (N, H)
    gamma, beta : ndarrays of shape (H,)
        Learned scale and shift.
    mean, var : ndarrays of shape (H,)
        Running mean and variance; not modified.
    train : bool
        True: normalize by the mean and the biased variance (``ddof=0``) of this batch, and average them into
        the running ones. False: normalize by the running ones.
    momentum : float
        Weight of the past in the running averages.
    eps : float
        Added to the variance, inside the root.

    Returns
    -------
    Y : ndarray of shape (N, H)
        ``gamma * (X - mean) / sqrt(var + eps) + beta``.
    new_mean, new_var : ndarrays of shape (H,)
        ``momentum * running + (1 - momentum) * batch`` if `train`, otherwise equal to `mean` and `var`.

    References
    ----------
    Ioffe, Szegedy (2015), Batch Normalization, algorithm 1; the running averages are those of Keras.

    Examples
    --------
    >>> X, one, zero = np.array([[1.0], [5.0]]), np.ones(1), np.zeros(1)
    >>> Y, new_mean, new_var = batchnorm_forward(X, 3 * one, one, zero, one, train=True, eps=0.0)
    >>> Y  # mean 3, variance 4
    array([[-2.],
           [ 4.]])
    >>> new_mean.round(6), new_var.round(6)  # 0.9 * 0 + 0.1 * 3 and 0.9 * 1 + 0.1 * 4
    (array([0.3]), array([1.3]))
    """
    raise NotImplementedError("3.3 batchnorm_forward")


def batchnorm_backward(dY, X, gamma, eps=1e-5):
    """3.4 Gradients of batch normalization in training mode.

    Parameters
    ----------
    dY : ndarray of shape (N, H)
        Gradient of the loss with respect to the output.
    X : ndarray of shape (N, H)
        What `batchnorm_forward` was given; mean and variance are computed from it again.
    gamma : ndarray of shape (H,)
    eps : float
        The one of the forward pass.

    Returns
    -------
    dX : ndarray of shape (N, H)
        ``gamma / sqrt(var + eps) * (dY - mean(dY) - X_hat * mean(dY * X_hat))`` with means over the rows and
        ``X_hat = (X - mean) / sqrt(var + eps)``.
    dgamma : ndarray of shape (H,)
        Sum of the rows of ``dY * X_hat``.
    dbeta : ndarray of shape (H,)
        Sum of the rows of ``dY``.

    Examples
    --------
    >>> dY, X = np.array([[1.0], [2.0], [6.0]]), np.array([[0.0], [3.0], [0.0]])
    >>> dX, dgamma, dbeta = batchnorm_backward(dY, X, gamma=np.array([2.0]), eps=2.0)  # mean 1, var 2
    >>> dX
    array([[-2.25],
           [-0.5 ],
           [ 2.75]])
    >>> dgamma, dbeta
    (array([-1.5]), array([9.]))
    """
    raise NotImplementedError("3.4 batchnorm_backward")


# %% [markdown]
# ### 3.5 Augmentation
#
# A digit that moved by one pixel is the same digit. Shifted copies of the images are training examples for
# free.


# %%
def shift_images(images, dy, dx):
    """3.5 Move the content of images, filling up with zeros.

    Parameters
    ----------
    images : ndarray of shape (N, h, w)
    dy, dx : int
        Rows down and columns to the right (negative: up and to the left). What leaves the frame is lost; a
        shift of the frame's size or more leaves zeros.

    Returns
    -------
    shifted : ndarray of shape (N, h, w)
        ``shifted[n, r, c] = images[n, r - dy, c - dx]``, 0 where that lies outside.

    Examples
    --------
    >>> shift_images(np.array([[[1.0, 2.0], [3.0, 4.0]]]), dy=1, dx=0)
    array([[[0., 0.],
            [1., 2.]]])
    """
    raise NotImplementedError("3.5 shift_images")


def augment(images, y, copies, max_shift, rng):
    """3.5 Add randomly shifted copies of all images.

    Parameters
    ----------
    images : ndarray of shape (N, h, w)
    y : ndarray of shape (N,)
        Labels.
    copies : int
        Number of shifted copies of each image.
    max_shift : int
        Each copy of each image is moved by its own ``dy`` and ``dx``, drawn uniformly from
        ``-max_shift .. max_shift``, ends included.
    rng : numpy.random.Generator

    Returns
    -------
    all_images : ndarray of shape (N * (1 + copies), h, w)
        First the originals, unchanged and in order; then the first copy of every image in order, and so on.
    all_y : ndarray of shape (N * (1 + copies),)
        Their labels.

    Examples
    --------
    >>> images, y = augment(np.ones((2, 3, 3)), np.array([7, 8]), 2, 1, np.random.default_rng(0))
    >>> images.shape, y
    ((6, 3, 3), array([7, 8, 7, 8, 7, 8]))
    """
    raise NotImplementedError("3.5 augment")


# %% [markdown]
# ### 3.6 The network
#
# Now put the pieces together. `MLP` holds the parameters and calls your functions **by name**, one after the
# other:
#
# $$\text{linear} \to (\text{batch norm}) \to \text{activation} \to (\text{dropout}) \to \;\dots\; \to
# \text{linear} \to \text{output}$$
#
# In *training mode* (`loss_and_grads`) batch normalization uses the batch and dropout is on; in *evaluation
# mode* (`predict_proba`, `loss`) batch normalization uses the running averages and dropout is off. The
# backward pass walks through the same list from its end. Check it with your own `numerical_gradient`.


# %%
class MLP:
    """3.6 A multi-layer perceptron.

    Parameters
    ----------
    sizes : list of int
        Numbers of units: inputs, hidden layers, outputs. ``[2, 64, 3]`` has one hidden layer.
    hidden : {"relu", "sigmoid"}
        Activation of the hidden layers.
    output : {"softmax", "sigmoid", "linear"}
        Output function; the loss goes with it: CCE, BCE and MSE, in this order.
    init : {"zero", "random", "he", "xavier"}
        Initial weights, see `init_weights`.
    l1, l2 : float
        Factors of the penalty on the weights ``W1, W2, ...``.
    dropout : float
        Probability of dropping a hidden unit in training.
    batchnorm : bool
        Whether the hidden layers have batch normalization, with momentum and eps at their defaults.
    rng : numpy.random.Generator, optional
        Draws initial weights and dropout masks; a fresh ``np.random.default_rng()`` if None.

    Attributes
    ----------
    params : dict of ndarrays
        ``W1, b1, W2, b2, ...``, and with batch normalization ``gamma1, beta1, ...`` for each hidden layer.
        W as `init_weights` gives it, b and beta 0, gamma 1.
    running : dict of ndarrays
        With batch normalization ``mean1, var1, ...`` for each hidden layer, 0 and 1 at the start; otherwise
        empty.

    Raises
    ------
    ValueError
        If `hidden`, `output` or `init` is an unknown name.

    References
    ----------
    Rumelhart, Hinton, Williams (1986), Learning Representations by Back-Propagating Errors.

    Examples
    --------
    >>> model = MLP([2, 2, 1], output="linear", l2=0.5, rng=np.random.default_rng(0))
    >>> list(model.params)
    ['W1', 'b1', 'W2', 'b2']
    >>> model.params["W1"] = np.array([[1.0, -1.0], [0.0, 2.0]])
    >>> model.params["W2"] = np.array([[2.0], [1.0]])
    >>> X, Y = np.array([[3.0, 1.0]]), np.array([[5.0]])
    >>> model.predict_proba(X)  # hidden: relu of 3 and -1
    array([[6.]])
    >>> model.loss(X, Y)  # (6 - 5)**2 + 0.5 * (1 + 1 + 4 + 4 + 1)
    6.5
    >>> loss, grads = model.loss_and_grads(X, Y)
    >>> grads["W2"]  # 3 * 2 * (6 - 5) + 2 * 0.5 * 2 and 0 + 2 * 0.5 * 1
    array([[8.],
           [1.]])
    """

    def __init__(
        self,
        sizes,
        hidden="relu",
        output="softmax",
        init="he",
        l1=0.0,
        l2=0.0,
        dropout=0.0,
        batchnorm=False,
        rng=None,
    ):
        """3.6 Store the settings and create `params` and `running`."""
        raise NotImplementedError("3.6 MLP.__init__")

    def predict_proba(self, X):
        """3.6 Predictions in evaluation mode: running averages, no dropout.

        Parameters
        ----------
        X : ndarray of shape (N, D)

        Returns
        -------
        P : ndarray of shape (N, K)
            What the output function returns: probabilities, or for a linear output the predicted values.
        """
        raise NotImplementedError("3.6 MLP.predict_proba")

    def loss(self, X, Y):
        """3.6 Loss in evaluation mode, with the penalty.

        Parameters
        ----------
        X : ndarray of shape (N, D)
        Y : ndarray of shape (N, K)

        Returns
        -------
        loss : float
            CCE, BCE or MSE of ``predict_proba(X)``, plus the penalty of ``W1, W2, ...``.
        """
        raise NotImplementedError("3.6 MLP.loss")

    def loss_and_grads(self, X, Y, masks=None):
        """3.6 Loss in training mode, with the penalty, and its gradients.

        Updates `running` if the network has batch normalization; leaves `params` alone.

        Parameters
        ----------
        X : ndarray of shape (N, D)
        Y : ndarray of shape (N, K)
        masks : list of ndarrays, optional
            For each hidden layer a dropout mask of zeros and ones, of shape (N, size of the layer). If None
            and dropout is on, masks are drawn with `dropout_mask` from the network's own ``rng``.

        Returns
        -------
        loss : float
            Loss of this batch with dropout and with the batch's own statistics, plus the penalty.
        grads : dict of ndarrays
            Gradient of that loss for every key of `params`.
        """
        raise NotImplementedError("3.6 MLP.loss_and_grads")


# %% [markdown]
# ### 3.7 Training
#
# One epoch is a shuffled pass through the data; each minibatch gives one gradient and one step. Watch two
# curves: the loss on the data that you train on, and the loss on data that the network never sees.


# %%
def train(model, X, Y, optimizer, epochs, batch_size=None, rng=None, X_val=None, Y_val=None):
    """3.7 Train a network and record its losses.

    Updates the model's `params` (and `running`).

    Parameters
    ----------
    model : MLP
    X, Y : ndarrays of shapes (N, D) and (N, K)
        Training data.
    optimizer : SGD, Momentum, AdaGrad, RMSprop or Adam
    epochs : int
        Number of passes. In each, `minibatches` gives the batches; for each batch, `loss_and_grads` of its
        rows, then one ``step``.
    batch_size : int, optional
        None: all examples in one batch.
    rng : numpy.random.Generator, optional
        Shuffles the examples; a fresh ``np.random.default_rng()`` if None.
    X_val, Y_val : ndarrays, optional
        Validation data; not trained on.

    Returns
    -------
    history : dict of lists of float
        ``"train_loss"``: ``model.loss(X, Y)`` after each epoch; ``"val_loss"``: ``model.loss(X_val, Y_val)``
        after each epoch, or an empty list without validation data.

    Examples
    --------
    >>> X, Y = np.array([[1.0], [2.0]]), np.array([[2.0], [4.0]])
    >>> model = MLP([1, 1], output="linear", init="zero")
    >>> history = train(model, X, Y, SGD(lr=0.1), epochs=1)
    >>> model.params["W1"], model.params["b1"]
    (array([[1.]]), array([0.6]))
    >>> {name: [round(loss, 6) for loss in losses] for name, losses in history.items()}
    {'train_loss': [1.06], 'val_loss': []}
    """
    raise NotImplementedError("3.7 train")


# %% [markdown]
# ### 3.8 Five tasks
#
# There is nothing to write here. The grader trains *your* network with *your* optimizer on these tasks, and
# you should do so first. Points rise from "learns nothing" to a figure that is a little milder than the
# target.
#
# - **XOR**: the points (0,0), (1,0), (1,1), (0,1) with targets 0, 1, 0, 1. Network 2-8-1, sigmoid everywhere,
#   Xavier; Adam 0.1, 400 epochs, full batch. *Target: 4 of 4 right and a loss below 0.05.*
# - **XOR with everything on**: network 2-16-16-1, ReLU, sigmoid output, batch normalization, dropout 0.2, L2
#   1e-4; Adam 0.02, 400 epochs, full batch. *Target: a loss below 0.1.*
# - **Regression**: `make_regression(1000, 3, noise=10, random_state=42)` of scikit-learn, 800 examples for
#   training, inputs standardized. Network 3-128-1, ReLU, linear output; SGD 0.003, batches of 32, 20 epochs.
#   *Target: a training MSE below 300.* (It starts near 16 000.)
# - **Spirals**: three arms of 100 points in the plane, tested on 900 other points. Network 2-64-3, ReLU,
#   softmax, L2 1e-4; Adam 0.02, batches of 32, 30 epochs. *Target: a test accuracy of 90 %.*
# - **Digits**: the 8 x 8 images of `sklearn.datasets.load_digits`, 1200 for training, 597 for testing.
#   Network 64-64-10, ReLU, softmax; Adam 0.005, batches of 32, 15 epochs. *Target: a test accuracy of 93 %.*

# %% [markdown]
# ### 3.9 Decision boundary
#
# To draw what a classifier of the plane has learned, ask it for a label at every point of a grid.


# %%
def decision_grid(predict, x_range, y_range, steps):
    """3.9 Labels on a grid in the plane.

    Parameters
    ----------
    predict : callable
        Takes points of shape (M, 2) and returns their labels, shape (M,). Called with all points at once.
    x_range, y_range : tuple of two floats
        First and last coordinate in each direction.
    steps : int
        Number of equally spaced coordinates in each direction, ends included.

    Returns
    -------
    xx, yy : ndarrays of shape (steps, steps)
        Coordinates as ``np.meshgrid`` gives them: x varies along columns, y along rows.
    labels : ndarray of shape (steps, steps)
        ``labels[r, c]`` is the label of the point ``(xx[r, c], yy[r, c])``.

    Examples
    --------
    >>> xx, yy, labels = decision_grid(lambda points: points[:, 0] > points[:, 1], (0.0, 1.0), (0.0, 2.0), 2)
    >>> xx
    array([[0., 1.],
           [0., 1.]])
    >>> labels
    array([[False,  True],
           [False, False]])
    """
    raise NotImplementedError("3.9 decision_grid")


# %% [markdown]
# ### 3.10 Experiments
#
# Five small experiments with the network you built. Each returns a dictionary of numbers; draw them with the
# plotting code that comes with the homework, and use them in your answers to the questions below. The nets
# have ReLU units and softmax output; unless a docstring says otherwise, weights start with He initialization
# and training uses batches of 32.
#
# The first four are made for the spirals: try depth 6, width 64 and 10 epochs; 40 epochs for the optimizers;
# widths 1, 4, 16 with 60 epochs; learning rates 0.001, 0.1, 1, 100 with 40 epochs. The last one is made for
# the moons, 60 points of which every tenth has a wrong label: try 150 epochs. All of it takes about a second.


# %%
def compare_initializations(X, Y, depth, width, epochs, rng):
    """3.10 What initial weights do to the signal and to learning.

    Trains one network of `depth` hidden layers of `width` units for each method, with ``Adam(lr=0.003)``.

    Parameters
    ----------
    X, Y : ndarrays of shapes (N, D) and (N, K)
    depth, width, epochs : int
    rng : numpy.random.Generator

    Returns
    -------
    results : dict
        For each of the keys ``"zero"``, ``"random"``, ``"he"``, ``"xavier"`` a dict with
        ``"activation_ratio"``, float: standard deviation of all activations of the last hidden layer on `X`,
        divided by that of the first hidden layer, before training (0.0 if the latter is 0), and
        ``"train_loss"``, list of `epochs` floats: the training losses of `train`.

    Examples
    --------
    >>> X, Y = np.array([[0.0, 1.0], [1.0, 1.0]]), np.eye(2)
    >>> results = compare_initializations(X, Y, depth=2, width=4, epochs=3, rng=np.random.default_rng(0))
    >>> results["zero"]["activation_ratio"], len(results["he"]["train_loss"])
    (0.0, 3)
    """
    raise NotImplementedError("3.10 compare_initializations")


def compare_optimizers(X, Y, epochs, rng):
    """3.10 Loss curves of the five optimizers.

    Trains a network with one hidden layer of 64 units with each optimizer, from the same initial weights and
    on the same sequence of batches.

    Parameters
    ----------
    X, Y : ndarrays of shapes (N, D) and (N, K)
    epochs : int
    rng : numpy.random.Generator

    Returns
    -------
    curves : dict of lists of `epochs` floats
        Training losses for ``"sgd"`` (lr 0.3), ``"momentum"`` (0.3), ``"adagrad"`` (0.1), ``"rmsprop"``
        (0.01) and ``"adam"`` (0.02), everything else at its default.

    Examples
    --------
    >>> X, Y = np.array([[0.0, 1.0], [1.0, 1.0]]), np.eye(2)
    >>> curves = compare_optimizers(X, Y, epochs=3, rng=np.random.default_rng(0))
    >>> {name: len(curve) for name, curve in curves.items()}
    {'sgd': 3, 'momentum': 3, 'adagrad': 3, 'rmsprop': 3, 'adam': 3}
    """
    raise NotImplementedError("3.10 compare_optimizers")


def compare_widths(X, Y, widths, epochs, rng):
    """3.10 How much a hidden layer of a given width can learn.

    Trains a network with one hidden layer for each width, with ``Adam(lr=0.02)``.

    Parameters
    ----------
    X, Y : ndarrays of shapes (N, D) and (N, K)
    widths : list of int
    epochs : int
    rng : numpy.random.Generator

    Returns
    -------
    accuracies : dict
        For each width, the accuracy on the training data after training, a float.

    Examples
    --------
    >>> X, Y = np.array([[0.0, 1.0], [1.0, 1.0]]), np.eye(2)
    >>> list(compare_widths(X, Y, widths=[1, 8], epochs=2, rng=np.random.default_rng(0)))
    [1, 8]
    """
    raise NotImplementedError("3.10 compare_widths")


def compare_learning_rates(X, Y, rates, epochs, rng):
    """3.10 How sensitive training is to the learning rate.

    Trains a network with one hidden layer of 64 units with `SGD` for each learning rate.

    Parameters
    ----------
    X, Y : ndarrays of shapes (N, D) and (N, K)
    rates : list of float
        Learning rates.
    epochs : int
    rng : numpy.random.Generator

    Returns
    -------
    losses : dict
        For each rate, the training loss after the last epoch, a float. A run that diverged gives a large
        number, infinity or NaN, which is returned as it is, without a warning.

    Examples
    --------
    >>> X, Y = np.array([[0.0, 1.0], [1.0, 1.0]]), np.eye(2)
    >>> losses = compare_learning_rates(X, Y, rates=[1e-4, 0.5], epochs=20, rng=np.random.default_rng(0))
    >>> losses[0.5] < losses[1e-4]
    True
    """
    raise NotImplementedError("3.10 compare_learning_rates")


def compare_regularization(X, Y, X_val, Y_val, epochs, rng):
    """3.10 Generalization gap without regularization, with L2 and with dropout.

    Trains three networks with two hidden layers of 64 units, with ``Adam(lr=0.01)``.

    Parameters
    ----------
    X, Y : ndarrays of shapes (N, D) and (N, K)
        Training data; few and noisy examples show the effect best.
    X_val, Y_val : ndarrays of shapes (M, D) and (M, K)
        Validation data.
    epochs : int
    rng : numpy.random.Generator

    Returns
    -------
    gaps : dict
        For ``"none"``, ``"l2"`` (factor 3e-3) and ``"dropout"`` (rate 0.5): validation loss minus training
        loss after the last epoch, a float. The penalty is part of both, so it cancels.

    Examples
    --------
    >>> X, Y = np.array([[0.0, 1.0], [1.0, 1.0]]), np.eye(2)
    >>> gaps = compare_regularization(X, Y, X, Y, epochs=2, rng=np.random.default_rng(0))
    >>> gaps  # validated on the training data
    {'none': 0.0, 'l2': 0.0, 'dropout': 0.0}
    """
    raise NotImplementedError("3.10 compare_regularization")


# %% [markdown]
# ## Written questions
#
# Answer each in 80 to 150 words, in your own words and with your own numbers where they are asked for. These
# answers are read and marked by people; they do not belong to the 100 points of the automatic grading.

# %% [markdown]
# **Question 1.** With all weights at zero the spiral network learns nothing, yet all its biases start at zero
# and do no harm. Follow one training step in both cases and explain the difference. Why does it not help to
# set all weights to the same number, say 0.5?
#
# **Your answer:**

# %% [markdown]
# **Question 2.** For a sigmoid output $A = \sigma(Z)$ with one unit and binary cross-entropy, start from the
# unfused chain $\frac{\partial L}{\partial Z} = \frac{\partial L}{\partial A} \cdot \sigma'(Z)$ and derive
# $(A - Y) / N$. Where would a program that computes the two factors one by one run into trouble?
#
# **Your answer:**

# %% [markdown]
# **Question 3.** Check the gradients of a network with batch normalization: the gradient of `b1` is zero up
# to rounding, whatever the data. Why? What does that say about this bias, and about comparing two such
# gradients by their relative error?
#
# **Your answer:**

# %% [markdown]
# **Question 4.** Replace the centred difference of 2.7 by the forward difference $(f(x + h) - f(x)) / h$ and
# ask for a relative error below $10^{-7}$. Why does no choice of $h$ satisfy it reliably? Weigh the two
# errors that depend on $h$ against each other and estimate the best value of $h$.
#
# **Your answer:**

# %% [markdown]
# **Question 5.** Give the three gaps that `compare_regularization` returned for your network and read them in
# terms of bias and variance. Does a smaller gap mean a better classifier here? Say which other numbers you
# looked at.
#
# **Your answer:**

# %% [markdown]
# **Question 6.** Compare the curves of SGD and momentum at the same learning rate. Describe a case in which
# momentum did *not* help, with your numbers, and explain it from the averaged form that we use. What would
# you change to make the comparison fair?
#
# **Your answer:**
