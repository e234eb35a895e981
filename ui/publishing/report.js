"use strict";
// The page reads whole without this script: it saves files, picks regions, and changes the colours. Texts stay texts.

const byId = (id) => document.getElementById(id);
const files = JSON.parse(byId("files").textContent);

function save(name) {
  const { type, text } = files[name];
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: `${type};charset=utf-8` }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

// Where the clipboard is refused, the text is selected.
async function copy(button) {
  const source = byId(button.dataset.copy);
  const label = button.textContent;
  try {
    await navigator.clipboard.writeText(written(source));
    button.textContent = "Copied";
  } catch {
    const around = source.closest("details");
    if (around) around.open = true;
    getSelection().selectAllChildren(source);
    button.textContent = "Selected: press Ctrl+C";
  }
  setTimeout(() => (button.textContent = label), 2_000);
}

function written(source) {
  const paragraphs = [...source.querySelectorAll("p")].map((each) => each.textContent);
  return paragraphs.length ? paragraphs.join("\n\n") : source.textContent;
}

// Light or dark as the system is, until the button says otherwise; remembered in this page alone.
function dark() {
  const chosen = document.documentElement.dataset.theme;
  return chosen ? chosen === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
}

function relabel() {
  byId("theme").textContent = dark() ? "Light" : "Dark";
}

byId("theme").addEventListener("click", () => {
  document.documentElement.dataset.theme = dark() ? "light" : "dark";
  relabel();
});
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", relabel);
relabel();
byId("print").addEventListener("click", () => print());
for (const button of document.querySelectorAll(".save")) button.addEventListener("click", () => save(button.dataset.file));
for (const button of document.querySelectorAll(".copy")) button.addEventListener("click", () => copy(button));

const svg = document.querySelector(".graph svg");
if (svg) explore();

function explore() {
  const dots = [...svg.querySelectorAll(".dots a")];
  const lines = [...svg.querySelectorAll(".lines path")];
  const list = byId("regions");
  const entries = [...list.children];
  let picked = null;

  function pick(place) {
    picked = place;
    svg.classList.add("picking");
    const near = new Set();
    for (const line of lines) {
      const ends = [Number(line.dataset.s), Number(line.dataset.t)];
      const meets = ends.includes(place);
      line.classList.toggle("near", meets);
      if (meets) ends.forEach((end) => near.add(end));
    }
    dots.forEach((dot, i) => mark(dot, i === place, near.has(i)));
    entries.forEach((entry, i) => entry.classList.toggle("picked", i === place));
    walkable(place);
    const entry = entries[place];
    entry.hidden = false;
    entry.querySelector("details").open = true;
    list.scrollTop = entry.offsetTop - list.offsetTop;
    byId("clear").hidden = false;
    byId("picked").textContent = entry.querySelector("summary").textContent;
  }

  function mark(dot, isPicked, isNear) {
    dot.classList.toggle("picked", isPicked);
    dot.classList.toggle("near", isNear);
  }

  function clear() {
    picked = null;
    svg.classList.remove("picking");
    dots.forEach((dot) => mark(dot, false, false));
    entries.forEach((entry) => entry.classList.remove("picked"));
    byId("clear").hidden = true;
    byId("picked").textContent = "";
  }

  // One stop for the Tab key; arrow keys go to the nearest region that way.
  function walkable(place) {
    dots.forEach((dot, i) => dot.setAttribute("tabindex", i === place ? "0" : "-1"));
  }

  const WAYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

  function nearest(from, [dx, dy]) {
    const [x, y] = [Number(from.dataset.x), Number(from.dataset.y)];
    let best = null;
    let least = Infinity;
    for (const dot of dots) {
      const [over, down] = [Number(dot.dataset.x) - x, Number(dot.dataset.y) - y];
      const along = over * dx + down * dy;
      const aside = Math.abs(over * dy) + Math.abs(down * dx);
      const distance = along + 3 * aside;
      if (along > 0.5 && distance < least) [best, least] = [dot, distance];
    }
    return best;
  }

  dots.forEach((dot, i) => {
    dot.addEventListener("click", (event) => {
      event.preventDefault();
      pick(i);
    });
    dot.addEventListener("keydown", (event) => {
      const next = WAYS[event.key] && nearest(dot, WAYS[event.key]);
      if (!next) return;
      event.preventDefault();
      walkable(dots.indexOf(next));
      next.focus();
    });
  });
  svg.addEventListener("click", (event) => event.target.closest("a") || clear());
  document.addEventListener("keydown", (event) => event.key === "Escape" && picked !== null && clear());
  byId("clear").addEventListener("click", clear);
  list.addEventListener("click", (event) => {
    const link = event.target.closest("a");
    const entry = event.target.closest("#regions > li");
    if (link) {
      event.preventDefault();
      pick(Number(link.hash.replace("#region-", "")));
    } else if (entry && event.target.closest("summary") && !entry.querySelector("details").open) {
      event.preventDefault();
      pick(entries.indexOf(entry));
    }
  });
  const none = document.createElement("span");
  none.className = "more";
  none.setAttribute("role", "status");
  byId("filter").after(none);
  byId("filter").addEventListener("input", ({ target }) => {
    const words = target.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const entry of entries) {
      const told = entry.querySelector("summary").textContent.toLowerCase();
      const whole = new Set(told.split(/[\s:,]+/)); // "3" is of block 3, and neither of R3 nor of block 13
      entry.hidden = !words.every((word) => (/\d$/.test(word) ? whole.has(word) : told.includes(word)));
    }
    none.textContent = entries.every((entry) => entry.hidden) ? " No region has it." : "";
  });
  if (dots.length) walkable(0);
}
