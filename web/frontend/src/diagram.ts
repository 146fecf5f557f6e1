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
  get(element: string): unknown;
}

const MARGIN = 30;

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
  wireTools(host, canvas);
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
