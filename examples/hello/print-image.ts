import { helloImageReference } from "./image.ts";

console.log(helloImageReference(process.argv[2]));
