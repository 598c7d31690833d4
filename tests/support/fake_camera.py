"""A camera for Chromium: a video file in which a QR code is shown, made here, and changed while the
browser plays it.
"""

import random

import qr_codes

WIDTH, HEIGHT, FRAMES = 640, 480, 6


class FakeCamera:
    """`show(text)` puts a code in front of the camera, `show(None)` takes it away.

    The file keeps its length, and the browser loops it.
    """

    def __init__(self, path, rate=10):
        self.path = path
        noise = random.Random(1)
        self.empty = bytes(noise.choice((96, 104, 112, 120)) for _ in range(WIDTH * HEIGHT))
        self.colours = bytes([128]) * (WIDTH * HEIGHT // 2)
        self.head = f"YUV4MPEG2 W{WIDTH} H{HEIGHT} F{rate}:1 Ip A1:1 C420mpeg2\n".encode()
        path.write_bytes(self._film(None))

    @property
    def arguments(self):
        """What Chromium is started with."""
        return [
            "--use-fake-device-for-media-stream",
            "--use-fake-ui-for-media-stream",
            f"--use-file-for-fake-video-capture={self.path}",
        ]

    def show(self, text):
        film = self._film(text)
        with self.path.open("r+b") as file:
            file.write(film)

    def _film(self, text):
        picture = bytearray(self.empty)
        if text is not None:
            matrix = qr_codes.rows(text)
            scale = 440 // len(matrix)
            left, top = (WIDTH - scale * len(matrix)) // 2, (HEIGHT - scale * len(matrix)) // 2
            for y, line in enumerate(matrix):
                pixels = b"".join(bytes([20 if dark == "1" else 235]) * scale for dark in line)
                for k in range(scale):
                    begin = (top + y * scale + k) * WIDTH + left
                    picture[begin : begin + len(pixels)] = pixels
        frame = b"FRAME\n" + bytes(picture) + self.colours
        return self.head + frame * FRAMES
