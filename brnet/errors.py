"""The errors raised on purpose: each message is one sentence for the person who can mend it."""


class BrnetError(ValueError):
    """Bad input, named in one sentence that says what, where and what to do."""


class FormulaError(BrnetError):
    """A text that is not a chemical formula, or one outside what the chosen features know."""


class TableError(BrnetError):
    """A file that cannot be read as a table of formulas and values."""


class BudgetError(BrnetError):
    """A parameter budget that no width of the architecture meets."""


class ExperimentError(BrnetError):
    """A question that cannot be trained: too few rows, an unknown recipe, a constant target."""


class NotFoundError(BrnetError):
    """A run, dataset or model that is not here."""


class UnavailableError(BrnetError):
    """Something outside this machine that did not answer: a download, an engine, a database."""
