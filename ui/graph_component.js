// Mounts vis-network with nodes, edges and options from Python, and sends back what is picked. Data is never markup.

const PLAIN = "rgba(0,0,0,0)";

export default function ({ parentElement, data, setTriggerValue }) {
  const box = parentElement.querySelector(".graph");
  const content = JSON.stringify([data.nodes, data.edges, data.height, data.legend]);
  if (box.content !== content) {
    if (!box.content) box.addEventListener("wheel", scrollUnlessZooming, true);
    box.content = content;
    draw(box, data);
    explain(parentElement.querySelector(".legend"), data.legend);
  }
  box.send = (value) => setTriggerValue("picked", value);
  colour(box);
  select(box, data.selected);
}

// A plain wheel scrolls the page; with Ctrl it zooms the graph.
function scrollUnlessZooming(event) {
  if (!event.ctrlKey) event.stopPropagation();
}

function explain(legend, entries) {
  legend.replaceChildren(
    ...entries.map(([name, colour]) => {
      const entry = document.createElement("span");
      const dot = document.createElement("i");
      dot.style.background = colour;
      entry.append(dot, name);
      return entry;
    }),
  );
}

function draw(box, data) {
  box.picture?.destroy();
  box.observer?.disconnect();
  box.style.height = `${data.height}px`;
  const nodes = new vis.DataSet(data.nodes);
  const edges = new vis.DataSet(data.edges);
  const picture = new vis.Network(box, { nodes, edges }, data.options);
  Object.assign(box, { picture, nodes, edges, width: 0 });

  picture.on("click", ({ nodes: [node], edges: [edge] }) => {
    if (node !== undefined) {
      if (!String(node).startsWith("layer ")) box.send({ region: node });
    } else if (edge !== undefined) {
      box.send({ connection: edge });
    } else {
      box.send({});
    }
  });
  picture.on("doubleClick", () => place(box, data));
  picture.on("hoverNode", () => (box.style.cursor = "pointer"));
  picture.on("hoverEdge", () => (box.style.cursor = "pointer"));
  picture.on("blurNode", () => (box.style.cursor = ""));
  picture.on("blurEdge", () => (box.style.cursor = ""));

  box.observer = new ResizeObserver(() => box.clientWidth !== box.width && place(box, data));
  box.observer.observe(box);
  place(box, data);
}

// Stretches the picture to the container's width, pixel for pixel, so that letters keep their size.
function place(box, data) {
  box.width = box.clientWidth;
  if (!box.width) return;
  const factor = box.width / data.width;
  box.nodes.update(data.nodes.map(({ id, x }) => ({ id, x: x * factor })));
  box.picture.setSize("100%", `${data.height}px`);
  box.picture.redraw();
  box.picture.moveTo({ position: { x: box.width / 2, y: data.height / 2 }, scale: 1 });
}

function colour(box) {
  const style = getComputedStyle(box);
  const font = { color: style.color, face: style.fontFamily, strokeWidth: 3, strokeColor: ground(style) };
  box.picture.setOptions({ nodes: { font } });
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
