/** Ends the purpose of the processors without which nothing that applications send may be handed on. */
export const redactionPurpose = "secrets";
