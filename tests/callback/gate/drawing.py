"""What hypothesis draws for deliveries."""

from __future__ import annotations

import base64

from hypothesis import strategies as st

from tests.callback.gate.scheme import Form, Sender

__all__ = ["CONTENTS", "FORMS", "KEYS", "SENDERS", "TEXTS"]

TEXTS = st.text(min_size=1, max_size=40)
"""Without halves of surrogate pairs, which no UTF-8 holds."""

KEYS = st.binary(min_size=32, max_size=32).map(lambda key: base64.b64encode(key).decode()[:43])
"""EncodingAESKeys."""

# Around the 32 bytes of a block, where padding begins anew.
CONTENTS = st.one_of(
    st.binary(max_size=100),
    st.integers(min_value=0, max_value=70).map(bytes),
    st.text(max_size=40).map(str.encode),
)

FORMS = st.sampled_from(list[Form](["xml", "json"]))

SENDERS = st.builds(
    Sender,
    token=TEXTS.map(lambda text: f"<{text}>"),  # no white space around it
    encoding_aes_key=KEYS,
    app_id=TEXTS,
    form=FORMS,
    timestamp=st.integers(min_value=0, max_value=10**11).map(str),
    nonce=st.text(max_size=40),
)
