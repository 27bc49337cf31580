// Draws the plots and the map from the data in the page, in the colours of the page.
const data = JSON.parse(document.querySelector("#figures").textContent);
const drawn = [];

// A custom property may hold light-dark(), so ask an element which colour that is now.
function colour(name) {
  const probe = document.body.appendChild(document.createElement("i"));
  probe.style.color = `var(--${name})`;
  const value = getComputedStyle(probe).color;
  probe.remove();
  return value;
}

function theme() {
  const names = ["ink", "soft", "line", "card", "buoy", "sound", "genres", "collaboration"];
  return Object.fromEntries(names.map((name) => [name, colour(name)]));
}

const family = getComputedStyle(document.body).fontFamily;

function config(now) {
  const text = { labelColor: now.soft, labelFont: family, labelFontSize: 13 };
  return {
    background: null,
    font: family,
    view: { stroke: null },
    axis: { ...text, gridColor: now.line, domainColor: now.line, tickColor: now.line, labelPadding: 8 },
    legend: { ...text, labelColor: now.ink, symbolType: "circle", symbolOpacity: 1, symbolSize: 90, offset: 14, padding: 0 },
    range: { category: [now.buoy, now.sound, now.genres, now.collaboration, now.soft] },
  };
}

const tip = document.body.appendChild(document.createElement("div"));
tip.className = "tip";
tip.hidden = true;

function showTip(_handler, event, _item, value) {
  tip.hidden = !value;
  if (!value) return;
  tip.textContent = Object.values(value).filter(Boolean).join("\n");
  const x = Math.min(event.clientX + 14, innerWidth - tip.offsetWidth - 8);
  tip.style.translate = `${x}px ${event.clientY - tip.offsetHeight - 10}px`;
}

async function plot(place, specification, now) {
  const { compile, expressionInterpreter, parse, View, Warn } = globalThis.charts;
  const spec = compile(specification, { config: config(now) }).spec;
  const view = new View(parse(spec, null, { ast: true }), {
    container: place,
    expr: expressionInterpreter,
    hover: true,
    logLevel: Warn,
    renderer: "svg",
    tooltip: showTip,
  });
  await view.runAsync();
  place.dataset.drawn = "true";
  return () => view.finalize();
}

function text(context, words, x, y, { font, longest, card, ink }) {
  const short = words.length > longest ? `${words.slice(0, longest - 1)}…` : words;
  context.font = font;
  context.textAlign = "center";
  context.lineWidth = 4;
  context.strokeStyle = card;
  context.strokeText(short, x, y);
  context.fillStyle = ink;
  context.fillText(short, x, y);
}

function map(place, around, now) {
  const { Graph, Sigma } = globalThis.graph;
  const graph = new Graph();
  const colours = { centre: now.buoy, near: now.sound, far: now.soft };
  const centre = around.nodes[0].id;
  const first = around.edges.filter((edge) => edge.source === centre);
  const strongest = new Map(first.map((edge) => [edge.target, edge.channel]));
  const narrow = place.clientWidth < 560;
  for (const node of around.nodes) {
    // On a phone the outer ring would squeeze the artists that matter.
    if (narrow && node.role === "far") continue;
    const own = node.role === "near" ? now[strongest.get(node.id)] : colours[node.role];
    const { label, x, y, size, role, href } = node;
    graph.addNode(node.id, { label, x, y, size, role, href, color: own });
  }
  for (const edge of around.edges) {
    if (!graph.hasNode(edge.source) || !graph.hasNode(edge.target)) continue;
    const own = edge.source === centre;
    graph.addEdge(edge.source, edge.target, {
      color: own ? now[edge.channel] : now.line,
      size: own ? 1.2 + 2 * edge.weight : 1,
    });
  }
  const label = (context, node, settings) => {
    const size = (node.role === "centre" ? 16 : 12.5) - (narrow ? 1 : 0);
    const weight = node.role === "centre" ? 700 : 500;
    text(context, node.label, node.x, node.y + node.size + size + 2, {
      font: `${weight} ${size}px ${settings.labelFont}`,
      longest: narrow ? 14 : 22,
      ...now,
    });
  };
  const renderer = new Sigma(graph, place, {
    allowInvalidContainer: true,
    defaultDrawNodeHover: (context, node, settings) => label(context, node, settings),
    defaultDrawNodeLabel: label,
    enableCameraPanning: false,
    enableCameraRotation: false,
    enableCameraZooming: false,
    labelDensity: 4,
    labelFont: family,
    labelGridCellSize: 40,
    labelRenderedSizeThreshold: 6,
    stagePadding: narrow ? 46 : 44,
    zIndex: true,
  });
  // The artist asked for stays in the middle, however few are around it.
  const far = Math.max(1, ...graph.mapNodes((_, { x, y }) => Math.hypot(x, y)));
  renderer.setCustomBBox({ x: [-far, far], y: [-far, far] });
  // A finger on the map scrolls the page; a tap still arrives as a click.
  renderer.getTouchCaptor().enabled = false;
  const rings = renderer.createCanvasContext("rings", { beforeLayer: "edges" }).getCanvases().rings;
  renderer.on("afterRender", () => depths(renderer, rings, now));
  renderer.on("clickNode", ({ node }) => {
    location.assign(graph.getNodeAttribute(node, "href"));
  });
  renderer.on("enterNode", () => (place.style.cursor = "pointer"));
  renderer.on("leaveNode", () => (place.style.cursor = ""));
  renderer.resize(true);
  renderer.refresh();
  place.dataset.drawn = "true";
  return () => renderer.kill();
}

// Lines of equal similarity around the artist, as depths on a chart.
function depths(renderer, canvas, now) {
  const ratio = devicePixelRatio || 1;
  const { width, height } = renderer.getDimensions();
  canvas.width = width * ratio;
  canvas.height = height * ratio;
  const context = canvas.getContext("2d");
  context.scale(ratio, ratio);
  const middle = renderer.graphToViewport({ x: 0, y: 0 });
  for (const [index, depth] of [0.28, 0.52, 0.76, 1, 1.25].entries()) {
    const edge = renderer.graphToViewport({ x: depth, y: 0 });
    context.beginPath();
    context.arc(middle.x, middle.y, Math.abs(edge.x - middle.x), 0, 2 * Math.PI);
    context.setLineDash(index === 4 ? [2, 6] : []);
    context.strokeStyle = now.line;
    context.stroke();
  }
}

async function draw() {
  while (drawn.length) drawn.pop()();
  const now = theme();
  for (const place of document.querySelectorAll("[data-figure]")) {
    place.replaceChildren();
    const kind = place.dataset.figure;
    drawn.push(kind === "map" ? map(place, data.map, now) : await plot(place, data[kind], now));
  }
}

document.addEventListener("themechange", draw);
document.fonts.ready.then(draw);
