"""A page in headless Chromium that is clicked, pointed at and typed into as by a reader.

The browser speaks its DevTools protocol through a pipe: JSON messages that end with a zero byte.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import subprocess

from browser import BROWSER

OPTIONS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--remote-debugging-pipe",
)


@contextlib.contextmanager
def opened(tmp_path, text, width=1280, height=900, dark=False):
    """Open a page's HTML; yield a `Page`."""
    path = tmp_path / "clicked.html"
    path.write_text(text, encoding="utf-8")
    with _browser(tmp_path / "clicked-profile") as connection:
        page = Page(connection)
        page.resize(width, height, dark)
        page.go(path.as_uri())
        yield page


@contextlib.contextmanager
def _browser(profile):
    there, ours = os.pipe()  # what we write
    back, theirs = os.pipe()  # what we read

    def place():
        # Dup first: the two numbers may be in use.
        reading, writing = os.dup(there), os.dup(theirs)
        os.dup2(reading, 3)
        os.dup2(writing, 4)

    process = subprocess.Popen(
        [BROWSER, *OPTIONS, f"--user-data-dir={profile}", "about:blank"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        preexec_fn=place,
        close_fds=False,
    )
    os.close(there)
    os.close(theirs)
    try:
        with open(ours, "wb", buffering=0) as writing, open(back, "rb", buffering=0) as reading:
            connection = Connection(writing, reading)
            yield connection
            connection.call("Browser.close")  # its own processes end, too
            process.wait(20)
    finally:
        process.kill()
        process.wait()


class Connection:
    """Sends commands to the browser and waits for their answers."""

    def __init__(self, writing, reading):
        self._writing, self._reading = writing, reading
        self._numbers, self._rest, self.events = itertools.count(1), b"", []

    def call(self, method, session=None, **words):
        number = next(self._numbers)
        message = {"id": number, "method": method, "params": words}
        if session:
            message["sessionId"] = session
        self._writing.write(json.dumps(message).encode() + b"\0")
        while True:
            answer = self._next()
            if answer.get("id") == number:
                assert "error" not in answer, answer
                return answer["result"]
            self.events.append(answer)

    def wait_for(self, method):
        while not any(event.get("method") == method for event in self.events):
            self.events.append(self._next())

    def _next(self):
        while b"\0" not in self._rest:
            data = self._reading.read(1 << 20)
            assert data, "the browser has ended"
            self._rest += data
        message, _, self._rest = self._rest.partition(b"\0")
        return json.loads(message)


class Page:
    """One tab."""

    def __init__(self, connection):
        self._connection = connection
        target = connection.call("Target.createTarget", url="about:blank")["targetId"]
        attached = connection.call("Target.attachToTarget", targetId=target, flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Page", "Runtime"):
            self._call(f"{domain}.enable")

    def _call(self, method, **words):
        return self._connection.call(method, self._session, **words)

    def resize(self, width, height, dark):
        self._call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=False,
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        still = {"name": "prefers-reduced-motion", "value": "reduce"}  # scroll at once
        self._call("Emulation.setEmulatedMedia", features=[scheme, still])

    def go(self, address):
        self._connection.events.clear()
        self._call("Page.navigate", url=address)
        self._connection.wait_for("Page.loadEventFired")
        self.settle()

    def settle(self):
        """Wait until what was done is drawn."""
        twice = "requestAnimationFrame(() => requestAnimationFrame(() => done(true)))"
        self.value(f"new Promise((done) => {twice})")

    def value(self, expression):
        """Return what a JavaScript expression gives, or the promise that it gives."""
        result = self._call(
            "Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True
        )
        assert "exceptionDetails" not in result, result["exceptionDetails"]
        return result["result"].get("value")

    def place(self, selector, x=0.5, y=0.5):
        """Scroll an element into view; return a place in it, as shares of its size."""
        box = self.value(
            f"(() => {{ const e = document.querySelector({json.dumps(selector)});"
            "e.scrollIntoView({block: 'center', behavior: 'instant'});"
            "const b = e.getBoundingClientRect(); return [b.x, b.y, b.width, b.height]; })()"
        )
        assert box[2] > 0 < box[3], f"{selector} is not seen"
        return box[0] + x * box[2], box[1] + y * box[3]

    def point(self, selector, x=0.5, y=0.5):
        """Move the pointer to a place in an element; return the place."""
        at = self.place(selector, x, y)
        self.settle()  # the page hears of its scrolling with the next frame
        self._call("Input.dispatchMouseEvent", type="mouseMoved", x=at[0], y=at[1])
        return at

    def click(self, selector, x=0.5, y=0.5):
        at = self.point(selector, x, y)
        for kind in ("mousePressed", "mouseReleased"):
            self._call(
                "Input.dispatchMouseEvent",
                type=kind,
                x=at[0],
                y=at[1],
                button="left",
                buttons=1,
                clickCount=1,
            )

    def press(self, key, code):
        """Press a key that has a Windows key code, such as ArrowRight with 39."""
        for kind in ("rawKeyDown", "keyUp"):
            self._call(
                "Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=code
            )

    def text(self, selector):
        return self.value(f"document.querySelector({json.dumps(selector)}).textContent")

    def texts(self, selector):
        found = f"[...document.querySelectorAll({json.dumps(selector)})]"
        return self.value(f"{found}.map((one) => one.textContent)")

    def screenshot(self, path):
        import base64

        taken = self._call("Page.captureScreenshot", captureBeyondViewport=True)
        path.write_bytes(base64.b64decode(taken["data"]))
