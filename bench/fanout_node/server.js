// The same bare server as bench/fanout_server.py, on Node's socket.io. Prints its port as the first line.
const http = require("node:http");
const { Server } = require("socket.io");

let seq = 0;
const web = http.createServer((request, response) => {
  const url = new URL(request.url, "http://127.0.0.1");
  if (url.pathname === "/start") {
    publish(
      url.searchParams.get("room"),
      Number(url.searchParams.get("rate")),
      Number(url.searchParams.get("seconds")),
    );
  }
  response.setHeader("Content-Type", "application/json");
  response.end(JSON.stringify({ connections: io.engine.clientsCount }));
});
const io = new Server(web, {
  transports: ["websocket"],
  maxHttpBufferSize: 16384,
  perMessageDeflate: false,
  serveClient: false,
});

io.on("connection", (socket) => {
  socket.on("join", ({ room, after }) => {
    socket.join(room);
    socket.emit("joined", { seq });
    if (after !== undefined && after < seq) {
      socket.emit(
        "missed",
        Array.from({ length: seq - after }, (_, n) => after + 1 + n),
      );
    }
  });
});

const now = () => Number(process.hrtime.bigint());

function publish(room, rate, seconds) {
  const began = now();
  const last = Math.floor(rate * seconds);
  let n = 0;
  const one = () => {
    seq += 1;
    io.to(room).emit("match_update", { seq, t: now(), pad: "x".repeat(230) });
    n += 1;
    if (n < last) setTimeout(one, Math.max(0, (began + (n * 1e9) / rate - now()) / 1e6));
  };
  one();
}

web.listen({ port: 0, host: "127.0.0.1", backlog: 4096 }, () => console.log(web.address().port));
