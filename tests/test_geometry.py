"""Turning clouds of points, flattening them, and a view that holds still."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from fishformer.config import Config
from fishformer.geometry import Projector, principal_frame, procrustes
from fishformer.training import Trainer

often = settings(deadline=None, max_examples=40, database=None)
seeds = st.integers(0, 2**32 - 1)
sizes = st.tuples(st.integers(1, 12), st.integers(1, 9))  # points, numbers


def rng_of(seed):
    return np.random.default_rng(seed)


def turn(size, rng):
    """A random orthogonal matrix."""
    return np.linalg.qr(rng.standard_normal((size, size)))[0]


def cloud(N, D, rng):
    """Points that vary clearly more along some directions than along others."""
    return rng.standard_normal((N, D)) * 2.0 ** -np.arange(D) + rng.standard_normal(D)


def distances(points):
    return np.linalg.norm(points[:, None] - points, axis=-1)


# ---- Procrustes ------------------------------------------------------------------


@often
@given(st.integers(1, 20), st.integers(1, 4), seeds)
def test_procrustes_gives_an_orthogonal_matrix_and_the_best(N, n, seed):
    rng = rng_of(seed)
    points, target = rng.standard_normal((2, N, n))
    best = procrustes(points, target)
    np.testing.assert_allclose(best @ best.T, np.eye(n), atol=1e-9)
    miss = np.linalg.norm(points @ best - target)
    for _ in range(10):
        other = turn(n, rng)
        assert miss <= np.linalg.norm(points @ other - target) + 1e-9


@often
@given(st.integers(1, 4), seeds)
def test_procrustes_undoes_a_turn(n, seed):
    rng = rng_of(seed)
    points, turned = rng.standard_normal((3 * n, n)), turn(n, rng)
    np.testing.assert_allclose(procrustes(points @ turned, points), turned.T, atol=1e-9)


# ---- PCA -------------------------------------------------------------------------


@often
@given(sizes, seeds)
def test_shares_of_variance_fall_and_sum_to_1(size, seed):
    points = rng_of(seed).standard_normal(size)
    assume(size[0] > 1)
    shares = principal_frame(points, size[1]).shares
    assert shares.sum() == pytest.approx(1)
    assert (shares >= 0).all()
    assert (np.diff(shares) <= 1e-12).all()
    along = principal_frame(points, size[1]).project(points).var(axis=0)
    np.testing.assert_allclose(shares, along / along.sum(), atol=1e-9)


@often
@given(sizes, st.integers(2, 3), seeds)
def test_no_frame_shows_more_than_pca(size, n_axes, seed):
    rng = rng_of(seed)
    points = rng.standard_normal(size)
    best = principal_frame(points, n_axes).shares.sum()
    other = principal_frame(rng.standard_normal((9, size[1])), n_axes)
    leaning = principal_frame(points, n_axes, other, 0.2).shares.sum()
    seen = other.project(points).var(axis=0).sum()
    of_all = points.var(axis=0).sum()
    assert best >= leaning - 1e-9
    assert leaning >= (seen / of_all if of_all else 0) - 1e-9
    turned = principal_frame(points, n_axes, other, 0.0)
    assert turned.shares.sum() == pytest.approx(best, abs=1e-9)


def test_a_lean_weighs_the_same_however_many_points_there_are():
    rng = rng_of(0)
    points, towards = cloud(20, 6, rng), principal_frame(cloud(20, 6, rng), 2)
    few = principal_frame(points, 2, towards, 0.2)
    many = principal_frame(np.tile(points, (50, 1)), 2, towards, 0.2)
    np.testing.assert_allclose(many.axes, few.axes, atol=1e-9)


@often
@given(st.integers(4, 12), st.integers(3, 9), seeds)
def test_turned_points_look_the_same(N, D, seed):
    rng = rng_of(seed)
    points, turned, shift = cloud(N, D, rng), turn(D, rng), rng.standard_normal(D)
    for n_axes in (2, 3):
        here, there = principal_frame(points, n_axes), None
        there = principal_frame(points @ turned + shift, n_axes)
        np.testing.assert_allclose(there.shares, here.shares, atol=1e-9)
        shares = principal_frame(points, D).shares
        if (-np.diff(shares)[:n_axes] < 1e-3).any():
            continue  # two axes about as good: either may come first
        np.testing.assert_allclose(
            np.abs(there.project(points @ turned + shift)),  # but for signs
            np.abs(here.project(points)),
            atol=1e-6,
        )
        # Turned to a frame that is turned with them, they agree in signs too.
        reference = here._replace(axes=here.axes @ turned)
        again = principal_frame(points @ turned + shift, n_axes, reference, 0.2)
        np.testing.assert_allclose(
            again.project(points @ turned + shift), here.project(points), atol=1e-6
        )


@often
@given(st.integers(3, 12), st.integers(2, 9), st.integers(2, 3), seeds)
def test_axes_stand_at_right_angles(N, D, n_axes, seed):
    rng = rng_of(seed)
    frame = principal_frame(rng.standard_normal((N, D)), n_axes)
    n = min(n_axes, D)
    np.testing.assert_allclose(frame.axes[:n] @ frame.axes[:n].T, np.eye(n), atol=1e-9)
    assert (frame.axes[n:] == 0).all()
    assert (frame.axes.max(axis=1) >= -frame.axes.min(axis=1)).all()  # their sign
    points = rng.standard_normal((2, N, D))
    assert frame.project(points).shape == (2, N, n_axes)


@pytest.mark.parametrize("n_axes", [2, 3])
@pytest.mark.parametrize(
    "points",
    [
        np.ones((1, 8)),
        np.full((6, 8), 3.3, np.float32),
        np.zeros((4, 8)),
        np.eye(2, 8),
        np.ones((5, 1)),
        np.arange(4.0)[:, None],
        np.outer(np.arange(5), np.ones(8)),
        1e100 * np.eye(4, 8),
        1e-100 * np.eye(4, 8),
    ],
    ids=lambda points: f"{points.shape} {points.max():.0e}",
)
def test_clouds_that_are_no_clouds(points, n_axes):
    first = principal_frame(points, n_axes)
    for frame in (first, principal_frame(points, n_axes, first, 0.2)):
        assert frame.project(points).shape == (len(points), n_axes)
        assert np.isfinite(frame.project(points)).all()
        np.testing.assert_allclose(
            distances(frame.project(points)) <= distances(points) * (1 + 1e-9) + 1e-300,
            True,
        )
        flat = (points == points[0]).all()
        assert frame.shares.sum() == (pytest.approx(1, abs=0.6) if not flat else 0)


@pytest.mark.parametrize(
    "points", [np.empty((0, 3)), np.array([[1.0, np.nan]]), np.array([[np.inf, 0]])]
)
def test_points_that_cannot_be_shown_are_refused(points):
    with pytest.raises(ValueError, match="finite"):
        principal_frame(points, 2)


# ---- the view over a run ---------------------------------------------------------


def drifting(n_steps, rng, pace=0.02):
    """A cloud whose directions slowly change places."""
    points = cloud(20, 6, rng)
    speed = rng.standard_normal((20, 6))
    return [points + pace * step * speed for step in range(n_steps)]


@often
@given(st.integers(2, 3), seeds)
def test_a_step_looks_the_same_however_one_comes_there(n_axes, seed):
    rng = rng_of(seed)
    clouds = drifting(60, rng)
    projector, first_seen = Projector(n_axes, spacing=7), []
    for step, points in enumerate(clouds):
        first_seen.append(projector.project(step, points))
        projector.keep(step, points)
        assert (projector.project(step, points) == first_seen[step]).all()
    for step in rng.permutation(60):
        projector.keep(step, clouds[step])  # does no harm to a step long reached
        again = projector.project(step, clouds[step])
        np.testing.assert_array_equal(again, first_seen[step])
    unwatched = Projector(n_axes, spacing=7)  # trained with nobody looking
    for step, points in enumerate(clouds):
        unwatched.keep(step, points)
    np.testing.assert_array_equal(unwatched.project(33, clouds[33]), first_seen[33])
    key = projector.frame(28, clouds[28])  # the last before step 33
    frame = principal_frame(clouds[33], n_axes, key, projector.lean)
    np.testing.assert_array_equal(frame.project(clouds[33]), first_seen[33])


@often
@given(st.integers(2, 3), st.floats(1e-6, 1e-3), seeds)
def test_a_small_change_looks_small(n_axes, size, seed):
    """By the lean the plane cannot turn over, even where PCA has no opinion."""
    rng = rng_of(seed)
    points = rng.standard_normal((30, 6))
    projector = Projector(n_axes)
    projector.keep(0, points)
    nudged = points + size * rng.standard_normal(points.shape)
    moved = projector.project(1, nudged) - projector.project(1, points)
    assert np.abs(moved).max() < 100 * size


def test_where_two_directions_change_places_the_view_does_not_turn_over():
    """The second and the third hold nearly as much: PCA shows one, then the other."""
    rng = rng_of(5)
    points = rng.standard_normal((200, 3))
    points = np.linalg.qr(points - points.mean(axis=0))[0]  # uncorrelated, alike
    before, after = points * [3, 1.01, 0.99], points * [3, 0.99, 1.01]
    for lean, jumps in ((0.0, True), (0.2, False)):
        projector = Projector(2, lean=lean)
        projector.keep(0, before)
        moved = projector.project(1, after) - projector.project(1, before)
        assert (np.linalg.norm(moved) > 0.3 * np.linalg.norm(before)) == jumps
        assert projector.frame(1, after).shares.sum() > 0.9


def test_the_view_of_a_cloud_that_stands_still_stands_still():
    points = rng_of(3).standard_normal((40, 8))
    projector = Projector(3)
    views = []
    for step in range(50):
        projector.keep(step, points)
        views.append(projector.project(step, points))
    np.testing.assert_allclose(views[1:], [views[0]] * 49, atol=1e-6)


def test_while_a_model_learns_the_view_does_not_jump(small):
    trainer = Trainer(Config(d_model=16, n_heads=2, d_ff=16), small)
    token_ids = small.token_ids("train")[:8]
    steady, plain, projector = [], [], Projector(2)
    for step in range(60):
        vectors = trainer.model.stack.forward(token_ids).out[token_ids != 0]
        projector.keep(step, vectors)
        steady.append(projector.project(step, vectors))
        plain.append(principal_frame(vectors, 2).project(vectors))
        trainer.update()

    def jumps(views):
        moved = [np.linalg.norm(b - a) for a, b in pairwise(views)]
        return np.array(moved) / [np.linalg.norm(view) for view in views[:-1]]

    assert jumps(steady).max() < 0.5 < jumps(plain).max()
    assert jumps(steady).mean() < jumps(plain).mean()
