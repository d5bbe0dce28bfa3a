import { tryEveryWay } from "./network.ts";
import { testStack } from "./stacks.ts";

tryEveryWay(testStack("prod").settings);
