// Runs the WebAssembly program named by the argument: two Workers, each a thread of it, on one memory.

import { readFileSync } from "node:fs";
import { Worker, isMainThread, parentPort, workerData } from "node:worker_threads";

const WATCHDOG = 120_000; // milliseconds
const PAGE = 65_536;
const STACK = 16 * PAGE;

Error.stackTraceLimit = 40; // a panic's own frames are about ten

function start() {
  const module = new WebAssembly.Module(readFileSync(process.argv[2]));
  const memory = new WebAssembly.Memory({ initial: 256, maximum: 1024, shared: true });
  let running = 2;
  for (let thread = 0; thread < 2; thread++) {
    const base = memory.grow(STACK / PAGE) * PAGE;
    const worker = new Worker(new URL(import.meta.url), { workerData: { module, memory, base, thread } });
    worker.on("message", ({ waits, error }) => {
      if (error) fail(`thread ${thread}: ${error}`);
      console.log(`thread ${thread}: ${waits} waits`);
      if (--running == 0) process.exit(0);
    });
    worker.on("error", (error) => fail(`thread ${thread}: ${error.stack}`));
  }
  setTimeout(() => fail(`${running} threads have not ended`), WATCHDOG);
}

function fail(reason) {
  console.error(reason);
  process.exit(1);
}

function work({ module, memory, base, thread }) {
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  // The thread's own variables lie at the low end of its stack.
  exports.__wasm_init_tls(base);
  exports.__stack_pointer.value = base + STACK;
  try {
    parentPort.postMessage({ waits: exports.run(thread) });
  } catch (error) {
    parentPort.postMessage({ error: `${text(memory, exports.panic_message())}\n${error.stack}` });
  }
}

// The string at an address, which ends with a zero.
function text(memory, address) {
  const bytes = new Uint8Array(memory.buffer).slice(address);
  return new TextDecoder().decode(bytes.subarray(0, bytes.indexOf(0)));
}

if (isMainThread) start();
else work(workerData);
