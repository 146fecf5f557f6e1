// The diagram of a case or definition: bpmn-js as a viewer. What is painted comes from recorded history only.
import NavigatedViewer from "bpmn-js/lib/NavigatedViewer";
import "bpmn-js/dist/assets/diagram-js.css";
import "bpmn-js/dist/assets/bpmn-js.css";

interface Mark {
  element: string;
  state: string;
  badge?: string;
}
interface Canvas {
  addMarker(element: string, marker: string): void;
  zoom(level?: number | string, centre?: unknown): number;
  viewbox(box?: Box): Box & { inner: Box };
}
interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}
interface Overlays {
  add(element: string, overlay: { position: object; html: HTMLElement }): void;
}
interface Registry {
  get(element: string): Box | undefined;
}

const MARGIN = 30;
const LEGIBLE = 0.7; // below this scale names cannot be read
const READING = 0.85;
const URGENT = ["incident", "overdue", "near", "active", "found", "heat-5"];

export async function mount(host: HTMLElement): Promise<void> {
  const answer = await fetch(host.dataset.url ?? "", { headers: { Accept: "application/xml" } });
  if (!answer.ok) throw new Error(`diagram: ${answer.status}`);
  const holder = document.createElement("div");
  holder.className = "bjs-holder";
  host.querySelector("[data-fallback]")?.remove();
  host.prepend(holder);
  const viewer = new NavigatedViewer({ container: holder });
  await viewer.importXML(await answer.text());
  const canvas = viewer.get<Canvas>("canvas");
  const registry = viewer.get<Registry>("elementRegistry");
  paint(host, canvas, registry, viewer.get<Overlays>("overlays"));
  fit(canvas);
  showWhereItStands(host, canvas, registry);
  wireTools(host, canvas);
}

/** A large diagram that fits is too small to read: go near to where the case stands; a button shows the whole. */
function showWhereItStands(host: HTMLElement, canvas: Canvas, registry: Registry): void {
  if (canvas.zoom() >= LEGIBLE) return;
  const marks = JSON.parse(host.dataset.marks ?? "[]") as Mark[];
  const here = URGENT.flatMap((state) => marks.filter((mark) => mark.state === state))
    .map((mark) => registry.get(mark.element))
    .find((shape) => shape !== undefined);
  canvas.zoom(READING);
  const box = canvas.viewbox();
  const { inner } = box;
  const centre = here ? { x: here.x + here.width / 2, y: here.y + here.height / 2 } : { x: inner.x, y: inner.y };
  canvas.viewbox({
    x: within(centre.x - box.width / 2, inner.x - MARGIN, inner.x + inner.width + MARGIN - box.width),
    y: within(centre.y - box.height / 2, inner.y - MARGIN, inner.y + inner.height + MARGIN - box.height),
    width: box.width,
    height: box.height,
  });
}

function within(value: number, least: number, most: number): number {
  return Math.max(least, Math.min(value, most));
}

function paint(host: HTMLElement, canvas: Canvas, registry: Registry, overlays: Overlays): void {
  const marks = JSON.parse(host.dataset.marks ?? "[]") as Mark[];
  for (const mark of marks) {
    if (!registry.get(mark.element)) continue;
    canvas.addMarker(mark.element, `zc-${mark.state}`);
    if (!mark.badge) continue;
    const badge = document.createElement("div");
    badge.className = `badge zc-${mark.state}`;
    badge.textContent = mark.badge;
    overlays.add(mark.element, { position: { top: -12, left: -4 }, html: badge });
  }
}

function fit(canvas: Canvas): void {
  canvas.zoom("fit-viewport");
  const { inner } = canvas.viewbox();
  canvas.viewbox({
    x: inner.x - MARGIN,
    y: inner.y - MARGIN,
    width: inner.width + 2 * MARGIN,
    height: inner.height + 2 * MARGIN,
  });
}

function wireTools(host: HTMLElement, canvas: Canvas): void {
  const tools = host.parentElement?.querySelector<HTMLElement>("[data-diagram-tools]");
  tools?.removeAttribute("hidden");
  tools?.addEventListener("click", (event) => {
    const wanted = (event.target as HTMLElement).dataset.zoom;
    if (wanted === "in") canvas.zoom(canvas.zoom() * 1.25);
    if (wanted === "out") canvas.zoom(canvas.zoom() / 1.25);
    if (wanted === "fit") fit(canvas);
  });
}
