"""A rubric is taken as it stands or refused with one sentence that names the place."""

import tomllib

import pytest

from autograder.assignment.rubric import read_rubric
from autograder.errors import GraderFault

GOOD = """
timeout_s = 2

[limits]
load_s = 3
memory_mb = 300

[tolerances.default]
rtol = 1e-6
atol = 1e-9
rtol_single = 1e-4
atol_single = 1e-6

[training.task]
full = 0.9
anything = 0.25

[[parts]]
id = "one"
title = "One"

[[parts.checks]]
id = "f"
title = "the first"
points = 2

[[parts.checks]]
id = "g.x"
title = "the second"
points = 0.25
visibility = "hidden"
timeout_s = 7

[[manual]]
id = "q"
title = "a question"
"""
BONUS = """
[[parts]]
id = "more"
title = "More"
bonus = true

[[parts.checks]]
id = "h"
title = "the third"
points = 5

"""


def read(text):
    return read_rubric(tomllib.loads(text), "rubric.toml")


def test_a_rubric_is_read_with_its_defaults():
    rubric = read(GOOD)
    assert [(c.id, c.part, c.points, c.visibility, c.timeout_s) for c in rubric.checks] == [
        ("f", "one", 2, "visible", 2),
        ("g.x", "one", 0.25, "hidden", 7),
    ]
    assert [p.title for p in rubric.parts] == ["One"]
    assert [m.id for m in rubric.manual] == ["q"]
    assert rubric.training["task"]["anything"] == 0.25
    assert (rubric.limits.load_s, rubric.limits.memory_bytes, rubric.limits.restarts) == (3, 300 << 20, 100)
    assert rubric.tolerances["default"].bound(10.0, is_single=False) == pytest.approx(1.0001e-5)
    assert rubric.check("g.x").title == "the second"
    assert rubric.max_score == 2.25
    assert not rubric.bonus_parts


def test_a_part_may_be_a_bonus():
    bonus = GOOD.replace("[[manual]]", BONUS + "[[manual]]")
    rubric = read(bonus)
    assert [part.is_bonus for part in rubric.parts] == [False, True]
    assert (rubric.bonus_parts, rubric.max_score) == ({"more"}, 2.25)
    for new, sentence in (
        ("bonus = 5", "rubric.toml: part 'more': bonus must be true or false."),
        ("bonos = true", "'bonos' is not known. Is 'bonus' meant?"),
    ):
        with pytest.raises(GraderFault, match=sentence):
            read(bonus.replace("bonus = true", new))
    with pytest.raises(GraderFault, match="there is nothing to earn"):
        read(bonus.replace('title = "One"', 'title = "One"\nbonus = true'))


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("timeout_s = 2\n", "timeout = 2\n", "rubric.toml: 'timeout' is not known. Is 'timeout_s' meant?"),
        ("load_s = 3", "laod_s = 3", "rubric.toml: [limits]: 'laod_s' is not known. Is 'load_s' meant?"),
        ("load_s = 3", "zzz = 3", "rubric.toml: [limits]: 'zzz' is not known."),
        ("load_s = 3", 'load_s = "3"', "rubric.toml: [limits]: load_s must be a number of at least 0.1."),
        ("load_s = 3", "load_s = true", "rubric.toml: [limits]: load_s must be a number of at least 0.1."),
        ("load_s = 3", "load_s = nan", "rubric.toml: [limits]: load_s must be a number of at least 0.1."),
        ("load_s = 3", "load_s = inf", "rubric.toml: [limits]: load_s must be a number of at least 0.1."),
        (
            "memory_mb = 300",
            "memory_mb = inf",
            "rubric.toml: [limits]: memory_mb must be a number of at least 256.",
        ),
        (
            "memory_mb = 300",
            "memory_mb = 1",
            "rubric.toml: [limits]: memory_mb must be a number of at least 256.",
        ),
        ("[limits]", "[limit]", "rubric.toml: 'limit' is not known. Is 'limits' meant?"),
        (
            "[limits]\nload_s = 3\nmemory_mb = 300",
            "limits = 3",
            "rubric.toml: [limits]: a table is needed here.",
        ),
        ("rtol = 1e-6\n", "", "rubric.toml: [tolerances.default]: 'rtol' is missing."),
        (
            "rtol = 1e-6",
            "rtol = -1",
            "rubric.toml: [tolerances.default]: rtol must be a number of at least 0.",
        ),
        (
            "atol = 1e-9",
            "atol = 0\natool = 0",
            "[tolerances.default]: 'atool' is not known. Is 'atol' meant?",
        ),
        ("[tolerances.default]", "[tolerances]", "rubric.toml: [tolerances.rtol]: a table is needed here."),
        ('id = "one"\n', "", "rubric.toml: parts[1]: 'id' is missing."),
        ('title = "One"\n', "", "rubric.toml: part 'one': 'title' is missing."),
        ('title = "One"\n', 'title = "One"\npoint = 1\n', "rubric.toml: part 'one': 'point' is not known."),
        ('id = "f"\n', "", "rubric.toml: part 'one': checks[1]: 'id' is missing."),
        ('id = "f"', 'id = ""', "rubric.toml: part 'one': checks[1]: id must be a text."),
        ('id = "f"', "id = 3", "rubric.toml: part 'one': checks[1]: id must be a text."),
        ('id = "f"', 'id = "g.x"', "rubric.toml: the check 'g.x' stands there twice."),
        ("points = 2", "point = 2", "rubric.toml: part 'one': check 'f': 'points' is missing."),
        (
            "points = 2",
            "points = -1",
            "rubric.toml: part 'one': check 'f': points must be a number of at least 0.",
        ),
        (
            "points = 2",
            'points = "2"',
            "rubric.toml: part 'one': check 'f': points must be a number of at least 0.",
        ),
        (
            "points = 2",
            "points = inf",
            "rubric.toml: part 'one': check 'f': points must be a number of at least 0.",
        ),
        ("points = 2", "points = 0.125", "check 'f': points = 0.125 has more than two decimals."),
        (
            'visibility = "hidden"',
            'visibility = "hiden"',
            "rubric.toml: part 'one': check 'g.x': visibility = 'hiden' is none of "
            "visible, hidden, after_due_date, after_published.",
        ),
        (
            'visibility = "hidden"',
            'visiblity = "hidden"',
            "rubric.toml: part 'one': check 'g.x': 'visiblity' is not known. Is 'visibility' meant?",
        ),
        ("timeout_s = 7", "timeout_s = 0", "check 'g.x': timeout_s must be a number of at least 0.1."),
        ("[[manual]]", "[manual]", "rubric.toml: manual must be a list of tables, written [[manual]]."),
        ('id = "q"', 'name = "q"', "rubric.toml: manual[1]: 'id' is missing."),
        ("[[parts]]", "[[part]]", "is not known. Is 'parts' meant?"),
        ("points = 2", "points = 0", ""),
    ],
)
def test_each_kind_of_slip_is_one_sentence(old, new, sentence):
    assert old in GOOD
    text = GOOD.replace(old, new, 1)
    if old == "[[parts]]":
        text = text.replace("[[parts.checks]]", "[[part.checks]]")
    if not sentence:
        assert read(text).checks[0].points == 0
        return
    with pytest.raises(GraderFault) as caught:
        read(text)
    assert sentence in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("content", [{}, {"parts": []}, {"parts": [{"id": "a", "title": "A"}]}])
def test_a_rubric_without_points_is_refused(content):
    with pytest.raises(GraderFault, match=r"there is nothing to earn; write \[\[parts\]\]"):
        read_rubric(content, "rubric.toml")


def test_a_part_may_not_stand_there_twice():
    again = '[[parts]]\nid = "one"\ntitle = "Again"\n'
    with pytest.raises(GraderFault, match="the part 'one' stands there twice"):
        read(GOOD + again)
