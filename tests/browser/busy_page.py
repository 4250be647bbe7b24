"""The frame of every page, then a query that takes longer than anybody waits."""

import time

import streamlit as st

from dashboard.server import seat
from dashboard.views import frame

frame.draw("Busy", [])
st.write("the query begins")
until = time.monotonic() + 300
with seat.taken().store.cursor() as cursor:
    while time.monotonic() < until:
        cursor.execute("SELECT sum(one.range * two.range) FROM range(20000) one, range(20000) two").fetchall()
st.write("the query has ended")
