from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tests.callback.skins.apps.desk import callback
from wxruntime.callback.answer import Answer


class Handler(BaseHTTPRequestHandler):
    timeout = 5.0  # seconds between two bytes; the platform is gone by then

    def do_GET(self) -> None:
        path, _, query = self.path.partition("?")
        if path == "/wechat":
            self.reply(callback.handle(query))
        else:
            self.send_error(404)

    def do_POST(self) -> None:
        path, _, query = self.path.partition("?")
        length = self.headers.get("Content-Length", "")
        if path != "/wechat":
            self.send_error(404)
        elif not length.isdecimal() or len(length) > 9:
            self.send_error(411)
        elif int(length) > callback.max_size:
            self.send_error(413)
        else:
            self.reply(callback.handle(query, self.rfile.read(int(length))))

    def reply(self, answer: Answer) -> None:
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.content_type)
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body)


if __name__ == "__main__":
    with closing(callback), ThreadingHTTPServer(("", 8000), Handler) as server:
        server.serve_forever()
