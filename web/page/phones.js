// Two phones: draws them, and hands keys to the room, which is the real applet compiled to WebAssembly. What a phone does, says and
// shows is decided there.

// What is on a phone's buttons, row by row: its name in the room, what is written on it, and what it is called.
const KEYPAD = [
  [["Back", "Back"], ["Up", "▲", "Up"], ["Down", "▼", "Down"], ["End", "End"]],
  [["1", "1"], ["2", "2 abc", "2"], ["3", "3 def", "3"], ["OK", "OK"]],
  [["4", "4 ghi", "4"], ["5", "5 jkl", "5"], ["6", "6 mno", "6"], ["Clear", "Clear"]],
  [["7", "7 pqrs", "7"], ["8", "8 tuv", "8"], ["9", "9 wxyz", "9"], ["Help", "Help"]],
  [["*", "*", "Star"], ["0", "0"], ["#", "#", "Hash"], ["+", "+", "Plus"]],
];
const HANDS = [["power", "Power"], ["battery", "Battery"], ["sim", "SIM"], ["loosen", "Loosen battery"]];

// What keys of a keyboard do. The others of its keys that have a name on the phone are that key.
const KEYBOARD = {
  ArrowUp: "Up", ArrowDown: "Down", ArrowLeft: "left", ArrowRight: "right",
  Enter: "OK", Backspace: "Clear", Escape: "Back", e: "End", h: "Help", p: "power",
};
const REPEATED = ["Up", "Down", "Clear"];

const status = document.getElementById("status");
let bindings, room, phones = [], shown;

function element(name, properties = {}, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

// A phone on the page, before anything is on its screen.
function phone(side, name, letter) {
  const id = name.toLowerCase();
  const made = { side, name, letter, buttons: {} };
  made.lines = Array.from({ length: 6 }, () => element("div", { className: "line" }));
  made.spokenByCard = element("span");
  made.spokenByPage = element("span");
  made.spoken = element("div", { id: `${id}-spoken`, className: "spoken" }, made.spokenByCard, " ", made.spokenByPage);
  made.spoken.setAttribute("role", "status");
  made.hint = element("p", { className: "hint" });
  made.hint.setAttribute("role", "status");
  made.screen = element("div", { className: "screen", tabIndex: 0 }, ...made.lines);
  made.screen.setAttribute("role", "application");
  made.screen.setAttribute("aria-label", `${name}'s phone, by keyboard`);
  made.screen.setAttribute("aria-describedby", made.spoken.id);

  const button = ([touch, text, label]) => {
    const [digit, letters] = /^\d /.test(text) ? text.split(" ") : [text];
    const key = element("button", { type: "button" }, digit);
    if (letters) key.append(element("small", {}, letters));
    if (label) key.setAttribute("aria-label", label);
    if (touch.length === 1) key.className = "digit";
    key.dataset.touch = touch;
    made.buttons[touch] = key;
    return key;
  };
  const row = (className, keys) => element("div", { className }, ...keys.map(button));
  made.section = element("section", { className: "phone", id },
    element("h2", { id: `${id}-name` }, `${name}'s phone`),
    made.spoken, made.screen, made.hint,
    row("row two", [["left", ""], ["right", ""]]),
    ...KEYPAD.map((keys) => row("row four", keys)),
    row("row four hands", HANDS));
  made.section.setAttribute("aria-labelledby", `${id}-name`);
  made.section.addEventListener("click", (event) => {
    const key = event.target.closest("button");
    if (key) touch(made, key.dataset.touch);
  });

  made.preview = element("small");
  made.tab = element("button", { type: "button" }, name, made.preview);
  made.tab.addEventListener("click", () => show(made));
  return made;
}

// On a narrow screen one phone is shown.
function show(which) {
  shown = which;
  for (const each of phones) {
    each.section.classList.toggle("shown", each === which);
    each.tab.setAttribute("aria-pressed", each === which);
  }
}

// A live region speaks when its text changes.
function say(where, text) {
  if (where.textContent !== text) where.textContent = text;
}

function draw(which) {
  const { side } = which;
  const selected = room.selected(side);
  room.lines(side).forEach((text, at) => {
    say(which.lines[at], text);
    which.lines[at].classList.toggle("selected", at === selected);
  });
  which.screen.classList.toggle("above", room.above(side));
  which.screen.classList.toggle("below", room.below(side));
  say(which.preview, which.lines[0].textContent);
  const [byCard, byPage] = room.spoken(side);
  say(which.spokenByCard, byCard);
  say(which.spokenByPage, byPage);
  room.soft(side).forEach((name, at) => {
    const key = which.buttons[at ? "right" : "left"];
    say(key, name);
    key.setAttribute("aria-label", name || (at ? "Right key, nothing now" : "Left key, nothing now"));
  });
  const states = room.states(side);
  which.section.classList.toggle("on", states.includes("power"));
  for (const name of ["power", "battery", "sim"]) which.buttons[name].setAttribute("aria-pressed", states.includes(name));
  const loose = room.loose(side);
  say(which.buttons.loosen, loose === undefined ? "Loosen battery" : `Falls out in write ${loose}`);
}

// Nothing behind this is known to fail. If it does, the phones are not to be trusted any more.
function guarded(what) {
  try {
    return what();
  } catch (error) {
    clearInterval(clock);
    stopped(`The phones have stopped, which is a defect of this page: ${error}. Load it again.`);
    throw error;
  }
}

function stopped(text) {
  status.textContent = text;
  status.classList.add("trouble");
  document.getElementById("room").hidden = true;
}

function touch(which, name) {
  guarded(() => {
    if (shown !== which) show(which);
    const hint = room.touch(which.side, name) ?? "";
    // The same hint again is to be heard again.
    which.hint.textContent = "";
    which.hint.textContent = hint;
    draw(which);
  });
}

// After a click by mouse, Enter is OK and not the clicked button again.
let clicked;
document.addEventListener("pointerup", (event) => {
  clicked = event.pointerType === "mouse" ? event.target.closest?.("button") : undefined;
});
document.addEventListener("focusout", () => { clicked = undefined; });

document.addEventListener("keydown", (event) => {
  const which = phones.find((each) => each.section.contains(event.target));
  if (!which || event.ctrlKey || event.altKey || event.metaKey) return;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if (event.target.matches("button") && event.target !== clicked && (key === "Enter" || key === " ")) return;
  const other = phones.find((each) => each.letter === key);
  const name = KEYBOARD[key] ?? (which.buttons[key] && /^[\d*#+]$/.test(key) ? key : undefined);
  if (!other && !name) return;
  event.preventDefault();
  if (other) {
    show(other);
    other.screen.focus();
  } else if (!event.repeat || REPEATED.includes(name)) {
    touch(which, name);
  }
});

// Fresh cards.
function start(language) {
  const fresh = new bindings.Room(language);
  room?.free();
  room = fresh;
  room.bePatient(document.getElementById("patient").checked);
  for (const each of phones) {
    for (const line of [...each.lines, each.spokenByCard]) line.lang = language;
    each.hint.textContent = "";
    draw(each);
  }
}

// The phones have no clock of their own.
let clock, last;
function tick() {
  const now = performance.now();
  const milliseconds = Math.floor(now - last);
  last += milliseconds;
  guarded(() => {
    room.pass(milliseconds);
    phones.forEach(draw);
  });
}

async function main() {
  if (typeof WebAssembly !== "object") {
    stopped("This browser has no WebAssembly, or it is switched off. The page runs the card's own program by it, and cannot do without.");
    return;
  }
  try {
    bindings = await import("./room.js");
    await bindings.default({ module_or_path: new URL("room_bg.wasm", import.meta.url) });
    phones = [phone(bindings.Side.Left, "Alice", "a"), phone(bindings.Side.Right, "Bob", "b")];
    const language = document.getElementById("language");
    language.value = new URLSearchParams(location.hash.slice(1)).get("language") === "sw" ? "sw" : "en";
    start(language.value);
  } catch (error) {
    stopped(`The phones cannot be made: ${error}.`);
    return;
  }
  document.getElementById("tabs").append(...phones.map((each) => each.tab));
  document.getElementById("phones").append(...phones.map((each) => each.section));
  show(phones[0]);
  document.getElementById("patient").addEventListener("change", (event) => guarded(() => room.bePatient(event.target.checked)));
  document.getElementById("again").addEventListener("submit", (event) => {
    event.preventDefault();
    guarded(() => start(document.getElementById("language").value));
    status.textContent = "Fresh cards are in both phones.";
  });
  last = performance.now();
  clock = setInterval(tick, 250);
  document.getElementById("room").hidden = false;
  status.textContent = "";
}

main();
