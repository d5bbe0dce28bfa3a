import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";

/** A way to another port of loopback that can be cut and mended, as a network is. */
export class Gate implements AsyncDisposable {
  #open = false;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(server: Server) {
    this.#server = server;
  }

  static async to(port: number): Promise<Gate> {
    const server = createServer();
    const gate = new Gate(server);
    server.on("connection", (socket) => {
      gate.#join(socket, port);
    });
    server.listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    return gate;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  open(): void {
    this.#open = true;
  }

  close(): void {
    this.#open = false;
    for (const socket of this.#sockets) socket.destroy();
  }

  #join(socket: Socket, port: number): void {
    if (!this.#open) {
      socket.destroy();
      return;
    }
    const onward = connect(port, "127.0.0.1");
    for (const [one, other] of [
      [socket, onward],
      [onward, socket],
    ] as const) {
      this.#sockets.add(one);
      one.on("error", () => other.destroy());
      one.on("close", () => {
        this.#sockets.delete(one);
        other.destroy();
      });
      one.pipe(other);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
