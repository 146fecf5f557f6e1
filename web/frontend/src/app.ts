// Loaded by every page. Each thing here betters a page that works without it.
import "./polyfill";
import "./htmx";
import { checkAll, guardForms } from "./forms";
import { forgetDone } from "./kept";

const islands: Record<string, () => Promise<{ mount: (host: HTMLElement) => void | Promise<void> }>> = {
  chart: () => import("./chart"),
  diagram: () => import("./diagram"),
  people: () => import("./people"),
  draft: () => import("./draft"),
  upload: () => import("./upload"),
};

/** Mount every island below `root` once; one that fails leaves the page's own words standing. */
function mountIslands(root: ParentNode): void {
  for (const host of root.querySelectorAll<HTMLElement>("[data-island]:not([data-state])")) {
    const load = islands[host.dataset.island ?? ""];
    if (!load) continue;
    host.dataset.state = "loading";
    load()
      .then((island) => island.mount(host))
      .then(() => (host.dataset.state = "ready"))
      .catch(() => {
        host.dataset.state = "failed";
        host.querySelector<HTMLElement>("[data-failed]")?.removeAttribute("hidden");
      });
  }
}

function start(): void {
  guardForms();
  checkAll(document);
  forgetDone();
  mountIslands(document);
  document.querySelector<HTMLElement>("[data-focus]")?.focus();
}

for (const event of ["htmx:afterSwap", "htmx:after:swap", "zc:drawn"]) {
  document.addEventListener(event, () => {
    mountIslands(document);
    checkAll(document);
  });
}
if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
else start();
