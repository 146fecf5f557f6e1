// What Chromium 90 lacks and bpmn-js calls.
if (!Object.hasOwn) {
  Object.hasOwn = (object: object, key: PropertyKey) => Object.prototype.hasOwnProperty.call(object, key);
}
if (!Array.prototype.at) {
  Object.defineProperty(Array.prototype, "at", {
    value(this: unknown[], index: number) {
      return this[index < 0 ? this.length + index : index];
    },
  });
}
export {};
