import os

from wxoa import Callback, events, replies

callback = Callback(
    token=os.environ["WECHAT_TOKEN"],
    encoding_aes_key=os.environ["WECHAT_AES_KEY"] or None,
    app_id="wx0123456789abcdef",
)


@callback.on
def greet(message: events.TextMessage) -> replies.TextReply:
    return replies.TextReply(content=f"You wrote: {message.content}")
