"""Chromium, headless, and what a test does with it."""

import importlib.util
import json
import os
import pathlib

from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By

from daemon import eventually

# Only the script is used, of a package that carries it.
AXE = pathlib.Path(importlib.util.find_spec("axe_playwright_python").origin).parent / "axe.min.js"
SHOTS = os.environ["SHOTS"]
FOCUSABLE = ("button", "link", "searchbox", "listbox", "tab", "slider", "region", "option", "heading")


class Browser:
    def __init__(self):
        options = webdriver.ChromeOptions()
        options.binary_location = "/usr/bin/chromium"
        for flag in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--hide-scrollbars"):
            options.add_argument(flag)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        self.driver = webdriver.Chrome(options=options, service=Service("/usr/bin/chromedriver"))
        self.requests = []
        self.errors = []
        self.desk()

    def desk(self):
        self.driver.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride", {"width": 1360, "height": 900, "deviceScaleFactor": 1, "mobile": False}
        )

    def phone(self):
        self.driver.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride", {"width": 390, "height": 844, "deviceScaleFactor": 2, "mobile": True}
        )

    def scheme(self, name):
        self.driver.execute_cdp_cmd(
            "Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": name}]}
        )

    def slow(self, bytes_per_second):
        """How fast it sends; -1 for as fast as can be."""
        self.driver.execute_cdp_cmd(
            "Network.emulateNetworkConditions",
            {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": bytes_per_second},
        )

    def shoot(self, name):
        """In light, in dark, and on a phone in each."""
        for device in ("desk", "phone"):
            getattr(self, device)()
            for scheme in ("light", "dark"):
                self.scheme(scheme)
                self.frame()
                self.driver.save_screenshot(os.path.join(SHOTS, f"{name}-{device}-{scheme}.png"))
            cut = self.js("return [...document.querySelectorAll('button, .button')]"
                          ".filter(b => b.checkVisibility() && b.scrollWidth > b.clientWidth + 1).map(b => b.textContent)")
            if cut:
                raise AssertionError(f"{name}, {device}: what is pressed is cut off: {cut}")
        self.desk()
        self.scheme("light")

    def frame(self):
        """Awaits that what is to be drawn is drawn."""
        self.js("return new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")

    def open(self, url):
        self.driver.get(url)

    def js(self, script, *values):
        return self.driver.execute_script(script, *values)

    def all(self, selector):
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def one(self, selector):
        return eventually(selector, lambda: next(iter(self.all(selector)), None))

    def text(self, selector):
        """Read at once, for the page may draw anew between two questions."""
        return self.js("return [...document.querySelectorAll(arguments[0])].map(e => e.innerText).join('\\n')", selector)

    def see(self, selector, wanted, within=60):
        eventually(f"{wanted!r} in {selector}", lambda: wanted in self.text(selector), within)

    def click(self, selector):
        self.one(selector)
        self.js("document.querySelector(arguments[0]).click()", selector)

    def open_task(self, name):
        self.see("#tasks", name)
        self.js(
            "[...document.querySelectorAll('.row')].find(row => row.querySelector('.name').textContent === arguments[0]).click()",
            name,
        )
        self.see(".detail h1", name)

    def gather(self):
        """Reads what the browser has noted: whom it asked, and what it complained of."""
        for entry in self.driver.get_log("performance"):
            message = json.loads(entry["message"])["message"]
            if message["method"] == "Network.requestWillBeSent":
                self.requests.append(message["params"]["request"]["url"])
        self.errors += [entry["message"] for entry in self.driver.get_log("browser") if entry["level"] == "SEVERE"]

    def violations(self):
        """Of WCAG 2.1 A and AA, as axe-core finds them."""
        if not self.js("return 'axe' in window"):
            self.js(AXE.read_text(encoding="utf-8"))
        found = self.driver.execute_async_script(
            "const done = arguments[arguments.length - 1];"
            "axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa']}).then(r => done(r.violations), e => done([{id: String(e), nodes: []}]))"
        )
        return [(one["id"], [node["html"][:200] for node in one["nodes"]][:3]) for one in found]

    def told(self, *roles):
        """What a screen reader is given of elements of these roles: role, name, and what else it says of them."""
        nodes = self.driver.execute_cdp_cmd("Accessibility.getFullAXTree", {})["nodes"]
        return [
            (node["role"]["value"], node.get("name", {}).get("value", ""), {p["name"]: p["value"].get("value") for p in node.get("properties", [])})
            for node in nodes
            if not node["ignored"] and node["role"]["value"] in roles
        ]

    def focused(self):
        """What the keyboard is at, as a screen reader names it."""
        return next(((role, name) for role, name, more in self.told(*FOCUSABLE) if more.get("focused")), None)

    def close(self):
        self.driver.quit()
