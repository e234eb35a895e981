// Mounts vis-network with nodes, edges and options from Python, and sends back what is picked. Data is never markup.

const ABOVE = 140; // pixels of the window for the pages' names and the legend
const EDGE = 16; // pixels around a graph on the whole screen
const LEAST = 0.75; // scale below which letters are too small to be read
const PLAIN = "rgba(0,0,0,0)";

export default function ({ parentElement, data, setTriggerValue }) {
  const box = parentElement.querySelector(".graph");
  const content = JSON.stringify([data.nodes, data.edges, data.height, data.legend]);
  if (box.content !== content) {
    if (!box.content) box.addEventListener("wheel", scrollUnlessZooming, true);
    box.content = content;
    box.whole = parentElement.querySelector(".whole");
    draw(box, data);
    explain(parentElement.querySelector(".legend"), data.legend);
    widen(box, data, parentElement.querySelector(".full"));
  }
  box.send = (value) => setTriggerValue("picked", value);
  if (box.face !== JSON.stringify(font(box))) letter(box);
  select(box, data.selected);
}

// A plain wheel scrolls the page; with Ctrl it zooms the graph.
function scrollUnlessZooming(event) {
  if (!event.ctrlKey) event.stopPropagation();
}

function explain(legend, entries) {
  legend.replaceChildren(
    ...entries.map(([name, colour, form, opacity]) => {
      const entry = document.createElement("span");
      const sign = document.createElement("i");
      sign.className = form;
      sign.style.color = colour;
      sign.style.opacity = opacity;
      entry.append(sign, name);
      return entry;
    }),
  );
}

// The whole graph on all of the screen, and back again by the same button or Escape.
function widen(box, data, button) {
  button.onclick = () => (isFull(box) ? document.exitFullscreen() : box.whole.requestFullscreen());
  box.whole.onfullscreenchange = () => {
    button.textContent = isFull(box) ? "Leave full screen" : "Full screen";
    stretch(box, data);
  };
}

function isFull(box) {
  return box.getRootNode().fullscreenElement === box.whole;
}

// Everything that vis-network is to know, it is told at once: of an update it works out each node anew.
function draw(box, data) {
  const seen = sight(box, data);
  box.picture?.destroy();
  box.observer?.disconnect();
  box.width = box.clientWidth;
  box.face = JSON.stringify(font(box));
  const nodes = new vis.DataSet(data.nodes.map((node) => ({ ...node, x: node.x * factor(box, data) })));
  const edges = new vis.DataSet(data.edges);
  const letters = { ...data.options.nodes.font, ...font(box) };
  const options = { ...data.options, nodes: { ...data.options.nodes, font: letters } };
  const picture = new vis.Network(box, { nodes, edges }, options);
  Object.assign(box, { picture, nodes, edges });

  picture.on("click", ({ nodes: [node], edges: [edge] }) => {
    if (node !== undefined) {
      if (!String(node).startsWith("layer ")) box.send({ region: node });
    } else if (edge !== undefined) {
      box.send({ connection: edge });
    } else {
      box.send({});
    }
  });
  picture.on("doubleClick", () => frame(box, data));
  picture.on("hoverNode", () => (box.style.cursor = "pointer"));
  picture.on("hoverEdge", () => (box.style.cursor = "pointer"));
  picture.on("blurNode", () => (box.style.cursor = ""));
  picture.on("blurEdge", () => (box.style.cursor = ""));

  box.observer = new ResizeObserver(() => box.clientWidth !== box.width && stretch(box, data));
  box.observer.observe(box);
  frame(box, data);
  if (seen) picture.moveTo(seen);
}

// What was zoomed or moved to stays in sight where regions are only added or taken away.
function sight(box, data) {
  if (!box.framed) return null;
  const [position, scale] = [box.picture.getViewPosition(), box.picture.getScale()];
  const apart = (a, b) => Math.abs(a - b) > 0.01;
  const { position: home, scale: plain } = box.framed;
  if (!apart(scale, plain) && !apart(position.x, home.x) && !apart(position.y, home.y)) return null;
  const [before, now] = [box.nodes.getIds(), data.nodes.map((node) => node.id)];
  const [had, has] = [new Set(before), new Set(now)];
  return before.every((id) => has.has(id)) || now.every((id) => had.has(id)) ? { position, scale } : null;
}

// The picture is as wide as its container, pixel for pixel, so that letters keep their size.
function factor(box, data) {
  return (box.width || data.width) / data.width;
}

function stretch(box, data) {
  box.width = box.clientWidth;
  if (!box.width) return;
  box.nodes.update(data.nodes.map(({ id, x }) => ({ id, x: x * factor(box, data) })));
  frame(box, data);
}

function frame(box, data) {
  if (!box.width) return;
  const room = height(box);
  const scale = Math.min(1, Math.max(LEAST, room / data.height));
  const tall = isFull(box) ? Math.max(room, data.height * scale) : data.height * scale;
  box.style.height = `${tall}px`;
  box.picture.setSize("100%", `${tall}px`);
  box.framed = { position: { x: box.width / 2, y: data.height / 2 }, scale };
  box.picture.moveTo(box.framed);
}

// Pixels of height that a graph may take to be seen whole: a taller one is made smaller, as far as it can be read.
function height(box) {
  if (!isFull(box)) return window.innerHeight - ABOVE;
  return window.innerHeight - box.whole.querySelector(".bar").offsetHeight - 2 * EDGE;
}

function font(box) {
  const style = getComputedStyle(box);
  return { color: style.color, face: style.fontFamily, strokeWidth: 3, strokeColor: ground(style) };
}

// In another theme.
function letter(box) {
  box.face = JSON.stringify(font(box));
  box.picture.setOptions({ nodes: { font: font(box) } });
}

function ground(style) {
  return style.getPropertyValue("--st-background-color").trim() || PLAIN;
}

function select(box, { region, connection }) {
  const known = (set, id) => (id && set.get(id) ? [id] : []);
  box.picture.setSelection(
    { nodes: known(box.nodes, region), edges: known(box.edges, connection) },
    { highlightEdges: false },
  );
}
