"""The entry script: every page, however it is reached, starts here."""

from pathlib import Path

import streamlit as st

PARTS = Path(__file__).resolve().parent / "parts"

st.set_page_config(page_title="brnet", page_icon=str(PARTS / "icon.svg"), layout="wide")
st.logo(str(PARTS / "logo.svg"), icon_image=str(PARTS / "logo.svg"), size="large")
st.html(PARTS / "frame.css")

page = st.navigation(
    [
        st.Page("home.py", title="Home", icon=":material/home:", default=True),
        st.Page("data.py", title="Data", icon=":material/table_view:", url_path="data"),
        st.Page("train.py", title="Train", icon=":material/model_training:", url_path="train"),
        st.Page("runs.py", title="Runs", icon=":material/show_chart:", url_path="runs"),
        st.Page("compare.py", title="Compare", icon=":material/leaderboard:", url_path="compare"),
        st.Page("lookup.py", title="Look up", icon=":material/search:", url_path="lookup"),
        st.Page("models.py", title="Models", icon=":material/inventory_2:", url_path="models"),
    ],
    position="top",
)
page.run()
