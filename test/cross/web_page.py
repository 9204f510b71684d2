"""The page of examples/web works in a browser: it draws, recognises, trains and learns.

    web_page.py SOURCE BINARY BROWSER SCREENSHOT

Compiles the network, serves the page, and uses it as people do, by mouse events over the DevTools
protocol (a pipe, so that nothing but the browser is needed).
"""
import functools
import http.server
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import threading
import time

source, binary = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
browser, screenshot = sys.argv[3], pathlib.Path(sys.argv[4])
LIMIT = 100  # seconds for anything that the page does


class Browser:
    """A page of a headless browser, by the commands of its DevTools protocol."""

    def __init__(self, folder):
        theirs_in, self.out = os.pipe()
        self.into, theirs_out = os.pipe()

        def pipes():  # the browser reads 3 and writes 4
            low, high = os.dup(theirs_in), os.dup(theirs_out)
            os.dup2(low, 3)
            os.dup2(high, 4)

        self.process = subprocess.Popen(
            [browser, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
             "--remote-debugging-pipe", f"--user-data-dir={folder}", "--window-size=1000,980"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, close_fds=False,
            preexec_fn=pipes)
        os.close(theirs_in)
        os.close(theirs_out)
        self.number, self.session, self.rest, self.events = 0, None, b"", []
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target,
                                 flatten=True)["sessionId"]
        self.call("Runtime.enable")

    def message(self):
        while b"\0" not in self.rest:
            data = os.read(self.into, 1 << 16)
            assert data, "the browser ended"
            self.rest += data
        one, self.rest = self.rest.split(b"\0", 1)
        return json.loads(one)

    def call(self, method, **params):
        self.number += 1
        command = {"id": self.number, "method": method, "params": params}
        if self.session:
            command["sessionId"] = self.session
        os.write(self.out, json.dumps(command).encode() + b"\0")
        while True:
            message = self.message()
            if message.get("method") == "Runtime.exceptionThrown":
                self.events.append(message["params"]["exceptionDetails"])
            if message.get("id") == self.number:
                assert "error" not in message, (method, message["error"])
                return message["result"]

    def value(self, expression):
        result = self.call("Runtime.evaluate", expression=expression, returnByValue=True)
        assert "exceptionDetails" not in result, result
        return result["result"].get("value")

    def wait(self, expression):
        end = time.monotonic() + LIMIT
        while not self.value(expression):
            assert time.monotonic() < end, f"{expression} never came true: {self.texts()}"
            assert not self.events, self.events
            time.sleep(0.05)

    def texts(self):
        return self.value("document.body.innerText")

    def box(self, name):
        box = self.value(f"JSON.stringify(document.getElementById('{name}')"
                         ".getBoundingClientRect())")
        return json.loads(box)

    def mouse(self, kind, x, y):
        self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left",
                  buttons=int(kind != "mouseReleased"), clickCount=1)

    def click(self, name):
        box = self.box(name)
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        self.mouse("mousePressed", x, y)
        self.mouse("mouseReleased", x, y)

    def draw(self, points):
        """A stroke along points of the drawing area, from 0 to 1."""
        box = self.box("pad")
        places = [(box["x"] + box["width"] * x, box["y"] + box["height"] * y) for x, y in points]
        self.mouse("mousePressed", *places[0])
        for place in places[1:]:
            self.mouse("mouseMoved", *place)
        self.mouse("mouseReleased", *places[-1])

    def shoot(self, path):
        import base64
        data = self.call("Page.captureScreenshot", format="png")["data"]
        path.write_bytes(base64.b64decode(data))

    def close(self):
        try:
            self.call("Browser.close")
            self.process.wait(LIMIT)
        finally:
            self.process.kill()
            self.process.wait()


class Quiet(http.server.SimpleHTTPRequestHandler):
    extensions_map = {**http.server.SimpleHTTPRequestHandler.extensions_map,
                      ".mjs": "text/javascript", ".wasm": "application/wasm"}

    def log_message(self, *_):
        pass


def serve(folder):
    handler = functools.partial(Quiet, directory=folder)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_address[1]}/"


def make_site(folder):
    """The folder `examples` as a user has it who followed the page's first lines."""
    shutil.copytree(source / "examples/web", folder / "web")
    shutil.copytree(source / "examples/data", folder / "data")
    subprocess.run([binary / "bin/dlc", "compile", source / "examples/digits_convnet.cpp",
                    "--target=wasm32", "-o", folder / "web/digits.wasm"], check=True)


def ring(x, y, across, down, count=24):
    from math import cos, pi, sin
    return [(x + across * sin(2 * pi * i / count), y - down * cos(2 * pi * i / count))
            for i in range(count + 1)]


def use(page):
    page.wait("document.body?.dataset.ready")
    assert page.value("document.body.dataset.ready") == "yes", page.texts()
    page.draw(ring(.5, .5, .2, .33))
    before = page.value("document.getElementById('answer').textContent")
    assert " a " in before, before
    page.click("train")
    page.wait("document.getElementById('status').textContent.startsWith('Trained')")
    accuracy = page.value("parseFloat(document.getElementById('accuracy').textContent)")
    assert accuracy > 95, f"accuracy {accuracy} % after five epochs"
    answer = page.value("document.getElementById('answer').textContent")
    assert answer == "It is a 0", f"a ring: {answer}"
    page.shoot(screenshot)
    page.click("clear")
    page.draw([(.5, .12), (.5, .88)])
    answer = page.value("document.getElementById('answer').textContent")
    assert answer.endswith("a 1"), f"a bar: {answer}"
    teach(page)
    print(f"accuracy {accuracy} %, {page.value('document.getElementById(`speed`).textContent')} "
          "for a step of 32 images")


def teach(page):
    """A drawing that is no digit becomes a 7 by being told so."""
    page.click("clear")
    page.draw([(.2, .5), (.8, .5)])
    share = "parseFloat(document.getElementById('share-7').textContent)"
    before = page.value(share)
    page.value("document.getElementById('label').value = '7'")
    page.click("teach")
    page.wait("!document.getElementById('teach').disabled")
    after = page.value(share)
    assert after > before or after > 90, f"taught a 7, {before} % before, {after} % after"


def main():
    # Processes of the browser may write to its profile while they end.
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        folder = pathlib.Path(folder)
        make_site(folder / "site")
        page = Browser(folder / "profile")
        try:
            page.call("Page.navigate", url=serve(folder / "site") + "web/")
            use(page)
            assert not page.events, page.events
        finally:
            page.close()


main()
