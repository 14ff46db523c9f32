"""Models: the shelf, with what each model was trained on and how good it is."""

import streamlit as st

from brnet.errors import BrnetError
from brnet.training.metrics import HEADLINE, METRICS
from brnet.views import words
from brnet.zoo import shelf
from pages.parts import reports, resources, state


def cards(models: dict[str, shelf.Shelved]) -> None:
    """One card a model, two in a row."""
    named = list(models.values())
    for start in range(0, len(named), 2):
        for column, model in zip(st.columns(2), named[start : start + 2], strict=False):
            with column, st.container(border=True, height="stretch"):
                _card(model)


def _card(model: shelf.Shelved) -> None:
    report, quantity = model.report, model.quantity
    metric = HEADLINE[model.task]
    st.markdown(f"**{model.title}**")
    with st.container(horizontal=True, gap="small"):
        st.badge(quantity.axis, color="blue")
        st.badge("comes with brnet" if model.pretrained else "published here", color="gray")
    score = words.score(metric, report.network.scores.get(metric), quantity)
    rows = words.count(report.n_test, "test row")
    tested = words.tested(report.experiment)
    st.markdown(f"{METRICS[metric].label} **{score}** on {rows} ({tested})")
    st.caption(
        f"{report.experiment.architecture}, {report.n_parameters:,} parameters, "
        f"{words.count(report.n_train, 'training row')} of {report.dataset_name}"
    )
    with st.container(horizontal=True):
        reports.way(
            "Details", "models.py", key=f"open_{model.name}", icon=":material/description:", model=model.name
        )
        st.page_link(
            "lookup.py", label="Ask it", icon=":material/search:", query_params={"models": model.name}
        )


def detail(model: shelf.Shelved) -> None:
    """One model's card, parity plot and leaderboard."""
    reports.way("All models", "models.py", key="all_models", icon=":material/arrow_back:")
    left, right = st.columns([3, 2], gap="large")
    left.markdown(model.card or f"# {model.title}", anchors=False)
    with right:
        reports.test_rows(model.report, key="model")
        st.page_link(
            "lookup.py", label="Ask it", icon=":material/search:", query_params={"models": model.name}
        )
    st.download_button(
        "Model card",
        model.card,
        file_name=f"{model.name}.md",
        mime="text/markdown",
        key="download_card",
        icon=":material/download:",
        on_click="ignore",
    )
    if not model.pretrained:
        with st.expander("Take it off the shelf", key="remove_box"):
            st.button("Remove", key="remove", on_click=_remove, args=(model.name,), icon=":material/delete:")


def _remove(name: str) -> None:
    try:
        shelf.remove(name)
    except BrnetError as error:
        state.tell(str(error), error=True)
        return
    resources.forget_shelf()
    state.put_url(model="")
    state.tell(f"{name} is off the shelf.")


try:
    models = resources.shelved()
    chosen = models.get(state.url("model"))
    if chosen:
        detail(chosen)
    else:
        st.title("Models", anchor=False)
        state.show_told()
        if state.url("model"):
            st.warning(f"There is no model {state.url('model')!r} on the shelf.")
        if models:
            cards(models)
        else:
            st.info(
                "The shelf is empty: publish a finished run and it stands here.",
                icon=":material/inventory_2:",
            )
            st.page_link("train.py", label="Train a network", icon=":material/model_training:")
except BrnetError as error:
    st.error(str(error))
