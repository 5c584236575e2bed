"""The page in headless Chromium, and its two phones as somebody sees and touches them. For .ci/web."""

import contextlib
import json
import re
import subprocess

from selenium import webdriver
from selenium.common.exceptions import TimeoutException
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

PATIENCE = 60  # Seconds: machines that test are busy.

# How long each key took: from when the browser got it to when what it did was drawn.
TIMED = """
window.steps = [];
addEventListener("keydown", (event) => {
  const key = event.key, begun = event.timeStamp;
  requestAnimationFrame(() => setTimeout(() => steps.push([key, performance.now() - begun])));
}, true);
"""


@contextlib.contextmanager
def chromium():
    """A browser, which is ended whatever happens."""
    options = Options()
    options.binary_location = "/usr/bin/chromium"
    for argument in ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--lang=en"]:
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"performance": "ALL", "browser": "ALL"})
    driver = webdriver.Chrome(service=Service("/usr/bin/chromedriver"), options=options)
    try:
        driver.set_page_load_timeout(PATIENCE)
        driver.set_script_timeout(PATIENCE)
        yield driver
    finally:
        driver.quit()


@contextlib.contextmanager
def served(digitally, folder):
    """`digitally phones --web`, until it is told to end, which it must do by itself and well. Yields where it serves."""
    command = [digitally, "phones", "--web", folder, "--json"]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        address = None
        for line in server.stdout:
            if found := re.search(r"http://127\.0\.0\.1:\d+/", line):
                address = found[0]
                break
        assert address, f"{command} named no address, and ended with {server.wait(PATIENCE)}"
        yield address
    finally:
        server.terminate()
        code = server.wait(PATIENCE)
    assert code == 0, f"the server ended with {code}"


class Page:
    """The page, loaded; the server has ended by then, so that nothing can come from it any more."""

    def __init__(self, driver, digitally, folder, size=(1280, 900), behind="", before=None, works=True):
        self.driver = driver
        self.metrics(*size)
        driver.get("about:blank")
        driver.get_log("performance")
        driver.get_log("browser")
        scripts = [TIMED] + ([before] if before else [])
        made = [self.cdp("Page.addScriptToEvaluateOnNewDocument", source=script) for script in scripts]
        with served(digitally, folder) as address:
            self.address = address
            driver.get(address + behind)
            if works:
                self.until(lambda: driver.find_element(By.ID, "room").is_displayed())
                self.loaded_in = driver.execute_script("return performance.now()")
        for script in made:
            self.cdp("Page.removeScriptToEvaluateOnNewDocument", identifier=script["identifier"])
        self.loaded = self.requests()
        self.alice, self.bob = Phone(self, "alice"), Phone(self, "bob")

    def cdp(self, command, **arguments):
        return self.driver.execute_cdp_cmd(command, arguments)

    def metrics(self, width, height):
        self.cdp("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 800)

    def until(self, condition):
        wait = WebDriverWait(self.driver, PATIENCE, poll_frequency=0.02)
        try:
            wait.until(lambda _: condition())
        except TimeoutException:
            raise AssertionError(f"not so after {PATIENCE} s; the page says: {self.status()!r}, {self.complaints()}") from None

    def script(self, text, *arguments):
        return self.driver.execute_script(text, *arguments)

    def status(self):
        return self.driver.find_element(By.ID, "status").text

    def requests(self):
        """What the page has asked for since this was asked last."""
        said = [json.loads(entry["message"])["message"] for entry in self.driver.get_log("performance")]
        sent = [event["params"]["request"]["url"] for event in said if event["method"] == "Network.requestWillBeSent"]
        return [url for url in sent if not url.startswith("data:")]

    def complaints(self):
        """What the browser complained of: scripts that failed, and what the page's policy forbade."""
        return [entry["message"] for entry in self.driver.get_log("browser") if entry["level"] == "SEVERE"]

    def press(self, *keys):
        """Keys of the keyboard, to whatever has the focus."""
        for key in keys:
            ActionChains(self.driver).send_keys(key).perform()

    def focused(self):
        return self.driver.switch_to.active_element

    def steps(self):
        """How long the keys took since this was asked last, in milliseconds."""
        return self.script("const all = steps; steps = []; return all")


class Phone:
    """One of the two phones."""

    def __init__(self, page, name):
        self.page, self.name = page, name

    def element(self, selector):
        return self.page.driver.find_element(By.CSS_SELECTOR, f"#{self.name} {selector}")

    def button(self, touch):
        return self.element(f'button[data-touch="{touch}"]')

    def click(self, *touches):
        for touch in touches:
            self.button(touch).click()

    def lines(self):
        return self.page.script(f"return [...document.querySelectorAll('#{self.name} .line')].map((line) => line.textContent)")

    def text(self):
        return " ".join(" ".join(self.lines()).split())

    def spoken(self):
        return self.page.script(f"return document.querySelector('#{self.name} .spoken').textContent.trim()")

    def hint(self):
        return self.element(".hint").text

    def code(self):
        """The eight digits with which the screen begins."""
        found = re.match(r"(\d{4}) (\d{4}) ", self.text())
        assert found, f"no code: {self.text()}"
        return found[1] + found[2]

    def sees(self, text):
        assert text in self.text(), f"{self.name}: no {text!r}: {self.lines()}"

    def choose(self, item, down, ok):
        """Goes down to an item, and chooses it, by these two ways of touching."""
        for _ in range(12):
            if f">{item}" in self.lines():
                return ok()
            down()
        raise AssertionError(f"{self.name}: no item {item!r}: {self.lines()}")


class ByClicks:
    """A phone used by clicks alone."""

    def __init__(self, phone):
        self.phone, self.key = phone, phone.click

    def select(self, *items):
        for item in items:
            self.phone.choose(item, lambda: self.key("Down"), lambda: self.key("OK"))

    def open(self, purse="Purse"):
        self.key("power", "left")
        self.select(purse)

    def type(self, digits, ok=True):
        self.key(*digits, *(["left"] if ok else []))

    def ok(self):
        self.key("left")


class ByKeyboard:
    """A phone used by the keyboard alone."""

    def __init__(self, phone):
        self.phone, self.letter = phone, phone.name[0]

    def key(self, *keys):
        self.phone.page.press(self.letter, *keys)

    def select(self, *items):
        for item in items:
            self.phone.choose(item, lambda: self.key(Keys.ARROW_DOWN), lambda: self.key(Keys.ENTER))

    def open(self):
        self.key("p", Keys.ARROW_LEFT)
        self.select("Purse")

    def type(self, digits, ok=True):
        self.key(*digits, *([Keys.ENTER] if ok else []))

    def ok(self):
        self.key(Keys.ENTER)
