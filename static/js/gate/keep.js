// What stays on the phone: the page and its files without a network, storage that is not cleared, and, as the last
// resort, the scans as a file.
import { h } from "../scorer/dom.js";

export function keepPage() {
  navigator.serviceWorker
    ?.register("/sw.js", { scope: "/gate" })
    .then(() => navigator.serviceWorker.ready)
    .then((worker) => {
      const files = performance
        .getEntriesByType("resource")
        .map((entry) => new URL(entry.name))
        .filter((url) => url.origin === location.origin && url.pathname.startsWith("/static/"));
      const vendor = new URL("../../vendor/", new URL(document.body.dataset.decoder, location.origin)).pathname;
      const later = [
        document.body.dataset.decoder,
        `${vendor}zxing-wasm/zxing_reader.js`,
        `${vendor}zxing-wasm/zxing_reader.wasm`,
        `${vendor}noble-ed25519/ed25519.js`,
      ];
      worker.active?.postMessage({ keep: ["/gate", ...new Set([...files.map((url) => url.pathname), ...later])] });
    })
    .catch(() => {});
}

export async function askForStorage() {
  try {
    await navigator.storage?.persist?.();
  } catch {
    /* the browser decides */
  }
}

export function saveAsFile(scans) {
  const body = new Blob([JSON.stringify(scans)], { type: "application/json" });
  const link = h("a", { href: URL.createObjectURL(body), download: "unsent-scans.json" });
  link.click();
  URL.revokeObjectURL(link.href);
}
