// Reads codes from pictures, beside the page: zxing-wasm in a worker of its own. {bitmap} → {text} or {text: null};
// {ready} once it can.
/* global importScripts, ZXingWASM */
const vendor = new URL("../../vendor/zxing-wasm/", self.location.href);
importScripts(new URL("zxing_reader.js", vendor).href);
const overrides = { locateFile: (name) => new URL(name, vendor).href }; // otherwise it would ask a CDN
const ready = ZXingWASM.prepareZXingModule({ overrides, fireImmediately: true });
ready.then(
  () => postMessage({ ready: true }),
  (error) => postMessage({ broken: String(error) }),
);

let canvas;
let pen;

onmessage = async ({ data: { bitmap } }) => {
  let text = null;
  const begun = performance.now();
  try {
    if (canvas?.width !== bitmap.width || canvas?.height !== bitmap.height) {
      canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
      pen = canvas.getContext("2d", { willReadFrequently: true });
    }
    pen.drawImage(bitmap, 0, 0);
    bitmap.close();
    const picture = pen.getImageData(0, 0, canvas.width, canvas.height);
    const [found] = await ZXingWASM.readBarcodes(picture, {
      formats: ["QRCode"],
      tryHarder: true,
      tryDownscale: true,
      maxNumberOfSymbols: 1,
    });
    text = found?.isValid === false ? null : (found?.text ?? null);
  } catch {
    /* the next picture */
  }
  postMessage({ text, took: performance.now() - begun });
};
