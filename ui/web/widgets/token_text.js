// Draws a text token by token. Every text is set as text, never as markup.
export default function ({ parentElement, data }) {
  const box = parentElement.querySelector(".tokens");
  box.setAttribute("aria-label", data.label);
  box.replaceChildren(...data.pieces.map((piece) => drawn(piece, data.largest)));
}

function drawn({ text, part = null, left_out, told, ground, mark }, largest) {
  const span = document.createElement("span");
  span.textContent = text;
  if (told) span.title = told;
  if (ground) {
    span.className = "placed";
    span.style.setProperty("--ground", ground);
    if (mark) span.append(marked(mark));
  } else if (part !== null) {
    span.className = part < 0 ? "away" : "towards";
    span.style.setProperty("--share", `${largest ? Math.round((70 * Math.abs(part)) / largest) : 0}%`);
  } else if (left_out) {
    span.className = "out";
  }
  return span;
}

function marked(name) {
  const mark = document.createElement("sup");
  mark.textContent = name;
  return mark;
}
