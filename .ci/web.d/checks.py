"""checks.py DIGITALLY FOLDER [PICTURES]: what must hold of the page in FOLDER, and the pictures of it. For .ci/web."""

import base64
import os
import sys
import traceback

from browser import ByClicks, ByKeyboard, Page, chromium
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

PROMISED = 100  # Milliseconds from the key to the screen of the first step of a payment.
FILES = ["", "style.css", "phones.js", "room.js", "room_bg.wasm"]


def request(bob):
    """Bob requests 250.00 from Alice; his code."""
    bob.open()
    bob.select("Request", "Alice")
    bob.type("250")
    bob.phone.sees("request code 250.00 from Alice")
    return bob.phone.code()


def begin(alice, code):
    """Alice types it, up to the question whether she wants that."""
    alice.open()
    alice.select("Pay", "Bob")
    alice.type("250")
    alice.type(code)
    alice.phone.sees("Pay 250.00 to Bob")


def authorise(alice):
    """She does, by her PIN, of which nothing is seen; her code."""
    alice.ok()
    alice.type("1234", ok=False)
    assert alice.phone.lines()[5] == "****_", alice.phone.lines()
    assert alice.phone.spoken() == "PIN 4 typed", alice.phone.spoken()
    alice.ok()
    alice.phone.sees("payment code Paid 250.00 to Bob")
    return alice.phone.code()


def confirm(bob, code):
    bob.ok()
    bob.type(code)
    bob.phone.sees("Received 250.00 from Alice")
    bob.phone.sees("Balance 1250.00")


def pay(alice, bob):
    begin(alice, request(bob))
    code = authorise(alice)
    confirm(bob, code)
    return code


def by_clicks(open_page):
    page = open_page()
    pay(ByClicks(page.alice), ByClicks(page.bob))


def by_keyboard(open_page):
    page = open_page()
    for _ in range(3):
        page.press(Keys.TAB)
        if page.focused().get_attribute("role") == "application":
            break
    assert page.focused().get_attribute("aria-label").startswith("Alice"), page.focused().get_attribute("outerHTML")
    outline = page.focused().value_of_css_property("outline-style"), page.focused().value_of_css_property("outline-width")
    assert outline == ("solid", "3px"), outline
    alice, bob = ByKeyboard(page.alice), ByKeyboard(page.bob)
    code = request(bob)
    alice.open()
    page.steps()
    alice.select("Pay")
    page.alice.sees("Pay whom?")
    page.until(lambda: page.script("return steps.some(([key]) => key === 'Enter')"))
    first = next(step for step in page.steps() if step[0] == "Enter")
    alice.select("Bob")
    alice.type("250")
    alice.key(*code, Keys.BACKSPACE, code[-1], Keys.ENTER, Keys.ESCAPE)
    page.alice.sees("Request code")
    alice.type(code)
    page.alice.sees("Pay 250.00 to Bob")
    confirm(bob, authorise(alice))
    slowest = max([first, *page.steps()], key=lambda step: step[1])
    print(f"        from the key to the drawn screen: first step of the payment {first[1]:.0f} ms, promised {PROMISED};"
          f" slowest of all its keys {slowest[1]:.0f} ms ({slowest[0]})")
    assert first[1] <= PROMISED, "too slow"


def by_buttons_with_the_keyboard(open_page):
    """Tab reaches each button, Enter and Space press it, and Tab leaves the phone again."""
    page = open_page()
    page.press(Keys.TAB)
    reached = []
    for _ in range(80):
        touch = page.focused().get_attribute("data-touch")
        reached.append(touch or page.focused().get_attribute("id"))
        if touch == "power":
            page.press(Keys.ENTER if "power" not in reached[:-1] else Keys.SPACE)
        if page.focused().get_attribute("id") == "patient":
            break
        page.press(Keys.TAB)
    buttons = {button.get_attribute("data-touch") for button in page.driver.find_elements(By.CSS_SELECTOR, "#alice button")}
    assert reached[-1] == "patient" and all(reached.count(button) == 2 for button in buttons), reached
    page.alice.sees("Ready")
    page.bob.sees("Ready")


def after_a_click(open_page):
    """Enter behind a click by mouse is OK, not that button again."""
    page = open_page()
    page.alice.click("power", "left", "Down", "Up")
    page.alice.choose("Purse", lambda: page.press(Keys.ARROW_DOWN), lambda: page.press(Keys.ENTER))
    page.alice.sees("Purse >Pay")


def battery(open_page):
    page = open_page()
    alice = ByClicks(page.alice)
    begin(alice, request(ByClicks(page.bob)))
    code = authorise(alice)
    alice.key("battery")
    assert page.alice.text() == "" and page.alice.spoken() == "The battery is out", page.alice.lines()
    alice.key("1")
    assert page.alice.hint() == "No battery", page.alice.hint()
    alice.key("battery")
    alice.open()
    alice.select("Last code")
    alice.ok()
    page.alice.sees("payment code")
    assert page.alice.code() == code, (page.alice.lines(), code)


def loose_battery(open_page):
    page = open_page()
    alice, bob = ByClicks(page.alice), ByClicks(page.bob)
    begin(alice, request(bob))
    alice.ok()
    alice.key("loosen")
    assert page.alice.button("loosen").text == "Falls out in write 1"
    alice.type("1234")
    assert page.alice.spoken() == "The battery is out", page.alice.spoken()
    assert page.alice.hint() == "The battery fell out" and page.alice.button("loosen").text == "Loosen battery"
    alice.key("battery")
    alice.open()
    alice.select("Balance")
    page.alice.sees("1000.00")


def wrong_code(open_page):
    page = open_page()
    alice, bob = ByClicks(page.alice), ByClicks(page.bob)
    begin(alice, request(bob))
    code = authorise(alice)
    wrong = str((int(code[0]) + 1) % 10) + code[1:]
    bob.ok()
    bob.type(wrong)
    page.bob.sees("Wrong code")
    page.bob.sees("Tries left: 4")
    bob.ok()
    bob.type(code)
    page.bob.sees("Received 250.00 from Alice")


def sim_and_hints(open_page):
    page = open_page()
    page.alice.click("5")
    assert page.alice.hint() == "Phone is off", page.alice.hint()
    page.alice.click("power", "sim")
    page.alice.sees("Insert SIM")
    page.alice.click("sim")
    page.alice.sees("Ready")


def screen_reader(open_page):
    """What the accessibility tree has: names of all buttons, live screens, headings, and digits one by one."""
    page = open_page()
    code = request(ByClicks(page.bob))
    tree = [node for node in page.cdp("Accessibility.getFullAXTree")["nodes"] if not node.get("ignored")]
    found = {}
    for node in tree:
        found.setdefault(node["role"]["value"], []).append(node)
    name = lambda node: node.get("name", {}).get("value", "")
    properties = lambda node: {one["name"]: one["value"].get("value") for one in node.get("properties", [])}
    buttons = [name(node) for node in found["button"]]
    assert all(buttons) and len(buttons) == 2 * (2 + 8 + 12 + 4) + 1, buttons
    for wanted in ["Start anew with fresh cards", "OK", "Back", "Up", "Plus", "Star", "Hash", "0", "9", "Power", "Battery", "SIM", "Loosen battery"]:
        assert wanted in buttons, f"no button {wanted}: {buttons}"
    regions = [name(node) for node in found["region"]]
    assert {"Alice's phone", "Bob's phone"} <= set(regions), regions
    by_id = {node["nodeId"]: node for node in page.cdp("Accessibility.getFullAXTree")["nodes"]}
    spoken = ", ".join([" ".join(code[:4]), " ".join(code[4:])])
    live = next(node for node in found["StaticText"] if name(node).startswith(spoken + " request code"))
    while live["role"]["value"] != "status":
        live = by_id[live["parentId"]]
    assert properties(live)["live"] == "polite" and properties(live)["atomic"], live
    assert any(name(node) == f"{code[:4]} {code[4:]}" for node in found["StaticText"]), "the screen cannot be read"
    screens = {name(node): node.get("description", {}).get("value", "") for node in found["application"]}
    assert spoken in screens["Bob's phone, by keyboard"], screens
    assert len(found["heading"]) >= 5 and len(found["main"]) == 1, found["heading"]


def contrasts(open_page):
    """Text stands out by 4.5 to 1 at least (WCAG 2.2, 1.4.3), by day and by night; with forced colours all is there, too."""
    page = open_page()
    ByClicks(page.bob).open()
    measure = """
      const channel = (c) => (c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
      const parse = (text) => text.match(/[\\d.]+/g).map(Number);
      const light = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
      const behind = (at) => { for (; at; at = at.parentElement) { const c = parse(getComputedStyle(at).backgroundColor);
        if (c.length < 4 || c[3] === 1) return c; } return [255, 255, 255]; };
      const all = document.querySelectorAll("button, .line, .hint, h1, h2, p, li, dd, dt, kbd, label, select, small");
      return [...all].filter((at) => at.checkVisibility()).map((at) => {
        const [x, y] = [light(parse(getComputedStyle(at).color)), light(behind(at))].sort((a, b) => b - a);
        return [(x + 0.05) / (y + 0.05), at.outerHTML.slice(0, 80)]; });"""
    for scheme in ["light", "dark"]:
        page.cdp("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
        worst = min(page.script(measure))
        assert worst[0] >= 4.5, (scheme, worst)
    page.cdp("Emulation.setEmulatedMedia", features=[{"name": "forced-colors", "value": "active"}])
    for touch in ["left", "5", "power"]:
        assert page.alice.button(touch).value_of_css_property("border-top-style") == "solid"
    page.cdp("Emulation.setEmulatedMedia", features=[])


def narrow(open_page):
    """On a telephone: one whole phone at once, keys for fingers, nothing to the side; and the payment."""
    for width, height in [(390, 844), (360, 740)]:
        page = open_page(size=(width, height))
        assert page.script("return document.documentElement.scrollWidth") <= width
        for phone in [page.alice, page.bob]:
            page.driver.find_element(By.XPATH, f"//nav//button[starts-with(., '{phone.name.title()}')]").click()
            page.script("scrollTo(0, 0)")
            assert phone.element(".screen").is_displayed()
            other = page.bob if phone is page.alice else page.alice
            assert not other.element(".screen").is_displayed()
            for button in page.driver.find_elements(By.CSS_SELECTOR, f"#{phone.name} button, nav button"):
                box = button.rect
                label = (button.get_attribute("data-touch"), box)
                assert box["height"] >= 44 and box["width"] >= 44, label
                assert box["x"] >= 0 and box["x"] + box["width"] <= width and box["y"] + box["height"] <= height, label
            bottom = phone.element('button[data-touch="power"]').rect
        print(f"        at {width} by {height}: a whole phone ends at {bottom['y'] + bottom['height']:.0f}")
    alice, bob = ByClicks(page.alice), ByClicks(page.bob)
    tab = lambda name: page.driver.find_element(By.XPATH, f"//nav//button[starts-with(., '{name}')]")
    tab("Bob").click()
    code = request(bob)
    tab("Alice").click()
    # The other phone's code can be read while it is typed.
    assert f"{code[:4]} {code[4:]}" in tab("Bob").text, tab("Bob").text
    begin(alice, code)


def swahili(open_page):
    page = open_page()
    page.driver.find_element(By.CSS_SELECTOR, "#language option[value=sw]").click()
    page.alice.click("power")
    page.driver.find_element(By.CSS_SELECTOR, "#again button").click()
    assert page.status() == "Fresh cards are in both phones." and page.alice.spoken() == "The phone is off"
    ByClicks(page.alice).open("Pochi")
    page.alice.sees("Pochi >Lipa")
    assert page.alice.element(".line").get_attribute("lang") == "sw"


def language_in_the_address(open_page):
    page = open_page(behind="#language=sw")
    ByClicks(page.alice).open("Pochi")
    page.alice.sees("Pochi >Lipa")


def without_webassembly(open_page):
    page = open_page(before="delete window.WebAssembly;", works=False)
    page.until(lambda: "has no WebAssembly" in page.status())
    assert not page.driver.find_element(By.ID, "room").is_displayed()


def without_javascript(open_page):
    page = open_page()
    page.cdp("Emulation.setScriptExecutionDisabled", value=True)
    try:
        page = open_page(works=False)
        assert "needs JavaScript" in page.driver.find_element(By.TAG_NAME, "noscript").text
    finally:
        page.cdp("Emulation.setScriptExecutionDisabled", value=False)


def pictures(open_page, folder):
    """The two pictures of the documentation."""
    os.makedirs(folder, exist_ok=True)
    page = open_page(size=(1280, 800))
    code = request(ByClicks(page.bob))
    alice = ByClicks(page.alice)
    begin(alice, code)
    authorise(alice)
    picture(page, folder, 1280, 800)
    page = open_page(size=(390, 844))
    page.driver.find_element(By.XPATH, "//nav//button[starts-with(., 'Bob')]").click()
    code = request(ByClicks(page.bob))
    page.driver.find_element(By.XPATH, "//nav//button[starts-with(., 'Alice')]").click()
    begin(ByClicks(page.alice), code)
    picture(page, folder, 390, 844)


def picture(page, folder, width, height):
    page.script("document.activeElement.blur(); scrollTo(0, 0)")
    png = base64.b64decode(page.cdp("Page.captureScreenshot", format="png", optimizeForSpeed=False)["data"])
    assert len(png) < 100_000, f"{width}: {len(png)} bytes"
    with open(os.path.join(folder, f"web-{width}.png"), "wb") as file:
        file.write(png)
    print(f"        web-{width}.png: {len(png)} bytes, {width} by {height}")


CHECKS = [
    by_clicks, by_keyboard, by_buttons_with_the_keyboard, after_a_click, battery, loose_battery, wrong_code, sim_and_hints,
    screen_reader, contrasts, narrow, swahili, language_in_the_address, without_webassembly, without_javascript,
]


def run(check, driver, digitally, folder, *more):
    """Runs a check; whatever it does, only the page's own files were loaded, and nothing was asked for behind that."""
    opened = []

    def open_page(**how):
        close()
        opened.append(Page(driver, digitally, folder, **how))
        return opened[-1]

    def close():
        if opened:
            page = opened.pop()
            allowed = {page.address + name for name in FILES}
            assert {url.split("#")[0] for url in page.loaded} <= allowed, page.loaded
            later = page.requests()
            assert later == [], f"asked for behind loading: {later}"
            assert page.complaints() == []

    check(open_page, *more)
    close()


def main(digitally, folder, pictures_folder=None):
    failed = 0
    with chromium() as driver:
        page = Page(driver, digitally, folder)
        print(f"        phones are ready {page.loaded_in:.0f} ms after the page was asked for; {len(page.loaded)} requests")
        checks = [(check, ()) for check in CHECKS] + ([(pictures, (pictures_folder,))] if pictures_folder else [])
        for check, more in checks:
            try:
                run(check, driver, digitally, folder, *more)
                print(f"ok      {check.__name__.replace('_', ' ')}", flush=True)
            except Exception:
                failed += 1
                print(f"FAILED  {check.__name__.replace('_', ' ')}\n{traceback.format_exc()}", flush=True)
    print(f"{len(checks) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
