// Chromium 90 is the oldest browser in use (docs/decisions/0047): syntax is lowered by `target`, missing
// functions by src/polyfill.ts. Nothing is inlined: the content security policy allows files only.
import { defineConfig } from "vite";

export default defineConfig({
  base: "./",
  build: {
    target: "chrome90",
    outDir: "../static/build",
    emptyOutDir: true,
    manifest: "manifest.json",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 600, // charts: fetched by the one page that draws them
    rollupOptions: { input: { app: "src/app.ts", style: "src/style.css" } },
  },
});
