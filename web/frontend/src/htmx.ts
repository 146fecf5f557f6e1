// htmx 4 in the subset that 2.0 shares (docs/decisions/0047): no inheritance, no eval, no style element of its own.
import htmx from "htmx.org";

const config = (htmx as unknown as { config: Record<string, unknown> }).config;
config.includeIndicatorCSS = false;
config.allowEval = false;
