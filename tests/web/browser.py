"""A real Chromium without a window, spoken to by its own DevTools protocol.

    with Browser(folder) as browser:
        async with browser.page("http://127.0.0.1:8112/") as page:
            assert await page.ask("document.title") == "Siaga 112"

Start it from a thread that lives as long as it does. Knows Chromium. Does not know what is shown.
"""

import asyncio
import base64
import json
import time
import urllib.request
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import aiohttp

from siaga112.lab.ports import pick
from siaga112.lab.processes import Process
from siaga112.lab.recipes import INSTRUMENTS
from siaga112.lab.root import ensure_root
from siaga112.lab.sandbox import Sandbox
from siaga112.lab.waiting import until

PATIENCE = 30.0


class Page:
    """One open page."""

    def __init__(self, socket: "aiohttp.ClientWebSocketResponse[Any]") -> None:
        self._socket = socket
        self._last = 0
        self.thrown: list[str] = []
        """What the page's own scripts threw."""
        self.asked: list[str] = []
        """The addresses that it wanted."""

    async def command(self, method: str, **parameters: Any) -> dict[str, Any]:
        """One command of the protocol, and its result."""
        self._last += 1
        await self._socket.send_json({"id": self._last, "method": method, "params": parameters})
        async with asyncio.timeout(PATIENCE):
            while True:
                told = await self._socket.receive_json()
                if told.get("id") == self._last:
                    assert "error" not in told, told
                    result: dict[str, Any] = told["result"]
                    return result
                self._note(told)

    async def ask(self, expression: str) -> Any:
        """The value of a JavaScript expression."""
        result = await self.command(
            "Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True
        )
        assert "exceptionDetails" not in result, result
        return result["result"].get("value")

    async def text(self, selector: str) -> str:
        """What is to be read at a place."""
        return str(await self.ask(f"document.querySelector({json.dumps(selector)}).innerText"))

    async def until(self, expression: str, patience: float = PATIENCE) -> None:
        """Wait until an expression is true."""
        deadline = time.monotonic() + patience
        while not await self.ask(expression):
            assert time.monotonic() < deadline, f"not in {patience:g} s: {expression}"
            await asyncio.sleep(0.05)

    async def size(self, width: int, height: int) -> None:
        """Be a screen of so many points."""
        screen = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        await self.command("Emulation.setDeviceMetricsOverride", **screen)

    async def picture(self, path: Path, *, whole: bool = False) -> None:
        """Write what is seen, or the whole page, as PNG."""
        found = await self.command("Page.captureScreenshot", format="png", captureBeyondViewport=whole)
        await asyncio.to_thread(path.write_bytes, base64.b64decode(found["data"]))

    async def printed(self, path: Path) -> None:
        """Write what a printer would be given, as PDF, by the page's own rules for paper."""
        found = await self.command("Page.printToPDF", preferCSSPageSize=True, printBackground=True)
        await asyncio.to_thread(path.write_bytes, base64.b64decode(found["data"]))

    def _note(self, told: dict[str, Any]) -> None:
        match told.get("method"):
            case "Runtime.exceptionThrown":
                self.thrown.append(str(told["params"]["exceptionDetails"]))
            case "Network.requestWillBeSent":
                self.asked.append(told["params"]["request"]["url"])
            case _:
                pass


class Browser:
    """Runs while the context is open."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._port = pick()
        self._process: Process | None = None

    def __enter__(self) -> Self:
        self._folder.mkdir(parents=True, exist_ok=True)
        command = [
            "/usr/lib/chromium/chromium-headless-shell",
            "--no-sandbox",  # it has ours
            "--disable-gpu",
            "--disable-dev-shm-usage",
            f"--remote-debugging-port={self._port}",
            f"--user-data-dir={self._folder}/profile",
            "about:blank",
        ]
        sandbox = Sandbox(ensure_root(recipe=INSTRUMENTS).fs)
        log = self._folder / "chromium.log"
        self._process = Process.inside("Chromium", sandbox, command, log, same_path=[self._folder])
        until("Chromium", self._ready, self._process, patience=60)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process is not None:
            self._process.kill()

    @asynccontextmanager
    async def page(self, address: str, *, width: int = 1920, height: int = 1080) -> AsyncIterator[Page]:
        """Open an address in a page of its own."""
        here = f"http://127.0.0.1:{self._port}/json"
        async with aiohttp.ClientSession() as session:
            async with session.put(f"{here}/new?about:blank") as answer:
                target = await answer.json(content_type=None)
            async with session.ws_connect(target["webSocketDebuggerUrl"], max_msg_size=1 << 26) as socket:
                page = Page(socket)
                for domain in ("Page", "Runtime", "Network"):
                    await page.command(f"{domain}.enable")
                await page.size(width, height)
                await page.command("Page.navigate", url=address)
                await page.until("document.readyState === 'complete' && location.href !== 'about:blank'")
                yield page
            async with session.get(f"{here}/close/{target['id']}"):
                pass

    def _ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self._port}/json/version", timeout=5) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False
