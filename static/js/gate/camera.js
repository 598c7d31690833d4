// The camera of the phone: pictures go to the decoder one at a time, the newest first; what is read is told.

const WIDTH = 960; // pixels of a picture that is decoded: enough for a code at arm's length

export class Camera {
  // `onText(text, began)` for each picture with a code, `began` the time its frame was taken; `onState` for {ready,
  // broken, refused}.
  constructor(video, decoder, { onText, onState = () => {} }) {
    Object.assign(this, { video, onText, onState, stream: null, busy: false, which: 0, cameras: [], paused: false });
    this.native = null;
    this.worker = new Worker(decoder);
    this.worker.onmessage = ({ data }) => {
      if (data.ready) this.onState({ decoder: true });
      else if (data.broken) this.onState({ broken: data.broken });
      else this.read(data.text);
    };
    this.worker.onerror = () => this.onState({ broken: "The decoder did not start." });
    this.findNative();
  }

  // The browser's own detector where it is there and really reads QR codes.
  async findNative() {
    try {
      const formats = await globalThis.BarcodeDetector?.getSupportedFormats();
      if (formats?.includes("qr_code")) this.native = new globalThis.BarcodeDetector({ formats: ["qr_code"] });
    } catch {
      /* the worker reads */
    }
  }

  get running() {
    return Boolean(this.stream);
  }

  async start() {
    this.stop();
    if (!navigator.mediaDevices?.getUserMedia)
      throw new Error("This browser gives no camera to this page. It needs a secure address (https).");
    const wanted = this.cameras[this.which]?.deviceId;
    const which = wanted ? { deviceId: { exact: wanted } } : { facingMode: { ideal: "environment" } };
    this.stream = await navigator.mediaDevices.getUserMedia({
      audio: false,
      video: { ...which, width: { ideal: 1280 }, height: { ideal: 720 } },
    });
    this.video.srcObject = this.stream;
    await this.video.play();
    this.cameras = (await navigator.mediaDevices.enumerateDevices()).filter((device) => device.kind === "videoinput");
    const track = this.stream.getVideoTracks()[0];
    track.addEventListener("ended", () => this.onState({ ended: true }));
    this.next();
  }

  stop() {
    for (const track of this.stream?.getTracks() ?? []) track.stop();
    this.stream = null;
    this.video.srcObject = null;
    this.busy = false;
  }

  async turn() {
    if (this.cameras.length < 2) return false;
    this.which = (this.which + 1) % this.cameras.length;
    await this.start();
    return true;
  }

  get hasTorch() {
    return Boolean(this.stream?.getVideoTracks()[0]?.getCapabilities?.().torch);
  }

  async torch(on) {
    await this.stream?.getVideoTracks()[0]?.applyConstraints({ advanced: [{ torch: on }] });
  }

  next() {
    const stream = this.stream;
    const look = () => {
      if (this.stream === stream && stream) this.look(stream);
    };
    if (this.video.requestVideoFrameCallback) this.video.requestVideoFrameCallback(look);
    else setTimeout(look, 60);
  }

  async look(stream) {
    if (this.paused || this.busy || !this.video.videoWidth) {
      this.next();
      return;
    }
    this.busy = true;
    this.began = performance.now();
    try {
      if (this.native) {
        const found = await this.native.detect(this.video);
        this.read(found[0]?.rawValue ?? null);
      } else {
        const width = Math.min(WIDTH, this.video.videoWidth);
        const bitmap = await createImageBitmap(this.video, {
          resizeWidth: width,
          resizeHeight: Math.round((width * this.video.videoHeight) / this.video.videoWidth),
        });
        if (this.stream === stream) this.worker.postMessage({ bitmap }, [bitmap]);
      }
    } catch {
      this.native = null;
      this.read(null);
    }
  }

  read(text) {
    this.busy = false;
    if (text && !this.paused) this.onText(text, this.began);
    if (this.stream) this.next();
  }
}
