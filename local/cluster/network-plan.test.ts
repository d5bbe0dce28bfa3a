import { createServer, type AddressInfo } from "node:net";
import { once } from "node:events";
import { describe, expect, it } from "vitest";
import { chooseNetwork, choosePorts, networkConflict, overlaps } from "./network-plan.ts";

describe("the cluster's subnets", () => {
  it("are the first block when the machine uses none", () => {
    expect(chooseNetwork(["default", "192.0.2.0/24"])).toEqual({
      podCidr: "10.213.0.0/24",
      serviceCidr: "10.213.16.0/20",
      nodeIp: "10.213.0.1",
      apiServiceIp: "10.213.16.1",
      dnsServiceIp: "10.213.16.10",
    });
  });

  it.each([
    ["a route to all of 10/8", ["10.0.0.0/8"], "172.29.0.0/24"],
    ["a name server among the Services", ["10.213.31.255"], "10.197.0.0/24"],
    ["everything but the last", ["10.0.0.0/8", "172.16.0.0/12"], "192.168.213.0/24"],
  ])("keep clear of %s", (_, used, podCidr) => {
    expect(chooseNetwork(used).podCidr).toBe(podCidr);
  });

  it("say so when no block is free", () => {
    expect(() => chooseNetwork(["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"])).toThrow(
      "no subnet is free for pods: the machine's routes cover 10.213.0.0, 10.197.0.0, 172.29.0.0, 172.23.0.0, 192.168.0.0. " +
        "Fix: take one of these routes away while the cluster runs",
    );
  });

  it("are refused once the machine has another way into them", () => {
    const network = chooseNetwork([]);
    expect(networkConflict(network, ["default", "192.0.2.0/24"])).toBeUndefined();
    expect(networkConflict(network, ["10.213.0.0/18"])).toBe(
      "the machine now reaches 10.213.0.0/18 another way, and the cluster has 10.213.0.0/24 and 10.213.16.0/20. " +
        'Fix: take that route away, or "npm run local:down" and start anew with other subnets',
    );
  });

  it.each([
    ["10.0.0.0/8", "10.213.0.0/24", true],
    ["10.213.0.77", "10.213.0.0/24", true],
    ["10.213.1.0/24", "10.213.0.0/24", false],
    ["default", "10.213.0.0/24", false],
    ["0.0.0.0/0", "10.213.0.0/24", false],
    ["224.0.0.0/4", "240.0.0.0/4", false],
  ])("%s and %s overlap: %s", (left, right, expected) => {
    expect(overlaps(left, right)).toBe(expected);
    expect(overlaps(right, left)).toBe(expected);
  });
});

describe("the cluster's ports", () => {
  const allFree = () => Promise.resolve(true);

  it("are the usual ones when these are free", async () => {
    const { ports, moved } = await choosePorts(undefined, new Set(), allFree);
    expect(ports).toMatchObject({ apiServer: 6443, etcdClient: 2379, kubelet: 10250 });
    expect(moved).toEqual([]);
  });

  it("move when taken, each to another, and are remembered", async () => {
    const taken = new Set([6443, 2379, 20000]);
    const isFree = (port: number) => Promise.resolve(!taken.has(port));
    const { ports, moved } = await choosePorts(undefined, new Set(), isFree);
    expect(ports).toMatchObject({ etcdClient: 20001, apiServer: 20002, kubelet: 10250 });
    expect(moved).toEqual([
      "port 2379 (etcdClient) is taken by another program, 20001 is used",
      "port 6443 (apiServer) is taken by another program, 20002 is used",
    ]);
    expect((await choosePorts(ports, new Set(), allFree)).ports).toEqual(ports);
  });

  it("stay when it is the cluster that listens there", async () => {
    const isFree = (port: number) => Promise.resolve(port !== 6443);
    const { ports } = await choosePorts(undefined, new Set(["apiServer"]), isFree);
    expect(ports.apiServer).toBe(6443);
  });

  it("are tried for real, also where only loopback listens", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const taken = (server.address() as AddressInfo).port;
    const usual = (await choosePorts(undefined, new Set(), allFree)).ports;
    const { ports } = await choosePorts({ ...usual, apiServer: taken }, new Set());
    server.close();
    expect(ports.apiServer).not.toBe(taken);
  });
});
