/** Stand on a record from when something was taken from it until that is said in one attribute. */
export const redactedNote = "sightline.redacted";
export const limitedNote = "sightline.limited";
