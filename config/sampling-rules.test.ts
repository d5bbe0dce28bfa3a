import { samplingRules } from "./sampling-rules.ts";
import { sampler, testRules } from "./rule-rows.ts";

const keepRules = (...rules: object[]) => sampler({ keep: { rules } });

testRules(samplingRules, [
  {
    rule: "keep-rule-has-condition",
    passes: keepRules({ name: "a", route: "/a", percentage: 0 }),
    fails: keepRules({ name: "a", route: "/a", percentage: 0 }, { name: "b", percentage: 5 }),
    message:
      "platform.collector.sampler.keep.rules[1] (b) names no service, route or tenant: every trace would meet it. Fix: add one of them, or remove the rule and set keep.percentage to 5 and keep.budgetSpansPerSecond to 0.",
  },
  {
    rule: "keep-rule-names-once",
    passes: keepRules(
      { name: "a", route: "/a", percentage: 0 },
      { name: "b", route: "/b", percentage: 0 },
    ),
    fails: keepRules(
      { name: "a", route: "/a", percentage: 0 },
      { name: "a", route: "/b", percentage: 0 },
    ),
    message:
      "platform.collector.sampler.keep.rules[1].name is a, and so is the name of rules[0]. Fix: give each a name of its own.",
  },
  {
    rule: "keep-rule-reached",
    passes: keepRules(
      { name: "a", service: "s", route: "/a", percentage: 0 },
      { name: "b", service: "s", route: "/b", tenant: "t", percentage: 50 },
      { name: "c", service: "s", percentage: 100 },
    ),
    fails: keepRules(
      { name: "a", service: "s", percentage: 0 },
      { name: "b", service: "s", tenant: "t", percentage: 50 },
    ),
    message:
      "platform.collector.sampler.keep.rules[1] (b) is never reached: rules[0] (a) takes every trace that would meet it. Fix: move it before rules[0], or remove it.",
  },
]);
