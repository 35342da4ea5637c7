// One connection a browser, however many tabs: a shared worker that passes on what the server tells.
const ports = new Set();
let source, last;

function listen(address) {
  source?.close();
  source = new EventSource(address);
  last = Date.now();
  source.onmessage = (event) => pass({ data: event.data });
  source.addEventListener("beat", () => pass({}));
}

function pass(message) {
  last = Date.now();
  for (const port of ports) port.postMessage(message);
}

onconnect = ({ ports: [port] }) => {
  ports.add(port);
  port.onmessage = ({ data }) => {
    if (data.closes) ports.delete(port);
    else if (!source || source.readyState === EventSource.CLOSED || data.anew) listen(data.address);
    else port.postMessage({ joined: true });
  };
};
