"""A module in percent format is cut into the cells of a notebook."""

import pytest

from autograder.authoring.source import Cell, cells
from autograder.errors import GraderFault

MODULE = '''"""For the module only."""

# %% [markdown]
# # Title
#
# Text with $x_1$,
#   indented.

# %% module only
from elsewhere import everything

# %%
import numpy as np

LIMIT = 3


# Says what follows.
@decorated
def first():
    # %% inside
    return 1


first()


def second():
    return 2


# %%

'''


def test_markdown_loses_its_comment_signs():
    assert cells(MODULE, "m.py")[0] == Cell("markdown", "# Title\n\nText with $x_1$,\n  indented.")


def test_every_definition_has_a_cell_that_also_holds_what_follows():
    code = [cell.text for cell in cells(MODULE, "m.py") if cell.kind == "code"]
    assert code == [
        "import numpy as np\n\nLIMIT = 3",
        "# Says what follows.\n@decorated\ndef first():\n    # %% inside\n    return 1\n\n\nfirst()",
        "def second():\n    return 2",
    ]


def test_an_unknown_mark_is_the_graders_fault():
    with pytest.raises(GraderFault, match=r"m\.py, line 2: .* not 'markdown'"):
        cells("\n# %% markdown\n# text\n", "m.py")


def test_code_in_a_text_cell_is_the_graders_fault():
    with pytest.raises(GraderFault, match="line 1: a markdown cell holds a line that is not a comment"):
        cells("# %% [markdown]\n# text\nx = 1\n", "m.py")
